//! Contents: their frames, in order.

use rstest::rstest;

use super::{CHANNEL, OPENED, heard, on_channel};
use crate::dialect::Datum;

const PUBLISH: &str = "> basic.publish with content=none\n";

#[rstest]
#[case("> content-header body-size=0", &[])]
#[case("> content-header body-size=3\n> content-body payload=\"ab\"\n> content-body payload=\"c\"", &[])]
#[case("> content-body payload=\"ab\"", &["CNT-02"])]
#[case("> basic.publish body=\"\"", &["CNT-01"])]
#[case("> content-header body-size=3\n> basic.publish body=\"\"", &["CNT-08"])]
#[case("> content-header body-size=3\n> content-header body-size=3", &["CNT-02"])]
#[case("> content-header body-size=3\n> content-body payload=\"abcd\"", &["CNT-07"])]
#[case("> content-header body-size=0\n> content-body payload=\"\"", &["CNT-18"])]
#[case("> content-header class-id=50", &["CNT-03"])]
#[case("> content-header weight=1", &["CNT-04"])]
#[case("> content-header flags=1", &["CNT-11"])]
#[case("> content-header flags=0x8000", &["CNT-12"])]
#[case("/0 > content-header", &["FRM-10"])]
// Other channels may say what they like meanwhile, and a close may cut a content short.
#[case("> content-header body-size=3\n/2 > channel.open\n> heartbeat\n> content-body payload=\"abc\"", &[])]
#[case("> content-header body-size=3\n> channel.close", &[])]
#[case("> content-header body-size=3\n< channel.close reply-code=404\n> channel.close-ok", &[])]
#[case("> content-header body-size=3\n< channel.close reply-code=404\n> channel.close-ok\n> content-body payload=\"abc\"", &["FRM-12", "CNT-18"])]
fn the_frames_of_a_content_follow_each_other(#[case] lines: &str, #[case] broken: &[&str]) {
    assert_eq!(on_channel(&format!("{PUBLISH}{lines}")), broken, "{lines}");
}

#[test]
fn a_command_is_told_with_its_content_and_its_place() {
    let lines = "> basic.publish routing-key=\"k\" priority=3 body=\"abc\" with body-frames=[1]\n> channel.close";
    let heard = heard(false, &format!("{OPENED}{CHANNEL}{lines}"));
    let [publish, close] = &heard[heard.len() - 2..] else {
        panic!("two commands");
    };
    let field = |name: &str| {
        let mut fields = publish.fields.iter();
        fields
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.clone())
    };
    assert_eq!(field("priority"), Some(Datum::Int(3)));
    assert_eq!(field("body"), Some(Datum::text("abc")));
    assert_eq!(publish.octets[0], 1);
    assert_eq!(close.offset, publish.offset + publish.octets.len() as u64);
}
