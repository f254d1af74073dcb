//! Whether the parts of a broker agree, for tests.

use super::Broker;
use crate::model::VirtualHost;

impl Broker {
    /// Octets held in all virtual hosts.
    pub(crate) fn octets(&self) -> u64 {
        self.hosts.iter().map(VirtualHost::octets).sum()
    }

    /// # Panics
    /// If they do not.
    pub(crate) fn audit(&self) {
        for (id, connection) in &self.connections {
            if let Some(deadline) = connection.deadline {
                assert!(
                    self.deadlines.contains(&(deadline, *id)),
                    "{id:?} is not looked at when it is due"
                );
            }
        }
        let due = self.connections.values().filter(|it| it.deadline.is_some());
        assert_eq!(self.deadlines.len(), due.count(), "deadlines of nobody");
        assert!(self.touched.is_empty(), "somebody has not been heard");
        for host in self.hosts.iter() {
            for owner in host.owners() {
                let is_there = self.connections.contains_key(&owner.into());
                assert!(is_there, "what belongs to {owner:?} is left behind");
            }
            host.audit();
        }
    }
}
