//! `mqspec serve`

use reference_broker::NameRule;
use reference_broker::server::{Config, Server};

use super::args::Serve;
use super::failure::Failure;
use super::output::Output;
use super::runtime;
use super::signals::Stop;

pub fn run(asked: &Serve, output: &mut Output) -> Result<u8, Failure> {
    let mut config = Config {
        listen: asked.listen,
        ..Config::default()
    };
    if asked.any_names {
        config.broker.names = NameRule::Any;
    }
    runtime()?.block_on(async {
        let mut stop = Stop::catch()?;
        let refused = |error| Failure::target(format!("{}: {error}", asked.listen));
        let server = Server::start(config).await.map_err(refused)?;
        output.line(format!("listening on {}", server.address()));
        stop.asked().await;
        server.shutdown().await;
        Ok(0)
    })
}
