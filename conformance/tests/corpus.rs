//! The seeds for fuzzers are what they are said to be: the reference broker's codec, which shares no code with the one
//! that made them, takes what is valid and refuses what is not, for the same clause.

use std::collections::HashSet;
use std::path::Path;
use std::{env, fs};

use bytes::BytesMut;
use mqspec::corpus::{self, Export, ExportError, Format, Seed, Standing, export};
use mqspec::dialect::amqp::seeds::{seeds, words};
use mqspec_codec::{DecodeError, Deframer, Frame, FrameDecoder};

/// What a codec cannot see: a limit that is agreed on, rules about channels, and what names are made of.
const SEEN_BY_PEERS: [&str; 6] = ["FRM-05", "FRM-08", "FRM-09", "FRM-10", "DAT-05", "DAT-07"];

/// What the codec says to the frames of a seed; `None` if there is no whole frame.
fn decoded(octets: &[u8]) -> Result<Option<Frame>, DecodeError> {
    let mut decoder = FrameDecoder::new(0);
    let mut buf = BytesMut::from(octets);
    let mut last = None;
    while let Some(frame) = decoder.decode(&mut buf)? {
        last = Some(frame);
    }
    Ok(last.filter(|_| buf.is_empty()))
}

fn is_greeting(seed: &Seed) -> bool {
    seed.name.starts_with("protocol-header")
}

#[test]
fn what_is_valid_is_taken_by_the_other_codec() {
    let (all, mut refused) = (seeds(), Vec::new());
    for seed in all
        .iter()
        .filter(|seed| seed.is_valid() && !is_greeting(seed))
    {
        let taken = decoded(&seed.octets);
        if !matches!(taken, Ok(Some(_))) {
            refused.push((&seed.name, taken));
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn what_is_invalid_is_refused_by_the_other_codec_for_the_same_clause() {
    let all = seeds();
    let other_says = all
        .iter()
        .filter(|seed| !is_greeting(seed))
        .filter_map(|seed| {
            let Standing::Invalid(breach) = &seed.standing else {
                return None;
            };
            let clause = breach.clause.as_str();
            let agrees = match decoded(&seed.octets) {
                Err(error) => {
                    let told = breach
                        .refusal
                        .as_ref()
                        .and_then(|refusal| refusal.reply_code);
                    let silent = breach
                        .refusal
                        .as_ref()
                        .is_some_and(|refusal| refusal.closes == "socket");
                    (clause == error.clause() || (clause, error.clause()) == ("FRM-16", "FRM-05"))
                        && (silent || told == error.reply_code())
                }
                // More octets may come.
                Ok(None) => ["FRM-01", "FRM-16"].contains(&clause),
                Ok(Some(_)) => SEEN_BY_PEERS.contains(&clause) && !breach.unreadable,
            };
            (!agrees).then(|| (&seed.name, breach, decoded(&seed.octets).map(|_| ())))
        });
    let other_says: Vec<_> = other_says.collect();
    assert!(other_says.is_empty(), "{other_says:#?}");
}

#[test]
fn a_frame_over_the_limit_is_refused_by_who_knows_the_limit() {
    let seed = seeds()
        .into_iter()
        .find(|seed| seed.name == "frame.body.over-the-limit");
    let octets = seed.expect("the seed").octets;
    let refused = Deframer::new(4096)
        .split(&octets)
        .map(|_| ())
        .expect_err("too long");
    assert_eq!(refused.clause(), "FRM-05");
}

#[test]
fn the_corpus_is_the_same_every_time_small_and_named_for_every_system() {
    let all = corpus::seeds().expect("the embedded suite is sound");
    assert_eq!(all, corpus::seeds().expect("the embedded suite is sound"));
    let mut names = HashSet::new();
    for seed in &all {
        let name = &seed.name;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        assert!(name.chars().all(plain) && name.len() < 120, "{name}");
        assert!(names.insert(name.to_lowercase()), "{name} is given twice");
    }
    let size: usize = all.iter().map(|seed| seed.octets.len()).sum();
    assert!((100_000..1_000_000).contains(&size), "{size} octets");
    for family in [
        "method.",
        "header.",
        "body.",
        "value.",
        "table.",
        "frame.",
        "content.",
        "dialogue.",
    ] {
        let count = all
            .iter()
            .filter(|seed| seed.name.starts_with(family))
            .count();
        assert!(count > 5, "{count} of {family}");
    }
}

#[test]
fn a_dictionary_has_one_word_a_line_and_each_name_once() {
    let text = export::dictionary(&words(), Format::Libfuzzer);
    let line =
        regex::Regex::new(r#"^[a-z0-9_]+="(?:[ !#-\[\]-~]|\\x[0-9A-F]{2})+"$"#).expect("a pattern");
    let mut names = HashSet::new();
    for word in text.lines().filter(|word| !word.starts_with('#')) {
        assert!(line.is_match(word), "{word}");
        assert!(names.insert(word.split('=').next()), "{word}");
    }
    assert!(names.len() > 200);
}

/// After a change of `specs/amqp-0-9-1/protocol.json`: `BLESS=1 cargo test -p mqspec --test corpus`.
#[test]
fn our_own_targets_have_the_dictionary_that_everybody_gets() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/amqp.dict");
    let text = export::dictionary(&words(), Format::Libfuzzer);
    if env::var_os("BLESS").is_some() {
        fs::write(&file, &text).expect("a writable folder");
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == text,
        "fuzz/amqp.dict is not what the table says; run with BLESS=1"
    );
}

#[test]
fn a_folder_that_holds_something_is_written_to_only_by_force() {
    let folder = tempfile::tempdir().expect("a folder");
    let seeds = seeds();
    for format in [Format::Libfuzzer, Format::Afl, Format::Files] {
        let export = Export {
            seeds: &seeds[..40],
            words: &words(),
            format,
        };
        let place = folder.path().join(format!("{format:?}"));
        let written = export.write(&place, false).expect("a new folder");
        assert_eq!(
            written
                .iter()
                .map(|written| written.count)
                .take(2)
                .sum::<usize>(),
            40
        );
        assert!(matches!(
            export.write(&place, false),
            Err(ExportError::NotEmpty(_))
        ));
        export.write(&place, true).expect("by force");
        let manifest = fs::read_to_string(place.join("manifest.json")).expect("a manifest");
        let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
        for entry in manifest["seeds"].as_array().expect("a list") {
            let file = place.join(entry["file"].as_str().expect("a path"));
            let octets = fs::read(&file).expect("the file");
            assert_eq!(entry["length"], octets.len());
        }
    }
    let file = folder.path().join("file");
    fs::write(&file, "x").expect("a file");
    let export = Export {
        seeds: &seeds,
        words: &[],
        format: Format::Files,
    };
    assert!(matches!(
        export.write(&file, true),
        Err(ExportError::NoFolder(_))
    ));
}
