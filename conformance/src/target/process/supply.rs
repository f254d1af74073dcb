//! Further brokers started from the same target file.

use std::sync::Arc;
use std::time::Duration;

use super::Process;
use crate::run::{Instance, Supply, SupplyFuture};
use crate::target::file::File;

/// A broker that took longer to start is not started again for every case.
pub(in crate::target) const QUICK: Duration = Duration::from_secs(2);

/// Starts brokers, each with a folder and ports of its own.
pub(in crate::target) struct Further {
    pub name: String,
    pub file: File,
}

impl Supply for Further {
    fn another(&self) -> SupplyFuture<'_> {
        Box::pin(async move {
            let Some(section) = &self.file.process else {
                return Err(format!("{} is no program", self.name));
            };
            let Further { name, file } = self;
            let started = Process::start(name, section, &file.login, &file.texts()).await;
            let process: Arc<Process> = started.map_err(|error| error.to_string())?;
            Ok(Instance {
                endpoint: process.endpoint(),
                controls: process,
            })
        })
    }
}
