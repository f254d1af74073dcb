//! The broker as a program: what `reference-broker` and `mqspec serve` have in common.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;

use crate::options::{LogFormat, LogLevel, Options, OptionsError};
use crate::server::{Server, StartError};

/// Why a program does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// The options are of no use.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The server does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The broker has ended by itself.
    #[error("the broker has failed by a mistake of its own: please report what it wrote before")]
    Failed,
    /// The system does not tell of signals.
    #[error("signals cannot be caught: {0}")]
    Signals(#[from] io::Error),
}

impl ProgramError {
    /// Whether it is what was asked for that is wrong, and not what is there.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Options(_))
    }
}

/// Listens, says where, and serves until SIGINT or SIGTERM; takes leave of all clients then. SIGUSR1 raises the
/// resource alarm and SIGUSR2 clears it. Needs a tokio runtime with I/O and time.
///
/// `say` gets the lines for standard output: `listening on ADDRESS` for each address once all are listened on,
/// and `alarm raised` and `alarm cleared` when that holds for whatever a client sends from then on.
///
/// # Errors
/// If the options are of no use, or an address cannot be listened on.
pub async fn run(options: Options, mut say: impl FnMut(&str)) -> Result<(), ProgramError> {
    let print = options.print_config;
    let options = options.effective()?;
    if print {
        say(options.to_toml().trim_end());
        return Ok(());
    }
    log(
        options.log.unwrap_or_default(),
        options.log_format.unwrap_or_default(),
    );
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut raise = signal(SignalKind::user_defined1())?;
    let mut clear = signal(SignalKind::user_defined2())?;
    let mut server = Server::start(options.server()).await?;
    let control = server.control();
    for address in server.addresses() {
        say(&format!("listening on {address}"));
    }
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            () = server.failed() => return Err(ProgramError::Failed),
            _ = raise.recv() => {
                control.set_alarm(true);
                say("alarm raised");
            }
            _ = clear.recv() => {
                control.set_alarm(false);
                say("alarm cleared");
            }
        }
    }
    server.shutdown().await;
    Ok(())
}

/// Writes to standard error from here on what is of so much weight.
fn log(level: LogLevel, format: LogFormat) {
    let level = match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_writer(io::stderr);
    // One that was set up before, by whoever calls this, stays.
    let _ = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
}
