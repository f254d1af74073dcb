//! The bar that shows how far a run is: on a terminal, and only where somebody looks at one.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use mqspec::report::Standing;
use mqspec::report::paint::Paint;

use super::args::Color;

/// How wide the bar is, and what is before it: what stands behind has room in 80 columns for the longest counts.
const BAR: usize = 16;
const NAME: usize = 14;
/// How often it is drawn anew while nothing ends, so that a person sees that it lives.
const TICK: Duration = Duration::from_millis(250);

/// Where bars are drawn: nowhere unless standard error is a terminal that can move its cursor, and no log of a CI server.
pub fn target(quiet: bool) -> ProgressDrawTarget {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    match quiet || dumb || set("CI") {
        true => ProgressDrawTarget::hidden(),
        // Shows nothing unless standard error is a terminal.
        false => ProgressDrawTarget::stderr(),
    }
}

/// The beginning of a name.
fn cut(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        None => name.to_owned(),
        Some(_) => name.chars().take(NAME - 1).chain(['…']).collect(),
    }
}

/// A bar with how many cases ended, how fast, and how.
pub struct Progress {
    bar: ProgressBar,
    paint: Paint,
    passed: usize,
    known: usize,
    wrong: usize,
    skipped: usize,
}

impl Progress {
    /// For so many cases, run against the broker of that name.
    pub fn new(name: &str, cases: usize, quiet: bool, color: Color) -> Progress {
        let bar = ProgressBar::with_draw_target(u64::try_from(cases).ok(), target(quiet));
        let paint = Paint::new(color.applies_to(&std::io::stderr()));
        let template = "{prefix} {bar:BAR} {pos}/{len} {rate}  {msg}";
        let template = template.replace("BAR", &BAR.to_string());
        if let Ok(style) = ProgressStyle::with_template(&template) {
            let rate = |state: &ProgressState, out: &mut dyn Write| {
                // A bar that cannot be drawn is no reason to stop.
                let rate = state.pos() as f64 / state.elapsed().as_secs_f64().max(0.1);
                let _ = write!(out, "{rate:.0}/s");
            };
            bar.set_style(style.with_key("rate", rate).progress_chars("━╸─"));
        }
        bar.set_prefix(cut(name));
        bar.set_message("starting");
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Progress {
            bar,
            paint,
            passed: 0,
            known: 0,
            wrong: 0,
            skipped: 0,
        }
    }

    /// Takes note of a case that ended.
    pub fn count(&mut self, standing: Standing) {
        if self.bar.position() == 0 {
            // How long the broker took to start is no part of the rate.
            self.bar.reset_elapsed();
        }
        match standing {
            Standing::Passed | Standing::Lenient => self.passed += 1,
            Standing::Known => self.known += 1,
            Standing::Skipped | Standing::NotRun => self.skipped += 1,
            _ => self.wrong += 1,
        }
        let counts = [
            (Standing::Passed, self.passed),
            (Standing::Failed, self.wrong),
            (Standing::Known, self.known),
            (Standing::Skipped, self.skipped),
        ];
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(standing, count)| {
                standing.paint(self.paint, format!("{} {count}", standing.mark()))
            })
            .collect();
        self.bar.inc(1);
        self.bar.set_message(counts.join(" "));
    }

    /// Does something while the bar is out of the way.
    pub fn suspend(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
