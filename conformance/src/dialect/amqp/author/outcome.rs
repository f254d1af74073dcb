//! What may come of an attempt.

use mqspec_specs::Command;
use mqspec_specs::protocol::Peer;

use super::super::Amqp;

/// Every code by which a channel or a connection may be closed: those that the table has for errors. Which of them is
/// the right one is the business of the suite's own cases.
fn codes(amqp: &Amqp) -> String {
    let constants = amqp.protocol.constants.iter();
    let codes: Vec<String> = constants
        .filter(|constant| constant.class.is_some())
        .map(|constant| constant.value.to_string())
        .collect();
    codes.join("|")
}

/// Whether a channel or a connection is closed with a code that is none of these.
pub(super) fn is_odd(amqp: &Amqp, came: &str) -> bool {
    let mut words = came
        .split_whitespace()
        .skip_while(|word| *word != "<")
        .skip(1);
    let closes = ["channel.close", "connection.close"];
    if !words
        .next()
        .is_some_and(|command| closes.contains(&command))
    {
        return false;
    }
    let code = words.find_map(|word| word.strip_prefix("reply-code="));
    let constants = amqp.protocol.constants.iter();
    let mut codes = constants.filter(|it| it.class.is_some());
    code.and_then(|code| code.parse::<u16>().ok())
        .is_none_or(|code| !codes.any(|it| it.value == code))
}

/// What comes by itself on a channel and is taken note of.
pub(super) fn by_itself(channel: u16) -> Vec<String> {
    [
        "basic.deliver",
        "basic.return",
        "basic.ack",
        "basic.nack",
        "basic.cancel",
    ]
    .iter()
    .map(|command| format!("whenever a/{channel} < {command}"))
    .collect()
}

/// The end of the connection, in the words of a `one-of`.
fn arm_closed(codes: &str, indent: &str) -> Vec<String> {
    vec![
        format!("{indent}pass \"the connection is closed\""),
        format!("{indent}  a < closed reply-code={codes} with silent=pass"),
    ]
}

/// On an open channel: the replies of what was attempted if it is taken, a reply to the request behind it if nothing
/// is owed or it is passed over, or a refusal.
pub(super) fn on_channel(amqp: &Amqp, attempted: Option<&Command>, channel: u16) -> Vec<String> {
    let codes = codes(amqp);
    let lane = format!("a/{channel}");
    let refused = |indent: &str| {
        let mut lines = vec![
            format!("{indent}pass \"the channel is closed\""),
            format!("{indent}  {lane} < channel.close reply-code={codes}"),
            format!("{indent}  {lane} > channel.close-ok"),
        ];
        lines.extend(arm_closed(&codes, indent));
        lines
    };
    // The request behind it has another reply than the attempt itself.
    let (request, its_reply) = match attempted {
        Some(command) if command.name == "exchange.declare" => ("basic.qos", "basic.qos-ok"),
        _ => (
            "exchange.declare exchange=amq.direct type=direct passive=true",
            "exchange.declare-ok",
        ),
    };
    let mut lines = vec![
        format!("{lane} > {request}"),
        "one-of".to_owned(),
        "  pass \"it is passed over, or owes no reply\"".to_owned(),
        format!("    {lane} < {its_reply}"),
    ];
    let replies = attempted.map_or(&[][..], |command| command.replies.as_slice());
    let may_come = |reply: &&String| {
        let command = amqp.protocol.command(reply);
        command.is_some_and(|command| command.sent_by(Peer::Server))
    };
    for reply in replies.iter().filter(may_come) {
        let stream = match reply.starts_with("connection.") {
            true => "a/0",
            false => lane.as_str(),
        };
        lines.push(format!("  pass \"{reply}\""));
        lines.push(format!("    {stream} < {reply}"));
        lines.push("    one-of".to_owned());
        lines.push("      pass \"the broker reads on\"".to_owned());
        lines.push(format!("        {lane} < {its_reply}"));
        lines.extend(refused("      "));
    }
    lines.extend(refused("  "));
    lines
}

/// On the way to an open channel, or where the octets can no longer be cut into frames: the client says that it is
/// done, and the broker ends the connection, whatever it says before.
pub(super) fn ended(amqp: &Amqp) -> Vec<String> {
    let codes = codes(amqp);
    let mut lines = vec!["a > eof".to_owned(), "one-of".to_owned()];
    lines.extend(arm_closed(&codes, "  "));
    let before = [
        "connection.start",
        "connection.secure",
        "connection.tune",
        "connection.open-ok",
        "connection.close-ok",
        "channel.open-ok",
        "channel.close",
    ];
    for reply in before {
        let stream = match reply.starts_with("connection.") {
            true => "a/0",
            false => "a",
        };
        lines.push(format!("  pass \"{reply}\""));
        lines.push(format!("    {stream} < {reply}"));
        lines.push(format!(
            "    a < closed reply-code={codes} with silent=pass"
        ));
    }
    lines.push("  pass \"protocol-header\"".to_owned());
    lines.push("    a/0 < protocol-header".to_owned());
    lines.push("    a < closed with silent=pass".to_owned());
    lines
}
