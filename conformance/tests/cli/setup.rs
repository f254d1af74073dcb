//! What is asked for once: target files, completions, manual pages; and what the help says.

use std::path::Path;

use super::support::{Ran, command, folder, mqspec};

/// The program, in a folder of the test's own.
fn within(folder: &Path, arguments: &[&str]) -> Ran {
    let ran = command(arguments).current_dir(folder).output();
    Ran::new(ran.expect("the program runs"))
}

#[test]
fn a_new_target_file_is_well_formed_and_comes_with_its_schema() {
    let folder = folder("target-new");
    let ran = within(&folder, &["target", "new", "own"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let text = std::fs::read_to_string(folder.join("own.toml")).expect("it was written");
    assert!(
        text.starts_with("#:schema ./mqspec-target.schema.json\n"),
        "{text}"
    );
    let schema = std::fs::read_to_string(folder.join("mqspec-target.schema.json"));
    let schema = schema.expect("it was written");
    assert_eq!(schema, mqspec(&["target", "schema"]).stdout);
    let checked = within(&folder, &["target", "check", "own.toml", "rabbitmq"]);
    assert_eq!(checked.status, Some(0), "{}", checked.stderr);
    assert!(
        checked
            .stdout
            .starts_with("✓ own.toml: via url, 0 known deviations\n")
    );
    let again = within(&folder, &["target", "new", "own"]);
    assert_eq!(again.status, Some(2));
    assert!(
        again.stderr.contains("own.toml exists: --force"),
        "{}",
        again.stderr
    );
    assert_eq!(
        within(&folder, &["target", "new", "own", "--force"]).status,
        Some(0)
    );
}

#[test]
fn a_mistake_in_a_target_file_is_told_with_what_was_meant() {
    let folder = folder("target-check");
    let refused = |text: &str| {
        std::fs::write(folder.join("own.toml"), text).expect("it can be written");
        let ran = within(&folder, &["target", "check", "own.toml"]);
        assert_eq!(ran.status, Some(2), "{text}");
        ran.stderr
    };
    let head = "about = 'x'\nurl = 'amqp://h'\n";
    for (added, place, meant) in [
        ("[proces]\n", "own.toml:3:2: ", "did you mean `process`?"),
        (
            "[process]\ncomand = ['x']\n",
            "own.toml:4:1: ",
            "did you mean `command`?",
        ),
        (
            "[process]\ncommand = ['x']\nstop-signal = 'TRM'\n",
            "own.toml:5:15: ",
            "did you mean `TERM`?",
        ),
        (
            "[[deviation]]\ncase = 'queue.declare/passive-misssing'\nreason = 'r'\nsource = 's'\n",
            "own.toml: ",
            "did you mean `queue.declare/passive-missing`",
        ),
    ] {
        let said = refused(&format!("{head}{added}"));
        assert!(said.contains(place) && said.contains(meant), "{said}");
    }
}

#[test]
fn targets_are_listed_under_both_names() {
    let listed = mqspec(&["targets"]);
    assert_eq!(listed.status, Some(0));
    assert!(
        listed.stdout.contains("reference  via embedded or process"),
        "{}",
        listed.stdout
    );
    assert_eq!(listed.stdout, mqspec(&["target", "list"]).stdout);
}

#[test]
fn shells_and_man_know_every_command() {
    let pages = folder("man");
    let ran = mqspec(&["man", &pages.display().to_string()]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let commands = ["run", "compare", "report", "fuzz", "target", "completions"];
    for name in commands {
        let page = std::fs::read_to_string(pages.join(format!("mqspec-{name}.1")));
        assert!(page.expect("there is a page").contains(".TH"), "{name}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = mqspec(&["completions", shell]);
        assert_eq!(script.status, Some(0), "{}", script.stderr);
        assert!(
            commands.iter().all(|name| script.stdout.contains(name)),
            "{shell}"
        );
    }
    assert_eq!(mqspec(&["completions", "cmd"]).status, Some(2));
}

#[test]
fn the_help_names_every_option() {
    for name in ["run", "compare", "report", "target"] {
        let ran = mqspec(&[name, "--help"]);
        assert_eq!(ran.status, Some(0));
        assert!(
            ran.stdout.lines().all(|line| line.chars().count() <= 80),
            "{}",
            ran.stdout
        );
        insta::assert_snapshot!(format!("help_of_{name}"), ran.stdout);
    }
}
