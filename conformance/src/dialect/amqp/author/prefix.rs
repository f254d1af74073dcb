//! Legal exchanges on an open channel, each with its replies.

use crate::dice::Dice;

/// The exchanges that lead to a state, then some that change nothing about it.
pub(super) fn of(dice: &mut Dice, state: &str) -> Vec<Vec<String>> {
    let mut prefix = Vec::new();
    // Most attempts are about something that is there.
    if needs_queue(state) || !dice.one_in(4) {
        let queue = dice.word(&[
            "a > queue.declare queue=$q",
            "a > queue.declare queue=$q auto-delete=true",
            "a > queue.declare queue=$q durable=true",
            "a > queue.declare queue=$q arguments={x-max-length=3}",
        ]);
        prefix.push(lines(&[queue, "a < queue.declare-ok queue=$q"]));
    }
    if dice.one_in(2) {
        let exchange = dice.word(&[
            "a > exchange.declare exchange=$x type=direct",
            "a > exchange.declare exchange=$x type=fanout",
            "a > exchange.declare exchange=$x type=topic durable=true",
        ]);
        prefix.push(lines(&[exchange, "a < exchange.declare-ok"]));
        if needs_queue(state) && dice.one_in(2) {
            prefix.push(lines(&[
                "a > queue.bind queue=$q exchange=$x routing-key=$q",
                "a < queue.bind-ok",
            ]));
        }
    }
    if dice.one_in(3) {
        prefix.push(lines(&[
            dice.word(&[
                "a > basic.qos prefetch-count=1",
                "a > basic.qos prefetch-count=10 global=true",
            ]),
            "a < basic.qos-ok",
        ]));
    }
    match state {
        "consuming" => {
            let consume = dice.word(&[
                "a > basic.consume queue=$q consumer-tag=t",
                "a > basic.consume queue=$q consumer-tag=t no-ack=true",
                "a > basic.consume queue=$q consumer-tag=t exclusive=true",
            ]);
            prefix.push(lines(&[consume, "a < basic.consume-ok consumer-tag=t"]));
        }
        "unsettled" => {
            for _ in 0..1 + dice.below(3) {
                prefix.push(lines(&[
                    "a > basic.publish routing-key=$q body=m",
                    "a > basic.get queue=$q",
                    "a < basic.get-ok body=m",
                ]));
            }
        }
        "transaction" => {
            prefix.push(lines(&["a > tx.select", "a < tx.select-ok"]));
            if dice.one_in(2) {
                prefix.push(lines(&["a > basic.publish routing-key=$q body=held"]));
            }
        }
        "confirming" => prefix.push(lines(&["a > confirm.select", "a < confirm.select-ok"])),
        _ => {}
    }
    prefix
}

fn needs_queue(state: &str) -> bool {
    ["consuming", "unsettled", "transaction"].contains(&state)
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}
