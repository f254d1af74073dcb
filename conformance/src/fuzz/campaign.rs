//! One exchange after the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::coverage::Coverage;
use super::exchanges::{draft, suits};
use super::finding::{self, Finding, Kind};
use super::found::{Found, Memory};
use super::shrink;
use crate::dialect::{Author, Dialect, Draft, Script};
use crate::run::{Bed, CaseReport, Lost, Plan, TargetReport, Verdict};
use crate::script::{self, Case};

/// How often a finding has to show itself again to be one.
const AGAIN: usize = 2;
/// How many smaller exchanges are tried for one finding, and for how long.
const TRIALS: usize = 120;
const SHRINKING: Duration = Duration::from_secs(15);
/// After how many calm exchanges one more runs beside the others: those beside one that ends the broker have to be played
/// again.
const CALM: usize = 4;
/// After how many exchanges it is looked how much memory the broker takes.
const WEIGH: u64 = 200;
/// How many exchanges a broker may take to fill its buffers and tables.
const WARM: u64 = 600;
/// After how many exchanges in a row whose legal beginning is not taken a broker takes none at all.
const BARRED: usize = 64;
/// How long it may be looked into what was found when the time is over.
const OVERTIME: Duration = Duration::from_secs(10);

/// A draft that cannot be written out is a mistake of the author's.
const LEGIBLE: &str = "an author writes the notation";
/// And so is a runner's that gives up.
const WHOLE: &str = "an exchange is played to its end";

/// What a campaign tells.
#[derive(Debug)]
pub enum Told<'a> {
    /// An exchange has ended.
    Exchange,
    /// Something was found, made small, and shown again.
    Found(&'a Found),
    /// The broker was lost and has come back.
    Revived,
}

/// An exchange that has been played.
struct Played {
    number: u64,
    draft: Draft,
    script: Script,
    report: CaseReport,
}

/// A series of exchanges of one seed, some of which run side by side.
pub struct Campaign {
    bed: Arc<Bed>,
    dialect: &'static dyn Dialect,
    author: &'static dyn Author,
    cases: Vec<Arc<Case>>,
    seed: u64,
    jobs: usize,
    begun: u64,
    ended: u64,
    /// How many exchanges have ended since something went wrong.
    calm: usize,
    until: Instant,
    /// How long a broker that serves nobody is waited for, where nobody can bring it back.
    recovery: Duration,
    running: JoinSet<Played>,
    /// How many exchanges in a row did not get to their attempt, and the last one that did.
    barred: usize,
    last_good: Option<(Draft, u64)>,
    /// What is still to be looked into.
    suspects: VecDeque<(Finding, Played)>,
    /// What was tried where.
    pub coverage: Coverage,
    /// What was found.
    pub found: Vec<Found>,
    /// Exchanges whose legal beginning the broker did not take: nothing was tried.
    pub stopped: u64,
    /// Exchanges on whose connection the broker fell silent.
    pub silent: u64,
    /// What of the broker's memory is known.
    pub memory: Option<Memory>,
}

impl Campaign {
    /// Makes the broker's acquaintance. Some exchanges are made of these cases, which the broker has to pass; as many
    /// run side by side as the plan says, in the end. What is found when the time is over is not made small any more.
    ///
    /// # Errors
    /// If it cannot be reached, or does not let anybody in.
    pub async fn new(
        plan: Plan,
        cases: Vec<Arc<Case>>,
        seed: u64,
        until: Instant,
    ) -> Result<Campaign, Lost> {
        let dialect = plan.dialect;
        let known = |case: &Arc<Case>| plan.deviations.iter().any(|it| it.case == case.id);
        let cases = cases.into_iter().filter(|case| suits(case) && !known(case));
        let cases = cases.collect();
        let author = dialect.author();
        Ok(Campaign {
            jobs: plan.jobs,
            dialect,
            author,
            cases,
            seed,
            begun: 0,
            ended: 0,
            calm: 0,
            until,
            recovery: plan.patience.deadline / 2,
            bed: Arc::new(Bed::new(plan).await?),
            running: JoinSet::new(),
            barred: 0,
            last_good: None,
            suspects: VecDeque::new(),
            coverage: Coverage::new(author),
            found: Vec::new(),
            stopped: 0,
            silent: 0,
            memory: None,
        })
    }

    /// What the broker says of itself.
    pub fn target(&self) -> TargetReport {
        self.bed.target()
    }

    /// How many exchanges have ended.
    pub fn exchanges(&self) -> u64 {
        self.ended
    }

    /// Waits for the next exchange to end, and looks into what it shows. At most `limit` exchanges are begun.
    ///
    /// # Errors
    /// If the broker serves nobody any more and cannot be brought back.
    pub async fn step(
        &mut self,
        limit: u64,
        told: &mut (dyn FnMut(Told<'_>) + Send),
    ) -> Result<(), Lost> {
        while self.running.len() < self.side_by_side() && self.begun < limit {
            self.begun += 1;
            let draft = draft(self.author, self.seed, self.begun, &self.cases);
            self.coverage.count(&draft);
            let (bed, name, number) = (self.bed.clone(), self.dialect.name(), self.begun);
            self.running
                .spawn(async move { play(&bed, name, number, draft).await });
        }
        let Some(played) = self.next(told).await else {
            return Ok(());
        };
        if self.bed.serves() && self.read(&played).await.is_none() {
            if self.barred < BARRED {
                return self.weigh().await;
            }
            while self.next(told).await.is_some() {}
            return self.unbar(told).await;
        }
        let mut suspects = vec![played];
        while let Some(other) = self.next(told).await {
            suspects.push(other);
        }
        suspects.sort_by_key(|it| it.number);
        self.calm = 0;
        self.question(suspects, told).await
    }

    /// Finds out who did it, of those that ran side by side: each is played again alone.
    async fn question(
        &mut self,
        suspects: Vec<Played>,
        told: &mut (dyn FnMut(Told<'_>) + Send),
    ) -> Result<(), Lost> {
        let lost = !self.bed.serves();
        for suspect in suspects {
            if let Some(finding) = self.read(&suspect).await {
                self.suspects.push_back((finding, suspect));
            }
        }
        if let Err(lost) = self.recover(told).await {
            // It can no longer be found out which of them it was.
            self.give_up(told);
            return Err(lost);
        }
        let mut guilty = false;
        let mut doubtful = Vec::new();
        while let Some((finding, suspect)) = self.suspects.pop_front() {
            if let Some(known) = self.known(&finding, &suspect.draft) {
                known.times += 1;
                guilty = true;
                continue;
            }
            if Instant::now() > self.until + OVERTIME {
                doubtful.push((finding, suspect));
                continue;
            }
            self.recover(told).await?;
            let name = self.dialect.name();
            let again = play(&self.bed, name, suspect.number, suspect.draft.clone()).await;
            match self.read(&again).await {
                Some(finding) => {
                    guilty = true;
                    self.look_into(finding, again, told).await?;
                }
                None => doubtful.push((finding, suspect)),
            }
        }
        // Whoever is found innocent of the broker's end was only beside it.
        if !(lost && guilty) {
            for (finding, suspect) in doubtful {
                self.note(finding, suspect.draft, suspect.number, told);
            }
        }
        self.recover(told).await
    }

    /// The broker serves new connections and takes nothing legal on them. Which exchange led to that is not known; it was
    /// behind the last one that got to its attempt.
    async fn unbar(&mut self, told: &mut (dyn FnMut(Told<'_>) + Send)) -> Result<(), Lost> {
        self.barred = 0;
        if let Some((draft, number)) = self.last_good.take() {
            let detail = format!(
                "after exchange {number} and those beside it the broker took no legal beginning any more, {BARRED} times in a row"
            );
            let finding = Finding {
                kind: Kind::Barred,
                detail,
                clause: None,
            };
            self.note(finding, draft, number, told);
        }
        // A broker that nobody can bring back may still come round.
        self.bed.revive().await;
        self.recover(told).await
    }

    /// Keeps whatever was not looked into.
    pub fn give_up(&mut self, told: &mut (dyn FnMut(Told<'_>) + Send)) {
        while let Some((finding, suspect)) = self.suspects.pop_front() {
            self.note(finding, suspect.draft, suspect.number, told);
        }
    }

    fn side_by_side(&self) -> usize {
        self.jobs.min(1 + self.calm / CALM)
    }

    /// The next exchange that has ended.
    async fn next(&mut self, told: &mut (dyn FnMut(Told<'_>) + Send)) -> Option<Played> {
        let played = self.running.join_next().await?.expect(WHOLE);
        self.ended += 1;
        self.calm += 1;
        // Beside one that ends a broker all others go wrong.
        if self.bed.serves() {
            self.take_note(&played);
        }
        told(Told::Exchange);
        Some(played)
    }

    /// What an exchange shows, if anything.
    async fn read(&self, played: &Played) -> Option<Finding> {
        let (serves, fate) = (self.bed.serves(), self.bed.fate().await);
        finding::read(self.author, &played.report, &played.script, serves, fate)
    }

    fn known(&mut self, finding: &Finding, draft: &Draft) -> Option<&mut Found> {
        self.found.iter_mut().find(|it| it.covers(finding, draft))
    }

    fn take_note(
        &mut self,
        Played {
            number,
            draft,
            script,
            report,
        }: &Played,
    ) {
        let early = |line: u32| line < script.trial;
        match (&report.finding, report.verdict) {
            (_, Verdict::Skipped) => self.stopped += 1,
            (Some(found), _) if early(found.line) => {
                self.stopped += 1;
                self.barred += 1;
                return;
            }
            (Some(_), Verdict::Inconclusive) => self.silent += 1,
            _ => {}
        }
        self.barred = 0;
        self.last_good = Some((draft.clone(), *number));
    }

    /// Keeps a finding that did not show itself again.
    fn note(
        &mut self,
        finding: Finding,
        draft: Draft,
        number: u64,
        told: &mut (dyn FnMut(Told<'_>) + Send),
    ) {
        self.found.push(Found {
            finding,
            draft,
            number,
            confirmed: false,
            times: 1,
        });
        if let Some(found) = self.found.last() {
            told(Told::Found(found));
        }
    }

    /// Shows a finding again, and makes it small.
    async fn look_into(
        &mut self,
        finding: Finding,
        played: Played,
        told: &mut (dyn FnMut(Told<'_>) + Send),
    ) -> Result<(), Lost> {
        if let Some(known) = self.known(&finding, &played.draft) {
            known.times += 1;
            return Ok(());
        }
        let mut found = Found {
            finding,
            draft: played.draft,
            number: played.number,
            confirmed: false,
            times: 1,
        };
        // Whatever comes now, it is not lost.
        self.found.push(found.clone());
        let place = self.found.len() - 1;
        found.confirmed = true;
        for _ in 0..AGAIN {
            found.confirmed &= self.shows(&found, &found.draft, told).await?.is_some();
        }
        self.keep(place, &found);
        if found.confirmed {
            self.shrink(&mut found, told).await?;
            let twin = |it: &&mut Found| {
                it.number != found.number
                    && it.draft.trial == found.draft.trial
                    && it.finding.same(&found.finding)
            };
            if let Some(twin) = self.found.iter_mut().find(twin) {
                // It came by another way, and is what was found before.
                twin.times += 1;
                self.found.remove(place);
                return Ok(());
            }
            self.keep(place, &found);
        }
        told(Told::Found(&found));
        Ok(())
    }

    fn keep(&mut self, place: usize, found: &Found) {
        if let Some(kept) = self.found.get_mut(place) {
            *kept = found.clone();
        }
    }

    /// Whether an exchange shows the same as a finding, on a broker that serves.
    async fn shows(
        &self,
        found: &Found,
        draft: &Draft,
        told: &mut (dyn FnMut(Told<'_>) + Send),
    ) -> Result<Option<Finding>, Lost> {
        self.recover(told).await?;
        let played = play(&self.bed, self.dialect.name(), found.number, draft.clone()).await;
        let shown = self.read(&played).await;
        Ok(shown.filter(|shown| shown.same(&found.finding)))
    }

    async fn shrink(
        &self,
        found: &mut Found,
        told: &mut (dyn FnMut(Told<'_>) + Send),
    ) -> Result<(), Lost> {
        let until = self.until.min(Instant::now() + SHRINKING);
        let mut left = TRIALS;
        'smaller: loop {
            for less in shrink::smaller(&found.draft) {
                if left == 0 || Instant::now() > until {
                    return Ok(());
                }
                left -= 1;
                if let Some(again) = self.shows(found, &less, told).await? {
                    found.draft = less;
                    found.finding = again;
                    continue 'smaller;
                }
            }
            return Ok(());
        }
    }

    /// Makes sure that the broker serves before the next exchange.
    async fn recover(&self, told: &mut (dyn FnMut(Told<'_>) + Send)) -> Result<(), Lost> {
        if self.bed.serves() {
            return Ok(());
        }
        let until = Instant::now() + self.recovery;
        loop {
            if self.bed.revive().await {
                told(Told::Revived);
                return Ok(());
            }
            if Instant::now() > until {
                let why = match self.bed.fate().await {
                    Some(fate) => format!("the broker's program ended ({fate})"),
                    None => "the broker serves no connections any more".to_owned(),
                };
                return Err(Lost(why));
            }
        }
    }

    async fn weigh(&mut self) -> Result<(), Lost> {
        if !self.ended.is_multiple_of(WEIGH) {
            return Ok(());
        }
        if let Some(last) = self.bed.memory().await {
            match &mut self.memory {
                Some(memory) => memory.last = last,
                None if self.ended >= WARM => self.memory = Some(Memory { first: last, last }),
                None => {}
            }
        }
        Ok(())
    }
}

/// Plays an exchange.
async fn play(bed: &Bed, protocol: &str, number: u64, draft: Draft) -> Played {
    let script = draft.script(protocol, &[]);
    let file = script::parse("fuzz.mqs", &script.text).expect(LEGIBLE);
    let case = file.cases().next().cloned().expect(LEGIBLE);
    let word = number.to_string();
    let report = bed.try_case("fuzz.mqs", Arc::new(case), &word).await;
    Played {
        number,
        draft,
        script,
        report,
    }
}
