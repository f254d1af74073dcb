//! The broker as a process of its own: this program, asked to serve.

use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use reference_broker::server::{Config, Server};

/// The argument that asks this program to be the broker of a directory.
pub const SERVE: &str = "serve";

const READY: &str = "listening on ";

/// A running broker; killed when dropped.
pub struct Broker {
    child: Child,
    address: SocketAddr,
}

impl Broker {
    /// Starts a broker on a directory, and waits until it listens.
    pub fn start(directory: &Path) -> io::Result<Self> {
        let mut child = spawn(directory)?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line
            .trim_end()
            .strip_prefix(READY)
            .and_then(|it| it.parse().ok());
        match address {
            Some(address) => Ok(Self { child, address }),
            None => {
                let status = child.wait()?;
                Err(io::Error::other(format!(
                    "the broker did not start: {status}"
                )))
            }
        }
    }

    /// Starts one, and kills it whatever it is doing after that time.
    pub fn start_and_kill(directory: &Path, after: Duration) -> io::Result<()> {
        let mut child = spawn(directory)?;
        std::thread::sleep(after);
        child.kill()?;
        child.wait().map(drop)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it with SIGKILL.
    pub fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(directory: &Path) -> io::Result<Child> {
    Command::new(std::env::current_exe()?)
        .arg(SERVE)
        .arg(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
}

/// Serves until killed.
pub fn serve(directory: Option<&str>) -> ExitCode {
    let config = Config {
        data_dir: directory.map(Into::into),
        ..Config::default()
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(async {
        match Server::start(config).await {
            Ok(server) => {
                println!("{READY}{}", server.address());
                std::future::pending::<ExitCode>().await
            }
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        }
    })
}
