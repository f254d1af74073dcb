//! What a run tells a person while it goes on.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mqspec::report::{Standing, Teller, failure};
use mqspec::run::CaseReport;
use mqspec::suite::Suite;

use super::failure::Failure;
use super::output::Output;
use super::sink::Transcripts;

/// Prints cases as they end, and keeps them.
pub struct Console<'a> {
    output: &'a mut Output,
    teller: Teller<'a>,
    quiet: bool,
    transcripts: Option<Transcripts>,
    bar: ProgressBar,
    wrong: usize,
    /// What ended so far.
    pub ended: Vec<CaseReport>,
    /// The first thing that could not be written.
    pub failure: Option<Failure>,
}

impl<'a> Console<'a> {
    /// `cases` is how many are to be expected.
    pub fn new(
        output: &'a mut Output,
        teller: Teller<'a>,
        quiet: bool,
        transcripts: Option<Transcripts>,
        cases: usize,
    ) -> Self {
        let target = match quiet {
            true => ProgressDrawTarget::hidden(),
            // Shows nothing unless standard error is a terminal.
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(u64::try_from(cases).ok(), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Console {
            output,
            teller,
            quiet,
            transcripts,
            bar,
            wrong: 0,
            ended: Vec::new(),
            failure: None,
        }
    }

    /// Takes note of a case that ended.
    pub fn take(&mut self, case: &CaseReport) {
        let standing = Standing::of(case);
        if let Some(transcripts) = &self.transcripts
            && let Err(failure) = transcripts.write(case)
        {
            self.failure.get_or_insert(failure);
        }
        let text = match standing.is_news() {
            _ if self.quiet => String::new(),
            true => format!("{}\n", failure(case, &self.teller)),
            false if self.teller.verbose => {
                let said = format!("{} {} {} ms\n", standing.mark(), case.id, case.duration_ms);
                standing.paint(self.teller.paint, said)
            }
            false => String::new(),
        };
        if !text.is_empty() {
            let output = &mut *self.output;
            self.bar.suspend(|| output.print(&text));
        }
        self.wrong += usize::from(standing.is_news());
        if self.wrong > 0 {
            self.bar.set_message(format!("({} went wrong)", self.wrong));
        }
        self.bar.inc(1);
        self.ended.push(case.clone());
    }

    /// The suite that the cases are of.
    pub fn suite(&self) -> &'a Suite {
        self.teller.suite
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
