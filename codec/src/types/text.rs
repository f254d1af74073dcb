//! Octets that have to be text: UTF-8 without a zero octet (DAT-02).

use crate::error::Fault;

/// The text that `octets` are, or nothing if they are none.
#[inline]
pub(crate) fn text(octets: &[u8]) -> Option<&str> {
    if !is_plain(octets) && octets.contains(&0) {
        return None;
    }
    std::str::from_utf8(octets).ok()
}

/// Whether `octets` are text, where nobody wants to have it.
#[inline]
pub(crate) fn is_text(octets: &[u8]) -> bool {
    is_plain(octets) || text(octets).is_some()
}

/// Why octets are no text.
#[cold]
pub(crate) fn fault(octets: &[u8]) -> Fault {
    if octets.contains(&0) {
        Fault::ShortStrZeroOctet
    } else {
        Fault::ShortStrNotUtf8
    }
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Whether all octets are ASCII and none is zero, as nearly all text is: eight octets at a time, the
/// last ones twice where they do not come out even.
#[inline]
fn is_plain(octets: &[u8]) -> bool {
    if let Some(last) = octets.last_chunk() {
        let (words, _) = octets.as_chunks();
        return words.iter().all(word_is_plain) && word_is_plain(last);
    }
    match (octets.first_chunk(), octets.last_chunk()) {
        (Some(&[a, b, c, d]), Some(&[e, f, g, h])) => word_is_plain(&[a, b, c, d, e, f, g, h]),
        _ => octets.iter().all(|octet| (1..=0x7f).contains(octet)),
    }
}

/// Taking 1 from each octet sets a high bit where the octet was zero. Only a zero octet borrows
/// from its neighbour, so that nothing is missed, and nothing plain is taken for odd.
#[inline]
fn word_is_plain(octets: &[u8; 8]) -> bool {
    let word = u64::from_le_bytes(*octets);
    (word | word.wrapping_sub(ONES)) & HIGH_BITS == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_octet_is_found_wherever_it_stands() {
        for length in 0..40 {
            assert!(is_plain(&vec![b'a'; length]));
            assert!(is_plain(&vec![0x7f; length]));
            assert!(is_plain(&vec![1; length]));
            for place in 0..length {
                for odd in [0, 0x80, 0xff] {
                    for around in [1, b'a', 0x7f] {
                        let mut octets = vec![around; length];
                        octets[place] = odd;
                        assert!(!is_plain(&octets), "{odd} at {place} of {length}");
                        assert_eq!(is_text(&octets), text(&octets).is_some());
                    }
                }
            }
        }
    }
}
