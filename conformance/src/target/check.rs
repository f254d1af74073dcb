//! What a target file's types do not say: names that must exist, paths that must stay inside.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Component, Path};

use toml::Spanned;

use super::file::{Control, File, Listed, Template};
use super::{TargetError, placeholder};
use crate::suggest;

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
        message: match meant(message) {
            Some(help) => format!("{}; {help}", message.trim_end()),
            None => message.to_owned(),
        },
    }
}

/// What may have been meant by a word of which a parser says that it is unknown, and which ones it knows.
fn meant(message: &str) -> Option<String> {
    let (said, known) = message.split_once(", expected ")?;
    if !said.starts_with("unknown ") {
        return None;
    }
    let quoted = |text: &'_ str| -> Vec<String> {
        let words = text.split('`').skip(1).step_by(2);
        words.map(str::to_owned).collect()
    };
    let wrong = quoted(said).pop()?;
    let known = quoted(known);
    let near = suggest::near(&wrong, known.iter().map(String::as_str));
    suggest::sentence(near.get(..1)?)
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
    if let Some(tls) = &file.tls {
        let plain = file
            .url
            .as_ref()
            .filter(|url| url.get_ref().starts_with("amqp:"));
        if let Some(url) = plain {
            return mistake(
                url.span(),
                "[tls] is for a broker whose URL begins with amqps://",
            );
        }
        if file.embedded.is_some() {
            return mistake(tls.span(), "[tls] is of no use to the embedded broker");
        }
    }
    deviations(&file.deviations)?;
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
        let mut controls = container.control.iter();
        if let Some((name, _)) = controls.find(|(_, control)| matches!(control, Control::Signal(_)))
        {
            let why = format!("[container.control] {name}: only a process is ordered by signals");
            return mistake(0..0, why);
        }
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

/// Finds the first mistake in a list of deviations.
pub(super) fn deviations(listed: &[Listed]) -> Result<(), Mistake> {
    let mut seen: HashSet<&str> = HashSet::new();
    for listed in listed {
        if listed.case.is_some() != listed.cases.is_empty() {
            return mistake(
                listed.reason.span(),
                "a deviation names its `case`, or several as `cases`",
            );
        }
        for case in listed.cases() {
            let name = case.get_ref();
            if !seen.insert(name) {
                return mistake(case.span(), format!("{name} is listed twice"));
            }
            if listed.reason.get_ref().trim().is_empty() || listed.source.trim().is_empty() {
                return mistake(case.span(), format!("{name} needs a reason and a source"));
            }
        }
    }
    Ok(())
}

fn run(control: &Control) -> Option<&Spanned<Vec<Template>>> {
    match control {
        Control::Run(command) => Some(command),
        Control::RestartAfter(_) | Control::Signal(_) => None,
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// A file that is right, with something added at its end, from line 5 on.
    fn parse(added: &str) -> Result<File, TargetError> {
        let text =
            format!("about = 'x'\nurl = 'amqp://h'\nvariables = {{ word = 'w' }}\n\n{added}\n");
        File::parse("own.toml", &text)
    }

    #[test]
    fn a_whole_file_is_taken_up() {
        let file = parse(
            "[[deviation]]\ncase = 'a/b'\nreason = 'r'\nsource = 's'\n\
             [[ran]]\nversion = '1.0'\nvia = 'process'\ndate = '2024-02-29'\n\
             [process]\ncommand = ['{word}', '{port}', '{dir}/{port9}']\nstop-signal = 'INT'\n\
             [[process.file]]\npath = 'a/b'\nmode = '0400'\ntext = '{secret}'\n\
             [process.control]\nalarm-on = { run = ['x'] }\nkill = { restart-after = 'KILL' }\n\
             alarm-off = { signal = { send = 'USR2', says = 'cleared' } }\n",
        )
        .unwrap();
        assert_eq!(
            file.offered(),
            [super::super::Via::Url, super::super::Via::Process]
        );
        assert_eq!(file.deviations()[0].case, "a/b");
        let several = parse("[[deviation]]\ncases = ['a/b', 'a/c']\nreason = 'r'\nsource = 's'");
        let listed = several.unwrap().deviations();
        let cases: Vec<&str> = listed.iter().map(|listed| listed.case.as_str()).collect();
        assert_eq!(cases, ["a/b", "a/c"]);
        assert_eq!(file.process.unwrap().files[0].mode, Some(0o400));
    }

    #[rstest]
    #[case::unknown_key("colour = 'red'", "own.toml:5:1", "colour")]
    #[case::unknown_key_below(
        "[[deviation]]\ncase = 'a'\nreason = 'r'\nsource = 's'\nsince = '1'",
        "own.toml:9:1",
        "since"
    )]
    #[case::listed_twice(
        "[[deviation]]\ncase = 'a'\nreason = 'r'\nsource = 's'\n[[deviation]]\ncase = 'a'\nreason = 'r'\nsource = 's'",
        "own.toml:10:8",
        "a is listed twice"
    )]
    #[case::listed_twice_in_a_set(
        "[[deviation]]\ncase = 'a'\nreason = 'r'\nsource = 's'\n[[deviation]]\ncases = ['b', 'a']\nreason = 'r'\nsource = 's'",
        "own.toml:10:15",
        "a is listed twice"
    )]
    #[case::case_and_cases(
        "[[deviation]]\ncase = 'a'\ncases = ['b']\nreason = 'r'\nsource = 's'",
        "own.toml:8:10",
        "names its `case`, or several"
    )]
    #[case::neither(
        "[[deviation]]\nreason = 'r'\nsource = 's'",
        "own.toml:6:10",
        "names its `case`, or several"
    )]
    #[case::no_reason(
        "[[deviation]]\ncase = 'a'\nsource = 's'",
        "own.toml:5:1",
        "missing field `reason`"
    )]
    #[case::blank_reason(
        "[[deviation]]\ncase = 'a'\nreason = ' '\nsource = 's'",
        "own.toml:6:8",
        "needs a reason"
    )]
    #[case::no_date(
        "[[ran]]\nversion = '1'\nvia = 'process'\ndate = 'today'",
        "own.toml:8:8",
        "YYYY-MM-DD"
    )]
    #[case::unknown_way(
        "[[ran]]\nversion = '1'\nvia = 'post'\ndate = '2024-02-29'",
        "own.toml:7:7",
        "unknown variant `post`"
    )]
    #[case::unknown_placeholder(
        "[process]\ncommand = ['x', '{dirr}']",
        "own.toml:6:17",
        "{dirr} stands for nothing"
    )]
    #[case::folder_in_a_container(
        "[container]\nimage = 'i'\nport = 1\ncommand = ['{dir}']",
        "own.toml:8:12",
        "{dir} stands for nothing"
    )]
    #[case::empty_command("[process]\ncommand = []", "own.toml:6:11", "names a program")]
    #[case::empty_control(
        "[process]\ncommand = ['x']\n[process.control]\nc = { run = [] }",
        "own.toml:8:13",
        "names a program"
    )]
    #[case::unknown_control(
        "[process]\ncommand = ['x']\n[process.control]\nc = { walk = [] }",
        "own.toml:8:7",
        "unknown variant `walk`"
    )]
    #[case::order_without_an_answer(
        "[process]\ncommand = ['x']\n[process.control]\nc = { signal = { send = 'USR1' } }",
        "own.toml:8:16",
        "missing field `says`"
    )]
    #[case::order_to_a_container(
        "[container]\nimage = 'i'\nport = 1\n[container.control]\nc = { signal = { send = 'USR1', says = 'x' } }",
        "own.toml:1:1",
        "only a process"
    )]
    #[case::path_outside(
        "[process]\ncommand = ['x']\n[[process.file]]\npath = '../x'\ntext = ''",
        "own.toml:8:8",
        "stay below"
    )]
    #[case::path_from_the_root(
        "[process]\ncommand = ['x']\n[[process.file]]\npath = '/x'\ntext = ''",
        "own.toml:8:8",
        "stay below"
    )]
    #[case::relative_in_a_container(
        "[container]\nimage = 'i'\nport = 1\n[[container.file]]\npath = 'x'\ntext = ''",
        "own.toml:9:8",
        "begins with /"
    )]
    #[case::mode(
        "[process]\ncommand = ['x']\n[[process.file]]\npath = 'x'\ntext = ''\nmode = '9'",
        "own.toml:10:8",
        "octal"
    )]
    #[case::no_toml("[[", "own.toml:5:3", "")]
    fn a_mistake_is_told_with_its_place(
        #[case] added: &str,
        #[case] place: &str,
        #[case] why: &str,
    ) {
        let error = parse(added).unwrap_err();
        assert!(error.is_usage());
        let message = error.to_string();
        assert!(message.starts_with(&format!("{place}: ")), "{message}");
        assert!(message.contains(why), "{message}");
    }

    #[rstest]
    #[case("about = 'x'", "own.toml:1:1", "no way to reach the broker")]
    #[case("about = 'x'\nurl = 'amqps://h/a/b'", "own.toml:2:7", "%2f")]
    #[case(
        "about = 'x'\nurl = 'amqp://h'\n[tls]\ninsecure = true",
        "own.toml:2:7",
        "begins with amqps://"
    )]
    #[case(
        "about = 'x'\n[embedded]\n[tls]\ninsecure = true",
        "own.toml:3:1",
        "of no use to the embedded broker"
    )]
    #[case("url = 'amqp://h'", "own.toml:1:1", "missing field `about`")]
    fn a_file_says_what_it_is_and_how_it_is_reached(
        #[case] text: &str,
        #[case] place: &str,
        #[case] why: &str,
    ) {
        let message = File::parse("own.toml", text).unwrap_err().to_string();
        assert!(
            message.starts_with(place) && message.contains(why),
            "{message}"
        );
    }
}
