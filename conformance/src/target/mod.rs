//! How a broker is reached and controlled: embedded, at a URL, as a process, in a container.
//!
//! - `file`, `check`, `placeholder`: what a target file says, and what is wrong with it
//! - `extension`: a target file that extends another
//! - `known`: the targets that have a name; [`template()`]: a file to start from
//! - `address`: a broker's URL
//! - `embedded`: the reference broker within this program
//! - `process`: a program of this machine
//! - `container`: a container
//! - `ready`, `ports`: whether a broker answers, and where it may listen

mod address;
mod check;
#[cfg(feature = "containers")]
mod container;
mod embedded;
mod error;
mod extension;
mod file;
mod known;
mod placeholder;
mod ports;
mod process;
mod ready;
#[cfg(test)]
mod schema;
mod template;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use toml::Spanned;

use crate::dialect::Datum;
use crate::oracle;
use crate::run::{ControlFuture, Controls, Deviation, Endpoint, Supply, Tls, TlsOptions};

use self::embedded::Embedded;
pub use self::embedded::configure;
pub use self::error::TargetError;
use self::file::{File, Login};
use self::placeholder::Values;
use self::process::{Further, Process, QUICK};
pub use self::template::{SCHEMA, SCHEMA_FILE, template};

/// How a broker is had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// How TLS is spoken; what is not said here is said by the target's file.
    pub tls: TlsOptions,
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
    /// Where further brokers of the kind are had, if they start quickly.
    pub supply: Option<Arc<dyn Supply>>,
    /// How it is known to depart from the text.
    pub deviations: Vec<Deviation>,
    /// Where it is known to part from the reference broker in exchanges that are made up.
    pub differences: Vec<oracle::Known>,
    /// The versions of the broker that the list was compared with.
    pub compared: Vec<String>,
    /// Further variables of scripts, such as a second user.
    pub variables: Vec<(String, Datum)>,
    running: Running,
}

/// What has to be stopped.
enum Running {
    Elsewhere,
    Embedded(Embedded),
    Process(Arc<Process>),
    #[cfg(feature = "containers")]
    Container(Arc<container::Container>),
}

impl Started {
    /// Ends what was started for the run, and waits until it has gone.
    ///
    /// # Errors
    /// If something of it stays behind.
    pub async fn stop(self) -> Result<(), TargetError> {
        match self.running {
            Running::Elsewhere => Ok(()),
            Running::Embedded(broker) => {
                broker.stop().await;
                Ok(())
            }
            Running::Process(process) => process.stop().await,
            #[cfg(feature = "containers")]
            Running::Container(container) => container.stop().await,
        }
    }

    /// The last lines that the broker wrote, if it was started for this run and writes any.
    pub fn log_tail(&self) -> Option<String> {
        match &self.running {
            Running::Elsewhere | Running::Embedded(_) => None,
            Running::Process(process) => process.log_tail(),
            #[cfg(feature = "containers")]
            Running::Container(container) => container.log_tail(),
        }
    }
}

impl fmt::Debug for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Endpoint { host, port, .. } = &self.endpoint;
        write!(f, "{} via {} on {host}:{port}", self.name, self.via)
    }
}

/// The target that is tested when none is asked for.
const DEFAULT: &str = "reference";

/// Makes a broker available. Needs a tokio runtime with I/O and time, which has to last until the broker is stopped.
///
/// # Errors
/// See [`TargetError::is_usage`].
pub async fn start(request: &Request) -> Result<Started, TargetError> {
    let target = request.target.as_deref().unwrap_or(DEFAULT);
    if address::looks_like_url(target) {
        return at_url(target, request);
    }
    let (name, mut file) = known::find(target)?;
    if request.as_target.is_some() {
        let why = format!(
            "only a broker at a URL can be weighed as another; {name} has deviations of its own"
        );
        return Err(TargetError::Conflict(why));
    }
    let offered = file.offered();
    let asked = request
        .via
        .or(request.image.as_ref().map(|_| Via::Container))
        .or(offered.first().copied());
    let via = match asked {
        Some(via) if offered.contains(&via) => via,
        asked => {
            return Err(TargetError::NotOffered {
                name,
                via: asked.unwrap_or(Via::Url),
                offered,
            });
        }
    };
    refuse_image(request, via)?;
    let url = file.url.as_ref().map(Spanned::get_ref);
    let speaks = match via {
        Via::Embedded => false,
        Via::Url => url.is_some_and(|url| address::wants_tls(url)),
        Via::Process | Via::Container => file.tls.is_some(),
    };
    let said = file.tls.as_ref().map(|tls| tls.get_ref().clone());
    file.login.tls = tls(request, speaks, &said.unwrap_or_default())?;
    match via {
        Via::Embedded => {
            let broker = Embedded::start(&file.texts()).await?;
            let (endpoint, controls) = (broker.endpoint(), Arc::new(broker.controls()));
            Ok(Started::new(
                name,
                via,
                endpoint,
                controls,
                Running::Embedded(broker),
                &file,
            ))
        }
        Via::Url => {
            let url = file.url.as_ref().map_or("", |url| url.get_ref());
            let endpoint = Endpoint {
                tls: file.login.tls.clone(),
                ..address::parse(url)?
            };
            Ok(Started::new(
                name,
                via,
                endpoint,
                Arc::new(NoControls),
                Running::Elsewhere,
                &file,
            ))
        }
        Via::Process => {
            let Some(section) = &file.process else {
                return Err(TargetError::NotOffered { name, via, offered });
            };
            let began = Instant::now();
            let process = Process::start(&name, section, &file.login, &file.texts()).await?;
            let quick = began.elapsed() <= QUICK;
            let (endpoint, controls) = (process.endpoint(), process.clone());
            let started = Started::new(
                name.clone(),
                via,
                endpoint,
                controls,
                Running::Process(process),
                &file,
            );
            let supply = quick.then(|| Arc::new(Further { name, file }) as Arc<dyn Supply>);
            Ok(Started { supply, ..started })
        }
        Via::Container => contained(name, &file, request.image.as_deref()).await,
    }
}

/// Whether a request can be meant at all: whether its URL is one, its target is known and is had in the way that is
/// asked for. Nothing is started or reached.
///
/// # Errors
/// A request that [`start`] would refuse as well.
pub fn examine(request: &Request) -> Result<(), TargetError> {
    let target = request.target.as_deref().unwrap_or(DEFAULT);
    if address::looks_like_url(target) {
        return address::parse(target).map(|_| ());
    }
    let (name, file) = known::find(target)?;
    let offered = file.offered();
    match request.via {
        Some(via) if !offered.contains(&via) => Err(TargetError::NotOffered { name, via, offered }),
        _ => Ok(()),
    }
}

/// A broker that runs already.
fn at_url(url: &str, request: &Request) -> Result<Started, TargetError> {
    let mut endpoint = address::parse(url)?;
    endpoint.tls = tls(request, address::wants_tls(url), &TlsOptions::default())?;
    if request.via.is_some_and(|via| via != Via::Url) {
        let via = request.via.unwrap_or(Via::Url);
        return Err(TargetError::Conflict(format!(
            "what a URL names runs already: it cannot be reached via {via}"
        )));
    }
    refuse_image(request, Via::Url)?;
    let (deviations, differences, compared) = match &request.as_target {
        Some(name) => {
            let file = known::find(name)?.1;
            (file.deviations(), file.differences(), file.compared())
        }
        None => Default::default(),
    };
    Ok(Started {
        name: address::shown(&endpoint),
        via: Via::Url,
        endpoint,
        controls: Arc::new(NoControls),
        supply: None,
        deviations,
        differences,
        compared,
        variables: Vec::new(),
        running: Running::Elsewhere,
    })
}

#[cfg(feature = "containers")]
async fn contained(name: String, file: &File, image: Option<&str>) -> Result<Started, TargetError> {
    let Some(section) = &file.container else {
        return Err(TargetError::NotOffered {
            name,
            via: Via::Container,
            offered: file.offered(),
        });
    };
    let container =
        container::Container::start(&name, section, image, &file.login, &file.texts()).await?;
    let (endpoint, controls) = (container.endpoint(), container.clone());
    Ok(Started::new(
        name,
        Via::Container,
        endpoint,
        controls,
        Running::Container(container),
        file,
    ))
}

#[cfg(not(feature = "containers"))]
async fn contained(name: String, _: &File, _: Option<&str>) -> Result<Started, TargetError> {
    let why = format!(
        "{name} cannot be started as a container: this mqspec was built without the feature `containers`"
    );
    Err(TargetError::Engine(why))
}

/// How TLS is spoken to a target, if it speaks any.
fn tls(request: &Request, speaks: bool, file: &TlsOptions) -> Result<Option<Tls>, TargetError> {
    if speaks {
        let options = request.tls.clone().or(file);
        return Tls::new(&options).map(Some).map_err(TargetError::Tls);
    }
    match request.tls == TlsOptions::default() {
        true => Ok(None),
        false => Err(TargetError::Conflict(
            "the options of TLS are of no use here: TLS is spoken to a URL that begins with amqps://, or to a target whose file has a section [tls]"
                .to_owned(),
        )),
    }
}

fn refuse_image(request: &Request, via: Via) -> Result<(), TargetError> {
    match &request.image {
        Some(image) if via != Via::Container => {
            let why =
                format!("the image {image} is of no use to a target that is reached via {via}");
            Err(TargetError::Conflict(why))
        }
        _ => Ok(()),
    }
}

impl Started {
    fn new(
        name: String,
        via: Via,
        endpoint: Endpoint,
        controls: Arc<dyn Controls>,
        running: Running,
        file: &File,
    ) -> Started {
        let (deviations, variables) = (file.deviations(), file.variables());
        Started {
            name,
            via,
            endpoint,
            controls,
            supply: None,
            deviations,
            differences: file.differences(),
            compared: file.compared(),
            variables,
            running,
        }
    }
}

/// The known targets, sorted.
pub fn names() -> Vec<String> {
    known::names()
}

/// What a target's file tells about it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// One sentence for a person.
    pub about: String,
    /// How it can be had.
    pub ways: Vec<Via>,
    /// How many deviations are listed.
    pub deviations: usize,
    /// The versions of the broker that the list was compared with.
    pub versions: Vec<String>,
}

/// What is known of each target, sorted by name.
///
/// # Errors
/// None in a released binary: a test proves the embedded files well-formed.
pub fn known() -> Result<Vec<Known>, TargetError> {
    known::all()
}

/// What is known of one target, and its known deviations: of a known name, or of a file.
///
/// # Errors
/// A name that is none, a file that cannot be read or is against its format.
pub fn look_up(target: &str) -> Result<(Known, Vec<Deviation>), TargetError> {
    known::look_up(target)
}

/// What placeholders stand for in every target that is started.
fn values(login: &Login, variables: &BTreeMap<String, String>, host: &str) -> Values {
    let mut values = variables.clone();
    let texts = [
        ("user", login.user.as_str()),
        ("password", &login.password),
        ("vhost", &login.vhost),
        ("host", host),
    ];
    values.extend(texts.map(|(name, value)| (name.to_owned(), value.to_owned())));
    values.insert("secret".to_owned(), ports::secret());
    values
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
