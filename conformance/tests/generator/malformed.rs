//! Commands whose arguments are not what the table says.

use mqspec_specs::Protocol;
use mqspec_specs::protocol::{Command, Type};

use super::arguments::{Argument, BROKEN_TABLES, arguments};
use super::case::{Case, Lines};
use super::examples::{Example, Examples};

const CLAUSES: &str = "MTH-02 SEC-01";

pub fn truncated(protocol: &Protocol, examples: &Examples) -> Vec<Case> {
    each(protocol, examples, |subject, place, argument| {
        // The first argument missing altogether is a family of its own.
        if place == 0 && argument.cut.is_none() {
            return Vec::new();
        }
        let wrong = subject.arguments(place, argument.cut.as_deref(), false);
        let title = match argument.cut {
            Some(_) => "that ends within its argument FIELD",
            None => "that ends before its argument FIELD",
        };
        vec![subject.case("malformed.truncated", &argument.name, title, CLAUSES, wrong)]
    })
}

pub fn overrun(protocol: &Protocol, examples: &Examples) -> Vec<Case> {
    each(protocol, examples, |subject, place, argument| {
        let last = place + 1 == subject.all.len();
        // At the end, a short string that is too long is one that ends too early.
        let Some(overrun) = argument.overrun.as_deref().filter(|_| {
            !(last && argument.native == Type::Shortstr) && argument.native != Type::Table
        }) else {
            return Vec::new();
        };
        let wrong = subject.arguments(place, Some(overrun), true);
        let title = "that says a length beyond its frame in its argument FIELD";
        vec![subject.case("malformed.overrun", &argument.name, title, CLAUSES, wrong)]
    })
}

pub fn tables(protocol: &Protocol, examples: &Examples) -> Vec<Case> {
    each(protocol, examples, |subject, place, argument| {
        if argument.native != Type::Table {
            return Vec::new();
        }
        let broken = BROKEN_TABLES.iter().map(|(slug, words, octets)| {
            let wrong = subject.arguments(place, Some(octets), true);
            let family = format!("malformed.table-{slug}");
            let title = format!("whose table FIELD {words}");
            subject.case(&family, &argument.name, &title, "DAT-15 SEC-01", wrong)
        });
        broken.collect()
    })
}

pub fn lengths(protocol: &Protocol, examples: &Examples) -> Vec<Case> {
    let mut cases = Vec::new();
    for subject in subjects(protocol, examples) {
        let name = &subject.command.name;
        if !subject.all.is_empty() {
            let case = Case::new(
                format!("malformed.empty/{name}"),
                format!("{name} without its arguments is malformed"),
                CLAUSES,
            );
            cases.push(subject.play(case, subject.whole(), subject.method("")));
        }
        let case = Case::new(
            format!("malformed.overlong/{name}"),
            format!("{name} with an octet behind its last argument is malformed"),
            "MTH-02",
        );
        let (example, right) = (subject.example, subject.example.command("", ""));
        let wrong = example.command("", "append=hex\"00\"");
        cases.push(subject.play(case, right, wrong));
    }
    for channel in [0, 1] {
        for (slug, words, octets) in [
            ("empty", "without an octet", ""),
            ("one-octet", "of one octet", "00"),
            ("two-octets", "of two octets", "00 3c"),
            ("three-octets", "of three octets", "00 3c 00"),
        ] {
            let whole = match channel {
                0 => "frame type=8 channel=0 payload=\"\"",
                _ => "frame type=1 channel=1 payload=hex\"00 3c 00 0a 00 00 00 00 00 00 00\"",
            };
            let answer = match channel {
                0 => vec!["> basic.qos".to_owned(), "< basic.qos-ok".to_owned()],
                _ => vec!["< basic.qos-ok".to_owned()],
            };
            let case = Case::new(
                format!("malformed.method/{slug}-on-channel-{channel}"),
                format!("A method frame {words} on channel {channel} is malformed"),
                "FRM-15 SEC-01",
            );
            let control = std::iter::once(format!("> {whole}")).chain(answer);
            cases.push(case.control(control).fault([
                format!("> frame type=1 channel={channel} payload=hex\"{octets}\""),
                "< closed reply-code=501|502".to_owned(),
            ]));
        }
    }
    cases
}

/// A command whose arguments are spoilt.
struct Subject<'a> {
    command: &'a Command,
    example: &'a Example,
    all: Vec<Argument>,
}

fn subjects<'a>(
    protocol: &'a Protocol,
    examples: &'a Examples,
) -> impl Iterator<Item = Subject<'a>> {
    protocol
        .commands
        .iter()
        // What is wrong with close-ok is discarded with everything else before it, or not: no clause says.
        .filter(|command| command.name != "channel.close-ok")
        .filter_map(|command| {
            let example = examples.get(&command.name)?;
            let all = arguments(command, &example.message);
            Some(Subject {
                command,
                example,
                all,
            })
        })
}

fn each(
    protocol: &Protocol,
    examples: &Examples,
    make: impl Fn(&Subject<'_>, usize, &Argument) -> Vec<Case>,
) -> Vec<Case> {
    let mut cases = Vec::new();
    for subject in subjects(protocol, examples) {
        for (place, argument) in subject.all.iter().enumerate() {
            cases.extend(make(&subject, place, argument));
        }
    }
    cases
}

impl Subject<'_> {
    /// A method frame with these arguments.
    fn method(&self, arguments: &str) -> String {
        let lane = match self.command.class_name() {
            "connection" => "/0 ",
            _ => "",
        };
        let (class, method) = (self.command.class, self.command.method);
        let arguments = match arguments {
            "" => String::new(),
            octets => format!(" arguments={octets}"),
        };
        format!("{lane}> method class-id={class} method-id={method}{arguments}")
    }

    fn whole(&self) -> String {
        self.arguments(self.all.len(), None, false)
    }

    /// The method frame with the arguments up to one, that one in other octets, and those behind it or not.
    fn arguments(&self, place: usize, other: Option<&str>, rest: bool) -> String {
        let before = self.all[..place]
            .iter()
            .map(|argument| argument.whole.as_str());
        let behind = self.all.get(place + 1..).unwrap_or_default().iter();
        let behind = behind
            .filter(|_| rest)
            .map(|argument| argument.whole.as_str());
        let octets: Vec<&str> = before.chain(other).chain(behind).collect();
        self.method(&octets.join(" + "))
    }

    fn case(&self, family: &str, field: &str, title: &str, clauses: &str, wrong: String) -> Case {
        let name = &self.command.name;
        let case = Case::new(
            format!("{family}/{name}.{field}"),
            format!("{name} {} is malformed", title.replace("FIELD", field)),
            clauses,
        );
        self.play(case, self.whole(), wrong)
    }

    fn play(&self, case: Case, right: String, wrong: String) -> Case {
        let mut control: Lines = vec![right];
        // A method frame that is put together has no content.
        if self.command.content && control[0].contains("> method") {
            control.push("> content-header body-size=1".to_owned());
            control.push("> content-body payload=m".to_owned());
        }
        control.extend(self.example.after(""));
        let codes = match self.command.name.as_str() {
            "connection.update-secret" | "access.request" => "501|502|503|540",
            _ => "501|502",
        };
        // Before the connection is open, the text wants no word.
        let silent = match &self.example.open {
            Some(open) if !open.ends_with("at=connection") => " with silent=pass",
            _ => "",
        };
        case.needs(&self.example.needs)
            .steps(self.example.open.clone())
            .steps(self.example.before(""))
            .control(control)
            .fault([wrong, format!("< closed reply-code={codes}{silent}")])
    }
}
