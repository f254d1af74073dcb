//! Which exchanges a seed makes, and what they are made of.

use std::sync::Arc;

use crate::dialect::{Author, Draft};
use crate::dice::Dice;
use crate::script::{self, Case};

/// The exchange of that number.
pub fn draft(author: &dyn Author, seed: u64, number: u64, cases: &[Arc<Case>]) -> Draft {
    author.draft(&mut Dice::of(seed, number), cases)
}

/// Whether something can be made of a case: one whose subject is time, or that needs more than a broker that serves,
/// takes too long; one that looks at many messages too.
pub fn suits(case: &Case) -> bool {
    fn plain(steps: &[script::Step]) -> bool {
        use script::StepKind::{
            Check, Control, Fault, OneOf, Ordered, Repeat, Target, Unordered, Until, Wait, Whenever,
        };
        steps.iter().all(|step| match &step.kind {
            Target(_) | Wait(_) | Until(_) | Check(_) | Repeat { .. } => false,
            OneOf(arms) => arms.iter().all(|arm| plain(&arm.steps)),
            Control(steps)
            | Fault(steps)
            | Ordered(steps)
            | Unordered(steps)
            | Whenever { steps, .. } => plain(steps),
            _ => true,
        })
    }
    case.group.is_none()
        && case
            .needs
            .iter()
            .all(|need| need.value.starts_with("capability."))
        && plain(&case.steps)
}
