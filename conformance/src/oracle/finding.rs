//! What was found, as a case in the notation.

use super::campaign::{Found, Order, What};
use super::duel::Difference;
use super::side::Line;
use super::write::{self, Heading, Question};
use crate::dialect::generated::{Act, Ledger, Said};
use crate::dialect::{Datum, Outgoing};

/// The clause that decides, if one does.
pub fn clause(order: &Order, found: &Found) -> Option<String> {
    match &found.what {
        What::Broke(_, broken) => Some(broken.clause.to_owned()),
        What::Stopped(..) => None,
        What::Parted(difference) => {
            let Act::Say { message, .. } = &difference.after.act else {
                let nothing = Outgoing::new(0, "", Vec::new());
                let generator = order.dialect.generator();
                let found = generator.clause(
                    &nothing,
                    difference.aspect,
                    &difference.left,
                    &difference.right,
                );
                return found.map(str::to_owned);
            };
            let generator = order.dialect.generator();
            let found = generator.clause(
                message,
                difference.aspect,
                &difference.left,
                &difference.right,
            );
            found.map(str::to_owned)
        }
    }
}

/// The exchange as a case: what the left broker did is what is expected.
pub fn script(order: &Order, found: &Found, lines: &[Line], ledger: &dyn Ledger) -> String {
    let clause = clause(order, found);
    let (left, right) = (&order.left.name, &order.right.name);
    let mut lead = vec![format!("{left} and {right} part: {}.", found.kind)];
    match &found.what {
        What::Parted(it) => {
            for (name, said) in [(left, &it.left), (right, &it.right)] {
                lead.push(format!("{name}, {} {}:", it.aspect, it.about));
                lead.extend(told(said).into_iter().map(|line| format!("  {line}")));
            }
        }
        What::Broke(is_left, broken) => {
            lead.push(format!("{}: {}", order.name(*is_left), broken.what));
        }
        What::Stopped(is_left, away) => {
            lead.push(format!("{}: {away}", order.name(*is_left)));
        }
    }
    match clause
        .as_deref()
        .and_then(|id| order.dialect.clauses().get(id))
    {
        Some(clause) => lead.push(format!("{}: {}", clause.id, clause.text)),
        None => lead.push("No clause decides which of them is right.".to_owned()),
    }
    lead.push(format!(
        "Exchange {} of seed {}, about {}.",
        found.number, order.seed, found.theme
    ));
    lead.push(String::new());
    let heading = Heading {
        lead,
        protocol: order.dialect.name().to_owned(),
        id: format!("oracle/{}", found.kind.slug()),
        title: format!(
            "{left} and {right} do the same: {}, {}",
            found.kind.step, found.kind.aspect
        ),
        clauses: vec![clause.unwrap_or_else(|| "SEC-01".to_owned())],
    };
    let (question, step) = match &found.what {
        What::Parted(it) => (question(it), it.step),
        What::Broke(..) | What::Stopped(..) => (None, usize::MAX),
    };
    write::script(&heading, lines, question.as_ref(), step, ledger)
}

/// What was said, line by line.
pub fn told(said: &[Said]) -> Vec<String> {
    match said.is_empty() {
        true => vec!["nothing".to_owned()],
        false => said.iter().map(ToString::to_string).collect(),
    }
}

/// What asks for the state of a queue that no step of the exchange asks for. Where the left broker says nothing, it also
/// shows that there is nothing more to come.
fn question(difference: &Difference) -> Option<Question> {
    let about = &difference.about;
    let fields = match (difference.aspect, difference.left.last()) {
        ("queue", Some(answer)) => Some((answer.command.clone(), answer.fields.clone())),
        (_, None) if about.starts_with('$') => Some(("queue.declare-ok".to_owned(), Vec::new())),
        _ => None,
    };
    let passive = vec![
        ("queue".to_owned(), Datum::text(about)),
        ("passive".to_owned(), Datum::Bool(true)),
    ];
    Some(Question {
        client: difference.after.client,
        request: Outgoing::new(1, "queue.declare", passive),
        reply: fields?,
    })
}
