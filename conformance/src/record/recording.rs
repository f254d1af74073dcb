//! An exchange that was recorded, as commands.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::dialect::{Conduct, Dialect, Overheard, Passed, Side};

/// One end of a recorded connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// What the recording, or the judge, calls the connection.
    pub name: String,
    /// Where its two ends were, if that is known.
    pub ends: String,
}

/// An exchange that was recorded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recording {
    /// The file that it stood in.
    pub file: String,
    /// Its connections, in the order in which they were made.
    pub parties: Vec<Party>,
    /// Its commands, in the order in which they passed by.
    pub passed: Vec<Passed>,
    /// For each of them, where it stands: a line of a script or the packet of a capture, counted from 1.
    pub places: Vec<u64>,
    /// What was not understood, or is missing, each in a sentence.
    pub remarks: Vec<String>,
}

/// Makes a recording out of octets.
#[derive(Debug)]
pub struct Ear {
    dialect: &'static dyn Dialect,
    conducts: BTreeMap<usize, Box<dyn Conduct>>,
    recording: Recording,
}

impl Ear {
    /// Nothing was heard yet.
    pub fn new(dialect: &'static dyn Dialect, file: &str) -> Self {
        Ear {
            dialect,
            conducts: BTreeMap::new(),
            recording: Recording {
                file: file.to_owned(),
                ..Recording::default()
            },
        }
    }

    /// A connection was made. Gives its number.
    pub fn open(&mut self, party: Party) -> usize {
        let connection = self.recording.parties.len();
        self.recording.parties.push(party);
        let conduct = self.dialect.conduct(false);
        self.conducts.insert(connection, conduct);
        connection
    }

    /// How many connections there are.
    pub fn parties(&self) -> usize {
        self.recording.parties.len()
    }

    /// One side sent octets, at that place and time. `known` are the fields that the recording tells, where it does not
    /// tell all.
    pub fn hear(
        &mut self,
        connection: usize,
        side: Side,
        octets: &[u8],
        place: u64,
        at: Duration,
        known: Option<&[String]>,
    ) {
        let Some(conduct) = self.conducts.get_mut(&connection) else {
            return;
        };
        let mut heard = conduct.hear(side, octets, at);
        if let (Some(known), [said]) = (known, heard.as_mut_slice()) {
            said.fields.retain(|(name, _)| known.contains(name));
        }
        self.take(connection, heard, place);
    }

    /// One side sends nothing more.
    pub fn ended(&mut self, connection: usize, side: Side, place: u64, at: Duration) {
        if let Some(conduct) = self.conducts.get_mut(&connection) {
            let heard = conduct.ended(side, at);
            self.take(connection, heard, place);
        }
    }

    /// Something is missing, or was not understood.
    pub fn remark(&mut self, remark: String) {
        if !self.recording.remarks.contains(&remark) {
            self.recording.remarks.push(remark);
        }
    }

    fn take(&mut self, connection: usize, heard: Vec<Overheard>, place: u64) {
        for said in heard {
            self.recording.passed.push(Passed { connection, said });
            self.recording.places.push(place);
        }
    }

    /// The recording.
    pub fn finish(self) -> Recording {
        self.recording
    }
}
