//! How an exchange may begin whose subject comes later: some exchanges, queues, bindings and messages, as lines of the
//! notation.

use super::super::super::generated::Act;
use super::super::Amqp;
use super::world::World;
use super::{Kind, Maker};
use crate::dice::Dice;

/// What it is made of.
const KINDS: [Kind; 7] = [
    Kind::DeclareExchange,
    Kind::DeclareQueue,
    Kind::DeclareLimitedQueue,
    Kind::BindQueue,
    Kind::BindExchange,
    Kind::Publish,
    Kind::Publish,
];

/// How many steps it has at most.
const MOST: usize = 5;

/// Steps on the first channel of connection `a`, each with its reply. Each may be left out.
pub(in super::super) fn beginning(amqp: &Amqp, dice: &mut Dice) -> Vec<Vec<String>> {
    let mut world = World::new(1);
    world.lanes.truncate(1);
    let count = 1 + dice.below(MOST);
    let mut maker = Maker {
        dice,
        world,
        moves: Vec::new(),
    };
    for _ in 0..count {
        if let Some(kind) = maker.dice.pick(&KINDS).copied() {
            maker.make(kind);
        }
    }
    let steps = maker.moves.iter().filter_map(|step| match &step.act {
        // A name that the broker makes is lost with the step that it comes from.
        Act::Say {
            message,
            binds: None,
            ..
        } => Some(message),
        _ => None,
    });
    let lines = steps.filter_map(|message| {
        let mut said = format!("a > {}", message.command);
        for (name, value) in &message.fields {
            said.push_str(&format!(" {name}={}", super::written(value)));
        }
        if said.contains("$s") {
            return None;
        }
        let command = amqp.protocol.command(&message.command);
        let reply = command.and_then(|it| it.replies.first());
        Some(
            std::iter::once(said)
                .chain(reply.map(|reply| format!("a < {reply}")))
                .collect(),
        )
    });
    lines.collect()
}
