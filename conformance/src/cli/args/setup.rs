//! Target files, and what is installed beside the program.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

#[derive(Debug, Subcommand)]
pub enum TargetCommand {
    /// Write a commented target file to start from, and a schema beside it for editors
    New(TargetNew),
    /// Say whether target files are well-formed, and what they describe
    Check(TargetCheck),
    /// List the brokers that are known by name
    List,
    /// Print the JSON schema of target files
    Schema,
}

#[derive(Debug, Args)]
pub struct TargetNew {
    /// The broker's name: the file is NAME.toml
    #[arg(default_value = "mybroker")]
    pub name: String,
    /// Write in place of a file that is there
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct TargetCheck {
    /// Target files, or names of `mqspec targets`
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mqspec completions bash > ~/.local/share/bash-completion/completions/mqspec
  mqspec completions zsh > ~/.zfunc/_mqspec
  mqspec completions fish > ~/.config/fish/completions/mqspec.fish")]
pub struct Completions {
    /// Which shell
    pub shell: Shell,
}

#[derive(Debug, Args)]
pub struct Man {
    /// The folder to write into, which need not exist, such as ~/.local/share/man/man1
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}
