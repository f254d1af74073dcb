//! `mqspec bless`

use mqspec::blessing;
use mqspec::run::{self, CaseReport, Finding, Plan};
use mqspec::script;
use mqspec::select;
use mqspec::suite::Suite;

use super::args::Bless;
use super::failure::Failure;
use super::filters::{dialect, suite};
use super::output::Output;
use super::runtime;
use super::session::{random, start};
use super::signals::Stop;

pub fn run(asked: &Bless, output: &mut Output) -> Result<u8, Failure> {
    let suite = suite(Some(&asked.suite))?;
    if suite.case(&asked.case).is_none() {
        return Err(select::no_case(&asked.case, &suite).into());
    }
    let runtime = runtime()?;
    let report = runtime.block_on(test(asked, &suite));
    runtime.shutdown_background();
    let report = report?;
    match &report.finding {
        None => {
            output.line(format!(
                "{} {}: nothing to bless",
                report.id,
                report.verdict.name()
            ));
            Ok(0)
        }
        Some(finding) => rewrite(&report, finding, &suite, output),
    }
}

async fn test(asked: &Bless, suite: &Suite) -> Result<CaseReport, Failure> {
    let mut stop = Stop::catch()?;
    let started = start(&asked.target).await?;
    let plan = Plan {
        cases: suite.case(&asked.case).cloned().into_iter().collect(),
        ..Plan::new(&started, dialect(), format!("{:x}", random()))
    };
    let mut silent = |_: &CaseReport| {};
    let ran = tokio::select! {
        ran = run::run(plan, &mut silent) => ran.map_err(|lost| Failure::target(lost.0)),
        status = stop.asked() => Err(Failure::stopped(status)),
    };
    started.stop().await?;
    let cases = ran?.cases;
    cases
        .into_iter()
        .next()
        .ok_or_else(|| Failure::target("the case was not run"))
}

fn rewrite(
    report: &CaseReport,
    finding: &Finding,
    suite: &Suite,
    output: &mut Output,
) -> Result<u8, Failure> {
    let place = format!("{}:{}", report.file, finding.line);
    let cannot = |why: String| {
        Failure::refusal(format!(
            "{place}: {why}\n  what came: {}\n  {}",
            finding.came, finding.why
        ))
    };
    let text = suite.text(&report.file).unwrap_or_default();
    let written = suite
        .statement(&report.file, finding.line)
        .unwrap_or_default();
    let message = blessing::blessed(&written, &finding.came, dialect())
        .map_err(|error| cannot(error.to_string()))?;
    let blessed =
        script::bless(text, finding.line, &message).map_err(|error| cannot(error.to_string()))?;
    std::fs::write(&report.file, &blessed).map_err(|error| Failure::file(&report.file, &error))?;
    let paint = output.paint();
    output.line(place);
    output.line(paint.bad(format!("- {written}")));
    let lane = written.split('<').next().unwrap_or_default();
    output.line(paint.good(format!("+ {lane}< {message}")));
    Ok(0)
}
