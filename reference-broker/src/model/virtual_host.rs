//! Everything that one virtual host holds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mqspec_codec::ShortStr;

use super::account::Account;
use super::consumer::{Consumer, ConsumerId};
use super::exchange::{Exchange, standard_exchanges};
use super::queue::{Queue, QueueId};
use super::session::{Owner, SessionId, Sessions};
use crate::{Limits, NameRule};

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
    pub(super) cancelled: Vec<(SessionId, ShortStr)>,
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

    /// The consumers that have lost their queue since the last call, by session and tag.
    pub(crate) fn take_cancelled(&mut self) -> Vec<(SessionId, ShortStr)> {
        std::mem::take(&mut self.cancelled)
    }

    /// A number that was not given out before. All names that the broker invents come from here, so
    /// that the same exchange always reads the same.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }
}
