//! The folder of a started program: its configuration, its data, what it writes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::target::TargetError;

/// How much of a log is shown.
const LINES: usize = 20;
const OCTETS: u64 = 8 * 1024;
/// Where a program's last words are sought, which may be followed by all its stacks.
const DUMP: u64 = 256 * 1024;
/// How Go and Rust begin to tell why a program ended.
const CRIES: [&str; 3] = ["panic: ", "fatal error: ", "panicked at"];
/// How many signs of such a line are shown.
const SHOWN: usize = 200;

/// A folder that nobody else may enter. Dropping it removes it.
pub(super) struct Workspace {
    folder: TempDir,
}

impl Workspace {
    pub fn new(target: &str) -> Result<Workspace, TargetError> {
        let folder = tempfile::Builder::new()
            .prefix(&format!("mqspec-{target}-"))
            .tempdir()
            .map_err(TargetError::system("no temporary folder can be made"))?;
        Ok(Workspace { folder })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, path: &str, mode: Option<u32>, text: &str) -> Result<(), TargetError> {
        let path = self.path().join(path);
        let write = || -> io::Result<()> {
            if let Some(above) = path.parent() {
                fs::create_dir_all(above)?;
            }
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(mode.unwrap_or(0o600))
                .open(&path)?;
            file.write_all(text.as_bytes())
        };
        write().map_err(TargetError::system(path.display().to_string()))
    }

    /// The file that the programs write to.
    pub fn log_path(&self) -> PathBuf {
        self.path().join("output.log")
    }

    /// Removes the folder.
    pub fn remove(self) -> Result<(), TargetError> {
        let what = format!("{} cannot be removed", self.path().display());
        self.folder.close().map_err(TargetError::system(what))
    }
}

/// Opens a log so that each of several programs writes at its end.
pub(super) fn open_log(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

/// How many octets a log has.
pub(super) fn length(path: &Path) -> io::Result<u64> {
    Ok(fs::metadata(path)?.len())
}

/// Whether a whole line behind the first octets of a log is this one.
pub(super) fn says(path: &Path, before: u64, line: &str) -> io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(before))?;
    let mut written = Vec::new();
    file.read_to_end(&mut written)?;
    let written = String::from_utf8_lossy(&written);
    Ok(written
        .split_inclusive('\n')
        .any(|found| found.strip_suffix('\n') == Some(line)))
}

/// A log's last lines.
pub(super) fn tail(path: &Path) -> io::Result<String> {
    Ok(last_lines(&end(path, OCTETS)?))
}

/// How many lines behind its reason a trace is looked at.
const TRACE: usize = 24;

/// What a program last said in despair: languages tell the reason first, and then where everybody was.
pub(super) fn cry(path: &Path) -> io::Result<Option<String>> {
    let end = end(path, DUMP)?;
    let lines: Vec<&str> = end.lines().collect();
    let desperate = |line: &&str| CRIES.iter().any(|cry| line.contains(cry));
    let Some(place) = lines.iter().rposition(desperate) else {
        return Ok(None);
    };
    let (line, trace) = (lines[place], &lines[place + 1..]);
    let said = line.trim().chars().take(SHOWN);
    let mut said: String = said.collect();
    // Two may have the same reason in different places.
    let traced = trace.iter().take(TRACE).find_map(|line| source(line));
    if let Some(source) = traced.filter(|source| !said.contains(source)) {
        said.push_str(&format!(" ({source})"));
    }
    Ok(Some(said))
}

/// The place in a source file, such as `channel.go:123`, that a line of a trace names; not one of a language's own files.
fn source(line: &str) -> Option<&str> {
    let path = line.trim().split(' ').next()?;
    let (file, number) = path.rsplit_once(':')?;
    let is_own = file.contains("/runtime/") || file.contains("/rustc/");
    let is_place = file.contains('/') && number.parse::<u32>().is_ok() && !is_own;
    let name = path.rsplit('/').next()?;
    is_place.then_some(name)
}

/// A log's last octets.
fn end(path: &Path, octets: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(octets)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    Ok(String::from_utf8_lossy(&end).into_owned())
}

/// A text's last lines.
pub(in crate::target) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines
        .get(lines.len().saturating_sub(LINES)..)
        .unwrap_or_default()
        .join("\n")
}
