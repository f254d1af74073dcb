//! Methods and classes that no table has.

use mqspec_specs::Protocol;

use super::case::Case;

pub fn cases(protocol: &Protocol) -> Vec<Case> {
    let mut cases = Vec::new();
    for class in &protocol.classes {
        let known = |method: u16| protocol.command_by_id(class.id, method).is_some();
        let greatest = protocol
            .commands
            .iter()
            .filter(|command| command.class == class.id);
        let greatest = greatest
            .map(|command| command.method)
            .max()
            .unwrap_or_default();
        let channel = u8::from(class.name != "connection");
        for method in [0, 1, greatest + 1, greatest + 256, 65535] {
            assert!(!known(method), "{} has a method {method}", class.name);
            let name = &class.name;
            let case = Case::new(
                format!("unknown-method/{name}.{method}"),
                format!("Method {method} does not exist in class {name}, and ends the connection"),
                "MTH-01",
            );
            cases.push(unknown(case, channel, class.id, method));
        }
    }
    for id in [
        0, 1, 9, 11, 15, 21, 35, 45, 61, 70, 80, 100, 110, 120, 256, 0x3c00, 0xf000, 65535,
    ] {
        assert!(protocol.class(id).is_none(), "there is a class {id}");
        for channel in [0, 1] {
            let case = Case::new(
                format!("unknown-class/{id}-on-channel-{channel}"),
                format!(
                    "Class {id} does not exist, and a method of it on channel {channel} ends the connection"
                ),
                "MTH-01",
            );
            cases.push(unknown(case, channel, id, 10));
        }
    }
    cases
}

fn unknown(case: Case, channel: u8, class: u16, method: u16) -> Case {
    // On channel 0 it may be the channel that is found wrong.
    let codes = match channel {
        0 => "501|502|503|504|540",
        _ => "501|502|503|540",
    };
    case.control([
        "> method class-id=60 method-id=10 arguments=u32(0) + u16(0) + u8(0)",
        "< basic.qos-ok",
    ])
    .fault([
        format!("/{channel} > method class-id={class} method-id={method}"),
        format!("< closed reply-code={codes}"),
    ])
}
