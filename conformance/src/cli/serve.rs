//! `mqspec serve`

use reference_broker::server::Server;

use super::args::Serve;
use super::failure::Failure;
use super::output::Output;
use super::runtime;
use super::signals::Stop;

pub fn run(asked: &Serve, output: &mut Output) -> Result<u8, Failure> {
    runtime()?.block_on(async {
        let mut stop = Stop::catch()?;
        let refused =
            |error: reference_broker::server::StartError| Failure::target(error.to_string());
        let server = Server::start(asked.options.config())
            .await
            .map_err(refused)?;
        for address in server.addresses() {
            output.line(format!("listening on {address}"));
        }
        stop.asked().await;
        server.shutdown().await;
        Ok(0)
    })
}
