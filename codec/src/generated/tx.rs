//! The commands of class tx.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use bytes::BytesMut;

use crate::error::DecodeError;
use crate::method::Arguments;
use crate::reader::Reader;

/// `tx.select`: class 90, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Select;
impl Arguments for Select {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `tx.select-ok`: class 90, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct SelectOk;
impl Arguments for SelectOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `tx.commit`: class 90, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Commit;
impl Arguments for Commit {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `tx.commit-ok`: class 90, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct CommitOk;
impl Arguments for CommitOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `tx.rollback`: class 90, method 30; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Rollback;
impl Arguments for Rollback {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `tx.rollback-ok`: class 90, method 31; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct RollbackOk;
impl Arguments for RollbackOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}
