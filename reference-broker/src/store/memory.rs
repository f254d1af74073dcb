//! A store that lasts as long as the program: for tests, and to pass what one broker leaves on to the next.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Batch, RecordId, Store, StoreError, StoredRecord};

/// Records in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    records: BTreeMap<RecordId, (Bytes, bool)>,
}

impl MemoryStore {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl Store for MemoryStore {
    fn load(&mut self) -> Result<Vec<StoredRecord>, StoreError> {
        let stored = |(id, (octets, delivered)): (&RecordId, &(Bytes, bool))| StoredRecord {
            id: *id,
            octets: octets.clone(),
            delivered: *delivered,
        };
        Ok(self.records.iter().map(stored).collect())
    }

    fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        for (id, pieces) in &batch.put {
            self.records.insert(*id, (pieces.concat().into(), false));
        }
        for id in &batch.delivered {
            if let Some((_, delivered)) = self.records.get_mut(id) {
                *delivered = true;
            }
        }
        for id in &batch.removed {
            self.records.remove(id);
        }
        Ok(())
    }
}
