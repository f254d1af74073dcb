//! `mqspec corpus`

use std::path::Path;

use mqspec::corpus::{self, Export, ExportError, Written};
use mqspec::dialect::amqp::seeds::words;

use super::args::{Corpus, CorpusFormat};
use super::failure::Failure;
use super::output::Output;

pub fn run(asked: &Corpus, output: &mut Output) -> Result<u8, Failure> {
    let seeds = corpus::seeds()?;
    let export = Export {
        seeds: &seeds,
        words: &words(),
        format: asked.format.into(),
    };
    let written = export.write(&asked.folder, asked.force)?;
    let paint = output.paint();
    for Written {
        path,
        what,
        count,
        octets,
    } in &written
    {
        let size = format!("{:>6} KiB", octets.div_ceil(1024));
        output.line(format!(
            "{count:>6} {what:<14}{}  {}",
            paint.dim(size),
            path.display()
        ));
    }
    output.line("");
    for line in advice(asked.format, &asked.folder) {
        output.line(paint.dim(line));
    }
    Ok(0)
}

/// How a fuzzer takes it.
fn advice(format: CorpusFormat, folder: &Path) -> Vec<String> {
    let folder = folder.display();
    match format {
        CorpusFormat::Libfuzzer => vec![
            "libFuzzer writes what it finds into the first folder:".to_owned(),
            format!("  mkdir -p found && ./target found {folder}/corpus/valid \\"),
            format!("    {folder}/corpus/invalid -dict={folder}/amqp.dict"),
        ],
        CorpusFormat::Afl => vec![format!(
            "  afl-fuzz -i {folder}/corpus -o found -x {folder}/amqp.dict -- ./target @@"
        )],
        CorpusFormat::Files => vec![format!(
            "{folder}/manifest.json tells of each file what it is and how a peer answers it"
        )],
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        Failure::usage(error.to_string())
    }
}
