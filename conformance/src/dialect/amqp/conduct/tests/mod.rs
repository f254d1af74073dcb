//! A dialogue in lines of the notation, and what its client did wrong.

mod channels;
mod connections;
mod contents;
mod names;
mod refusals;

use std::time::Duration;

use mqspec_specs::amqp_0_9_1;

use super::AmqpConduct;
use crate::dialect::amqp::{dialect, encode};
use crate::dialect::{Conduct, Datum, Dialect, Outgoing, Overheard, Side};
use crate::run::Variables;
use crate::script::{self, StepKind};

/// Header, start-ok, tune-ok and open, with limits of 10 channels, 8192 octets and no heartbeats.
const OPENED: &str = r#"
> protocol-header
< connection.start server-properties={} mechanisms="PLAIN" locales="en_US"
> connection.start-ok client-properties={product="p", version="v", platform="p", copyright="c", information="i"} mechanism="PLAIN" response="x" locale="en_US"
< connection.tune channel-max=10 frame-max=8192 heartbeat=0
> connection.tune-ok channel-max=10 frame-max=8192 heartbeat=0
> connection.open virtual-host="/"
< connection.open-ok
"#;

/// What follows an open channel.
const CHANNEL: &str = "> channel.open\n< channel.open-ok\n";

/// Plays lines, `+N` being N seconds that pass, and `> end` and `< end` the end of a side. The clauses that are broken,
/// in order.
fn judged(trusted: bool, lines: &str) -> Vec<&'static str> {
    let breaches = heard(trusted, lines).into_iter().flat_map(|it| it.breaches);
    breaches.map(|breach| breach.clause).collect()
}

fn heard(trusted: bool, lines: &str) -> Vec<Overheard> {
    let mut conduct = AmqpConduct::new(amqp_0_9_1(), trusted);
    let mut now = Duration::ZERO;
    let mut heard = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(seconds) = line.strip_prefix('+') {
            now += Duration::from_secs_f64(seconds.parse().expect("seconds"));
            continue;
        }
        let side = match line.contains("> ") {
            true => Side::Client,
            false => Side::Broker,
        };
        if line.ends_with(" end") {
            heard.extend(conduct.ended(side, now));
            continue;
        }
        for piece in octets(&line.replacen('<', ">", 1)) {
            heard.extend(conduct.hear(side, &piece, now));
        }
    }
    heard
}

/// What a line that sends something sends.
fn octets(line: &str) -> Vec<Vec<u8>> {
    let text = format!("case a/b\n  \"t\"\n  clause X\n  no-control \"t\"\n  {line}\n");
    let file = script::parse("t.mqs", &text).unwrap_or_else(|found| panic!("{line}: {found:?}"));
    let case = file.cases().next().expect("a case");
    let Some(StepKind::Send(message)) = case.steps.first().map(|step| &step.kind) else {
        panic!("{line} sends nothing");
    };
    let mut variables = Variables::new("t", []);
    let mut values = |fields: &[script::Field]| -> Vec<(String, Datum)> {
        let named = fields.iter().map(|field| {
            let datum = variables.evaluate(&field.value, dialect());
            (field.name.value.clone(), datum.expect("a value"))
        });
        named.collect()
    };
    let command = message.command.value.as_str();
    let default = dialect().stream(command);
    let message = Outgoing {
        stream: message.lane.stream.unwrap_or(default),
        command: command.to_owned(),
        fields: values(&message.fields),
        with: values(&message.with),
    };
    encode::encode(amqp_0_9_1(), &message, 1 << 20).expect("octets")
}

/// What a client does wrong after it opened a channel.
fn on_channel(lines: &str) -> Vec<&'static str> {
    judged(false, &format!("{OPENED}{CHANNEL}{lines}"))
}

/// What a broker's refusal proves after that, if it is trusted.
fn on_trust(lines: &str) -> Vec<&'static str> {
    judged(true, &format!("{OPENED}{CHANNEL}{lines}"))
}
