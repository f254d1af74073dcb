//! An exchange as a case in the notation: what the left broker did is what is expected.

use super::side::{Line, Spoken};
use crate::dialect::generated::Ledger;
use crate::dialect::{Datum, Outgoing};
use crate::script::{Case, Field, File, Item, Lane, Message, Spanned, Step, StepKind, Value};

/// What a case is called, and what it proves.
#[derive(Debug, Clone, Default)]
pub struct Heading {
    /// The comment lines above the file.
    pub lead: Vec<String>,
    /// The protocol.
    pub protocol: String,
    /// The permanent name.
    pub id: String,
    /// One sentence.
    pub title: String,
    /// The clauses.
    pub clauses: Vec<String>,
}

/// What the two brokers part over at the end, if it is the answer to a question that no step asks: the question and the
/// answer.
pub struct Question {
    /// The client that asks.
    pub client: usize,
    /// What.
    pub request: Outgoing,
    /// The command that answers, and what it says.
    pub reply: (String, Vec<(String, Datum)>),
}

/// The lines as a script with one case.
pub fn script(
    heading: &Heading,
    lines: &[Line],
    question: Option<&Question>,
    step: usize,
    ledger: &dyn Ledger,
) -> String {
    let mut writer = Writer {
        ledger,
        steps: Vec::new(),
        lives: Vec::new(),
        bound: Vec::new(),
    };
    let mut parted = false;
    let waits = lines
        .iter()
        .any(|line| matches!(line.what, Spoken::Waited(_)));
    for (place, line) in lines.iter().enumerate() {
        let kind = match &line.what {
            Spoken::Sent(message) => {
                let lane = writer.lane(lines, place, message.stream);
                StepKind::Send(writer.message(lane, &message.command, &message.fields, &[]))
            }
            Spoken::Came(message) => {
                let lane = writer.lane(lines, place, message.stream);
                let message = writer.message(lane, &message.command, &message.fields, &FREE);
                StepKind::Expect {
                    message,
                    eventually: false,
                }
            }
            Spoken::Cut => {
                let lane = writer.lane(lines, place, 0);
                StepKind::Send(writer.message(
                    Lane {
                        stream: None,
                        ..lane
                    },
                    "cut",
                    &[],
                    &[],
                ))
            }
            Spoken::Waited(time) => StepKind::Wait(*time),
            Spoken::Ended => {
                writer.end(line.client);
                continue;
            }
        };
        if let Spoken::Cut = line.what {
            writer.end(line.client);
        }
        let mut said = Step::of(kind);
        if line.step == step && !parted && question.is_none() {
            parted = true;
            said.lead
                .push("Behind this step the two brokers part.".to_owned());
        }
        writer.steps.push(said);
    }
    if let Some(question) = question {
        if writer.opens(question.client) {
            writer
                .steps
                .push(open(&[(writer.name(question.client), 1)]));
        }
        let lane = Lane {
            connection: Some(writer.name(question.client)),
            stream: None,
        };
        let request = &question.request;
        let request = writer.message(lane.clone(), &request.command, &request.fields, &[]);
        let (command, fields) = &question.reply;
        let message = writer.message(lane, command, fields, &FREE);
        let mut asked = Step::of(StepKind::Send(request));
        asked.lead.push("Here the two brokers part.".to_owned());
        writer.steps.push(asked);
        writer.steps.push(Step::of(StepKind::Expect {
            message,
            eventually: false,
        }));
    }
    let case = Case {
        lead: Vec::new(),
        id: heading.id.clone(),
        title: heading.title.clone(),
        line: 0,
        clauses: heading.clauses.iter().cloned().map(Spanned::of).collect(),
        needs: Vec::new(),
        // Time is the subject where it is waited for.
        group: waits.then(|| "timed".to_owned()),
        no_control: Some("an exchange that was made up: what stands before is taken".to_owned()),
        steps: writer.steps,
    };
    let file = File {
        lead: heading.lead.clone(),
        protocol: Some(heading.protocol.clone()),
        items: vec![Item::Case(case)],
        ..File::default()
    };
    file.to_string()
}

/// What a case does not ask for, since each broker may say it as it likes.
const FREE: [&str; 3] = ["reply-text", "cluster-id", "reserved-1"];

struct Writer<'a> {
    ledger: &'a dyn Ledger,
    steps: Vec<Step>,
    /// Each client's connections so far: how many were opened, and whether one is open.
    lives: Vec<(usize, bool)>,
    /// The variables that were bound.
    bound: Vec<String>,
}

impl Writer<'_> {
    /// Where a line belongs; opens the connection in front of its first one.
    fn lane(&mut self, lines: &[Line], place: usize, stream: u16) -> Lane {
        let client = lines.get(place).map_or(0, |line| line.client);
        if self.opens(client) {
            let rest = lines.get(place..).unwrap_or_default();
            let mut lanes = vec![(self.name(client), 1)];
            for line in rest.iter().filter(|line| line.client == client) {
                match &line.what {
                    Spoken::Sent(message) if message.stream > 1 => {
                        lanes.push((self.name(client), message.stream))
                    }
                    Spoken::Cut | Spoken::Ended => break,
                    _ => {}
                }
            }
            lanes.dedup();
            lanes.sort();
            lanes.dedup();
            self.steps.push(open(&lanes));
        }
        Lane {
            connection: Some(self.name(client)),
            stream: (stream > 1).then_some(stream),
        }
    }

    /// Whether the client's connection has to be opened: notes that it is.
    fn opens(&mut self, client: usize) -> bool {
        if self.lives.len() <= client {
            self.lives.resize(client + 1, (0, false));
        }
        let life = &mut self.lives[client];
        let opens = !life.1;
        life.1 = true;
        life.0 += usize::from(opens);
        opens
    }

    fn end(&mut self, client: usize) {
        if let Some(life) = self.lives.get_mut(client) {
            life.1 = false;
        }
    }

    /// The connection's name: `a`, and `a2` for the second one of the same client.
    fn name(&self, client: usize) -> String {
        let letter = char::from(b'a' + u8::try_from(client % 26).unwrap_or_default());
        match self.lives.get(client).map_or(1, |life| life.0) {
            0 | 1 => letter.to_string(),
            life => format!("{letter}{life}"),
        }
    }

    fn message(
        &mut self,
        lane: Lane,
        command: &str,
        fields: &[(String, Datum)],
        without: &[&str],
    ) -> Message {
        let fields = fields
            .iter()
            .filter(|(name, _)| !without.contains(&name.as_str()));
        let fields = fields.map(|(name, value)| Field {
            name: Spanned::of(name.clone()),
            value: self.value(&self.ledger.symbolic(value), !without.is_empty()),
        });
        Message {
            lane,
            command: Spanned::of(command.to_owned()),
            fields: fields.collect(),
            with: Vec::new(),
        }
    }

    fn value(&mut self, datum: &Datum, expected: bool) -> Value {
        match datum {
            Datum::Octets(octets) if octets.first() == Some(&b'$') => {
                let name = String::from_utf8_lossy(&octets[1..]).into_owned();
                let by_broker = name.starts_with('s');
                if by_broker && expected && !self.bound.contains(&name) {
                    self.bound.push(name.clone());
                    return Value::Bind(name);
                }
                Value::Var(name)
            }
            Datum::Table(pairs) => Value::Table {
                pairs: pairs
                    .iter()
                    .map(|(name, value)| (name.clone(), self.value(value, expected)))
                    .collect(),
                open: false,
            },
            Datum::Array(values) => Value::Array {
                values: values
                    .iter()
                    .map(|value| self.value(value, expected))
                    .collect(),
                open: false,
            },
            Datum::Typed(tag, _) if tag == "T" && expected => Value::Any,
            other => other.to_value(),
        }
    }
}

/// `open a a/2`
fn open(lanes: &[(String, u16)]) -> Step {
    let lanes = lanes.iter().map(|(name, stream)| Lane {
        connection: Some(name.clone()),
        stream: (*stream > 1).then_some(*stream),
    });
    Step::of(StepKind::Open {
        lanes: lanes.collect(),
        options: Vec::new(),
    })
}
