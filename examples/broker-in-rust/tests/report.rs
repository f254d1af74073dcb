//! All chosen cases as one test, whose message tells what fails and why.

use std::error::Error;

use broker_in_rust::Broker;

#[test]
fn transactions_are_as_the_specification_says() -> Result<(), Box<dyn Error>> {
    let broker = Broker::start()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let suite = mqspec::suite()
        .target(broker.url())
        .known(concat!(env!("CARGO_MANIFEST_DIR"), "/known.toml"))
        .only("tx.*");
    let report = runtime.block_on(suite.run())?;
    assert!(report.summary.passed > 0);
    assert_eq!(
        report.summary.exit_status,
        0,
        "{}",
        mqspec::harness::explained(&report)
    );
    Ok(())
}
