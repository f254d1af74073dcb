//! What scripts may say about AMQP.

use mqspec_specs::Field;
use mqspec_specs::protocol::Peer;

use super::{Amqp, encode, session, table};
use crate::script::{Direction, Stage, StepKind, Vocabulary};

const CLOSED: &[&str] = &["reply-code", "reply-text", "class-id", "method-id"];

/// Further users that a target's file may name: one who may do everything in the first virtual host; one who may do
/// there what the letters behind the last dot of a name say: c for configure, w for write, r for read; and one who may
/// do everything, with few connections at once (`connections4`).
const USERS: [&str; 3] = ["user2", "user3", "user4"];

/// What a target's file may say that its broker is configured to hold at most, and how many seconds it waits for the rest
/// of a frame (LIM-02).
const LIMITS: [&str; 11] = [
    "max_exchanges",
    "max_queues",
    "max_bindings",
    "max_consumers",
    "max_content",
    "max_assembly",
    "max_stored",
    "max_queue_length",
    "max_backlog",
    "max_high_water",
    "frame_seconds",
];

/// What a case can need: of the greeting, of the target's file, or an extension that there is a question for.
pub(super) fn needs(offers: &[Stage]) -> Vec<String> {
    ["capability.", "mechanism.", "control.", "vhost2"]
        .into_iter()
        .chain(USERS)
        .chain(LIMITS)
        .map(str::to_owned)
        .chain(offers.iter().map(|offer| format!("offer.{}", offer.name)))
        .collect()
}

impl Amqp {
    fn properties(&self) -> impl Iterator<Item = &Field> {
        self.protocol
            .classes
            .iter()
            .flat_map(|class| &class.properties)
    }

    fn pseudo(direction: Direction) -> &'static [(&'static str, &'static [&'static str])] {
        match direction {
            Direction::ToBroker => encode::SENT,
            Direction::FromBroker => session::EXPECTED,
        }
    }
}

impl Vocabulary for Amqp {
    fn commands(&self, direction: Direction) -> Vec<&str> {
        let mut names: Vec<&str> = match direction {
            Direction::ToBroker => vec!["cut", "eof"],
            Direction::FromBroker => vec!["closed", "eof"],
        };
        names.extend(Amqp::pseudo(direction).iter().map(|(name, _)| *name));
        // A client can be made to send anything; a broker sends only its own.
        let sent =
            self.protocol.commands.iter().filter(|command| {
                direction == Direction::ToBroker || command.sent_by(Peer::Server)
            });
        names.extend(sent.map(|command| command.name.as_str()));
        names
    }

    fn fields(&self, direction: Direction, command: &str) -> Vec<&str> {
        let properties = || self.properties().map(|property| property.name.as_str());
        if command == "closed" {
            return CLOSED.to_vec();
        }
        if let Some((name, fields)) = Amqp::pseudo(direction)
            .iter()
            .find(|(name, _)| *name == command)
        {
            let mut names = fields.to_vec();
            if *name == "content-header" {
                names.extend(properties());
            }
            return names;
        }
        let Some(command) = self.protocol.command(command) else {
            return Vec::new();
        };
        let mut names: Vec<&str> = command
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        if command.content {
            names.extend(properties());
            names.push("body");
        }
        names
    }

    fn options(&self, direction: Direction) -> Vec<&str> {
        match direction {
            Direction::ToBroker => encode::OPTIONS.to_vec(),
            Direction::FromBroker => vec!["within", "content", "silent"],
        }
    }

    fn stages(&self) -> Vec<&str> {
        self.prologue
            .iter()
            .map(|stage| stage.name.as_str())
            .collect()
    }

    fn open_options(&self) -> Vec<&str> {
        let steps = self.prologue.iter().flat_map(|stage| &stage.steps);
        let sent = steps.filter_map(|step| match &step.kind {
            StepKind::Send(message) => self.protocol.command(&message.command.value),
            _ => None,
        });
        sent.flat_map(|command| command.fields.iter().map(|field| field.name.as_str()))
            .collect()
    }

    fn clauses(&self) -> Vec<&str> {
        self.clauses
            .iter()
            .map(|clause| clause.id.as_str())
            .collect()
    }

    fn needs(&self) -> Vec<&str> {
        self.needs.iter().map(String::as_str).collect()
    }

    fn functions(&self) -> Vec<&str> {
        vec!["u8", "u16", "u32", "u64", "shortstr", "longstr", "table"]
    }

    fn tags(&self) -> Vec<&str> {
        table::TAGS.to_vec()
    }

    fn variables(&self) -> Vec<&str> {
        let named = [
            "user",
            "password",
            "vhost",
            "host",
            "port",
            "response",
            "channel_max",
            "frame_max",
            "heartbeat",
            "server_properties",
            "mechanisms",
            "locales",
            "name",
            "password2",
            "password3",
            "password4",
            "vhost2",
        ];
        [&named[..], &USERS, &LIMITS].concat()
    }

    fn is_refusal(&self, command: &str) -> bool {
        ["closed", "channel.close", "connection.close"].contains(&command)
    }
}
