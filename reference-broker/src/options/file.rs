//! The configuration file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Options;

/// Why options cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read: {cause}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The file holds something else.
    #[error("{path}: {cause}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and in which line.
        cause: Box<toml::de::Error>,
    },
    /// Options contradict each other.
    #[error("{0}")]
    Conflict(String),
}

/// Reads a file. Paths in it begin at its own folder.
pub(super) fn read(path: &Path) -> Result<Options, OptionsError> {
    let text = fs::read_to_string(path).map_err(|cause| OptionsError::Unreadable {
        path: path.to_owned(),
        cause,
    })?;
    let mut options: Options = toml::from_str(&text).map_err(|cause| OptionsError::Malformed {
        path: path.to_owned(),
        cause: Box::new(cause),
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let files = [
        &mut options.data_dir,
        &mut options.tls_cert,
        &mut options.tls_key,
        &mut options.tls_ca,
    ];
    for file in files.into_iter().flatten() {
        *file = folder.join(&*file);
    }
    Ok(options)
}
