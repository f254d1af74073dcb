//! What a target file's types do not say: names that must exist, paths that must stay inside.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Component, Path};

use toml::Spanned;

use super::file::{Control, File, Template};
use super::{TargetError, placeholder};

/// Something wrong at an octet of the text.
pub(super) struct Mistake {
    pub at: usize,
    pub message: String,
}

fn mistake<T>(at: Range<usize>, message: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake {
        at: at.start,
        message: message.into(),
    })
}

/// Says where in a file something is wrong.
pub(super) fn malformed(file: &str, text: &str, at: usize, message: &str) -> TargetError {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    TargetError::Malformed {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        message: message.to_owned(),
    }
}

/// Finds the first mistake.
pub(super) fn file(file: &File) -> Result<(), Mistake> {
    if file.offered().is_empty() {
        return mistake(
            0..0,
            "no way to reach the broker: url, [process], [container] or [embedded] is missing",
        );
    }
    if let Some(url) = &file.url
        && let Err(why) = super::address::parse(url.get_ref())
    {
        return mistake(url.span(), why.to_string());
    }
    let mut seen: HashMap<&str, ()> = HashMap::new();
    for listed in &file.deviations {
        let case = listed.case.get_ref();
        if seen.insert(case, ()).is_some() {
            return mistake(listed.case.span(), format!("{case} is listed twice"));
        }
        if listed.reason.trim().is_empty() || listed.source.trim().is_empty() {
            return mistake(
                listed.case.span(),
                format!("{case} needs a reason and a source"),
            );
        }
    }
    if let Some(process) = &file.process {
        let known = |name: &str| placeholder::in_process(name) || file.variables.contains_key(name);
        placeholders(process.templates(), known)?;
        let commands = process
            .helpers
            .iter()
            .map(|helper| &helper.command)
            .chain([&process.command]);
        commands
            .chain(process.control.values().filter_map(run))
            .try_for_each(not_empty)?;
        for written in &process.files {
            if !Path::new(written.path.get_ref())
                .components()
                .all(|part| matches!(part, Component::Normal(_)))
            {
                return mistake(
                    written.path.span(),
                    "a file's path has to stay below the target's own folder",
                );
            }
        }
    }
    if let Some(container) = &file.container {
        let known =
            |name: &str| placeholder::in_container(name) || file.variables.contains_key(name);
        placeholders(container.templates(), known)?;
        container
            .control
            .values()
            .filter_map(run)
            .try_for_each(not_empty)?;
        for written in &container.files {
            if !written.path.get_ref().starts_with('/') {
                return mistake(written.path.span(), "a path in a container begins with /");
            }
        }
    }
    Ok(())
}

fn run(control: &Control) -> Option<&Spanned<Vec<Template>>> {
    match control {
        Control::Run(command) => Some(command),
        Control::RestartAfter(_) => None,
    }
}

fn not_empty(command: &Spanned<Vec<Template>>) -> Result<(), Mistake> {
    match command.get_ref().is_empty() {
        true => mistake(command.span(), "a command names a program"),
        false => Ok(()),
    }
}

fn placeholders<'a>(
    texts: impl Iterator<Item = &'a Template>,
    known: impl Fn(&str) -> bool,
) -> Result<(), Mistake> {
    for text in texts {
        if let Some(unknown) = placeholder::names(text.get_ref()).find(|name| !known(name)) {
            let message = format!(
                "{{{unknown}}} stands for nothing here: it has to be a variable of the file or one of {}; \
                 the text itself is written {{{{{unknown}}}}}",
                placeholder::KNOWN
            );
            return mistake(text.span(), message);
        }
    }
    Ok(())
}
