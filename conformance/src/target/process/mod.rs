//! A broker started as a program of this machine.
//!
//! - `group`: a program with all that it starts itself
//! - `guard`: what cleans up when mqspec is killed
//! - `supply`: further brokers from the same file
//! - `workspace`: the folder of configuration, data and log

mod group;
mod guard;
mod supply;
mod workspace;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::Mutex;

use self::group::Group;
use self::guard::Guard;
pub(super) use self::supply::{Further, QUICK};
use self::workspace::Workspace;
pub(super) use self::workspace::last_lines;
use super::file::{self, Control, Login, Order, Signal, Template};
use super::placeholder::{self, Values};
use super::ready::Patience;
use super::{TargetError, ports};
use crate::run::{ControlFate, ControlFuture, ControlMemory, Controls, Endpoint};

/// How long a command that is a control may take.
const CONTROL: Duration = Duration::from_secs(60);

/// How long a helper may take to begin, and to end.
const HELPER: Duration = Duration::from_secs(10);

/// How often it is looked whether a broker has obeyed.
const PAUSE: Duration = Duration::from_millis(2);

/// A started broker, and how to start it again.
pub(super) struct Process {
    name: String,
    endpoint: Endpoint,
    install: Option<String>,
    command: Vec<String>,
    environment: BTreeMap<String, String>,
    controls: BTreeMap<String, Action>,
    stop_signal: Signal,
    start_limit: Duration,
    stop_limit: Duration,
    folder: PathBuf,
    log: PathBuf,
    state: Mutex<State>,
}

/// What runs. The order of the fields is that in which things go.
#[derive(Default)]
struct State {
    broker: Option<Group>,
    helpers: Vec<Group>,
    guard: Option<Arc<Guard>>,
    workspace: Option<Workspace>,
}

enum Action {
    Run(Vec<String>),
    RestartAfter(Signal),
    Order(Order),
}

impl Process {
    /// Starts the program and what it needs, and waits until the broker answers. If it does not, all is ended again.
    pub async fn start(
        name: &str,
        file: &file::Process,
        login: &Login,
        variables: &BTreeMap<String, String>,
    ) -> Result<Arc<Process>, TargetError> {
        let workspace = Workspace::new(name)?;
        let (values, port) = values(file, login, variables, &workspace)?;
        let expand =
            |template: &Template| placeholder::expand(template.get_ref(), &values).into_owned();
        let all = |templates: &[Template]| templates.iter().map(expand).collect::<Vec<_>>();
        for written in &file.files {
            workspace.write(written.path.get_ref(), written.mode, &expand(&written.text))?;
        }
        let mut environment: BTreeMap<String, String> = file
            .environment
            .iter()
            .map(|(name, value)| (name.clone(), expand(value)))
            .collect();
        if !file.search.is_empty() {
            environment
                .entry("PATH".to_owned())
                .or_insert_with(|| path(&file.search));
        }
        let controls = file.control.iter().map(|(name, control)| {
            let action = match control {
                Control::Run(command) => Action::Run(all(command.get_ref())),
                Control::RestartAfter(signal) => Action::RestartAfter(*signal),
                Control::Signal(order) => Action::Order(order.clone()),
            };
            (name.clone(), action)
        });
        let process = Process {
            name: name.to_owned(),
            endpoint: Endpoint {
                host: "127.0.0.1".to_owned(),
                port,
                user: login.user.clone(),
                password: login.password.clone(),
                vhost: login.vhost.clone(),
                tls: login.tls.clone(),
            },
            install: file.install.clone(),
            command: all(file.command.get_ref()),
            environment,
            controls: controls.collect(),
            stop_signal: file.stop_signal,
            start_limit: file.start_limit(),
            stop_limit: file.stop_limit(),
            folder: workspace.path().to_owned(),
            log: workspace.log_path(),
            state: Mutex::default(),
        };
        let guard = Guard::start(workspace.path())
            .map_err(TargetError::system("/bin/sh cannot be started"))?;
        let guard = Arc::new(guard);
        {
            let mut state = process.state.lock().await;
            state.workspace = Some(workspace);
            state.guard = Some(guard.clone());
            for helper in &file.helpers {
                let group = process.launch(&all(helper.command.get_ref()), guard.clone())?;
                state.helpers.push(group);
                if let Some(port) = &helper.listens_on {
                    process.await_helper(&mut state, &expand(port)).await?;
                }
            }
            process.bring_up(&mut state).await?;
        }
        Ok(Arc::new(process))
    }

    pub fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    pub fn log_tail(&self) -> Option<String> {
        workspace::tail(&self.log).ok()
    }

    /// Ends all that was started.
    pub async fn stop(&self) -> Result<(), TargetError> {
        self.end_all(self.stop_signal).await
    }

    /// Ends all that was started, without asking the broker.
    async fn kill(&self) -> Result<(), TargetError> {
        self.end_all(Signal::Kill).await
    }

    async fn end_all(&self, signal: Signal) -> Result<(), TargetError> {
        let mut guarded = self.state.lock().await;
        let mut state = std::mem::take(&mut *guarded);
        if let Some(mut broker) = state.broker.take() {
            let ended = broker.end(signal, self.stop_limit).await;
            ended.map_err(TargetError::system(format!(
                "{} cannot be ended",
                broker.program
            )))?;
        }
        while let Some(mut helper) = state.helpers.pop() {
            let ended = helper.end(Signal::Term, HELPER).await;
            ended.map_err(TargetError::system(format!(
                "{} cannot be ended",
                helper.program
            )))?;
        }
        drop(state.guard.take());
        state.workspace.take().map_or(Ok(()), Workspace::remove)
    }

    /// Starts the broker, and waits until it answers.
    async fn bring_up(&self, state: &mut State) -> Result<(), TargetError> {
        let Some(guard) = state.guard.clone() else {
            return Err(TargetError::Conflict(format!(
                "{} has been stopped",
                self.name
            )));
        };
        let broker = state.broker.insert(self.launch(&self.command, guard)?);
        let patience = Patience::new(self.start_limit);
        loop {
            let answer = patience.ask(&self.endpoint).await;
            // What answers on the port of a program that has ended is another.
            check(broker, &self.log)?;
            match answer {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(last) => return Err(self.not_ready(self.start_limit, last)),
            }
        }
    }

    async fn await_helper(&self, state: &mut State, port: &str) -> Result<(), TargetError> {
        let Ok(port) = port.parse() else {
            return Err(TargetError::Conflict(format!(
                "{}: a helper listens on a port, not on {port}",
                self.name
            )));
        };
        let patience = Patience::new(HELPER);
        loop {
            for helper in &mut state.helpers {
                check(helper, &self.log)?;
            }
            match patience.listens(port).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(last) => {
                    return Err(
                        self.not_ready(HELPER, format!("its helper on port {port}: {last}"))
                    );
                }
            }
        }
    }

    fn not_ready(&self, limit: Duration, last: String) -> TargetError {
        let log = self.log_tail().unwrap_or_default();
        TargetError::NotReady {
            name: self.name.clone(),
            limit,
            last,
            log,
        }
    }

    /// A command with the target's environment.
    fn command(&self, words: &[String]) -> Command {
        let (program, arguments) = words
            .split_first()
            .map_or(("", words), |(program, rest)| (program, rest));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(&self.environment)
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        command
    }

    fn launch(&self, words: &[String], guard: Arc<Guard>) -> Result<Group, TargetError> {
        let mut command = self.command(words);
        let program = command
            .as_std()
            .get_program()
            .to_string_lossy()
            .into_owned();
        let started = workspace::open_log(&self.log).and_then(|log| {
            command.stdout(log.try_clone()?).stderr(log);
            Group::start(command, guard)
        });
        started.map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => TargetError::Missing {
                program,
                install: self.install.clone(),
            },
            _ => TargetError::System {
                what: format!("{program} cannot be started"),
                cause,
            },
        })
    }

    async fn act(&self, name: &str) -> Result<(), String> {
        match self.controls.get(name) {
            None => Err(format!("{} has no control `{name}`", self.name)),
            Some(Action::Run(words)) => self.run(words).await,
            Some(Action::Order(order)) => self.order(order).await,
            Some(Action::RestartAfter(signal)) => {
                let mut state = self.state.lock().await;
                if let Some(broker) = &mut state.broker {
                    broker
                        .end(*signal, self.stop_limit)
                        .await
                        .map_err(|error| error.to_string())?;
                }
                state.broker = None;
                self.bring_up(&mut state)
                    .await
                    .map_err(|error| error.to_string())
            }
        }
    }

    /// Sends a signal, and waits until the broker says that it has obeyed.
    async fn order(&self, order: &Order) -> Result<(), String> {
        let mut state = self.state.lock().await;
        let Some(broker) = &mut state.broker else {
            return Err(format!("{} does not run", self.name));
        };
        let unread = |error| format!("what {} writes cannot be read: {error}", self.name);
        let before = workspace::length(&self.log).map_err(unread)?;
        broker.send(order.send).map_err(|error| error.to_string())?;
        let obeyed = async {
            while !workspace::says(&self.log, before, &order.says).map_err(unread)? {
                check(broker, &self.log).map_err(|error| error.to_string())?;
                tokio::time::sleep(PAUSE).await;
            }
            Ok(())
        };
        match tokio::time::timeout(CONTROL, obeyed).await {
            Ok(result) => result,
            Err(_) => Err(format!(
                "{} did not say `{}` within {} s",
                self.name,
                order.says,
                CONTROL.as_secs()
            )),
        }
    }

    async fn run(&self, words: &[String]) -> Result<(), String> {
        let line = words.join(" ");
        let output = self.command(words).kill_on_drop(true).output();
        match tokio::time::timeout(CONTROL, output).await {
            Err(_) => Err(format!(
                "`{line}` did not end within {} s",
                CONTROL.as_secs()
            )),
            Ok(Err(error)) => Err(format!("`{line}`: {error}")),
            Ok(Ok(output)) if output.status.success() => Ok(()),
            Ok(Ok(output)) => {
                let said = [output.stdout, output.stderr].concat();
                Err(format!(
                    "`{line}` failed: {}",
                    last_lines(&String::from_utf8_lossy(&said))
                ))
            }
        }
    }
}

impl Controls for Process {
    fn offers(&self, name: &str) -> bool {
        self.controls.contains_key(name)
    }

    fn perform<'a>(&'a self, name: &'a str) -> ControlFuture<'a> {
        Box::pin(self.act(name))
    }

    fn fate(&self) -> ControlFate<'_> {
        Box::pin(async {
            let mut state = self.state.lock().await;
            let ended = state.broker.as_mut()?.ended().ok()??;
            Some(match workspace::cry(&self.log) {
                Ok(Some(cry)) => format!("{ended}: {cry}"),
                Ok(None) | Err(_) => ended,
            })
        })
    }

    fn memory(&self) -> ControlMemory<'_> {
        Box::pin(async { self.state.lock().await.broker.as_ref()?.memory() })
    }

    fn end(&self) -> ControlFuture<'_> {
        Box::pin(async { self.kill().await.map_err(|error| error.to_string()) })
    }
}

/// Finds out that a program has ended that has to run.
fn check(group: &mut Group, log: &std::path::Path) -> Result<(), TargetError> {
    let ended = group.ended().map_err(TargetError::system(format!(
        "{} cannot be watched",
        group.program
    )))?;
    match ended {
        None => Ok(()),
        Some(status) => Err(TargetError::Ended {
            program: group.program.clone(),
            status,
            log: workspace::tail(log).unwrap_or_default(),
        }),
    }
}

/// What placeholders stand for, and the port that the broker is to listen on.
fn values(
    file: &file::Process,
    login: &Login,
    variables: &BTreeMap<String, String>,
    workspace: &Workspace,
) -> Result<(Values, u16), TargetError> {
    let used = file
        .templates()
        .flat_map(|text| placeholder::names(text.get_ref()));
    let mut further: Vec<&str> = used
        .filter(|name| placeholder::is_further_port(name))
        .collect();
    further.sort_unstable();
    further.dedup();
    let ports = ports::free(1 + further.len()).map_err(TargetError::system("a port is needed"))?;
    let mut values = super::values(login, variables, "127.0.0.1");
    values.insert("dir".to_owned(), workspace.path().display().to_string());
    let names = ["port"].into_iter().chain(further);
    values.extend(
        names
            .zip(&ports)
            .map(|(name, port)| (name.to_owned(), port.to_string())),
    );
    Ok((values, ports.first().copied().unwrap_or_default()))
}

/// `PATH` with further folders before it.
fn path(search: &[String]) -> String {
    let inherited = std::env::var("PATH").unwrap_or_default();
    search
        .iter()
        .map(String::as_str)
        .chain([inherited.as_str()])
        .collect::<Vec<_>>()
        .join(":")
}
