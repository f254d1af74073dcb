//! The segments of one TCP connection as two streams of octets, whatever came twice, late or not at all (RFC 9293).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::packets::Segment;
use crate::dialect::Side;

/// Octets that are there, or the end of a half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) side: Side,
    /// None: the half is over.
    pub(super) octets: Option<Vec<u8>>,
    /// The packet by which it became so.
    pub(super) packet: u64,
    pub(super) at: Duration,
    /// The two ends of the connection.
    pub(super) ends: String,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) client: SocketAddr,
    pub(super) broker: SocketAddr,
    /// Whether its first segment was captured.
    pub(super) from_start: bool,
    halves: [Half; 2],
    events: Vec<Event>,
}

/// What one end sent.
#[derive(Debug, Default)]
struct Half {
    /// The sequence number of the first octet that has not come, and its place in the stream.
    next: Option<(u32, i64)>,
    first: Option<u32>,
    /// What came and has to wait for others, by its place.
    waiting: BTreeMap<i64, Late>,
    /// The place of the end.
    end: Option<(i64, u64, Duration)>,
    over: bool,
    /// How far the other end says to have received, and since which packet that is more than is there.
    acknowledged: i64,
    unseen: Option<u64>,
}

#[derive(Debug)]
struct Late {
    octets: Vec<u8>,
    packet: u64,
}

impl Half {
    /// The place in the stream of a sequence number.
    fn place(&self, sequence: u32) -> Option<i64> {
        let (next, place) = self.next?;
        Some(place + i64::from(sequence.wrapping_sub(next) as i32))
    }

    fn place_of_next(&self) -> i64 {
        self.next.map_or(0, |(_, place)| place)
    }
}

fn index(side: Side) -> usize {
    match side {
        Side::Client => 0,
        Side::Broker => 1,
    }
}

impl Flow {
    pub(super) fn new(client: SocketAddr, broker: SocketAddr) -> Flow {
        Flow {
            client,
            broker,
            from_start: false,
            halves: [Half::default(), Half::default()],
            events: Vec::new(),
        }
    }

    /// Both ends, the client first.
    pub(super) fn ends(&self) -> String {
        format!("{} to {}", self.client, self.broker)
    }

    /// Whether a segment that begins a connection begins another one than this.
    pub(super) fn is_another(&self, segment: &Segment<'_>) -> bool {
        self.halves[index(self.side(segment))].first != Some(segment.sequence)
    }

    fn side(&self, segment: &Segment<'_>) -> Side {
        match segment.from == self.client {
            true => Side::Client,
            false => Side::Broker,
        }
    }

    pub(super) fn take(&mut self, segment: &Segment<'_>) {
        let side = self.side(segment);
        self.from_start |= segment.syn && !segment.ack_flag;
        let half = &mut self.halves[index(side)];
        // A SYN takes a number of its own.
        let begin = segment.sequence.wrapping_add(u32::from(segment.syn));
        half.first.get_or_insert(segment.sequence);
        half.next.get_or_insert((begin, 0));
        let Some(place) = half.place(begin) else {
            return;
        };
        if !segment.payload.is_empty() {
            let late = Late {
                octets: segment.payload.to_vec(),
                packet: segment.packet,
            };
            let longer = |known: &Late| known.octets.len() >= late.octets.len();
            if !half.waiting.get(&place).is_some_and(longer) {
                half.waiting.insert(place, late);
            }
        }
        if segment.fin {
            let end = place + segment.payload.len() as i64;
            half.end.get_or_insert((end, segment.packet, segment.at));
        }
        self.catch_up(side, segment);
        if segment.rst {
            self.over(side, segment.packet, segment.at);
        }
        if segment.ack_flag {
            self.acknowledge(side, segment);
        }
    }

    /// Hands out what is there without a gap.
    fn catch_up(&mut self, side: Side, segment: &Segment<'_>) {
        loop {
            let half = &mut self.halves[index(side)];
            let Some((sequence, next)) = half.next else {
                return;
            };
            let due = half
                .waiting
                .first_key_value()
                .filter(|(place, _)| **place <= next);
            let Some(place) = due.map(|(place, _)| *place) else {
                break;
            };
            let Some(late) = half.waiting.remove(&place) else {
                break;
            };
            let known = (next - place) as usize;
            let Some(fresh) = late.octets.get(known..).filter(|it| !it.is_empty()) else {
                continue;
            };
            let length = fresh.len();
            half.next = Some((sequence.wrapping_add(length as u32), next + length as i64));
            let event = Event {
                side,
                octets: Some(fresh.to_vec()),
                packet: segment.packet,
                at: segment.at,
                ends: self.ends(),
            };
            self.events.push(event);
        }
        let half = &mut self.halves[index(side)];
        // An end takes a number of its own.
        let there = half.place_of_next()
            + i64::from(
                half.end
                    .is_some_and(|(end, ..)| end <= half.place_of_next()),
            );
        if half.acknowledged <= there {
            half.unseen = None;
        }
        if let Some((end, ..)) = half.end
            && half.place_of_next() >= end
        {
            self.over(side, segment.packet, segment.at);
        }
    }

    fn over(&mut self, side: Side, packet: u64, at: Duration) {
        let half = &mut self.halves[index(side)];
        if !std::mem::replace(&mut half.over, true) {
            let event = Event {
                side,
                octets: None,
                packet,
                at,
                ends: self.ends(),
            };
            self.events.push(event);
        }
    }

    /// What a segment says about the other half.
    fn acknowledge(&mut self, side: Side, segment: &Segment<'_>) {
        let other = &mut self.halves[1 - index(side)];
        let Some(place) = other.place(segment.acknowledged) else {
            return;
        };
        other.acknowledged = other.acknowledged.max(place);
        let ended = other.end.is_some() || other.over;
        if other.acknowledged > other.place_of_next() + i64::from(ended) {
            other.unseen.get_or_insert(segment.packet);
        }
    }

    /// The first octets of a half.
    pub(super) fn begin(&self, side: Side) -> Vec<u8> {
        let mut octets = Vec::new();
        for event in self.events.iter().filter(|it| it.side == side) {
            octets.extend(event.octets.iter().flatten());
            if octets.len() >= 8 {
                break;
            }
        }
        octets
    }

    /// Takes the client for the broker, and the other way round.
    pub(super) fn swap(&mut self) {
        std::mem::swap(&mut self.client, &mut self.broker);
        let ends = self.ends();
        for event in &mut self.events {
            event.side = match event.side {
                Side::Client => Side::Broker,
                Side::Broker => Side::Client,
            };
            event.ends.clone_from(&ends);
        }
        self.halves.swap(0, 1);
    }

    /// Drops everything from the first packet on that comes behind octets which were not captured, and tells which
    /// packet that is.
    pub(super) fn cut_at_gap(&mut self) -> Option<u64> {
        let late = self.halves.iter().flat_map(|half| {
            half.waiting
                .iter()
                .filter(|(place, _)| **place > half.place_of_next())
                .map(|(_, late)| late.packet)
        });
        let unseen = self.halves.iter().filter_map(|half| half.unseen);
        let gap = late.chain(unseen).min()?;
        self.events.retain(|event| event.packet < gap);
        Some(gap)
    }

    pub(super) fn into_events(self) -> Vec<Event> {
        self.events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "127.0.0.1:40000";
    const BROKER: &str = "127.0.0.1:5672";

    /// A segment of the client's, whose first octet has the number just below where numbers begin again.
    fn segment(packet: u64, place: i64, payload: &[u8]) -> Segment<'static> {
        Segment {
            packet,
            at: Duration::from_millis(packet),
            from: CLIENT.parse().expect("an address"),
            to: BROKER.parse().expect("an address"),
            sequence: (i64::from(u32::MAX) - 3 + place) as u32,
            acknowledged: 0,
            syn: false,
            ack_flag: false,
            fin: false,
            rst: false,
            payload: payload.to_vec().into(),
        }
    }

    fn flow(segments: &[Segment<'_>]) -> Flow {
        let mut flow = Flow::new(
            CLIENT.parse().expect("an address"),
            BROKER.parse().expect("an address"),
        );
        let syn = Segment {
            syn: true,
            ..segment(1, -1, b"")
        };
        flow.take(&syn);
        segments.iter().for_each(|it| flow.take(it));
        flow
    }

    fn octets(flow: Flow) -> String {
        let all = flow.into_events().into_iter().flat_map(|it| it.octets);
        String::from_utf8(all.flatten().collect()).expect("text")
    }

    #[test]
    fn what_comes_twice_or_late_stands_once_and_in_its_place() {
        let mut flow = flow(&[
            segment(2, 0, b"AMQP"),
            segment(3, 8, b"ijkl"),
            segment(4, 0, b"AMQP"),
            segment(5, 2, b"QPefg"),
            segment(6, 6, b"ghij"),
            segment(7, 12, b"m"),
        ]);
        assert_eq!(flow.cut_at_gap(), None);
        assert_eq!(octets(flow), "AMQPefghijklm");
    }

    #[test]
    fn behind_octets_that_never_came_nothing_counts() {
        let mut flow = flow(&[segment(2, 0, b"AMQP"), segment(5, 8, b"ijkl")]);
        assert_eq!(flow.cut_at_gap(), Some(5));
        assert_eq!(octets(flow), "AMQP");
    }

    #[test]
    fn what_the_other_end_has_and_the_capture_has_not_is_a_gap() {
        let mut flow = flow(&[segment(2, 0, b"AMQP")]);
        let seen = segment(2, 9, b"").sequence;
        flow.take(&Segment {
            from: BROKER.parse().expect("an address"),
            to: CLIENT.parse().expect("an address"),
            ack_flag: true,
            acknowledged: seen,
            ..segment(7, 0, b"x")
        });
        assert_eq!(flow.cut_at_gap(), Some(7));
    }

    #[test]
    fn an_end_is_told_once_all_before_it_is_there() {
        let fin = Segment {
            fin: true,
            ..segment(2, 4, b"")
        };
        let flow = flow(&[fin, segment(3, 0, b"AMQP")]);
        let ends: Vec<(u64, bool)> = flow
            .into_events()
            .iter()
            .map(|it| (it.packet, it.octets.is_none()))
            .collect();
        assert_eq!(ends, [(3, false), (3, true)]);
    }
}
