//! AMQP 0-9-1, table-driven: able to write wrong octets, and independent of the reference broker's codec.
//!
//! - `encode`, `decode`, `table`: commands, contents and field tables, to octets and back
//! - `rewrite`: payloads decoded and encoded again, for another codec to compare
//! - `inspect`: octets taken apart for a person, with the place of each mistake
//! - `parts`: one frame's octets, part by part; `seeds`: what the table allows and forbids, for fuzzers and decoders
//! - `deframe`: a broker's octets, cut into frames
//! - `session`: one connection's octets, in both directions
//! - `chronicle`: what commands tell about messages: published, accepted, delivered, settled
//! - `conduct`: the client's half of a connection, judged from the side
//! - `noted`: how a recording writes a command: without secrets, and so that it can be said again
//! - `service`: the broker's half of recorded connections, judged from the side
//! - `witness`: what every command of a broker has to obey, whatever the script is about
//! - `vocabulary`: what scripts may say
//! - `author`: exchanges that nobody wrote, with one attempt at something odd
//! - `generate`: exchanges that are made up step by step; `ledger`: the books of a broker that plays one

mod author;
mod chronicle;
mod conduct;
mod decode;
mod deframe;
mod encode;
mod generate;
mod inspect;
mod ledger;
mod noted;
mod parts;
mod rewrite;
pub mod seeds;
mod service;
mod session;
mod table;
mod vocabulary;
mod witness;

use std::sync::OnceLock;

use mqspec_specs::{Catalogue, Protocol, Source, scripts};

use super::{
    Author, Chronicle, Conduct, Creation, Cutter, Datum, Dialect, EncodeError, Judged, Noted,
    Outgoing, Overheard, Passed, Secrets, Session, Side, World,
};
use crate::script::{self, Stage, Step, Vocabulary};
use chronicle::AmqpChronicle;
use conduct::{AmqpConduct, AmqpCutter};
use session::AmqpSession;

pub use inspect::{Fault, Frame, inspect};
pub use parts::{Form, Part, parts};
pub use rewrite::{rewrite_header, rewrite_method};

/// The dialect.
pub fn dialect() -> &'static Amqp {
    static DIALECT: OnceLock<Amqp> = OnceLock::new();
    DIALECT.get_or_init(|| {
        let offers = stages(scripts::AMQP_0_9_1_OFFERS);
        Amqp {
            protocol: mqspec_specs::amqp_0_9_1(),
            clauses: mqspec_specs::amqp_0_9_1_clauses(),
            prologue: stages(scripts::AMQP_0_9_1_PROLOGUE),
            epilogue: stages(scripts::AMQP_0_9_1_EPILOGUE),
            needs: vocabulary::needs(&offers),
            offers,
        }
    })
}

/// The stages of an embedded file, which a test proves to be well-formed.
fn stages(source: Source) -> Vec<Stage> {
    match script::parse(source.name, source.text) {
        Ok(file) => file.stages().cloned().collect(),
        Err(found) => {
            let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
            panic!("{}", lines.join("\n"))
        }
    }
}

/// The steps of the stage of that name; none if there is no such stage.
fn steps<'s>(stages: &'s [Stage], name: &str) -> &'s [Step] {
    let found = stages.iter().find(|stage| stage.name == name);
    found
        .map(|stage| stage.steps.as_slice())
        .unwrap_or_default()
}

/// AMQP 0-9-1.
#[derive(Debug)]
pub struct Amqp {
    protocol: &'static Protocol,
    clauses: &'static Catalogue,
    prologue: Vec<Stage>,
    epilogue: Vec<Stage>,
    offers: Vec<Stage>,
    /// What a case can need.
    needs: Vec<String>,
}

impl Dialect for Amqp {
    fn name(&self) -> &'static str {
        "amqp-0-9-1"
    }

    fn protocol(&self) -> &'static Protocol {
        self.protocol
    }

    fn clauses(&self) -> &'static Catalogue {
        self.clauses
    }

    fn vocabulary(&self) -> &dyn Vocabulary {
        self
    }

    fn prologue(&self) -> &[Stage] {
        &self.prologue
    }

    fn epilogue(&self, stage: &str) -> &[Step] {
        steps(&self.epilogue, stage)
    }

    fn offer(&self, name: &str) -> &[Step] {
        steps(&self.offers, name)
    }

    fn session(&self) -> Box<dyn Session> {
        Box::new(AmqpSession::new(self.protocol))
    }

    fn author(&self) -> &dyn Author {
        self
    }

    fn generator(&self) -> &dyn super::generated::Generator {
        self
    }

    fn chronicle(&self) -> Box<dyn Chronicle> {
        Box::new(AmqpChronicle::new(self.protocol))
    }

    fn conduct(&self, trusted: bool) -> Box<dyn Conduct> {
        Box::new(AmqpConduct::new(self.protocol, trusted))
    }

    fn cutter(&self, side: Side) -> Box<dyn Cutter> {
        Box::new(AmqpCutter::new(self.protocol, side))
    }

    fn service(&self, exchange: &[Passed], world: World) -> Judged {
        service::service(self.protocol, exchange, world)
    }

    fn noted(&self, said: &Overheard, secrets: Secrets) -> Noted {
        noted::noted(self.protocol, said, secrets)
    }

    fn stream(&self, command: &str) -> u16 {
        let on_zero = command.starts_with("connection.")
            || [
                "protocol-header",
                "heartbeat",
                "closed",
                "eof",
                "cut",
                "raw",
            ]
            .contains(&command);
        u16::from(!on_zero)
    }

    fn has_field(&self, command: &str, field: &str) -> bool {
        self.protocol
            .command(command)
            .is_some_and(|command| command.field(field).is_some())
    }

    fn call(&self, function: &str, arguments: &[Datum]) -> Result<Vec<u8>, EncodeError> {
        let [argument] = arguments else {
            return Err(EncodeError("one argument is wanted".to_owned()));
        };
        match function {
            "u8" => table::integer(argument, 1),
            "u16" => table::integer(argument, 2),
            "u32" => table::integer(argument, 4),
            "u64" => table::integer(argument, 8),
            "shortstr" => table::short_string(argument),
            "longstr" => table::long_string(argument),
            "table" => table::table(argument),
            other => Err(EncodeError(format!("`{other}` is no function"))),
        }
    }

    fn closing(&self) -> Option<(&'static str, &'static str)> {
        Some(("connection.close", "connection.close-ok"))
    }

    fn comes_in_order(&self, command: &str) -> bool {
        // A queue may answer these by itself, and a broker go on with what was asked of others meanwhile.
        if ["basic.consume-ok", "basic.cancel-ok"].contains(&command) {
            return false;
        }
        ["channel.close", "connection.close"].contains(&command)
            || self
                .protocol
                .commands
                .iter()
                .any(|request| request.replies.iter().any(|reply| reply == command))
    }

    fn cumulative(&self, command: &str) -> Option<(&'static str, &'static str)> {
        let cumulative = self.protocol.command(command)?.cumulative.as_ref()?;
        Some((&cumulative.field, &cumulative.flag))
    }

    /// A broker may count the messages and the consumers of a queue before what was published, acknowledged or cancelled
    /// just now has reached the queue: only a reply to that very command would say that it has (AMQP 0-9-1 §4.6).
    fn settling(&self, request: &Outgoing, reply: &str) -> &'static [&'static str] {
        let passive = request.field("passive").and_then(Datum::bool) == Some(true);
        // Whoever asks for a queue without a name again gets another one.
        let name = request.field("queue").and_then(Datum::as_text);
        let repeatable = passive || name.is_some_and(|name| !name.is_empty());
        match (request.command.as_str(), reply) {
            ("queue.declare", "queue.declare-ok") if repeatable => {
                &["message-count", "consumer-count"]
            }
            _ => &[],
        }
    }

    /// What another channel or connection published or gave back may be on its way while its queue seems empty.
    fn may_come_later(&self, request: &Outgoing, reply: &str, awaited: &str) -> bool {
        (request.command.as_str(), reply, awaited)
            == ("basic.get", "basic.get-empty", "basic.get-ok")
    }

    fn creation(&self, command: &str, fields: &[(String, Datum)]) -> Option<Creation> {
        let field = |name: &str| {
            fields
                .iter()
                .find(|(field, _)| field == name)
                .map(|(_, value)| value)
        };
        let (stage, name) = match command {
            "queue.declare" | "queue.declare-ok" => ("remove-queue", "queue"),
            "exchange.declare" => ("remove-exchange", "exchange"),
            _ => return None,
        };
        let passive = field("passive").and_then(Datum::bool) == Some(true);
        let name = field(name)?.octets()?.to_vec();
        let standard = command == "exchange.declare" && name.starts_with(b"amq.");
        // What cannot be a name cannot be there.
        let impossible = name.is_empty() || name.len() > 255 || std::str::from_utf8(&name).is_err();
        let keep = passive || impossible || standard;
        (!keep).then_some(Creation { stage, name })
    }

    fn named_by_broker(&self, reply: &str) -> Option<&'static str> {
        match reply {
            "queue.declare-ok" => Some("queue"),
            "basic.consume-ok" => Some("consumer-tag"),
            // Of a request whose replies go directly to the requester.
            "basic.deliver" | "basic.get-ok" => Some("reply-to"),
            _ => None,
        }
    }

    fn response(&self, user: &str, password: &str) -> Vec<u8> {
        format!("\0{user}\0{password}").into_bytes()
    }

    fn offers(&self, need: &str, variable: &dyn Fn(&str) -> Option<Datum>) -> Option<bool> {
        if let Some(name) = need.strip_prefix("capability.") {
            let properties = variable("server_properties")?;
            let offered = properties
                .get("capabilities")
                .and_then(|capabilities| capabilities.get(name));
            return Some(offered.and_then(Datum::bool) == Some(true));
        }
        let name = need.strip_prefix("mechanism.")?;
        let mechanisms = variable("mechanisms")?;
        Some(
            mechanisms
                .as_text()
                .unwrap_or_default()
                .split(' ')
                .any(|offered| offered == name),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stages_say_only_what_the_protocol_knows() {
        for source in [
            scripts::AMQP_0_9_1_PROLOGUE,
            scripts::AMQP_0_9_1_EPILOGUE,
            scripts::AMQP_0_9_1_OFFERS,
        ] {
            let file = script::parse(source.name, source.text).expect("a script");
            assert_eq!(
                script::check(&file, source.text, dialect().vocabulary()),
                []
            );
        }
    }
}
