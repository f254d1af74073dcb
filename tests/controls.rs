//! Every positive control matters: one that is broken makes its case say so.

use std::sync::Arc;

use mqspec::dialect::{Dialect, amqp};
use mqspec::run::Verdict;
use mqspec::script::{Case, Step, StepKind};
use mqspec::target::Request;
use mqspec_tests::{run, story, suite};

/// The case with its fault in the control too: there the broker is told what it refuses, and everything is expected
/// that follows from its being accepted. Nothing if the case has no control.
fn with_broken_control(case: &Case) -> Option<Case> {
    let control = case.steps.iter().find_map(|step| match &step.kind {
        StepKind::Control(steps) => Some(steps),
        _ => None,
    })?;
    let mut broken = case.clone();
    broken
        .steps
        .retain(|step| !matches!(step.kind, StepKind::Control(_)));
    for step in &mut broken.steps {
        if let StepKind::Fault(fault) = &step.kind {
            let mut steps = up_to_the_refusal(fault);
            steps.extend(control.iter().filter_map(acceptance));
            step.kind = StepKind::Control(steps);
        }
    }
    Some(broken)
}

/// What leads to the refusal, without the refusal itself and what follows it.
fn up_to_the_refusal(fault: &[Step]) -> Vec<Step> {
    fault
        .iter()
        .take_while(|step| !is_refusal(step))
        .cloned()
        .collect()
}

/// Whether the broker refuses something in this step, at least as one of several outcomes.
fn is_refusal(step: &Step) -> bool {
    match &step.kind {
        StepKind::Expect { message, .. } => {
            let command = message.command.value.as_str();
            command == "closed" || amqp::dialect().vocabulary().is_refusal(command)
        }
        StepKind::OneOf(arms) => arms.iter().any(|arm| arm.steps.iter().any(is_refusal)),
        StepKind::Repeat { steps, .. } | StepKind::Unordered(steps) | StepKind::Ordered(steps) => {
            steps.iter().any(is_refusal)
        }
        _ => false,
    }
}

/// The step if the broker has a part in it, without the alternatives in which it refuses.
fn acceptance(step: &Step) -> Option<Step> {
    let mut step = step.clone();
    match &mut step.kind {
        StepKind::Expect { .. } | StepKind::Unordered(_) | StepKind::Ordered(_) => Some(step),
        StepKind::OneOf(arms) => {
            arms.retain(|arm| !arm.steps.iter().any(is_refusal));
            (!arms.is_empty()).then_some(step)
        }
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_that_is_refused_makes_its_case_report_that() {
    let mut broken = suite();
    broken.cases = broken
        .cases
        .iter()
        .filter_map(|(file, case)| Some((file.clone(), Arc::new(with_broken_control(case)?))))
        .collect();
    let cases = broken.cases.len();
    assert_ne!(cases, 0, "no case has a control");
    let report = run(&Request::default(), broken, 64).await;
    let unmoved = report.cases.iter().filter(|case| {
        let told = case.finding.as_ref().is_some_and(|finding| finding.control);
        case.verdict != Verdict::Skipped
            && !(told && matches!(case.verdict, Verdict::Failed | Verdict::Inconclusive))
    });
    let unmoved: Vec<_> = unmoved.collect();
    assert!(unmoved.is_empty(), "{}", story(unmoved));
    println!("{cases} controls were broken, and each was reported");
}
