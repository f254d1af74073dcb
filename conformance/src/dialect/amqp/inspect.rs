//! Octets taken apart for a person: frame by frame, with the place of each mistake and the clause that it breaks.

use mqspec_specs::Protocol;

use super::super::Datum;
use super::decode::{self, Decoded};
use super::encode::FRAME_OVERHEAD;

/// Type, channel and size.
const HEAD: usize = 7;
const FRAME_END: u8 = 0xCE;

/// One frame, or the protocol header.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Where it begins, in octets.
    pub offset: usize,
    /// How long it is, in octets: as much of it as there is.
    pub length: usize,
    /// What it is: `method`, `header`, `body`, `heartbeat`, `protocol header`, or `octets` that are no frame.
    pub kind: &'static str,
    /// Its channel, if it is a frame.
    pub channel: Option<u16>,
    /// The command that the notation calls it by.
    pub command: String,
    /// The command's fields, as far as they make sense.
    pub fields: Vec<(String, Datum)>,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// What is wrong with octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, in octets from the beginning of all of them.
    pub offset: usize,
    /// The clause that they break. Octets that merely stop too early break none.
    pub clause: Option<&'static str>,
    /// What is wrong, in a sentence.
    pub what: String,
}

/// Takes octets of one direction of a connection apart. Behind a mistake of framing (AMQP 0-9-1 §4.2.3) nothing can be
/// read any more; behind any other, the next frame is.
pub fn inspect(octets: &[u8]) -> Vec<Frame> {
    let protocol = mqspec_specs::amqp_0_9_1();
    let mut frames = Vec::new();
    let mut offset = 0;
    while let Some(rest) = octets.get(offset..).filter(|rest| !rest.is_empty()) {
        let (frame, goes_on) = next(protocol, rest, offset);
        offset += frame.length.max(1);
        frames.push(frame);
        if !goes_on {
            break;
        }
    }
    frames
}

/// The first frame, and whether another can follow.
fn next(protocol: &Protocol, octets: &[u8], offset: usize) -> (Frame, bool) {
    let first = octets.first().copied().unwrap_or_default();
    if first == b'A' {
        return protocol_header(octets, offset);
    }
    let kind = match first {
        1 => "method",
        2 => "header",
        3 => "body",
        8 => "heartbeat",
        other => {
            let what = format!("{other} is no frame type");
            return (broken(octets, offset, Some("FRM-04"), 0, what), false);
        }
    };
    let Some(head) = octets.first_chunk::<HEAD>() else {
        let what = format!(
            "a frame's head has {HEAD} octets; here are {}",
            octets.len()
        );
        return (broken(octets, offset, None, octets.len(), what), false);
    };
    let channel = u16::from_be_bytes([head[1], head[2]]);
    let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]) as usize;
    let whole = octets.get(..size.saturating_add(FRAME_OVERHEAD));
    let payload = octets.get(HEAD..HEAD.saturating_add(size));
    let (Some(whole), Some(payload)) = (whole, payload) else {
        let there = octets.len() - HEAD;
        let what = format!("the frame announces {size} octets and its end; here are {there}");
        let frame = Frame {
            kind,
            channel: Some(channel),
            ..broken(octets, offset, None, octets.len(), what)
        };
        return (frame, false);
    };
    let end = whole.last().copied().unwrap_or_default();
    let decoded = match first {
        1 => decode::method(protocol, payload),
        2 => decode::header(protocol, payload),
        3 => plain(
            "content-body",
            vec![("payload".to_owned(), Datum::Octets(payload.to_vec()))],
        ),
        _ => plain("heartbeat", Vec::new()),
    };
    let fault = match first {
        _ if end != FRAME_END => Some(Fault {
            offset: offset + whole.len() - 1,
            clause: Some("FRM-01"),
            what: format!("the frame ends in {end:#04x}, not in 0xCE"),
        }),
        2 | 3 if channel == 0 => Some(Fault {
            offset: offset + 1,
            clause: Some("FRM-10"),
            what: "content travels on channel 0".to_owned(),
        }),
        8 if channel != 0 || size != 0 => Some(Fault {
            offset: offset + 1,
            clause: Some("HB-02"),
            what: "a heartbeat is not empty or not on channel 0".to_owned(),
        }),
        _ => decoded.breach.map(|breach| Fault {
            offset: offset + HEAD + decoded.sound,
            clause: Some(breach.clause),
            what: breach.what,
        }),
    };
    let frame = Frame {
        offset,
        length: whole.len(),
        kind,
        channel: Some(channel),
        command: decoded.name,
        fields: decoded.fields,
        fault,
    };
    (frame, end == FRAME_END)
}

fn plain(name: &str, fields: Vec<(String, Datum)>) -> Decoded {
    Decoded {
        name: name.to_owned(),
        fields,
        breach: None,
        sound: 0,
    }
}

/// Octets that are no frame.
fn broken(
    octets: &[u8],
    offset: usize,
    clause: Option<&'static str>,
    at: usize,
    what: String,
) -> Frame {
    let fault = Fault {
        offset: offset + at,
        clause,
        what,
    };
    Frame {
        offset,
        length: octets.len(),
        kind: "octets",
        channel: None,
        command: "raw".to_owned(),
        fields: vec![("data".to_owned(), Datum::Octets(octets.to_vec()))],
        fault: Some(fault),
    }
}

/// The eight octets that begin a connection.
fn protocol_header(octets: &[u8], offset: usize) -> (Frame, bool) {
    let Some(header) = octets
        .first_chunk::<8>()
        .filter(|header| header.starts_with(b"AMQP"))
    else {
        let what = "these octets begin neither a frame nor a protocol header".to_owned();
        return (broken(octets, offset, Some("HDR-03"), 0, what), false);
    };
    let names = ["id", "major", "minor", "revision"];
    let numbers = header[4..].iter().map(|octet| Datum::Int((*octet).into()));
    let fields = names.into_iter().map(str::to_owned).zip(numbers).collect();
    let frame = Frame {
        offset,
        length: header.len(),
        kind: "protocol header",
        channel: None,
        command: "protocol-header".to_owned(),
        fields,
        fault: None,
    };
    (frame, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
        let size = payload.len() as u32;
        let head = [
            &[kind][..],
            &channel.to_be_bytes(),
            &size.to_be_bytes(),
            payload,
            &[FRAME_END],
        ];
        head.concat()
    }

    fn faults(octets: &[u8]) -> Vec<(usize, Option<&'static str>)> {
        let found = inspect(octets).into_iter().filter_map(|frame| frame.fault);
        found.map(|fault| (fault.offset, fault.clause)).collect()
    }

    #[test]
    fn a_connection_begins_with_the_header_and_goes_on_in_frames() {
        let octets = [
            b"AMQP\0\0\x09\x01".to_vec(),
            frame(1, 1, &[0, 20, 0, 10, 0]),
            frame(8, 0, &[]),
        ]
        .concat();
        let names: Vec<(usize, String)> = inspect(&octets)
            .into_iter()
            .map(|frame| (frame.offset, frame.command))
            .collect();
        let wanted = [
            (0, "protocol-header"),
            (8, "channel.open"),
            (21, "heartbeat"),
        ];
        assert_eq!(
            names,
            wanted.map(|(offset, name)| (offset, name.to_owned()))
        );
        assert!(faults(&octets).is_empty());
    }

    #[test]
    fn a_fault_has_its_place_and_its_clause() {
        // channel.open whose short string announces more than there is
        assert_eq!(
            faults(&frame(1, 1, &[0, 20, 0, 10, 9, b'x'])),
            [(11, Some("MTH-02"))]
        );
        assert_eq!(faults(&frame(1, 1, &[0, 99, 0, 1])), [(7, Some("MTH-01"))]);
        assert_eq!(faults(&frame(2, 0, &[])), [(1, Some("FRM-10"))]);
        assert_eq!(faults(&frame(5, 0, &[])), [(0, Some("FRM-04"))]);
        assert_eq!(faults(&[1, 0, 1]), [(3, None)]);
        let mut unended = frame(8, 0, &[]);
        unended[7] = 0;
        assert_eq!(faults(&unended), [(7, Some("FRM-01"))]);
        assert_eq!(faults(b"HTTP/1.1"), [(0, Some("FRM-04"))]);
    }

    #[test]
    fn behind_a_fault_inside_a_frame_the_next_one_is_read() {
        let octets = [frame(1, 1, &[0, 99, 0, 1]), frame(8, 0, &[])].concat();
        assert_eq!(inspect(&octets).len(), 2);
    }
}
