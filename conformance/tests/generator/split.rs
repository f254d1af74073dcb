//! Streams that are cut: into single octets, and in two at each octet.

use mqspec_specs::Protocol;

use super::case::{Case, Lines, block};
use super::examples::Examples;

/// How many connections a case opens.
const LANES: usize = 6;

pub fn cases(protocol: &Protocol, examples: &Examples) -> Vec<Case> {
    let mut cases = Vec::new();
    for command in &protocol.commands {
        let Some(example) = examples.get(&command.name) else {
            continue;
        };
        let name = &command.name;
        let case = Case::new(
            format!("split.octets/{name}"),
            format!("{name} that arrives octet by octet is what it is"),
            "FRM-11",
        );
        let case = match name.as_str() {
            "channel.close-ok" => case.no_control("the refusal is there to be confirmed"),
            _ => case,
        };
        cases.push(
            case.needs(&example.needs)
                .steps(example.open.clone())
                .steps(example.before(""))
                .steps([example.command("", "split=1")])
                .steps(example.after("")),
        );
    }
    cases.push(
        Case::new(
            "split.octets/handshake",
            "A handshake that arrives octet by octet opens a connection",
            "FRM-11 HDR-05",
        )
        .steps([
            "open at=tcp",
            "> protocol-header with split=1",
            "< connection.start",
            "> connection.start-ok mechanism=PLAIN response=$response locale=en_US with split=1",
            "< connection.tune",
            "> connection.tune-ok channel-max=10 frame-max=8192 with split=1",
            "> connection.open virtual-host=$vhost with split=1",
            "< connection.open-ok",
            "> channel.open with split=1",
            "< channel.open-ok",
        ]),
    );
    handshake(&mut cases);
    channel_open(&mut cases);
    publish(&mut cases);
    cases
}

/// Each step of the handshake, cut in two at each of its octets on a connection of its own.
fn handshake(cases: &mut Vec<Case>) {
    let steps: [(&str, &str, &str, usize, &[&str]); 4] = [
        (
            "protocol-header",
            "tcp",
            "protocol-header",
            7,
            &["< connection.start"],
        ),
        // 24 octets, the mechanism and the locale, and what the user's name and password make of the response.
        (
            "connection.start-ok",
            "start",
            "connection.start-ok mechanism=PLAIN response=$response locale=en_US",
            48,
            &["< connection.tune"],
        ),
        (
            "connection.tune-ok",
            "tune",
            "connection.tune-ok channel-max=10 frame-max=8192",
            19,
            &[
                "> connection.open virtual-host=$vhost",
                "< connection.open-ok",
            ],
        ),
        (
            "connection.open",
            "tuned",
            "connection.open virtual-host=$vhost",
            15,
            &["< connection.open-ok"],
        ),
    ];
    for (slug, stage, sent, cuts, after) in steps {
        let all: Vec<usize> = (1..=cuts).collect();
        for group in all.chunks(LANES) {
            let (first, last) = (group[0], group[group.len() - 1]);
            let mut lines = Lines::new();
            for octet in group {
                // One after the other, and cut: a broker that is busy may drop a handshake that takes its time.
                lines.push(format!("open c{octet} at={stage}"));
                lines.push(format!("c{octet} > {sent} with split=[{octet}]"));
                lines.extend(after.iter().map(|line| format!("c{octet} {line}")));
                lines.push(format!("c{octet} > cut"));
            }
            let case = Case::new(
                format!("split.{slug}/octets-{first}-to-{last}"),
                format!("{slug} may be cut in two behind each of its octets {first} to {last}"),
                if stage == "tcp" {
                    "HDR-05 FRM-11"
                } else {
                    "FRM-11"
                },
            );
            cases.push(case.steps(lines));
        }
    }
}

/// 13 octets, each cut on a channel of its own.
fn channel_open(cases: &mut Vec<Case>) {
    let mut lines: Lines = vec!["open at=connection".to_owned()];
    lines.extend((1..13).map(|octet| format!("/{octet} > channel.open with split=[{octet}]")));
    lines.extend((1..13).map(|octet| format!("/{octet} < channel.open-ok")));
    cases.push(
        Case::new(
            "split.channel.open/every-octet",
            "channel.open may be cut in two behind each of its octets",
            "FRM-11",
        )
        .steps(lines),
    );
}

/// A method, a header and a body, in one stream that is cut at every octet.
fn publish(cases: &mut Vec<Case>) {
    let declare = [
        "> queue.declare queue=$q exclusive=true",
        "< queue.declare-ok queue=$q",
    ];
    // The greater numbers lie behind the last octet where the queue's name is short: then nothing is cut.
    for (slug, words, each) in [
        ("in-two", "in two behind each of their octets", "split=[$i]"),
        (
            "in-three",
            "in three behind each of their octets and five further on",
            "split=[$i, 5]",
        ),
        ("in-equal-pieces", "in pieces of each size", "split=$i"),
    ] {
        let publish =
            format!("> basic.publish routing-key=$q headers={{n=I:206}} body=hello with {each}");
        let case = Case::new(
            format!("split.basic.publish/{slug}"),
            format!("The three frames of a message may be cut {words}"),
            "FRM-11 CNT-13",
        );
        cases.push(
            case.steps(declare)
                .steps(block("repeat 100 i", [publish]))
                .steps(block("repeat 99 i", ["> basic.get queue=$q no-ack=true"]))
                .steps(block(
                    "repeat 99 i",
                    ["< basic.get-ok headers={n=I:206} body=hello"],
                ))
                .steps(["> queue.purge queue=$q", "< queue.purge-ok message-count=1"]),
        );
    }
}
