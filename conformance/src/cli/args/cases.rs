//! Looking at cases, and changing scripts.

use std::path::PathBuf;

use clap::Args;

use super::choice::{Filters, Target};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mqspec list --only 'basic.*' --level should
  mqspec list --clause queue.declare.passive.raise-404
  mqspec list --json | jq -r '.[].id'")]
pub struct List {
    #[command(flatten)]
    pub filters: Filters,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Show {
    /// The case's id
    pub case: String,
    /// Scripts of your own in place of the embedded suite
    #[arg(long, value_name = "PATH")]
    pub suite: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Only the clauses count that bind a broker and that a client can observe, and only
the commands that a case names itself: those of the dialogue that opens every
connection do not.

Example:
  mqspec coverage --require-commands --min-clauses 200    fails where less is covered")]
pub struct Coverage {
    /// List the commands and clauses that no case covers
    #[arg(long)]
    pub missing: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Exit with status 1 unless every command of the table is covered
    #[arg(long)]
    pub require_commands: bool,
    /// Exit with status 1 unless every clause has either a case or a reason to have none
    #[arg(long)]
    pub require_clauses: bool,
    /// Exit with status 1 unless so many clauses are covered
    #[arg(long, value_name = "N")]
    pub min_clauses: Option<usize>,
    /// Scripts of your own in place of the embedded suite
    #[arg(long, value_name = "PATH")]
    pub suite: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Fmt {
    /// Change nothing; name the files that are not laid out evenly, and exit with status 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Scripts, or folders that hold some
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Runs the case. If the broker sends something else than the script expects, that line
of the script is rewritten in place: the command that came, and for the fields named
in the line, the values that came. Patterns that hold stay as they are. Read the
change before you keep it: what a broker does is not what it should do.

Example:
  mqspec bless queue.declare/passive amqp://localhost --suite specs/amqp-0-9-1/suite")]
pub struct Bless {
    /// The case's id
    pub case: String,
    #[command(flatten)]
    pub target: Target,
    /// The scripts that hold the case: a file, or a folder with files that end in .mqs
    #[arg(long, value_name = "PATH")]
    pub suite: PathBuf,
}
