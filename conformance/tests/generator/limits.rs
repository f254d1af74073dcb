//! Frames about the size that was agreed on.

use super::case::{Case, Lines, one_of};

/// Type, channel, size and the end octet.
const OVERHEAD: usize = 8;
/// What the command below has beside its padding: ids, arguments, and the head of the field.
const METHOD: usize = OVERHEAD + 36;
/// What a content header has beside its padding: class, weight, size, flags, and the head of the field.
const HEADER: usize = OVERHEAD + 25;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for size in [4096, 4097, 6000, 8192] {
        bodies(size, &mut cases);
        undivided(
            size,
            "method",
            |frame| {
                let padding = frame - METHOD;
                vec![format!(
                    "> exchange.declare exchange=amq.direct type=direct passive=true arguments={{p=S:\"x\" * {padding}}}"
                )]
            },
            vec!["< exchange.declare-ok".to_owned()],
            &mut cases,
        );
        undivided(
            size,
            "content-header",
            |frame| {
                let padding = frame - HEADER;
                vec![
                    "> basic.publish exchange=amq.direct routing-key=$k with content=none"
                        .to_owned(),
                    format!("> content-header body-size=0 headers={{p=S:\"x\" * {padding}}}"),
                    "> basic.qos".to_owned(),
                ]
            },
            vec!["< basic.qos-ok".to_owned()],
            &mut cases,
        );
    }
    cases
}

fn bodies(size: usize, cases: &mut Vec<Case>) {
    let publish = |body: usize, frames: &str| {
        format!(
            "> basic.publish exchange=amq.direct routing-key=$k body=\"x\" * {body} with body-frames=[{frames}]"
        )
    };
    let right = size - OVERHEAD;
    cases.push(
        Case::new(
            format!("frame-max.content-body/{size}-exactly"),
            format!("Where {size} octets are agreed on, a body frame of just so many is read"),
            "FRM-05 CON-03",
        )
        .steps([
            format!("open frame-max={size}"),
            publish(right, &right.to_string()),
            "> basic.qos".to_owned(),
            "< basic.qos-ok".to_owned(),
        ]),
    );
    for more in [1, 9] {
        let (body, frame) = (right + more, size + more);
        let divided: Lines = vec![
            publish(body, &right.min(body).to_string()),
            "> basic.qos".to_owned(),
            "< basic.qos-ok".to_owned(),
        ];
        cases.push(
            Case::new(
                format!("frame-max.content-body/{size}-and-{more}"),
                format!("Where {size} octets are agreed on, a body frame of {frame} ends the connection with 501"),
                "FRM-05 CON-04",
            )
            .steps([format!("open frame-max={size}")])
            .control(divided)
            .fault([publish(body, &body.to_string()), "< closed reply-code=501".to_owned()]),
        );
    }
}

/// Frames that cannot be divided: whether they may go beyond the limit is left open.
fn undivided(
    size: usize,
    slug: &str,
    sent: impl Fn(usize) -> Lines,
    answer: Lines,
    cases: &mut Vec<Case>,
) {
    let words = slug.replace('-', " ");
    cases.push(
        Case::new(
            format!("frame-max.{slug}/{size}-exactly"),
            format!("Where {size} octets are agreed on, a {words} frame of just so many is read"),
            "FRM-05 CON-03",
        )
        .steps([format!("open frame-max={size}")])
        .steps(sent(size))
        .steps(answer.clone()),
    );
    for more in [1, 9] {
        cases.push(
            Case::new(
                format!("frame-max.{slug}/{size}-and-{more}"),
                format!(
                    "Where {size} octets are agreed on, a {words} frame of {} is refused with 501, or borne since it \
                     cannot be divided",
                    size + more
                ),
                "FRM-05 FRM-07",
            )
            .steps([format!("open frame-max={size}")])
            .steps(sent(size + more))
            .steps(one_of([
                ("pass \"refused\"", vec!["< closed reply-code=501".to_owned()]),
                ("lenient \"borne\"", answer.clone()),
            ])),
        );
    }
}
