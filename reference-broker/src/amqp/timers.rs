//! When to speak and when to give up (§4.2.7).

use std::time::Duration;

/// The times that matter to one connection, all counted from the start of the broker.
#[derive(Debug)]
pub(super) struct Timers {
    /// The heartbeat interval that was agreed, from tune-ok on (HB-04); none if heartbeats are off.
    interval: Option<Duration>,
    last_heard: Duration,
    last_spoken: Duration,
    /// When the handshake that is going on has to be over (HDR-08).
    limit: Option<Duration>,
    /// How long the peer may be silent in the middle of a frame, while there is one that has begun: heartbeats may be
    /// off, and then nothing else tells a client that sleeps from one that is slow.
    frame: Option<Duration>,
}

/// What it is time for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// A sign of life.
    Heartbeat,
    /// The peer has taken too long.
    End,
}

impl Timers {
    pub(super) fn new(now: Duration, limit: Duration) -> Self {
        Self {
            interval: None,
            last_heard: now,
            last_spoken: now,
            limit: Some(now.saturating_add(limit)),
            frame: None,
        }
    }

    /// Applies the interval in seconds that the client wants; 0 is none (HB-08).
    pub(super) fn set_interval(&mut self, seconds: u16) {
        self.interval = (seconds > 0).then(|| Duration::from_secs(seconds.into()));
    }

    /// Any octet is a sign of life (HB-05).
    pub(super) fn heard(&mut self, now: Duration) {
        self.last_heard = now;
    }

    pub(super) fn spoken(&mut self, now: Duration) {
        self.last_spoken = now;
    }

    /// A handshake begins.
    pub(super) fn set_limit(&mut self, now: Duration, limit: Duration) {
        self.limit = Some(now.saturating_add(limit));
    }

    /// The handshake is over.
    pub(super) fn lift_limit(&mut self) {
        self.limit = None;
    }

    /// Part of a frame has come.
    pub(super) fn begin_frame(&mut self, limit: Duration) {
        self.frame = Some(limit);
    }

    /// All of it has come, or nothing more is read.
    pub(super) fn end_frame(&mut self) {
        self.frame = None;
    }

    /// What it is time for; a peer that is not read from cannot be silent. Who asks later than was agreed did not listen
    /// meanwhile: what the peer said is still to be read, and that time is none of its silence (HB-06).
    pub(super) fn due(&mut self, now: Duration, listening: bool) -> Due {
        let missed = self.next(listening).map(|next| now.saturating_sub(next));
        self.last_heard = self
            .last_heard
            .saturating_add(missed.unwrap_or_default())
            .min(now);
        let passed = |time: Option<Duration>| time.is_some_and(|time| time <= now);
        let silence_ends = self.silence_ends().filter(|_| listening);
        if [self.limit, self.frame_ends(), silence_ends]
            .into_iter()
            .any(passed)
        {
            Due::End
        } else if passed(self.heartbeat()) {
            Due::Heartbeat
        } else {
            Due::Nothing
        }
    }

    /// The next time at which something is due.
    pub(super) fn next(&self, listening: bool) -> Option<Duration> {
        let silence_ends = self.silence_ends().filter(|_| listening);
        [
            self.limit,
            self.frame_ends(),
            silence_ends,
            self.heartbeat(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Twice in an interval, so that none goes by in silence.
    fn heartbeat(&self) -> Option<Duration> {
        self.interval
            .map(|interval| self.last_spoken.saturating_add(interval / 2))
    }

    fn frame_ends(&self) -> Option<Duration> {
        self.frame
            .map(|limit| self.last_heard.saturating_add(limit))
    }

    /// Two intervals are as long as a peer may be silent (HB-06).
    fn silence_ends(&self) -> Option<Duration> {
        self.interval
            .map(|interval| self.last_heard.saturating_add(interval * 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_handshake_has_an_end_and_no_heartbeats() {
        let mut timers = Timers::new(seconds(5), seconds(10));
        assert_eq!(timers.next(true), Some(seconds(15)));
        assert_eq!(timers.due(seconds(14), true), Due::Nothing);
        assert_eq!(timers.due(seconds(15), true), Due::End);
        timers.lift_limit();
        assert_eq!(timers.next(true), None);
        assert_eq!(timers.due(seconds(1000), true), Due::Nothing);
    }

    #[test]
    fn a_heartbeat_is_due_after_half_an_interval_of_our_silence() {
        let mut timers = Timers::new(seconds(0), seconds(10));
        timers.lift_limit();
        timers.set_interval(10);
        assert_eq!(timers.next(true), Some(seconds(5)));
        assert_eq!(timers.due(seconds(4), true), Due::Nothing);
        assert_eq!(timers.due(seconds(5), true), Due::Heartbeat);
        timers.spoken(seconds(3));
        assert_eq!(timers.due(seconds(7), true), Due::Nothing);
        assert_eq!(timers.due(seconds(8), true), Due::Heartbeat);
    }

    #[test]
    fn a_peer_is_given_up_after_two_intervals_of_its_silence() {
        let mut timers = Timers::new(seconds(0), seconds(10));
        timers.lift_limit();
        timers.set_interval(10);
        timers.spoken(seconds(19));
        assert_eq!(timers.due(seconds(19), true), Due::Nothing);
        assert_eq!(timers.due(seconds(20), true), Due::End);
        assert_eq!(timers.due(seconds(20), false), Due::Nothing);
        timers.heard(seconds(1));
        assert_eq!(timers.next(true), Some(seconds(21)));
        assert_eq!(timers.next(false), Some(seconds(24)));
    }

    #[test]
    fn in_the_middle_of_a_frame_silence_has_an_end() {
        let mut timers = Timers::new(seconds(0), seconds(10));
        timers.lift_limit();
        timers.heard(seconds(5));
        timers.begin_frame(seconds(60));
        assert_eq!(timers.next(true), Some(seconds(65)));
        assert_eq!(timers.due(seconds(64), true), Due::Nothing);
        assert_eq!(timers.due(seconds(65), true), Due::End);
        timers.heard(seconds(50));
        assert_eq!(timers.due(seconds(109), true), Due::Nothing);
        timers.end_frame();
        assert_eq!(timers.next(true), None);
    }

    #[test]
    fn what_was_missed_while_nobody_listened_is_no_silence_of_the_peer() {
        let mut timers = Timers::new(seconds(0), seconds(10));
        timers.lift_limit();
        timers.set_interval(10);
        // Due at 5, and the program was held up until 65.
        assert_eq!(timers.due(seconds(65), true), Due::Heartbeat);
        timers.spoken(seconds(79));
        assert_eq!(timers.due(seconds(79), true), Due::Nothing);
        assert_eq!(timers.due(seconds(80), true), Due::End);
    }

    #[test]
    fn an_interval_of_zero_switches_heartbeats_off() {
        let mut timers = Timers::new(seconds(0), seconds(10));
        timers.lift_limit();
        timers.set_interval(10);
        timers.set_interval(0);
        assert_eq!(timers.next(true), None);
    }
}
