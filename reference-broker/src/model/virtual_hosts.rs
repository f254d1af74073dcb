//! All virtual hosts of a broker. They are there from the beginning to the end.

use super::VirtualHost;

/// One of the virtual hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HostId(usize);

/// The virtual hosts by name, each of which is looked up once for a connection (CON-06).
#[derive(Debug)]
pub(crate) struct VirtualHosts(Vec<(String, VirtualHost)>);

impl VirtualHosts {
    /// Hosts of these names, in the order of the names and each once.
    pub(crate) fn new<'a>(
        names: impl IntoIterator<Item = &'a String>,
        host: impl Fn() -> VirtualHost,
    ) -> Self {
        let mut names: Vec<String> = names.into_iter().cloned().collect();
        names.sort_unstable();
        names.dedup();
        Self(names.into_iter().map(|name| (name, host())).collect())
    }

    pub(crate) fn find(&self, name: &str) -> Option<HostId> {
        let place = self.0.binary_search_by(|(its, _)| its.as_str().cmp(name));
        place.ok().map(HostId)
    }

    pub(crate) fn get_mut(&mut self, id: HostId) -> Option<&mut VirtualHost> {
        self.0.get_mut(id.0).map(|(_, host)| host)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &VirtualHost> {
        self.0.iter().map(|(_, host)| host)
    }

    /// Every one, and its name.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut VirtualHost)> {
        self.0.iter_mut().map(|(name, host)| (name.as_str(), host))
    }
}
