//! A client that is right passes, and one that is wrong in one thing fails the case that is about it.

use rstest::rstest;

use super::all;
use super::tiny::{Fault, played};
use crate::client::{ClientCase, Found, judged};
use crate::dialect::amqp::dialect;
use crate::run::Verdict;

fn case(id: &str) -> ClientCase {
    let found = all().into_iter().find(|case| case.id == id);
    found.unwrap_or_else(|| panic!("no case {id}"))
}

fn found(case: &ClientCase, fault: Fault) -> Found {
    let (record, answer) = played(case, fault);
    judged(case, dialect(), &record, Some(&answer))
}

#[rstest]
#[case("channel/closed-at-publish", Fault::LeavesChannelCloseUnanswered)]
#[case(
    "channel/closed-in-place-of-an-answer",
    Fault::LeavesChannelCloseUnanswered
)]
#[case("channel/closed-while-consuming", Fault::LeavesChannelCloseUnanswered)]
#[case(
    "connection/closed-in-place-of-an-answer",
    Fault::LeavesConnectionCloseUnanswered
)]
#[case(
    "connection/closed-within-a-content",
    Fault::LeavesConnectionCloseUnanswered
)]
#[case("connection/closed-by-both", Fault::LeavesConnectionCloseUnanswered)]
#[case("framing/method-without-end", Fault::TakesAnyFrame)]
#[case("framing/body-without-end", Fault::TakesAnyFrame)]
#[case("framing/heartbeat-on-a-channel", Fault::TakesAnyFrame)]
#[case("framing/heartbeat-with-payload", Fault::TakesAnyFrame)]
#[case("framing/unknown-method", Fault::TakesAnyFrame)]
#[case("framing/method-without-ids", Fault::TakesAnyFrame)]
#[case(
    "handshake/another-version-and-no-end",
    Fault::GoesOnWithAnotherVersion
)]
#[case("handshake/no-known-mechanism", Fault::ChoosesItsOwnMechanism)]
#[case("handshake/limits-of-the-broker", Fault::RaisesTheLimits)]
#[case("handshake/smallest-frames", Fault::SendsLargeFrames)]
#[case("content/empty-frames", Fault::MistakesEmptyFramesForTheEnd)]
#[case("work/transaction", Fault::CommitsWithoutSelect)]
#[case("connection/closed-and-left-open", Fault::KeepsTheConnection)]
fn a_fault_fails_its_case(#[case] id: &str, #[case] fault: Fault) {
    let case = case(id);
    let right = found(&case, Fault::Nothing);
    assert_eq!(
        right.verdict,
        Verdict::Passed,
        "{}: {}",
        right.why,
        right.came
    );
    let wrong = found(&case, fault);
    assert_eq!(wrong.verdict, Verdict::Failed, "{}", wrong.why);
}

/// Whatever a case is about, the rules that every client has to obey are held to.
#[rstest]
#[case(Fault::AcknowledgesTwice, "basic.ack.multiple.exists-ext")]
#[case(Fault::OpensItsChannelTwice, "channel.open.state")]
fn conduct_is_noticed_in_every_case(#[case] fault: Fault, #[case] clause: &str) {
    let case = case("content/empty");
    let broken = |fault| {
        let (record, _) = played(&case, fault);
        let heard = record
            .heard
            .into_iter()
            .flat_map(|(_, command)| command.breaches);
        heard.map(|breach| breach.clause).collect::<Vec<_>>()
    };
    assert_eq!(broken(Fault::Nothing), [""; 0]);
    assert!(broken(fault).contains(&clause), "{:?}", broken(fault));
}

/// The tiny client does what these ask for.
#[rstest]
#[case("handshake/octet-by-octet")]
#[case("handshake/all-at-once")]
#[case("handshake/another-version")]
#[case("handshake/reserved-fields")]
#[case("handshake/frames-without-limit")]
#[case("content/frames-of-one-octet")]
#[case("content/empty")]
#[case("content/empty-published")]
#[case("content/with-words-of-channel-0")]
#[case("content/too-long")]
#[case("channel/closed-within-a-publish")]
#[case("connection/late-words")]
#[case("connection/end-without-a-word")]
#[case("connection/reset")]
#[case("connection/last-words")]
#[case("work/publish")]
#[case("work/redelivered")]
#[case("work/confirmed-together")]
#[case("work/blocked")]
#[case("work/slow-answers")]
fn a_right_client_passes(#[case] id: &str) {
    let found = found(&case(id), Fault::Nothing);
    assert_eq!(
        found.verdict,
        Verdict::Passed,
        "{}: {}",
        found.why,
        found.came
    );
}
