//! What every command of a broker has to obey, whatever the script is about.

use std::collections::{HashMap, HashSet};

use mqspec_specs::Protocol;
use mqspec_specs::protocol::Peer;

use super::super::{Breach, Datum, Incoming, Outgoing};

/// Watches both directions of a connection.
#[derive(Debug, Default)]
pub(super) struct Witness {
    channels: HashMap<u16, Channel>,
}

#[derive(Debug, Default)]
struct Channel {
    last_tag: i128,
    /// Consumers that exist as far as the client can know.
    consumers: HashSet<Vec<u8>>,
    /// Set once a consumer was made whose tag the client does not know.
    unknown_consumers: bool,
}

fn tag(fields: Option<&Datum>) -> Vec<u8> {
    fields.and_then(Datum::octets).unwrap_or_default().to_vec()
}

impl Witness {
    pub(super) fn sent(&mut self, message: &Outgoing) {
        let channel = self.channels.entry(message.stream).or_default();
        let no_wait = message.field("no-wait").and_then(Datum::bool) == Some(true);
        match message.command.as_str() {
            "channel.open" => *channel = Channel::default(),
            "basic.consume" if no_wait => {
                let tag = tag(message.field("consumer-tag"));
                channel.unknown_consumers |= tag.is_empty();
                channel.consumers.insert(tag);
            }
            // A command whose octets the script chose itself may do anything.
            "method" | "frame" | "raw" => channel.unknown_consumers = true,
            _ if !message.with.is_empty() => channel.unknown_consumers = true,
            _ => {}
        }
    }

    pub(super) fn received(&mut self, protocol: &Protocol, incoming: &Incoming) -> Option<Breach> {
        let breach = |clause, what: String| Some(Breach { clause, what });
        let name = incoming.command.as_str();
        let command = protocol.command(name)?;
        if !command.sent_by(Peer::Server) {
            return breach("MTH-09", format!("a broker does not send {name}"));
        }
        let on_zero = incoming.stream == 0;
        if on_zero != (command.class_name() == "connection") {
            return breach(
                "FRM-08",
                format!("{name} travels on channel {}", incoming.stream),
            );
        }
        let channel = self.channels.entry(incoming.stream).or_default();
        match name {
            "basic.consume-ok" => {
                channel
                    .consumers
                    .insert(tag(incoming.field("consumer-tag")));
                None
            }
            "basic.cancel-ok" => {
                channel
                    .consumers
                    .remove(&tag(incoming.field("consumer-tag")));
                None
            }
            "basic.deliver" | "basic.get-ok" => {
                let number = incoming
                    .field("delivery-tag")
                    .and_then(Datum::int)
                    .unwrap_or(0);
                let last = std::mem::replace(&mut channel.last_tag, number);
                if number < 1 {
                    return breach(
                        "domain.delivery-tag.non-zero",
                        "a delivery has the tag 0".to_owned(),
                    );
                }
                if number <= last {
                    return breach("DOC-18", format!("delivery tag {number} follows {last}"));
                }
                let consumer = tag(incoming.field("consumer-tag"));
                let known = channel.unknown_consumers || channel.consumers.contains(&consumer);
                if name == "basic.deliver" && !known {
                    let consumer = String::from_utf8_lossy(&consumer).into_owned();
                    let what = format!(
                        "no consumer `{consumer}` exists on this channel (before consume-ok, or after cancel-ok)"
                    );
                    return breach("SYN-01", what);
                }
                None
            }
            _ => None,
        }
    }
}
