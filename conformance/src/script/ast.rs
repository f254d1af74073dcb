//! What a script says, as a tree.
//!
//! The tree keeps comments and blank lines, so that the printer gives a file back as its author wrote it,
//! only laid out evenly; and it keeps the place of every statement, so that a finding can point at its line.
//!
//! A comment is kept without its `#` and one blank behind that; the text of a `#` that stands alone is one blank.

use std::fmt;
use std::time::Duration;

/// A file of the suite, a saved transcript or a reproducer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// The name that diagnostics and reports show, relative to the suite's folder where there is one.
    pub name: String,
    /// The comment lines above `protocol NAME`, without their `#`. An empty string is a blank line.
    pub lead: Vec<String>,
    /// The protocol's name where the file states one with `protocol NAME`.
    pub protocol: Option<String>,
    /// What stands in the file, in its order.
    pub items: Vec<Item>,
    /// Comment lines behind the last item.
    pub trailer: Vec<String>,
}

impl File {
    /// The cases of the file, in its order.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.items.iter().filter_map(|item| match item {
            Item::Case(case) => Some(case),
            Item::Stage(_) => None,
        })
    }

    /// The stages of the file, in its order.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.items.iter().filter_map(|item| match item {
            Item::Stage(stage) => Some(stage),
            Item::Case(_) => None,
        })
    }
}

/// One top-level statement of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `case ID`
    Case(Case),
    /// `stage NAME`: a step of the dialogue that makes a connection ready; only in a protocol's prologue.
    Stage(Stage),
}

/// One stage on the way from a bare connection to one that is ready for commands.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The comment lines above it, without their `#`. An empty string is a blank line.
    pub lead: Vec<String>,
    /// The name that `open at=NAME` uses.
    pub name: String,
    /// Where it stands.
    pub line: u32,
    /// The steps that lead from the stage before to this one.
    pub steps: Vec<Step>,
}

/// One case: what a right broker does, and the exchange that proves it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The comment lines above it, without their `#`. An empty string is a blank line.
    pub lead: Vec<String>,
    /// The permanent name.
    pub id: String,
    /// One sentence that says what a right broker does.
    pub title: String,
    /// Where it stands.
    pub line: u32,
    /// The ids of the clauses that it proves, each with its place.
    pub clauses: Vec<Spanned<String>>,
    /// What the target must have, each with its place.
    pub needs: Vec<Spanned<String>>,
    /// `timed` or `alone`.
    pub group: Option<String>,
    /// Why a refusal has no positive control here.
    pub no_control: Option<String>,
    /// The exchange.
    pub steps: Vec<Step>,
}

/// A value with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value that stands in no file.
    pub fn of(value: T) -> Spanned<T> {
        Spanned {
            value,
            span: Span::default(),
        }
    }
}

/// A place in a file: octet offsets from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first octet.
    pub start: usize,
    /// One past the last octet.
    pub end: usize,
}

/// One statement of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The comment lines above it, without their `#`. An empty string is a blank line.
    pub lead: Vec<String>,
    /// The comment at the end of its line, without its `#`.
    pub comment: Option<String>,
    /// The line, counted from 1.
    pub line: u32,
    /// Its place.
    pub span: Span,
    /// What it says.
    pub kind: StepKind,
}

impl Step {
    /// A statement that stands in no file.
    pub fn of(kind: StepKind) -> Step {
        Step {
            lead: Vec::new(),
            comment: None,
            line: 0,
            span: Span::default(),
            kind,
        }
    }
}

/// What a statement of a case says.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// `open a a/2 b at=STAGE option=value`
    Open {
        /// The connections and further streams to open; empty for the nameless connection.
        lanes: Vec<Lane>,
        /// `at=STAGE` and fields that the client sends on the way.
        options: Vec<Field>,
    },
    /// `LANE > COMMAND …`
    Send(Message),
    /// `LANE < COMMAND …`, `LANE < eventually COMMAND …`
    Expect {
        /// What is expected.
        message: Message,
        /// Whether what comes before it is passed over.
        eventually: bool,
    },
    /// `one-of`
    OneOf(Vec<Arm>),
    /// `unordered`; holds [`StepKind::Expect`] and [`StepKind::Ordered`] only.
    Unordered(Vec<Step>),
    /// `ordered`, inside `unordered` only; holds [`StepKind::Expect`] only.
    Ordered(Vec<Step>),
    /// `repeat COUNT NAME`
    Repeat {
        /// How often; a number or a variable.
        count: Value,
        /// The variable that counts from 1.
        name: Option<String>,
        /// What is repeated.
        steps: Vec<Step>,
    },
    /// `control`
    Control(Vec<Step>),
    /// `fault`
    Fault(Vec<Step>),
    /// `wait DURATION`
    Wait(Duration),
    /// `target NAME`
    Target(String),
    /// `whenever LANE < COMMAND …`: from here to the end of the case.
    Whenever {
        /// What is answered.
        message: Message,
        /// The answer; holds [`StepKind::Send`] only.
        steps: Vec<Step>,
    },
    /// `until NAME=PATTERN …`: goes on once the history says so.
    Until(Vec<Field>),
    /// `check NAME=PATTERN …`: what the history must say.
    Check(Vec<Field>),
}

/// One alternative of `one-of`.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// The comment lines above it, without their `#`.
    pub lead: Vec<String>,
    /// The comment at the end of its line, without its `#`.
    pub comment: Option<String>,
    /// The line, counted from 1.
    pub line: u32,
    /// What the outcome is worth.
    pub grade: Grade,
    /// What the choice tells about the broker.
    pub note: Option<String>,
    /// The first is a [`StepKind::Expect`].
    pub steps: Vec<Step>,
}

/// What an acceptable outcome is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// As the text asks.
    Pass,
    /// Allowed, not recommended.
    Lenient,
}

/// One command of an exchange, sent or expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Which connection and stream it travels on.
    pub lane: Lane,
    /// The command's name, such as `queue.declare`, `frame` or `closed`.
    pub command: Spanned<String>,
    /// Its fields, in the order written.
    pub fields: Vec<Field>,
    /// What stands behind `with`.
    pub with: Vec<Field>,
}

/// A connection's name and a stream's number, both of which may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Lane {
    /// The connection's name; the first connection if left out.
    pub connection: Option<String>,
    /// The stream's number (AMQP: the channel); told by the command if left out.
    pub stream: Option<u16>,
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(connection) = &self.connection {
            f.write_str(connection)?;
        }
        if let Some(stream) = self.stream {
            write!(f, "/{stream}")?;
        }
        Ok(())
    }
}

/// `name=value`
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The field's name.
    pub name: Spanned<String>,
    /// Its value, or the pattern that it must match.
    pub value: Value,
}

/// A value or, in an expectation, a pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `true`, `false`
    Bool(bool),
    /// `404`, `-1`
    Int(i128),
    /// `0x1f`: a number whose digits mean something by themselves.
    Hex(i128),
    /// `1.5`
    Float(f64),
    /// `500ms`, `2s`
    Duration(Duration),
    /// `"text with ${name}"`, or a plain word
    Text(Vec<Piece>),
    /// `hex"00 ff"`
    Bytes(Vec<u8>),
    /// `$name`
    Var(String),
    /// `a + b`
    Add(Box<Value>, Box<Value>),
    /// `a - b`
    Sub(Box<Value>, Box<Value>),
    /// `a * b`
    Mul(Box<Value>, Box<Value>),
    /// `{name=value, ...}`
    Table {
        /// The pairs, in the order written.
        pairs: Vec<(String, Value)>,
        /// Whether it ends in `...`.
        open: bool,
    },
    /// `[value, ...]`
    Array {
        /// The values.
        values: Vec<Value>,
        /// Whether it ends in `...`.
        open: bool,
    },
    /// `void`
    Void,
    /// `TAG:value`
    Typed(String, Box<Value>),
    /// `name(value, …)`
    Call(String, Vec<Value>),
    /// `_`
    Any,
    /// `absent`
    Absent,
    /// `?name`
    Bind(String),
    /// `a|b`
    Either(Vec<Value>),
    /// `a & b`
    All(Vec<Value>),
    /// `1..10`, `1..`, `..10`
    Range(Option<Box<Value>>, Option<Box<Value>>),
    /// `~"expression"`
    Matches(String),
    /// `!value`
    Not(Box<Value>),
    /// `cover(1..3)`, `cover(2, 4..5)`
    Cover(Vec<Value>),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Octets as they are. Text is UTF-8 unless `\xNN` makes it otherwise.
    Literal(Vec<u8>),
    /// `${name}`
    Var(String),
}
