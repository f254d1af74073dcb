//! The smallest frame that still shows a finding.

use mqspec_specs::Type;

use crate::dialect::Datum;
use crate::dialect::amqp::seeds::{fit, rebuilt};
use crate::dialect::amqp::{Form, Frame, inspect, parts};

/// How many frames are tried for one finding.
const TRIES: usize = 400;

/// Tries smaller frames as long as `shows` says that they show the same, and returns the smallest.
pub fn shrink(octets: &[u8], mut shows: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut smallest = octets.to_vec();
    let mut tries = 0;
    let mut better = true;
    while better && tries < TRIES {
        better = false;
        for candidate in candidates(&smallest) {
            if rank(&candidate) >= rank(&smallest) {
                continue;
            }
            tries += 1;
            if shows(&candidate) {
                smallest = candidate;
                better = true;
                break;
            }
            if tries >= TRIES {
                break;
            }
        }
    }
    smallest
}

/// What makes a frame simpler: fewer octets, then smaller ones.
fn rank(octets: &[u8]) -> (usize, usize) {
    (
        octets.len(),
        octets.iter().map(|octet| usize::from(*octet)).sum(),
    )
}

/// Simpler frames, the simplest first: what it says is simplified if it says something, else its octets are.
fn candidates(octets: &[u8]) -> Vec<Vec<u8>> {
    let frames = inspect(octets);
    match frames.as_slice() {
        [frame] if frame.fault.is_none() && frame.length == octets.len() => simpler(frame),
        _ => shorter(octets),
    }
}

fn simpler(frame: &Frame) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut push = |frame: Frame| found.extend(rebuilt(&frame));
    if frame.channel.is_some_and(|channel| channel > 1) {
        push(Frame {
            channel: Some(1),
            ..frame.clone()
        });
    }
    for place in 0..frame.fields.len() {
        let mut without = frame.clone();
        without.fields.remove(place);
        push(without);
        for value in simpler_value(&frame.fields[place].1) {
            let mut changed = frame.clone();
            changed.fields[place].1 = value;
            push(changed);
        }
    }
    found
}

/// Simpler values of the same type.
fn simpler_value(value: &Datum) -> Vec<Datum> {
    match value {
        Datum::Typed(tag, inner) => {
            // What is alone in a table or an array may stand in its place.
            let mut found = match &**inner {
                Datum::Array(values) if tag == "A" => values.clone(),
                Datum::Table(pairs) => pairs.iter().map(|(_, inner)| inner.clone()).collect(),
                _ => Vec::new(),
            };
            let simpler = simpler_value(inner).into_iter();
            found.extend(simpler.map(|inner| Datum::Typed(tag.clone(), Box::new(inner))));
            found
        }
        Datum::Bool(true) => vec![Datum::Bool(false)],
        Datum::Int(number) if *number != 0 => {
            let fewer = [0, 1, number / 256, number / 2];
            fewer
                .into_iter()
                .filter(|fewer| fewer.abs() < number.abs())
                .map(Datum::Int)
                .collect()
        }
        Datum::Float(number) if *number != 0.0 => {
            vec![Datum::Float(0.0), Datum::Float(1.0), Datum::Float(0.5)]
        }
        Datum::Octets(octets) if !octets.is_empty() => {
            let half = octets.len() / 2;
            let mut fewer = vec![
                Vec::new(),
                b"a".to_vec(),
                octets[..half].to_vec(),
                octets[half..].to_vec(),
            ];
            if octets.len() <= 16 {
                fewer.extend((0..octets.len()).map(|place| {
                    let mut fewer = octets.clone();
                    fewer.remove(place);
                    fewer
                }));
            }
            fewer.into_iter().map(Datum::Octets).collect()
        }
        Datum::Array(values) => {
            let mut found = vec![Datum::Array(Vec::new())];
            for place in 0..values.len() {
                let mut fewer = values.clone();
                // A decimal is two bare numbers, and needs both.
                if let Datum::Typed(..) = &values[place] {
                    fewer.remove(place);
                    found.push(Datum::Array(fewer));
                }
                for simpler in simpler_value(&values[place]) {
                    let mut changed = values.clone();
                    changed[place] = simpler;
                    found.push(Datum::Array(changed));
                }
            }
            found
        }
        Datum::Table(pairs) => {
            let mut found = vec![Datum::Table(Vec::new())];
            for place in 0..pairs.len() {
                let mut fewer = pairs.clone();
                let (name, inner) = fewer.remove(place);
                found.push(Datum::Table(fewer));
                if name.len() > 1 {
                    let mut renamed = pairs.clone();
                    renamed[place].0 = "v".to_owned();
                    found.push(Datum::Table(renamed));
                }
                for simpler in simpler_value(&inner) {
                    let mut changed = pairs.clone();
                    changed[place].1 = simpler;
                    found.push(Datum::Table(changed));
                }
            }
            found
        }
        _ => Vec::new(),
    }
}

/// Values made empty, octets left out, with the size made to fit or not; and octets made zero.
fn shorter(octets: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for part in parts(octets) {
        let length = match part.form {
            Form::Value(Type::Shortstr) => 1,
            Form::Value(Type::Longstr | Type::Table) => 4,
            _ => continue,
        };
        let mut fewer = octets.to_vec();
        fewer.splice(part.offset..part.end(), std::iter::repeat_n(0, length));
        fit(&mut fewer);
        found.push(fewer);
    }
    let mut length = octets.len() / 2;
    while length > 0 {
        for at in (0..octets.len()).step_by(length) {
            let mut fewer = octets.to_vec();
            fewer.drain(at..(at + length).min(octets.len()));
            let mut fitting = fewer.clone();
            fit(&mut fitting);
            found.push(fitting);
            found.push(fewer);
        }
        length /= 2;
    }
    for at in (0..octets.len()).filter(|at| octets[*at] != 0) {
        let mut zero = octets.to_vec();
        zero[at] = 0;
        found.push(zero);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::amqp::seeds::legal;
    use crate::dice::Dice;

    #[test]
    fn what_shows_a_finding_is_made_as_small_as_it_can_be() {
        let holds_octets = |octets: &[u8]| {
            inspect(octets).iter().flat_map(|frame| &frame.fields).any(|(_, value)| {
                matches!(value.bare(), Datum::Table(pairs) if pairs.iter().any(|(_, value)| matches!(value, Datum::Typed(tag, _) if tag == "x")))
            })
        };
        let mut dice = Dice::new(1);
        let big =
            std::iter::repeat_with(|| legal(&mut dice, &[])).find(|octets| holds_octets(octets));
        let small = shrink(&big.expect("there is one"), holds_octets);
        assert!(small.len() < 40, "{small:02x?}");
    }
}
