//! A store in one file of a directory, on an embedded transactional database (`redb`).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Batch, RecordId, Store, StoreError, StoredRecord};

/// The one file in the directory.
const FILE: &str = "broker.redb";

/// What the records look like. One more whenever a broker could not read what another has written.
const FORMAT: u64 = 1;

/// Octets of the file that are held in memory: the broker has everything there anyhow.
const CACHE: usize = 8 << 20;

const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");
const DELIVERED: TableDefinition<'_, u64, ()> = TableDefinition::new("delivered");

/// Records in a file. Nobody else can have the same one at the same time.
#[derive(Debug)]
pub struct DiskStore {
    path: PathBuf,
    /// Not there after a failure: then it is opened again before the next attempt.
    database: Option<Database>,
}

impl DiskStore {
    /// Opens the store of a directory. A directory that is missing or empty gets a new one.
    ///
    /// # Errors
    /// If the directory holds something else, if the file is damaged or foreign, and if somebody has it.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let io = |error| StoreError::Io {
            path: directory.to_owned(),
            error,
        };
        fs::create_dir_all(directory).map_err(io)?;
        let path = directory.join(FILE);
        let database = if path.try_exists().map_err(io)? {
            open(&path)?
        } else if fs::read_dir(directory).map_err(io)?.next().is_some() {
            return Err(StoreError::ForeignDirectory(directory.to_owned()));
        } else {
            create(directory, &path)?
        };
        Ok(Self {
            path,
            database: Some(database),
        })
    }
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    builder.set_check_integrity_on_open(true);
    builder
}

/// Opens a file that is there. An empty one has lost what it had, and is not taken for a new one.
fn open(path: &Path) -> Result<Database, StoreError> {
    let fail = |error| failure(path, error);
    let length = fs::metadata(path).map_err(|error| fail(error.into()))?;
    if length.len() == 0 {
        return Err(damaged(path, "the file is empty"));
    }
    let database = builder().open(path).map_err(|error| fail(error.into()))?;
    let found = format(&database).map_err(fail)?;
    match found {
        Some(FORMAT) => Ok(database),
        Some(found) => Err(StoreError::Format {
            path: path.to_owned(),
            found,
            expected: FORMAT,
        }),
        None => Err(damaged(path, "it is a database of another kind")),
    }
}

fn format(database: &Database) -> Result<Option<u64>, redb::Error> {
    let read = database.begin_read()?;
    match read.open_table(ABOUT) {
        Ok(about) => Ok(about.get("format")?.map(|format| format.value())),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes a new file under another name, so that a file of the right name is always a whole one.
fn create(directory: &Path, path: &Path) -> Result<Database, StoreError> {
    let fail = |error| failure(path, error);
    let make = |unfinished: &Path| -> Result<(), redb::Error> {
        let database = builder().create(unfinished)?;
        let write = database.begin_write()?;
        write.open_table(ABOUT)?.insert("format", FORMAT)?;
        write.open_table(RECORDS)?;
        write.open_table(DELIVERED)?;
        write.commit()?;
        drop(database);
        fs::rename(unfinished, path)?;
        fs::File::open(directory)?.sync_all()?;
        Ok(())
    };
    let unfinished = directory.join(format!(".{FILE}.{}", std::process::id()));
    let made = make(&unfinished);
    if made.is_err() {
        // It may not even be there; what matters is why it was not made.
        let _ = fs::remove_file(&unfinished);
    }
    made.map_err(fail)?;
    open(path)
}

impl Store for DiskStore {
    fn load(&mut self) -> Result<Vec<StoredRecord>, StoreError> {
        let fail = |error| failure(&self.path, error);
        let database = self.database.as_ref();
        let database = database.ok_or_else(|| fail(redb::Error::PreviousIo))?;
        load(database).map_err(fail)
    }

    fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let database = match &mut self.database {
            Some(database) => database,
            closed => closed.insert(open(&self.path)?),
        };
        write(database, batch).map_err(|error| {
            // After a failure nothing is to be had from a database that stays open.
            self.database = None;
            failure(&self.path, error)
        })
    }
}

fn load(database: &Database) -> Result<Vec<StoredRecord>, redb::Error> {
    let read = database.begin_read()?;
    let delivered = read.open_table(DELIVERED)?;
    let mut records = Vec::new();
    for record in read.open_table(RECORDS)?.iter()? {
        let (id, octets) = record?;
        records.push(StoredRecord {
            id: RecordId(id.value()),
            octets: Bytes::copy_from_slice(octets.value()),
            delivered: delivered.get(id.value())?.is_some(),
        });
    }
    Ok(records)
}

fn write(database: &Database, batch: &Batch) -> Result<(), redb::Error> {
    let write = database.begin_write()?;
    let mut records = write.open_table(RECORDS)?;
    for (id, pieces) in &batch.put {
        let mut place = records.insert_reserve(id.0, pieces.iter().map(Bytes::len).sum())?;
        let mut rest = place.as_mut();
        for piece in pieces {
            let (start, end) = rest.split_at_mut(piece.len());
            start.copy_from_slice(piece);
            rest = end;
        }
    }
    let mut delivered = write.open_table(DELIVERED)?;
    for id in &batch.delivered {
        delivered.insert(id.0, ())?;
    }
    for id in &batch.removed {
        records.remove(id.0)?;
    }
    for id in &batch.unmarked {
        delivered.remove(id.0)?;
    }
    drop((records, delivered));
    Ok(write.commit()?)
}

fn damaged(path: &Path, reason: impl ToString) -> StoreError {
    StoreError::Damaged {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

fn failure(path: &Path, error: redb::Error) -> StoreError {
    let io = |error| StoreError::Io {
        path: path.to_owned(),
        error,
    };
    match error {
        redb::Error::DatabaseAlreadyOpen => StoreError::InUse(path.to_owned()),
        // What is not of this kind of file is reported in this way, too.
        redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            damaged(path, error)
        }
        redb::Error::Io(error) => io(error),
        other @ (redb::Error::PreviousIo | redb::Error::DatabaseClosed) => {
            io(io::Error::other(other))
        }
        other => damaged(path, other),
    }
}
