//! Tables that are broken within, too deep, or named as no table may be.

use super::super::super::Datum;
use super::super::table::TAGS;
use super::contents::header;
use super::values::tag_name;
use super::{Seed, refusable, unreadable};
use crate::corpus::Breach;

/// How deep the reference broker looks; the text sets no limit.
const DEPTH: usize = 64;

pub(super) fn add(seeds: &mut Vec<Seed>) {
    let mut push = |slug: String, what: String, table: Vec<u8>, breach: Breach| {
        let octets = with_headers(&table);
        seeds.push(Seed::valid(format!("table.{slug}"), what, octets).breaking(breach));
    };
    for tag in TAGS.iter().filter(|tag| **tag != "V") {
        // One octet is too few for each type but two.
        let value: &[u8] = if matches!(*tag, "t" | "b" | "B") {
            &[]
        } else {
            &[0]
        };
        push(
            format!("value-cut.{}", tag_name(tag)),
            format!("a table that ends within a value of tag {tag}"),
            pair(b"v", tag.as_bytes()[0], value),
            unreadable("DAT-15"),
        );
    }
    for tag in [0, b' ', b'0', b'Z', b'y', b'X', 0x80, 0xFF] {
        push(
            format!("unknown-tag-{tag:02x}"),
            format!("a table with a value of the tag {tag:#04x}, which does not exist"),
            pair(b"v", tag, b"\0\0\0\0"),
            unreadable("DAT-14"),
        );
    }
    push(
        "name-without-value".into(),
        "a table that ends behind a name".into(),
        b"\x01v".to_vec(),
        unreadable("DAT-15"),
    );
    push(
        "name-cut".into(),
        "a table that ends within a name".into(),
        b"\x05v".to_vec(),
        unreadable("DAT-15"),
    );
    for (slug, tag) in [
        ("table", b'F'),
        ("array", b'A'),
        ("string", b'S'),
        ("octets", b'x'),
    ] {
        for (how, length) in [("by-one", 1), ("by-far", u32::MAX)] {
            push(
                format!("inner-{slug}-too-long-{how}"),
                format!("a table with an inner {slug} that goes beyond it"),
                pair(b"v", tag, &length.to_be_bytes()),
                unreadable("DAT-15"),
            );
        }
    }
    push(
        "inner-table-too-short".into(),
        "a table with an inner table that ends within its field".into(),
        pair(b"v", b'F', b"\0\0\0\x04\x01nI\0\0\0\x01"),
        unreadable("DAT-15"),
    );
    push(
        "array-as-a-count".into(),
        "a table with an array whose length counts its values, not their octets".into(),
        pair(b"v", b'A', b"\0\0\0\x02I\0\0\0\x01I\0\0\0\x02"),
        unreadable("DAT-15"),
    );
    let names: [(&str, &str, Vec<u8>, &str); 6] = [
        ("no-utf-8", "is not UTF-8", vec![0xFF, 0xFE], "DAT-02"),
        (
            "zero-octet",
            "holds a zero octet",
            b"a\0b".to_vec(),
            "DAT-02",
        ),
        ("digit", "begins with a digit", b"1st".to_vec(), "DAT-05"),
        ("blank", "holds a blank", b"a b".to_vec(), "DAT-05"),
        ("empty", "is empty", Vec::new(), "DAT-05"),
        (
            "129-octets",
            "has 129 octets, one too many",
            vec![b'n'; 129],
            "DAT-05",
        ),
    ];
    for (slug, said, name, clause) in names {
        push(
            format!("name-{slug}"),
            format!("a table with a name that {said}"),
            pair(&name, b't', &[1]),
            refusable(clause),
        );
    }
    push(
        "name-twice".into(),
        "a table with the same name twice".into(),
        [pair(b"n", b't', &[1]), pair(b"n", b't', &[0])].concat(),
        refusable("DAT-07"),
    );
    for (slug, depth) in [
        ("over-the-limit", DEPTH + 1),
        ("1000", 1000),
        ("20000", 20_000),
    ] {
        push(
            format!("arrays-{slug}-deep"),
            format!("arrays in each other, {depth} deep"),
            nested_arrays(depth),
            refusable("DAT-16"),
        );
    }
    for (slug, depth) in [("over-the-limit", DEPTH + 1), ("1000", 1000)] {
        push(
            format!("tables-{slug}-deep"),
            format!("tables in each other, {depth} deep"),
            nested_tables(depth),
            refusable("DAT-16"),
        );
    }
    for depth in [2, DEPTH / 2, DEPTH - 1] {
        let what = format!("arrays in each other, {depth} deep");
        seeds.push(Seed::valid(
            format!("table.arrays-{depth}-deep"),
            what,
            with_headers(&nested_arrays(depth)),
        ));
        let what = format!("tables in each other, {depth} deep");
        seeds.push(Seed::valid(
            format!("table.tables-{depth}-deep"),
            what,
            with_headers(&nested_tables(depth)),
        ));
    }
}

/// A content header whose headers are these octets.
fn with_headers(table: &[u8]) -> Vec<u8> {
    let octets_of_table = [&(table.len() as u32).to_be_bytes(), table].concat();
    // A table may be given as its octets, length included.
    header(
        0,
        vec![("headers".to_owned(), Datum::Octets(octets_of_table))],
    )
}

fn pair(name: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    [&[name.len() as u8], name, &[tag], value].concat()
}

fn nested_arrays(depth: usize) -> Vec<u8> {
    let mut table = b"\x01vA".to_vec();
    for inner in (0..depth).rev() {
        table.extend((inner as u32 * 5).to_be_bytes());
        if inner > 0 {
            table.push(b'A');
        }
    }
    table
}

fn nested_tables(depth: usize) -> Vec<u8> {
    let mut table = Vec::new();
    for inner in (0..depth).rev() {
        table.extend(b"\x01vF");
        table.extend((inner as u32 * 7).to_be_bytes());
    }
    table
}
