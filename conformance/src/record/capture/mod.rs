//! A recording out of a capture file, pcap or pcapng, as tcpdump and Wireshark write it.
//!
//! - `packets`: a file's packets, as segments of TCP
//! - `flow`: segments as two streams of octets, whatever came twice, late or not at all

mod flow;
mod packets;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::recording::{Ear, Party, Recording};
use super::scribe::name;
use crate::dialect::{Dialect, Side};
use flow::{Event, Flow};
use packets::{Packets, Segment};

pub use packets::CaptureError;

/// What begins a connection of the protocol.
const HEADER: &[u8] = b"AMQP";
/// What begins a TLS handshake.
const TLS: &[u8] = &[0x16, 3];
/// The ports at which a broker is looked for where nobody names one.
const PORTS: [u16; 2] = [5672, 5671];

/// Whether octets begin as a capture file does.
pub fn is_capture(octets: &[u8]) -> bool {
    packets::is_capture(octets)
}

/// The connections of the protocol in a capture file. `port` says where the broker listens; without it, whoever begins
/// with the protocol's header is a client.
///
/// # Errors
/// A file that is no capture, or one of a network that is not known.
pub fn capture(
    file: &str,
    octets: &[u8],
    port: Option<u16>,
    dialect: &'static dyn Dialect,
) -> Result<Recording, CaptureError> {
    let mut tracks = Tracks::default();
    let mut packets = Packets::open(octets)?;
    while let Some(segment) = packets.next()? {
        tracks.take(segment, port);
    }
    let mut ear = Ear::new(dialect, file);
    packets.remarks().into_iter().for_each(|it| ear.remark(it));
    tracks.tell(&mut ear, port);
    Ok(ear.finish())
}

/// The connections of a capture.
#[derive(Debug, Default)]
struct Tracks {
    flows: Vec<Flow>,
    /// The flow that two addresses, the lower first, are at.
    current: HashMap<(SocketAddr, SocketAddr), usize>,
}

impl Tracks {
    fn take(&mut self, segment: Segment<'_>, port: Option<u16>) {
        let (from, to) = (segment.from, segment.to);
        let key = (from.min(to), from.max(to));
        let begins = segment.syn && !segment.ack_flag;
        let known = self.current.get(&key).copied();
        let known = known.filter(|it| !(begins && self.flows[*it].is_another(&segment)));
        let flow = match known {
            Some(flow) => flow,
            None => {
                // Whoever begins is the client. Of a connection that is there already, the port may tell.
                let answers = segment.syn && segment.ack_flag;
                let to_client = match port {
                    Some(port) => from.port() == port,
                    None => PORTS.contains(&from.port()),
                };
                let (client, broker) = match answers || !begins && to_client {
                    true => (to, from),
                    false => (from, to),
                };
                self.flows.push(Flow::new(client, broker));
                self.current.insert(key, self.flows.len() - 1);
                self.flows.len() - 1
            }
        };
        self.flows[flow].take(&segment);
    }

    /// Has the connections heard, each octet at its packet.
    fn tell(self, ear: &mut Ear, port: Option<u16>) {
        let mut events: Vec<(usize, Event)> = Vec::new();
        let mut others = 0;
        for (index, mut flow) in self.flows.into_iter().enumerate() {
            let ends = flow.ends();
            let at_port = match port {
                Some(port) => flow.broker.port() == port || flow.client.port() == port,
                None => PORTS.contains(&flow.broker.port()) || PORTS.contains(&flow.client.port()),
            };
            if port.is_some() && !at_port {
                others += 1;
                continue;
            }
            let begin = flow.begin(Side::Client);
            if !begin.starts_with(HEADER)
                && flow.begin(Side::Broker).starts_with(HEADER)
                && !flow.from_start
            {
                flow.swap();
            }
            let begin = flow.begin(Side::Client);
            let silent = begin.is_empty() && flow.begin(Side::Broker).is_empty();
            if begin.starts_with(HEADER) {
                let missing = flow.cut_at_gap();
                if let Some(packet) = missing {
                    ear.remark(format!(
                        "{ends}: octets are missing in the capture; nothing from packet {packet} on was judged"
                    ));
                }
                events.extend(flow.into_events().into_iter().map(|event| (index, event)));
            } else if begin.starts_with(TLS) && at_port {
                ear.remark(format!(
                    "{ends} speaks TLS, which cannot be read from outside"
                ));
            } else if at_port && !silent {
                let why = match flow.from_start {
                    true => "does not begin with the protocol's header",
                    false => "began before the capture",
                };
                ear.remark(format!("{ends} {why}"));
            } else if !silent {
                others += 1;
            }
        }
        if others > 0 {
            ear.remark(format!(
                "{others} TCP connections of other protocols, or other ports"
            ));
        }
        events.sort_by_key(|(_, event)| event.packet);
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        let start = events
            .first()
            .map(|(_, event)| event.at)
            .unwrap_or_default();
        for (flow, event) in events {
            let number = *numbers.entry(flow).or_insert_with(|| {
                let next = ear.parties();
                ear.open(Party {
                    name: name(next),
                    ends: event.ends.clone(),
                })
            });
            let at: Duration = event.at.saturating_sub(start);
            match event.octets {
                Some(octets) => ear.hear(number, event.side, &octets, event.packet, at, None),
                None => ear.ended(number, event.side, event.packet, at),
            }
        }
    }
}
