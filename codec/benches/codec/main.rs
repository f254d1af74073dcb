//! What it costs to decode and to encode a frame, beside other codecs of AMQP 0-9-1.
//!
//! `cargo bench -p mqspec-codec` measures every row with every codec and prints one table: the
//! nanoseconds of one frame, in the fastest of the samples since whatever else the machine does only
//! adds to them, and how many times faster than the fastest other codec this one is.

mod amq_protocol;
mod amqprs;
mod ours;
mod samples;
mod splitter;
mod table;

use std::hint::black_box;
use std::time::Duration;

use bytes::BytesMut;
use criterion::{BenchmarkId, Criterion};

use samples::{Sample, samples};
use table::{Codec, Table};

/// What clients and brokers mostly agree on.
const FRAME_MAX: u32 = 131_072;

fn main() {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/codec");
    let mut criterion = Criterion::default()
        .output_directory(folder.as_ref())
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(40)
        .without_plots()
        .configure_from_args();
    let samples = samples();
    for sample in &samples {
        agree(sample);
        decode(&mut criterion, sample);
        encode(&mut criterion, sample);
    }
    criterion.final_summary();
    Table::read(folder.as_ref(), &samples).print();
}

/// All codecs read the same out of a row, as far as they can write it again.
fn agree(sample: &Sample) {
    let mut out = BytesMut::new();
    ours::encode(&ours::frames(&sample.octets), &mut out);
    assert!(out == sample.octets, "{}: this codec", sample.name);
    let length = sample.octets.len();
    let mut out = vec![0; length];
    amq_protocol::encode(&amq_protocol::frames(&sample.octets), &mut out);
    // Its tables are sorted.
    assert_eq!(
        ours::frames(&out).len(),
        sample.frames,
        "{}: amq-protocol",
        sample.name
    );
    let mut out = BytesMut::new();
    amqprs::encode(&amqprs::frames(&sample.octets), &mut out);
    assert_eq!(out.len(), length, "{}: amqprs", sample.name);
}

fn decode(criterion: &mut Criterion, sample: &Sample) {
    let mut group = criterion.benchmark_group("decode");
    let octets = sample.octets.as_slice();
    for (codec, decode) in [
        (Codec::Ours, ours::decode as fn(&[u8])),
        (Codec::AmqProtocol, amq_protocol::decode),
        (Codec::Amqprs, amqprs::decode),
        (Codec::Splitter, splitter::decode),
    ] {
        group.bench_function(BenchmarkId::new(codec.name(), sample.name), |bencher| {
            bencher.iter(|| decode(black_box(octets)));
        });
    }
}

fn encode(criterion: &mut Criterion, sample: &Sample) {
    let mut group = criterion.benchmark_group("encode");
    let id = |codec: Codec| BenchmarkId::new(codec.name(), sample.name);
    let room = 2 * sample.octets.len();
    let frames = ours::frames(&sample.octets);
    let mut out = BytesMut::with_capacity(room);
    group.bench_function(id(Codec::Ours), |bencher| {
        bencher.iter(|| ours::encode(black_box(&frames), black_box(&mut out)));
    });
    let frames = amq_protocol::frames(&sample.octets);
    let mut out = vec![0; room];
    group.bench_function(id(Codec::AmqProtocol), |bencher| {
        bencher.iter(|| amq_protocol::encode(black_box(&frames), black_box(&mut out)));
    });
    let frames = amqprs::frames(&sample.octets);
    let mut out = BytesMut::with_capacity(room);
    group.bench_function(id(Codec::Amqprs), |bencher| {
        bencher.iter(|| amqprs::encode(black_box(&frames), black_box(&mut out)));
    });
}
