//! Why the model does not do what it was asked.

use mqspec_codec::ShortStr;
use thiserror::Error;

/// A reason, in the words that the client is told. A refused operation has changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("no exchange '{0}'")]
    NoExchange(ShortStr),
    #[error("no queue '{0}'")]
    NoQueue(ShortStr),
    #[error("the name '{0}' holds more than letters, digits and - _ . :")]
    NameSyntax(ShortStr),
    #[error("the name '{0}' begins with amq., which is reserved")]
    NameReserved(ShortStr),
    #[error("the field name '{0}' does not begin with a letter, $ or #")]
    FieldName(ShortStr),
    #[error("the default exchange is neither declared nor deleted")]
    DefaultExchange,
    #[error("exchange '{0}' is one of the standard ones, which are not deleted")]
    StandardExchange(ShortStr),
    #[error("no exchange type '{0}'")]
    NoExchangeType(ShortStr),
    #[error("exchange '{0}' exists with another {1}")]
    ExchangeDiffers(ShortStr, &'static str),
    #[error("queue '{0}' exists with another {1}")]
    QueueDiffers(ShortStr, &'static str),
    #[error("exchange '{0}' has bindings")]
    ExchangeInUse(ShortStr),
    #[error("exchange '{0}' is internal: only other exchanges publish to it")]
    ExchangeInternal(ShortStr),
    #[error("argument '{0}' {1}")]
    Argument(&'static str, &'static str),
    #[error("queue '{0}' is exclusive to another connection")]
    QueueLocked(ShortStr),
    #[error("queue '{0}' has consumers")]
    QueueInUse(ShortStr),
    #[error("queue '{0}' holds messages")]
    QueueNotEmpty(ShortStr),
    #[error("queue '{0}' has an exclusive consumer")]
    ExclusivelyConsumed(ShortStr),
    #[error("queue '{0}' has consumers already, so that none can be exclusive")]
    SharedlyConsumed(ShortStr),
    #[error("queue '{0}' has a single active consumer, so that none can be exclusive")]
    SingleActiveConsumer(ShortStr),
    #[error("expiration '{0}' is not a number of milliseconds up to ten years")]
    Expiration(ShortStr),
    #[error("consumer tag '{0}' is in use on this channel")]
    TagInUse(ShortStr),
    #[error("no unsettled delivery {0} on this channel")]
    NoDelivery(u64),
    #[error("the channel is not transactional")]
    NotTransactional,
    #[error("the channel is transactional, which excludes publisher confirms")]
    Transactional,
    #[error("the channel confirms what is published, which excludes transactions")]
    Confirming,
    #[error("the header '{0}' is not an array of routing keys")]
    ExtraKeys(&'static str),
    #[error("the message says that it is from '{0}', who is not the user of this connection")]
    UserId(ShortStr),
    #[error("replies {0}")]
    Replies(&'static str),
    #[error("this broker holds no more {0}")]
    Full(&'static str),
}
