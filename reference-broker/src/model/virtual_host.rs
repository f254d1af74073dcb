//! Everything that one virtual host holds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mqspec_codec::ShortStr;

use super::Refusal;
use super::account::{Account, Charge};
use super::consumer::{Consumer, ConsumerId};
use super::exchange::{Exchange, standard_exchanges};
use super::queue::{Queue, QueueId};
use super::session::{Owner, Sessions};
use crate::{Limits, NameRule};

/// What anything costs beside its octets: an estimate, so that many small things are not free.
const COST: u64 = 256;

/// A consumer that has lost its queue, and whose it was.
#[derive(Debug)]
pub(crate) struct Cancelled {
    pub(crate) owner: Owner,
    pub(crate) label: u16,
    pub(crate) consumer_tag: ShortStr,
}

/// Exchanges, queues and conversations that know nothing of any other virtual host's
/// (`connection.open.virtual-host.separation`).
#[derive(Debug)]
pub(crate) struct VirtualHost {
    pub(super) names: NameRule,
    pub(super) limits: Limits,
    pub(super) exchanges: BTreeMap<ShortStr, Exchange>,
    pub(super) binding_count: usize,
    pub(super) queues: BTreeMap<QueueId, Queue>,
    pub(super) queue_ids: BTreeMap<ShortStr, QueueId>,
    pub(super) sessions: Sessions,
    pub(super) consumers: BTreeMap<ConsumerId, Consumer>,
    /// Owners who do not keep up with what they are sent.
    pub(super) congested: BTreeSet<Owner>,
    /// Queues that may have something for somebody, in the order in which they are asked.
    pub(super) awake: VecDeque<QueueId>,
    /// Consumers that lost their queue, until somebody tells them.
    pub(super) cancelled: Vec<Cancelled>,
    pub(super) stored: Account,
    last_number: u64,
}

impl VirtualHost {
    /// A virtual host with the standard exchanges and nothing else.
    pub(crate) fn new(names: NameRule, limits: Limits) -> Self {
        Self {
            names,
            limits,
            exchanges: standard_exchanges(),
            binding_count: 0,
            queues: BTreeMap::new(),
            queue_ids: BTreeMap::new(),
            sessions: Sessions::default(),
            consumers: BTreeMap::new(),
            congested: BTreeSet::new(),
            awake: VecDeque::new(),
            cancelled: Vec::new(),
            stored: Account::default(),
            last_number: 0,
        }
    }

    /// The consumers that have lost their queue since the last call.
    pub(crate) fn take_cancelled(&mut self) -> Vec<Cancelled> {
        std::mem::take(&mut self.cancelled)
    }

    /// Counts octets that something new is going to take, unless there is no room for more.
    pub(super) fn hold(&self, octets: usize) -> Result<Charge, Refusal> {
        if self.stored.octets() >= self.limits.stored {
            return Err(Refusal::Full("octets"));
        }
        Ok(self.stored.charge(octets as u64 + COST))
    }

    /// A number that was not given out before. All names that the broker invents come from here, so
    /// that the same exchange always reads the same.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }
}
