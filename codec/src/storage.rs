//! Where the strings and tables of a decoded frame are.
//!
//! Every command, header and value is a type over a [`Storage`]. `Publish` is `Publish<Owned>`: it
//! can be kept. `Publish<Borrowed<'a>>` is what the octets that were read say, and lives no longer
//! than they do: to decode it costs neither an allocation nor a reference count. `into_owned` leads
//! from the second to the first.

use std::fmt::Debug;
use std::marker::PhantomData;

use bytes::Bytes;

use crate::content::{Properties, PropertiesRef};
use crate::types::{
    FieldArray, FieldArrayRef, FieldTable, FieldTableRef, LongStr, LongStrRef, ShortStr,
    ShortStrRef,
};

/// The types that strings, tables and octets have. Either [`Owned`] or [`Borrowed`].
pub trait Storage: Clone + Debug + Default + Eq + sealed::Sealed {
    /// A short string.
    type ShortStr: Clone + Debug + Default + Eq + AsRef<str>;
    /// A long string.
    type LongStr: Clone + Debug + Default + Eq + AsRef<[u8]>;
    /// A table, as the octets of its pairs.
    type FieldTable: Clone + Debug + Default + Eq + AsRef<[u8]>;
    /// An array, as the octets of its values.
    type FieldArray: Clone + Debug + Default + Eq + AsRef<[u8]>;
    /// The properties of a content, as their flags and their list.
    type Properties: Clone + Debug + Default + Eq + AsRef<[u8]>;
    /// Octets without a meaning of their own: those of a body.
    type Octets: Clone + Debug + Default + Eq + AsRef<[u8]>;
}

/// Values that stand on their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owned(());

impl Storage for Owned {
    type ShortStr = ShortStr;
    type LongStr = LongStr;
    type FieldTable = FieldTable;
    type FieldArray = FieldArray;
    type Properties = Properties;
    type Octets = Bytes;
}

/// Values that are slices of the octets that they were decoded from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Borrowed<'a>(PhantomData<&'a [u8]>);

impl<'a> Storage for Borrowed<'a> {
    type ShortStr = ShortStrRef<'a>;
    type LongStr = LongStrRef<'a>;
    type FieldTable = FieldTableRef<'a>;
    type FieldArray = FieldArrayRef<'a>;
    type Properties = PropertiesRef<'a>;
    type Octets = &'a [u8];
}

mod sealed {
    /// Whoever encodes relies on the limits that both storages hold their values to.
    pub trait Sealed {}

    impl Sealed for super::Owned {}
    impl Sealed for super::Borrowed<'_> {}
}

/// How borrowed octets become owned ones: copied, or as a slice of the buffer they are in.
pub trait Keep {
    /// Octets of the same contents that can be kept.
    fn octets(&self, octets: &[u8]) -> Bytes;
}

/// Copies.
pub(crate) struct Copying;

impl Keep for Copying {
    fn octets(&self, octets: &[u8]) -> Bytes {
        Bytes::copy_from_slice(octets)
    }
}

/// Shares the buffer, of which all octets have to be slices.
pub(crate) struct Sharing<'a>(pub(crate) &'a Bytes);

impl Keep for Sharing<'_> {
    fn octets(&self, octets: &[u8]) -> Bytes {
        self.0.slice_ref(octets)
    }
}
