//! A fuzzer's dictionary: the octets that frames are made of.

use mqspec_specs::protocol::Type;

use super::super::table::TAGS;
use super::values::tag_name;
use super::{bare, frame, octets};

/// A word of the dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its name: small letters, digits and underscores.
    pub name: String,
    /// Its octets.
    pub octets: Vec<u8>,
}

/// The dictionary, in a fixed order, each name once and each word once.
pub fn words() -> Vec<Word> {
    let protocol = mqspec_specs::amqp_0_9_1();
    let mut words: Vec<Word> = Vec::new();
    let mut push = |name: String, octets: Vec<u8>| {
        let name = name
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_")
            .to_lowercase();
        if !words
            .iter()
            .any(|word| word.octets == octets || word.name == name)
        {
            words.push(Word { name, octets });
        }
    };
    push("protocol_header".into(), protocol.about.header.to_vec());
    push("heartbeat".into(), frame(8, 0, b""));
    push("frame_end".into(), vec![0xCE]);
    for (name, kind) in [("method", 1), ("header", 2), ("body", 3), ("heartbeat", 8)] {
        push(format!("frame_{name}_on_0"), vec![kind, 0, 0]);
        push(format!("frame_{name}_on_1"), vec![kind, 0, 1]);
    }
    for command in &protocol.commands {
        push(
            format!("ids_{}", command.name),
            [command.class.to_be_bytes(), command.method.to_be_bytes()].concat(),
        );
    }
    for command in &protocol.commands {
        push(
            format!("frame_{}", command.name),
            octets(&bare(command, Vec::new())),
        );
    }
    for class in protocol
        .classes
        .iter()
        .filter(|class| !class.properties.is_empty())
    {
        push(
            format!("content_header_{}", class.name),
            [class.id.to_be_bytes().to_vec(), vec![0; 10]].concat(),
        );
        for (place, property) in class.properties.iter().enumerate() {
            let flags = 0x8000_u16 >> place;
            push(
                format!("flag_{}", property.name),
                flags.to_be_bytes().to_vec(),
            );
        }
        push("flags_all".into(), vec![0xFF, 0xFC]);
        push("flags_go_on".into(), vec![0x00, 0x01]);
    }
    for tag in TAGS {
        push(format!("tag_{}", tag_name(tag)), tag.as_bytes().to_vec());
        push(
            format!("entry_{}", tag_name(tag)),
            [b"\x01k", tag.as_bytes()].concat(),
        );
    }
    for constant in protocol
        .constants
        .iter()
        .filter(|constant| constant.class.is_some())
    {
        push(
            format!("code_{}", constant.name),
            constant.value.to_be_bytes().to_vec(),
        );
    }
    for (name, octets) in [
        ("length_zero", [0, 0, 0, 0]),
        ("length_one", [0, 0, 0, 1]),
        ("length_31_bits", [0x7F, 0xFF, 0xFF, 0xFF]),
        ("length_high_bit", [0x80, 0, 0, 0]),
        ("length_greatest", [0xFF; 4]),
        ("frame_min_size", [0, 0, 0x10, 0]),
    ] {
        push(name.into(), octets.to_vec());
    }
    push("longlong_high_bit".into(), vec![0x80, 0, 0, 0, 0, 0, 0, 0]);
    push("longlong_greatest".into(), vec![0xFF; 8]);
    for word in [
        "PLAIN",
        "AMQPLAIN",
        "EXTERNAL",
        "en_US",
        "direct",
        "fanout",
        "topic",
        "headers",
        "amq.direct",
        "amq.fanout",
        "amq.topic",
        "amq.match",
        "amq.",
        "guest",
        "/",
        "x-match",
        "x-message-ttl",
        "x-expires",
        "x-max-length",
        "x-dead-letter-exchange",
        "alternate-exchange",
    ] {
        let short = [&[word.len() as u8], word.as_bytes()].concat();
        push(format!("word_{word}"), short);
    }
    push("plain_guest".into(), b"\0guest\0guest".to_vec());
    // The names of arguments that are tables are names of their own.
    for command in &protocol.commands {
        for field in command
            .fields
            .iter()
            .filter(|field| field.native == Type::Table)
        {
            push(
                format!("word_{}", field.name),
                [&[field.name.len() as u8], field.name.as_bytes()].concat(),
            );
        }
    }
    words
}
