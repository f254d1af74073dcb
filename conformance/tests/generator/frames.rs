//! Frames by themselves: their end, their size, their type and their channel.

use super::case::{Case, Lines, block};

/// A frame of each type, where it is legal.
struct Frame {
    /// In ids.
    slug: &'static str,
    /// In titles.
    words: &'static str,
    /// What has to come before it.
    before: &'static [&'static str],
    /// The frame.
    sent: &'static str,
    /// What shows that it was taken.
    after: &'static [&'static str],
}

const PUBLISH: &str = "> basic.publish exchange=amq.direct routing-key=$k with content=none";
const TAKEN: &[&str] = &["> basic.qos", "< basic.qos-ok"];
const FRAMES: [Frame; 4] = [
    Frame {
        slug: "method",
        words: "method",
        before: &[],
        sent: "> basic.qos prefetch-count=1",
        after: &["< basic.qos-ok"],
    },
    Frame {
        slug: "content-header",
        words: "content header",
        before: &[PUBLISH],
        sent: "> content-header body-size=0",
        after: TAKEN,
    },
    Frame {
        slug: "content-body",
        words: "body",
        before: &[PUBLISH, "> content-header body-size=5"],
        sent: "> content-body payload=hello",
        after: TAKEN,
    },
    Frame {
        slug: "heartbeat",
        words: "heartbeat",
        before: &[],
        sent: "> heartbeat",
        after: TAKEN,
    },
];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for frame in &FRAMES {
        ends(frame, &mut cases);
        sizes(frame, &mut cases);
    }
    unknown_types(&mut cases);
    channels(&mut cases);
    too_early(&mut cases);
    heartbeats(&mut cases);
    cases
}

fn taken(frame: &Frame) -> Lines {
    let lines = std::iter::once(&frame.sent).chain(frame.after);
    lines.map(|line| (*line).to_owned()).collect()
}

fn ends(frame: &Frame, cases: &mut Vec<Case>) {
    for octet in ["00", "cf", "ff"] {
        let case = Case::new(
            format!("frame-end/{}-{octet}", frame.slug),
            format!(
                "A {} frame that ends in 0x{octet} ends the connection",
                frame.words
            ),
            "FRM-02 FRM-03",
        );
        cases.push(
            case.steps(frame.before.iter().copied())
                .control(taken(frame))
                .fault([
                    format!("{} with frame-end=0x{octet}", frame.sent),
                    "< closed reply-code=501 with silent=pass".to_owned(),
                ]),
        );
    }
}

fn sizes(frame: &Frame, cases: &mut Vec<Case>) {
    for (slug, words, by) in [
        ("too-small", "one octet short", -1),
        ("too-large", "one octet too many", 1),
    ] {
        // No size is smaller than a heartbeat's.
        if frame.slug == "heartbeat" && by < 0 {
            continue;
        }
        let case = Case::new(
            format!("frame-size/{}-{slug}", frame.slug),
            format!(
                "A {} frame whose size is {words} has its end at the wrong place",
                frame.words
            ),
            "FRM-01 FRM-02",
        );
        cases.push(
            case.steps(frame.before.iter().copied())
                .control(taken(frame))
                .fault([
                    format!("{} with size-by={by}", frame.sent),
                    // Octets enough to look for the end.
                    "> heartbeat".to_owned(),
                    "< closed reply-code=501|502 with silent=pass".to_owned(),
                ]),
        );
    }
}

fn unknown_types(cases: &mut Vec<Case>) {
    for kind in [0, 4, 5, 6, 7, 9, 10, 16, 65, 127, 128, 136, 254, 255] {
        for (channel, payload) in [(0, "\"\""), (1, "hex\"00 3c 00 0a 00 00 00 00 00 00 00\"")] {
            let case = Case::new(
                format!("frame-type/{kind}-on-channel-{channel}"),
                format!(
                    "Frame type {kind} is unknown, and ends the connection on channel {channel}"
                ),
                "FRM-04",
            );
            let legal = if channel == 0 { 8 } else { 1 };
            let mut control = vec![format!(
                "> frame type={legal} channel={channel} payload={payload}"
            )];
            match channel {
                0 => control.extend(TAKEN.iter().map(|line| (*line).to_owned())),
                _ => control.push("< basic.qos-ok".to_owned()),
            }
            cases.push(case.control(control).fault([
                format!("> frame type={kind} channel={channel} payload={payload}"),
                "< closed reply-code=501|503|505|540 with silent=pass".to_owned(),
            ]));
        }
    }
}

/// Content frames and heartbeats on channels that they have nothing to do with.
fn channels(cases: &mut Vec<Case>) {
    let legal = |frame: &Frame| {
        frame
            .before
            .iter()
            .map(|line| (*line).to_owned())
            .chain(taken(frame))
    };
    for (frame, lane, codes) in [
        (&FRAMES[1], 0, "504|505"),
        (&FRAMES[2], 0, "504|505"),
        (&FRAMES[1], 3, "504|505"),
        (&FRAMES[2], 3, "504|505"),
    ] {
        let where_to = if lane == 0 {
            "channel 0"
        } else {
            "a channel that is not open"
        };
        let place = if lane == 0 {
            "channel-0"
        } else {
            "an-unopened-channel"
        };
        let case = Case::new(
            format!("frame-channel/{}-on-{place}", frame.slug),
            format!(
                "A {} frame on {where_to} ends the connection, also while another channel waits for one",
                frame.words
            ),
            if lane == 0 {
                "FRM-10 CON-11"
            } else {
                "FRM-12 CON-11"
            },
        );
        let mut fault: Lines = frame.before.iter().map(|line| (*line).to_owned()).collect();
        fault.push(format!("/{lane} {}", frame.sent));
        fault.push(format!("< closed reply-code={codes}"));
        cases.push(case.control(legal(frame)).fault(fault));
    }
    for (slug, words, lane, codes) in [
        ("channel-1", "channel 1", 1, "501|503"),
        ("channel-65535", "the last channel", 65535, "501|503|504"),
    ] {
        let case = Case::new(
            format!("frame-channel/heartbeat-on-{slug}"),
            format!("A heartbeat on {words} ends the connection"),
            "FRM-08 HB-01",
        );
        cases.push(case.control(taken(&FRAMES[3])).fault([
            format!("> frame type=8 channel={lane} payload=\"\""),
            format!("< closed reply-code={codes}"),
        ]));
    }
}

/// Content frames and unknown types before the connection is open.
fn too_early(cases: &mut Vec<Case>) {
    let stages = [
        (
            "start-ok",
            "start",
            vec![
                "> connection.start-ok mechanism=PLAIN response=$response locale=en_US",
                "< connection.tune",
            ],
        ),
        (
            "tune-ok",
            "tune",
            vec![
                "> connection.tune-ok channel-max=10 frame-max=8192",
                "> connection.open virtual-host=$vhost",
                "< connection.open-ok",
            ],
        ),
        (
            "open",
            "tuned",
            vec![
                "> connection.open virtual-host=$vhost",
                "< connection.open-ok",
            ],
        ),
    ];
    for (due, stage, control) in stages {
        for (slug, words, sent) in [
            (
                "content-header",
                "A content header",
                "frame type=2 channel=1 payload=hex\"00 3c 00 00 00 00 00 00 00 00 00 00 00 00\"",
            ),
            (
                "content-body",
                "A body frame",
                "frame type=3 channel=1 payload=x",
            ),
            (
                "unknown-type",
                "A frame of an unknown type",
                "frame type=9 channel=0 payload=\"\"",
            ),
            (
                "empty-method",
                "A method frame without an octet",
                "frame type=1 channel=0 payload=\"\"",
            ),
        ] {
            let case = Case::new(
                format!("frame-before-{due}/{slug}"),
                format!("{words} where {due} is due ends the connection"),
                "CON-01 CON-02",
            );
            cases.push(
                case.steps([format!("open at={stage}")])
                    .control(control.clone())
                    .fault([
                        format!("> {sent}"),
                        "< closed reply-code=501|502|503|504|505|530 with silent=pass".to_owned(),
                    ]),
            );
        }
    }
}

fn heartbeats(cases: &mut Vec<Case>) {
    for (slug, words, payload) in [
        ("one-octet", "one octet", "hex\"00\"".to_owned()),
        ("a-frame-end", "an end octet", "hex\"ce\"".to_owned()),
        (
            "a-heartbeat",
            "a heartbeat",
            "hex\"08 00 00 00 00 00 00 ce\"".to_owned(),
        ),
        ("many-octets", "many octets", "\"x\" * 1000".to_owned()),
    ] {
        let case = Case::new(
            format!("frame-payload/heartbeat-with-{slug}"),
            format!("A heartbeat that holds {words} is malformed"),
            "HB-01 HB-02",
        );
        cases.push(case.control(taken(&FRAMES[3])).fault([
            format!("> frame type=8 channel=0 payload={payload}"),
            "< closed reply-code=501|502".to_owned(),
        ]));
    }
    // Between the frames of a content a heartbeat is always legal.
    for frame in &FRAMES[1..3] {
        let case = Case::new(
            format!("frame-between/heartbeat-before-{}", frame.slug),
            format!(
                "A heartbeat between the frames of a content, before its {}, changes nothing",
                frame.words
            ),
            "HB-03 FRM-14",
        );
        let mut steps: Lines = frame.before.iter().map(|line| (*line).to_owned()).collect();
        steps.extend(block("repeat 3", ["> heartbeat"]));
        steps.extend(taken(frame));
        cases.push(case.steps(steps));
    }
}
