//! What a run tells a person while it goes on.

use mqspec::report::{Standing, Teller, failure};
use mqspec::run::CaseReport;
use mqspec::suite::Suite;

use super::failure::Failure;
use super::output::Output;
use super::progress::Progress;
use super::sink::Transcripts;

/// How much is printed while cases end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loudness {
    /// Nothing, and there is no bar either.
    Quiet,
    /// A bar.
    Bar,
    /// A bar, and what goes wrong.
    Wrong,
}

/// Prints cases as they end, and keeps them.
pub struct Console<'a> {
    output: &'a mut Output,
    teller: Teller<'a>,
    loudness: Loudness,
    transcripts: Option<Transcripts>,
    progress: Progress,
    /// What ended so far.
    pub ended: Vec<CaseReport>,
    /// The first thing that could not be written.
    pub failure: Option<Failure>,
}

impl<'a> Console<'a> {
    /// `name` is the broker's, and `cases` is how many are to be expected.
    pub fn new(
        name: &str,
        output: &'a mut Output,
        teller: Teller<'a>,
        loudness: Loudness,
        transcripts: Option<Transcripts>,
        cases: usize,
    ) -> Self {
        let progress = Progress::new(name, cases, loudness == Loudness::Quiet, output.color());
        Console {
            output,
            teller,
            loudness,
            transcripts,
            progress,
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
            _ if self.loudness != Loudness::Wrong => String::new(),
            true => format!("{}\n", failure(case, &self.teller)),
            false if self.teller.verbose => {
                let said = format!("{} {} {} ms\n", standing.mark(), case.id, case.duration_ms);
                standing.paint(self.teller.paint, said)
            }
            false => String::new(),
        };
        if !text.is_empty() {
            let output = &mut *self.output;
            self.progress.suspend(|| output.print(&text));
        }
        self.progress.count(standing);
        self.ended.push(case.clone());
    }

    /// The suite that the cases are of.
    pub fn suite(&self) -> &'a Suite {
        self.teller.suite
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.progress.clear();
    }
}
