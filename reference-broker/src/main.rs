//! The reference broker as a program: listens, says where, and serves until SIGINT or SIGTERM.

use std::process::ExitCode;

use clap::Parser;
use reference_broker::options::Options;
use reference_broker::server::Server;
use tokio::signal::unix::{SignalKind, signal};

/// A small, exact AMQP 0-9-1 broker in memory.
///
/// SIGUSR1 raises the resource alarm, SIGUSR2 clears it: `alarm raised` or `alarm cleared` is printed when that holds for
/// whatever a client sends from then on. SIGINT and SIGTERM end the program, after it has taken leave of its clients.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 80)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Arguments::parse().options;
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut raise = signal(SignalKind::user_defined1())?;
    let mut clear = signal(SignalKind::user_defined2())?;
    let server = Server::start(options.config()).await?;
    let control = server.control();
    for address in server.addresses() {
        println!("listening on {address}");
    }
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = raise.recv() => {
                control.set_alarm(true);
                println!("alarm raised");
            }
            _ = clear.recv() => {
                control.set_alarm(false);
                println!("alarm cleared");
            }
        }
    }
    server.shutdown().await;
    Ok(())
}
