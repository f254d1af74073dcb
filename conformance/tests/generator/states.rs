//! The grid: every command in every state in which it is out of place.

use mqspec_specs::Protocol;
use mqspec_specs::protocol::{Command, Peer};

use super::case::{Case, Lines};
use super::examples::{Example, Examples};

type Family = (&'static str, &'static str, Vec<Case>);

const PROVOKE: [&str; 2] = [
    "> basic.get queue=$q_none",
    "< channel.close reply-code=404 class-id=60 method-id=70",
];

pub fn files(protocol: &Protocol, examples: &Examples) -> Vec<Family> {
    let grid = Grid { protocol, examples };
    vec![
        (
            "state-before-start-ok",
            "Every command where start-ok is due.",
            grid.handshake(
                "start-ok",
                "start",
                &[
                    "> connection.start-ok mechanism=PLAIN response=$response locale=en_US",
                    "< connection.tune",
                ],
            ),
        ),
        (
            "state-before-tune-ok",
            "Every command where tune-ok is due.",
            grid.handshake(
                "tune-ok",
                "tune",
                &[
                    "> connection.tune-ok channel-max=10 frame-max=8192",
                    "> connection.open virtual-host=$vhost",
                    "< connection.open-ok",
                ],
            ),
        ),
        (
            "state-before-open",
            "Every command where connection.open is due.",
            grid.handshake(
                "open",
                "tuned",
                &[
                    "> connection.open virtual-host=$vhost",
                    "< connection.open-ok",
                ],
            ),
        ),
        (
            "state-unopened",
            "Every command of a channel on one that was never opened.",
            grid.unopened(),
        ),
        (
            "state-closed",
            "Every command of a channel on one that the client has closed.",
            grid.closed(),
        ),
        (
            "state-closing",
            "Every command of a channel on one that the server is about to close: none is done.",
            grid.closing(),
        ),
        (
            "state-channel-zero",
            "Every command of a channel on channel 0.",
            grid.channel_zero(),
        ),
        (
            "state-wrong-channel",
            "Every command of a connection on another channel than 0.",
            grid.wrong_channel(),
        ),
        (
            "state-connection-closed",
            "Every command behind the client's connection.close: none is answered.",
            grid.behind_close(),
        ),
        (
            "state-connection-closing",
            "Every command between the server's connection.close and close-ok: none is answered.",
            grid.closing_connection(),
        ),
    ]
}

struct Grid<'a> {
    protocol: &'a Protocol,
    examples: &'a Examples,
}

/// Whether a broker may not know the command at all.
fn beyond(command: &Command) -> bool {
    command.origin != "AMQP 0-9-1"
}

fn from_client(command: &Command) -> bool {
    command.sent_by(Peer::Client)
}

/// Clauses of a command that is out of place, with the one of a server's command where it is one.
fn clauses(command: &Command, of_state: &str) -> String {
    match from_client(command) {
        true => of_state.to_owned(),
        false => format!("{of_state} MTH-09"),
    }
}

impl<'a> Grid<'a> {
    fn on_connections(&self) -> impl Iterator<Item = &'a Command> {
        self.protocol
            .commands
            .iter()
            .filter(|command| command.class_name() == "connection")
    }

    fn on_channels(&self) -> impl Iterator<Item = &'a Command> {
        self.protocol
            .commands
            .iter()
            .filter(|command| command.class_name() != "connection")
    }

    /// Those whose exchange is played on an open channel.
    fn played(&self) -> impl Iterator<Item = &'a Example> {
        let names = self
            .protocol
            .commands
            .iter()
            .map(|command| command.name.as_str());
        self.examples.on_a_channel(names)
    }

    /// The command on a lane, with valid arguments where an example has some.
    fn command(&self, command: &Command, lane: &str) -> String {
        if let Some(example) = self.examples.get(&command.name) {
            return example.command(lane, "");
        }
        super::examples::on(lane, &command.name, '>', &command.name)
    }

    /// What of the target a command needs, where an example shows it.
    fn needs(&self, command: &Command) -> &'a [String] {
        self.examples
            .get(&command.name)
            .map(|example| example.needs.as_slice())
            .unwrap_or_default()
    }

    /// The whole exchange, or some other command's where there is none.
    fn exchange(&self, command: &Command, lane: &str) -> Lines {
        match self
            .examples
            .get(&command.name)
            .filter(|example| example.open.is_none())
        {
            Some(example) => example.exchange(lane),
            None => self
                .examples
                .get("basic.qos")
                .expect("an example")
                .exchange(lane),
        }
    }

    fn handshake(&self, due: &str, stage: &str, control: &[&str]) -> Vec<Case> {
        let skipped = [format!("connection.{due}"), "connection.close".to_owned()];
        let commands = self.protocol.commands.iter();
        let commands = commands.filter(|command| !skipped.contains(&command.name));
        let case = |command: &Command| {
            let name = &command.name;
            let codes = match from_client(command) && !beyond(command) {
                true => "501|503|504|505|530",
                false => "501|502|503|504|505|530|540",
            };
            Case::new(
                format!("before-{due}/{name}"),
                format!("{name} where {due} is due ends the connection"),
                &clauses(command, "CON-01 CON-02"),
            )
            .steps([format!("open at={stage}")])
            .control(control.iter().copied())
            .fault([
                self.command(command, ""),
                format!("< closed reply-code={codes} with silent=pass"),
            ])
        };
        commands.map(case).collect()
    }

    /// What ends a connection because of the channel that a command was sent on.
    fn refused(&self, command: &Command, connection: &str, client: &str, server: &str) -> String {
        let gap = if connection.is_empty() { "" } else { " " };
        match from_client(command) && command.name != "access.request" {
            true => format!(
                "{connection}{gap}< closed reply-code={client} class-id={} method-id={}",
                command.class, command.method
            ),
            false if beyond(command) => {
                format!("{connection}{gap}< closed reply-code=501|502|503|504|540")
            }
            false => format!("{connection}{gap}< closed reply-code={server}"),
        }
    }

    fn unopened(&self) -> Vec<Case> {
        let commands = self
            .on_channels()
            .filter(|command| command.name != "channel.open");
        let case = |command: &Command| {
            let name = &command.name;
            let mut control = vec![
                "/3 > channel.open".to_owned(),
                "/3 < channel.open-ok".to_owned(),
            ];
            control.extend(self.exchange(command, "/3"));
            Case::new(
                format!("unopened/{name}"),
                format!("{name} on a channel that was never opened ends the connection"),
                &clauses(command, "FRM-12 CON-11"),
            )
            .needs(self.needs(command))
            .control(control)
            .fault([
                self.command(command, "/3"),
                self.refused(command, "", "504", "503|504|540"),
            ])
        };
        commands.map(case).collect()
    }

    fn closed(&self) -> Vec<Case> {
        let commands = self
            .on_channels()
            .filter(|command| command.name != "channel.open");
        let case = |command: &Command| {
            let name = &command.name;
            Case::new(
                format!("closed/{name}"),
                format!("{name} on a channel that the client has closed ends the connection"),
                &clauses(command, "FRM-12 CON-11"),
            )
            .needs(self.needs(command))
            .steps(["open a a/2"])
            .control(self.exchange(command, "a/2"))
            .fault([
                "a/2 > channel.close".to_owned(),
                "a/2 < channel.close-ok".to_owned(),
                self.command(command, "a/2"),
                self.refused(command, "a", "504", "503|504|540"),
            ])
        };
        commands.map(case).collect()
    }

    fn channel_zero(&self) -> Vec<Case> {
        let case = |command: &Command| {
            let name = &command.name;
            let control = match name.as_str() {
                "channel.open" => vec![
                    "/2 > channel.open".to_owned(),
                    "/2 < channel.open-ok".to_owned(),
                ],
                _ => self.exchange(command, ""),
            };
            Case::new(
                format!("on-channel-0/{name}"),
                format!("{name} on channel 0 ends the connection"),
                &clauses(command, "FRM-09 CON-11"),
            )
            .needs(self.needs(command))
            .control(control)
            .fault([
                self.command(command, "/0"),
                self.refused(command, "", "503|504", "503|504|540"),
            ])
        };
        self.on_channels().map(case).collect()
    }

    fn wrong_channel(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for command in self.on_connections() {
            for (slug, words, channel) in [
                ("an-open-channel", "a channel that is open", 1),
                ("an-unopened-channel", "a channel that is not open", 3),
            ] {
                let name = &command.name;
                let codes = match (from_client(command), beyond(command), channel) {
                    (true, false, 1) => "503",
                    (true, false, _) => "503|504",
                    (false, false, _) => "503|504|540",
                    _ => "501|502|503|504|540",
                };
                let case = Case::new(
                    format!("on-{slug}/{name}"),
                    format!("{name} on {words} ends the connection"),
                    &clauses(command, "FRM-08 CON-11"),
                );
                let control = match self.examples.get("channel.flow") {
                    Some(example) => example.exchange(""),
                    None => Vec::new(),
                };
                cases.push(case.control(control).fault([
                    format!("/{channel} {}", self.command(command, "")),
                    format!("< closed reply-code={codes}"),
                ]));
            }
        }
        cases
    }

    fn closing(&self) -> Vec<Case> {
        let commands = self
            .played()
            .filter(|example| !example.name.starts_with("channel.close"));
        let case = |example: &Example| {
            let name = &example.name;
            let control = std::iter::once(example.command("", "")).chain(example.after(""));
            let fault = PROVOKE.map(str::to_owned).into_iter().chain([
                example.command("", ""),
                "> channel.close-ok".to_owned(),
                "> channel.open".to_owned(),
                "< channel.open-ok".to_owned(),
            ]);
            Case::new(
                format!("closing/{name}"),
                format!("{name} between the server's channel.close and close-ok is discarded"),
                "channel.close.stability CHN-05",
            )
            .needs(&example.needs)
            .steps(example.before(""))
            .control(control)
            .fault(fault)
        };
        commands.map(case).collect()
    }

    fn behind_close(&self) -> Vec<Case> {
        let case = |example: &Example| {
            let name = &example.name;
            let mut steps = example.before("");
            steps.extend([
                "> connection.close reply-code=200".to_owned(),
                example.command("", ""),
                "< connection.close-ok".to_owned(),
                "> eof".to_owned(),
                "< closed with silent=pass".to_owned(),
            ]);
            Case::new(
                format!("behind-close/{name}"),
                format!("{name} behind the client's connection.close is not answered"),
                "connection.close.stability CON-08 CON-16",
            )
            .needs(&example.needs)
            .no_control("the client itself asks for the end")
            .steps(steps)
        };
        self.played()
            .filter(|example| example.name != "channel.close-ok")
            .map(case)
            .collect()
    }

    fn closing_connection(&self) -> Vec<Case> {
        let case = |example: &Example| {
            let name = &example.name;
            Case::new(
                format!("connection-closing/{name}"),
                format!("{name} between the server's connection.close and close-ok is discarded"),
                "connection.close.stability CON-16",
            )
            .needs(&example.needs)
            .steps(example.before(""))
            .control(std::iter::once(example.command("", "")).chain(example.after("")))
            .fault([
                "> channel.open".to_owned(),
                "< connection.close reply-code=504 class-id=20 method-id=10".to_owned(),
                example.command("", ""),
                "> connection.close-ok".to_owned(),
                "< closed with silent=pass".to_owned(),
            ])
        };
        self.played()
            .filter(|example| example.name != "channel.close-ok")
            .map(case)
            .collect()
    }
}
