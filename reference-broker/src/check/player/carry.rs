//! From what the broker wants done to what clients hear.

use mqspec_codec::Method;

use super::Player;
use crate::check::client::Client;
use crate::check::names::KINDS;
use crate::check::wire::Heard;
use crate::{ConnectionId, Output};

impl Player {
    fn slot_of(&self, id: ConnectionId) -> Option<usize> {
        let is_its = |client: &Option<Client>| client.as_ref().is_some_and(|it| it.id == id);
        self.clients.iter().position(is_its)
    }

    /// Does what the broker wants done.
    pub(super) fn carry(&mut self) {
        let mut heard: Vec<(usize, Heard)> = Vec::new();
        let mut closed = Vec::new();
        let mut resumed = Vec::new();
        let waited = self.clients.iter().flatten().filter(|it| it.is_paused);
        let several_waited = waited.count() > 1;
        while let Some((id, output)) = self.broker.poll_output() {
            let Some(slot) = self.slot_of(id) else {
                continue;
            };
            let Some(client) = &mut self.clients[slot] else {
                continue;
            };
            assert!(!closed.contains(&slot), "an output after the last one");
            match output {
                Output::Write(octets) => {
                    client.unread += octets.len();
                    client.reader.push(&octets);
                    while let Some(it) = client.reader.next() {
                        heard.push((slot, it));
                    }
                }
                Output::Pause => {
                    assert!(!client.is_paused, "paused twice");
                    client.is_paused = true;
                    client.doubt_unsettled(&mut self.ledger);
                }
                Output::Resume => {
                    assert!(client.is_paused, "resumed twice");
                    client.is_paused = false;
                    resumed.push(slot);
                }
                Output::Verify(_) => panic!("a password is asked for"),
                Output::Close => closed.push(slot),
            }
        }
        if several_waited && !resumed.is_empty() {
            // Who came first is not known, and those who still have to wait may have been heard before.
            (0..KINDS.len()).for_each(|kind| self.ledger.blur_queue(kind));
            for (slot, client) in self.clients.iter_mut().enumerate() {
                if let Some(client) = client
                    && (client.is_paused || resumed.contains(&slot))
                {
                    client.doubt_arrived(&mut self.ledger);
                }
            }
        }
        let is_dismissed = |slot: &usize| {
            let says_so = |(its, heard): &(usize, Heard)| {
                its == slot && matches!(heard.method, Method::ConnectionClose(_))
            };
            closed.contains(slot) || heard.iter().any(says_so)
        };
        // What had to wait is not carried out any more when the connection is closed.
        resumed.retain(is_dismissed);
        for (slot, client) in self.clients.iter_mut().enumerate() {
            if let Some(client) = client
                && !client.is_paused
                && !resumed.contains(&slot)
            {
                client.apply_arrived(&mut self.ledger);
            }
        }
        for slot in &closed {
            if let Some(client) = &mut self.clients[*slot] {
                client.foresee_end(&mut self.ledger);
            }
        }
        for (slot, heard) in &heard {
            if let Some(client) = &mut self.clients[*slot] {
                client.foresee(&heard.method, heard.channel, &mut self.ledger);
            }
        }
        for (slot, heard) in heard {
            if let Some(client) = &mut self.clients[slot] {
                client.hear(heard, &mut self.ledger);
            }
        }
        for slot in closed {
            if let Some(mut client) = self.clients[slot].take() {
                // A word that waits for the store is given up when its time is over.
                assert!(
                    client.may_end() || !self.is_prompt,
                    "the connection at {slot} is closed without a word"
                );
                client.end(&mut self.ledger);
            }
        }
    }
}

impl Client {
    /// Whether the broker may end the connection without a word.
    fn may_end(&self) -> bool {
        self.is_leaving
            || self.is_at_fault
            || self.is_wild
            || self.is_stopping
            || self.has_heartbeats
            || self.has_octets()
    }
}
