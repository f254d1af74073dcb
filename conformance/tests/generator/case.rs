//! How a case is written down.

use std::fmt::{self, Display};

/// Lines of a script, without the indentation of the block that they stand in.
pub type Lines = Vec<String>;

/// One case of a family.
#[derive(Default)]
pub struct Case {
    id: String,
    title: String,
    clauses: String,
    needs: Vec<String>,
    no_control: Option<&'static str>,
    steps: Lines,
}

impl Case {
    /// A case without steps.
    pub fn new(id: impl Into<String>, title: impl Into<String>, clauses: &str) -> Self {
        Case {
            id: id.into(),
            title: title.into(),
            clauses: clauses.to_owned(),
            ..Case::default()
        }
    }

    /// What the target must have.
    pub fn needs(mut self, needs: &[String]) -> Self {
        self.needs.extend_from_slice(needs);
        self
    }

    /// Why a refusal has no positive control here.
    pub fn no_control(mut self, reason: &'static str) -> Self {
        self.no_control = Some(reason);
        self
    }

    /// Steps in both runs.
    pub fn steps<S: Into<String>>(mut self, steps: impl IntoIterator<Item = S>) -> Self {
        self.steps.extend(steps.into_iter().map(Into::into));
        self
    }

    /// Steps in the run without the fault.
    pub fn control<S: Into<String>>(self, steps: impl IntoIterator<Item = S>) -> Self {
        self.block("control", steps)
    }

    /// Steps in the run with the fault.
    pub fn fault<S: Into<String>>(self, steps: impl IntoIterator<Item = S>) -> Self {
        self.block("fault", steps)
    }

    /// A block of steps, such as an arm within `one-of`.
    pub fn block<S: Into<String>>(
        mut self,
        head: &str,
        steps: impl IntoIterator<Item = S>,
    ) -> Self {
        self.steps.extend(block(head, steps));
        self
    }
}

/// A line, and what stands in the block below it.
pub fn block<S: Into<String>>(head: &str, steps: impl IntoIterator<Item = S>) -> Lines {
    let inner = steps.into_iter().map(|line| format!("  {}", line.into()));
    std::iter::once(head.to_owned()).chain(inner).collect()
}

/// Alternatives: head (such as `pass "refused"`) and steps of each.
pub fn one_of(arms: impl IntoIterator<Item = (&'static str, Lines)>) -> Lines {
    block(
        "one-of",
        arms.into_iter()
            .flat_map(|(head, steps)| block(head, steps)),
    )
}

impl Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "case {}", self.id)?;
        writeln!(f, "  \"{}\"", self.title)?;
        writeln!(f, "  clause {}", self.clauses)?;
        if !self.needs.is_empty() {
            writeln!(f, "  needs {}", self.needs.join(" "))?;
        }
        if let Some(reason) = self.no_control {
            writeln!(f, "  no-control \"{reason}\"")?;
        }
        self.steps
            .iter()
            .try_for_each(|step| writeln!(f, "  {step}"))
    }
}
