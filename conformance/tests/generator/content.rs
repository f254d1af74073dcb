//! Contents whose frames are not the ones that are due.

use mqspec_specs::Protocol;

use super::case::{Case, Lines, one_of};
use super::examples::{Example, Examples};

const PUBLISH: &str = "> basic.publish exchange=amq.direct routing-key=$k with content=none";

pub fn interrupted(protocol: &Protocol, examples: &Examples) -> Vec<Case> {
    let names = || {
        protocol
            .commands
            .iter()
            .map(|command| command.name.as_str())
    };
    let mut cases = Vec::new();
    for (family, words, begun) in [
        ("content-header-due", "a content header", vec![PUBLISH]),
        (
            "content-body-due",
            "the rest of a body",
            vec![
                PUBLISH,
                "> content-header body-size=5",
                "> content-body payload=he",
            ],
        ),
    ] {
        // The refusal that close-ok confirms would stand behind the content.
        for example in examples
            .on_a_channel(names())
            .filter(|example| example.name != "channel.close-ok")
        {
            let name = &example.name;
            let case = Case::new(
                format!("{family}/{name}"),
                format!(
                    "{name} where {words} is due is an unexpected frame, or gives up the content"
                ),
                "CNT-02 CNT-08",
            );
            cases.push(interruption(case, example, &begun));
        }
    }
    cases
}

fn interruption(case: Case, example: &Example, begun: &[&str]) -> Case {
    let codes = match example.name.as_str() {
        "access.request" => "501|502|503|505|540",
        _ => "505",
    };
    let (sent, expected) = example.answer();
    case.needs(&example.needs)
        .steps(example.before(""))
        .steps(begun.iter().copied())
        .steps([example.command("", "")])
        .steps(sent)
        .steps(one_of([
            (
                "pass \"an unexpected frame\"",
                vec![format!("< closed reply-code={codes}")],
            ),
            ("lenient \"the content is given up\"", expected),
        ]))
}

pub fn headers(protocol: &Protocol) -> Vec<Case> {
    let mut cases = Vec::new();
    let others = protocol
        .classes
        .iter()
        .map(|class| class.id)
        .filter(|id| *id != 60);
    for id in others.chain([0, 1, 59, 61, 15360, 65535]) {
        let name = protocol.class(id).map(|class| format!(", {}", class.name));
        let case = Case::new(
            format!("content-class/{id}"),
            format!(
                "A content header of class {id}{} behind basic.publish ends the connection",
                name.unwrap_or_default()
            ),
            "CNT-02 CNT-03",
        );
        cases.push(header(case, format!("class-id={id}"), "501|505"));
    }
    for weight in [1, 255, 256, 65535] {
        let case = Case::new(
            format!("content-weight/{weight}"),
            format!("A content header of weight {weight} ends the connection"),
            "CNT-04",
        );
        cases.push(header(case, format!("weight={weight}"), "501|502|505"));
    }
    cases
}

fn header(case: Case, wrong: String, codes: &str) -> Case {
    let control: Lines = [
        "> content-header class-id=60 weight=0 body-size=0",
        "> basic.qos",
        "< basic.qos-ok",
    ]
    .map(str::to_owned)
    .into();
    case.steps([PUBLISH]).control(control).fault([
        format!("> content-header {wrong} body-size=0"),
        format!("< closed reply-code={codes}"),
    ])
}
