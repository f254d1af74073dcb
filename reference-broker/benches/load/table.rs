//! The figures as a table of 80 columns, if there are no more than three targets.

use std::fmt;
use std::time::Duration;

use crate::results::Series;
use crate::rows::Row;
use crate::target::{Kind, Target};

/// What the table shows.
pub struct Table<'a> {
    pub targets: &'a [Target],
    pub series: &'a [Series],
    pub rounds: u32,
    pub time: Duration,
    pub cores: usize,
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.time.as_secs_f64();
        writeln!(
            f,
            "The median of {} rounds of {seconds} s, and how many times the first broker's.",
            self.rounds
        )?;
        writeln!(
            f,
            "Broker and load program share {} cores. us, ms, KiB and MB: less is better.",
            self.cores
        )?;
        self.head(f, "")?;
        for series in self.series {
            for (index, metric) in series.row.metrics().iter().enumerate() {
                write!(f, "{:<21}{:<6}", metric.label, metric.unit)?;
                for target in 0..self.targets.len() {
                    let figure = series
                        .median(target, index)
                        .map_or_else(|| "-".to_owned(), |it| grouped(it, metric.digits));
                    let ratio = series
                        .ratio(target, 0, index)
                        .map_or_else(String::new, times);
                    write!(f, "{figure:>11}{ratio:>6}")?;
                }
                writeln!(f)?;
            }
        }
        self.distance(f)
    }
}

impl Table<'_> {
    /// The brokers' names, above their figures.
    fn head(&self, f: &mut fmt::Formatter<'_>, title: &str) -> fmt::Result {
        write!(f, "\n{title:27}")?;
        for target in self.targets {
            let name: String = target.name.chars().take(16).collect();
            write!(f, "{name:>17}")?;
        }
        writeln!(f)
    }

    /// How much of the relay's pace each broker has.
    fn distance(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relay = self.targets.iter().position(|it| it.kind == Kind::Relay);
        let paces = |series: &&Series| !series.row.comes_first() && series.row != Row::Latency;
        let mut paces = self.series.iter().filter(paces).peekable();
        let (Some(relay), Some(_)) = (relay, paces.peek()) else {
            return Ok(());
        };
        self.head(f, "Share of the relay's pace")?;
        for series in paces {
            let label = series
                .row
                .metrics()
                .first()
                .map_or("", |metric| metric.label);
            write!(f, "{label:27}")?;
            for target in 0..self.targets.len() {
                let share = series.ratio(target, relay, 0).unwrap_or_default() * 100.0;
                write!(f, "{:>17}", format!("{share:.1} %"))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn times(ratio: f64) -> String {
    let digits = match ratio {
        ratio if ratio < 9.995 => 2,
        ratio if ratio < 99.95 => 1,
        _ => 0,
    };
    format!("{ratio:.digits$}x")
}

/// A number with a comma before every three digits.
fn grouped(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}
