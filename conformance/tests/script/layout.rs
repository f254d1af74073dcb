//! How a script is laid out.

use mqspec::script::{Severity, check, format, parse};

use mqspec::dialect::amqp::dialect;

const NOTATION: &str = include_str!("../../../specs/notation.mqs");

#[test]
fn the_description_of_the_notation_is_a_script_that_makes_sense_and_is_laid_out() {
    let file = parse("notation.mqs", NOTATION).expect("a script");
    let found = check(&file, NOTATION, dialect());
    let shown: Vec<String> = found
        .iter()
        .map(|finding| finding.render(NOTATION, false))
        .collect();
    assert!(found.is_empty(), "{}", shown.join("\n"));
    assert_eq!(file.to_string(), NOTATION);
}

#[test]
fn the_prologue_of_amqp_makes_sense_and_is_laid_out() {
    let source = mqspec_specs::scripts::AMQP_0_9_1_PROLOGUE;
    let file = parse(source.name, source.text).expect("a script");
    assert_eq!(file.protocol.as_deref(), Some("amqp-0-9-1"));
    assert_eq!(file.stages().count(), 6);
    let errors = check(&file, source.text, dialect())
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error);
    assert_eq!(
        errors
            .map(|finding| finding.to_string())
            .collect::<Vec<_>>(),
        [""; 0]
    );
    assert_eq!(
        format(source.name, &file.to_string()).as_deref(),
        Ok(file.to_string().as_str())
    );
}

#[test]
fn layout_is_evened_out_and_comments_are_kept() {
    let text = r##"

# Queues


#no blank
#
protocol    amqp-0-9-1   # which
# about the first
case a/b   # why
   # about the title
   "One sentence"
   needs   vhost2
   clause X-1
   clause X-2 \
          X-3
   group timed

   # before the first step
   open   a a/2    at="start"  frame-max=0x1000
   a   >   queue.declare   queue="q 1"   passive=true   with   frame-end=0   #  wrong


   a/2 < queue.declare-ok queue=$q & ~"^x"
   one-of
           # the usual
           pass    "refused"  # note
                  a < closed
           lenient
                  a < eof
   repeat 3   i
     a > basic.publish body="${i}"   \
         # the end
   wait 2000ms
   # behind the steps
case c/d
  > eof
# the end

"##;
    let even = format("a.mqs", text).expect("a script");
    insta::assert_snapshot!(even);
    assert_eq!(format("a.mqs", &even), Ok(even));
}

#[test]
fn a_long_line_goes_on_in_the_next_between_fields() {
    let clauses = (100..130)
        .map(|number| format!("CLAUSE-{number}"))
        .collect::<Vec<_>>()
        .join(" ");
    let fields = (100..130)
        .map(|number| format!("field-{number}=\"value {number}\""))
        .collect::<Vec<_>>()
        .join(" ");
    let text = format!(
        "case a/b\n  clause {clauses}\n  a > basic.publish {fields} with split=1  # long\n"
    );
    let even = mqspec::script::format("a.mqs", &text).expect("a script");
    assert!(
        even.lines()
            .all(|line| line.chars().count() <= 110 || line.ends_with("# long")),
        "{even}"
    );
    insta::assert_snapshot!(even);
    assert_eq!(mqspec::script::format("a.mqs", &even), Ok(even));
}

#[test]
fn other_line_ends_and_a_byte_order_mark_read_as_well() {
    let text = "\u{feff}case a/b\r\n  \"T\"\r\n  > eof \\\r\n\r\n";
    assert_eq!(
        format("a.mqs", text).as_deref(),
        Ok("case a/b\n  \"T\"\n  > eof\n")
    );
}
