//! The history of the messages, and what a script asks of it: `until` and `check`.

use super::exchange::{Connection, Exchange, Waiting};
use super::expect::step_text;
use super::verdict::Verdict;
use crate::dialect::{Chronicle, Datum, Dialect, Incoming, Outgoing};
use crate::history::{Audit, Event, FAULTS, SELECTORS, Selection, Tally};
use crate::script::{Field, Step, StepKind, Value};

/// What became of every message so far.
#[derive(Debug)]
pub(super) struct Record {
    chronicle: Box<dyn Chronicle>,
    events: Vec<Event>,
}

impl Record {
    pub(super) fn new(dialect: &dyn Dialect) -> Self {
        Record {
            chronicle: dialect.chronicle(),
            events: Vec::new(),
        }
    }

    /// Whether some step asks for a history.
    pub(super) fn wanted(steps: &[Step]) -> bool {
        steps.iter().any(|step| match &step.kind {
            StepKind::Until(_) | StepKind::Check(_) => true,
            StepKind::Control(steps) | StepKind::Fault(steps) | StepKind::Repeat { steps, .. } => {
                Record::wanted(steps)
            }
            StepKind::OneOf(arms) => arms.iter().any(|arm| Record::wanted(&arm.steps)),
            _ => false,
        })
    }
}

/// What the history is to say before the script goes on.
#[derive(Debug)]
pub(super) struct Watch {
    audit: Audit,
    counts: Vec<Field>,
    /// The step.
    step: StepKind,
}

/// A count that is not what the script asks for.
struct Differing {
    name: String,
    wanted: String,
    tally: Tally,
}

impl Differing {
    /// The count as the script would write it, and the first few examples.
    fn came(&self) -> String {
        let examples = match self.tally.examples() {
            [] => String::new(),
            examples if examples.len() as u64 == self.tally.count() => {
                format!(" ({})", examples.join(", "))
            }
            examples => format!(" ({}, …)", examples.join(", ")),
        };
        format!("{}={}{examples}", self.name, self.tally.count())
    }

    fn why(&self) -> String {
        format!(
            "`{}`: {} was expected, {} came",
            self.name,
            self.wanted,
            self.tally.count()
        )
    }
}

fn is_count(field: &Field) -> bool {
    !SELECTORS.contains(&field.name.value.as_str())
}

impl Exchange {
    pub(super) fn record_sent(&mut self, connection: usize, outgoing: &Outgoing) {
        if let Some(Record { chronicle, events }) = &mut self.record {
            let client = &self.connections[connection].name;
            events.extend(chronicle.sent(connection, client, outgoing));
        }
    }

    pub(super) fn record_received(&mut self, connection: usize, incoming: &Incoming) {
        if let Some(Record { chronicle, events }) = &mut self.record {
            let client = &self.connections[connection].name;
            events.extend(chronicle.received(connection, client, incoming));
        }
    }

    pub(super) fn record_end(&mut self, connection: usize) {
        self.connections[connection].recorded_end = true;
        if let Some(Record { chronicle, events }) = &mut self.record {
            events.extend(chronicle.ended(connection));
        }
    }

    /// Records the end of connections that no step awaited, such as those that a crash of the broker ended.
    pub(super) fn record_ends(&mut self) {
        let unknown =
            |connection: &Connection| connection.ended.is_some() && !connection.recorded_end;
        if self.record.is_none() || !self.connections.iter().any(unknown) {
            return;
        }
        while self.outcome.is_none() && self.react() {}
        for connection in 0..self.connections.len() {
            if unknown(&self.connections[connection]) {
                self.record_end(connection);
            }
        }
    }

    /// Awaits that the history says something.
    pub(super) fn await_history(&mut self, fields: &[Field]) {
        self.record_ends();
        match self.selection(fields) {
            Ok(selection) => {
                self.waiting = Some(Waiting::History(Box::new(Watch {
                    audit: Audit::new(selection),
                    counts: fields
                        .iter()
                        .filter(|field| is_count(field))
                        .cloned()
                        .collect(),
                    step: StepKind::Until(fields.to_vec()),
                })));
            }
            Err(why) => self.script_error(why),
        }
    }

    /// Holds the history against what it must say.
    pub(super) fn check_history(&mut self, fields: &[Field]) {
        self.record_ends();
        let kind = StepKind::Check(fields.to_vec());
        self.transcript.other(kind.clone());
        let selection = match self.selection(fields) {
            Ok(selection) => selection,
            Err(why) => return self.script_error(why),
        };
        let events = self.record.as_ref().map(|record| record.events.as_slice());
        let audit = Audit::of(events.unwrap_or_default(), selection);
        let counts: Vec<Field> = fields
            .iter()
            .filter(|field| is_count(field))
            .cloned()
            .collect();
        let differing = match self.differing(&audit, &counts) {
            Ok(differing) => differing,
            Err(why) => return self.script_error(why),
        };
        if !differing.is_empty() {
            self.differs(step_text(kind), &differing, None);
        }
    }

    fn differs(&mut self, expected: String, differing: &[Differing], after: Option<String>) {
        let came: Vec<String> = differing.iter().map(Differing::came).collect();
        let why = differing.iter().filter(|count| !count.wanted.is_empty());
        let why: Vec<String> = why.map(Differing::why).chain(after).collect();
        self.transcript.remark("<- here");
        self.finish(
            Verdict::Failed,
            vec![expected],
            came.join(" "),
            why.join("; "),
            None,
        );
    }

    /// Whether the history says what is awaited, if something is.
    pub(super) fn history_says(&mut self) -> bool {
        let mut watch = match self.waiting.take() {
            Some(Waiting::History(watch)) => watch,
            other => {
                self.waiting = other;
                return false;
            }
        };
        if let Some(record) = &self.record {
            let new = &record.events[watch.audit.events()..];
            new.iter().for_each(|event| watch.audit.note(event));
        }
        let differing = self.differing(&watch.audit, &watch.counts);
        self.waiting = Some(Waiting::History(watch));
        match differing {
            Ok(differing) => differing.is_empty(),
            Err(why) => {
                self.script_error(why);
                true
            }
        }
    }

    /// Goes on if the history says what is awaited.
    pub(super) fn satisfy_history(&mut self, watch: Box<Watch>) -> bool {
        let step = watch.step.clone();
        self.waiting = Some(Waiting::History(watch));
        if self.history_says() {
            self.waiting = None;
            if self.outcome.is_none() {
                self.transcript.other(step);
            }
            return true;
        }
        let gone = self.connections.iter().position(|connection| {
            connection.ended.is_some() && !connection.abandoned && !connection.recorded_end
        });
        let laid_aside = |connection: &usize| !self.connections[*connection].aside.is_empty();
        if let Some(connection) = (0..self.connections.len()).find(laid_aside) {
            if let Some(incoming) = self.connections[connection].aside.pop_front() {
                self.refuse(connection, &incoming);
            }
            return true;
        }
        if let Some(connection) = gone
            && let Some(ended) = self.connections[connection].ended
        {
            // Such as one that the script has closed: when its end is seen is a matter of chance.
            if self.connections[connection].session.is_over() {
                self.record_end(connection);
                return true;
            }
            let came = self.note_end(connection, ended);
            self.transcript.remark("<- here");
            let why = "the broker ended the connection".to_owned();
            self.finish(Verdict::Failed, vec![step_text(step)], came, why, None);
            return true;
        }
        false
    }

    /// The broker answers, and what the history was to say did not happen.
    pub(super) fn history_owes(&mut self) {
        let watch = match self.waiting.take() {
            Some(Waiting::History(watch)) => watch,
            other => {
                self.waiting = other;
                return;
            }
        };
        let differing = self.differing(&watch.audit, &watch.counts);
        let faults = FAULTS.iter().map(|fault| Differing {
            name: (*fault).to_owned(),
            wanted: String::new(),
            tally: watch.audit.tally(fault),
        });
        let faults = faults.filter(|fault| fault.tally.count() > 0);
        let differing: Vec<Differing> = differing.into_iter().flatten().chain(faults).collect();
        let after = format!(
            "nothing more came for {:?}, while the broker answered a later request",
            self.patience.quiet
        );
        self.transcript.other(watch.step.clone());
        self.differs(step_text(watch.step), &differing, Some(after));
    }

    /// What is awaited of the history, as the script says it.
    pub(super) fn awaited_history(&self) -> Option<String> {
        match &self.waiting {
            Some(Waiting::History(watch)) => Some(step_text(watch.step.clone())),
            _ => None,
        }
    }

    fn differing(&mut self, audit: &Audit, counts: &[Field]) -> Result<Vec<Differing>, String> {
        let mut differing = Vec::new();
        let mut bound = Vec::new();
        for Field { name, value } in counts {
            let tally = audit.tally(&name.value);
            let count = Datum::Int(tally.count().into());
            let matches = self
                .variables
                .matches(value, Some(&count), self.dialect, &mut bound);
            if !matches.map_err(|error| error.to_string())? {
                differing.push(Differing {
                    name: name.value.clone(),
                    wanted: value.to_string(),
                    tally,
                });
            }
        }
        if differing.is_empty() {
            for (name, value) in bound {
                self.variables.bind(&name, value);
            }
        }
        Ok(differing)
    }

    /// The part of the history that the fields speak of.
    fn selection(&mut self, fields: &[Field]) -> Result<Selection, String> {
        let mut selection = Selection::default();
        for Field { name, value } in fields {
            let mut words = match SELECTORS.contains(&name.value.as_str()) {
                true => self.words(value)?,
                false => continue,
            };
            match name.value.as_str() {
                "publisher" => selection.publishers = words,
                "place" => selection.place = words.pop(),
                _ => selection.client = words.pop(),
            }
        }
        Ok(selection)
    }

    fn words(&mut self, value: &Value) -> Result<Vec<String>, String> {
        let datum = self
            .variables
            .evaluate(value, self.dialect)
            .map_err(|error| error.to_string())?;
        let one = |datum: &Datum| {
            let word = datum.as_text().map(str::to_owned);
            word.ok_or_else(|| format!("`{value}` is no name"))
        };
        match datum.bare() {
            Datum::Array(values) => values.iter().map(one).collect(),
            datum => Ok(vec![one(datum)?]),
        }
    }
}
