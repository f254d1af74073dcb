//! The loads, and what is measured of each.

use std::time::Duration;

use clap::ValueEnum;

use crate::failure::Failure;
use crate::target::{Kind, Started, Target};
use crate::topology::Shape;
use crate::{idle, latency, throughput};

/// One load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Row {
    /// Bodies of 16 octets, transient, without acknowledgement.
    #[value(name = "16b")]
    Small,
    /// The same with 1 KiB.
    #[value(name = "1k")]
    Medium,
    /// The same with 64 KiB.
    #[value(name = "64k")]
    Large,
    /// Confirms waited for after each 100 messages, and consumers that acknowledge each message.
    Confirm,
    /// The same with persistent messages and a durable queue.
    Persistent,
    /// One exchange, ten queues.
    FanOut,
    /// A fixed 5,000 messages a second.
    Latency,
    /// 1,000 connections that do nothing.
    Idle,
    /// From the start of the reference broker until it listens.
    Start,
    /// The broker's memory before any load.
    Memory,
}

/// What a figure is one of. Each load has one or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Stands before the figures.
    pub label: &'static str,
    /// What is counted.
    pub unit: &'static str,
    /// Digits behind the point.
    pub digits: usize,
}

const fn metric(label: &'static str, unit: &'static str, digits: usize) -> Metric {
    Metric {
        label,
        unit,
        digits,
    }
}

/// How long, and with how much ahead.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub time: Duration,
    pub ahead: usize,
}

/// What one load on one target came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// One for each metric; nothing where a target cannot be asked.
    pub figures: Vec<Option<f64>>,
    /// Messages that came in all, where they are counted.
    pub messages: Option<u64>,
}

impl Row {
    /// What is measured.
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Self::Small => &[const { metric("16 B", "msg/s", 0) }],
            Self::Medium => &[const { metric("1 KiB", "msg/s", 0) }],
            Self::Large => &[const { metric("64 KiB", "msg/s", 0) }],
            Self::Confirm => &[const { metric("16 B, confirms, acks", "msg/s", 0) }],
            Self::Persistent => &[const { metric("the same, persistent", "msg/s", 0) }],
            Self::FanOut => &[const { metric("16 B to 10 queues", "msg/s", 0) }],
            Self::Latency => &[
                const { metric("latency, p50", "us", 0) },
                const { metric("latency, p99", "us", 0) },
            ],
            Self::Idle => &[
                const { metric("a connection opened", "us", 0) },
                const { metric("an idle connection", "KiB", 1) },
            ],
            Self::Start => &[const { metric("start to ready", "ms", 1) }],
            Self::Memory => &[const { metric("idle memory", "MB", 1) }],
        }
    }

    /// Whether it wants a broker that has done nothing yet.
    pub fn comes_first(self) -> bool {
        matches!(self, Self::Idle | Self::Start | Self::Memory)
    }

    /// How messages flow, for the loads that are about as many of them as possible.
    fn shape(self) -> Option<Shape> {
        let plain = Shape {
            body: 16,
            queues: 1,
            acknowledged: false,
            persistent: false,
        };
        Some(match self {
            Self::Small => plain,
            Self::Medium => Shape {
                body: 1 << 10,
                ..plain
            },
            Self::Large => Shape {
                body: 64 << 10,
                ..plain
            },
            Self::Confirm => Shape {
                acknowledged: true,
                ..plain
            },
            Self::Persistent => Shape {
                acknowledged: true,
                persistent: true,
                ..plain
            },
            Self::FanOut => Shape {
                queues: 10,
                ..plain
            },
            _ => return None,
        })
    }

    /// Drives the load once.
    pub fn drive(self, target: &Target, effort: Effort) -> Result<Outcome, Failure> {
        let address = &target.address;
        if let Some(shape) = self.shape() {
            let pace = throughput::measure(address, &shape, effort.ahead, effort.time)?;
            return Ok(Outcome {
                figures: vec![Some(pace.per_second)],
                messages: Some(pace.consumed),
            });
        }
        // The relay has no memory to speak of, and is not started by anybody but us.
        let is_relay = target.kind == Kind::Relay;
        let figures = match self {
            Self::Latency => {
                let latency = latency::measure(address, effort.time)?;
                vec![Some(latency.p50), Some(latency.p99)]
            }
            Self::Idle if !is_relay => {
                let cost = idle::connections(address, target.process)?;
                let each = cost.opened_in.as_secs_f64() * 1e6 / idle::CONNECTIONS as f64;
                vec![Some(each), cost.memory.map(|octets| octets / 1024.0)]
            }
            Self::Start if target.kind == Kind::Reference => ready_after(Started::reference)?,
            Self::Start if target.kind == Kind::InMemory => ready_after(Started::in_memory)?,
            Self::Memory if !is_relay => {
                vec![target.idle_memory.map(|octets| octets as f64 / 1e6)]
            }
            _ => vec![None; self.metrics().len()],
        };
        Ok(Outcome {
            figures,
            messages: None,
        })
    }
}

fn ready_after(start: fn() -> Result<Started, Failure>) -> Result<Vec<Option<f64>>, Failure> {
    Ok(vec![Some(idle::start(start)?.as_secs_f64() * 1e3)])
}
