//! Commands and what the command table says about them.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::cursor::Cursor;
use crate::error::{DecodeError, Fault};
use crate::reader::Reader;
use crate::sink::{Wire, append};
use crate::storage::{Borrowed, Copying, Owned, Sharing, Storage};

pub use crate::generated::methods::Method;

/// The pair of ids that a method frame begins with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MethodId {
    /// The class, such as 50 for queue.
    pub class_id: u16,
    /// The command within the class, such as 10 for declare.
    pub method_id: u16,
}

impl MethodId {
    /// The pair of both.
    pub const fn new(class_id: u16, method_id: u16) -> Self {
        Self {
            class_id,
            method_id,
        }
    }

    /// Both as they travel.
    pub(crate) const fn octets(self) -> [u8; 4] {
        ((self.class_id as u32) << 16 | self.method_id as u32).to_be_bytes()
    }

    /// The name in the command table, such as `queue.declare`, if a command has these ids.
    pub fn name(&self) -> Option<&'static str> {
        Method::<Owned>::facts_of(*self).map(|facts| facts.name)
    }
}

impl fmt::Display for MethodId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "command {}.{}", self.class_id, self.method_id),
        }
    }
}

impl fmt::Debug for MethodId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MethodId({}, {})", self.class_id, self.method_id)
    }
}

/// What every command's struct knows of itself.
pub trait Command: Arguments {
    /// Its ids.
    const ID: MethodId;
    /// Its name in the command table, such as `queue.declare`.
    const NAME: &'static str;
}

mod sealed {
    use super::{DecodeError, MethodId, Reader, Wire};

    /// Arguments in the order of the wire. Implemented by generated code alone.
    pub trait Arguments: Wire {
        #[doc(hidden)]
        const IDS: MethodId;
    }

    /// Arguments in the octets that were read. Implemented by generated code alone.
    pub trait Parse<'a>: Sized {
        #[doc(hidden)]
        fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError>;
    }
}
pub use sealed::Arguments;
pub(crate) use sealed::Parse;

/// One line of the command table.
pub(crate) struct Facts {
    pub(crate) name: &'static str,
    pub(crate) traits: u8,
    pub(crate) replies: &'static [MethodId],
}

/// Sent by the client.
pub(crate) const CLIENT: u8 = 1;
/// Sent by the server.
pub(crate) const SERVER: u8 = 2;
/// Synchronous.
pub(crate) const SYNC: u8 = 4;
/// Followed by a content.
pub(crate) const CONTENT: u8 = 8;

impl Method {
    /// Decodes the payload of a method frame. Tables and long strings share its buffer.
    ///
    /// # Errors
    ///
    /// Those of [`Method::parse`].
    pub fn decode(payload: Bytes) -> Result<Self, DecodeError> {
        Ok(Method::parse(&payload)?.keep(&Sharing(&payload)))
    }
}

impl<'a> Method<Borrowed<'a>> {
    /// Decodes the payload of a method frame where it stands.
    ///
    /// # Errors
    ///
    /// A payload without room for both ids (FRM-15), ids that no command has (MTH-01), arguments
    /// that are too short or too long (MTH-02) or malformed (DAT-02, DAT-15).
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(payload, Fault::MethodTooShort);
        let id = MethodId::new(cursor.short()?, cursor.short()?);
        Self::parse_arguments(id, cursor.rest())
    }

    /// A copy that can be kept.
    pub fn into_owned(self) -> Method {
        self.keep(&Copying)
    }
}

impl<S: Storage> Method<S> {
    /// Appends the payload of a method frame to `out`: ids and arguments.
    pub fn encode(&self, out: &mut BytesMut) {
        append(out, self);
    }

    /// The class id, such as 50 for class queue.
    pub const fn class_id(&self) -> u16 {
        self.id().class_id
    }

    /// The method id within the class.
    pub const fn method_id(&self) -> u16 {
        self.id().method_id
    }

    /// The name in the command table, such as `queue.declare`.
    pub const fn name(&self) -> &'static str {
        self.facts().name
    }

    /// Whether a content header and body follow.
    pub const fn has_content(&self) -> bool {
        self.facts().traits & CONTENT != 0
    }

    /// Whether clients may send it.
    pub const fn sent_by_client(&self) -> bool {
        self.facts().traits & CLIENT != 0
    }

    /// Whether servers may send it.
    pub const fn sent_by_server(&self) -> bool {
        self.facts().traits & SERVER != 0
    }

    /// Whether the specification calls it synchronous.
    pub const fn is_sync(&self) -> bool {
        self.facts().traits & SYNC != 0
    }

    /// The commands that answer it; empty where nothing does.
    pub const fn replies(&self) -> &'static [MethodId] {
        self.facts().replies
    }
}

impl<S: Storage> fmt::Display for Method<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads the arguments of one command, and nothing after them. A function of its own for each, so that
/// a short command does not pay for the registers that a long one needs.
#[inline(never)]
pub(crate) fn parse<'a, C: Parse<'a>>(
    id: MethodId,
    arguments: &'a [u8],
    variant: impl FnOnce(C) -> Method<Borrowed<'a>>,
) -> Result<Method<Borrowed<'a>>, DecodeError> {
    let mut reader = Reader::new(arguments, Fault::ArgumentsTruncated, id);
    let command = C::parse(&mut reader)?;
    reader.finish(Fault::ArgumentsTrailing)?;
    Ok(variant(command))
}

/// A command without strings and tables is its own copy.
macro_rules! kept {
    ($command:ident, $keep:ident) => {
        $command
    };
    ($command:ident, $keep:ident, $storage:ident) => {
        $command.keep($keep)
    };
}
pub(crate) use kept;

/// Expands the table of `generated/methods.rs` into [`Method`] and all that needs one line for
/// each command.
macro_rules! methods {
    ($($variant:ident($class:ident::$command:ident $(<$storage:ident>)?)
        = ($class_id:literal, $method_id:literal)
        $name:literal [$($traits:tt)+] => [$(($reply_class:literal, $reply:literal)),*];)+) => {
        /// A command with its arguments.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        #[cfg_attr(
            feature = "arbitrary",
            arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
        )]
        pub enum Method<S: Storage = Owned> {
            $(
                #[doc = concat!("`", $name, "`")]
                $variant($class::$command $(<$storage>)?),
            )+
        }

        impl<S: Storage> Method<S> {
            /// Class id and method id.
            pub const fn id(&self) -> MethodId {
                match self {
                    $(Self::$variant(_) => MethodId::new($class_id, $method_id),)+
                }
            }

            pub(crate) const fn facts(&self) -> &'static Facts {
                match self {
                    $(Self::$variant(_) => <$class::$command>::FACTS,)+
                }
            }

            pub(crate) const fn facts_of(id: MethodId) -> Option<&'static Facts> {
                match (id.class_id, id.method_id) {
                    $(($class_id, $method_id) => Some(<$class::$command>::FACTS),)+
                    _ => None,
                }
            }
        }

        impl<'a> Method<Borrowed<'a>> {
            #[inline]
            pub(crate) fn parse_arguments(
                id: MethodId,
                arguments: &'a [u8],
            ) -> Result<Self, DecodeError> {
                let MethodId { class_id, method_id } = id;
                match (class_id, method_id) {
                    $(($class_id, $method_id) => parse(id, arguments, Self::$variant),)+
                    _ => Err(DecodeError::new(Fault::UnknownMethod { class_id, method_id })
                        .within(id, None)),
                }
            }

            pub(crate) fn keep(self, keep: &impl Keep) -> Method {
                match self {
                    $(Self::$variant(command) => {
                        Method::$variant(kept!(command, keep $(, $storage)?))
                    })+
                }
            }
        }

        impl<S: Storage> Wire for Method<S> {
            fn write<O: Sink>(&self, out: &mut O) {
                match self {
                    $(Self::$variant(command) => {
                        out.put(const { MethodId::new($class_id, $method_id).octets() });
                        command.write(out);
                    })+
                }
            }
        }

        $(
            impl $class::$command {
                const FACTS: &'static Facts = &Facts {
                    name: $name,
                    traits: $($traits)+,
                    replies: &[$(MethodId::new($reply_class, $reply)),*],
                };
            }

            impl Command for $class::$command {
                const ID: MethodId = MethodId::new($class_id, $method_id);
                const NAME: &'static str = $name;
            }

            impl<S: Storage> From<$class::$command $(<$storage>)?> for Method<S> {
                fn from(command: $class::$command $(<$storage>)?) -> Self {
                    Self::$variant(command)
                }
            }
        )+
    };
}
pub(crate) use methods;
