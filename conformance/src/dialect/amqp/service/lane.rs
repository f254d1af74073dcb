//! What is delivered, confirmed and returned on one channel.

use std::collections::{BTreeMap, HashMap};

use super::super::super::{Found, Overheard, Passed, Side};
use super::{flag, found, number, octets};

/// The channels of an exchange.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    channels: HashMap<(usize, u16), Channel>,
}

#[derive(Debug, Default)]
struct Channel {
    /// The tag of the last delivery; none where it is not known.
    last_tag: Option<i128>,
    confirms: bool,
    /// How many messages were published since the channel confirms.
    published: i128,
    /// Those that were not confirmed yet: their numbers, and the place of each.
    unconfirmed: BTreeMap<i128, usize>,
    /// What may come back: the place of each publish, and its number among those to be confirmed.
    returnable: Vec<(usize, i128)>,
    /// Every prefetch count that was asked for, in order.
    prefetches: Vec<i128>,
    consumers: HashMap<Vec<u8>, Consumer>,
    /// What consumers hold: the consumer of each tag.
    held: BTreeMap<i128, Vec<u8>>,
}

#[derive(Debug, Default)]
struct Consumer {
    no_ack: bool,
    /// How many prefetch counts had been asked for when it began.
    after: usize,
}

impl Lanes {
    pub(super) fn judge(exchange: &[Passed]) -> Vec<Found> {
        let mut lanes = Lanes::default();
        let mut all = Vec::new();
        for (place, Passed { connection, said }) in exchange.iter().enumerate() {
            let channel = lanes
                .channels
                .entry((*connection, said.stream))
                .or_default();
            match said.side {
                Side::Client => channel.client(place, said),
                Side::Broker => all.extend(channel.broker(place, said, exchange)),
            }
        }
        all
    }
}

impl Channel {
    fn client(&mut self, place: usize, said: &Overheard) {
        match said.command.as_str() {
            "channel.open" => {
                *self = Channel {
                    last_tag: Some(0),
                    ..Channel::default()
                }
            }
            "confirm.select" => self.confirms = true,
            "basic.publish" => {
                let mut sequence = 0;
                if self.confirms {
                    self.published += 1;
                    sequence = self.published;
                    self.unconfirmed.insert(sequence, place);
                }
                if flag(said, "mandatory") || flag(said, "immediate") {
                    self.returnable.push((place, sequence));
                }
            }
            "basic.qos" => self.prefetches.push(number(said, "prefetch-count")),
            "basic.consume" => {
                let consumer = Consumer {
                    no_ack: flag(said, "no-ack"),
                    after: self.prefetches.len(),
                };
                let tag = octets(said, "consumer-tag").to_vec();
                // Those whose tags the broker makes up are not told apart.
                let known = self.consumers.get(&tag).filter(|_| tag.is_empty());
                let consumer = match known {
                    Some(other) => Consumer {
                        no_ack: consumer.no_ack || other.no_ack,
                        after: consumer.after.min(other.after),
                    },
                    None => consumer,
                };
                self.consumers.insert(tag, consumer);
            }
            "basic.ack" | "basic.nack" | "basic.reject" => {
                let tag = number(said, "delivery-tag");
                match flag(said, "multiple") {
                    true if tag == 0 => self.held.clear(),
                    true => self.held = self.held.split_off(&(tag + 1)),
                    false => drop(self.held.remove(&tag)),
                }
            }
            "basic.recover" | "basic.recover-async" => self.held.clear(),
            _ => {}
        }
    }

    fn broker(&mut self, place: usize, said: &Overheard, exchange: &[Passed]) -> Vec<Found> {
        match said.command.as_str() {
            "basic.deliver" => {
                let mut all: Vec<Found> = self.next_tag(place, said).into_iter().collect();
                all.extend(self.hand_over(place, said));
                all
            }
            "basic.get-ok" => self.next_tag(place, said).into_iter().collect(),
            "basic.ack" | "basic.nack" => self.confirmed(place, said).into_iter().collect(),
            "basic.return" => self.returned(place, said, exchange).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn next_tag(&mut self, place: usize, said: &Overheard) -> Option<Found> {
        said.field("delivery-tag")?;
        let tag = number(said, "delivery-tag");
        let last = self.last_tag.replace(tag)?;
        // A tag that does not rise at all is seen by the witness of every command.
        (tag > last + 1).then(|| {
            let missing = match tag - last {
                2 => format!("delivery {} never came", last + 1),
                _ => format!("deliveries {} to {} never came", last + 1, tag - 1),
            };
            let what = format!("delivery tag {tag} follows {last}: {missing}");
            let mut fault = found(place, "DOC-18", what);
            fault.acceptable = vec![format!("{} delivery-tag={}", said.command, last + 1)];
            fault
        })
    }

    /// Whether the consumer may have one more.
    fn hand_over(&mut self, place: usize, said: &Overheard) -> Option<Found> {
        let tag = octets(said, "consumer-tag");
        // A consumer whose tag the broker made up.
        let key = match self.consumers.contains_key(tag) {
            true => tag,
            false => &[],
        };
        let consumer = self.consumers.get(key)?;
        if consumer.no_ack {
            return None;
        }
        let delivery = number(said, "delivery-tag");
        self.held.insert(delivery, tag.to_vec());
        // One reading limits each consumer by what was asked before it, the other the channel by what was asked last.
        let from = consumer.after.checked_sub(1)?;
        let window = &self.prefetches[from..];
        let most = window
            .iter()
            .copied()
            .max()
            .filter(|_| !window.contains(&0))?;
        let has = self.held.values().filter(|it| it.as_slice() == tag).count();
        (has as i128 > most).then(|| {
            let what = format!(
                "consumer `{}` holds {has} deliveries, and at most {most} were asked for",
                String::from_utf8_lossy(tag)
            );
            found(place, "basic.qos.prefetch-count.01", what)
        })
    }

    fn confirmed(&mut self, place: usize, said: &Overheard) -> Option<Found> {
        let clause = "confirm.all-messages-acknowledged";
        let tag = number(said, "delivery-tag");
        let name = &said.command;
        if !self.confirms {
            let what = format!("{name} comes on a channel that does not confirm");
            return Some(found(place, clause, what));
        }
        if tag > self.published {
            let what = format!(
                "{name} speaks of message {tag}, and {} were published on this channel",
                self.published
            );
            return Some(found(place, clause, what));
        }
        if flag(said, "multiple") {
            let later = match tag {
                0 => BTreeMap::new(),
                tag => self.unconfirmed.split_off(&(tag + 1)),
            };
            self.unconfirmed = later;
            return None;
        }
        if self.unconfirmed.remove(&tag).is_some() {
            return None;
        }
        let what = format!("message {tag} is confirmed a second time");
        let mut fault = found(place, clause, what);
        let next = self.unconfirmed.keys().next();
        fault.acceptable = next
            .map(|it| format!("{name} delivery-tag={it}"))
            .into_iter()
            .collect();
        Some(fault)
    }

    /// Whether what comes back was published here.
    fn returned(&mut self, place: usize, said: &Overheard, exchange: &[Passed]) -> Option<Found> {
        let same = |(published, _): &(usize, i128)| {
            let publish = &exchange[*published].said;
            ["exchange", "routing-key", "body"].iter().all(|name| {
                said.field(name).is_none() || octets(publish, name) == octets(said, name)
            })
        };
        let alike: Vec<usize> = (0..self.returnable.len())
            .filter(|at| same(&self.returnable[*at]))
            .collect();
        let unconfirmed = |at: &&usize| {
            let (_, sequence) = self.returnable[**at];
            sequence == 0 || self.unconfirmed.contains_key(&sequence)
        };
        if let Some(at) = alike.iter().find(unconfirmed) {
            self.returnable.remove(*at);
            return None;
        }
        let Some(at) = alike.first() else {
            let what = "nothing like it was published on this channel as mandatory or immediate";
            return Some(found(place, "DOC-16", what));
        };
        let (_, sequence) = self.returnable.remove(*at);
        let what = format!("message {sequence} comes back after it was confirmed");
        Some(found(place, "confirm.unroutable-messages", what))
    }
}
