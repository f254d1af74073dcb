//! The runner against an honest broker, and against brokers with one fault: what it catches, and what it says.

use std::sync::Arc;
use std::time::Duration;

use mqspec::dialect::amqp;
use std::collections::HashMap;

use bytes::Bytes;
use mqspec::run::{Effect, Event, Exchange, Outcome, Verdict, drive_in_memory, exchange_in_memory};
use mqspec::script;
use reference_broker::{Broker, Config, Output, Peer};

/// A frame: type, channel, payload.
type Frame = (u8, u16, Vec<u8>);

fn exchange(script: &str) -> Exchange {
    let text = format!("case t/t\n  \"A test\"\n  clause DOC-10\n{script}");
    let file = script::parse("t.mqs", &text).unwrap_or_else(|found| panic!("{found:?}"));
    let case = Arc::new(file.cases().next().expect("a case").clone());
    exchange_in_memory(case, amqp::dialect())
}

fn play(script: &str, meddle: &mut dyn FnMut(Frame) -> Vec<Frame>) -> Outcome {
    let mut exchange = exchange(script);
    let mut broker = Broker::new(Config::default());
    let mut now = Duration::ZERO;
    let mut buffer = Vec::new();
    drive_in_memory(&mut exchange, &mut broker, &mut now, &mut |_, octets| {
        buffer.extend(octets);
        rewrite(&mut buffer, meddle)
    });
    exchange.into_outcome()
}

fn honest(script: &str) -> Outcome {
    play(script, &mut |frame| vec![frame])
}

fn rewrite(buffer: &mut Vec<u8>, meddle: &mut dyn FnMut(Frame) -> Vec<Frame>) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(head) = buffer.get(..7) {
        let channel = u16::from_be_bytes([head[1], head[2]]);
        let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]) as usize;
        if buffer.len() < size + 8 {
            break;
        }
        let frame = (buffer[0], channel, buffer[7..7 + size].to_vec());
        buffer.drain(..size + 8);
        for (kind, channel, payload) in meddle(frame) {
            out.push(kind);
            out.extend(channel.to_be_bytes());
            out.extend((payload.len() as u32).to_be_bytes());
            out.extend(payload);
            out.push(0xCE);
        }
    }
    out
}

fn is_method(frame: &Frame, class: u8, method: u8) -> bool {
    frame.0 == 1 && frame.2.starts_with(&[0, class, 0, method])
}

fn why(outcome: &Outcome) -> &str {
    outcome
        .finding
        .as_ref()
        .map_or("", |finding| finding.why.as_str())
}

const GET: &str = "  > queue.declare queue=$q exclusive=true
  < queue.declare-ok message-count=0
  > basic.publish routing-key=$q body=m1
  > basic.get queue=$q
  < basic.get-ok redelivered=false body=m1
";

const CONSUME: &str = "  > queue.declare queue=$q exclusive=true
  < queue.declare-ok
  > basic.consume queue=$q no-ack=true
  < basic.consume-ok
  > basic.publish routing-key=$q body=m1
  < basic.deliver body=m1
";

#[test]
fn an_honest_broker_passes() {
    for script in [GET, CONSUME] {
        let outcome = honest(script);
        assert_eq!(outcome.verdict, Verdict::Passed, "{}", outcome.transcript);
    }
}

#[test]
fn a_transcript_is_a_script_that_passes_again() {
    for script in [GET, CONSUME] {
        let transcript = honest(script).transcript;
        let steps = transcript.split_once("no-control").expect("a transcript").1;
        let again = steps.split_once('\n').expect("steps").1;
        let outcome = honest(&format!("{again}\n"));
        assert_eq!(
            outcome.verdict,
            Verdict::Passed,
            "{transcript}\n{:?}",
            outcome.finding
        );
    }
}

#[test]
fn a_wrong_field_is_named() {
    let outcome = honest(&GET.replace("message-count=0", "message-count=1"));
    assert_eq!(outcome.verdict, Verdict::Failed);
    assert_eq!(why(&outcome), "`message-count`: 1 was expected, 0 came");
    assert_eq!(outcome.finding.map(|finding| finding.line), Some(5));
}

#[test]
fn a_reply_that_never_comes_is_proved_by_the_reply_to_a_later_request() {
    let outcome = play(GET, &mut |frame| match is_method(&frame, 50, 11) {
        true => Vec::new(),
        false => vec![frame],
    });
    assert_eq!(outcome.verdict, Verdict::Failed);
    assert_eq!(
        why(&outcome),
        "it never came: the broker read on and answered a later request"
    );
}

#[test]
fn a_question_that_was_asked_before_a_request_proves_nothing_about_its_reply() {
    // The first reply is so late that the runner asks whether anybody is there; the answer comes right behind it.
    let (mut late, mut asked) = (Vec::new(), false);
    let outcome = play(GET, &mut |frame| {
        if is_method(&frame, 50, 11) {
            late.push(frame);
            return Vec::new();
        }
        asked |= is_method(&frame, 40, 11);
        late.drain(..).chain([frame]).collect()
    });
    assert!(asked, "{}", outcome.transcript);
    assert_eq!(outcome.verdict, Verdict::Passed, "{}", outcome.transcript);
}

#[test]
fn a_delivery_that_never_comes_is_a_failure_once_the_broker_was_silent_for_long() {
    let mut swallowing = false;
    let outcome = play(CONSUME, &mut |frame| {
        swallowing = is_method(&frame, 60, 60) || (swallowing && frame.0 != 1);
        if swallowing { Vec::new() } else { vec![frame] }
    });
    assert_eq!(outcome.verdict, Verdict::Failed);
    assert!(
        why(&outcome).starts_with("it did not come for 6s"),
        "{}",
        why(&outcome)
    );
}

#[test]
fn an_answer_to_a_question_of_an_earlier_step_proves_nothing_about_a_later_one() {
    let script = "  > queue.declare queue=$q exclusive=true
  < queue.declare-ok
  > basic.qos
  < basic.qos-ok
  > basic.consume queue=$q
  < basic.consume-ok
";
    let (mut late, mut answer) = (None, None);
    let outcome = play(script, &mut |frame| {
        if is_method(&frame, 60, 11) {
            late = Some(frame);
            return Vec::new();
        }
        // The answer to the runner's question comes behind the next request.
        if is_method(&frame, 40, 11) {
            answer = Some(frame);
            return late.take().into_iter().collect();
        }
        answer.take().into_iter().chain([frame]).collect()
    });
    assert_eq!(outcome.verdict, Verdict::Passed, "{}", outcome.transcript);
}

#[test]
fn a_broker_that_hangs_is_inconclusive() {
    let mut hung = false;
    let outcome = play(GET, &mut |frame| {
        hung |= is_method(&frame, 50, 11);
        if hung { Vec::new() } else { vec![frame] }
    });
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
}

#[test]
fn a_second_delivery_of_the_same_message_is_a_failure() {
    let mut copy = Vec::new();
    let outcome = play(CONSUME, &mut |frame| {
        if is_method(&frame, 60, 60) || (!copy.is_empty() && frame.0 != 1) {
            copy.push(frame.clone());
        }
        match frame.0 {
            3 => std::iter::once(frame)
                .chain(std::mem::take(&mut copy))
                .collect(),
            _ => vec![frame],
        }
    });
    assert_eq!(outcome.verdict, Verdict::Failed);
    let finding = outcome.finding.expect("a finding");
    assert_eq!(finding.clause.as_deref(), Some("DOC-18"), "{}", finding.why);
}

#[test]
fn an_unasked_reply_is_a_failure() {
    let outcome = play(GET, &mut |frame| match is_method(&frame, 50, 11) {
        true => vec![frame.clone(), frame],
        false => vec![frame],
    });
    assert_eq!(outcome.verdict, Verdict::Failed);
    assert_eq!(why(&outcome), "`queue.declare-ok` came, not `basic.get-ok`");
}

#[test]
fn something_left_over_at_the_end_is_a_failure() {
    let script = "  > queue.declare queue=$q exclusive=true\n  < queue.declare-ok\n";
    let outcome = play(script, &mut |frame| match is_method(&frame, 50, 11) {
        true => vec![frame.clone(), frame],
        false => vec![frame],
    });
    assert_eq!(outcome.verdict, Verdict::Failed);
    assert_eq!(
        why(&outcome),
        "`queue.declare-ok` came, and nothing had asked for it"
    );
}

#[test]
fn a_fault_that_the_broker_does_not_mind_is_a_failure() {
    let script = "  > channel.flow active=true\n  < closed\n";
    let outcome = honest(script);
    assert_eq!(outcome.verdict, Verdict::Failed);
    assert_eq!(
        why(&outcome),
        "`channel.flow-ok` came, not `connection.close`"
    );
}

#[test]
fn an_end_without_a_word_is_lenient_where_a_word_is_recommended() {
    let script = |with: &str| {
        format!("  > channel.close with frame-end=0\n  < closed reply-code=501{with}\n")
    };
    assert_eq!(honest(&script("")).verdict, Verdict::Lenient);
    assert_eq!(
        honest(&script(" with silent=pass")).verdict,
        Verdict::Passed
    );
    assert_eq!(
        honest(&script(" with silent=fail")).verdict,
        Verdict::Failed
    );
}

#[test]
fn a_wrong_code_is_a_failure_whatever_silence_is_worth() {
    let script = "  > connection.open\n  < closed reply-code=404 with silent=pass\n";
    let outcome = honest(script);
    assert_eq!(outcome.verdict, Verdict::Failed);
    assert!(
        why(&outcome).starts_with("`reply-code`: 404 was expected"),
        "{}",
        why(&outcome)
    );
}

#[test]
fn the_arm_that_what_comes_decides_goes_on() {
    let script = "  > queue.declare queue=$q passive=true
  one-of
    pass \"it is there\"
      < queue.declare-ok
    lenient \"it is not\"
      < channel.close reply-code=404
      > channel.close-ok
      > channel.open
      < channel.open-ok
";
    let outcome = honest(script);
    assert_eq!(outcome.verdict, Verdict::Lenient);
    assert_eq!(outcome.notes, ["it is not"]);
}

#[test]
fn acknowledgements_have_to_cover_exactly_what_is_due() {
    let script = |numbers: &str| {
        format!(
            "  > queue.declare queue=$q exclusive=true\n  < queue.declare-ok\n  > confirm.select\n  \
             < confirm.select-ok\n  repeat 3 i\n    > basic.publish routing-key=$q body=\"m${{i}}\"\n  \
             < basic.ack delivery-tag=cover({numbers})\n"
        )
    };
    assert_eq!(honest(&script("1..3")).verdict, Verdict::Passed);
    assert_eq!(honest(&script("1..2")).verdict, Verdict::Failed);
    assert_eq!(honest(&script("1..4")).verdict, Verdict::Failed);
}

#[test]
fn a_frame_above_the_agreed_size_is_a_breach_that_no_script_asks_for() {
    let script = "  open frame-max=4096
  > queue.declare queue=$q exclusive=true
  < queue.declare-ok
  > basic.publish routing-key=$q body=\"m\" * 6000
  > basic.get queue=$q
  < basic.get-ok body=\"m\" * 6000
";
    assert_eq!(honest(script).verdict, Verdict::Passed);
    let mut bodies = Vec::new();
    let outcome = play(script, &mut |frame| {
        if frame.0 != 3 {
            return vec![frame];
        }
        bodies.extend(frame.2);
        match bodies.len() {
            6000 => vec![(3, frame.1, std::mem::take(&mut bodies))],
            _ => Vec::new(),
        }
    });
    assert_eq!(outcome.verdict, Verdict::Failed);
    assert_eq!(
        outcome
            .finding
            .and_then(|finding| finding.clause)
            .as_deref(),
        Some("FRM-06")
    );
}

#[test]
fn a_heartbeat_has_to_come_when_it_is_due() {
    let script = "  open heartbeat=2\n  < heartbeat within=0s..2500ms\n";
    let with = script.replace("heartbeat within", "heartbeat with within");
    assert_eq!(honest(&with).verdict, Verdict::Passed);
    let outcome = play(&with, &mut |frame| {
        if frame.0 == 8 {
            Vec::new()
        } else {
            vec![frame]
        }
    });
    assert_eq!(outcome.verdict, Verdict::Failed);
}

#[test]
fn a_count_that_settles_late_passes_and_one_that_does_not_fails() {
    // Whoever declares again what is there asks as well.
    for asked in ["passive=true", "exclusive=true auto-delete=false"] {
        settles_late(asked);
    }
}

fn settles_late(asked: &str) {
    let script = format!(
        "  > queue.declare queue=$q exclusive=true
  < queue.declare-ok
  > basic.publish routing-key=$q
  > queue.declare queue=$q {asked}
  < queue.declare-ok message-count=1
"
    );
    // The last four octets are the consumer count, the four before them the message count.
    let mut late = 3;
    let outcome = play(&script, &mut |mut frame| {
        let at = frame.2.len().saturating_sub(5);
        if is_method(&frame, 50, 11) && frame.2[at] == 1 && late > 0 {
            late -= 1;
            frame.2[at] = 0;
        }
        vec![frame]
    });
    assert_eq!(outcome.verdict, Verdict::Passed, "{}", outcome.transcript);
    assert_eq!(
        outcome.transcript.matches(asked).count(),
        1,
        "{}",
        outcome.transcript
    );
    let outcome = honest(&script.replace("message-count=1", "message-count=2"));
    assert_eq!(outcome.verdict, Verdict::Failed);
    assert_eq!(why(&outcome), "`message-count`: 2 was expected, 1 came");
}

#[test]
fn what_is_taken_has_the_form_that_the_arm_on_its_stream_awaits() {
    let script = "  > queue.declare queue=$q exclusive=true
  < queue.declare-ok
  > basic.publish routing-key=$q body=m1
  > basic.get queue=$q
  one-of
    pass \"refused\"
      < closed
    pass \"fetched\"
      < basic.get-ok with content=none
      < content-header body-size=2
      < content-body payload=m1
";
    let outcome = honest(script);
    assert_eq!(outcome.verdict, Verdict::Passed, "{}", outcome.transcript);
    assert_eq!(outcome.notes, ["fetched"]);
}

#[test]
fn names_that_the_broker_made_up_are_variables_in_a_transcript() {
    let script = "  > queue.declare
  < queue.declare-ok queue=?name
  > basic.consume queue=$name
  < basic.consume-ok
  > basic.publish routing-key=$name body=m1
  < basic.deliver body=m1
";
    let transcript = honest(script).transcript;
    for line in [
        "< queue.declare-ok queue=?name message-count=0 consumer-count=0",
        "> basic.consume queue=$name",
        "< basic.consume-ok consumer-tag=?made2",
        "> basic.publish routing-key=$name body=m1",
    ] {
        assert!(transcript.contains(line), "{line}\n{transcript}");
    }
    assert!(
        transcript.contains("< basic.deliver consumer-tag=$made2"),
        "{transcript}"
    );
}

/// Plays a script on an honest broker whose ends of connections reach the client when it has already gone on.
fn play_with_late_ends(script: &str) -> Outcome {
    let mut exchange = exchange(script);
    let mut broker = Broker::new(Config::default());
    let now = Duration::ZERO;
    let (mut ids, mut numbers) = (HashMap::new(), HashMap::new());
    let mut ended: Vec<usize> = Vec::new();
    while !exchange.is_over() {
        while let Some(effect) = exchange.effect() {
            match effect {
                Effect::Connect(connection) => {
                    let id = broker.connect(&Peer::default(), now);
                    ids.insert(connection, id);
                    numbers.insert(id, connection);
                    exchange.handle(Event::Connected(connection), now);
                }
                Effect::Write(connection, pieces) => {
                    for piece in pieces {
                        broker.receive(ids[&connection], Bytes::from(piece), now);
                    }
                }
                Effect::Close(_) => {}
                other => panic!("{other:?}"),
            }
        }
        for connection in ended.drain(..) {
            exchange.handle(Event::EndOfFile(connection), now);
        }
        while let Some((id, output)) = broker.poll_output() {
            let connection = numbers[&id];
            match output {
                Output::Write(octets) => {
                    broker.written(id, octets.len(), now);
                    exchange.handle(Event::Received(connection, octets.to_vec()), now);
                }
                Output::Verify(attempt) => broker.verified(id, attempt.succeeds(), now),
                Output::Close => ended.push(connection),
                Output::Pause | Output::Resume => {}
            }
        }
    }
    exchange.into_outcome()
}

#[test]
fn the_end_of_a_connection_that_the_script_has_closed_is_no_fault_whenever_it_comes() {
    let outcome = play_with_late_ends(
        "  open p c
  p > queue.declare queue=$q exclusive=true
  p < queue.declare-ok
  p > confirm.select
  p < confirm.select-ok
  whenever p < basic.ack
  c > connection.close
  c < connection.close-ok
  repeat 3 i
    p > basic.publish routing-key=$q body=\"p-${i}\"
  until accepted=3
",
    );
    assert_eq!(outcome.verdict, Verdict::Passed, "{}", outcome.transcript);
}
