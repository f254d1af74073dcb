//! One broker that plays an exchange, step by step.

use std::time::{Duration, Instant};

use super::link::{Came, Link};
use crate::dialect::generated::{Act, Broken, Holding, Ledger, Login, Move, Ready, Seen};
use crate::dialect::{Dialect, Incoming, Outgoing, Session, Want};

/// How long a broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The same when it is only asked to remove what is left.
const FAREWELL: Duration = Duration::from_millis(500);

/// Something that was said, for a person to read.
#[derive(Debug, Clone)]
pub struct Line {
    /// Which step it belongs to.
    pub step: usize,
    /// Whose connection.
    pub client: usize,
    /// What.
    pub what: Spoken,
}

/// What was said, and by whom.
#[derive(Debug, Clone)]
pub enum Spoken {
    /// By the client.
    Sent(Outgoing),
    /// By the broker.
    Came(Incoming),
    /// The client cut the connection.
    Cut,
    /// Time passed.
    Waited(Duration),
    /// The broker ended the connection.
    Ended,
}

/// A broker that cannot be reached any more, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Away(pub String);

/// One broker, and what it made of the exchange so far.
pub struct Side {
    dialect: &'static dyn Dialect,
    link: Link,
    sessions: Vec<Option<Box<dyn Session>>>,
    ledger: Box<dyn Ledger>,
    /// What is to be written, by client.
    unsent: Vec<Vec<u8>>,
    /// What was said, if somebody wants to read it.
    lines: Option<Vec<Line>>,
    step: usize,
    /// Whether in this exchange something did not come that was owed, or a connection ended without a word.
    is_doubtful: bool,
}

impl Side {
    /// A broker, and as whom its clients log in.
    pub fn new(dialect: &'static dyn Dialect, link: Link, login: &Login) -> Side {
        Side {
            dialect,
            link,
            sessions: Vec::new(),
            ledger: dialect.generator().ledger(login),
            unsent: Vec::new(),
            lines: None,
            step: 0,
            is_doubtful: false,
        }
    }

    /// Begins an exchange whose names are made of that word; what is said is kept if `lines`.
    pub fn begin(&mut self, word: &str, lines: bool) {
        self.ledger.begin(word);
        self.lines = lines.then(Vec::new);
        self.step = 0;
        self.is_doubtful = false;
    }

    /// What was said, if it was to be kept.
    pub fn take_lines(&mut self) -> Vec<Line> {
        self.lines.take().unwrap_or_default()
    }

    /// The books.
    pub fn ledger(&self) -> &dyn Ledger {
        self.ledger.as_ref()
    }

    /// Whether all that follows from a step is there at once.
    pub fn is_at_once(&self) -> bool {
        self.link.is_at_once()
    }

    /// Which delivery a step is about, if it is about one.
    pub fn choose(&self, step: &Move) -> Option<Holding> {
        let Act::Say {
            message, delivery, ..
        } = &step.act
        else {
            return None;
        };
        self.ledger.choose(step.client, message, (*delivery)?)
    }

    /// Whether the client of a step has a connection, which is made if it has not.
    ///
    /// # Errors
    /// If nobody answers there.
    pub async fn stand_ready(&mut self, step: &Move) -> Result<(), Away> {
        if matches!(step.act, Act::Wait(_)) {
            return Ok(());
        }
        let client = step.client;
        if self.ledger.is_over(client) {
            self.connect(client).await?;
        }
        let Act::Say { message, .. } = &step.act else {
            return Ok(());
        };
        for ready in self.ledger.prepare(client, message) {
            self.ask(&ready);
        }
        self.wait().await;
        Ok(())
    }

    /// Whether the broker still serves a further client, which is asked where there is reason to doubt it.
    ///
    /// # Errors
    /// If it does not.
    pub async fn still_serves(&mut self) -> Result<(), Away> {
        if !self.is_doubtful || self.link.is_at_once() {
            return Ok(());
        }
        let further = self.sessions.len();
        let let_in = self.sound_out(further).await;
        self.link.end(further, false);
        self.ledger.end(further, true);
        self.forget(further);
        // The next one to ask has the same number.
        self.sessions.truncate(further);
        self.unsent.truncate(further);
        let_in
    }

    async fn sound_out(&mut self, further: usize) -> Result<(), Away> {
        self.connect(further).await?;
        for ready in self.ledger.sounding(further) {
            self.ask(&ready);
        }
        match self.wait().await {
            true => Ok(()),
            false => Err(Away("the broker does not answer a new client".to_owned())),
        }
    }

    async fn connect(&mut self, client: usize) -> Result<(), Away> {
        self.link.end(client, false);
        let made = self.link.connect(client).await;
        made.map_err(|error| Away(format!("the broker cannot be reached: {error}")))?;
        if self.sessions.len() <= client {
            self.sessions.resize_with(client + 1, || None);
            self.unsent.resize_with(client + 1, Vec::new);
        }
        self.sessions[client] = Some(self.dialect.session());
        self.unsent[client].clear();
        for message in self.ledger.connect(client) {
            self.put(client, &message);
        }
        self.wait().await;
        match self.ledger.is_connected(client) {
            true => Ok(()),
            false => Err(Away("the broker does not let the clients in".to_owned())),
        }
    }

    /// The step on this side, if it makes sense here.
    pub fn ready(&self, step: &Move, chosen: Option<&Holding>) -> Option<Ready> {
        self.ledger.ready(step, chosen)
    }

    /// Plays a step, until all that follows from it has come.
    pub async fn play(&mut self, number: usize, step: &Move, ready: Option<&Ready>) {
        self.step = number;
        match (&step.act, ready) {
            (Act::Say { binds, .. }, Some(ready)) => {
                self.ledger.say(ready, binds.as_deref());
                self.write_down(ready.client, || Spoken::Sent(ready.message.clone()));
                self.put(ready.client, &ready.message);
            }
            (Act::Cut, _) => {
                self.link.end(step.client, true);
                self.ledger.end(step.client, true);
                self.forget(step.client);
                self.write_down(step.client, || Spoken::Cut);
            }
            (Act::Wait(time), _) => {
                self.write_down(step.client, || Spoken::Waited(*time));
                self.link.pass(*time).await;
            }
            (Act::Say { .. }, None) => return,
        }
        self.look(step).await;
    }

    /// Asks until all that follows from a step has come.
    pub async fn look(&mut self, step: &Move) {
        self.ledger.ask_again();
        if !self.wait().await {
            return;
        }
        let at_once = self.link.is_at_once();
        while let Some(questions) = self.ledger.questions(step, at_once) {
            for ready in &questions {
                self.ask(ready);
            }
            if !self.wait().await {
                return;
            }
        }
    }

    /// What was seen since the last time.
    pub fn seen(&mut self) -> Vec<Seen> {
        self.ledger.seen()
    }

    /// What was broken since the last time.
    pub fn broken(&mut self) -> Vec<Broken> {
        self.ledger.broken()
    }

    /// Lets a moment pass, for what is under way.
    pub async fn rest(&mut self, time: Duration) {
        if !self.link.is_at_once() {
            tokio::time::sleep(time).await;
        }
    }

    /// Removes what an exchange left. Connections of which that cannot be said are given up.
    pub async fn clear(&mut self) {
        let mut round = 0;
        while let Some(said) = self.ledger.clear(round) {
            for ready in &said {
                self.ask(ready);
            }
            if !self.wait_for(FAREWELL).await {
                break;
            }
            round += 1;
        }
        if !self.ledger.is_clear() {
            self.hang_up();
        }
        self.ledger.seen();
        self.ledger.broken();
    }

    /// Ends all connections.
    pub fn hang_up(&mut self) {
        for client in 0..self.sessions.len() {
            self.link.end(client, false);
            self.ledger.end(client, true);
            self.forget(client);
        }
    }

    fn forget(&mut self, client: usize) {
        if let Some(session) = self.sessions.get_mut(client) {
            *session = None;
        }
        if let Some(unsent) = self.unsent.get_mut(client) {
            unsent.clear();
        }
    }

    fn ask(&mut self, ready: &Ready) {
        self.ledger.ask(ready);
        self.put(ready.client, &ready.message);
    }

    fn write_down(&mut self, client: usize, what: impl FnOnce() -> Spoken) {
        if let Some(lines) = &mut self.lines {
            lines.push(Line {
                step: self.step,
                client,
                what: what(),
            });
        }
    }

    fn put(&mut self, client: usize, message: &Outgoing) {
        let Some(Some(session)) = self.sessions.get_mut(client) else {
            return;
        };
        let pieces = session
            .encode(message)
            .expect("a generator says what the protocol can say");
        if let Some(unsent) = self.unsent.get_mut(client) {
            unsent.extend(pieces.into_iter().flatten());
        }
    }

    async fn flush(&mut self) {
        for client in 0..self.unsent.len() {
            let octets = std::mem::take(&mut self.unsent[client]);
            if !octets.is_empty() {
                self.link.write(client, octets).await;
            }
        }
    }

    /// Takes what comes until nothing is owed any more; what is there at once is taken in any case. `false` if something
    /// stays owed.
    async fn wait(&mut self) -> bool {
        self.wait_for(PATIENCE).await
    }

    async fn wait_for(&mut self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        loop {
            self.flush().await;
            if !self.link.is_at_once() && !self.ledger.awaits() {
                return true;
            }
            let patience = until.saturating_duration_since(Instant::now());
            match self.link.next(patience).await {
                Some((client, came)) => self.take(client, came),
                None if self.unsent.iter().any(|it| !it.is_empty()) => {}
                None if !self.ledger.awaits() => return true,
                None => {
                    self.is_doubtful = true;
                    self.ledger.give_up();
                    return false;
                }
            }
        }
    }

    fn take(&mut self, client: usize, came: Came) {
        let octets = match came {
            Came::Octets(octets) => octets,
            Came::End => {
                self.is_doubtful |= !self.ledger.is_over(client);
                self.ledger.end(client, false);
                self.forget(client);
                self.write_down(client, || Spoken::Ended);
                return;
            }
        };
        let Some(Some(session)) = self.sessions.get_mut(client) else {
            return;
        };
        session.receive(&octets);
        while let Some(Some(session)) = self.sessions.get_mut(client) {
            let Some(stream) = session.first_stream() else {
                return;
            };
            let Some(message) = session.take(Want {
                stream,
                command: "",
                without_content: false,
            }) else {
                return;
            };
            let own = self.ledger.is_own(client, &message);
            if !own {
                self.write_down(client, || Spoken::Came(message.clone()));
            }
            for answer in self.ledger.hear(client, message) {
                if !own {
                    self.write_down(client, || Spoken::Sent(answer.clone()));
                }
                self.put(client, &answer);
            }
            if self.ledger.is_over(client) {
                // The last word was said by either side. What is still to be written goes first.
                return;
            }
        }
    }
}
