//! `mqspec diff`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mqspec::dialect::generated::{Act, Move};
use mqspec::oracle::{Campaign, Found, Order, Player, Told, What, finding};
use mqspec::report::layout::{counted, grouped, wrapped};
use mqspec::target::Started;

use super::accept;
use super::args::{Diff, Target};
use super::compare::meant;
use super::failure::Failure;
use super::filters::dialect;
use super::fuzz::{bar, rate};
use super::output::Output;
use super::runtime;
use super::session::{random, start};
use super::signals::Stop;

/// How many exchanges are played side by side where brokers take their time.
const BESIDE: usize = 16;

/// How long differences may be looked into when the time is over.
const OVERTIME: Duration = Duration::from_secs(30);

/// The target that is had in memory.
const REFERENCE: &str = "reference";

pub fn run(asked: &Diff, output: &mut Output) -> Result<u8, Failure> {
    if let Some(found) = &asked.acceptance.accept {
        return accept::run(found, &asked.acceptance, output);
    }
    let seed = asked.seed.unwrap_or_else(random);
    let themes = match asked.theme.is_empty() {
        true => dialect().generator().themes().to_vec(),
        false => asked.theme.clone(),
    };
    if let Some(count) = asked.print {
        let nobody = || Player {
            name: String::new(),
            endpoint: None,
            known: Vec::new(),
            controls: None,
        };
        let order = Order {
            left: nobody(),
            right: nobody(),
            ..order(asked, seed, themes, nobody(), nobody())
        };
        print(&order, count, output);
        return Ok(0);
    }
    std::fs::create_dir_all(&asked.findings)
        .map_err(|error| Failure::file(asked.findings.display(), &error))?;
    let runtime = runtime()?;
    let status = runtime.block_on(diff(asked, seed, themes, output));
    runtime.shutdown_background();
    status
}

fn order(asked: &Diff, seed: u64, themes: Vec<&'static str>, left: Player, right: Player) -> Order {
    let in_memory = left.endpoint.is_none() && right.endpoint.is_none();
    let jobs = match (asked.jobs, in_memory) {
        (Some(jobs), _) => jobs.into(),
        (None, true) => std::thread::available_parallelism().map_or(1, usize::from),
        (None, false) => BESIDE,
    };
    Order {
        dialect: dialect(),
        left,
        right,
        seed,
        themes,
        most: asked.steps.into(),
        without: asked.without.clone(),
        jobs,
        until: asked.count.is_none().then(|| Instant::now() + asked.time),
        count: asked.count.unwrap_or(u64::MAX),
    }
}

/// Prints the first exchanges of a seed, and sends nothing.
fn print(order: &Order, count: u64, output: &mut Output) {
    for number in 1..=count {
        let (theme, moves) = order.exchange(number);
        output.line(format!(
            "# Exchange {number} of seed {}, about {theme}",
            order.seed
        ));
        for step in &moves {
            output.line(told(step));
        }
        output.line("");
    }
}

/// A step, for a person.
fn told(step: &Move) -> String {
    let client = char::from(b'a' + u8::try_from(step.client % 26).unwrap_or_default());
    match &step.act {
        Act::Cut => format!("{client} > cut"),
        Act::Wait(time) => format!("wait {}ms", time.as_millis()),
        Act::Say {
            message,
            delivery,
            binds,
        } => {
            let mut line = format!("{client}/{} > {}", message.stream, message.command);
            for (name, value) in &message.fields {
                line.push_str(&format!(" {name}={}", value.to_value()));
            }
            if let Some(which) = delivery {
                line.push_str(&format!("  # the delivery {which} of those that are held"));
            }
            if let Some(name) = binds {
                line.push_str(&format!("  # named by the broker: ${name}"));
            }
            line
        }
    }
}

/// A broker, and what has to be stopped afterwards.
struct Seated {
    player: Player,
    started: Option<Started>,
}

async fn seat(asked: &Diff, word: &str) -> Result<Seated, Failure> {
    let target = Target {
        as_target: None,
        ..meant(word, &asked.tls)
    };
    if target.target.as_deref() == Some(REFERENCE) && target.via.is_none() {
        let player = Player {
            name: REFERENCE.to_owned(),
            endpoint: None,
            known: Vec::new(),
            controls: None,
        };
        return Ok(Seated {
            player,
            started: None,
        });
    }
    let is_url = target
        .target
        .as_deref()
        .is_some_and(|it| it.contains("://"));
    let as_target = asked.as_target.clone().filter(|_| is_url);
    let started = start(&Target {
        as_target,
        ..target
    })
    .await?;
    let player = Player {
        name: started.name.clone(),
        endpoint: Some(started.endpoint.clone()),
        known: started.differences.clone(),
        controls: Some(started.controls.clone()),
    };
    Ok(Seated {
        player,
        started: Some(started),
    })
}

async fn diff(
    asked: &Diff,
    seed: u64,
    themes: Vec<&'static str>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let mut stop = Stop::catch()?;
    let words = (
        asked.left.as_deref().unwrap_or(REFERENCE),
        asked.right.as_deref().unwrap_or(REFERENCE),
    );
    let seated =
        async { Ok::<_, Failure>((seat(asked, words.0).await?, seat(asked, words.1).await?)) };
    let (left, right) = tokio::select! {
        seated = seated => seated?,
        status = stop.asked() => return Err(Failure::stopped(status)),
    };
    let order = order(
        asked,
        seed,
        themes,
        left.player.clone(),
        right.player.clone(),
    );
    output.line(format!(
        "{} | {}, seed {seed}",
        order.left.name, order.right.name
    ));
    let began = Instant::now();
    let mut campaign = Campaign::begin(order.clone());
    let bar = bar(asked.quiet);
    let mut failure = None;
    let mut unknown = 0;
    let mut stopped = None;
    let mut lost = None;
    loop {
        let mut told = |told: Told<'_>| {
            if let Told::Found(found) = told
                && found.known.is_none()
            {
                unknown += usize::from(found.confirmed);
                match write(&asked.findings, found) {
                    Ok(path) => bar.suspend(|| output.line(tell(&order, found, &path))),
                    Err(error) => {
                        failure.get_or_insert(error);
                    }
                }
            }
        };
        let more = tokio::select! {
            more = campaign.step(&mut told) => more,
            () = overtime(order.until) => break,
            status = stop.asked() => {
                stopped = Some(status);
                break;
            }
        };
        let elapsed = began.elapsed();
        bar.set_message(format!(
            "{} s, {} exchanges, {}/s, {}",
            elapsed.as_secs(),
            grouped(campaign.counts.exchanges as usize),
            rate(campaign.counts.exchanges, elapsed),
            counted(unknown, "difference"),
        ));
        bar.tick();
        match more {
            Ok(true) if failure.is_none() && unknown < asked.max_findings => {}
            Ok(_) => break,
            Err(away) => {
                lost = Some(away.0);
                break;
            }
        }
    }
    bar.finish_and_clear();
    let elapsed = began.elapsed();
    let (found, counts) = campaign.end().await;
    output.line(closing(&found, &counts, elapsed));
    if let Some(status) = stopped {
        eprintln!();
        return Ok(status);
    }
    for started in [left.started, right.started].into_iter().flatten() {
        started.stop().await?;
    }
    match (failure, lost) {
        (Some(failure), _) => Err(failure),
        (None, Some(lost)) => Err(Failure::target(lost)),
        (None, None) => Ok(u8::from(
            found.iter().any(|it| it.known.is_none() && it.confirmed),
        )),
    }
}

/// Waits until what is under way when the time is over has had its time as well.
async fn overtime(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until((until + OVERTIME).into()).await,
        None => std::future::pending().await,
    }
}

/// Writes a difference's case into the folder.
fn write(folder: &Path, found: &Found) -> Result<PathBuf, Failure> {
    let name = match found.confirmed {
        true => format!("{}.mqs", found.kind.slug()),
        false => format!("unclear-{}-{}.mqs", found.number, found.kind.slug()),
    };
    let path = folder.join(name);
    std::fs::write(&path, found.script.as_deref().unwrap_or_default())
        .map_err(|error| Failure::file(path.display(), &error))?;
    Ok(path)
}

/// A difference, for a person.
fn tell(order: &Order, found: &Found, path: &Path) -> String {
    let mut lines = Vec::new();
    if !found.confirmed {
        lines.push(format!("? {}", found.kind));
        lines.push(match &found.instead {
            Some(kind) => format!("  it did not show itself again, and in its place {kind}"),
            None => "  it did not show itself again each time".to_owned(),
        });
        return lines.join("\n");
    }
    lines.push(format!(
        "\n✗ after {}: {}",
        found.kind.step, found.kind.aspect
    ));
    match &found.what {
        What::Parted(it) => {
            for (name, said) in [(&order.left.name, &it.left), (&order.right.name, &it.right)] {
                for line in finding::told(said) {
                    lines.extend(wrapped(&format!("{name}: {line}"), "  ", "    "));
                }
            }
        }
        What::Broke(is_left, broken) => {
            let told = format!("{}: {}", order.name(*is_left), broken.what);
            lines.extend(wrapped(&told, "  ", "    "));
        }
        What::Stopped(is_left, away) => {
            let told = format!("{}: {away}", order.name(*is_left));
            lines.extend(wrapped(&told, "  ", "    "));
        }
    }
    let clause = finding::clause(order, found);
    match clause.as_deref().and_then(|id| dialect().clauses().get(id)) {
        Some(clause) => {
            let said = format!("{} ({}): {}", clause.id, clause.level, clause.text);
            lines.extend(wrapped(&said, "  ", "  "));
        }
        None => lines.push("  no clause decides".to_owned()),
    }
    let steps = counted(found.moves.len(), "step");
    lines.push(format!(
        "  exchange {}, about {}, made small: {steps}",
        found.number, found.theme
    ));
    lines.push(format!("  {}", path.display()));
    lines.join("\n")
}

fn closing(
    found: &[Found],
    counts: &mqspec::oracle::campaign::Counts,
    elapsed: Duration,
) -> String {
    let mut lines = vec![format!(
        "\n{} in {:.1} s ({}/s), {} steps; the two parted in {}",
        counted(counts.exchanges as usize, "exchange"),
        elapsed.as_secs_f64(),
        rate(counts.exchanges, elapsed),
        grouped(counts.steps as usize),
        grouped(counts.parted as usize),
    )];
    if counts.revivals > 0 {
        let times = counted(counts.revivals as usize, "time");
        lines.push(format!(
            "a broker had stopped serving and was brought back {times}"
        ));
    }
    for it in found.iter().filter(|it| it.known.is_some()) {
        let (reason, _) = it.known.clone().unwrap_or_default();
        lines.extend(wrapped(
            &format!("known, {} times: {reason}", it.times),
            "  ",
            "    ",
        ));
    }
    let unknown: Vec<&Found> = found.iter().filter(|it| it.known.is_none()).collect();
    let (real, doubtful): (Vec<&Found>, Vec<&Found>) =
        unknown.into_iter().partition(|it| it.confirmed);
    let mut sizes: Vec<usize> = real.iter().map(|it| it.moves.len()).collect();
    sizes.sort_unstable();
    let mut last = counted(real.len(), "difference");
    if let Some(median) = sizes.get(sizes.len() / 2) {
        last.push_str(&format!(
            " that is not known, of {median} steps at the median"
        ));
    }
    if !doubtful.is_empty() {
        last.push_str(&format!(
            ", {} that did not show again each time",
            doubtful.len()
        ));
    }
    lines.push(last);
    lines.join("\n")
}
