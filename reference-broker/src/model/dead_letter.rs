//! What becomes of messages that a queue throws away (DLX-01 to DLX-14).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use mqspec_codec::{BasicProperties, FieldArray, FieldTable, FieldValue, ShortStr, ValueError};

use super::arguments::DeadLetterTarget;
use super::journal::Kept;
use super::message::{Content, Message};
use super::queue::QueueId;
use super::{VirtualHost, extra_keys};

const DEATHS: &str = "x-death";
const COUNT: &str = "count";
const REASON: &str = "reason";
const QUEUE: &str = "queue";
const TIME: &str = "time";
const EXCHANGE: &str = "exchange";
const ROUTING_KEYS: &str = "routing-keys";
const ORIGINAL_EXPIRATION: &str = "original-expiration";
const FIRST_QUEUE: &str = "x-first-death-queue";
const FIRST_REASON: &str = "x-first-death-reason";
const FIRST_EXCHANGE: &str = "x-first-death-exchange";

/// How many dead letters are forwarded before something else has its turn: each may make several
/// more, and these again.
const ROUND: usize = 256;

/// Why a message is thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// A consumer does not want it, and nobody else is to have it.
    Rejected,
    /// It has waited too long.
    Expired,
    /// Its queue is full.
    MaxLen,
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::MaxLen => "maxlen",
        }
    }
}

/// A message that has been thrown away, and where it goes from there.
#[derive(Debug)]
struct DeadLetter {
    message: Arc<Message>,
    queue: ShortStr,
    reason: Reason,
    /// When it died, since 1970.
    time: Duration,
    target: DeadLetterTarget,
    /// The record that it had, until it is in its next queues.
    _kept: Option<Box<Kept>>,
}

/// Dead letters on their way, the next one first.
#[derive(Debug, Default)]
pub(super) struct DeadLetters {
    waiting: VecDeque<DeadLetter>,
    /// How many have been forwarded in this round.
    forwarded: usize,
}

impl DeadLetters {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The next one, unless this round is over: then another begins.
    fn next(&mut self) -> Option<DeadLetter> {
        if self.forwarded == ROUND || self.waiting.is_empty() {
            self.forwarded = 0;
            return None;
        }
        self.forwarded += 1;
        self.waiting.pop_front()
    }
}

impl VirtualHost {
    /// A message has left a queue that does not want it any more: it becomes a dead letter, if the
    /// queue says where these go.
    pub(super) fn bury(
        &mut self,
        id: QueueId,
        message: Arc<Message>,
        kept: Option<Box<Kept>>,
        reason: Reason,
    ) {
        if let Some(queue) = self.queues.get(&id)
            && let Some(target) = &queue.arguments.dead_letters
        {
            self.dead_letters.waiting.push_back(DeadLetter {
                message,
                queue: queue.name.clone(),
                reason,
                time: self.epoch.saturating_add(self.now),
                target: target.clone(),
                _kept: kept,
            });
        }
    }

    /// Publishes the next dead letter, if there is one and this round is not over. Nobody is told what
    /// becomes of it: it is dropped if its exchange is missing, if there is no room for it or its
    /// deaths are more than can be written, and where it would go round in circles.
    pub(super) fn forward_dead_letter(&mut self) -> bool {
        let Some(letter) = self.dead_letters.next() else {
            return false;
        };
        let room = |content: &Content| self.hold(content.parts()).ok();
        if let Ok((content, deaths)) = letter.content()
            && self.exchange(&content.exchange).is_ok()
            && let Some(charge) = room(&content)
            && let properties = content.properties.decode()
            && let Ok(message) =
                Message::new(content, &properties, letter.message.publisher, charge)
        {
            let mut queues = self.route(&message.content);
            if letter.reason != Reason::Rejected {
                queues.retain(|id| {
                    let queue = self.queues.get(id);
                    queue.is_some_and(|queue| !is_cycle(&deaths, &queue.name))
                });
            }
            self.hand_to(queues, message);
        }
        true
    }
}

impl DeadLetter {
    /// What is published, and the deaths that it tells of.
    fn content(&self) -> Result<(Content, FieldArray), ValueError> {
        let content = &self.message.content;
        let mut properties = content.properties.decode();
        let headers = properties.headers.take().unwrap_or_default();
        let former = match headers.get(DEATHS) {
            Some(FieldValue::Array(deaths)) => Some(deaths),
            _ => None,
        };
        let deaths = self.deaths(former.as_ref(), &headers, &properties)?;
        let mut told = FieldTable::new().with(DEATHS, deaths.clone())?;
        let mut replaced = vec![DEATHS];
        if former.is_none() {
            told.push(FIRST_QUEUE, self.queue.clone())?;
            told.push(FIRST_REASON, ShortStr::from_static(self.reason.name()))?;
            told.push(FIRST_EXCHANGE, content.exchange.clone())?;
            replaced.extend([FIRST_QUEUE, FIRST_REASON, FIRST_EXCHANGE]);
        }
        if self.target.routing_key.is_some() {
            replaced.push(extra_keys::OPEN);
        }
        for (name, value) in &headers {
            if !replaced.contains(&name.as_str()) {
                told.push(&name, value)?;
            }
        }
        properties.headers = Some(told);
        // It would die of it again (DLX-08).
        properties.expiration = None;
        let routing_key = self.target.routing_key.as_ref();
        let content = Content {
            exchange: self.target.exchange.clone(),
            routing_key: routing_key.unwrap_or(&content.routing_key).clone(),
            properties: properties.into(),
            body: content.body.clone(),
            extra_keys: match routing_key {
                Some(_) => Vec::new(),
                None => content.extra_keys.clone(),
            },
        };
        Ok((content, deaths))
    }

    /// This death before all others: one of the same queue and reason is counted, and moves to the
    /// front.
    fn deaths(
        &self,
        former: Option<&FieldArray>,
        headers: &FieldTable,
        properties: &BasicProperties,
    ) -> Result<FieldArray, ValueError> {
        let (same, others): (Vec<_>, Vec<_>) = former
            .into_iter()
            .flatten()
            .partition(|death| self.is_counted_by(death));
        let mut deaths = FieldArray::new();
        match same.first() {
            Some(FieldValue::Table(death)) => deaths.push(counted_again(death)?)?,
            _ => deaths.push(self.death(headers, properties)?)?,
        }
        for death in others {
            deaths.push(death)?;
        }
        Ok(deaths)
    }

    fn is_counted_by(&self, death: &FieldValue) -> bool {
        told_of(death, QUEUE, &self.queue) && told_of(death, REASON, self.reason.name())
    }

    fn death(
        &self,
        headers: &FieldTable,
        properties: &BasicProperties,
    ) -> Result<FieldTable, ValueError> {
        let content = &self.message.content;
        let mut keys = FieldArray::new();
        keys.push(content.routing_key.clone())?;
        // Those that nobody gets to see are not in the headers any more.
        if let Some(FieldValue::Array(open)) = headers.get(extra_keys::OPEN) {
            for key in open
                .iter()
                .filter(|key| matches!(key, FieldValue::LongString(_)))
            {
                keys.push(key)?;
            }
        }
        let mut death = FieldTable::new()
            .with(COUNT, 1_i64)?
            .with(REASON, ShortStr::from_static(self.reason.name()))?
            .with(QUEUE, self.queue.clone())?
            .with(TIME, FieldValue::Timestamp(self.time.as_secs()))?
            .with(EXCHANGE, content.exchange.clone())?
            .with(ROUTING_KEYS, keys)?;
        if let Some(expiration) = &properties.expiration {
            death.push(ORIGINAL_EXPIRATION, expiration.clone())?;
        }
        Ok(death)
    }
}

/// The same death, counted once more.
fn counted_again(death: &FieldTable) -> Result<FieldTable, ValueError> {
    let count = death.get(COUNT).and_then(|count| count.as_integer());
    let mut counted = FieldTable::new().with(COUNT, count.unwrap_or(0).saturating_add(1))?;
    for (name, value) in death {
        if name.as_str() != COUNT {
            counted.push(&name, value)?;
        }
    }
    Ok(counted)
}

/// Whether a message has been in a queue before, and has come back to it without anybody having
/// rejected it on the way (DLX-11).
fn is_cycle(deaths: &FieldArray, queue: &str) -> bool {
    for death in deaths {
        if told_of(&death, REASON, Reason::Rejected.name()) {
            return false;
        }
        if told_of(&death, QUEUE, queue) {
            return true;
        }
    }
    false
}

/// Whether a death has that text under a name.
fn told_of(death: &FieldValue, name: &str, text: &str) -> bool {
    let FieldValue::Table(death) = death else {
        return false;
    };
    death
        .get(name)
        .is_some_and(|value| value.as_str() == Some(text))
}
