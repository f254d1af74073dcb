//! What AMQP's table knows, for scripts to be checked against.

use mqspec::script::{Direction, Vocabulary};
use mqspec_specs::{Field, Protocol};

pub struct Amqp(pub &'static Protocol);

pub fn amqp() -> Amqp {
    Amqp(mqspec_specs::amqp_0_9_1())
}

impl Vocabulary for Amqp {
    fn commands(&self, direction: Direction) -> Vec<&str> {
        let server = direction == Direction::FromBroker;
        let peer = if server {
            mqspec_specs::protocol::Peer::Server
        } else {
            mqspec_specs::protocol::Peer::Client
        };
        let commands = self
            .0
            .commands
            .iter()
            .filter(|command| command.sent_by(peer));
        let mut names: Vec<&str> = commands.map(|command| command.name.as_str()).collect();
        names.extend(["protocol-header", "frame", "heartbeat"]);
        names
    }

    fn fields(&self, _: Direction, command: &str) -> Vec<&str> {
        if command == "closed" {
            return vec!["reply-code", "class-id", "method-id", "reply-text"];
        }
        let Some(command) = self.0.command(command) else {
            return vec!["id", "major", "minor", "revision", "payload"];
        };
        let mut fields: Vec<&Field> = command.fields.iter().collect();
        if command.content {
            fields.extend(
                self.0
                    .class(command.class)
                    .iter()
                    .flat_map(|class| &class.properties),
            );
        }
        let body = command.content.then_some("body");
        fields
            .into_iter()
            .map(|field| field.name.as_str())
            .chain(body)
            .collect()
    }

    fn options(&self, direction: Direction) -> Vec<&str> {
        match direction {
            Direction::ToBroker => vec!["frame-end", "size", "split", "content"],
            Direction::FromBroker => vec!["content"],
        }
    }

    fn stages(&self) -> Vec<&str> {
        vec!["tcp", "start", "tune", "tuned", "connection", "channel"]
    }

    fn open_options(&self) -> Vec<&str> {
        vec!["frame-max", "heartbeat", "virtual-host", "response"]
    }

    fn clauses(&self) -> Vec<&str> {
        mqspec_specs::amqp_0_9_1_clauses()
            .iter()
            .map(|clause| clause.id.as_str())
            .collect()
    }

    fn needs(&self) -> Vec<&str> {
        vec!["capability.", "mechanism.", "control.", "vhost2", "user2"]
    }

    fn functions(&self) -> Vec<&str> {
        vec!["u8", "u16", "u32", "u64", "shortstr", "longstr", "table"]
    }

    fn tags(&self) -> Vec<&str> {
        "t b B s u I i l L f d D S x A F T V".split(' ').collect()
    }

    fn variables(&self) -> Vec<&str> {
        let run = ["user", "password", "vhost", "host", "port", "response"];
        let dialogue = [
            "channel_max",
            "frame_max",
            "heartbeat",
            "server_properties",
            "mechanisms",
            "locales",
        ];
        run.into_iter().chain(dialogue).collect()
    }

    fn is_refusal(&self, command: &str) -> bool {
        matches!(command, "channel.close" | "connection.close")
    }
}
