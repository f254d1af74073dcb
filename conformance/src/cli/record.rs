//! `mqspec record`

use std::fs::File;
use std::io::{self, Write};

use chrono::Utc;
use mqspec::diagram::diagram;
use mqspec::dialect::Secrets;
use mqspec::record::{Book, Proxy, Scribe, Sum};
use mqspec::report::layout::counted;
use mqspec::target::{self, Request};
use serde_json::json;

use super::args::Record;
use super::failure::Failure;
use super::filters::dialect;
use super::output::Output;
use super::runtime;
use super::signals::Stop;
use super::sink::Sink;

pub fn run(asked: &Record, output: &mut Output) -> Result<u8, Failure> {
    let json = asked.json.as_deref().map(|path| Sink::open("--json", path));
    let diagram = asked
        .diagram
        .as_deref()
        .map(|path| Sink::open("--diagram", path));
    let (json, diagram) = (json.transpose()?, diagram.transpose()?);
    Sink::apart(json.iter().chain(diagram.iter()))?;
    let script_to_stdout = asked.out.as_deref().is_none_or(|path| path == "-");
    let data = script_to_stdout || json.iter().chain(diagram.iter()).any(Sink::is_stdout);
    if data {
        output.give_way();
    }
    let file: Box<dyn Write> = match asked.out.as_deref() {
        None | Some("-") => Box::new(io::stdout()),
        Some(path) => {
            let made = File::create(path);
            Box::new(made.map_err(|error| Failure::file(path, &error))?)
        }
    };
    runtime()?.block_on(record(asked, file, json, diagram, output))
}

async fn record(
    asked: &Record,
    file: Box<dyn Write>,
    json: Option<Sink>,
    diagram_sink: Option<Sink>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let mut stop = Stop::catch()?;
    let request = Request {
        target: Some(asked.to.clone()),
        tls: asked.tls.options(),
        ..Request::default()
    };
    let started = target::start(&request).await?;
    let broker = started.name.clone();
    let proxy = Proxy::listen(&asked.listen, started.endpoint.clone()).await;
    let proxy = proxy.map_err(|error| Failure::usage(format!("--listen {error}")))?;
    let address = proxy.address();
    let address = address.map_err(|error| Failure::target(error.to_string()))?;
    let secrets = match asked.keep_secrets {
        true => Secrets::Kept,
        false => Secrets::Masked,
    };
    let title = format!(
        "What clients at {address} and {broker} said to each other, recorded on {}",
        Utc::now().format("%Y-%m-%d at %H:%M:%S UTC")
    );
    let scribe = Scribe::new(dialect(), secrets, asked.longest);
    let unwritten = |error: io::Error| Failure::file(asked.out.as_deref().unwrap_or("-"), &error);
    let book = Book::begin(
        scribe,
        dialect().name(),
        &title,
        file,
        diagram_sink.is_some(),
    );
    let mut book = book.map_err(unwritten)?;
    output.line(format!("listening on {address}, for {broker}"));
    let mut happenings = proxy.carry(asked.connections);
    loop {
        tokio::select! {
            happening = happenings.recv() => match happening {
                Some(happening) => book.note(&happening).map_err(unwritten)?,
                None => break,
            },
            _ = stop.asked() => break,
        }
    }
    // What has passed by already is worth as much.
    while let Ok(happening) = happenings.try_recv() {
        book.note(&happening).map_err(unwritten)?;
    }
    let (case, sum) = book.finish().map_err(unwritten)?;
    drop(happenings);
    if let Some(sink) = diagram_sink {
        let rows: String = diagram(&case)
            .iter()
            .map(|row| format!("{row}\n"))
            .collect();
        sink.write(&rows, output)?;
    }
    if let Some(sink) = json {
        let told = json!({ "schema": 1, "broker": broker, "script": asked.out, "sum": sum });
        sink.write(&format!("{told:#}\n"), output)?;
    }
    tell(asked, &sum, output);
    started.stop().await?;
    Ok(0)
}

fn tell(asked: &Record, sum: &Sum, output: &mut Output) {
    for connection in &sum.connections {
        output.line(format!(
            "{}  {}: {} to the broker, {} to the client; {}",
            connection.name,
            connection.client,
            counted(connection.to_broker as usize, "octet"),
            counted(connection.to_client as usize, "octet"),
            connection.end
        ));
    }
    let connections = counted(sum.connections.len(), "connection");
    output.line(format!(
        "{connections}, {} recorded",
        counted(sum.commands, "command")
    ));
    if let Some(out) = asked.out.as_deref().filter(|out| *out != "-") {
        output.line(format!("\n  mqspec check {out}"));
    }
}
