//! Each request and its reply, and what comes behind a close.

use std::collections::{HashMap, HashSet, VecDeque};

use mqspec_specs::{Command, Protocol};

use super::super::super::{Found, Overheard, Passed, Side, UNTOLD};
use super::{flag, found, number, octets, text};

/// Replies that a queue may give by itself, while the broker goes on with what was asked behind them.
const UNORDERED: [&str; 2] = ["basic.consume-ok", "basic.cancel-ok"];

/// A connection and a channel.
type Lane = (usize, u16);

/// Which reply belongs to which request, as indices into the exchange.
#[derive(Debug, Default)]
pub(super) struct Replies {
    /// The reply to a request, or the close that refused it.
    pub(super) outcome: HashMap<usize, usize>,
    /// The request that a reply answers.
    pub(super) request: HashMap<usize, usize>,
    /// What was wrong with them.
    pub(super) found: Vec<Found>,
    channels: HashMap<Lane, Channel>,
    /// Connections on which the broker said its last word.
    over: HashSet<usize>,
}

#[derive(Debug, Default)]
struct Channel {
    state: State,
    pending: VecDeque<Pending>,
    /// The class and the method of each command that the client sent, with the last place.
    sent: HashMap<(i128, i128), usize>,
    /// The replies to requests that want none, and those requests.
    silent: HashSet<String>,
    unanswered: HashSet<usize>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    /// The client asked for it.
    Opening,
    Open,
    /// The broker closed it, and the client did not answer yet.
    ClosedByBroker,
}

#[derive(Debug)]
struct Pending {
    place: usize,
    name: String,
    replies: Vec<String>,
}

impl Replies {
    pub(super) fn of(protocol: &Protocol, exchange: &[Passed]) -> Replies {
        let mut replies = Replies::default();
        for (place, Passed { connection, said }) in exchange.iter().enumerate() {
            let lane = (*connection, said.stream);
            let command = protocol.command(&said.command);
            match (said.side, command) {
                (Side::Client, Some(command)) => replies.client(place, lane, said, command),
                (Side::Broker, command) if said.command != "eof" => {
                    replies.broker(protocol, exchange, place, lane, command)
                }
                _ => {}
            }
        }
        replies
    }

    fn client(&mut self, place: usize, lane: Lane, said: &Overheard, command: &Command) {
        let channel = self.channels.entry(lane).or_default();
        match command.name.as_str() {
            "channel.open" => {
                *channel = Channel {
                    state: State::Opening,
                    ..Channel::default()
                };
            }
            // Behind this the number is free. What was asked before is not answered any more.
            "channel.close-ok" if channel.state == State::ClosedByBroker => {
                *channel = Channel::default()
            }
            _ => {}
        }
        let ids = (command.class.into(), command.method.into());
        channel.sent.insert(ids, place);
        let silent = command
            .no_wait()
            .is_some_and(|field| flag(said, &field.name));
        if silent {
            channel.silent.extend(command.replies.iter().cloned());
            channel.unanswered.insert(place);
        } else if !command.replies.is_empty() {
            channel.pending.push_back(Pending {
                place,
                name: command.name.clone(),
                replies: command.replies.clone(),
            });
        }
    }

    fn broker(
        &mut self,
        protocol: &Protocol,
        exchange: &[Passed],
        place: usize,
        lane: Lane,
        command: Option<&Command>,
    ) {
        let said = &exchange[place].said;
        let name = said.command.as_str();
        if self.over.contains(&lane.0) {
            let what = format!("{name} follows the broker's connection.close-ok");
            self.found.push(found(place, "CON-16", what));
            return;
        }
        if lane.1 != 0 {
            let misplaced = self.out_of_place(place, lane, name);
            self.found.extend(misplaced);
        }
        let Some(command) = command else { return };
        match name {
            "channel.close" => self.closed(protocol, place, lane, said),
            "connection.close" => {
                let all: Vec<Lane> = self.channels.keys().copied().collect();
                for lane in all.into_iter().filter(|it| it.0 == lane.0) {
                    self.refused(place, lane, said);
                }
                let channel = self.channels.entry(lane).or_default();
                channel.pending.retain(|it| it.name == "connection.close");
            }
            _ => {
                let is_reply = protocol
                    .commands
                    .iter()
                    .any(|request| request.replies.contains(&command.name));
                if is_reply {
                    self.reply(exchange, place, lane, &command.name);
                }
            }
        }
        let channel = self.channels.entry(lane).or_default();
        match name {
            "channel.open-ok" => channel.state = State::Open,
            "channel.close-ok" => channel.state = State::Closed,
            "connection.close-ok" => drop(self.over.insert(lane.0)),
            _ => {}
        }
    }

    /// What comes on a channel that is not open.
    fn out_of_place(&mut self, place: usize, lane: Lane, name: &str) -> Option<Found> {
        let channel = self.channels.entry(lane).or_default();
        let number = lane.1;
        match (channel.state, name) {
            (State::Open, _)
            | (State::Opening, "channel.open-ok" | "channel.close")
            | (State::ClosedByBroker, "channel.close-ok") => None,
            (State::Opening, _) => {
                let what = format!("{name} comes before channel.open-ok on channel {number}");
                Some(found(place, "CHN-09", what))
            }
            (State::ClosedByBroker, _) => {
                let what = format!("{name} follows the broker's channel.close on channel {number}");
                Some(found(place, "CHN-05", what))
            }
            // A close that crosses the client's own answer to one is nobody's fault.
            (State::Closed, "channel.close" | "channel.close-ok") => None,
            (State::Closed, _) => {
                let what = format!("{name} comes on channel {number}, which is not open");
                Some(found(place, "CHN-09", what))
            }
        }
    }

    /// The broker closed a channel.
    fn closed(&mut self, protocol: &Protocol, place: usize, lane: Lane, said: &Overheard) {
        let ids = (number(said, "class-id"), number(said, "method-id"));
        let channel = self.channels.entry(lane).or_default();
        if ids != (0, 0) && channel.state != State::Closed && !channel.sent.contains_key(&ids) {
            let known = protocol.command_by_id(ids.0 as u16, ids.1 as u16);
            let blamed = known.map_or("no command there is".to_owned(), |it| it.name.clone());
            // A command whose content is not there yet passes by later.
            if !known.is_some_and(|it| it.content) {
                let what = format!(
                    "the close blames class {} and method {} ({blamed}), which was never sent on this channel",
                    ids.0, ids.1
                );
                self.found.push(found(place, "CON-10", what));
            }
        }
        self.refused(place, lane, said);
        let channel = self.channels.entry(lane).or_default();
        channel.pending.retain(|it| it.name == "channel.close");
        channel.state = State::ClosedByBroker;
    }

    /// Notes which request a close refuses: the first that it can mean.
    fn refused(&mut self, place: usize, lane: Lane, said: &Overheard) {
        let ids = (number(said, "class-id"), number(said, "method-id"));
        let Some(channel) = self.channels.get(&lane) else {
            return;
        };
        // The only request of its kind that is not answered: else nobody knows which one is meant.
        let last = channel.sent.get(&ids).copied();
        let meant: Vec<usize> = channel
            .pending
            .iter()
            .filter(|it| Some(it.place) == last)
            .map(|it| it.place)
            .collect();
        let silent = last.filter(|it| channel.unanswered.contains(it));
        if let ([only], _) | ([], Some(only)) = (&meant[..], silent.as_ref()) {
            self.outcome.insert(*only, place);
            self.request.insert(place, *only);
        }
    }

    /// Finds the request that a reply answers.
    fn reply(&mut self, exchange: &[Passed], place: usize, lane: Lane, name: &str) {
        let said = &exchange[place].said;
        let channel = self.channels.entry(lane).or_default();
        let closing = ["channel.close-ok", "connection.close-ok"].contains(&name);
        let asked = |it: &Pending| it.replies.iter().any(|reply| reply == name);
        let fits = |it: &Pending| asked(it) && echoes(&exchange[it.place].said, said);
        let Some(at) = channel.pending.iter().position(fits) else {
            let (clause, what) = if let Some(other) = channel.pending.iter().find(|it| asked(it)) {
                let wanted = &exchange[other.place].said;
                mismatch(wanted, said)
            } else if channel.silent.contains(name) {
                let what = format!("{name} answers a request that said no-wait");
                ("MTH-06", what)
            } else {
                let what = format!("{name} answers nothing that was asked on this channel");
                ("MTH-07", what)
            };
            let mut fault = found(place, clause, what);
            let due = channel.pending.iter().take(1);
            fault.acceptable = due.flat_map(|it| it.replies.clone()).collect();
            self.found.push(fault);
            return;
        };
        if closing {
            // What was asked before is not answered any more, and on a channel all of it came before the close.
            let mut before = channel.pending.drain(..at);
            let passed_over = before.find(|it| {
                let unordered = |reply: &String| UNORDERED.contains(&reply.as_str());
                it.name != "channel.flow" && !it.replies.iter().any(unordered)
            });
            if let Some(request) = passed_over.filter(|_| name == "channel.close-ok") {
                let what = format!("{name} comes, and {} was never answered", request.name);
                let mut fault = found(place, "MTH-07", what);
                fault.acceptable = request.replies;
                self.found.push(fault);
            }
        } else if !UNORDERED.contains(&name) {
            let overtaken = channel.pending.iter().take(at);
            let overtaken = overtaken
                .filter(|it| !it.replies.iter().any(|it| UNORDERED.contains(&it.as_str())))
                .find(|it| it.name != "channel.flow" || name == "channel.flow-ok");
            if let Some(overtaken) = overtaken {
                let what = format!("{name} comes before the reply to {}", overtaken.name);
                let mut fault = found(place, "MTH-07", what);
                fault.acceptable = overtaken.replies.clone();
                self.found.push(fault);
            }
        }
        let at = at.min(channel.pending.len().saturating_sub(1));
        let at = match closing {
            true => 0,
            false => at,
        };
        if let Some(request) = channel.pending.remove(at) {
            self.outcome.insert(request.place, place);
            self.request.insert(place, request.place);
        }
    }
}

/// Whether a reply names what its request named.
fn echoes(request: &Overheard, reply: &Overheard) -> bool {
    let field = match reply.command.as_str() {
        "queue.declare-ok" => "queue",
        "basic.consume-ok" | "basic.cancel-ok" => "consumer-tag",
        _ => return true,
    };
    let (asked, told) = (octets(request, field), octets(reply, field));
    // Some brokers drop what ends lines from a name (as RabbitMQ does), and a hand-written record may leave it out.
    let odd = asked.iter().any(|octet| b"\r\n".contains(octet));
    let untold = reply.field(field).is_none() || told.starts_with(UNTOLD.as_bytes());
    asked.is_empty() || asked == told || odd || untold
}

fn mismatch(request: &Overheard, reply: &Overheard) -> (&'static str, String) {
    let (clause, field) = match reply.command.as_str() {
        "queue.declare-ok" => ("DOC-04", "queue"),
        _ => ("MTH-07", "consumer-tag"),
    };
    let what = format!(
        "{} names `{}`, and {} named `{}`",
        reply.command,
        text(reply, field),
        request.command,
        text(request, field)
    );
    (clause, what)
}
