//! A target file that extends another: the same broker in another version. It says what is different, and no more.

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::check::{self, Mistake};
use super::file::{Difference, File, Listed, Ran};
use super::{TargetError, known};

/// What is different.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Extension {
    /// One sentence for a person.
    about: String,
    /// The known target that all else is taken from.
    #[cfg_attr(test, schemars(with = "String"))]
    extends: Spanned<String>,
    /// The container's image, `NAME:TAG`.
    image: Option<String>,
    /// Folders that programs are sought in before those of `PATH`.
    search: Option<Vec<String>>,
    /// Cases that the other target is known to fail, and this one not, or for another reason.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    without: Vec<Spanned<String>>,
    /// Cases that this broker is known to fail, and the other target not.
    #[serde(default, rename = "deviation")]
    deviations: Vec<Listed>,
    /// Where this broker is known to part from the reference broker in exchanges that are made up, and the other target
    /// is not.
    #[serde(default, rename = "difference")]
    differences: Vec<Difference>,
    /// What the list of deviations was found with.
    #[serde(default)]
    ran: Vec<Ran>,
}

/// The one thing by which such a file is known.
#[derive(Deserialize)]
struct Head {
    extends: Option<IgnoredAny>,
}

/// Whether a file extends another.
pub(super) fn is_one(text: &str) -> bool {
    toml::from_str::<Head>(text).is_ok_and(|head| head.extends.is_some())
}

/// Reads a file's text, and what it extends.
pub(super) fn parse(name: &str, text: &str) -> Result<File, TargetError> {
    let malformed = |at, message: &str| check::malformed(name, text, at, message);
    let extension: Extension = toml::from_str(text)
        .map_err(|error| malformed(error.span().map_or(0, |span| span.start), error.message()))?;
    let extended = extension.extends.get_ref();
    if !known::names().contains(extended) {
        let message = format!(
            "{extended} is no known target: {}",
            known::names().join(", ")
        );
        return Err(malformed(extension.extends.span().start, &message));
    }
    let base = known::find(extended)?.1;
    extension
        .onto(base)
        .map_err(|mistake| malformed(mistake.at, &mistake.message))
}

impl Extension {
    fn onto(self, mut file: File) -> Result<File, Mistake> {
        check::deviations(&self.deviations)?;
        let listed = |file: &File, case: &str| {
            file.deviations
                .iter()
                .any(|listed| listed.cases().any(|other| other.get_ref() == case))
        };
        for gone in &self.without {
            let case = gone.get_ref();
            if !listed(&file, case) {
                let message = format!("{} does not list {case}", self.extends.get_ref());
                return Err(Mistake {
                    at: gone.span().start,
                    message,
                });
            }
            file.deviations
                .iter_mut()
                .for_each(|listed| listed.remove(case));
        }
        for case in self.deviations.iter().flat_map(Listed::cases) {
            if listed(&file, case.get_ref()) {
                let (case, extended) = (case.get_ref(), self.extends.get_ref());
                let message = format!("{extended} lists {case} already");
                return Err(Mistake {
                    at: self.extends.span().start,
                    message,
                });
            }
        }
        file.deviations.extend(self.deviations);
        file.differences.extend(self.differences);
        file.about = self.about;
        file.ran = self.ran;
        if let (Some(container), Some(image)) = (&mut file.container, self.image) {
            container.image = image;
        }
        if let (Some(process), Some(search)) = (&mut file.process, self.search) {
            process.search = search;
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::target::Via;

    fn parse(more: &str) -> Result<File, TargetError> {
        let text = format!("about = 'another'\nextends = 'rabbitmq'\n{more}\n");
        File::parse("own.toml", &text)
    }

    fn cases(file: &File) -> Vec<String> {
        let deviations = file.deviations().into_iter();
        deviations.map(|deviation| deviation.case).collect()
    }

    #[test]
    fn what_it_does_not_say_is_as_in_the_other() {
        let base = known::find("rabbitmq").unwrap().1;
        let file = parse("image = 'x:4'").unwrap();
        assert_eq!(file.about, "another");
        assert_eq!(file.offered(), [Via::Process, Via::Container]);
        assert_eq!(file.variables(), base.variables());
        assert_eq!(cases(&file), cases(&base));
        assert_eq!(file.container.unwrap().image, "x:4");
        assert_eq!(file.process.unwrap().search, base.process.unwrap().search);
    }

    #[test]
    fn deviations_go_and_come() {
        let base = cases(&known::find("rabbitmq").unwrap().1);
        let (first, second) = (&base[0], &base[1]);
        let file = parse(&format!(
            "without = ['{first}', '{second}']\n[[deviation]]\ncases = ['{second}', 'a/b']\n\
             reason = 'another'\nsource = 's'"
        ))
        .unwrap();
        let listed = cases(&file);
        assert_eq!(listed.len(), base.len());
        assert!(!listed.contains(first));
        let reason = |case: &str| {
            let mut deviations = file.deviations().into_iter();
            deviations
                .find(|listed| listed.case == case)
                .unwrap()
                .reason
        };
        assert_eq!(
            (reason(second), reason("a/b")),
            ("another".to_owned(), "another".to_owned())
        );
    }

    #[rstest]
    #[case("extends = 'kafka'", 2, "kafka is no known target: ")]
    #[case(
        "extends = 'rabbitmq'\nwithout = ['a/b']",
        3,
        "rabbitmq does not list a/b"
    )]
    #[case("extends = 'rabbitmq'\nurl = 'amqp://h'", 3, "unknown field `url`")]
    #[case(
        "extends = 'rabbitmq'\n[[deviation]]\ncases = ['a', 'a']\nreason = 'r'\nsource = 's'",
        4,
        "a is listed twice"
    )]
    #[case(
        "extends = 'rabbitmq'\n[[deviation]]\ncase = 'channel.flow/off'\nreason = 'r'\nsource = 's'",
        2,
        "rabbitmq lists channel.flow/off already"
    )]
    fn a_mistake_is_told_with_its_place(
        #[case] text: &str,
        #[case] line: usize,
        #[case] why: &str,
    ) {
        let text = format!("about = 'x'\n{text}\n");
        let message = File::parse("own.toml", &text).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("own.toml:{line}:")),
            "{message}"
        );
        assert!(message.contains(why), "{message}");
    }
}
