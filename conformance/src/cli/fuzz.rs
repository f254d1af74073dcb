//! `mqspec fuzz`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use mqspec::fuzz::exchanges;
use mqspec::fuzz::{Campaign, Found, Told};
use mqspec::report::layout::counted;
use mqspec::run::{Patience, Plan, TargetReport};
use mqspec::script::{self, Case};
use mqspec::suite::Suite;
use mqspec::target::Started;

use super::advice;
use super::args::{Fuzz, Target};
use super::failure::Failure;
use super::filters::dialect;
use super::output::Output;
use super::progress;
use super::runtime;
use super::session::{random, start};
use super::signals::Stop;

/// A broker that says nothing for so long on the connection of an attempt is left alone: whether it serves others is
/// what matters.
const HANG: Duration = Duration::from_millis(1200);

/// How long what is under way may take when the time is over.
const OVERTIME: Duration = Duration::from_secs(30);

/// How many exchanges run side by side.
const BESIDE: usize = 32;
/// The same where nobody can bring the broker back to find out which of them it was.
const BESIDE_ONE_LIFE: usize = 8;

/// For a campaign that has a number of exchanges, and no end in time.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// How a campaign ended.
enum End {
    Over,
    Lost(String),
    Stopped(u8),
}

pub fn run(asked: &Fuzz, output: &mut Output) -> Result<u8, Failure> {
    let suite = Suite::embedded(dialect())?;
    let cases: Vec<Arc<Case>> = suite.cases.iter().map(|(_, case)| case.clone()).collect();
    let seed = asked.seed.unwrap_or_else(random);
    if let Some(count) = asked.print {
        return print(&cases, seed, count, output);
    }
    let folder = Folder::open(&asked.findings)?;
    let runtime = runtime()?;
    let status = runtime.block_on(fuzz(asked, cases, seed, folder, output));
    runtime.shutdown_background();
    status
}

/// Prints the first exchanges of a seed, and sends nothing.
fn print(cases: &[Arc<Case>], seed: u64, count: u64, output: &mut Output) -> Result<u8, Failure> {
    let suitable: Vec<Arc<Case>> = cases
        .iter()
        .filter(|case| exchanges::suits(case))
        .cloned()
        .collect();
    for number in 1..=count {
        let draft = exchanges::draft(dialect().author(), seed, number, &suitable);
        let lead = [format!("Exchange {number} of seed {seed}")];
        output.print(&draft.script(dialect().name(), &lead).text);
        output.line("");
    }
    Ok(0)
}

async fn fuzz(
    asked: &Fuzz,
    cases: Vec<Arc<Case>>,
    seed: u64,
    mut folder: Folder,
    output: &mut Output,
) -> Result<u8, Failure> {
    let mut stop = Stop::catch()?;
    let started = tokio::select! {
        started = start(&asked.target) => started?,
        status = stop.asked() => return Err(Failure::stopped(status)),
    };
    let plan = Plan {
        patience: Patience {
            stall: HANG / 2,
            quiet: HANG * 2,
            hang: HANG,
            ..Patience::default()
        },
        jobs: match asked.jobs {
            Some(jobs) => jobs.into(),
            None if can_be_brought_back(&started) => BESIDE,
            None => BESIDE_ONE_LIFE,
        },
        ..Plan::new(&started, dialect(), format!("fuzz-{seed:x}"))
    };
    let began = Instant::now();
    let until = match asked.count {
        Some(_) => began + FOREVER,
        None => began + asked.time,
    };
    let mut campaign = Campaign::new(plan, cases, seed, until)
        .await
        .map_err(|lost| Failure::target(lost.0))?;
    let target = campaign.target();
    let shown = shown(&target);
    output.line(format!("{shown}, seed {seed}"));
    let bar = bar(asked.quiet);
    let mut failure = None;
    let end = loop {
        let enough = match asked.count {
            Some(count) => campaign.exchanges() >= count,
            None => Instant::now() >= until,
        };
        if enough {
            break End::Over;
        }
        let mut told = |told: Told<'_>| {
            if let Told::Found(found) = told {
                let said = match folder.write(found, &target, seed) {
                    Ok(path) => tell(found, &path, &asked.target),
                    Err(error) => {
                        failure.get_or_insert(error);
                        return;
                    }
                };
                bar.suspend(|| output.line(said));
            }
        };
        let done = tokio::select! {
            done = campaign.step(asked.count.unwrap_or(u64::MAX), &mut told) => done,
            status = stop.asked() => break End::Stopped(status),
            () = tokio::time::sleep_until((until + OVERTIME).into()) => break End::Over,
        };
        bar.set_message(standing(&campaign, began.elapsed()));
        bar.tick();
        if let Err(lost) = done {
            break End::Lost(lost.0);
        }
        if failure.is_some() || campaign.found.len() >= asked.max_findings {
            break End::Over;
        }
    };
    bar.finish_and_clear();
    campaign.give_up(&mut |_| {});
    // What was found and not looked into any more.
    for found in &campaign.found {
        if !folder.has(found) {
            let path = folder.write(found, &target, seed)?;
            output.line(tell(found, &path, &asked.target));
        }
    }
    output.line(closing(&campaign, began.elapsed()));
    let status = match end {
        End::Over => {
            started.stop().await?;
            u8::from(campaign.found.iter().any(|found| found.confirmed))
        }
        End::Lost(why) => {
            output.line(format!("\nended early: {why}"));
            1
        }
        // The broker is ended with this program, and nobody waits for it to take leave.
        End::Stopped(status) => {
            eprintln!();
            status
        }
    };
    match failure {
        Some(failure) => Err(failure),
        None => Ok(status),
    }
}

fn can_be_brought_back(started: &Started) -> bool {
    ["kill", "restart"]
        .iter()
        .any(|control| started.controls.offers(control))
}

pub fn bar(quiet: bool) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, progress::target(quiet));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// One line while it goes on.
fn standing(campaign: &Campaign, elapsed: Duration) -> String {
    let (covered, cells) = campaign.coverage.covered();
    format!(
        "{} s, {}/s, {covered} of {cells} pairs, {}",
        elapsed.as_secs(),
        rate(campaign.exchanges(), elapsed),
        counted(campaign.found.len(), "finding"),
    )
}

/// How often a second, to one place where it is seldom.
pub fn rate(count: u64, elapsed: Duration) -> String {
    let rate = count as f64 / elapsed.as_secs_f64().max(0.001);
    match rate < 10.0 {
        true => format!("{rate:.1}"),
        false => format!("{rate:.0}"),
    }
}

fn shown(target: &TargetReport) -> String {
    let said = target.said();
    match said.is_empty() {
        true => target.name.clone(),
        false => format!("{} ({said})", target.name),
    }
}

/// What was found, for a person.
fn tell(found: &Found, path: &Path, target: &Target) -> String {
    if !found.confirmed {
        return format!(
            "? {}: {}, and did not show it again",
            path.display(),
            found.finding.kind
        );
    }
    format!(
        "\n✗ {}\n  {}\n  {}\n  exchange {}, and again each time\n  {}",
        found.name(),
        found.finding.kind,
        found.finding.detail.replace('\n', "\n  "),
        found.number,
        advice::again(target, Some(path)),
    )
}

fn closing(campaign: &Campaign, elapsed: Duration) -> String {
    let (covered, cells) = campaign.coverage.covered();
    let mut lines = vec![format!(
        "\n{} in {:.1} s ({}/s), {covered} of {cells} pairs of state and attempt",
        counted(
            usize::try_from(campaign.exchanges()).unwrap_or(usize::MAX),
            "exchange"
        ),
        elapsed.as_secs_f64(),
        rate(campaign.exchanges(), elapsed),
    )];
    let states: Vec<String> = campaign
        .coverage
        .by_state(dialect().author())
        .into_iter()
        .map(|(state, count)| format!("{state} {count}"))
        .collect();
    lines.push(textwrap::fill(
        &states.join(", "),
        textwrap::Options::new(78)
            .initial_indent("  ")
            .subsequent_indent("  "),
    ));
    lines.push(format!(
        "  {} did not get to their attempt, and after {} the broker fell silent there",
        campaign.stopped, campaign.silent
    ));
    if let Some(memory) = campaign.memory {
        let mb = |octets: u64| octets as f64 / 1e6;
        lines.push(format!(
            "  the broker's memory: {:.1} MB after the first exchanges, {:.1} MB at the end",
            mb(memory.first),
            mb(memory.last)
        ));
        if memory.has_grown() {
            lines
                .push("  ! that is more than buffers that fill: see whether it goes on".to_owned());
        }
    }
    let (real, doubtful): (Vec<&Found>, Vec<&Found>) =
        campaign.found.iter().partition(|found| found.confirmed);
    let mut last = counted(real.len(), "finding");
    if !doubtful.is_empty() {
        last.push_str(&format!(", {} that did not show again", doubtful.len()));
    }
    lines.push(last);
    lines.join("\n")
}

/// Where findings are written.
struct Folder {
    path: PathBuf,
    written: Vec<(u64, String)>,
}

impl Folder {
    fn open(path: &Path) -> Result<Folder, Failure> {
        // To find out at the end that it cannot be written would be too late.
        std::fs::create_dir_all(path).map_err(|error| Failure::file(path.display(), &error))?;
        Ok(Folder {
            path: path.to_owned(),
            written: Vec::new(),
        })
    }

    fn has(&self, found: &Found) -> bool {
        self.written
            .iter()
            .any(|(number, _)| *number == found.number)
    }

    fn write(
        &mut self,
        found: &Found,
        target: &TargetReport,
        seed: u64,
    ) -> Result<PathBuf, Failure> {
        let mut draft = found.draft.clone();
        let mut lead = vec![format!("On {}: {}.", shown(target), found.finding.kind)];
        lead.extend(found.finding.detail.lines().map(str::to_owned));
        lead.push(format!("Exchange {} of seed {seed}.", found.number));
        if !found.confirmed {
            lead.push("It did not show itself again.".to_owned());
        }
        lead.push(String::new());
        let clause = found.finding.clause.as_deref();
        if let Some(clause) = clause.and_then(|id| dialect().clauses().get(id)) {
            draft.clauses = vec![clause.id.as_str()];
        }
        let text = draft.script(dialect().name(), &lead).text;
        let name = match found.confirmed {
            true => format!("{}.mqs", found.name()),
            // Of those there may be many alike.
            false => format!("unclear-{}-{}.mqs", found.number, found.name()),
        };
        let text = script::format(&name, &text).unwrap_or(text);
        let path = self.path.join(&name);
        std::fs::write(&path, text).map_err(|error| Failure::file(path.display(), &error))?;
        self.written.push((found.number, name));
        Ok(path)
    }
}
