//! What holds of the broker whatever its clients do: the properties that a fuzz target asserts.
//!
//! [`operations`] makes a sequence of operations of a fuzzer's octets and plays it on a broker with a few clients and
//! a store. Two witnesses watch. The one is the clients': a *ledger* of what became of every message, which knows
//! nothing but what goes over the wire and what was stored. The other is the broker's own
//! (`Broker::audit`): its parts agree with each other.
//!
//! | file | subject |
//! |---|---|
//! | `operation`, `names` | what may happen, and to what |
//! | `mutate` | from one sequence to another |
//! | `player` | plays operations: clients, store, time, beginning and end |
//! | `handshake`, `speak`, `faults` | from an operation to octets, and what has to become of it |
//! | `sent` | commands on their way |
//! | `wire` | the broker's octets as commands and contents |
//! | `client`, `channel`, `hear` | whether what is heard fits what was said |
//! | `ledger` | where every message is |

mod channel;
mod client;
mod faults;
mod handshake;
mod hear;
mod ledger;
mod mutate;
mod names;
mod operation;
mod player;
mod sent;
mod speak;
mod wire;

use std::cell::RefCell;
use std::fmt::Write;
use std::panic;
use std::sync::Once;

use arbitrary::{Arbitrary, Unstructured};

pub use self::mutate::{made_up, mutate};
use self::operation::{Operation, Setting};
use self::player::Player;

/// Operations in one sequence at most; what octets say beyond them is not looked at.
pub const MOST: usize = 120;

thread_local! {
    /// What is being played, to be shown if it does not hold.
    static PLAYED: RefCell<(Option<Setting>, Vec<Operation>)> = const { RefCell::new((None, Vec::new())) };
}

/// Plays a sequence of operations on a broker.
///
/// # Panics
/// If something does not hold. The operations up to that one are written to standard error before.
pub fn operations(octets: &[u8]) {
    show_what_was_played();
    let mut unstructured = Unstructured::new(octets);
    let Ok(setting) = Setting::arbitrary(&mut unstructured) else {
        return;
    };
    PLAYED.with_borrow_mut(|played| {
        played.0 = Some(setting);
        played.1.clear();
    });
    let mut player = Player::new(setting);
    let mut count = 0;
    while let Some(operation) = next(&mut unstructured, count) {
        count += 1;
        PLAYED.with_borrow_mut(|played| played.1.push(operation.clone()));
        player.play(&operation);
    }
    player.finish();
    PLAYED.with_borrow_mut(|played| played.0 = None);
}

/// The operation that a fuzzer's octets go on with, behind so many others.
fn next(octets: &mut Unstructured<'_>, before: usize) -> Option<Operation> {
    if before == MOST || octets.is_empty() {
        return None;
    }
    Operation::arbitrary(octets).ok()
}

/// How many operations a fuzzer's octets are.
pub fn count(octets: &[u8]) -> usize {
    mutate::parts(octets).1.len()
}

/// A fuzzer aborts where a panic begins, so that this is the moment to say what has led there.
fn show_what_was_played() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PLAYED.with_borrow(|(setting, operations)| {
                if let Some(setting) = setting {
                    let mut text = format!("{setting:?}\n");
                    for (number, operation) in operations.iter().enumerate() {
                        // Writing to a string does not fail.
                        let _ = writeln!(text, "{number:4}  {operation:?}");
                    }
                    eprint!("{text}");
                }
            });
            before(info);
        }));
    });
}
