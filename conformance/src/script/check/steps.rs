//! The exchange of a case: blocks, lanes, commands, fields and options.

use super::super::ast::{Arm, Field, Lane, Message, Piece, Span, Step, StepKind, Value};
use super::super::diagnose::Faults;
use super::scope::{Name, Run, Scope, is_generated};
use super::values::Site;
use super::{Direction, Vocabulary};
use crate::history::{COUNTS, FAULTS, SELECTORS};

/// Words of the notation itself, beside those of the protocol.
const SENT: [&str; 4] = ["cut", "eof", "stop-reading", "read"];
/// The fields of those that have any.
const SENT_FIELDS: [(&str, &[&str]); 1] = [("read", &["at-most"])];
const EXPECTED: [&str; 2] = ["closed", "eof"];
const EXPECT_OPTIONS: [&str; 2] = ["within", "silent"];

/// One case under examination.
pub(super) struct Checker<'c, 'f, 't> {
    pub text: &'t str,
    pub vocabulary: &'c dyn Vocabulary,
    pub faults: &'f mut Faults<'t>,
    /// Whether time is the case's subject.
    pub timed: bool,
    /// What the case needs of its target.
    pub needed: Vec<String>,
    /// Whether something is answered by itself, so that a history goes on.
    pub reacts: bool,
}

impl<'c, 'f, 't> Checker<'c, 'f, 't> {
    pub(super) fn new(
        text: &'t str,
        vocabulary: &'c dyn Vocabulary,
        faults: &'f mut Faults<'t>,
    ) -> Self {
        Checker {
            text,
            vocabulary,
            faults,
            timed: false,
            needed: Vec::new(),
            reacts: false,
        }
    }

    pub(super) fn steps(&mut self, steps: &[Step], scope: &mut Scope) {
        steps.iter().for_each(|step| self.step(step, scope));
    }

    fn step(&mut self, step: &Step, scope: &mut Scope) {
        match &step.kind {
            StepKind::Open { lanes, options } => self.open(step, lanes, options, scope),
            StepKind::Send(message) => self.message(step, message, Direction::ToBroker, scope),
            StepKind::Expect { message, .. } => {
                self.message(step, message, Direction::FromBroker, scope)
            }
            StepKind::OneOf(arms) => self.arms(arms, scope),
            StepKind::Unordered(steps) => {
                for inner in steps {
                    if !matches!(inner.kind, StepKind::Expect { .. } | StepKind::Ordered(_)) {
                        let help = "an `unordered` block holds `<` steps and `ordered` blocks";
                        self.faults.error_with(
                            inner.span,
                            "a step that has its place in the order",
                            help,
                        );
                    } else if let StepKind::Ordered(steps) = &inner.kind {
                        self.ordered(steps, scope);
                    } else {
                        self.step(inner, scope);
                    }
                }
            }
            StepKind::Ordered(steps) => {
                let help = "the steps of a case are in order unless `unordered` says otherwise";
                self.faults
                    .error_with(step.span, "`ordered` outside of `unordered`", help);
                self.ordered(steps, scope);
            }
            StepKind::Repeat { count, name, steps } => {
                self.value(count, &Site::behind(step.span, "a count", true), scope);
                if let Some(name) = name {
                    self.bind(name, step.span, scope);
                }
                self.steps(steps, scope);
            }
            StepKind::Control(steps) => self.run(step, steps, Run::Control, scope),
            StepKind::Fault(steps) => self.run(step, steps, Run::Fault, scope),
            StepKind::Whenever { message, steps } => {
                self.reacts = true;
                self.message(step, message, Direction::FromBroker, scope);
                self.answers(steps, scope);
            }
            StepKind::Until(fields) => {
                if !self.reacts {
                    let help = "`whenever LANE < COMMAND` before it takes what comes, so that the history goes on";
                    self.faults
                        .error_with(step.span, "nothing is read while this waits", help);
                }
                self.counts(step, fields, &COUNTS, scope)
            }
            StepKind::Check(fields) => {
                self.counts(step, fields, &[&COUNTS[..], &FAULTS].concat(), scope)
            }
            StepKind::Wait(_) => self.only_timed(step.span, "wait"),
            StepKind::Target(name) => {
                let need = format!("control.{name}");
                if !self.needed.contains(&need) {
                    let help = format!(
                        "add `needs {need}`, so that it is skipped where the target cannot do it"
                    );
                    self.faults.error_with(
                        step.span,
                        format!("the case does not say that it needs `{need}`"),
                        help,
                    );
                }
            }
        }
    }

    fn ordered(&mut self, steps: &[Step], scope: &mut Scope) {
        for inner in steps {
            match inner.kind {
                StepKind::Expect { .. } => self.step(inner, scope),
                _ => {
                    let help = "an `ordered` block holds `<` steps alone";
                    self.faults.error_with(inner.span, "not a `<` step", help);
                }
            }
        }
    }

    /// What answers a command has to be there at once.
    fn answers(&mut self, steps: &[Step], scope: &mut Scope) {
        for inner in steps {
            match inner.kind {
                StepKind::Send(_) => self.step(inner, scope),
                _ => {
                    let help = "a `whenever` block holds `>` steps alone; what they lead to is awaited elsewhere";
                    self.faults.error_with(inner.span, "not a `>` step", help);
                }
            }
        }
    }

    /// `until` and `check`: the counts that they know, and what these are taken of.
    fn counts(&mut self, step: &Step, fields: &[Field], known: &[&str], scope: &mut Scope) {
        self.once(fields, "count");
        let of_one = fields.iter().any(|field| field.name.value == "consumer");
        for field in fields {
            let name = field.name.value.as_str();
            let selects = SELECTORS.contains(&name);
            if !selects && !known.contains(&name) {
                let all = [known, &SELECTORS].concat();
                let message = match FAULTS.contains(&name) {
                    true => format!("`{name}` is for `check`: only a finished history has faults"),
                    false => format!("a history has no `{name}`"),
                };
                self.faults.unknown(field.name.span, message, name, &all);
            } else if name == "lost" && of_one {
                let help = "what one consumer did not get, another may have got";
                self.faults
                    .error_with(field.name.span, "`lost` is not told of one consumer", help);
            }
            self.value(&field.value, &Site::of(field, step, selects), scope);
        }
        if fields
            .iter()
            .all(|field| SELECTORS.contains(&field.name.value.as_str()))
        {
            self.faults
                .error(step.span, "nothing is asked of the history");
        }
    }

    fn arms(&mut self, arms: &[Arm], scope: &mut Scope) {
        let before = scope.clone();
        for arm in arms {
            if !matches!(
                arm.steps.first(),
                Some(Step {
                    kind: StepKind::Expect { .. },
                    ..
                })
            ) {
                let place = arm
                    .steps
                    .first()
                    .map_or_else(|| self.faults.line(arm.line), |step| step.span);
                let help = "what comes decides which arm goes on";
                self.faults
                    .error_with(place, "an arm of `one-of` begins with a `<` step", help);
            }
            let mut inner = before.clone();
            self.steps(&arm.steps, &mut inner);
            scope.join(inner);
        }
    }

    fn run(&mut self, step: &Step, steps: &[Step], run: Run, scope: &mut Scope) {
        let outside = scope.run();
        if outside != Run::Both {
            self.faults.error(
                step.span,
                "`control` and `fault` do not stand in each other",
            );
        }
        scope.enter(run);
        self.steps(steps, scope);
        scope.enter(outside);
    }

    /// Notes that a step gives a variable its value.
    pub(super) fn bind(&mut self, name: &str, place: Span, scope: &mut Scope) {
        if is_generated(name) {
            let help = "q, x and k, alone or with digits or _word behind, are names of each run; choose another name";
            self.faults.error_with(
                place,
                format!("`{name}` has a value of its own and cannot be bound"),
                help,
            );
        }
        scope.add(Name::Variable(name.to_owned()));
    }

    fn only_timed(&mut self, place: Span, what: &str) {
        if !self.timed {
            let help = "say `group timed` if time is the case's subject; else let a later reply prove what you wait for";
            self.faults.error_with(
                place,
                format!("`{what}` outside of the group `timed`"),
                help,
            );
        }
    }

    fn open(&mut self, step: &Step, lanes: &[Lane], options: &[Field], scope: &mut Scope) {
        for connection in lanes.iter().filter_map(|lane| lane.connection.as_ref()) {
            scope.add(Name::Connection(connection.clone()));
        }
        self.once(options, "option");
        let mut known = self.vocabulary.open_options();
        known.push("at");
        for option in options {
            let name = option.name.value.as_str();
            if !known.contains(&name) {
                self.faults.unknown(
                    option.name.span,
                    format!("`open` has no option `{name}`"),
                    name,
                    &known,
                );
            } else if name == "at" {
                self.word(option, &self.vocabulary.stages(), "stage");
            }
            self.value(&option.value, &Site::of(option, step, true), scope);
        }
    }

    fn message(&mut self, step: &Step, message: &Message, direction: Direction, scope: &mut Scope) {
        if let Some(connection) = &message.lane.connection
            && !scope.knows(&Name::Connection(connection.clone()))
        {
            let help = format!("`open {connection}` opens it");
            self.faults.error_with(
                step.span,
                format!("no connection `{connection}` is open here"),
                help,
            );
            scope.add(Name::Connection(connection.clone()));
        }
        let sends = direction == Direction::ToBroker;
        let command = message.command.value.as_str();
        let mut commands = self.vocabulary.commands(direction);
        commands.extend(if sends { &SENT[..] } else { &EXPECTED[..] });
        self.once(&message.fields, "field");
        self.once(&message.with, "option");
        if commands.contains(&command) {
            self.fields(message, direction);
        } else {
            let other = if sends {
                Direction::FromBroker
            } else {
                Direction::ToBroker
            };
            let who = if sends { "client" } else { "broker" };
            let what = match self.vocabulary.commands(other).contains(&command) {
                true => format!("a {who} does not send `{command}`"),
                false => format!("no command is called `{command}`"),
            };
            self.faults
                .unknown(message.command.span, what, command, &commands);
        }
        self.options(message, direction);
        for field in &message.fields {
            self.value(&field.value, &Site::of(field, step, sends), scope);
        }
        for option in &message.with {
            self.value(&option.value, &Site::of(option, step, sends), scope);
        }
    }

    fn fields(&mut self, message: &Message, direction: Direction) {
        let command = message.command.value.as_str();
        let mut known = self.vocabulary.fields(direction, command);
        let own = SENT_FIELDS.iter().find(|(name, _)| *name == command);
        known.extend(own.into_iter().flat_map(|(_, fields)| *fields));
        for field in &message.fields {
            let name = field.name.value.as_str();
            if !known.contains(&name) {
                self.faults.unknown(
                    field.name.span,
                    format!("`{command}` has no field `{name}`"),
                    name,
                    &known,
                );
            }
        }
    }

    fn options(&mut self, message: &Message, direction: Direction) {
        let mut known = self.vocabulary.options(direction);
        if direction == Direction::FromBroker {
            known.extend(EXPECT_OPTIONS);
        }
        for option in &message.with {
            let name = option.name.value.as_str();
            match (name, direction) {
                _ if !known.contains(&name) => {
                    let arrow = if direction == Direction::ToBroker {
                        ">"
                    } else {
                        "<"
                    };
                    let what = format!("a `{arrow}` line has no option `{name}`");
                    self.faults.unknown(option.name.span, what, name, &known);
                }
                ("within", Direction::FromBroker) => self.only_timed(option.name.span, "within"),
                ("silent", Direction::FromBroker) if message.command.value != "closed" => {
                    let help = "it grades the end of a connection without a word";
                    self.faults
                        .error_with(option.name.span, "`silent` belongs to `closed`", help);
                }
                ("silent", Direction::FromBroker) => {
                    self.word(option, &["pass", "lenient", "fail"], "grade")
                }
                _ => {}
            }
        }
    }

    /// An option whose value is one of a few words.
    fn word(&mut self, option: &Field, known: &[&str], what: &str) {
        let word = match &option.value {
            Value::Text(pieces) => match pieces.as_slice() {
                [Piece::Literal(word)] => String::from_utf8_lossy(word).into_owned(),
                _ => option.value.to_string(),
            },
            other => other.to_string(),
        };
        if !known.contains(&word.as_str()) {
            self.faults.unknown(
                option.name.span,
                format!("no {what} is called `{word}`"),
                &word,
                known,
            );
        }
    }

    /// That no name stands twice.
    fn once(&mut self, fields: &[Field], what: &str) {
        for (index, field) in fields.iter().enumerate() {
            let name = &field.name.value;
            if fields
                .iter()
                .take(index)
                .any(|earlier| earlier.name.value == *name)
            {
                self.faults.error(
                    field.name.span,
                    format!("the {what} `{name}` a second time"),
                );
            }
        }
    }
}
