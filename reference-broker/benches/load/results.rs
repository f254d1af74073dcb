//! All figures of a run, and what they come to.

use std::time::Duration;

use serde_json::{Value, json};

use crate::rows::{Outcome, Row};
use crate::target::Target;

/// What one load on one target came to in one round.
#[derive(Debug, Clone)]
pub struct Sample {
    pub outcome: Outcome,
    /// Time that the broker and this program had the processors while the load ran, drained and was taken down.
    pub broker_busy: Option<Duration>,
    pub load_busy: Option<Duration>,
}

impl Sample {
    /// Microseconds of processor time per message.
    pub fn per_message(&self, busy: Option<Duration>) -> Option<f64> {
        let messages = self.outcome.messages.filter(|count| *count > 0)?;
        Some(busy?.as_secs_f64() * 1e6 / messages as f64)
    }
}

/// One load: for each target, a sample of each round.
#[derive(Debug)]
pub struct Series {
    pub row: Row,
    pub samples: Vec<Vec<Sample>>,
}

impl Series {
    /// A target's figures for a metric, round by round.
    fn figures(&self, target: usize, metric: usize) -> Vec<f64> {
        let samples = self.samples.get(target).into_iter().flatten();
        samples
            .filter_map(|sample| sample.outcome.figures.get(metric).copied().flatten())
            .collect()
    }

    /// The median of a target's figures.
    pub fn median(&self, target: usize, metric: usize) -> Option<f64> {
        median(self.figures(target, metric))
    }

    /// How many times another target's figure it is: the median over the rounds, each held against its like, so
    /// that what slows the machine down for a while slows both.
    pub fn ratio(&self, target: usize, to: usize, metric: usize) -> Option<f64> {
        let pairs = self.figures(target, metric).into_iter();
        median(
            pairs
                .zip(self.figures(to, metric))
                .map(|(figure, base)| figure / base)
                .filter(|ratio| ratio.is_finite())
                .collect(),
        )
    }
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// Every single figure.
pub fn as_json(targets: &[Target], series: &[Series], time: Duration, cores: usize) -> Value {
    let rows = series.iter().flat_map(|series| {
        let metrics = series.row.metrics().iter().enumerate();
        metrics.map(move |(index, metric)| {
            let of_target = |target: usize| {
                let samples = series.samples.get(target).into_iter().flatten();
                let cost = |busy: fn(&Sample) -> Option<Duration>| {
                    let samples = samples.clone();
                    samples
                        .map(|sample| sample.per_message(busy(sample)))
                        .collect::<Vec<_>>()
                };
                json!({
                    "rounds": series.figures(target, index),
                    "median": series.median(target, index),
                    "ratio": series.ratio(target, 0, index),
                    "broker_us_per_message": cost(|sample| sample.broker_busy),
                    "load_us_per_message": cost(|sample| sample.load_busy),
                })
            };
            json!({
                "load": metric.label,
                "unit": metric.unit,
                "targets": (0..targets.len()).map(of_target).collect::<Vec<_>>(),
            })
        })
    });
    json!({
        "cores": cores,
        "seconds": time.as_secs_f64(),
        "targets": targets.iter().map(|target| &target.name).collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
    })
}
