//! A broker started as a container.
//!
//! - `engine`: what the container engine is asked beyond making a container

mod engine;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex as Lock};
use std::time::{Duration, Instant};

use testcontainers::bollard::models::{HostConfig, PortBinding};
use testcontainers::core::IntoContainerPort;
use testcontainers::core::client::ClientError;
use testcontainers::core::logs::LogFrame;
use testcontainers::runners::AsyncRunner;
use testcontainers::{
    ContainerRequest, CopyTargetOptions, GenericImage, ImageExt, TestcontainersError,
};
use tokio::sync::Mutex;

use self::engine::{Held, refused};
use super::file::{self, Control, Login, Signal, Template};
use super::process::last_lines;
use super::ready::Patience;
use super::{TargetError, placeholder, ports};
use crate::run::{ControlFuture, Controls, Endpoint};

/// How long an image may take to arrive and a container to be made of it.
const ARRIVAL: Duration = Duration::from_secs(600);

/// How long a container may take to end after its signal, and a command in it.
const CONTROL: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// How much of the log is kept, in octets.
const LOG: usize = 8 * 1024;

/// A running container.
pub(super) struct Container {
    name: String,
    endpoint: Endpoint,
    controls: BTreeMap<String, Control>,
    values: placeholder::Values,
    start_limit: Duration,
    log: Arc<Log>,
    held: Mutex<Held>,
}

/// What the container wrote last.
#[derive(Default)]
struct Log(Lock<Vec<u8>>);

impl Log {
    fn append(&self, frame: &LogFrame) {
        let mut kept = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        kept.extend_from_slice(frame.bytes());
        let surplus = kept.len().saturating_sub(LOG);
        kept.drain(..surplus);
    }

    fn tail(&self) -> String {
        let kept = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        last_lines(&String::from_utf8_lossy(&kept))
    }
}

impl Container {
    /// Starts a container, and waits until its broker answers. If it does not, the container is removed again.
    pub async fn start(
        name: &str,
        file: &file::Container,
        image: Option<&str>,
        login: &Login,
        variables: &BTreeMap<String, String>,
    ) -> Result<Arc<Container>, TargetError> {
        engine::greet().await?;
        let image = image.unwrap_or(&file.image);
        let port = ports::free(1).map_err(TargetError::system("a port is needed"))?;
        let port = port.first().copied().unwrap_or_default();
        let elsewhere = engine::host();
        let host = elsewhere.clone().unwrap_or_else(|| "127.0.0.1".to_owned());
        let mut values = super::values(login, variables, &host);
        values.insert("port".to_owned(), file.port.to_string());
        let log = Arc::new(Log::default());
        let id = format!("mqspec-{name}-{}", ports::secret());
        let mut held = Held::new(&id);
        let request = request(file, image, &values, log.clone()).with_container_name(&id);
        let outside = PortBinding {
            host_ip: elsewhere.is_none().then(|| host.clone()),
            host_port: Some(port.to_string()),
        };
        let inside = file.port.tcp().to_string();
        let request = request.with_host_config_modifier(move |config: &mut HostConfig| {
            config.publish_all_ports = Some(false);
            config.port_bindings = Some(HashMap::from([(
                inside.clone(),
                Some(vec![outside.clone()]),
            )]));
        });
        match request.start().await {
            Ok(container) => held.hold(container),
            Err(error) => {
                // What could be made of it is removed when this is reported; the first error tells more.
                let _ = held.remove().await;
                return Err(not_started(image, error));
            }
        }
        let container = Container {
            name: name.to_owned(),
            endpoint: Endpoint {
                host,
                port,
                user: login.user.clone(),
                password: login.password.clone(),
                vhost: login.vhost.clone(),
                tls: login.tls.clone(),
            },
            controls: file.control.clone(),
            values,
            start_limit: Duration::from_secs(file.start_seconds),
            log,
            held: Mutex::new(held),
        };
        let mut held = container.held.lock().await;
        if let Err(error) = container.await_answer(&held).await {
            let _ = held.remove().await;
            return Err(error);
        }
        drop(held);
        Ok(Arc::new(container))
    }

    pub fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    pub fn log_tail(&self) -> Option<String> {
        Some(self.log.tail())
    }

    /// Removes the container.
    pub async fn stop(&self) -> Result<(), TargetError> {
        self.held.lock().await.remove().await
    }

    async fn await_answer(&self, held: &Held) -> Result<(), TargetError> {
        let container = held.running()?;
        let patience = Patience::new(self.start_limit);
        loop {
            let answer = patience.ask(&self.endpoint).await;
            if !container.is_running().await.map_err(refused)? {
                let status = container.exit_code().await.map_err(refused)?;
                let said = [
                    container.stdout_to_vec().await,
                    container.stderr_to_vec().await,
                ];
                let said: Vec<u8> = said.into_iter().flatten().flatten().collect();
                return Err(TargetError::Ended {
                    program: format!("the container of {}", self.name),
                    status: status.map_or("without a status".to_owned(), |code| {
                        format!("exit status {code}")
                    }),
                    log: last_lines(&String::from_utf8_lossy(&said)),
                });
            }
            match answer {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(last) => {
                    let (name, limit, log) = (self.name.clone(), self.start_limit, self.log.tail());
                    return Err(TargetError::NotReady {
                        name,
                        limit,
                        last,
                        log,
                    });
                }
            }
        }
    }

    async fn act(&self, name: &str) -> Result<(), String> {
        let done = match self.controls.get(name) {
            None => return Err(format!("{} has no control `{name}`", self.name)),
            Some(Control::Run(words)) => return self.run(words.get_ref()).await,
            Some(Control::RestartAfter(signal)) => self.restart(*signal).await,
            Some(Control::Signal(_)) => {
                return Err(format!(
                    "{}: only a process is ordered by signals",
                    self.name
                ));
            }
        };
        done.map_err(|error| error.to_string())
    }

    async fn run(&self, words: &[Template]) -> Result<(), String> {
        let words: Vec<String> = words
            .iter()
            .map(|word| placeholder::expand(word.get_ref(), &self.values).into_owned())
            .collect();
        let line = words.join(" ");
        let held = self.held.lock().await;
        match tokio::time::timeout(CONTROL, held.execute(words)).await {
            Err(_) => Err(format!(
                "`{line}` did not end within {} s",
                CONTROL.as_secs()
            )),
            Ok(Err(error)) => Err(format!("`{line}`: {error}")),
            Ok(Ok((Some(0), _))) => Ok(()),
            Ok(Ok((_, said))) => Err(format!(
                "`{line}` failed: {}",
                last_lines(&String::from_utf8_lossy(&said))
            )),
        }
    }

    async fn restart(&self, signal: Signal) -> Result<(), TargetError> {
        let held = self.held.lock().await;
        let container = held.running()?;
        if container.is_running().await.map_err(refused)? {
            held.signal(signal).await?;
            let mut end = Instant::now() + CONTROL;
            while container.is_running().await.map_err(refused)? {
                if Instant::now() >= end {
                    held.signal(Signal::Kill).await?;
                    end += CONTROL;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        container.start().await.map_err(refused)?;
        self.await_answer(&held).await
    }
}

impl Controls for Container {
    fn offers(&self, name: &str) -> bool {
        self.controls.contains_key(name)
    }

    fn perform<'a>(&'a self, name: &'a str) -> ControlFuture<'a> {
        Box::pin(self.act(name))
    }
}

fn request(
    file: &file::Container,
    image: &str,
    values: &placeholder::Values,
    log: Arc<Log>,
) -> ContainerRequest<GenericImage> {
    let expand = |template: &Template| placeholder::expand(template.get_ref(), values).into_owned();
    let (name, tag) = split(image);
    let mut generic = GenericImage::new(name, tag).with_exposed_port(file.port.tcp());
    if let Some(entrypoint) = &file.entrypoint {
        generic = generic.with_entrypoint(entrypoint);
    }
    let mut request = generic
        .with_cmd(file.command.iter().map(&expand))
        .with_startup_timeout(ARRIVAL)
        .with_log_consumer(move |frame: &LogFrame| log.append(frame));
    for (name, value) in &file.environment {
        request = request.with_env_var(name, expand(value));
    }
    for written in &file.files {
        let target =
            CopyTargetOptions::new(written.path.get_ref()).with_mode(written.mode.unwrap_or(0o644));
        request = request.with_copy_to(target, expand(&written.text).into_bytes());
    }
    request
}

/// An image's name and tag. A colon before the last slash belongs to a registry's port.
fn split(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

fn not_started(image: &str, error: TestcontainersError) -> TargetError {
    TargetError::Engine(match &error {
        TestcontainersError::Client(ClientError::PullImage { err, .. }) => {
            format!("the image {image} is neither here nor can it be pulled: {err}")
        }
        _ => format!("no container can be made of the image {image}: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("rabbitmq", ("rabbitmq", "latest"))]
    #[case("rabbitmq:4", ("rabbitmq", "4"))]
    #[case("mqspec/rabbitmq:3.10.8", ("mqspec/rabbitmq", "3.10.8"))]
    #[case("localhost:5000/rabbitmq", ("localhost:5000/rabbitmq", "latest"))]
    #[case("localhost:5000/rabbitmq:4", ("localhost:5000/rabbitmq", "4"))]
    fn an_image_has_a_name_and_a_tag(#[case] image: &str, #[case] expected: (&str, &str)) {
        assert_eq!(split(image), expected);
    }

    #[test]
    fn only_the_end_of_a_log_is_kept() {
        let log = Log::default();
        for line in 0..2000 {
            log.append(&LogFrame::StdOut(format!("line {line}\n").into()));
        }
        let tail = log.tail();
        assert!(
            tail.starts_with("line 1980\n") && tail.ends_with("line 1999"),
            "{tail}"
        );
    }
}
