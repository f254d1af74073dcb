//! A target file: how a broker is had, what it offers, how it is known to depart from the text.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::{TargetError, Via, check, extension};
use crate::dialect::Datum;
use crate::oracle::known::{Known, Pattern};
use crate::run::{Deviation, Tls, TlsOptions};

/// A text in which `{name}` stands for a value that is known when the target starts.
pub(super) type Template = Spanned<String>;

/// One file of `targets/`, or a person's own.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// One sentence for a person.
    pub about: String,
    /// As whom the suite logs in, and where to.
    #[serde(default)]
    pub login: Login,
    /// TLS: how it is spoken, and that a process or container speaks it.
    #[cfg_attr(test, schemars(with = "Option<TlsOptions>"))]
    pub tls: Option<Spanned<TlsOptions>>,
    /// Further variables of scripts, such as `user2`, or `max_queues` where the broker is configured to hold no more.
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    /// Where the broker runs, if others run it.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub url: Option<Spanned<String>>,
    /// The reference broker within this program.
    pub embedded: Option<Embedded>,
    /// A program of this machine.
    pub process: Option<Process>,
    /// A container.
    pub container: Option<Container>,
    /// The cases that the broker is known to fail.
    #[serde(default, rename = "deviation")]
    pub deviations: Vec<Listed>,
    /// Where the broker is known to part from the reference broker in exchanges that are made up (`mqspec diff`).
    #[serde(default, rename = "difference")]
    pub differences: Vec<Difference>,
    /// What the list of deviations was found with.
    #[serde(default)]
    pub ran: Vec<Ran>,
}

/// What a variable of scripts stands for.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(super) enum Variable {
    Text(String),
    Number(i64),
}

/// As whom the suite logs in.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(super) struct Login {
    pub user: String,
    pub password: String,
    pub vhost: String,
    /// How TLS is spoken, where it is.
    #[serde(skip)]
    pub tls: Option<Tls>,
}

impl Default for Login {
    fn default() -> Self {
        Self {
            user: "guest".to_owned(),
            password: "guest".to_owned(),
            vhost: "/".to_owned(),
            tls: None,
        }
    }
}

/// The embedded broker takes no settings.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Embedded {}

/// How a broker is started as a program.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Process {
    /// How the program is had if it is missing, for a person.
    pub install: Option<String>,
    /// Folders that programs are sought in before those of `PATH`.
    #[serde(default)]
    pub search: Vec<String>,
    /// The program that is the broker, and its arguments. It has to stay in the foreground.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub command: Spanned<Vec<Template>>,
    /// Programs that have to run beside it, started before it.
    #[serde(default, rename = "helper")]
    pub helpers: Vec<Helper>,
    /// What the programs find in their environment beside what mqspec itself finds there.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub environment: BTreeMap<String, Template>,
    /// What is written before the programs start, below a folder that lives as long as the target.
    #[serde(default, rename = "file")]
    pub files: Vec<Written>,
    /// What asks the broker to end.
    #[serde(default)]
    pub stop_signal: Signal,
    /// How long it may take until it answers.
    #[serde(default = "minute")]
    pub start_seconds: u64,
    /// How long it may take to end when asked to, before it is killed.
    #[serde(default = "third")]
    pub stop_seconds: u64,
    /// What can be done to it.
    #[serde(default)]
    pub control: BTreeMap<String, Control>,
}

/// A program beside the broker.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Helper {
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub command: Spanned<Vec<Template>>,
    /// The loopback port that it has to listen on before the next program starts, such as `{port2}`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub listens_on: Option<Template>,
}

/// A file that a broker finds when it starts.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    /// For a process, below its folder; in a container, from its root.
    #[cfg_attr(test, schemars(with = "String"))]
    pub path: Spanned<String>,
    #[cfg_attr(test, schemars(with = "String"))]
    pub text: Template,
    /// Who may read it, as three or four octal digits.
    #[serde(default, deserialize_with = "octal")]
    #[cfg_attr(
        test,
        schemars(with = "Option<String>", regex(pattern = "^[0-7]{3,4}$"))
    )]
    pub mode: Option<u32>,
}

/// How a broker is started as a container.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(not(feature = "containers"), allow(dead_code))]
pub(super) struct Container {
    /// `NAME:TAG`.
    pub image: String,
    /// The port that the broker listens on within the container.
    pub port: u16,
    /// What takes the place of the image's own entry point.
    pub entrypoint: Option<String>,
    /// What the container runs; by default what its image says.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub command: Vec<Template>,
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub environment: BTreeMap<String, Template>,
    #[serde(default, rename = "file")]
    pub files: Vec<Written>,
    /// How long it may take until it answers, without the time that the image takes to arrive.
    #[serde(default = "minute")]
    pub start_seconds: u64,
    #[serde(default)]
    pub control: BTreeMap<String, Control>,
}

/// Something that can be done to a running broker.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum Control {
    /// A command that does it, and has done it when it ends with status 0.
    Run(#[cfg_attr(test, schemars(with = "Vec<String>"))] Spanned<Vec<Template>>),
    /// The broker gets this signal, ends, and is started again with the data that it has.
    RestartAfter(Signal),
    /// A signal that the broker takes for an order. For processes only.
    Signal(Order),
}

/// An order that is given by a signal.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    pub send: Signal,
    /// What the broker writes when it has obeyed: a signal by itself says only that it was sent.
    pub says: String,
}

/// What a program is sent, be it to end or to do something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Signal {
    #[default]
    Term,
    Int,
    Quit,
    Kill,
    Hup,
    Usr1,
    Usr2,
}

/// A known deviation, as it stands in the file.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// The case.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub case: Option<Spanned<String>>,
    /// The cases, where one reason is behind several. Each stands for itself: none may pass.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub cases: Vec<Spanned<String>>,
    #[cfg_attr(test, schemars(with = "String"))]
    pub reason: Spanned<String>,
    pub source: String,
}

impl Listed {
    /// All cases that it names.
    pub fn cases(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.case.iter().chain(&self.cases)
    }

    /// Takes a case off the list.
    pub fn remove(&mut self, case: &str) {
        self.case.take_if(|listed| listed.get_ref() == case);
        self.cases.retain(|listed| listed.get_ref() != case);
    }
}

/// A known difference from the reference broker, as it stands in the file. Each pattern has `*` for anything; what is left
/// out may be anything.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Difference {
    /// The step behind which the two part, as `mqspec diff` names it, such as `basic.reject requeue`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub after: Option<Pattern>,
    /// Steps that come in the exchange, named alike.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub steps: Vec<Pattern>,
    /// Steps that do not come in it.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub unless: Vec<Pattern>,
    /// What is different, in a word, such as `reply`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub aspect: Option<Pattern>,
    /// What the reference broker does.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub reference: Option<Pattern>,
    /// What the broker does.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub broker: Option<Pattern>,
    pub reason: String,
    pub source: String,
}

/// A run that the list of deviations was compared with.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[allow(
    dead_code,
    reason = "the way and the day are read by people, in the file"
)]
pub(super) struct Ran {
    /// The broker's version.
    pub version: String,
    pub via: Via,
    /// The day, `YYYY-MM-DD`.
    #[serde(deserialize_with = "day")]
    #[cfg_attr(
        test,
        schemars(with = "String", regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))
    )]
    pub date: String,
}

fn minute() -> u64 {
    60
}

fn third() -> u64 {
    20
}

fn octal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match u32::from_str_radix(&text, 8) {
        Ok(mode) if (3..=4).contains(&text.len()) => Ok(Some(mode)),
        _ => Err(de::Error::custom(
            "a mode is three or four octal digits in quotes, such as \"0400\"",
        )),
    }
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let form: Vec<usize> = text.split('-').map(str::len).collect();
    match text.chars().all(|c| c.is_ascii_digit() || c == '-') && form == [4, 2, 2] {
        true => Ok(text),
        false => Err(de::Error::custom("a date is written \"YYYY-MM-DD\"")),
    }
}

impl File {
    /// Reads a file's text.
    pub fn parse(name: &str, text: &str) -> Result<File, TargetError> {
        if extension::is_one(text) {
            return extension::parse(name, text);
        }
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            check::malformed(name, text, at, error.message())
        })?;
        match check::file(&file) {
            Ok(()) => Ok(file),
            Err(mistake) => Err(check::malformed(name, text, mistake.at, &mistake.message)),
        }
    }

    /// Reads a file. Paths in it begin at its own folder.
    pub fn read(path: &Path) -> Result<File, TargetError> {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let mut file = File::parse(&name, &text)?;
                if let (Some(tls), Some(folder)) = (&mut file.tls, path.parent()) {
                    let TlsOptions { ca, cert, key, .. } = tls.get_mut();
                    for file in [ca, cert, key].into_iter().flatten() {
                        *file = folder.join(&*file);
                    }
                }
                Ok(file)
            }
            Err(cause) => Err(TargetError::Unreadable { path: name, cause }),
        }
    }

    /// The ways in which the broker can be had, the preferred one first.
    pub fn offered(&self) -> Vec<Via> {
        let ways = [
            (self.embedded.is_some(), Via::Embedded),
            (self.url.is_some(), Via::Url),
            (self.process.is_some(), Via::Process),
            (self.container.is_some(), Via::Container),
        ];
        ways.into_iter()
            .filter(|(offered, _)| *offered)
            .map(|(_, via)| via)
            .collect()
    }

    /// The known deviations.
    pub fn deviations(&self) -> Vec<Deviation> {
        let listed = self.deviations.iter().flat_map(|listed| {
            listed.cases().map(|case| Deviation {
                case: case.get_ref().clone(),
                reason: listed.reason.get_ref().clone(),
                source: listed.source.clone(),
            })
        });
        listed.collect()
    }

    /// The known differences from the reference broker.
    pub fn differences(&self) -> Vec<Known> {
        let listed = self.differences.iter().map(|it| Known {
            after: it.after.clone(),
            steps: it.steps.clone(),
            unless: it.unless.clone(),
            aspect: it.aspect.clone(),
            reference: it.reference.clone(),
            broker: it.broker.clone(),
            reason: it.reason.clone(),
            source: it.source.clone(),
        });
        listed.collect()
    }

    /// The versions of the broker that the list of deviations was compared with.
    pub fn compared(&self) -> Vec<String> {
        let mut versions: Vec<String> = self.ran.iter().map(|ran| ran.version.clone()).collect();
        versions.sort();
        versions.dedup();
        versions
    }

    /// The further variables.
    pub fn variables(&self) -> Vec<(String, Datum)> {
        let datum = |variable: &Variable| match variable {
            Variable::Text(text) => Datum::text(text),
            Variable::Number(number) => Datum::Int((*number).into()),
        };
        self.variables
            .iter()
            .map(|(name, value)| (name.clone(), datum(value)))
            .collect()
    }

    /// The further variables as placeholders show them.
    pub fn texts(&self) -> BTreeMap<String, String> {
        let text = |variable: &Variable| match variable {
            Variable::Text(text) => text.clone(),
            Variable::Number(number) => number.to_string(),
        };
        self.variables
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    }
}

impl Process {
    pub fn start_limit(&self) -> Duration {
        Duration::from_secs(self.start_seconds)
    }

    pub fn stop_limit(&self) -> Duration {
        Duration::from_secs(self.stop_seconds)
    }

    /// All texts in which placeholders are replaced.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let commands = self
            .helpers
            .iter()
            .map(|helper| &helper.command)
            .chain([&self.command]);
        let files = self.files.iter().map(|file| &file.text);
        commands
            .flat_map(|command| command.get_ref())
            .chain(self.environment.values())
            .chain(files)
            .chain(
                self.helpers
                    .iter()
                    .filter_map(|helper| helper.listens_on.as_ref()),
            )
            .chain(runs(&self.control))
    }
}

impl Container {
    /// All texts in which placeholders are replaced.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let files = self.files.iter().map(|file| &file.text);
        self.command
            .iter()
            .chain(self.environment.values())
            .chain(files)
            .chain(runs(&self.control))
    }
}

/// The arguments of the commands that are controls.
fn runs(controls: &BTreeMap<String, Control>) -> impl Iterator<Item = &Template> {
    controls.values().flat_map(|control| match control {
        Control::Run(command) => command.get_ref().as_slice(),
        Control::RestartAfter(_) | Control::Signal(_) => &[],
    })
}
