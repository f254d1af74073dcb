//! The cases that can be run: embedded ones, or a person's own files.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use mqspec_specs::{Catalogue, Level, scripts};

use crate::dialect::Dialect;
use crate::script::{self, Case, Diagnostic, Severity};

/// Cases, each with its file's name, in order.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    /// The cases.
    pub cases: Vec<(String, Arc<Case>)>,
    texts: HashMap<String, String>,
}

/// Why there is no suite.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A file or folder cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A folder holds no script.
    #[error("{0}: no file here ends in .mqs")]
    Empty(String),
    /// Scripts have mistakes.
    #[error("{}", .0.iter().map(|(diagnostic, text)| diagnostic.render(text, false)).collect::<Vec<_>>().join("\n"))]
    Mistaken(Vec<(Diagnostic, String)>),
}

impl Suite {
    /// The embedded suite.
    ///
    /// # Errors
    /// None in a released binary: a test proves the embedded scripts well-formed.
    pub fn embedded(dialect: &dyn Dialect) -> Result<Suite, SuiteError> {
        let sources = scripts::amqp_0_9_1().into_iter().map(|source| {
            (
                format!("specs/amqp-0-9-1/suite/{}", source.name),
                source.text.to_owned(),
            )
        });
        Suite::from_sources(sources.collect(), dialect)
    }

    /// The scripts of a file, or of all files below a folder that end in `.mqs`, sorted by name.
    ///
    /// # Errors
    /// A path that cannot be read, a folder without scripts, scripts with mistakes.
    pub fn from_path(path: &Path, dialect: &dyn Dialect) -> Result<Suite, SuiteError> {
        let mut sources = Vec::new();
        collect(path, &mut sources)?;
        if sources.is_empty() {
            return Err(SuiteError::Empty(path.display().to_string()));
        }
        sources.sort();
        Suite::from_sources(sources, dialect)
    }

    fn from_sources(
        sources: Vec<(String, String)>,
        dialect: &dyn Dialect,
    ) -> Result<Suite, SuiteError> {
        let mut mistakes = Vec::new();
        let mut files = Vec::new();
        for (name, text) in &sources {
            match script::parse(name, text) {
                Err(found) => {
                    mistakes.extend(found.into_iter().map(|mistake| (mistake, text.clone())))
                }
                Ok(file) => {
                    let found = script::check(&file, text, dialect.vocabulary());
                    let grave = found
                        .into_iter()
                        .filter(|mistake| mistake.severity == Severity::Error);
                    mistakes.extend(grave.map(|mistake| (mistake, text.clone())));
                    files.push((file, text));
                }
            }
        }
        for mistake in script::check_ids(files.iter().map(|(file, text)| (file, text.as_str()))) {
            let text = sources
                .iter()
                .find(|(name, _)| *name == mistake.file)
                .map(|(_, text)| text.clone());
            mistakes.push((mistake, text.unwrap_or_default()));
        }
        if !mistakes.is_empty() {
            return Err(SuiteError::Mistaken(mistakes));
        }
        let cases = files
            .iter()
            .flat_map(|(file, _)| {
                file.cases()
                    .map(|case| (file.name.clone(), Arc::new(case.clone())))
            })
            .collect();
        Ok(Suite {
            cases,
            texts: sources.into_iter().collect(),
        })
    }

    /// The case of that id, with its file's name.
    pub fn case(&self, id: &str) -> Option<&(String, Arc<Case>)> {
        self.cases.iter().find(|(_, case)| case.id == id)
    }

    /// The text of the file of that name.
    pub fn text(&self, file: &str) -> Option<&str> {
        self.texts.get(file).map(String::as_str)
    }

    /// The statement that begins in that line of a file, without its indentation. Lines that ` \` joins are joined.
    pub fn statement(&self, file: &str, line: u32) -> Option<String> {
        let mut rest = self.lines_from(file, line)?;
        let mut statement = rest.next()?.trim().to_owned();
        while statement.ends_with(" \\") {
            statement.pop();
            statement.push_str(rest.next()?.trim());
        }
        (!statement.is_empty()).then_some(statement)
    }

    /// The text of a case as its author wrote it.
    pub fn source(&self, id: &str) -> Option<String> {
        let (file, case) = self.case(id)?;
        let mut rest = self.lines_from(file, case.line)?;
        let head = rest.next()?;
        let body = rest.take_while(|line| !line.starts_with(|c: char| !c.is_whitespace()));
        let lines: Vec<&str> = std::iter::once(head).chain(body).collect();
        Some(lines.join("\n").trim_end().to_owned())
    }

    fn lines_from(&self, file: &str, line: u32) -> Option<impl Iterator<Item = &str>> {
        let before = usize::try_from(line).ok()?.checked_sub(1)?;
        Some(self.text(file)?.lines().skip(before))
    }
}

/// The strongest level among the clauses that a case proves, without its direction.
pub fn level(case: &Case, clauses: &Catalogue) -> Level {
    let cited = case
        .clauses
        .iter()
        .filter_map(|clause| clauses.get(&clause.value));
    cited
        .map(|clause| clause.level.weight())
        .max()
        .unwrap_or(Level::Must)
}

/// Whether the cases of that file were written by a generator: it lies in a folder named `generated`, which nobody
/// edits by hand.
pub fn is_generated(file: &str) -> bool {
    let folder = Path::new(file).parent();
    folder.is_some_and(|folder| {
        folder
            .components()
            .any(|part| part.as_os_str() == "generated")
    })
}

/// What a case is about: its id up to the first slash, such as `queue.declare`.
pub fn section(id: &str) -> &str {
    id.split('/').next().unwrap_or_default()
}

/// The family of a section: up to its first dot, such as `queue`.
pub fn family(id: &str) -> &str {
    section(id).split('.').next().unwrap_or_default()
}

fn collect(path: &Path, sources: &mut Vec<(String, String)>) -> Result<(), SuiteError> {
    let unreadable = |cause| SuiteError::Unreadable {
        path: path.display().to_string(),
        cause,
    };
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let inner = entry.map_err(unreadable)?.path();
            if inner.is_dir() || inner.extension().is_some_and(|end| end == "mqs") {
                collect(&inner, sources)?;
            }
        }
        return Ok(());
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    sources.push((path.display().to_string(), text));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::amqp;

    #[test]
    fn the_embedded_suite_is_the_folder_with_its_subfolders() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/amqp-0-9-1/suite");
        let names = |suite: Suite, before: &str| {
            let below = |file: &str| file.strip_prefix(before).map(str::to_owned);
            let mut names: Vec<_> = suite
                .cases
                .iter()
                .map(|(file, case)| (below(file), case.id.clone()))
                .collect();
            names.sort();
            names
        };
        let embedded = Suite::embedded(amqp::dialect()).unwrap();
        let found = Suite::from_path(&folder, amqp::dialect()).unwrap();
        let before = format!("{}/", folder.display());
        assert_eq!(
            names(embedded, "specs/amqp-0-9-1/suite/"),
            names(found, &before)
        );
    }

    #[test]
    fn the_folder_tells_what_is_generated() {
        assert!(is_generated(
            "specs/amqp-0-9-1/suite/generated/malformed.mqs"
        ));
        assert!(!is_generated("specs/amqp-0-9-1/suite/queue.mqs"));
        assert!(!is_generated("generated.mqs"));
    }
}
