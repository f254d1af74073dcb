//! What the container engine is asked beyond making a container.

use futures_util::StreamExt;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::exec::StartExecResults;
use testcontainers::bollard::models::ExecConfig;
use testcontainers::bollard::query_parameters::{
    KillContainerOptionsBuilder, RemoveContainerOptionsBuilder,
};
use testcontainers::core::client::docker_client_instance;
use testcontainers::{ContainerAsync, GenericImage, TestcontainersError};
use url::{Host, Url};

use crate::target::TargetError;
use crate::target::file::Signal;

/// A container from before it is made until it is removed. Dropping it removes it.
pub(super) struct Held {
    id: String,
    container: Option<ContainerAsync<GenericImage>>,
    removed: bool,
}

impl Held {
    /// A container that is about to be made under this name.
    pub fn new(id: &str) -> Held {
        Held {
            id: id.to_owned(),
            container: None,
            removed: false,
        }
    }

    /// It has been made.
    pub fn hold(&mut self, container: ContainerAsync<GenericImage>) {
        self.container = Some(container);
    }

    /// The container, if it has been made and is still there.
    pub fn running(&self) -> Result<&ContainerAsync<GenericImage>, TargetError> {
        let gone = || TargetError::Engine(format!("the container {} has been removed", self.id));
        self.container.as_ref().ok_or_else(gone)
    }

    /// Runs a command in it to its end: its status, and what it wrote.
    pub async fn execute(&self, words: Vec<String>) -> Result<(Option<i64>, Vec<u8>), TargetError> {
        let failed =
            |error: Error| TargetError::Engine(format!("the container {}: {error}", self.id));
        let client = client().await?;
        let config = ExecConfig {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(words),
            ..ExecConfig::default()
        };
        let made = client.create_exec(&self.id, config).await.map_err(failed)?;
        let mut said = Vec::new();
        if let StartExecResults::Attached { mut output, .. } =
            client.start_exec(&made.id, None).await.map_err(failed)?
        {
            // The end of its output is the end of the command.
            while let Some(piece) = output.next().await {
                said.extend_from_slice(&piece.map_err(failed)?.into_bytes());
            }
        }
        let result = client.inspect_exec(&made.id).await.map_err(failed)?;
        Ok((result.exit_code, said))
    }

    /// Sends its first process a signal.
    pub async fn signal(&self, signal: Signal) -> Result<(), TargetError> {
        let name = match signal {
            Signal::Term => "TERM",
            Signal::Int => "INT",
            Signal::Quit => "QUIT",
            Signal::Kill => "KILL",
            Signal::Hup => "HUP",
            Signal::Usr1 => "USR1",
            Signal::Usr2 => "USR2",
        };
        let client = client().await?;
        let options = KillContainerOptionsBuilder::default().signal(name).build();
        let sent = client.kill_container(&self.id, Some(options)).await;
        sent.map_err(|error| TargetError::Engine(format!("the container {}: {error}", self.id)))
    }

    /// Removes it, running or not.
    pub async fn remove(&mut self) -> Result<(), TargetError> {
        if self.removed {
            return Ok(());
        }
        match self.container.take() {
            Some(container) => container.rm().await.map_err(refused)?,
            None => remove(&self.id).await?,
        }
        self.removed = true;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.removed {
            return;
        }
        let (id, container) = (self.id.clone(), self.container.take());
        // There may be no runtime any more, or one that is busy with this very call.
        let removal = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.is_ok_and(|runtime| {
                runtime.block_on(async {
                    match container {
                        Some(container) => container.rm().await.is_ok(),
                        None => remove(&id).await.is_ok(),
                    }
                })
            })
        });
        if !removal.join().unwrap_or(false) {
            eprintln!("the container {} may have stayed behind", self.id);
        }
    }
}

/// Removes a container of which only the name is known, if it exists.
async fn remove(id: &str) -> Result<(), TargetError> {
    let client = client().await?;
    let options = RemoveContainerOptionsBuilder::default()
        .force(true)
        .v(true)
        .build();
    match client.remove_container(id, Some(options)).await {
        Ok(())
        | Err(Error::DockerResponseServerError {
            status_code: 404, ..
        }) => Ok(()),
        Err(error) => Err(TargetError::Engine(format!(
            "the container {id} cannot be removed: {error}"
        ))),
    }
}

async fn client() -> Result<Docker, TargetError> {
    docker_client_instance()
        .await
        .map_err(|error| no_engine(&error.to_string()))
}

/// Finds out whether there is an engine.
pub(super) async fn greet() -> Result<(), TargetError> {
    match client().await?.ping().await {
        Ok(_) => Ok(()),
        Err(error) => Err(no_engine(&error.to_string())),
    }
}

/// The host of an engine that runs on another machine: there, loopback is out of this machine's reach.
pub(super) fn host() -> Option<String> {
    let url = Url::parse(&std::env::var("DOCKER_HOST").ok()?).ok()?;
    let local = match url.host()? {
        Host::Domain(name) => name.is_empty() || name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    (!local && matches!(url.scheme(), "tcp" | "http" | "https"))
        .then(|| url.host_str().map(str::to_owned))?
}

fn no_engine(why: &str) -> TargetError {
    let place = std::env::var("DOCKER_HOST").unwrap_or_else(|_| "the default socket".to_owned());
    TargetError::Engine(format!(
        "no container engine answers at {place}: {why}; start Docker or Podman's service, set DOCKER_HOST, \
         or use --via process"
    ))
}

pub(super) fn refused(error: TestcontainersError) -> TargetError {
    TargetError::Engine(format!("the container engine refuses: {error}"))
}
