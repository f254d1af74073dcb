//! Running brokers of a target: the one under test, and further ones of the same kind.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::shell::{Controls, Endpoint};

/// A running broker.
#[derive(Clone)]
pub struct Instance {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// What can be done to it.
    pub controls: Arc<dyn Controls>,
}

/// What starting a further broker came to.
pub type SupplyFuture<'a> = Pin<Box<dyn Future<Output = Result<Instance, String>> + Send + 'a>>;

/// Starts further brokers of the kind under test. A broker that fails as a whole takes every case with it that runs
/// beside the culprit; with a broker of its own, a case fails by itself.
pub trait Supply: Send + Sync {
    /// Starts one that shares nothing with any other, and waits until it answers.
    fn another(&self) -> SupplyFuture<'_>;
}
