//! The role cases against the reference broker in memory: an honest one passes, and one with a single fault in
//! thousands of messages is found out, with the fault named.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mqspec::dialect::amqp;
use mqspec::run::{Outcome, Verdict, drive_in_memory, exchange_in_memory};
use mqspec::suite::Suite;
use reference_broker::{Broker, Config};

/// A delivery on its way to a client: the method frame's payload and whatever content frames follow, as written.
#[derive(Debug, Clone)]
struct Delivery {
    /// Which of the case's connections it is for, in the order of their opening.
    connection: usize,
    channel: [u8; 2],
    method: Vec<u8>,
    content: Vec<Vec<u8>>,
}

impl Delivery {
    /// Where the delivery tag begins.
    fn tag(&self) -> usize {
        5 + usize::from(self.method[4])
    }

    fn number(&self) -> u64 {
        let octets = &self.method[self.tag()..self.tag() + 8];
        u64::from_be_bytes(octets.try_into().expect("eight octets"))
    }

    fn set_number(&mut self, number: u64) {
        let tag = self.tag();
        self.method[tag..tag + 8].copy_from_slice(&number.to_be_bytes());
    }

    fn redelivered(&mut self) -> &mut u8 {
        let place = self.tag() + 8;
        &mut self.method[place]
    }

    fn body(&self) -> String {
        let payloads = self.content[1..]
            .iter()
            .map(|frame| &frame[7..frame.len() - 1]);
        String::from_utf8_lossy(&payloads.collect::<Vec<_>>().concat()).into_owned()
    }

    fn octets(&self) -> Vec<u8> {
        let mut out = vec![1, self.channel[0], self.channel[1]];
        out.extend((self.method.len() as u32).to_be_bytes());
        out.extend(&self.method);
        out.push(0xCE);
        out.extend(self.content.concat());
        out
    }
}

/// What a faulty broker does with a delivery: what it sends instead.
type Fault<'a> = dyn FnMut(Delivery) -> Vec<Delivery> + 'a;

/// A connection's octets on their way to the client.
#[derive(Default)]
struct Stream {
    unread: Vec<u8>,
    /// A delivery whose content is not whole yet.
    pending: Option<(Delivery, usize)>,
}

impl Stream {
    fn next_frame(&mut self) -> Option<Vec<u8>> {
        let size = u32::from_be_bytes(self.unread.get(3..7)?.try_into().ok()?) as usize;
        let whole = size + 8;
        (self.unread.len() >= whole).then(|| self.unread.drain(..whole).collect())
    }

    fn rewrite(&mut self, connection: usize, octets: Vec<u8>, fault: &mut Fault<'_>) -> Vec<u8> {
        self.unread.extend(octets);
        let mut out = Vec::new();
        while let Some(frame) = self.next_frame() {
            let payload = frame[7..frame.len() - 1].to_vec();
            let (delivery, left) = match (self.pending.take(), frame[0]) {
                (Some((mut delivery, _)), 2) => {
                    let size = u64::from_be_bytes(payload[4..12].try_into().expect("a header"));
                    delivery.content.push(frame);
                    (delivery, size as usize)
                }
                (Some((mut delivery, left)), _) => {
                    delivery.content.push(frame);
                    (delivery, left - payload.len())
                }
                (None, 1) if payload.starts_with(&[0, 60, 0, 60]) => {
                    let content = Vec::new();
                    let method = payload;
                    let delivery = Delivery {
                        connection,
                        channel: [frame[1], frame[2]],
                        method,
                        content,
                    };
                    (delivery, usize::MAX)
                }
                (None, _) => {
                    out.extend(frame);
                    continue;
                }
            };
            if left > 0 {
                self.pending = Some((delivery, left));
                continue;
            }
            for delivery in fault(delivery) {
                out.extend(delivery.octets());
            }
        }
        out
    }
}

fn play(id: &str, fault: &mut Fault<'_>) -> Outcome {
    let suite = Suite::embedded(amqp::dialect()).expect("a suite");
    let (_, case) = suite.case(id).unwrap_or_else(|| panic!("no case {id}"));
    let mut exchange = exchange_in_memory(Arc::clone(case), amqp::dialect());
    let mut broker = Broker::new(Config::default());
    let mut now = Duration::ZERO;
    let mut streams: HashMap<usize, Stream> = HashMap::new();
    drive_in_memory(
        &mut exchange,
        &mut broker,
        &mut now,
        &mut |connection, octets| {
            let stream = streams.entry(connection).or_default();
            stream.rewrite(connection, octets, fault)
        },
    );
    exchange.into_outcome()
}

/// The finding of a case that must fail: what came and why.
fn found(id: &str, fault: &mut Fault<'_>) -> String {
    let outcome = play(id, fault);
    let finding = outcome.finding.unwrap_or_else(|| panic!("{id} passed"));
    assert_eq!(outcome.verdict, Verdict::Failed, "{id}: {finding:?}");
    format!("{}; {}", finding.came, finding.why)
}

#[test]
fn an_honest_broker_passes_every_role() {
    let suite = Suite::embedded(amqp::dialect()).expect("a suite");
    let roles = suite.cases.iter().filter(|(_, case)| {
        let optional = case
            .clauses
            .iter()
            .any(|clause| clause.value == "role.peak-shaving.limit");
        case.id.starts_with("roles.") && !optional
    });
    let mut count = 0;
    for (_, case) in roles {
        let outcome = play(&case.id, &mut |delivery| vec![delivery]);
        assert_eq!(
            outcome.verdict,
            Verdict::Passed,
            "{}: {:?}",
            case.id,
            outcome.finding
        );
        let lines = outcome.transcript.lines().count();
        assert!(lines < 500, "{}: {lines} lines of transcript", case.id);
        count += 1;
    }
    assert!(count > 15, "{count} role cases");
}

#[test]
fn one_lost_delivery_in_thousands_is_named() {
    for id in [
        "roles.decoupling/publisher-gone-before-any-consumer",
        "roles.ordering/one-publisher-one-consumer",
        "roles.buffering/burst-without-a-consumer",
        "roles.publish-subscribe/each-gets-all",
    ] {
        let found = found(id, &mut |delivery| match delivery.body() == "p-777" {
            true => Vec::new(),
            false => vec![delivery],
        });
        assert!(found.contains("(p-777"), "{id}: {found}");
        assert!(found.contains("lost="), "{id}: {found}");
    }
}

#[test]
fn each_hundredth_delivery_lost_is_counted_and_a_handful_is_named() {
    let mut count = 0;
    let found = found(
        "roles.ordering/one-publisher-one-consumer",
        &mut |delivery| {
            count += 1;
            match count % 100 {
                0 => Vec::new(),
                _ => vec![delivery],
            }
        },
    );
    let expected = "lost=50 (p-100, p-200, p-300, p-400, p-500, …)";
    assert!(found.contains(expected), "{found}");
}

#[test]
fn a_delivery_that_comes_twice_is_named() {
    let mut last = HashMap::new();
    let found = found(
        "roles.ordering/one-publisher-one-consumer",
        &mut |delivery| {
            let twice = delivery.body() == "p-777";
            let mut out = vec![delivery.clone()];
            out.extend(twice.then_some(delivery));
            // Numbered anew, so that nothing but the message itself gives it away.
            for delivery in &mut out {
                let number = last.entry(delivery.connection).or_insert(0);
                *number += 1;
                delivery.set_number(*number);
            }
            out
        },
    );
    assert!(found.contains("duplicated=1 (p-777 to c twice)"), "{found}");
}

/// Lets the content of the delivery that is `first` and of the next one change places.
fn behind_the_next(
    held: &mut Option<Delivery>,
    mut delivery: Delivery,
    first: bool,
) -> Vec<Delivery> {
    match held.take() {
        Some(mut before) => {
            std::mem::swap(&mut before.content, &mut delivery.content);
            vec![before, delivery]
        }
        None if first => {
            *held = Some(delivery);
            Vec::new()
        }
        None => vec![delivery],
    }
}

#[test]
fn two_deliveries_that_change_places_are_named() {
    for id in [
        "roles.decoupling/publisher-gone-before-any-consumer",
        "roles.ordering/one-publisher-one-consumer",
    ] {
        let mut held: Option<Delivery> = None;
        let found = found(id, &mut |delivery| {
            let first = delivery.body() == "p-777";
            behind_the_next(&mut held, delivery, first)
        });
        assert!(
            found.contains("reordered=1 (p-777 behind p-778)"),
            "{id}: {found}"
        );
    }
}

#[test]
fn a_message_that_reaches_another_queue_is_named() {
    let mut misled: Option<Delivery> = None;
    let mut shift = 0;
    let id = "roles.publish-subscribe/each-gets-what-it-chose";
    let found = found(id, &mut |mut delivery| {
        // The connections are opened in the order p, s1, s2, s3.
        if delivery.connection == 3 && delivery.body() == "sport-7" {
            misled = Some(delivery.clone());
        }
        if delivery.connection != 1 {
            return vec![delivery];
        }
        let number = delivery.number();
        delivery.set_number(number + shift);
        let mut out = vec![delivery.clone()];
        if let Some(Delivery { content, .. }) = misled.take() {
            shift = 1;
            let mut wrong = Delivery {
                content,
                ..delivery
            };
            wrong.set_number(number + shift);
            out.push(wrong);
        }
        out
    });
    assert!(found.contains("(sport-7"), "{found}");
}

#[test]
fn an_octet_that_changes_is_named() {
    let id = "roles.buffering/consumer-that-reads-nothing-for-a-while";
    let mut count = 0;
    let found = found(id, &mut |mut delivery| {
        count += 1;
        if count == 1000
            && let Some(body) = delivery.content.last_mut()
        {
            let middle = body.len() / 2;
            body[middle] ^= 1;
        }
        vec![delivery]
    });
    assert!(found.contains("altered=1 (p-"), "{found}");
}

#[test]
fn a_second_delivery_without_its_mark_is_named() {
    let id = "roles.recovery/cut-before-acknowledging";
    let found = found(id, &mut |mut delivery| {
        if delivery.body() == "p-500" {
            *delivery.redelivered() = 0;
        }
        vec![delivery]
    });
    assert!(found.contains("unmarked=1 (p-500)"), "{found}");
}

#[test]
fn a_message_that_comes_back_in_another_place_is_named() {
    let id = "roles.ordering/given-back-in-one-go";
    let mut held: Option<Delivery> = None;
    let found = found(id, &mut |mut delivery| {
        let first = *delivery.redelivered() == 1 && delivery.body() == "p-250";
        behind_the_next(&mut held, delivery, first)
    });
    assert!(
        found.contains("displaced=1 (p-250 behind p-251)"),
        "{found}"
    );
}
