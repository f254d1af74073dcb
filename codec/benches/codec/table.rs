//! The table that is printed in the end, out of what criterion has written down.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::samples::Sample;

/// Whose codec it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Ours,
    AmqProtocol,
    Amqprs,
    Splitter,
}

impl Codec {
    const ALL: [Self; 4] = [Self::Ours, Self::AmqProtocol, Self::Amqprs, Self::Splitter];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "mqspec-codec",
            Self::AmqProtocol => "amq-protocol",
            Self::Amqprs => "amqprs",
            Self::Splitter => "splitter",
        }
    }
}

struct Row {
    title: String,
    /// Nanoseconds of one frame, in the order of [`Codec::ALL`]; none where nothing was measured.
    times: [Option<f64>; 4],
}

pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Reads what was measured, now or earlier, into `folder`.
    pub fn read(folder: &Path, samples: &[Sample]) -> Self {
        let row = |group: &str, sample: &Sample| Row {
            title: format!("{group} {}", sample.name),
            times: Codec::ALL.map(|codec| {
                let place = folder.join(group).join(codec.name()).join(sample.name);
                fastest(&place.join("new/sample.json")).map(|time| time / sample.frames as f64)
            }),
        };
        let rows = ["decode", "encode"]
            .iter()
            .flat_map(|group| samples.iter().map(|sample| row(group, sample)));
        Self {
            rows: rows.collect(),
        }
    }

    pub fn print(&self) {
        println!("\nns per frame, fastest sample; the ratio is to the fastest other codec\n");
        println!(
            "| {:<15} | {:>12} | {:>12} | {:>8} | {:>6} | {:>8} |",
            "", "mqspec-codec", "amq-protocol", "amqprs", "ratio", "splitter"
        );
        println!(
            "|-----------------|-------------:|-------------:|---------:|-------:|---------:|"
        );
        for Row { title, times } in &self.rows {
            let [ours, first, second, splitter] = times;
            let peers = first.iter().chain(second).copied().reduce(f64::min);
            let ratio = ours.zip(peers).map(|(ours, peer)| peer / ours);
            println!(
                "| {title:<15} | {:>12} | {:>12} | {:>8} | {:>6} | {:>8} |",
                shown(*ours),
                shown(*first),
                shown(*second),
                shown(ratio),
                shown(*splitter)
            );
        }
    }
}

fn shown(number: Option<f64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.1}"))
}

/// The nanoseconds of one iteration in the fastest sample.
fn fastest(file: &Path) -> Option<f64> {
    let text = fs::read_to_string(file).ok()?;
    let sample: Value = serde_json::from_str(&text).ok()?;
    let numbers = |name: &str| sample[name].as_array().cloned().unwrap_or_default();
    let each = numbers("times").into_iter().zip(numbers("iters"));
    each.filter_map(|(time, iterations)| Some(time.as_f64()? / iterations.as_f64()?))
        .reduce(f64::min)
}
