//! What a script says, against what its protocol knows and what a case must have to prove anything.
//!
//! - [`Vocabulary`]: what a protocol knows, for its dialect to tell
//! - `case`: the head of a case, and its positive control
//! - `steps`: the exchange: blocks, lanes, commands, fields
//! - `values`: variables, patterns, tags and functions
//! - `scope`: what is bound or opened at a place

mod case;
mod scope;
mod steps;
mod values;

use std::collections::HashMap;

use super::ast::{File, Item};
use super::diagnose::{Diagnostic, Faults};
use scope::Scope;
use steps::Checker;

/// Which way a command travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `>`
    ToBroker,
    /// `<`
    FromBroker,
}

/// What a protocol knows, and so what a script may say. The words of the notation itself (`cut`, `eof`, `closed`,
/// `at`, `within`, `silent`) need not be among the answers.
pub trait Vocabulary {
    /// The commands that the client can be made to send, rightly or wrongly, or that a broker can send.
    fn commands(&self, direction: Direction) -> Vec<&str>;

    /// The fields of a command, with the properties and the body if it carries content. Also asked for `closed`.
    fn fields(&self, direction: Direction, command: &str) -> Vec<&str>;

    /// What may stand behind `with`.
    fn options(&self, direction: Direction) -> Vec<&str>;

    /// The stages that `open at=STAGE` can name.
    fn stages(&self) -> Vec<&str>;

    /// The further options of `open`: the fields of what the client sends on the way.
    fn open_options(&self) -> Vec<&str>;

    /// The ids of the clauses.
    fn clauses(&self) -> Vec<&str>;

    /// What a case can need of a target: whole words, or prefixes that end in a dot such as `capability.`.
    fn needs(&self) -> Vec<&str>;

    /// The functions that write octets, such as `shortstr`.
    fn functions(&self) -> Vec<&str>;

    /// The tags of typed values, such as `s` and `S`.
    fn tags(&self) -> Vec<&str>;

    /// The variables that have a value without being bound: of every run, and of the dialogue of `open`.
    fn variables(&self) -> Vec<&str>;

    /// Whether a broker that sends this command refuses something by it. `closed` always does.
    fn is_refusal(&self, command: &str) -> bool;
}

/// The findings about a script that can be read: what its protocol does not know, what has no meaning where it
/// stands, and what a case lacks. `text` is what the file was parsed from; it tells the columns.
pub fn check(file: &File, text: &str, vocabulary: &dyn Vocabulary) -> Vec<Diagnostic> {
    let mut faults = Faults::new(&file.name, text);
    let mut ids = HashMap::new();
    let mut stages = Scope::default();
    for item in &file.items {
        let mut checker = Checker::new(text, vocabulary, &mut faults);
        match item {
            Item::Stage(stage) => checker.steps(&stage.steps, &mut stages),
            Item::Case(case) => {
                let place = checker.faults.line(case.line);
                if let Some(first) = ids.insert(case.id.as_str(), case.line) {
                    let help = format!(
                        "the first stands in line {first}; an id is a case's permanent name"
                    );
                    checker
                        .faults
                        .error_with(place, format!("a second case `{}`", case.id), help);
                }
                checker.case(case, place);
            }
        }
    }
    faults.into_found()
}

/// The findings about case ids that several files use: the second and later of each. Each file goes with the text
/// that it was parsed from.
pub fn check_ids<'a>(files: impl IntoIterator<Item = (&'a File, &'a str)>) -> Vec<Diagnostic> {
    let mut places: HashMap<&str, (&str, u32)> = HashMap::new();
    let mut found = Vec::new();
    for (file, text) in files {
        let mut faults = Faults::new(&file.name, text);
        for case in file.cases() {
            match places.get(case.id.as_str()) {
                None => {
                    places.insert(&case.id, (&file.name, case.line));
                }
                // Two in one file are for `check`.
                Some((other, _)) if *other == file.name => {}
                Some((other, line)) => {
                    let help =
                        format!("the first is {other}:{line}; an id is a case's permanent name");
                    let place = faults.line(case.line);
                    faults.error_with(place, format!("a second case `{}`", case.id), help);
                }
            }
        }
        found.extend(faults.into_found());
    }
    found
}
