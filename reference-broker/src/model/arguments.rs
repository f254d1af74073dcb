//! What the arguments of a queue ask of it. All of them are extensions that RabbitMQ documents.

use std::collections::BTreeMap;
use std::time::Duration;

use mqspec_codec::{FieldTable, FieldValue, ShortStr};

use super::Refusal;

const MESSAGE_TTL: &str = "x-message-ttl";
const EXPIRES: &str = "x-expires";
const MAX_LENGTH: &str = "x-max-length";
const MAX_LENGTH_BYTES: &str = "x-max-length-bytes";
const OVERFLOW: &str = "x-overflow";
const MAX_PRIORITY: &str = "x-max-priority";
const DEAD_LETTER_EXCHANGE: &str = "x-dead-letter-exchange";
const DEAD_LETTER_ROUTING_KEY: &str = "x-dead-letter-routing-key";
const SINGLE_ACTIVE_CONSUMER: &str = "x-single-active-consumer";
const QUEUE_TYPE: &str = "x-queue-type";

const KNOWN: [&str; 10] = [
    MESSAGE_TTL,
    EXPIRES,
    MAX_LENGTH,
    MAX_LENGTH_BYTES,
    OVERFLOW,
    MAX_PRIORITY,
    DEAD_LETTER_EXCHANGE,
    DEAD_LETTER_ROUTING_KEY,
    SINGLE_ACTIVE_CONSUMER,
    QUEUE_TYPE,
];

/// The one type of queue there is.
const CLASSIC: &str = "classic";

/// Ten years, the longest time that RabbitMQ lets anything wait.
pub(super) const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// The arguments of a queue, read and found legal (TTL-03, EXP-03, MAX-07, PRI-04, SAC-05, DLX-14).
/// Two are equal if they ask for the same: an integer is the same in any of its types, and the type
/// `classic` is what every queue is. That something is asked for which holds anyhow makes a difference
/// (ARG-01).
#[derive(Debug, Default, PartialEq)]
pub(super) struct Arguments {
    /// How long a message may wait (TTL-01).
    pub(super) message_ttl: Option<Duration>,
    /// How long the queue stays without being used (EXP-01).
    pub(super) expires: Option<Duration>,
    /// How many messages may wait (MAX-01).
    pub(super) max_length: Option<u64>,
    /// How many octets of bodies may wait (MAX-03).
    pub(super) max_octets: Option<u64>,
    pub(super) overflow: Option<Overflow>,
    /// The highest priority that the queue tells from the next lower one (PRI-01).
    pub(super) max_priority: Option<u8>,
    pub(super) dead_letters: Option<DeadLetterTarget>,
    /// Whether one consumer gets everything (SAC-01).
    single_active_consumer: Option<bool>,
    /// Those that mean nothing here.
    others: BTreeMap<ShortStr, FieldValue>,
}

/// What gives way when a queue is full (MAX-05, MAX-06).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overflow {
    DropHead,
    RejectPublish,
    /// The same, and what is rejected becomes a dead letter.
    RejectPublishDeadLetter,
}

/// Where dead letters go (DLX-01).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeadLetterTarget {
    pub(super) exchange: ShortStr,
    /// In place of the routing key that the message has (DLX-04).
    pub(super) routing_key: Option<ShortStr>,
}

impl Arguments {
    pub(super) fn read(table: &FieldTable) -> Result<Self, Refusal> {
        let table = &table.detached();
        if let Some(kind) = table.get(QUEUE_TYPE)
            && kind.as_str() != Some(CLASSIC)
        {
            return Err(Refusal::Argument(QUEUE_TYPE, "is not classic"));
        }
        let expires = time(table, EXPIRES)?;
        if expires.is_some_and(|time| time.is_zero()) {
            return Err(Refusal::Argument(EXPIRES, "is zero"));
        }
        let is_unknown = |(name, _): &(ShortStr, _)| !KNOWN.contains(&name.as_str());
        Ok(Self {
            message_ttl: time(table, MESSAGE_TTL)?,
            expires,
            max_length: amount(table, MAX_LENGTH)?,
            max_octets: amount(table, MAX_LENGTH_BYTES)?,
            overflow: overflow(table)?,
            max_priority: max_priority(table)?,
            dead_letters: dead_letters(table)?,
            single_active_consumer: boolean(table, SINGLE_ACTIVE_CONSUMER)?,
            others: table.iter().filter(is_unknown).collect(),
        })
    }

    /// What gives way where nothing is said of it is what has waited longest.
    pub(super) fn overflow(&self) -> Overflow {
        self.overflow.unwrap_or(Overflow::DropHead)
    }

    pub(super) fn single_active_consumer(&self) -> bool {
        self.single_active_consumer == Some(true)
    }
}

/// An argument that is an integer, of whatever type.
pub(super) fn integer(table: &FieldTable, name: &'static str) -> Result<Option<i64>, Refusal> {
    let not_one = || Refusal::Argument(name, "is not an integer");
    let number = |value: FieldValue| value.as_integer().ok_or_else(not_one);
    table.get(name).map(number).transpose()
}

/// An argument that is the name of an exchange or a routing key.
pub(super) fn short_string(
    table: &FieldTable,
    name: &'static str,
) -> Result<Option<ShortStr>, Refusal> {
    match table.get(name) {
        None => Ok(None),
        Some(FieldValue::LongString(text)) => ShortStr::try_from(text.as_bytes().clone())
            .map(|text| Some(text.clone()))
            .map_err(|_| Refusal::Argument(name, "is not a short string")),
        Some(_) => Err(Refusal::Argument(name, "is not a string")),
    }
}

fn boolean(table: &FieldTable, name: &'static str) -> Result<Option<bool>, Refusal> {
    match table.get(name) {
        None => Ok(None),
        Some(FieldValue::Boolean(value)) => Ok(Some(value)),
        Some(_) => Err(Refusal::Argument(name, "is not a boolean")),
    }
}

fn amount(table: &FieldTable, name: &'static str) -> Result<Option<u64>, Refusal> {
    let negative = |_| Refusal::Argument(name, "is negative");
    let amount = |number| u64::try_from(number).map_err(negative);
    integer(table, name)?.map(amount).transpose()
}

/// A time in milliseconds.
fn time(table: &FieldTable, name: &'static str) -> Result<Option<Duration>, Refusal> {
    let time = amount(table, name)?.map(Duration::from_millis);
    if time.is_some_and(|time| time > LONGEST) {
        return Err(Refusal::Argument(name, "is more than ten years"));
    }
    Ok(time)
}

fn max_priority(table: &FieldTable) -> Result<Option<u8>, Refusal> {
    let out_of_range = |_| Refusal::Argument(MAX_PRIORITY, "is not from 0 to 255");
    let priority = |number| u8::try_from(number).map_err(out_of_range);
    integer(table, MAX_PRIORITY)?.map(priority).transpose()
}

fn overflow(table: &FieldTable) -> Result<Option<Overflow>, Refusal> {
    let Some(value) = table.get(OVERFLOW) else {
        return Ok(None);
    };
    match value.as_str() {
        Some("drop-head") => Ok(Some(Overflow::DropHead)),
        Some("reject-publish") => Ok(Some(Overflow::RejectPublish)),
        Some("reject-publish-dlx") => Ok(Some(Overflow::RejectPublishDeadLetter)),
        _ => Err(Refusal::Argument(
            OVERFLOW,
            "is none of drop-head, reject-publish and reject-publish-dlx",
        )),
    }
}

fn dead_letters(table: &FieldTable) -> Result<Option<DeadLetterTarget>, Refusal> {
    let routing_key = short_string(table, DEAD_LETTER_ROUTING_KEY)?;
    match short_string(table, DEAD_LETTER_EXCHANGE)? {
        Some(exchange) => Ok(Some(DeadLetterTarget {
            exchange,
            routing_key,
        })),
        None if routing_key.is_some() => Err(Refusal::Argument(
            DEAD_LETTER_ROUTING_KEY,
            "stands without x-dead-letter-exchange",
        )),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(name: &str, value: impl Into<FieldValue>) -> Result<Arguments, Refusal> {
        let table = FieldTable::new().with(name, value).expect("a legal pair");
        Arguments::read(&table)
    }

    fn text(text: &'static str) -> FieldValue {
        ShortStr::from_static(text).into()
    }

    const LONGEST_MS: i64 = 315_360_000_000;

    #[rstest]
    #[case(MESSAGE_TTL, &[0, 1, LONGEST_MS], &[-1, LONGEST_MS + 1])]
    #[case(EXPIRES, &[1, LONGEST_MS], &[-1, 0, LONGEST_MS + 1])]
    #[case(MAX_LENGTH, &[0, 1, i64::MAX], &[-1])]
    #[case(MAX_LENGTH_BYTES, &[0, 1, i64::MAX], &[-1])]
    #[case(MAX_PRIORITY, &[0, 1, 255], &[-1, 256])]
    fn numbers_have_a_range(#[case] name: &str, #[case] legal: &[i64], #[case] illegal: &[i64]) {
        for number in legal {
            assert!(read(name, *number).is_ok(), "{number}");
        }
        for number in illegal {
            assert!(read(name, *number).is_err(), "{number}");
        }
        for value in [
            text("5"),
            true.into(),
            FieldValue::Void,
            FieldValue::Double(5.0),
        ] {
            assert!(read(name, value).is_err());
        }
    }

    #[rstest]
    #[case(OVERFLOW, &["drop-head", "reject-publish", "reject-publish-dlx"], &["", "drop-tail"])]
    #[case(QUEUE_TYPE, &["classic"], &["", "quorum"])]
    #[case(DEAD_LETTER_EXCHANGE, &["", "anything at all"], &[])]
    #[case(DEAD_LETTER_ROUTING_KEY, &[], &["", "without an exchange"])]
    #[case(SINGLE_ACTIVE_CONSUMER, &[], &["true"])]
    fn words_are_those_that_mean_something(
        #[case] name: &str,
        #[case] legal: &[&'static str],
        #[case] illegal: &[&'static str],
    ) {
        for word in legal {
            assert!(read(name, text(word)).is_ok(), "{word}");
        }
        for word in illegal {
            assert!(read(name, text(word)).is_err(), "{word}");
        }
        assert!(read(name, 5).is_err());
    }

    #[test]
    fn what_asks_for_the_same_is_equal() {
        let none = Arguments::read(&FieldTable::new()).expect("legal");
        let of = |name, value: FieldValue| read(name, value).expect("legal");
        assert_eq!(of(QUEUE_TYPE, text(CLASSIC)), none);
        assert_eq!(of(MAX_LENGTH, 5.into()), of(MAX_LENGTH, 5_i64.into()));
        assert_ne!(of(MAX_LENGTH, 5.into()), of(MAX_LENGTH, 6.into()));
        assert_ne!(of(OVERFLOW, text("drop-head")), none);
        assert_ne!(of(SINGLE_ACTIVE_CONSUMER, false.into()), none);
        assert_ne!(of("x-unknown", 5.into()), none);
        assert_ne!(of("x-unknown", 5.into()), of("x-unknown", 5_i64.into()));
    }
}
