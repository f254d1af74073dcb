//! The command line.

use std::sync::Arc;

use mqspec::dialect::amqp;
use mqspec::run::{ControlFuture, Controls, Endpoint, Patience, Plan};
use mqspec::suite::Suite;

struct None;
impl Controls for None {
    fn offers(&self, _: &str) -> bool {
        false
    }
    fn perform<'a>(&'a self, _: &'a str) -> ControlFuture<'a> {
        Box::pin(async { Err("no controls".to_owned()) })
    }
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let suite = Suite::from_path(args[2].as_ref(), amqp::dialect()).unwrap_or_else(|e| {
        println!("{e}");
        std::process::exit(2)
    });
    let filter = args.get(3).cloned().unwrap_or_default();
    let plan = Plan {
        cases: suite.cases.into_iter().filter(|(_, c)| c.id.contains(&filter)).collect(),
        dialect: amqp::dialect(),
        target: "x".into(),
        via: "url".into(),
        endpoint: Endpoint {
            host: "127.0.0.1".into(),
            port: args[1].parse().unwrap(),
            user: "guest".into(),
            password: "guest".into(),
            vhost: "/".into(),
        },
        controls: Arc::new(None),
        deviations: vec![],
        variables: vec![],
        jobs: 16,
        patience: Patience::default(),
        run_id: format!("{}", std::process::id()),
    };
    let verbose = !filter.is_empty();
    let report = mqspec::run::run(plan, &mut |case| {
        let name = case.verdict.name();
        if name != "passed" || verbose {
            println!("{name} {} ({}:{}) {}", case.id, case.file, case.finding.as_ref().map_or(case.line, |f| f.line), case.detail);
            println!("{}", case.transcript);
        }
    })
    .await;
    match report {
        Ok(report) => println!("{:?}", report.summary),
        Err(lost) => println!("{lost}"),
    }
}
