//! Exchanges of several connections and channels, made up step by step with a model of what exists, so that most steps
//! mean something.
//!
//! - `world`: what exists
//! - `themes`: what an exchange is about
//! - `beginning`: how an exchange with something odd in it may begin
//! - `topology`, `messages`, `settling`, `lifecycle`, `mistakes`: how each kind of step is made

mod beginning;
mod clause;
mod lifecycle;
mod messages;
mod mistakes;
mod settling;
mod themes;
mod topology;
mod world;

pub(super) use beginning::beginning;

use super::super::generated::{Act, Generator, Ledger, Login, Move, Said};
use super::super::{Datum, Outgoing};
use super::Amqp;
use super::ledger::AmqpLedger;
use crate::dice::Dice;
use crate::script::Value;
use world::{Lane, World};

/// How many clients there are at most.
const CLIENTS: usize = 3;

/// A kind of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    DeclareExchange,
    RedeclareExchange,
    DeleteExchange,
    BindExchange,
    UnbindExchange,
    DeclareQueue,
    DeclareLimitedQueue,
    DeclareDeadLetteringQueue,
    RedeclareQueue,
    DeleteQueue,
    BindQueue,
    UnbindQueue,
    Purge,
    Publish,
    PublishMandatory,
    PublishCopies,
    PublishPriority,
    PublishExpiring,
    Consume,
    Cancel,
    Get,
    Qos,
    Ack,
    AckMultiple,
    Nack,
    NackMultiple,
    NackAway,
    Reject,
    RejectAway,
    Recover,
    TxSelect,
    Commit,
    Rollback,
    ConfirmSelect,
    OpenChannel,
    CloseChannel,
    CloseConnection,
    Cut,
    Wait,
    Mistake,
}

/// Makes one exchange.
struct Maker<'a> {
    dice: &'a mut Dice,
    world: World,
    moves: Vec<Move>,
}

impl Generator for Amqp {
    fn themes(&self) -> &'static [&'static str] {
        &themes::NAMES
    }

    fn exchange(&self, dice: &mut Dice, theme: &str, most: usize) -> Vec<Move> {
        let theme = themes::theme(theme);
        let clients = match dice.below(4) {
            0 | 1 => 1,
            2 => 2,
            _ => CLIENTS,
        };
        let mut maker = Maker {
            dice,
            world: World::new(clients),
            moves: Vec::new(),
        };
        maker.set_the_scene(theme);
        let steps = 1 + maker.dice.below(most.max(1));
        let total: usize = theme.weights.iter().map(|(_, weight)| weight).sum();
        for _ in 0..steps {
            let mut left = maker.dice.below(total);
            let kind = theme
                .weights
                .iter()
                .find(|(_, weight)| match left.checked_sub(*weight) {
                    Some(less) => {
                        left = less;
                        false
                    }
                    None => true,
                });
            if let Some((kind, _)) = kind {
                maker.make(*kind);
            }
        }
        maker.look_at_what_is_left();
        maker.moves
    }

    fn ledger(&self, login: &Login) -> Box<dyn Ledger> {
        Box::new(AmqpLedger::new(self.protocol, login))
    }

    fn clause(&self, step: &Outgoing, aspect: &str, here: &[Said], there: &[Said]) -> Option<&str> {
        clause::deciding(self, step, aspect, here, there)
    }
}

impl Maker<'_> {
    /// A queue or two, and perhaps an exchange that leads to one.
    fn set_the_scene(&mut self, theme: &themes::Theme) {
        let queues = 1 + self.dice.below(2);
        for _ in 0..queues {
            self.make(match theme.name {
                "limits" => Kind::DeclareLimitedQueue,
                "dead-lettering" => Kind::DeclareDeadLetteringQueue,
                _ => Kind::DeclareQueue,
            });
        }
        if theme.name == "routing" || self.dice.one_in(4) {
            self.make(Kind::DeclareExchange);
            self.make(Kind::BindQueue);
        }
        match theme.name {
            "transactions" => self.make(Kind::TxSelect),
            "confirms" => self.make(Kind::ConfirmSelect),
            _ => {}
        }
    }

    /// What is ready at the end is fetched, in its order.
    fn look_at_what_is_left(&mut self) {
        // What is still held goes back first, so that it can be seen what that was.
        for place in 0..self.world.lanes.len() {
            let lane = self
                .world
                .lanes
                .get(place)
                .filter(|lane| lane.is_open && lane.holds > 0);
            if let Some(lane) = lane.cloned()
                && self.dice.one_in(2)
            {
                self.close(lane.client, lane.stream);
            }
        }
        let queues: Vec<_> = self
            .world
            .queues
            .iter()
            .map(|it| (it.name.clone(), it.owner))
            .collect();
        for (queue, owner) in queues {
            let client = owner.unwrap_or(0);
            for _ in 0..2 {
                let fields = vec![("queue", text(&queue)), ("no-ack", Datum::Bool(true))];
                self.say(client, 3, "basic.get", fields);
            }
        }
    }

    fn make(&mut self, kind: Kind) {
        match kind {
            Kind::DeclareExchange => self.declare_exchange(),
            Kind::RedeclareExchange => self.redeclare_exchange(),
            Kind::DeleteExchange => self.delete_exchange(),
            Kind::BindExchange => self.bind_exchange(),
            Kind::UnbindExchange => self.unbind(false),
            Kind::DeclareQueue => self.declare_queue(),
            Kind::DeclareLimitedQueue => self.declare_limited_queue(),
            Kind::DeclareDeadLetteringQueue => self.declare_dead_lettering_queue(),
            Kind::RedeclareQueue => self.redeclare_queue(),
            Kind::DeleteQueue => self.delete_queue(),
            Kind::BindQueue => self.bind_queue(),
            Kind::UnbindQueue => self.unbind(true),
            Kind::Purge => self.purge(),
            Kind::Publish => self.publish(messages::Style::Plain),
            Kind::PublishMandatory => self.publish(messages::Style::Mandatory),
            Kind::PublishCopies => self.publish(messages::Style::Copies),
            Kind::PublishPriority => self.publish(messages::Style::Priority),
            Kind::PublishExpiring => self.publish(messages::Style::Expiring),
            Kind::Consume => self.consume(),
            Kind::Cancel => self.cancel(),
            Kind::Get => self.get(),
            Kind::Qos => self.qos(),
            Kind::Ack => self.settle("basic.ack", settling::Extent::One),
            Kind::AckMultiple => self.settle("basic.ack", settling::Extent::Multiple),
            Kind::Nack => self.settle("basic.nack", settling::Extent::One),
            Kind::NackMultiple => self.settle("basic.nack", settling::Extent::Multiple),
            Kind::NackAway => self.settle("basic.nack", settling::Extent::Away),
            Kind::Reject => self.settle("basic.reject", settling::Extent::One),
            Kind::RejectAway => self.settle("basic.reject", settling::Extent::Away),
            Kind::Recover => self.recover(),
            Kind::TxSelect => self.select(world::Mode::Transaction),
            Kind::Commit => self.end_transaction("tx.commit"),
            Kind::Rollback => self.end_transaction("tx.rollback"),
            Kind::ConfirmSelect => self.select(world::Mode::Confirm),
            Kind::OpenChannel => self.open_channel(),
            Kind::CloseChannel => self.close_channel(),
            Kind::CloseConnection => self.close_connection(),
            Kind::Cut => self.cut(),
            Kind::Wait => self.wait(),
            Kind::Mistake => self.mistake(),
        }
    }

    /// Adds a step that says something.
    fn say(&mut self, client: usize, stream: u16, command: &str, fields: Vec<(&str, Datum)>) {
        self.put(client, stream, command, fields, None, None);
    }

    fn put(
        &mut self,
        client: usize,
        stream: u16,
        command: &str,
        fields: Vec<(&str, Datum)>,
        delivery: Option<usize>,
        binds: Option<String>,
    ) {
        let fields = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let message = Outgoing::new(stream, command, fields);
        self.moves.push(Move {
            client,
            act: Act::Say {
                message,
                delivery,
                binds,
            },
        });
    }

    /// One of the open channels that suit.
    fn lane(&mut self, suits: impl Fn(&Lane) -> bool) -> Option<usize> {
        let suiting: Vec<usize> = self
            .world
            .lanes
            .iter()
            .enumerate()
            .filter(|(_, lane)| lane.is_open && suits(lane))
            .map(|(place, _)| place)
            .collect();
        self.dice.pick(&suiting).copied()
    }

    /// A channel and who may speak on it: the first one more often than all others.
    fn any_lane(&mut self) -> Option<(usize, u16)> {
        let first = self.world.lanes.first().filter(|lane| lane.is_open);
        if let Some(first) = first
            && self.dice.one_in(2)
        {
            return Some((first.client, first.stream));
        }
        let place = self.lane(|_| true)?;
        let lane = self.world.lanes.get(place)?;
        Some((lane.client, lane.stream))
    }

    /// A channel of a client that may use something of that owner.
    fn lane_for(&mut self, owner: Option<usize>) -> Option<(usize, u16)> {
        match owner {
            None => self.any_lane(),
            Some(owner) => {
                let place = self.lane(|lane| lane.client == owner)?;
                let lane = self.world.lanes.get(place)?;
                Some((lane.client, lane.stream))
            }
        }
    }

    /// A new variable that begins with that letter.
    fn name(&mut self, letter: char) -> String {
        self.world.names += 1;
        format!("${letter}{}", self.world.names)
    }
}

fn text(text: &str) -> Datum {
    Datum::text(text)
}

fn on() -> Datum {
    Datum::Bool(true)
}

/// A value as the notation writes it, with its variables.
fn written(value: &Datum) -> Value {
    match value {
        Datum::Octets(octets) => match octets.strip_prefix(b"$").map(std::str::from_utf8) {
            Some(Ok(name)) => Value::Var(name.to_owned()),
            _ => value.to_value(),
        },
        Datum::Table(pairs) => Value::Table {
            pairs: pairs
                .iter()
                .map(|(name, value)| (name.clone(), written(value)))
                .collect(),
            open: false,
        },
        Datum::Array(values) => Value::Array {
            values: values.iter().map(written).collect(),
            open: false,
        },
        other => other.to_value(),
    }
}
