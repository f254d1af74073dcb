//! Expectations rewritten.

use mqspec::script::{BlessError, Message, StepKind, bless, parse};

const TEXT: &str = "# above
case a/b
   unordered   # odd layout stays
      a   <   eventually basic.get-ok   message-count=3 \\
              body=x  with content=none   # comment
      < basic.ack
";

fn message(line: &str) -> Message {
    let file = parse("line", &format!("case x/y\n  < {line}\n")).expect("a message");
    match &file.cases().next().expect("a case").steps[0].kind {
        StepKind::Expect { message, .. } => message.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_expectation_takes_what_came_and_all_else_stays() {
    let blessed = bless(TEXT, 4, &message("basic.get-empty cluster-id=x")).expect("an expectation");
    let expected = "# above
case a/b
   unordered   # odd layout stays
      a < eventually basic.get-empty cluster-id=x with content=none   # comment
      < basic.ack
";
    assert_eq!(blessed, expected);
}

#[test]
fn what_is_no_expectation_is_refused() {
    let came = message("basic.ack");
    assert_eq!(bless(TEXT, 3, &came), Err(BlessError::NotAnExpectation(3)));
    assert_eq!(bless(TEXT, 5, &came), Err(BlessError::NotAnExpectation(5)));
    assert_eq!(
        bless(TEXT, 99, &came),
        Err(BlessError::NotAnExpectation(99))
    );
    assert!(matches!(
        bless("case", 1, &came),
        Err(BlessError::Unreadable(_))
    ));
}
