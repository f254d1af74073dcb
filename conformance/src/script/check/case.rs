//! The head of a case, and whether its refusals prove themselves.

use super::super::ast::{Case, Span, Spanned, Step, StepKind};
use super::super::diagnose::{nearest, suggest};
use super::scope::Scope;
use super::steps::Checker;

const GROUPS: [&str; 2] = ["timed", "alone"];

impl Checker<'_, '_, '_> {
    pub(super) fn case(&mut self, case: &Case, place: Span) {
        if !is_case_id(&case.id) {
            let help = "lower-case words of letters, digits, `.` and `-`, separated by `/`: queue.declare/passive-missing";
            self.faults
                .error_with(place, format!("`{}` is not a case's id", case.id), help);
        }
        if case.title.is_empty() {
            let help = "one sentence that says what a right broker does, quoted, below the id";
            self.faults.warning(place, "a case without a title", help);
        }
        if case.clauses.is_empty() {
            self.faults.warning(
                place,
                "a case without a clause",
                "`clause ID` names what the case proves",
            );
        }
        if case.steps.is_empty() {
            self.faults.error(place, "a case without steps");
        }
        self.clauses(&case.clauses);
        self.needs(&case.needs);
        if let Some(group) = case
            .group
            .as_deref()
            .filter(|group| !GROUPS.contains(group))
        {
            let help = suggest(group, GROUPS)
                .unwrap_or_else(|| format!("there are {}", GROUPS.join(" and ")));
            self.faults
                .error_with(place, format!("no group is called `{group}`"), help);
        }
        self.timed = case.group.as_deref() == Some("timed");
        self.needed = case.needs.iter().map(|need| need.value.clone()).collect();
        self.proof(case);
        self.steps(&case.steps, &mut Scope::default());
    }

    fn clauses(&mut self, clauses: &[Spanned<String>]) {
        let known = self.vocabulary.clauses();
        for (index, clause) in clauses.iter().enumerate() {
            let name = &clause.value;
            if !known.contains(&name.as_str()) {
                self.faults.unknown(
                    clause.span,
                    format!("no clause is called `{name}`"),
                    name,
                    &known,
                );
            } else if clauses
                .iter()
                .take(index)
                .any(|earlier| earlier.value == *name)
            {
                self.faults
                    .error(clause.span, format!("the clause `{name}` a second time"));
            }
        }
    }

    fn needs(&mut self, needs: &[Spanned<String>]) {
        let known = self.vocabulary.needs();
        for need in needs {
            let name = need.value.as_str();
            let fits = |known: &&str| match known.ends_with('.') {
                true => name.len() > known.len() && name.starts_with(*known),
                false => name == *known,
            };
            if known.iter().any(fits) {
                continue;
            }
            // What is behind the dot is the target's to know.
            let (kind, rest) = name.split_at(name.find('.').map_or(name.len(), |dot| dot + 1));
            let kinds = known.iter().copied().filter(|known| *known != kind);
            let of_this_kind: Vec<&str> = kinds
                .clone()
                .filter(|known| rest.len() < name.len() && known.starts_with(kind))
                .collect();
            let help = if of_this_kind.is_empty() {
                nearest(kind, kinds)
                    .map(|kind| format!("did you mean `{kind}{rest}`?"))
                    .unwrap_or_else(|| format!("there are: {}", known.join(", ")))
            } else {
                suggest(name, of_this_kind.iter().copied())
                    .unwrap_or_else(|| format!("there are: {}", of_this_kind.join(", ")))
            };
            let message = format!("no target can be asked for `{name}`");
            self.faults.error_with(need.span, message, help);
        }
    }

    /// A refusal needs its positive control, and the control its fault.
    fn proof(&mut self, case: &Case) {
        let control = case
            .steps
            .iter()
            .find(|step| matches!(step.kind, StepKind::Control(_)));
        let fault = case
            .steps
            .iter()
            .find(|step| matches!(step.kind, StepKind::Fault(_)));
        match (control, fault) {
            (Some(control), None) => {
                let help = "the steps of the run with the fault stand in a `fault` block";
                self.faults
                    .error_with(control.span, "`control` without `fault`", help);
            }
            (None, Some(fault)) => {
                let help = "the steps of the run without the fault stand in a `control` block";
                self.faults
                    .error_with(fault.span, "`fault` without `control`", help);
            }
            (Some(control), Some(_)) if case.no_control.is_some() => {
                self.faults.error(
                    control.span,
                    "a case with `no-control` that has a `control` block",
                );
            }
            (None, None) if case.no_control.is_none() => {
                if let Some(refusal) = case.steps.iter().find_map(|step| self.refusal(step)) {
                    let help = "show in a `control` block that the same exchange without the fault is accepted, or say \
                                why that cannot be with `no-control \"REASON\"`";
                    self.faults.error_with(
                        refusal.span,
                        "a refusal without a positive control",
                        help,
                    );
                }
            }
            _ => {}
        }
    }

    /// The step by which the broker refuses something, if that is the only outcome here.
    fn refusal<'s>(&self, step: &'s Step) -> Option<&'s Step> {
        match &step.kind {
            StepKind::Expect { message, .. } => {
                let command = message.command.value.as_str();
                (command == "closed" || self.vocabulary.is_refusal(command)).then_some(step)
            }
            StepKind::OneOf(arms) => {
                let mut refusals = arms
                    .iter()
                    .map(|arm| arm.steps.iter().find_map(|step| self.refusal(step)));
                refusals
                    .next()
                    .flatten()
                    .filter(|_| refusals.all(|refusal| refusal.is_some()))
            }
            StepKind::Repeat { steps, .. }
            | StepKind::Unordered(steps)
            | StepKind::Ordered(steps) => steps.iter().find_map(|step| self.refusal(step)),
            _ => None,
        }
    }
}

fn is_case_id(id: &str) -> bool {
    let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    id.contains('/')
        && id
            .split('/')
            .all(|word| !word.is_empty() && word.chars().all(sign))
}
