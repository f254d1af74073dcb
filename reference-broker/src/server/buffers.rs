//! Where a socket is read into. What is read is handed on without a copy; a buffer is used again once nobody
//! holds a part of it any more.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Octets asked for in one read: few of a client that says little, and twice as many as before of one
/// that fills them.
const LEAST: usize = 4 * 1024;
const MOST: usize = 256 * 1024;
/// Buffers of which parts are elsewhere, and that are waited for.
const LENT: usize = 3;

/// The read buffers of one connection.
#[derive(Debug)]
pub(super) struct Buffers {
    current: BytesMut,
    lent: VecDeque<BytesMut>,
    room: usize,
}

impl Default for Buffers {
    fn default() -> Self {
        Self {
            current: BytesMut::new(),
            lent: VecDeque::new(),
            room: LEAST,
        }
    }
}

impl Buffers {
    /// The buffer for the next read, with room for it. It is empty.
    pub(super) fn next(&mut self) -> &mut BytesMut {
        // What is left of the last buffer will do if it is not too little.
        if self.current.capacity() < self.room / 2 {
            let room = self.room;
            // The one that was lent last is still in the processor's cache.
            let back = self.lent.iter_mut().rposition(|it| it.try_reclaim(room));
            let next = back
                .and_then(|place| self.lent.remove(place))
                .unwrap_or_else(|| BytesMut::with_capacity(room));
            let last = std::mem::replace(&mut self.current, next);
            self.lent.push_back(last);
            if self.lent.len() > LENT {
                self.lent.pop_front();
            }
        }
        &mut self.current
    }

    /// What was read into it.
    pub(super) fn take(&mut self) -> Bytes {
        let count = self.current.len();
        if count == self.current.capacity() {
            self.room = MOST.min(self.room * 2);
        } else if count < self.room / 8 {
            self.room = LEAST.max(self.room / 2);
            self.lent.clear();
        }
        self.current.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(buffers: &mut Buffers, count: usize) -> Bytes {
        let buffer = buffers.next();
        assert!(buffer.is_empty() && buffer.capacity() > 0);
        buffer.resize(count.min(buffer.capacity()), 7);
        buffers.take()
    }

    #[test]
    fn reads_grow_with_what_comes_and_shrink_again() {
        let mut buffers = Buffers::default();
        while buffers.room < MOST {
            let before = buffers.room;
            while buffers.room == before {
                assert!(!read(&mut buffers, usize::MAX).is_empty());
            }
        }
        while buffers.room > LEAST {
            assert_eq!(read(&mut buffers, 1).len(), 1);
        }
        assert!(buffers.lent.is_empty());
    }

    #[test]
    fn a_buffer_is_used_again_once_nobody_holds_a_part_of_it() {
        let mut buffers = Buffers::default();
        let held = read(&mut buffers, LEAST);
        let first = held.as_ptr();
        buffers.room = LEAST;
        let second = read(&mut buffers, LEAST).as_ptr();
        buffers.room = LEAST;
        assert_ne!(first, second);
        drop(held);
        assert_eq!(read(&mut buffers, LEAST).as_ptr(), first);
    }
}
