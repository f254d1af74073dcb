//! A broker's half of recorded connections, judged from the side.
//!
//! What is held against a broker has to be wrong under every reading of the text, and whatever went on beside the
//! recording: a wrong accusation costs more than a missed fault.
//!
//! - `replies`: each request and its reply (AMQP 0-9-1 §2.2), and what comes behind a close
//! - `lane`: what is delivered, confirmed and returned on one channel
//! - `messages`: what was routed, lost, duplicated and reordered
//! - `world`: what exists, by what the reference broker makes of the same commands; `bench`: that broker; `touched`: which
//!   commands are about the same things

mod bench;
mod lane;
mod messages;
mod replies;
mod touched;
mod world;

use std::collections::HashMap;

use mqspec_specs::Protocol;

use super::super::{
    Breach, Datum, Found, Judged, Outgoing, Overheard, Passed, Session, Side, Want, World,
};
use super::session::AmqpSession;
use lane::Lanes;
use replies::Replies;

/// A fault of the broker's.
fn found(place: usize, clause: &'static str, what: impl Into<String>) -> Found {
    let what = what.into();
    Found {
        place,
        side: Side::Broker,
        breach: Breach { clause, what },
        acceptable: Vec::new(),
    }
}

fn octets<'a>(said: &'a Overheard, name: &str) -> &'a [u8] {
    let field = said.field(name);
    field.and_then(Datum::octets).unwrap_or_default()
}

fn text(said: &Overheard, name: &str) -> String {
    String::from_utf8_lossy(octets(said, name)).into_owned()
}

fn flag(said: &Overheard, name: &str) -> bool {
    said.field(name).and_then(Datum::bool).unwrap_or(false)
}

fn number(said: &Overheard, name: &str) -> i128 {
    said.field(name).and_then(Datum::int).unwrap_or(0)
}

/// See [`Dialect::service`](super::super::Dialect::service).
pub(super) fn service(protocol: &'static Protocol, exchange: &[Passed], world: World) -> Judged {
    let mut judged = Judged::default();
    let replies = Replies::of(protocol, exchange);
    judged.found.extend(replies.found.iter().cloned());
    judged.found.extend(Lanes::judge(exchange));
    judged.found.extend(forms(protocol, exchange));
    let known = world::world(protocol, exchange, &replies, world);
    judged.found.extend(messages::messages(
        protocol, exchange, &replies, &known, world,
    ));
    judged.found.extend(known.found);
    judged.remarks.extend(known.remarks);
    judged
}

/// The rules that every command of a broker has to obey, whatever it is about.
fn forms(protocol: &'static Protocol, exchange: &[Passed]) -> Vec<Found> {
    let mut sessions: HashMap<usize, AmqpSession> = HashMap::new();
    let mut faults = Vec::new();
    for (place, Passed { connection, said }) in exchange.iter().enumerate() {
        let session = sessions
            .entry(*connection)
            .or_insert_with(|| AmqpSession::new(protocol));
        match said.side {
            // What it publishes says nothing about what may come back.
            Side::Client if said.command == "basic.publish" || said.command == "eof" => {}
            Side::Client => {
                let message = Outgoing::new(said.stream, &said.command, said.fields.clone());
                // What cannot be encoded was no command; a judge of clients knows.
                let _ = session.encode(&message);
            }
            Side::Broker => {
                session.receive(&said.octets);
                while let Some(stream) = session.first_stream() {
                    let want = Want {
                        stream,
                        command: "",
                        without_content: false,
                    };
                    let Some(incoming) = session.take(want) else {
                        break;
                    };
                    if let Some(Breach { clause, what }) = incoming.breach {
                        faults.push(found(place, clause, what));
                    }
                }
            }
        }
    }
    faults
}
