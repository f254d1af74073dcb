//! The legal exchanges that the families are made from.

use std::collections::BTreeMap;

use mqspec::script::{File, Lane, Message, Step, StepKind};

use super::case::Lines;

/// The shortest legal exchange around one command.
pub struct Example {
    /// The command.
    pub name: String,
    /// What the target must have.
    pub needs: Vec<String>,
    /// Its `open` line, if the exchange begins before a channel is open.
    pub open: Option<String>,
    /// What has to come before the command.
    pub before: Vec<Step>,
    /// The command with valid arguments.
    pub message: Message,
    /// What shows that it was taken.
    pub after: Vec<Step>,
}

/// All examples, by command.
pub struct Examples(BTreeMap<String, Example>);

impl Examples {
    /// Reads `example/COMMAND` cases.
    pub fn new(file: &File) -> Self {
        let examples = file.cases().map(|case| {
            let name = case.id.strip_prefix("example/").expect("example/COMMAND");
            let (open, steps) = match case.steps.split_first() {
                Some((first, rest)) if matches!(first.kind, StepKind::Open { .. }) => {
                    (Some(first.to_string()), rest)
                }
                _ => (None, case.steps.as_slice()),
            };
            let sends = |step: &Step| match &step.kind {
                StepKind::Send(message) if message.command.value == name => Some(message.clone()),
                _ => None,
            };
            let place = steps.iter().rposition(|step| sends(step).is_some());
            let place = place.unwrap_or_else(|| panic!("{} sends no {name}", case.id));
            let example = Example {
                name: name.to_owned(),
                needs: case.needs.iter().map(|need| need.value.clone()).collect(),
                open,
                before: steps[..place].to_vec(),
                message: sends(&steps[place]).expect("a command"),
                after: steps[place + 1..].to_vec(),
            };
            (name.to_owned(), example)
        });
        Examples(examples.collect())
    }

    /// The example of a command.
    pub fn get(&self, name: &str) -> Option<&Example> {
        self.0.get(name)
    }

    /// Those of commands that travel on an open channel, in the table's order of `names`.
    pub fn on_a_channel<'e>(
        &'e self,
        names: impl Iterator<Item = &'e str>,
    ) -> impl Iterator<Item = &'e Example> {
        names
            .filter(|name| !name.starts_with("connection."))
            .filter_map(|name| self.get(name))
            .filter(|example| example.open.is_none())
    }
}

impl Example {
    /// What has to come before the command, on that lane.
    pub fn before(&self, lane: &str) -> Lines {
        lines(&self.before, lane)
    }

    /// The command on that lane, with what stands behind `with`.
    pub fn command(&self, lane: &str, with: &str) -> String {
        match with {
            "" => self.message_on(lane),
            with => format!("{} with {with}", self.message_on(lane)),
        }
    }

    /// What shows that the command was taken, on that lane.
    pub fn after(&self, lane: &str) -> Lines {
        lines(&self.after, lane)
    }

    /// The whole exchange on that lane.
    pub fn exchange(&self, lane: &str) -> Lines {
        let mut all = self.before(lane);
        all.push(self.command(lane, ""));
        all.extend(self.after(lane));
        all
    }

    /// What is sent behind the command, and then what is expected.
    pub fn answer(&self) -> (Lines, Lines) {
        let expects = |step: &Step| !matches!(step.kind, StepKind::Send(_));
        let place = self.after.iter().position(expects).unwrap_or_default();
        let (sent, expected) = self.after.split_at(place);
        let expected = match expected {
            // The first arm is the one of a broker that knows the command.
            [
                Step {
                    kind: StepKind::OneOf(arms),
                    ..
                },
            ] => lines(&arms[0].steps, ""),
            steps => lines(steps, ""),
        };
        (lines(sent, ""), expected)
    }

    fn message_on(&self, lane: &str) -> String {
        on(
            lane,
            &self.message.command.value,
            '>',
            &self.message.to_string(),
        )
    }
}

/// A message on a lane: what belongs to a connection leaves out the lane's channel.
pub fn on(lane: &str, command: &str, arrow: char, message: &str) -> String {
    let whole = command.starts_with("connection.") || command == "closed";
    let lane = match (whole, lane.split_once('/')) {
        (true, Some((connection, _))) => connection,
        _ => lane,
    };
    let gap = if lane.is_empty() { "" } else { " " };
    format!("{lane}{gap}{arrow} {message}")
}

fn lines(steps: &[Step], lane: &str) -> Lines {
    let put = |step: &Step| match &step.kind {
        StepKind::Send(message) => vec![laned(message, lane, '>')],
        StepKind::Expect { message, .. } => vec![laned(message, lane, '<')],
        StepKind::OneOf(arms) => {
            let mut out = vec!["one-of".to_owned()];
            for arm in arms {
                let note = arm.note.as_ref().map(|note| format!(" \"{note}\""));
                out.push(format!("  {}{}", arm.grade, note.unwrap_or_default()));
                out.extend(
                    lines(&arm.steps, lane)
                        .into_iter()
                        .map(|line| format!("    {line}")),
                );
            }
            out
        }
        other => panic!("an example does not use {other:?}"),
    };
    steps.iter().flat_map(put).collect()
}

fn laned(message: &Message, lane: &str, arrow: char) -> String {
    assert_eq!(message.lane, Lane::default(), "an example names no lane");
    on(lane, &message.command.value, arrow, &message.to_string())
}
