//! The smallest frame that still shows a finding.

use std::iter;

use mqspec_specs::Type;

use crate::dialect::Datum;
use crate::dialect::amqp::seeds::{fit, rebuilt};
use crate::dialect::amqp::{Form, Frame, inspect, parts};

/// How many frames are tried for one finding.
const TRIES: usize = 400;

/// Candidates, made one by one: a frame of a hundred thousand octets has as many, and all of them at once have no room.
type Candidates<'a, T> = Box<dyn Iterator<Item = T> + 'a>;

/// Tries smaller frames as long as `shows` says that they show the same, and returns the smallest.
pub fn shrink(octets: &[u8], mut shows: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut smallest = octets.to_vec();
    let mut left = TRIES;
    loop {
        let frames = inspect(&smallest);
        let goal = rank(&smallest);
        let better = candidates(&smallest, &frames)
            .filter(|candidate| rank(candidate) < goal)
            .take(left)
            .find(|candidate| {
                left -= 1;
                shows(candidate)
            });
        match better {
            Some(better) => smallest = better,
            None => return smallest,
        }
    }
}

/// What makes a frame simpler: fewer octets, then smaller ones.
fn rank(octets: &[u8]) -> (usize, usize) {
    (
        octets.len(),
        octets.iter().map(|octet| usize::from(*octet)).sum(),
    )
}

/// Simpler frames, the simplest first: what it says is simplified if it says something, else its octets are.
fn candidates<'a>(octets: &'a [u8], frames: &'a [Frame]) -> Candidates<'a, Vec<u8>> {
    match frames {
        [frame] if frame.fault.is_none() && frame.length == octets.len() => {
            Box::new(simpler(frame).filter_map(|frame| rebuilt(&frame)))
        }
        _ => Box::new(shorter(octets)),
    }
}

fn simpler(frame: &Frame) -> impl Iterator<Item = Frame> {
    let on_first = frame.channel.is_some_and(|channel| channel > 1);
    let on_first = on_first.then(|| Frame {
        channel: Some(1),
        ..frame.clone()
    });
    let fields = (0..frame.fields.len()).flat_map(move |place| {
        let mut without = frame.clone();
        without.fields.remove(place);
        let simpler = simpler_value(&frame.fields[place].1).map(move |value| {
            let mut changed = frame.clone();
            changed.fields[place].1 = value;
            changed
        });
        iter::once(without).chain(simpler)
    });
    on_first.into_iter().chain(fields)
}

/// Simpler values of the same type.
fn simpler_value(value: &Datum) -> Candidates<'_, Datum> {
    match value {
        Datum::Typed(tag, inner) => {
            // What is alone in a table or an array may stand in its place.
            let alone: Candidates<&Datum> = match &**inner {
                Datum::Array(values) if tag == "A" => Box::new(values.iter()),
                Datum::Table(pairs) => Box::new(pairs.iter().map(|(_, inner)| inner)),
                _ => Box::new(iter::empty()),
            };
            let simpler = simpler_value(inner);
            let typed = simpler.map(|inner| Datum::Typed(tag.clone(), Box::new(inner)));
            Box::new(alone.cloned().chain(typed))
        }
        Datum::Bool(true) => Box::new(iter::once(Datum::Bool(false))),
        Datum::Int(number) if *number != 0 => {
            let fewer = [0, 1, number / 256, number / 2].into_iter();
            Box::new(
                fewer
                    .filter(|fewer| fewer.abs() < number.abs())
                    .map(Datum::Int),
            )
        }
        Datum::Float(number) if *number != 0.0 => {
            Box::new([0.0, 1.0, 0.5].into_iter().map(Datum::Float))
        }
        Datum::Octets(octets) if !octets.is_empty() => {
            let (first, second) = octets.split_at(octets.len() / 2);
            let fewer = [&b""[..], b"a", first, second].into_iter();
            let places = if octets.len() <= 16 { octets.len() } else { 0 };
            let without = (0..places).map(move |place| without(octets, place));
            Box::new(fewer.map(<[u8]>::to_vec).chain(without).map(Datum::Octets))
        }
        Datum::Array(values) => {
            let fewer = (0..values.len()).flat_map(move |place| {
                // A decimal is two bare numbers, and needs both.
                let is_whole = matches!(values[place], Datum::Typed(..));
                let fewer = is_whole.then(|| Datum::Array(without(values, place)));
                let changed = simpler_value(&values[place]).map(move |simpler| {
                    let mut changed = values.clone();
                    changed[place] = simpler;
                    Datum::Array(changed)
                });
                fewer.into_iter().chain(changed)
            });
            Box::new(iter::once(Datum::Array(Vec::new())).chain(fewer))
        }
        Datum::Table(pairs) => {
            let fewer = (0..pairs.len()).flat_map(move |place| {
                let (name, inner) = &pairs[place];
                let fewer = Datum::Table(without(pairs, place));
                let renamed = (name.len() > 1).then(|| {
                    let mut renamed = pairs.clone();
                    renamed[place].0 = "v".to_owned();
                    Datum::Table(renamed)
                });
                let changed = simpler_value(inner).map(move |simpler| {
                    let mut changed = pairs.clone();
                    changed[place].1 = simpler;
                    Datum::Table(changed)
                });
                iter::once(fewer).chain(renamed).chain(changed)
            });
            Box::new(iter::once(Datum::Table(Vec::new())).chain(fewer))
        }
        _ => Box::new(iter::empty()),
    }
}

fn without<T: Clone>(values: &[T], place: usize) -> Vec<T> {
    [&values[..place], &values[place + 1..]].concat()
}

/// Values made empty, octets left out, with the size made to fit or not; and octets made zero.
fn shorter(octets: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let emptied = parts(octets).into_iter().filter_map(move |part| {
        let length = match part.form {
            Form::Value(Type::Shortstr) => 1,
            Form::Value(Type::Longstr | Type::Table) => 4,
            _ => return None,
        };
        let mut fewer = octets.to_vec();
        fewer.splice(part.offset..part.end(), iter::repeat_n(0, length));
        fit(&mut fewer);
        Some(fewer)
    });
    let lengths = iter::successors(Some(octets.len() / 2), |length| Some(length / 2));
    let cut = lengths
        .take_while(|length| *length > 0)
        .flat_map(move |length| {
            (0..octets.len()).step_by(length).flat_map(move |at| {
                let mut fewer = octets.to_vec();
                fewer.drain(at..(at + length).min(octets.len()));
                let mut fitting = fewer.clone();
                fit(&mut fitting);
                [fitting, fewer]
            })
        });
    let zeroed = (0..octets.len())
        .filter(move |at| octets[*at] != 0)
        .map(move |at| {
            let mut zero = octets.to_vec();
            zero[at] = 0;
            zero
        });
    emptied.chain(cut).chain(zeroed)
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

    #[test]
    fn a_frame_of_many_octets_is_not_tried_in_all_ways_at_once() {
        let mut tries = 0;
        let big = shrink(&[1; 1 << 17], |_| {
            tries += 1;
            false
        });
        assert_eq!((big.len(), tries), (1 << 17, TRIES));
    }
}
