//! The suite's source texts. They are parsed by the suite, not here.

use include_dir::{Dir, include_dir};

static AMQP_0_9_1: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/amqp-0-9-1/suite");

static AMQP_0_9_1_CLIENTS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/amqp-0-9-1/clients");

/// One file of the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Its path below the suite's folder, such as `queue.mqs` or `generated/malformed.mqs`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The suite of AMQP 0-9-1 with its subfolders, sorted by name.
pub fn amqp_0_9_1() -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&AMQP_0_9_1, &mut sources);
    sources.sort_by_key(|source| source.name);
    sources
}

/// The cases for clients of AMQP 0-9-1, sorted by name.
pub fn amqp_0_9_1_clients() -> Vec<Source> {
    let files = AMQP_0_9_1_CLIENTS.files().filter_map(|file| {
        Some(Source {
            name: file
                .path()
                .to_str()
                .filter(|name| name.ends_with(".toml"))?,
            text: file.contents_utf8()?,
        })
    });
    let mut sources: Vec<Source> = files.collect();
    sources.sort_by_key(|source| source.name);
    sources
}

fn collect(folder: &'static Dir<'static>, sources: &mut Vec<Source>) {
    let scripts = folder
        .files()
        .filter(|file| file.path().extension().is_some_and(|end| end == "mqs"));
    sources.extend(scripts.filter_map(|file| {
        Some(Source {
            name: file.path().to_str()?,
            text: file.contents_utf8()?,
        })
    }));
    folder.dirs().for_each(|inner| collect(inner, sources));
}

/// The dialogue that makes an AMQP 0-9-1 connection ready for commands, stage by stage.
pub const AMQP_0_9_1_PROLOGUE: Source = Source {
    name: "prologue.mqs",
    text: include_str!("../amqp-0-9-1/prologue.mqs"),
};

/// What is done after each case: the steps that remove what it left, and those that prove the broker alive.
pub const AMQP_0_9_1_EPILOGUE: Source = Source {
    name: "epilogue.mqs",
    text: include_str!("../amqp-0-9-1/epilogue.mqs"),
};

/// What a broker is asked to find out whether it has an extension that its greeting does not tell.
pub const AMQP_0_9_1_OFFERS: Source = Source {
    name: "offers.mqs",
    text: include_str!("../amqp-0-9-1/offers.mqs"),
};
