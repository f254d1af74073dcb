//! A corpus as files, in the forms that fuzzers want.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use mqspec_specs::Catalogue;
use serde::Serialize;

use super::{Refusal, Seed, Standing};
use crate::dialect::Dialect;
use crate::dialect::amqp;
use crate::dialect::amqp::seeds::Word;

/// The manifest's version.
const SCHEMA: u32 = 1;
/// Octets that are shown in the manifest as they are; of longer ones it tells the length.
const SHOWN: usize = 64;

/// For whom the files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// libFuzzer: `corpus/valid`, `corpus/invalid`, `amqp.dict`.
    Libfuzzer,
    /// AFL and AFL++: the same folders, with names as AFL gives them; the dictionary has levels.
    Afl,
    /// A person or a test: `valid`, `invalid`, `amqp.dict`; the files end in `.bin`.
    Files,
}

/// Why there are no files.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder holds something already.
    #[error("{0} is not empty; give another folder, or --force to write into this one")]
    NotEmpty(PathBuf),
    /// The path is no folder.
    #[error("{0} is a file; a folder is wanted, which need not exist")]
    NoFolder(PathBuf),
    /// The system refuses.
    #[error("{path}: {cause}")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

/// What is written: seeds and a dictionary.
#[derive(Debug)]
pub struct Export<'a> {
    /// The seeds.
    pub seeds: &'a [Seed],
    /// The dictionary.
    pub words: &'a [Word],
    /// The form.
    pub format: Format,
}

/// What was written into one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file or folder.
    pub path: PathBuf,
    /// What it holds: `valid seeds`, `invalid seeds`, `words`, `entries`.
    pub what: &'static str,
    /// How many of these.
    pub count: usize,
    /// How many octets all of them have.
    pub octets: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Manifest<'a> {
    schema: u32,
    protocol: &'static str,
    seeds: Vec<Entry<'a>>,
    clauses: BTreeMap<&'a str, Cited<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Entry<'a> {
    file: String,
    what: &'a str,
    length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    valid: bool,
    /// For valid octets: the text has another reading as well, of which this clause tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    contested: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    breaks: Option<&'a str>,
    /// For invalid octets: whether any decoder has to notice, or may leave it to the peer.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closes: Option<&'static str>,
}

#[derive(Serialize)]
struct Cited<'a> {
    level: String,
    source: &'a str,
    text: &'a str,
}

impl Export<'_> {
    /// Writes everything below a folder, which is made if it does not exist.
    ///
    /// # Errors
    /// A folder that is not empty unless `force` is set; then what is there stays, and files of the same names are
    /// written anew. What the system refuses.
    pub fn write(&self, folder: &Path, force: bool) -> Result<Vec<Written>, ExportError> {
        vacant(folder, force)?;
        let mut entries = Vec::with_capacity(self.seeds.len());
        let mut written = Vec::new();
        for (valid, name, what) in [
            (true, "valid", "valid seeds"),
            (false, "invalid", "invalid seeds"),
        ] {
            let place = match self.format {
                Format::Files => name.to_owned(),
                Format::Libfuzzer | Format::Afl => format!("corpus/{name}"),
            };
            let path = folder.join(&place);
            std::fs::create_dir_all(&path).map_err(|cause| failed(&path, cause))?;
            let seeds = self.seeds.iter().filter(|seed| seed.is_valid() == valid);
            let (mut count, mut octets) = (0, 0);
            for seed in seeds {
                let file = self.file_name(count, seed);
                write(&path.join(&file), &seed.octets)?;
                entries.push(entry(format!("{place}/{file}"), seed));
                count += 1;
                octets += seed.octets.len();
            }
            written.push(Written {
                path,
                what,
                count,
                octets,
            });
        }
        let path = folder.join("amqp.dict");
        let text = dictionary(self.words, self.format);
        write(&path, text.as_bytes())?;
        written.push(Written {
            path,
            what: "words",
            count: self.words.len(),
            octets: text.len(),
        });
        let path = folder.join("manifest.json");
        let manifest = Manifest {
            schema: SCHEMA,
            protocol: amqp::dialect().name(),
            clauses: cited(&entries, amqp::dialect().clauses()),
            seeds: entries,
        };
        let mut text = serde_json::to_string_pretty(&manifest)
            .map_err(|error| failed(&path, io::Error::other(error)))?;
        text.push('\n');
        write(&path, text.as_bytes())?;
        written.push(Written {
            path,
            what: "entries",
            count: manifest.seeds.len(),
            octets: text.len(),
        });
        Ok(written)
    }

    fn file_name(&self, number: usize, seed: &Seed) -> String {
        match self.format {
            Format::Libfuzzer => seed.name.clone(),
            Format::Afl => format!("id:{number:06},orig:{}", seed.name),
            Format::Files => format!("{}.bin", seed.name),
        }
    }
}

/// The words in the form that libFuzzer and AFL read: `name="octets"`. AFL takes those of higher levels only when it is
/// asked to (`-x amqp.dict@1`): whole frames are of level 1.
pub fn dictionary(words: &[Word], format: Format) -> String {
    let mut text = String::from(
        "# AMQP 0-9-1: the octets that frames are made of. Written by `mqspec corpus`.\n",
    );
    for word in words {
        let whole = word.octets.len() > 4 && word.name.starts_with("frame_");
        let level = if whole && format == Format::Afl {
            "@1"
        } else {
            ""
        };
        let mut octets = String::new();
        for octet in &word.octets {
            match octet {
                b'"' | b'\\' => {
                    let _ = write!(octets, "\\x{octet:02X}");
                }
                0x20..=0x7E => octets.push(char::from(*octet)),
                _ => {
                    let _ = write!(octets, "\\x{octet:02X}");
                }
            }
        }
        let _ = writeln!(text, "{}{level}=\"{octets}\"", word.name);
    }
    text
}

/// Sees to it that nothing of somebody else's is overwritten by mistake.
fn vacant(folder: &Path, force: bool) -> Result<(), ExportError> {
    if folder.exists() && !folder.is_dir() {
        return Err(ExportError::NoFolder(folder.to_owned()));
    }
    let mut entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(failed(folder, cause)),
    };
    match entries.next().is_some() && !force {
        true => Err(ExportError::NotEmpty(folder.to_owned())),
        false => Ok(()),
    }
}

fn write(path: &Path, octets: &[u8]) -> Result<(), ExportError> {
    std::fs::write(path, octets).map_err(|cause| failed(path, cause))
}

fn failed(path: &Path, cause: io::Error) -> ExportError {
    ExportError::Io {
        path: path.to_owned(),
        cause,
    }
}

fn entry(file: String, seed: &Seed) -> Entry<'_> {
    let (contested, breach) = match &seed.standing {
        Standing::Valid => (None, None),
        Standing::Contested(clause) => (Some(*clause), None),
        Standing::Invalid(breach) => (None, Some(breach)),
    };
    let refusal: Option<&Refusal> = match breach {
        Some(breach) => breach.refusal.as_ref(),
        None => seed.refused.as_ref(),
    };
    Entry {
        file,
        what: &seed.what,
        length: seed.octets.len(),
        hex: (seed.octets.len() <= SHOWN).then(|| hex(&seed.octets)),
        valid: breach.is_none(),
        contested,
        breaks: breach.map(|breach| breach.clause.as_str()),
        unreadable: breach.map(|breach| breach.unreadable),
        reply_code: refusal.and_then(|refusal| refusal.reply_code),
        closes: refusal.map(|refusal| refusal.closes),
    }
}

fn cited<'a>(entries: &[Entry<'a>], clauses: &'a Catalogue) -> BTreeMap<&'a str, Cited<'a>> {
    let named = entries
        .iter()
        .flat_map(|entry| [entry.contested, entry.breaks]);
    let found = named.flatten().filter_map(|id| clauses.get(id));
    found
        .map(|clause| {
            let cited = Cited {
                level: clause.level.to_string(),
                source: &clause.source,
                text: &clause.text,
            };
            (clause.id.as_str(), cited)
        })
        .collect()
}

/// Octets as hexadecimal digits.
pub fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}
