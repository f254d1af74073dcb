//! What the adapters of Rust have in common: the task in, one line of JSON out.

use std::fmt::Display;

pub const QUEUE: &str = "mqspec";
pub const SECOND: &str = "mqspec-2";
const LOCK: &str = include_str!("../../Cargo.lock");

/// What is to be done.
pub struct Task {
    pub word: String,
    pub count: usize,
    /// What is published.
    pub bodies: Vec<Vec<u8>>,
}

impl Task {
    pub fn read() -> Task {
        let task = std::env::var("MQSPEC_TASK").expect("MQSPEC_TASK");
        let mut words = task.split(' ');
        let word = words.next().unwrap_or_default().to_owned();
        let mut number = || words.next().and_then(|it| it.parse::<usize>().ok());
        let (count, size) = (number().unwrap_or(1), number());
        let body = |place: usize| match size {
            Some(size) => vec![b'x'; size],
            None => format!("m{place}").into_bytes(),
        };
        let bodies = (1..=count).map(body).collect();
        Task {
            word,
            count,
            bodies,
        }
    }
}

/// Where the broker is.
pub fn url() -> String {
    std::env::var("MQSPEC_URL").expect("MQSPEC_URL")
}

/// Tells how it ended, and ends: whatever waits for something that will not come is left behind.
pub async fn answer(client: &str, result: Result<(), impl Display>, received: &[Vec<u8>]) -> ! {
    let package = format!("name = \"{client}\"\nversion = \"");
    let version = LOCK
        .split_once(&package)
        .and_then(|(_, rest)| rest.split_once('"'));
    let texts: Vec<_> = received
        .iter()
        .map(|body| String::from_utf8_lossy(body))
        .collect();
    if result.is_err() {
        // The client may be about to say its last word.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    let (result, detail) = match result {
        Ok(()) => ("done", String::new()),
        Err(error) => ("error", error.to_string()),
    };
    let line = serde_json::json!({
        "result": result,
        "detail": detail,
        "messages": texts,
        "version": version.map(|(version, _)| version),
    });
    println!("{line}");
    std::process::exit(0)
}
