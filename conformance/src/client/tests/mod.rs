//! The cases themselves, and a tiny client that is right, or wrong in one thing.

mod proof;
mod tiny;

use std::collections::BTreeSet;
use std::sync::Arc;

use mqspec_specs::clauses::Binds;
use mqspec_specs::{Level, amqp_0_9_1_clauses};

use super::{ClientCase, Play, cases, known, parse};
use crate::dialect::amqp;

fn all() -> Vec<ClientCase> {
    cases(amqp::dialect()).expect("cases that are well-formed")
}

#[test]
fn there_are_many_cases_and_each_has_a_name_of_its_own() {
    let cases = all();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let names: BTreeSet<&String> = cases.iter().map(|case| &case.id).collect();
    assert_eq!(names.len(), cases.len());
}

#[test]
fn every_case_can_be_prepared() {
    for case in all() {
        let id = case.id.clone();
        Play::new(Arc::new(case), amqp::dialect()).unwrap_or_else(|why| panic!("{id}: {why}"));
    }
}

/// A permission cannot be broken, and asking whether something exists is no fault.
const NOT_JUDGED: [&str; 3] = [
    "channel.flow.initial-state",
    "MTH-10",
    "queue.declare.passive.passive",
];

#[test]
fn every_clause_that_binds_clients_alone_and_can_be_seen_has_a_case() {
    let cases = all();
    let asked: BTreeSet<&str> = cases
        .iter()
        .flat_map(|it| &it.clauses)
        .map(String::as_str)
        .collect();
    let binding = amqp_0_9_1_clauses().iter().filter(|clause| {
        clause.binds == Binds::Client && clause.observable && clause.level != Level::May
    });
    let left: Vec<&str> = binding
        .map(|clause| clause.id.as_str())
        .filter(|id| !asked.contains(id) && !NOT_JUDGED.contains(id))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_mistake_in_a_case_is_told_with_its_place() {
    let case = |rest: &str| {
        let text = format!(
            "[[case]]\nid = \"a/b\"\ntitle = \"t\"\nclauses = [\"CHN-04\"]\ntask = \"connect\"\n{rest}"
        );
        let error = parse("mine.toml", &text, amqp::dialect()).expect_err("a mistake");
        error.to_string()
    };
    let done = "expect = { task = [\"done\"] }\n";
    let action = case(&format!(
        "rule = [{{ at = '> basic.ack', do = ['drpo'] }}]\n{done}"
    ));
    assert_eq!(
        action,
        "mine.toml: case `a/b`: `drpo` is nothing that can happen"
    );
    let command = case(&format!(
        "rule = [{{ at = '> basic.akc', do = [] }}]\n{done}"
    ));
    assert_eq!(command, "mine.toml: case `a/b`: `basic.akc` is no command");
    let field = case(&format!(
        "rule = [{{ at = '> basic.ack tag=1', do = [] }}]\n{done}"
    ));
    assert_eq!(field, "mine.toml: case `a/b`: basic.ack has no field `tag`");
    let ending = case("expect = { task = [\"well\"] }\n");
    assert_eq!(
        ending,
        "mine.toml: case `a/b`: a task ends as `done` or as `error`, not as `well`"
    );
}

#[test]
fn known_deviations_name_cases_or_clauses_that_exist() {
    let cases = all();
    for name in known::names() {
        let known = known::look_up(&name)
            .expect("a file")
            .expect("a known client");
        for listed in known.deviation {
            let case = cases.iter().any(|case| case.id == listed.case);
            let clause = amqp_0_9_1_clauses().get(&listed.case).is_some();
            assert!(case || clause, "{name} lists {}", listed.case);
        }
    }
}
