//! What holds for any octets and for any frame: the assertions of the fuzz targets.
//!
//! Each function panics where its promise is broken. They stand here, and not in the targets, so
//! that the committed seeds go through them in every ordinary test run.

use std::fmt::{Debug, Display};

use arbitrary::{Arbitrary, Unstructured};
use bytes::{Bytes, BytesMut};

use crate::content::{ContentHeader, Properties};
use crate::error::{DecodeError, Fault};
use crate::frame::{Deframer, FRAME_OVERHEAD, Frame, FrameDecoder};
use crate::method::Method;
use crate::protocol_header::ProtocolHeader;
use crate::types::{FieldArray, FieldArrayRef, FieldTable, FieldTableRef, FieldValue};

/// Small enough for a fuzzer to exceed, and the limit that holds before tuning.
const FRAME_MAX: u32 = 4096;

/// Decodes `octets` as a stream, and as each thing that a payload can be.
///
/// # Panics
///
/// If a frame is taken without being consumed; if octet by octet differs from all at once; if what
/// is borrowed differs from what is owned, or from what the other is refused for; if what was
/// decoded is not decoded again from what it encodes to; if a content header or a table does not
/// come out as it went in.
pub fn decode_any(octets: &[u8]) {
    stream(octets);
    borrowed(octets);
    let payload = Bytes::copy_from_slice(octets);
    if let Ok(method) = Method::decode(payload.clone()) {
        assert_eq!(
            Method::decode(encoded(|out| method.encode(out))),
            Ok(method)
        );
    }
    if let Ok(header) = ContentHeader::decode(payload.clone()) {
        assert_eq!(encoded(|out| header.encode(out)), payload);
        properties(&header.properties);
    }
    if let Ok(list) = Properties::from_bytes(payload.clone()) {
        properties(&list);
    }
    if let Ok(pairs) = FieldTable::from_bytes(payload.clone()) {
        table(&pairs);
    }
    if let Ok(values) = FieldArray::from_bytes(payload) {
        array(&values);
    }
    let mut buf = BytesMut::from(octets);
    if let Ok(Some(header)) = ProtocolHeader::decode(&mut buf) {
        let again = encoded(|out| header.encode(out));
        assert_eq!(octets, [&again, buf.as_ref()].concat());
    }
}

/// Makes frames of `octets` and sends them through both directions.
///
/// # Panics
///
/// If a frame is not decoded as it was encoded, or before its last octet has come.
pub fn round_trip(octets: &[u8]) {
    let frames = frames(octets);
    let mut decoder = FrameDecoder::new(0);
    let mut all = BytesMut::new();
    for frame in &frames {
        let mut buf = BytesMut::new();
        frame.encode(&mut buf);
        let last = buf.split_off(buf.len() - 1);
        assert_eq!(decoder.decode(&mut buf), Ok(None), "before the last octet");
        buf.unsplit(last);
        all.extend_from_slice(&buf);
        assert_eq!(decoder.decode(&mut buf).as_ref(), Ok(&Some(frame.clone())));
        assert!(buf.is_empty(), "octets left behind {frame:?}");
        if let Frame::Header { header, .. } = frame {
            properties(&header.properties);
        }
    }
    for frame in frames {
        assert_eq!(decoder.decode(&mut all), Ok(Some(frame)));
    }
    assert_eq!(decoder.decode(&mut all), Ok(None));
}

/// Shows `octets` to this codec and to another one as payloads, and the payloads of frames made of
/// them.
///
/// The other codec is given by what it does to the payload of a method frame and of a content
/// header frame: it decodes it and encodes the result, or says why it refuses. It may be more
/// lenient where a script has to see what a broker sent: zero octets in short strings, names in
/// tables that are not UTF-8, deeper nesting.
///
/// # Panics
///
/// If only one codec takes a payload, or if they do not read the same out of it.
pub fn two_codecs<E: Display>(
    octets: &[u8],
    method: fn(&[u8]) -> Result<Vec<u8>, E>,
    header: fn(&[u8]) -> Result<Vec<u8>, E>,
) {
    let both_read = |payload: &[u8]| {
        agree(payload, Method::decode, method);
        agree(payload, ContentHeader::decode, header);
    };
    both_read(octets);
    for frame in frames(octets) {
        match frame {
            Frame::Method { method, .. } => both_read(&encoded(|out| method.encode(out))),
            Frame::Header { header, .. } => both_read(&encoded(|out| header.encode(out))),
            Frame::Body { .. } | Frame::Heartbeat => {}
        }
    }
}

/// What `Debug` shows is compared, since it shows values: two booleans other than zero are one.
fn agree<T: Debug, E: Display>(
    payload: &[u8],
    decode: fn(Bytes) -> Result<T, DecodeError>,
    other: fn(&[u8]) -> Result<Vec<u8>, E>,
) {
    match (decode(Bytes::copy_from_slice(payload)), other(payload)) {
        (Ok(here), Ok(rewritten)) => {
            let there = decode(rewritten.into());
            assert_eq!(
                format!("{there:?}"),
                format!("{:?}", Ok::<_, DecodeError>(here))
            );
        }
        (Ok(here), Err(reason)) => panic!("only the other codec refuses {here:?}: {reason}"),
        (Err(error), Ok(_)) => assert!(
            matches!(
                error.fault(),
                Fault::ShortStrZeroOctet | Fault::ShortStrNotUtf8 | Fault::TableTooDeep
            ),
            "only the other codec takes {payload:02x?}: {error}"
        ),
        (Err(_), Err(_)) => {}
    }
}

/// The frames that a fuzzer's octets stand for in [`round_trip`].
pub fn frames(octets: &[u8]) -> Vec<Frame> {
    let mut source = Unstructured::new(octets);
    let mut frames = Vec::new();
    while !source.is_empty()
        && let Ok(frame) = Frame::arbitrary(&mut source)
    {
        frames.push(frame);
    }
    frames
}

fn stream(octets: &[u8]) {
    let whole = drain(&mut BytesMut::from(octets));
    let mut bit_by_bit = (Vec::new(), Ok(()));
    let mut buf = BytesMut::new();
    for octet in octets {
        buf.extend_from_slice(&[*octet]);
        let (frames, end) = drain(&mut buf);
        bit_by_bit.0.extend(frames);
        bit_by_bit.1 = end;
        if end.is_err() {
            break;
        }
    }
    assert_eq!(bit_by_bit, whole, "octet by octet, and all at once");
    for frame in whole.0 {
        let mut buf = BytesMut::from(encoded(|out| frame.encode(out)));
        assert_eq!(FrameDecoder::new(0).decode(&mut buf), Ok(Some(frame)));
    }
}

/// What is read where it stands is what is read to be kept, and is refused for the same reason.
fn borrowed(octets: &[u8]) {
    let payload = Bytes::copy_from_slice(octets);
    let method = Method::parse(octets);
    if let Ok(method) = &method {
        assert_eq!(
            encoded(|out| method.encode(out)),
            encoded(|out| method.clone().into_owned().encode(out))
        );
    }
    same(method, Method::decode(payload.clone()), Method::into_owned);
    let header = ContentHeader::parse(octets);
    if let Ok(header) = &header {
        assert_eq!(encoded(|out| header.encode(out)), payload);
    }
    same(
        header,
        ContentHeader::decode(payload.clone()),
        ContentHeader::into_owned,
    );
    let pairs = FieldTableRef::from_bytes(octets);
    if let Ok(pairs) = pairs {
        let owned = pairs.into_owned();
        let all = pairs.iter();
        assert!(
            all.map(|(name, value)| (name.into_owned(), value.into_owned()))
                .eq(&owned)
        );
    }
    same(
        pairs,
        FieldTable::from_bytes(payload.clone()),
        FieldTableRef::into_owned,
    );
    let values = FieldArrayRef::from_bytes(octets);
    if let Ok(values) = values {
        assert!(
            values
                .iter()
                .map(FieldValue::into_owned)
                .eq(&values.into_owned())
        );
    }
    same(
        values,
        FieldArray::from_bytes(payload),
        FieldArrayRef::into_owned,
    );

    let deframer = Deframer::new(FRAME_MAX);
    let (mut rest, mut buf) = (octets, BytesMut::from(octets));
    loop {
        let split = deframer.split(rest);
        let frame = split.map(|split| split.map(|(frame, _)| frame));
        let taken = deframer.next(&mut buf);
        let there = taken
            .clone()
            .map(|taken| taken.map(|raw| (raw.kind, raw.channel, raw.payload)));
        let here = frame.map(|frame| {
            frame.map(|raw| (raw.kind, raw.channel, Bytes::copy_from_slice(raw.payload)))
        });
        assert_eq!(here, there);
        let (Ok(Some((frame, after))), Ok(Some(raw))) = (split, taken) else {
            break;
        };
        assert_eq!(frame.parse().map(Frame::into_owned), raw.decode());
        assert_eq!(after, buf);
        rest = after;
    }
}

fn same<B: Debug, T: Debug + PartialEq>(
    borrowed: Result<B, DecodeError>,
    owned: Result<T, DecodeError>,
    keep: fn(B) -> T,
) {
    assert_eq!(format!("{borrowed:?}"), format!("{owned:?}"));
    assert_eq!(borrowed.map(keep), owned);
}

/// Takes frames until there are no more, or until the stream is broken.
fn drain(buf: &mut BytesMut) -> (Vec<Frame>, Result<(), DecodeError>) {
    let mut decoder = FrameDecoder::new(FRAME_MAX);
    let mut frames = Vec::new();
    loop {
        let before = buf.len();
        match decoder.decode(buf) {
            Ok(Some(frame)) => {
                assert!(buf.len() + FRAME_OVERHEAD <= before, "a frame for nothing");
                frames.push(frame);
            }
            Ok(None) => {
                assert_eq!(buf.len(), before, "octets gone without a frame");
                return (frames, Ok(()));
            }
            Err(error) => {
                assert!(!error.clause().is_empty() && !error.to_string().is_empty());
                return (frames, Err(error));
            }
        }
    }
}

fn properties(list: &Properties) {
    let decoded = list.decode();
    let again = Properties::from(&decoded);
    assert_eq!(again.decode(), decoded);
    assert_eq!(again.as_bytes(), list.as_bytes());
    if let Some(headers) = &decoded.headers {
        table(headers);
    }
}

/// Rebuilding a table from its pairs gives the same pairs, however deep.
fn table(pairs: &FieldTable) {
    let mut again = FieldTable::new();
    for (name, value) in pairs {
        inside(&value);
        assert!(pairs.get(&name).is_some());
        taken(again.push(&name, value));
    }
    assert!(again.iter().eq(pairs.iter()));
    assert_eq!(FieldTable::from_bytes(again.as_bytes().clone()), Ok(again));
}

fn array(values: &FieldArray) {
    let mut again = FieldArray::new();
    for value in values {
        inside(&value);
        taken(again.push(value));
    }
    assert!(again.iter().eq(values.iter()));
    assert_eq!(FieldArray::from_bytes(again.as_bytes().clone()), Ok(again));
}

fn inside(value: &FieldValue) {
    match value {
        FieldValue::Table(pairs) => table(pairs),
        FieldValue::Array(values) => array(values),
        _ => {}
    }
}

fn taken<E: Debug>(result: Result<(), E>) {
    assert!(
        result.is_ok(),
        "what was received cannot be sent: {result:?}"
    );
}

fn encoded(encode: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut out = BytesMut::new();
    encode(&mut out);
    out.freeze()
}
