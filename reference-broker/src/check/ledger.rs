//! What became of each message, as far as that follows from what was said on the wire.
//!
//! A *copy* is one message in one queue: it is in one place at a time. What cannot be known (a queue that drops
//! messages by itself, a change that may not have been stored) is in doubt, and nothing is asserted of it.

use std::time::Duration;

use bytes::Bytes;
use mqspec_codec::BasicProperties;

use super::names::{self, Exchange, KINDS};
use crate::ConnectionId;

/// A message by its number, in the order in which they were published.
pub(super) type MessageId = u32;

/// What was published.
#[derive(Debug)]
pub(super) struct Message {
    /// The queues that it was sent to by name.
    pub(super) targets: [Option<usize>; 2],
    /// Whether bindings decide where it goes.
    pub(super) is_routed: bool,
    pub(super) size: usize,
    pub(super) properties: BasicProperties,
    pub(super) persistent: bool,
    pub(super) mandatory: bool,
    /// Which broker it came to, and on which connection.
    pub(super) publisher: (u32, ConnectionId),
    pub(super) priority: u8,
    /// How long it may wait in any queue.
    pub(super) time_to_live: Option<Duration>,
    /// Whether the broker is known to have it.
    pub(super) is_taken: bool,
    /// Whether it has come back to its publisher.
    pub(super) is_returned: bool,
    /// Whether a queue that it goes to has no room for it.
    pub(super) is_too_large: bool,
    /// Whether it may not be seen by anybody: its transaction was not committed.
    pub(super) withdrawn: bool,
    /// When it was published.
    pub(super) step: u32,
}

/// Where a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Held,
    /// Settled, or dropped for a reason.
    Done,
    Doubt,
}

/// Whether somebody has had a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    No,
    Yes,
    Perhaps,
}

#[derive(Debug)]
struct Copy {
    message: MessageId,
    rank: u8,
    state: State,
    seen: Seen,
    /// The batch of changes that says that somebody has had it, and may not have settled it.
    marked: Option<u32>,
    /// The step in which it came into this state.
    since: u32,
    /// Which of the queues of the name it is in: the queue's generation when it was known last.
    generation: u32,
    /// The batch of changes that its record is in.
    batch: u32,
    /// Whether the batch is known and not only guessed.
    is_batch_sure: bool,
    /// Whether it stands where its number says.
    is_placed: bool,
    /// Whether not everybody may have it.
    is_claimed: bool,
    /// After when it may not be delivered, if that is known.
    expiry: Option<Duration>,
}

impl Copy {
    fn place(&self) -> (u8, MessageId) {
        (self.rank, self.message)
    }
}

/// Whether a queue is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exists {
    Yes,
    No,
    Perhaps,
}

/// What is known of a queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) exists: Exists,
    /// The batch of changes that says so, if it is one of this broker's.
    batch: Option<u32>,
    copies: Vec<Copy>,
    waiting: usize,
    /// How often a queue of this name has gone, or may have.
    pub(super) generation: u32,
    /// Whether it may hold more than the copies that are known.
    pub(super) may_hold_more: bool,
    /// Whether it may be other than its kind.
    pub(super) is_odd: bool,
    /// Whether a consumer of it may not want some of its messages.
    pub(super) is_choosy: bool,
    /// Whether anybody ever wanted it for themselves.
    pub(super) is_fought_over: bool,
    /// The connection that it is exclusive to, while that is certain.
    pub(super) owner: Option<ConnectionId>,
}

/// What a count of messages has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) least: u32,
    pub(super) most: u32,
}

impl Count {
    pub(super) const ANY: Self = Self {
        least: 0,
        most: u32::MAX,
    };

    pub(super) fn check(self, count: u32, what: &str) {
        assert!(
            (self.least..=self.most).contains(&count),
            "{what} says {count} messages, where there are {} to {}",
            self.least,
            self.most
        );
    }

    /// One message less.
    pub(super) fn without_one(self) -> Self {
        Self {
            least: self.least.saturating_sub(1),
            most: self.most.saturating_sub(u32::from(self.most < u32::MAX)),
        }
    }
}

/// A message on its way to a client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivered {
    pub(super) message: MessageId,
    pub(super) redelivered: bool,
    pub(super) no_ack: bool,
    /// Whether the client asked for it.
    pub(super) fetched: bool,
    /// Whether it belongs to a conversation that has ended meanwhile.
    pub(super) too_late: bool,
}

/// What has happened to all messages.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) queues: [Queue; KINDS.len()],
    pub(super) messages: Vec<Message>,
    /// The exchanges that may have been declared.
    pub(super) exchanges: Vec<Exchange>,
    pub(super) step: u32,
    pub(super) now: Duration,
    /// How many brokers there were before this one.
    pub(super) restarts: u32,
    /// Messages that were rejected and have to be among the dead letters.
    died: Vec<MessageId>,
    /// Whether everything that the broker has done has been seen.
    pub(super) is_clear: bool,
    /// The last step after which it had not been.
    blurred_at: u32,
    /// Whether somebody's channel or connection has been closed in this step.
    pub(super) has_closed: bool,
    pub(super) stores: bool,
    /// Batches of changes that were taken, and those that were written.
    pub(super) taken: u32,
    pub(super) written: u32,
    /// Whether nothing is known any more.
    pub(super) is_lost: bool,
    /// Whether the default exchange may lead elsewhere than to the queue of the name.
    pub(super) default_is_bound: bool,
    /// Whether there may be bindings that nobody undoes.
    pub(super) has_lasting_bindings: bool,
    /// What was delivered in this step though somebody has it or has settled it, if nobody loses a channel in it.
    suspects: Vec<(usize, MessageId, State)>,
    /// What consumers were delivered in this step.
    dealt: Vec<(usize, (u8, MessageId))>,
}

impl Ledger {
    pub(super) fn new(stores: bool) -> Self {
        Self {
            queues: std::array::from_fn(|kind| Queue {
                exists: Exists::No,
                batch: None,
                copies: Vec::new(),
                waiting: 0,
                generation: 0,
                may_hold_more: kind == names::DEAD,
                is_odd: false,
                is_choosy: false,
                is_fought_over: false,
                owner: None,
            }),
            messages: Vec::new(),
            exchanges: Vec::new(),
            step: 1,
            now: Duration::ZERO,
            restarts: 0,
            died: Vec::new(),
            is_clear: true,
            blurred_at: 0,
            has_closed: false,
            stores,
            taken: 0,
            written: 0,
            is_lost: false,
            default_is_bound: false,
            has_lasting_bindings: false,
            suspects: Vec::new(),
            dealt: Vec::new(),
        }
    }

    fn expires(&self, copy: &Copy) -> bool {
        self.messages[copy.message as usize].time_to_live.is_some()
    }

    /// A message has been rejected: it goes to the dead letters, if its queue says so and they have a place.
    pub(super) fn bury(&mut self, kind: usize, message: MessageId) {
        let dead = names::DEAD;
        if names::buries(kind)
            && self.is_steady(kind)
            && self.is_steady(dead)
            && self.state(kind, message) == Some(State::Held)
            && self.queues[kind].exists == Exists::Yes
            && self.queues[dead].exists == Exists::Yes
        {
            self.died.push(message);
        }
    }

    /// A dead letter has been seen.
    pub(super) fn exhume(&mut self, message: MessageId) {
        self.died.retain(|its| *its != message);
    }

    /// Every message that had to be among the dead letters has been seen there.
    pub(super) fn check_dead(&self) {
        assert!(
            self.died.is_empty() || self.is_lost,
            "messages {:?} are not among the dead letters",
            self.died
        );
    }

    /// Whether what a queue holds is known for as long as nobody interferes.
    pub(super) fn is_steady(&self, kind: usize) -> bool {
        KINDS[kind].steady && self.is_lasting(kind)
    }

    /// Whether a queue is there until somebody deletes it.
    pub(super) fn is_lasting(&self, kind: usize) -> bool {
        KINDS[kind].lasting && !self.queues[kind].is_odd && !self.is_lost
    }

    /// Whether a lasting queue is there, as far as that is certain now.
    pub(super) fn exists(&self, kind: usize) -> Exists {
        if self.is_lasting(kind) && self.is_clear {
            self.queues[kind].exists
        } else {
            Exists::Perhaps
        }
    }

    /// Whether any queue of a kind is there, which it is not where none was declared.
    pub(super) fn is_left(&self, kind: usize) -> Exists {
        match self.queues[kind].exists {
            Exists::No => Exists::No,
            _ => self.exists(kind),
        }
    }

    /// The connection that a queue is exclusive to, as far as that is certain now.
    pub(super) fn owner(&self, kind: usize) -> Option<ConnectionId> {
        let queue = &self.queues[kind];
        let is_certain = self.is_clear && !self.is_lost && !queue.is_odd;
        queue.owner.filter(|_| is_certain)
    }

    /// A connection may be gone, and what is exclusive to it.
    pub(super) fn release(&mut self, owner: ConnectionId) {
        for queue in &mut self.queues {
            queue.owner.take_if(|its| *its == owner);
        }
    }

    /// How many messages wait in a queue.
    pub(super) fn count(&self, kind: usize) -> Count {
        if !self.is_steady(kind) || !self.is_clear {
            return match names::max_length(kind) {
                Some(most) if !self.is_lost && !self.queues[kind].is_odd => {
                    Count { least: 0, most }
                }
                _ => Count::ANY,
            };
        }
        let queue = &self.queues[kind];
        let in_state = |state| queue.copies.iter().filter(|it| it.state == state).count() as u32;
        let least = queue
            .copies
            .iter()
            .filter(|it| it.state == State::Waiting && !self.expires(it))
            .count() as u32;
        let dead = match kind {
            names::DEAD => self.died.len() as u32,
            _ => 0,
        };
        Count {
            least: least + dead,
            most: match queue.may_hold_more {
                true => u32::MAX,
                false => in_state(State::Waiting) + in_state(State::Doubt),
            },
        }
    }

    /// A message is in a queue, or perhaps.
    pub(super) fn put(
        &mut self,
        kind: usize,
        message: MessageId,
        certain: bool,
        is_batch_sure: bool,
    ) {
        let sent = &self.messages[message as usize];
        let queue = &mut self.queues[kind];
        let at = queue.copies.partition_point(|it| it.message < message);
        // It was seen there before the broker was known to have it.
        if queue.copies.get(at).is_some_and(|it| it.message == message) {
            return;
        }
        let state = match certain {
            true => State::Waiting,
            false => State::Doubt,
        };
        queue.waiting += usize::from(certain);
        let lives = [sent.time_to_live, names::time_to_live(kind)];
        let shortest = lives.into_iter().flatten().min();
        let copy = Copy {
            message,
            expiry: shortest
                .filter(|_| is_batch_sure && !queue.is_odd)
                .map(|time| self.now + time),
            rank: names::rank(kind, sent.priority),
            state,
            seen: Seen::No,
            marked: None,
            since: self.step,
            generation: queue.generation,
            batch: self.taken,
            is_batch_sure,
            // Those that were held up together come in any order.
            is_placed: certain && at == queue.copies.len(),
            is_claimed: false,
        };
        queue.copies.insert(at, copy);
    }

    /// Somebody has been given a message out of a queue.
    pub(super) fn deliver(&mut self, kind: usize, it: Delivered) {
        if self.is_lost {
            return;
        }
        let id = it.message;
        let sent = &self.messages[id as usize];
        let name = KINDS[kind].name;
        assert!(
            !sent.withdrawn,
            "message {id} comes out of '{name}' though its transaction was not committed"
        );
        let queue = &mut self.queues[kind];
        let at = match queue.copies.binary_search_by_key(&id, |copy| copy.message) {
            Ok(at) => at,
            Err(at) => {
                assert!(
                    sent.is_routed || self.default_is_bound || !sent.is_taken,
                    "message {id} comes out of '{name}', where nothing leads it"
                );
                let copy = Copy {
                    message: id,
                    expiry: None,
                    rank: names::rank(kind, sent.priority),
                    state: State::Doubt,
                    seen: Seen::No,
                    marked: None,
                    since: sent.step,
                    generation: u32::MAX,
                    batch: u32::MAX,
                    is_batch_sure: false,
                    is_placed: false,
                    is_claimed: false,
                };
                queue.copies.insert(at, copy);
                at
            }
        };
        let copy = &mut queue.copies[at];
        let was_clear = self.blurred_at < sent.step;
        if it.redelivered {
            assert!(
                copy.seen != Seen::No || !was_clear,
                "message {id} of '{name}' is marked redelivered, and nobody has had it before"
            );
        } else {
            assert!(
                copy.seen != Seen::Yes || !self.is_clear,
                "message {id} of '{name}' is not marked redelivered, and somebody has had it before"
            );
        }
        copy.seen = Seen::Yes;
        if !it.no_ack {
            copy.marked.get_or_insert(self.taken);
        }
        let expiry = copy.expiry;
        // With the conversation it went back, unless nobody was to settle it.
        if it.too_late && !it.no_ack {
            return;
        }
        // Who had it before may hear only later in this step that they have lost it.
        let is_elsewhere = matches!(copy.state, State::Held | State::Done);
        if is_elsewhere && copy.since > self.blurred_at && self.is_clear {
            self.suspects.push((kind, id, copy.state));
        }
        queue.waiting -= usize::from(copy.state == State::Waiting);
        copy.state = match (copy.state, it.no_ack) {
            (State::Held | State::Done, _) => State::Doubt,
            (_, true) => State::Done,
            // It may have been settled with all others before it was seen.
            (State::Doubt, false) if !self.is_clear => State::Doubt,
            (_, false) => State::Held,
        };
        copy.since = self.step;
        if self.is_clear {
            copy.generation = queue.generation;
        }
        // A copy that is gone is so from this batch on.
        copy.batch = match copy.state {
            State::Done => self.taken,
            _ => copy.batch,
        };
        // Behind a message that is not for everybody one may be delivered that has expired.
        if let Some(expiry) = expiry
            && !queue.is_choosy
            && !queue.copies.iter().any(|copy| copy.is_claimed)
        {
            assert!(
                self.now <= expiry || !self.is_clear,
                "message {id} of '{name}' is delivered after its time"
            );
        }
        let copy = &queue.copies[at];
        if copy.is_placed {
            let place = copy.place();
            if it.fetched {
                self.check_order(kind, place, true);
            } else if !self.queues[kind].is_choosy {
                self.dealt.push((kind, place));
            }
        }
    }

    /// What was delivered out of a queue came before everything that waits there.
    fn check_order(&self, kind: usize, place: (u8, MessageId), fetched: bool) {
        if !self.is_steady(kind) || !self.is_clear {
            return;
        }
        let passed_over = self.queues[kind].copies.iter().find(|copy| {
            copy.state == State::Waiting
                && copy.is_placed
                && copy.since < self.step
                && (fetched || !copy.is_claimed)
                && copy.place() < place
                && !self.expires(copy)
        });
        if let Some(copy) = passed_over {
            panic!(
                "message {} of '{}' is delivered, and message {} that comes before it is passed over",
                place.1, KINDS[kind].name, copy.message
            );
        }
    }

    /// Where the copy of a message in a queue is, if there is one.
    pub(super) fn state(&self, kind: usize, message: MessageId) -> Option<State> {
        let copies = &self.queues[kind].copies;
        let at = copies
            .binary_search_by_key(&message, |it| it.message)
            .ok()?;
        Some(copies[at].state)
    }

    /// A copy has come into another state.
    pub(super) fn set(&mut self, kind: usize, message: MessageId, state: State, claimed: bool) {
        let step = self.step;
        let taken = self.taken;
        let queue = &mut self.queues[kind];
        if let Ok(at) = queue.copies.binary_search_by_key(&message, |it| it.message) {
            let copy = &mut queue.copies[at];
            copy.is_claimed |= claimed;
            // What is in doubt, or gone with its queue, stays so.
            if matches!(copy.state, State::Doubt | State::Done) {
                return;
            }
            queue.waiting -= usize::from(copy.state == State::Waiting);
            copy.state = match (state, queue.exists) {
                (State::Waiting, Exists::No) => State::Done,
                (State::Waiting, Exists::Perhaps) => State::Doubt,
                // Perhaps it was another queue that is gone.
                (State::Waiting, _) if copy.generation != queue.generation => State::Doubt,
                (state, _) => state,
            };
            queue.waiting += usize::from(copy.state == State::Waiting);
            copy.since = step;
            if copy.state == State::Done {
                copy.batch = taken;
            }
        }
    }

    /// Everything that waits in a queue comes into another state.
    pub(super) fn set_waiting(&mut self, kind: usize, state: State) {
        let (step, taken) = (self.step, self.taken);
        if kind == names::DEAD {
            self.died.clear();
        }
        let queue = &mut self.queues[kind];
        for copy in &mut queue.copies {
            if copy.state == State::Waiting {
                copy.state = state;
                copy.since = step;
                copy.batch = taken;
            }
        }
        queue.waiting = 0;
    }

    /// What waits in a queue has been dropped, or perhaps some of it is still on its way to somebody.
    pub(super) fn drop_waiting(&mut self, kind: usize, certain: bool) {
        if certain && self.is_clear {
            return self.set_waiting(kind, State::Done);
        }
        self.set_waiting(kind, State::Doubt);
        self.doubt_held(kind);
    }

    /// What is held may have come back before the ledger hears of it.
    fn doubt_held(&mut self, kind: usize) {
        for copy in &mut self.queues[kind].copies {
            if copy.state == State::Held {
                copy.state = State::Doubt;
            }
        }
    }

    pub(super) fn set_exists(&mut self, kind: usize, exists: Exists) {
        let queue = &mut self.queues[kind];
        if queue.exists != exists {
            queue.exists = exists;
            queue.batch = Some(self.taken);
        }
    }

    /// A queue has been deleted. What was delivered out of it and comes back is gone.
    pub(super) fn delete(&mut self, kind: usize) {
        self.drop_waiting(kind, true);
        self.set_exists(kind, Exists::No);
        self.queues[kind].generation += 1;
        // Another queue of the name may come before what is held comes back.
        self.doubt_held(kind);
    }

    /// Nothing is known of a queue any more, but what is held and what is gone.
    pub(super) fn blur_queue(&mut self, kind: usize) {
        self.set_waiting(kind, State::Doubt);
        self.queues[kind].generation += 1;
        if self.queues[kind].exists == Exists::Yes {
            self.set_exists(kind, Exists::Perhaps);
        }
    }

    /// A message has been confirmed: there was room for it, and where it has to survive it does.
    pub(super) fn check_confirmed(&self, message: MessageId) {
        let sent = &self.messages[message as usize];
        assert!(
            !sent.is_too_large || self.is_lost,
            "message {message} is confirmed, and too large for a queue that it goes to"
        );
        if !self.stores || !sent.persistent || self.is_lost {
            return;
        }
        for (kind, queue) in self.queues.iter().enumerate() {
            if !KINDS[kind].durable || queue.is_odd || queue.exists != Exists::Yes {
                continue;
            }
            let Ok(at) = queue.copies.binary_search_by_key(&message, |it| it.message) else {
                continue;
            };
            let copy = &queue.copies[at];
            let has_to = KINDS[kind].steady
                && copy.is_batch_sure
                && matches!(copy.state, State::Waiting | State::Held);
            assert!(
                !has_to || copy.batch < self.written,
                "message {message} is confirmed before '{}' has it in the store",
                KINDS[kind].name
            );
        }
    }

    /// How many copies wait in a queue for anybody who would take them.
    pub(super) fn first_unclaimed(&self, kind: usize) -> Option<MessageId> {
        let queue = &self.queues[kind];
        if queue.waiting == 0 || queue.is_choosy || queue.exists != Exists::Yes {
            return None;
        }
        queue
            .copies
            .iter()
            .find(|it| it.state == State::Waiting && !it.is_claimed && !self.expires(it))
            .map(|it| it.message)
    }

    /// The broker is gone, and another one goes on from the store.
    pub(super) fn restart(&mut self) {
        self.blurred_at = self.step;
        self.restarts += 1;
        self.died.clear();
        let (stores, written) = (self.stores, self.written);
        for (kind, queue) in self.queues.iter_mut().enumerate() {
            let survives = stores && (KINDS[kind].durable || queue.is_odd);
            let is_stored = queue.batch.take().is_none_or(|batch| batch < written);
            queue.is_choosy = false;
            queue.is_fought_over = false;
            queue.exists = match queue.exists {
                _ if !survives => Exists::No,
                // Perhaps it never became what it was declared to be.
                exists if is_stored && !queue.is_odd => exists,
                _ => Exists::Perhaps,
            };
            queue.waiting = 0;
            for copy in &mut queue.copies {
                let persistent = self.messages[copy.message as usize].persistent;
                copy.state = match copy.state {
                    _ if !survives || !persistent => State::Done,
                    State::Done if copy.batch < written => State::Done,
                    State::Held if copy.generation != queue.generation => State::Doubt,
                    State::Waiting | State::Held
                        if copy.batch < written && queue.exists == Exists::Yes =>
                    {
                        State::Waiting
                    }
                    _ => State::Doubt,
                };
                queue.waiting += usize::from(copy.state == State::Waiting);
                copy.is_claimed = false;
                copy.since = self.step;
                // Otherwise it is as if nobody had had it.
                copy.marked.take_if(|batch| *batch >= written);
                if copy.seen == Seen::Yes && copy.marked.is_none() {
                    copy.seen = Seen::Perhaps;
                }
            }
        }
    }

    /// A step is over.
    pub(super) fn end_step(&mut self, is_clear: bool) {
        let was_clear = std::mem::replace(&mut self.is_clear, is_clear);
        if !is_clear {
            self.blurred_at = self.step;
        }
        for (kind, id, state) in self.suspects.drain(..) {
            assert!(
                self.has_closed || !is_clear,
                "message {id} of '{}' is delivered, which is {state:?} already",
                KINDS[kind].name
            );
        }
        let mut dealt = std::mem::take(&mut self.dealt);
        // What is heard at last may have been sent before what waits now had come back.
        if was_clear && is_clear && !self.is_lost {
            for (kind, place) in &dealt {
                self.check_order(*kind, *place, false);
            }
        }
        dealt.clear();
        self.dealt = dealt;
        self.has_closed = false;
        self.step += 1;
    }
}

/// A body that tells which message it is, if it is long enough.
pub(super) fn body(message: MessageId, size: usize) -> Bytes {
    let mut octets = Vec::with_capacity(size);
    octets.extend_from_slice(&message.to_be_bytes()[..size.min(4)]);
    octets.extend((octets.len()..size).map(|at| (message as u8).wrapping_add(at as u8)));
    octets.into()
}
