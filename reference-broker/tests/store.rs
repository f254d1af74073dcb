//! The store on disk, and what it refuses.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use reference_broker::store::{
    Batch, DiskStore, Position, RecordId, Store, StoreError, StoredRecord,
};
use rstest::rstest;
use tempfile::TempDir;

const FILE: &str = "broker.redb";

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory for tests")
}

fn open(directory: &TempDir) -> DiskStore {
    DiskStore::open(directory.path()).expect("a store")
}

fn refusal(directory: &Path) -> String {
    let error = DiskStore::open(directory).map(drop).expect_err("a refusal");
    error.to_string()
}

fn batch(put: &[(u64, &'static str)], delivered: &[u64], removed: &[u64]) -> Batch {
    let ids = |ids: &[u64]| ids.iter().map(|id| RecordId(*id)).collect();
    let put = put.iter().map(|(id, text)| {
        let (start, end) = text.split_at(1);
        (RecordId(*id), vec![Bytes::from(start), Bytes::from(end)])
    });
    Batch {
        position: Position::default(),
        put: put.collect(),
        delivered: ids(delivered),
        removed: ids(removed),
        unmarked: ids(removed),
    }
}

fn record(id: u64, text: &'static str, delivered: bool) -> StoredRecord {
    StoredRecord {
        id: RecordId(id),
        octets: Bytes::from(text),
        delivered,
    }
}

#[test]
fn what_is_written_is_there_when_it_is_opened_again() {
    let directory = directory();
    let mut store = open(&directory);
    let first = batch(&[(1, "one"), (2, "two"), (3, "three")], &[1, 2], &[]);
    store.write(&first).expect("written");
    let second = batch(&[(10, "ten")], &[3], &[2]);
    store.write(&second).expect("written");
    drop(store);
    let expected = [
        record(1, "one", true),
        record(3, "three", true),
        record(10, "ten", false),
    ];
    assert_eq!(open(&directory).load().expect("records"), expected);
}

#[test]
fn a_directory_is_made_and_holds_one_file() {
    let directory = directory();
    let nested = directory.path().join("a/b");
    let store = DiskStore::open(&nested).expect("a store");
    let names = fs::read_dir(&nested).expect("a directory");
    let names: Vec<_> = names.map(|it| it.expect("an entry").file_name()).collect();
    assert_eq!(names, [FILE]);
    drop(store);
}

#[test]
fn two_brokers_do_not_share_a_store() {
    let directory = directory();
    let _store = open(&directory);
    let error = DiskStore::open(directory.path()).expect_err("a refusal");
    assert!(matches!(error, StoreError::InUse(_)), "{error}");
}

#[test]
fn a_directory_of_somebody_else_is_refused() {
    let directory = directory();
    fs::write(directory.path().join("thesis.txt"), "…").expect("written");
    let refusal = refusal(directory.path());
    assert!(refusal.contains("holds other files"), "{refusal}");
}

#[rstest]
#[case::empty(|_: Vec<u8>| Vec::new())]
#[case::foreign(|_: Vec<u8>| b"a text, and no store".repeat(1000))]
#[case::short(|octets: Vec<u8>| octets[..octets.len() / 3].to_vec())]
#[case::zeroed(|octets: Vec<u8>| vec![0; octets.len()])]
fn a_file_that_is_no_store_is_refused_and_left_alone(#[case] damage: fn(Vec<u8>) -> Vec<u8>) {
    let directory = directory();
    let path = directory.path().join(FILE);
    let mut store = open(&directory);
    store
        .write(&batch(&[(1, "one")], &[], &[]))
        .expect("written");
    drop(store);
    let damaged = damage(fs::read(&path).expect("a file"));
    fs::write(&path, &damaged).expect("written");
    let refusal = refusal(directory.path());
    assert!(
        refusal.contains("is damaged or was not written by this broker"),
        "{refusal}"
    );
    assert!(refusal.contains("move it away"), "{refusal}");
    assert_eq!(fs::read(&path).expect("a file"), damaged);
}

/// Whatever octet of a record changes, the store says so, and does not hand out something else.
#[test]
fn a_record_that_has_changed_on_disk_is_noticed() {
    let directory = directory();
    let path = directory.path().join(FILE);
    let mut store = open(&directory);
    let text = "a text that is nowhere else in this file";
    store
        .write(&batch(&[(1, text)], &[], &[]))
        .expect("written");
    drop(store);
    let mut octets = fs::read(&path).expect("a file");
    let mut places: Vec<usize> = Vec::new();
    for (at, window) in octets.windows(text.len()).enumerate() {
        if window == text.as_bytes() {
            places.push(at);
        }
    }
    assert!(!places.is_empty());
    for at in places {
        octets[at + 7] ^= 1;
    }
    fs::write(&path, octets).expect("written");
    let refusal = refusal(directory.path());
    assert!(refusal.contains("is damaged"), "{refusal}");
}
