//! What is said about mistakes. Each file in `mistakes/` holds one or a few; what is said stands in `snapshots/`.

use mqspec::script::{check, check_ids, parse};

use mqspec::dialect::amqp::dialect;

#[test]
fn each_mistake_is_pointed_at_and_put_right() {
    insta::glob!("mistakes/*.mqs", |path| {
        let text = std::fs::read_to_string(path).expect("the file is there");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let found = match parse(&name, &text) {
            Ok(file) => check(&file, &text, dialect()),
            Err(found) => found,
        };
        let shown: Vec<String> = found
            .iter()
            .map(|finding| finding.render(&text, false))
            .collect();
        assert!(!shown.is_empty(), "{name}: no mistake was found");
        insta::assert_snapshot!(shown.join("\n\n"));
    });
}

#[test]
fn a_finding_fits_into_one_line_of_a_log() {
    let found = parse(
        "q.mqs",
        "case a/b\n  > queue.declare queue=\"ä\" Passive=true\n",
    )
    .expect_err("a finding");
    let line = found.first().map(ToString::to_string);
    let expected = "q.mqs:2:29: `Passive` is not a field's name (did you mean `passive`?)";
    assert_eq!(line.as_deref(), Some(expected));
}

#[test]
fn a_case_id_that_two_files_use_is_found() {
    let text = "case a/b\n  \"T\"\n  clause X\n  > eof\n";
    let files = ["one.mqs", "two.mqs"].map(|name| parse(name, text).expect("a script"));
    let found = check_ids(files.iter().map(|file| (file, text)));
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    let expected = "two.mqs:1:1: a second case `a/b` (the first is one.mqs:1; an id is a case's permanent name)";
    assert_eq!(shown, [expected]);
}

#[test]
fn one_mistake_hides_no_other() {
    let text = "case a/b\n  \"T\n  clause\n  > queue.declare queue\n  control\n    ? nonsense\n  < eof x=\n  fault\n";
    let found = parse("a.mqs", text).expect_err("findings");
    let lines: Vec<u32> = found.iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [2, 3, 4, 6, 7, 8]);
}
