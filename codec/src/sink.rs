//! Where octets are written to. A frame is first counted and then written, so that room for it is
//! made once.

use bytes::BytesMut;

/// Takes octets in the order of the wire.
pub trait Sink {
    /// Appends a number's octets.
    fn put<const N: usize>(&mut self, octets: [u8; N]);

    /// Appends octets.
    fn put_slice(&mut self, octets: &[u8]);

    /// `octet`, or up to eight bits.
    #[inline]
    fn octet(&mut self, number: u8) {
        self.put([number]);
    }

    /// `short`
    #[inline]
    fn short(&mut self, number: u16) {
        self.put(number.to_be_bytes());
    }

    /// `long`
    #[inline]
    fn long(&mut self, number: u32) {
        self.put(number.to_be_bytes());
    }

    /// `longlong`, or a time
    #[inline]
    fn long_long(&mut self, number: u64) {
        self.put(number.to_be_bytes());
    }

    /// `shortstr`. Its type holds the length to 255.
    #[inline]
    fn short_str(&mut self, text: &impl AsRef<str>) {
        let text = text.as_ref();
        self.octet(text.len() as u8);
        self.put_slice(text.as_bytes());
    }

    /// `longstr`, and whatever else has a length of 32 bits in front. Its type holds it to them.
    #[inline]
    fn long_str(&mut self, octets: &impl AsRef<[u8]>) {
        let octets = octets.as_ref();
        self.long(octets.len() as u32);
        self.put_slice(octets);
    }
}

/// What has octets on the wire.
pub trait Wire {
    /// Appends them.
    fn write<S: Sink>(&self, out: &mut S);
}

/// How many octets `what` has on the wire.
#[inline]
pub(crate) fn length(what: &impl Wire) -> usize {
    let mut counter = Counter(0);
    what.write(&mut counter);
    counter.0
}

/// Appends `what` to `out`, which is made to fit at once.
#[inline]
pub(crate) fn append(out: &mut BytesMut, what: &impl Wire) {
    out.reserve(length(what));
    what.write(out);
}

impl Sink for BytesMut {
    #[inline]
    fn put<const N: usize>(&mut self, octets: [u8; N]) {
        self.extend_from_slice(&octets);
    }

    #[inline]
    fn put_slice(&mut self, octets: &[u8]) {
        self.extend_from_slice(octets);
    }
}

/// Counts.
struct Counter(usize);

impl Sink for Counter {
    #[inline]
    fn put<const N: usize>(&mut self, _octets: [u8; N]) {
        self.0 += N;
    }

    #[inline]
    fn put_slice(&mut self, octets: &[u8]) {
        self.0 += octets.len();
    }
}
