//! One input for a fuzzer, and what is known about it.

use mqspec_specs::Catalogue;

/// Octets of one direction of a connection, and what a peer makes of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// A name that is a file's name on every system, such as `method.queue.declare.default`.
    pub name: String,
    /// What it is, in a sentence without its point.
    pub what: String,
    /// The octets.
    pub octets: Vec<u8>,
    /// Whether they are what the protocol says.
    pub standing: Standing,
    /// What the broker answers in the end, where well-formed octets ask for what it refuses.
    pub refused: Option<Refusal>,
}

impl Seed {
    /// A seed that nothing is wrong with.
    pub fn valid(name: impl Into<String>, what: impl Into<String>, octets: Vec<u8>) -> Seed {
        Seed {
            name: name.into(),
            what: what.into(),
            octets,
            standing: Standing::Valid,
            refused: None,
        }
    }

    /// The same octets, of which the text says two things.
    pub fn contested(mut self, clause: &'static str) -> Seed {
        self.standing = Standing::Contested(clause);
        self
    }

    /// The same octets as what breaks a clause.
    pub fn breaking(mut self, breach: Breach) -> Seed {
        self.standing = Standing::Invalid(breach);
        self
    }

    /// Whether no clause forbids it.
    pub fn is_valid(&self) -> bool {
        !matches!(self.standing, Standing::Invalid(_))
    }
}

/// Whether octets are what the protocol says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// They are.
    Valid,
    /// They are by one reading of the text, and mean something else or nothing by another: the clause that tells.
    Contested(&'static str),
    /// They are not.
    Invalid(Breach),
}

/// The clause that octets break, and what the text says happens then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The clause's id.
    pub clause: String,
    /// What the peer who sent them is told, and what is closed; nothing where the text does not say.
    pub refusal: Option<Refusal>,
    /// Whether the octets cannot be read, so that any decoder has to notice. Otherwise a decoder may hand over what it
    /// read, and leave it to the peer to refuse.
    pub unreadable: bool,
}

/// How a peer is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reply code; none where the socket is closed without a word.
    pub reply_code: Option<u16>,
    /// What is closed: `channel`, `connection`, or `socket` where it is closed without a word.
    pub closes: &'static str,
}

impl Breach {
    /// The breach of a clause, with what the catalogue says about its failure. Where the catalogue leaves the code
    /// open it is `nearest`, that of the nearest clause which names one.
    pub fn of(clause: &str, nearest: Option<u16>, unreadable: bool, clauses: &Catalogue) -> Breach {
        let failure = clauses
            .get(clause)
            .and_then(|clause| clause.failure.clone());
        let scope = failure
            .as_ref()
            .and_then(|failure| failure.scope.as_deref());
        let code = failure
            .as_ref()
            .and_then(|failure| failure.code)
            .or(nearest);
        let closes = match scope {
            Some("tcp-close") => Some("socket"),
            Some("channel") => Some("channel"),
            Some(_) => Some("connection"),
            None => code.map(|_| "connection"),
        };
        Breach {
            clause: clause.to_owned(),
            refusal: closes.map(|closes| Refusal {
                reply_code: code.filter(|_| closes != "socket"),
                closes,
            }),
            unreadable,
        }
    }
}
