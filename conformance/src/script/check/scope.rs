//! What is bound or opened at a place of a case.
//!
//! The run with the positive control and the run with the fault are two runs: what one binds, the other does not
//! see. Outside of both blocks a name counts as known if either knows it.

use std::collections::HashSet;

/// Which of the two runs a step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Run {
    #[default]
    Both,
    Control,
    Fault,
}

/// Names of variables and of connections that are known so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    run: Run,
    both: HashSet<Name>,
    control: HashSet<Name>,
    fault: HashSet<Name>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Name {
    Variable(String),
    Connection(String),
}

impl Scope {
    pub(super) fn run(&self) -> Run {
        self.run
    }

    pub(super) fn enter(&mut self, run: Run) {
        self.run = run;
    }

    pub(super) fn add(&mut self, name: Name) {
        let names = match self.run {
            Run::Both => &mut self.both,
            Run::Control => &mut self.control,
            Run::Fault => &mut self.fault,
        };
        names.insert(name);
    }

    pub(super) fn knows(&self, name: &Name) -> bool {
        let control = self.run != Run::Fault && self.control.contains(name);
        let fault = self.run != Run::Control && self.fault.contains(name);
        self.both.contains(name) || control || fault
    }

    /// Takes over what another way through the case knows.
    pub(super) fn join(&mut self, other: Scope) {
        self.both.extend(other.both);
        self.control.extend(other.control);
        self.fault.extend(other.fault);
    }
}

/// Whether each run makes the name up anew: `q`, `x` or `k`, alone or with digits or `_word` behind.
pub(super) fn is_generated(name: &str) -> bool {
    name.strip_prefix(['q', 'x', 'k']).is_some_and(|rest| {
        rest.chars().all(|c| c.is_ascii_digit())
            || rest.strip_prefix('_').is_some_and(|word| !word.is_empty())
    })
}
