//! Smaller exchanges that may show the same.

use crate::dialect::Datum;
use crate::dialect::generated::{Act, Move};

/// Every exchange that is a step smaller, those first that leave most out. The last step stays.
pub fn smaller(moves: &[Move]) -> Vec<Vec<Move>> {
    let mut found = Vec::new();
    let most = moves.len().saturating_sub(1);
    let mut size = most / 2;
    while size >= 1 {
        let mut from = 0;
        while from < most {
            let until = (from + size).min(most);
            let mut less = moves.to_vec();
            less.drain(from..until);
            found.push(less);
            from = until;
        }
        size /= 2;
    }
    for (place, step) in moves.iter().enumerate().rev() {
        for simpler in simpler(step) {
            let mut less = moves.to_vec();
            less[place] = simpler;
            found.push(less);
        }
    }
    // All that is on other clients and channels, brought to one.
    if moves.iter().any(|step| step.client != 0) {
        found.push(
            moves
                .iter()
                .map(|step| Move {
                    client: 0,
                    ..step.clone()
                })
                .collect(),
        );
    }
    if let Some(merged) = on_one_stream(moves) {
        found.push(merged);
    }
    found
}

/// The step with one thing less that need not be there.
fn simpler(step: &Move) -> Vec<Move> {
    let Act::Say {
        message,
        delivery,
        binds,
    } = &step.act
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut put = |fields: Vec<(String, Datum)>| {
        let mut message = message.clone();
        message.fields = fields;
        let act = Act::Say {
            message,
            delivery: *delivery,
            binds: binds.clone(),
        };
        found.push(Move {
            client: step.client,
            act,
        });
    };
    for (place, (name, value)) in message.fields.iter().enumerate() {
        let without = || {
            let mut fields = message.fields.clone();
            fields.remove(place);
            fields
        };
        match value {
            Datum::Bool(true) | Datum::Int(_) if name != "delivery-tag" => put(without()),
            Datum::Table(pairs) => {
                put(without());
                for entry in 0..pairs.len() {
                    let mut pairs = pairs.clone();
                    pairs.remove(entry);
                    let mut fields = message.fields.clone();
                    fields[place].1 = Datum::Table(pairs);
                    if !fields[place].1.eq(&Datum::Table(Vec::new())) {
                        put(fields);
                    }
                }
            }
            Datum::Octets(_) if OPTIONAL.contains(&name.as_str()) => put(without()),
            _ => {}
        }
    }
    found
}

/// Text that a message need not have.
const OPTIONAL: [&str; 5] = [
    "content-type",
    "correlation-id",
    "message-id",
    "expiration",
    "user-id",
];

fn on_one_stream(moves: &[Move]) -> Option<Vec<Move>> {
    let mut merged = moves.to_vec();
    let mut changed = false;
    for step in &mut merged {
        if let Act::Say { message, .. } = &mut step.act
            && message.stream > 1
        {
            message.stream = 1;
            changed = true;
        }
    }
    changed.then_some(merged)
}
