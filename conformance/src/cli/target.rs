//! `mqspec target`: files that tell how a broker is had.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use mqspec::report::layout::{counted, wrapped};
use mqspec::suggest;
use mqspec::target::{self, Known, SCHEMA, SCHEMA_FILE, Via, template};

use super::args::{TargetCheck, TargetCommand, TargetNew};
use super::failure::Failure;
use super::filters::suite;
use super::output::Output;

pub fn run(asked: &TargetCommand, output: &mut Output) -> Result<u8, Failure> {
    match asked {
        TargetCommand::New(asked) => new(asked, output),
        TargetCommand::Check(asked) => check(asked, output),
        TargetCommand::List => list(output),
        TargetCommand::Schema => {
            output.print_data(SCHEMA);
            Ok(0)
        }
    }
}

/// Writes a file to start from, and the schema beside it.
fn new(asked: &TargetNew, output: &mut Output) -> Result<u8, Failure> {
    let name = asked.name.strip_suffix(".toml").unwrap_or(&asked.name);
    let path = format!("{name}.toml");
    let path = Path::new(&path);
    let name = path.file_stem().map(|stem| stem.to_string_lossy());
    let name = name.filter(|name| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    });
    let Some(name) = name else {
        return Err(Failure::usage(format!(
            "`{}` is no name for a target: letters, digits, `-` and `_`, such as mybroker",
            asked.name
        )));
    };
    write(path, &template(&name), asked.force)?;
    let schema = path.with_file_name(SCHEMA_FILE);
    // The schema belongs to this program: what an older one wrote is of no use beside it.
    write(&schema, SCHEMA, true)?;
    let (path, schema) = (path.display(), schema.display());
    output.line(format!(
        "{path} is there, for a broker on port 5672; the rest is commented"
    ));
    output.line(format!("{schema} lets editors complete and check it"));
    let here = match path.to_string().contains('/') {
        true => path.to_string(),
        false => format!("./{path}"),
    };
    output.line(format!(
        "next: mqspec target check {path}, mqspec run {here}"
    ));
    Ok(0)
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let opened = OpenOptions::new()
        .write(true)
        .create(true)
        .create_new(!force)
        .truncate(force)
        .open(path);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::usage(format!("{} exists: --force writes it anew", path.display()))
        }
        _ => Failure::file(path.display(), &error),
    })
}

/// Says what each file describes, or what is wrong with the first that has a mistake.
fn check(asked: &TargetCheck, output: &mut Output) -> Result<u8, Failure> {
    let suite = suite(None)?;
    let paint = output.paint();
    for file in &asked.files {
        let (known, deviations) = target::look_up(&as_path(file))?;
        let absent = deviations
            .iter()
            .find(|listed| suite.case(&listed.case).is_none());
        if let Some(listed) = absent {
            let ids = suite.cases.iter().map(|(_, case)| case.id.as_str());
            let help = suggest::sentence(&suggest::near(&listed.case, ids));
            let help = help.map(|help| format!(", {help}")).unwrap_or_default();
            return Err(Failure::usage(format!(
                "{file}: it lists `{}`, which is no case of the embedded suite{help}",
                listed.case
            )));
        }
        output.line(format!("{} {file}: {}", paint.good("✓"), described(&known)));
    }
    Ok(0)
}

/// A word that is a known name stays one; any other is a path.
fn as_path(word: &str) -> String {
    match target::names().iter().any(|name| name == word) || word.contains('/') {
        true => word.to_owned(),
        false => format!("./{word}"),
    }
}

/// `via process or container, 12 known deviations of 1.0`.
fn described(known: &Known) -> String {
    let ways: Vec<&str> = known.ways.iter().map(|way| Via::name(*way)).collect();
    let mut told = counted(known.deviations, "known deviation");
    if !known.versions.is_empty() {
        told = format!("{told} of {}", known.versions.join(", "));
    }
    format!("via {}, {told}", ways.join(" or "))
}

/// The targets that are known by name.
pub fn list(output: &mut Output) -> Result<u8, Failure> {
    let paint = output.paint();
    for known in target::known()? {
        output.line(format!(
            "{}  {}",
            paint.bold(&known.name),
            described(&known)
        ));
        for line in wrapped(&known.about, "    ", "    ") {
            output.line(line);
        }
    }
    Ok(0)
}
