//! A case as a sequence diagram in text: for each connection a lane from client to broker, 80 columns in all.

use crate::report::layout::{WIDTH, columns, shorten, wrapped};
use crate::script::{Arm, Case, Field, Lane, Message, Step, StepKind};

/// How many connections get lanes of their own; more of them share one lane and are named in it.
const LANES: usize = 3;
/// How many columns stand between two connections.
const GAP: usize = 3;
/// How many lines the fields of one command get.
const ROWS: usize = 3;

/// The diagram, in lines of at most 80 columns.
pub fn diagram(case: &Case) -> Vec<String> {
    let mut names = Vec::new();
    connections(&case.steps, &mut names);
    let shared = names.len() > LANES;
    let margin = depth(&case.steps);
    let lanes = if shared { 1 } else { names.len().max(1) };
    let inner = WIDTH - 2 * margin;
    let mut chart = Chart {
        lane: (inner - GAP * (lanes - 1)) / lanes,
        lanes,
        names,
        shared,
        margin,
        open: 0,
        rows: Vec::new(),
    };
    chart.titles();
    if !opens(&case.steps) {
        chart.inside(0, "open", '╌');
    }
    chart.steps(&case.steps);
    chart
        .rows
        .into_iter()
        .map(|row| row.trim_end().to_owned())
        .collect()
}

/// The connections' names in the order in which the case opens them.
fn connections(steps: &[Step], names: &mut Vec<String>) {
    for step in steps {
        if let StepKind::Open { lanes, .. } = &step.kind {
            for lane in lanes {
                let name = lane.connection.clone().unwrap_or_default();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        inner(step).for_each(|steps| connections(steps, names));
    }
}

/// Whether the case opens its connections itself.
fn opens(steps: &[Step]) -> bool {
    steps
        .iter()
        .any(|step| matches!(step.kind, StepKind::Open { .. }) || inner(step).any(opens))
}

/// How deep blocks stand in each other.
fn depth(steps: &[Step]) -> usize {
    let of = |step: &Step| inner(step).map(|steps| 1 + depth(steps)).max().unwrap_or(0);
    steps.iter().map(of).max().unwrap_or(0)
}

/// The blocks inside a step.
fn inner(step: &Step) -> impl Iterator<Item = &[Step]> {
    let (arms, steps): (&[Arm], Option<&[Step]>) = match &step.kind {
        StepKind::OneOf(arms) => (arms, None),
        StepKind::Unordered(steps)
        | StepKind::Ordered(steps)
        | StepKind::Repeat { steps, .. }
        | StepKind::Whenever { steps, .. }
        | StepKind::Control(steps)
        | StepKind::Fault(steps) => (&[], Some(steps)),
        _ => (&[], None),
    };
    arms.iter().map(|arm| arm.steps.as_slice()).chain(steps)
}

struct Chart {
    names: Vec<String>,
    /// Whether all connections share one lane.
    shared: bool,
    /// How many lanes there are.
    lanes: usize,
    /// How wide each is, its two lines included.
    lane: usize,
    /// How many columns the frames of blocks take on each side.
    margin: usize,
    /// How many blocks are open.
    open: usize,
    rows: Vec<String>,
}

impl Chart {
    /// A row with the frames of the open blocks around it.
    fn push(&mut self, content: &str) {
        let blanks = " ".repeat(self.margin - self.open);
        let frames = "│".repeat(self.open);
        let width = WIDTH - 2 * self.margin;
        let fill = " ".repeat(width.saturating_sub(columns(content)));
        self.rows
            .push(format!("{frames}{blanks}{content}{fill}{blanks}{frames}"));
    }

    /// A row in which one lane says something and the others wait.
    fn across(&mut self, lane: usize, said: &str) {
        let waiting = format!("│{}│", " ".repeat(self.lane - 2));
        let cells: Vec<&str> = (0..self.lanes)
            .map(|index| if index == lane { said } else { &waiting })
            .collect();
        self.push(&cells.join(&" ".repeat(GAP)));
    }

    fn titles(&mut self) {
        let title = |name: &str| {
            let client = if name.is_empty() { "client" } else { name };
            let blanks = self.lane.saturating_sub(columns(client) + "broker".len());
            format!("{client}{}broker", " ".repeat(blanks))
        };
        let titles: Vec<String> = match (self.shared, self.names.is_empty()) {
            (true, _) => vec![title(&format!("clients {}", self.names.join(", ")))],
            (false, true) => vec![title("")],
            (false, false) => self.names.iter().map(|name| title(name)).collect(),
        };
        self.push(&titles.join(&" ".repeat(GAP)));
    }

    fn lane(&self, lane: &Lane) -> usize {
        match (&lane.connection, self.shared) {
            (Some(name), false) => self
                .names
                .iter()
                .position(|other| other == name)
                .unwrap_or(0),
            _ => 0,
        }
    }

    /// Text in the middle of a lane.
    fn inside(&mut self, lane: usize, text: &str, line: char) {
        let width = self.lane - 2;
        for text in fitted(text, width - 2) {
            let left = (width - columns(&text) - 2) / 2;
            let right = width - columns(&text) - 2 - left;
            let fill = |count: usize| line.to_string().repeat(count);
            self.across(lane, &format!("│{} {text} {}│", fill(left), fill(right)));
        }
    }

    /// A command: what it says, and an arrow below it.
    fn arrow(&mut self, message: &Message, to_broker: bool, eventually: bool) {
        let lane = self.lane(&message.lane);
        let stream = message
            .lane
            .stream
            .map(|stream| format!("/{stream} "))
            .unwrap_or_default();
        let name = match &message.lane.connection {
            Some(name) if self.shared => format!("{name}{stream} "),
            _ => stream,
        };
        let eventually = if eventually { "eventually " } else { "" };
        let width = self.lane - 2;
        for line in fitted(&format!("{name}{eventually}{message}"), width - 2) {
            let fill = " ".repeat(width.saturating_sub(columns(&line) + 1));
            self.across(lane, &format!("│ {line}{fill}│"));
        }
        let shaft = "─".repeat(width - 1);
        let arrow = match (to_broker, message.command.value.as_str()) {
            (true, "cut") => format!("│{shaft}✕│"),
            (true, _) => format!("│{shaft}▶│"),
            (false, "eof") => format!("│◁{shaft}│"),
            (false, "closed") => format!("│✕{shaft}│"),
            (false, _) => format!("│◀{shaft}│"),
        };
        self.across(lane, &arrow);
    }

    /// A line from frame to frame, with a title.
    fn frame(&mut self, ends: (char, char), line: char, title: &str) {
        let frames = "│".repeat(self.open);
        let width = WIDTH - 2 * self.open - 2;
        let titles = match title.is_empty() {
            true => vec![String::new()],
            false => fitted(title, width - 4)
                .into_iter()
                .map(|title| format!("{line} {title} "))
                .collect(),
        };
        for title in titles.iter().take(1) {
            let fill = line
                .to_string()
                .repeat(width.saturating_sub(columns(title)));
            self.rows
                .push(format!("{frames}{}{title}{fill}{}{frames}", ends.0, ends.1));
        }
    }

    fn block(&mut self, title: &str, steps: &[Step]) {
        self.frame(('┌', '┐'), '─', title);
        self.open += 1;
        self.steps(steps);
        self.open -= 1;
        self.frame(('└', '┘'), '─', "");
    }

    fn alternatives(&mut self, arms: &[Arm]) {
        for (
            index,
            Arm {
                grade, note, steps, ..
            },
        ) in arms.iter().enumerate()
        {
            let note = note
                .as_ref()
                .map(|note| format!(": {note}"))
                .unwrap_or_default();
            let title = format!("alternative {} ({grade}){note}", index + 1);
            match index {
                0 => self.frame(('┌', '┐'), '─', &title),
                _ => self.frame(('├', '┤'), '╌', &title),
            }
            self.open += 1;
            self.steps(steps);
            self.open -= 1;
        }
        self.frame(('└', '┘'), '─', "");
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.kind {
                StepKind::Open { lanes, options } => self.opened(lanes, options),
                StepKind::Send(message) => self.arrow(message, true, false),
                StepKind::Expect {
                    message,
                    eventually,
                } => self.arrow(message, false, *eventually),
                StepKind::OneOf(arms) => self.alternatives(arms),
                StepKind::Unordered(steps) => self.block("in any order", steps),
                StepKind::Ordered(steps) => self.block("in this order", steps),
                StepKind::Repeat { count, name, steps } => {
                    let counter = name
                        .as_ref()
                        .map(|name| format!(", ${name} counts"))
                        .unwrap_or_default();
                    self.block(&format!("{count} times{counter}"), steps);
                }
                StepKind::Control(steps) => {
                    self.block("control: a run of its own, without the fault", steps)
                }
                StepKind::Fault(steps) => self.block("fault: the run that is refused", steps),
                StepKind::Wait(time) => self.everywhere(&format!("wait {time:?}")),
                StepKind::Target(name) => self.everywhere(&format!("target {name}")),
                StepKind::Whenever { message, steps } => {
                    self.frame(('┌', '┐'), '─', "whenever this comes, from here on");
                    self.open += 1;
                    self.arrow(message, false, false);
                    self.steps(steps);
                    self.open -= 1;
                    self.frame(('└', '┘'), '─', "");
                }
                StepKind::Until(fields) => self.history("until", fields),
                StepKind::Check(fields) => self.history("check", fields),
            }
        }
    }

    fn opened(&mut self, lanes: &[Lane], options: &[Field]) {
        let options: String = options.iter().map(|option| format!(" {option}")).collect();
        let nameless = [Lane::default()];
        for lane in if lanes.is_empty() {
            &nameless[..]
        } else {
            lanes
        } {
            let stream = lane
                .stream
                .map(|stream| format!(" /{stream}"))
                .unwrap_or_default();
            let name = match (&lane.connection, self.shared) {
                (Some(name), true) => format!(" {name}"),
                _ => String::new(),
            };
            self.inside(
                self.lane(lane),
                &format!("open{name}{stream}{options}"),
                '╌',
            );
        }
    }

    /// What the history of all connections says.
    fn history(&mut self, keyword: &str, fields: &[Field]) {
        let counts: String = fields.iter().map(|field| format!(" {field}")).collect();
        let width = WIDTH - 2 * self.margin;
        for line in fitted(&format!("{keyword}{counts}"), width - 4) {
            self.everywhere(&line);
        }
    }

    /// What happens beside all connections.
    fn everywhere(&mut self, text: &str) {
        let width = WIDTH - 2 * self.margin;
        let left = width.saturating_sub(columns(text) + 2) / 2;
        let right = width.saturating_sub(columns(text) + 2 + left);
        self.push(&format!(
            "{} {text} {}",
            "═".repeat(left),
            "═".repeat(right)
        ));
    }
}

/// Text in a few lines of that width; what does not fit is left out.
fn fitted(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    // `wrapped` knows lines of 80 columns only; the indentation makes them narrower.
    let indent = " ".repeat(WIDTH.saturating_sub(width));
    for line in wrapped(text, &indent, &indent) {
        lines.push(line.trim_start().to_owned());
    }
    shorten(&mut lines, ROWS, width);
    lines
}
