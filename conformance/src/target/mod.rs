//! How a broker is reached and controlled: embedded, at a URL, as a process, in a container.
//!
//! - `address`: a broker's URL
//! - `embedded`: the reference broker within this program

mod address;
mod embedded;
mod error;

use std::fmt;
use std::sync::Arc;

use crate::run::{ControlFuture, Controls, Deviation, Endpoint};

use self::embedded::Embedded;
pub use self::error::TargetError;

/// How a broker is had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// The reference broker within this program.
    Embedded,
    /// A broker that runs already.
    Url,
    /// A program of this machine, started for the run.
    Process,
    /// A container, started for the run.
    Container,
}

impl Via {
    /// The name in options and reports.
    pub fn name(self) -> &'static str {
        match self {
            Via::Embedded => "embedded",
            Via::Url => "url",
            Via::Process => "process",
            Via::Container => "container",
        }
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which broker is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Nothing for the embedded broker, a URL, the name of a known target, or the path of a target file.
    pub target: Option<String>,
    /// How it is to be had; by default the first way that its file describes.
    pub via: Option<Via>,
    /// The container image, `NAME:TAG`, in place of the target file's.
    pub image: Option<String>,
    /// The known target, or target file, whose deviations a broker at a URL is forgiven.
    pub as_target: Option<String>,
}

/// A broker that can be tested. Dropping it ends what was started for it, at once and roughly.
pub struct Started {
    /// The target's name, or its URL without the password.
    pub name: String,
    /// How it was had.
    pub via: Via,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// What can be done to it.
    pub controls: Arc<dyn Controls>,
    /// How it is known to depart from the text.
    pub deviations: Vec<Deviation>,
    /// Further variables of scripts, such as a second user.
    pub variables: Vec<(String, String)>,
    running: Running,
}

/// What has to be stopped.
enum Running {
    Elsewhere,
    Embedded(Embedded),
}

impl Started {
    /// Ends what was started for the run, and waits until it has gone.
    ///
    /// # Errors
    /// If something of it stays behind.
    pub async fn stop(self) -> Result<(), TargetError> {
        match self.running {
            Running::Elsewhere => {}
            Running::Embedded(broker) => broker.stop().await,
        }
        Ok(())
    }

    /// The last lines that the broker wrote, if it was started for this run and writes any.
    pub fn log_tail(&self) -> Option<String> {
        None
    }
}

/// Makes a broker available.
///
/// # Errors
/// See [`TargetError::is_usage`].
pub async fn start(request: &Request) -> Result<Started, TargetError> {
    match request.target.as_deref() {
        None | Some("reference") => {
            let broker = Embedded::start().await?;
            Ok(Started {
                name: "reference".to_owned(),
                via: Via::Embedded,
                endpoint: broker.endpoint(),
                controls: Arc::new(broker.controls()),
                deviations: Vec::new(),
                variables: broker.variables(),
                running: Running::Embedded(broker),
            })
        }
        Some(url) if address::looks_like_url(url) => {
            let endpoint = address::parse(url)?;
            Ok(Started {
                name: address::shown(&endpoint),
                via: Via::Url,
                endpoint,
                controls: Arc::new(NoControls),
                deviations: Vec::new(),
                variables: Vec::new(),
                running: Running::Elsewhere,
            })
        }
        Some(name) => {
            Err(TargetError::Unknown { name: name.to_owned(), suggestion: None, known: names() })
        }
    }
}

/// The known targets, sorted.
pub fn names() -> Vec<String> {
    vec!["reference".to_owned()]
}

/// A broker that others run.
struct NoControls;

impl Controls for NoControls {
    fn offers(&self, _: &str) -> bool {
        false
    }

    fn perform<'a>(&'a self, name: &'a str) -> ControlFuture<'a> {
        Box::pin(async move { Err(format!("a broker at a URL has no control `{name}`")) })
    }
}
