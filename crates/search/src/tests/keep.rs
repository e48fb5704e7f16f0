//! What the index keeps: one document an id, its position, nothing of what was deleted.

use std::fs;
use std::path::Path;

use super::build::{Bed, But, LOG, add, at, day_of, id, said, settings};
use crate::{Checkpoint, Index, Opened, SCHEMA};

#[test]
fn a_feedback_that_comes_twice_is_one_document_and_the_later_version_wins() {
    let bed = Bed::new();
    let mut writer = bed.index.writer().unwrap();
    let old = said("1", "the parcel is late");
    let new = said("1", "the parcel came").version(1, 2);
    assert!(writer.upsert(&old, day_of(&old)).unwrap());
    assert!(!writer.upsert(&old, day_of(&old)).unwrap());
    assert!(writer.upsert(&new, day_of(&new)).unwrap());
    assert!(!writer.upsert(&old, day_of(&old)).unwrap());
    assert_eq!(writer.pending(), 2);
    assert!(writer.pending_bytes() > "the parcel is late".len() * 2);
    writer.commit(&at(4)).unwrap();
    assert_eq!((writer.pending(), writer.pending_bytes(), bed.index.count()), (0, 0, 1));
    assert_eq!(bed.found("parcel"), ["1"]);
    assert!(bed.found("late").is_empty());
    let newest = said("1", "no matter").version(2, 0);
    writer.upsert(&newest, day_of(&newest)).unwrap();
    writer.commit(&at(5)).unwrap();
    assert_eq!((bed.found(""), bed.index.count()), (vec!["1".to_owned()], 1));
}

#[test]
fn a_deletion_takes_the_document_and_outlives_a_restart() {
    let bed = Bed::with(&[said("1", "parcel"), said("2", "parcel")]);
    let mut writer = bed.index.writer().unwrap();
    let gone = said("1", "parcel").deleted().version(1, 5);
    assert!(writer.upsert(&gone, day_of(&gone)).unwrap());
    writer.commit(&at(3)).unwrap();
    drop(writer);
    let bed = bed.again();
    assert_eq!(
        (bed.found("parcel"), bed.found(""), bed.index.count()),
        (vec!["2".to_owned()], vec!["2".to_owned()], 1)
    );
    assert!(bed.index.get(id("1")).unwrap().is_none());
    let mut writer = bed.index.writer().unwrap();
    let late = said("1", "parcel").version(1, 4);
    assert!(!writer.upsert(&late, day_of(&late)).unwrap());
    let back = said("1", "parcel again").version(1, 6);
    assert!(writer.upsert(&back, day_of(&back)).unwrap());
    assert!(writer.delete(id("2")).unwrap());
    assert!(!writer.delete(id("2")).unwrap());
    writer.commit(&at(4)).unwrap();
    assert_eq!((bed.found("parcel"), bed.index.count()), (vec!["1".to_owned()], 1));
    assert_eq!(bed.index.get(id("1")).unwrap().unwrap().text, "parcel again");
}

#[test]
fn a_crash_falls_back_to_the_last_commit_and_its_position() {
    let bed = Bed::with(&[said("1", "parcel")]);
    let mut writer = bed.index.writer().unwrap();
    add(&mut writer, &[said("2", "parcel"), said("1", "changed").version(1, 2)]);
    assert_eq!(writer.pending(), 2);
    drop(writer);
    let bed = bed.again();
    assert_eq!((bed.found(""), bed.index.checkpoint()), (vec!["1".to_owned()], at(1)));
    assert_eq!(bed.found("parcel"), ["1"]);
    let mut writer = bed.index.writer().unwrap();
    add(&mut writer, &[said("2", "parcel"), said("1", "changed").version(1, 2)]);
    writer.commit(&at(3)).unwrap();
    drop(writer);
    let bed = bed.again();
    assert_eq!((bed.index.count(), bed.index.checkpoint()), (2, at(3)));
    assert_eq!(bed.found("changed"), ["1"]);
}

#[test]
fn a_commit_without_changes_moves_the_position() {
    let bed = Bed::new();
    assert_eq!(bed.index.checkpoint(), Checkpoint::start(LOG));
    let mut writer = bed.index.writer().unwrap();
    writer.commit(&at(70)).unwrap();
    let foreign = Checkpoint::start("log-b");
    assert_eq!(writer.commit(&foreign).unwrap_err().code(), "search.foreign_checkpoint");
    assert_eq!(bed.index.writer().err().unwrap().code(), "search.busy");
    drop(writer);
    assert_eq!(bed.again().index.checkpoint(), at(70));
}

/// Opens the folder, expects that it is moved aside, and gives the reason.
fn moved_aside(dir: &Path, log: &str) -> String {
    let (index, opened) = Index::open(dir, log, &settings()).unwrap();
    let Opened::Rebuild(why) = opened else { panic!("it was used") };
    assert_eq!((index.count(), index.checkpoint()), (0, Checkpoint::start(log)));
    drop(index);
    let (_, opened) = Index::open(dir, log, &settings()).unwrap();
    assert_eq!(opened, Opened::Ready);
    why
}

fn largest(dir: &Path, ending: &str) -> std::path::PathBuf {
    let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    let of_kind = files.filter(|path| path.extension().is_some_and(|found| found == ending));
    of_kind.max_by_key(|path| path.metadata().unwrap().len()).unwrap()
}

#[test]
fn an_index_of_another_log_is_moved_aside() {
    let Bed { folder, index } = Bed::with(&[said("1", "parcel")]);
    drop(index);
    let dir = folder.path().join("index");
    assert!(moved_aside(&dir, "log-b").contains("log-b"));
    assert!(moved_aside_of(&folder.path().join("index.aside-1")));
    let (other, _) = Index::open(&dir, "log-b", &settings()).unwrap();
    other.writer().unwrap().commit(&Checkpoint::start("log-b")).unwrap();
    drop(other);
    moved_aside(&dir, LOG);
    assert!(moved_aside_of(&folder.path().join("index.aside-2")));
}

fn moved_aside_of(dir: &Path) -> bool {
    dir.join("meta.json").exists()
}

#[test]
fn an_index_of_another_version_is_moved_aside() {
    for (from, to) in [
        (format!("\\\"schema\\\":{SCHEMA}"), "\\\"schema\\\":4000000000".to_owned()),
        ("snowball".to_owned(), "frostball".to_owned()),
        ("\"name\":\"facet\"".to_owned(), "\"name\":\"fancy\"".to_owned()),
    ] {
        let Bed { folder, index } = Bed::with(&[said("1", "parcel")]);
        drop(index);
        let meta = folder.path().join("index/meta.json");
        let text = fs::read_to_string(&meta).unwrap();
        let compact =
            serde_json::to_string(&serde_json::from_str::<serde_json::Value>(&text).unwrap()).unwrap();
        assert!(compact.contains(&from), "{from} not in {compact}");
        fs::write(&meta, compact.replace(&from, &to)).unwrap();
        moved_aside(&folder.path().join("index"), LOG);
    }
}

#[test]
fn a_damaged_index_is_moved_aside() {
    type Damage = (&'static str, fn(&Path));
    let damage: [Damage; 6] = [
        ("list of segments cut", |dir| fs::write(dir.join("meta.json"), "{\"segm").unwrap()),
        ("list of segments gone", |dir| fs::remove_file(dir.join("meta.json")).unwrap()),
        ("a file cut", |dir| {
            let file = fs::OpenOptions::new().write(true).open(largest(dir, "store")).unwrap();
            file.set_len(10).unwrap();
        }),
        ("a file empty", |dir| fs::write(largest(dir, "idx"), "").unwrap()),
        ("a file gone", |dir| fs::remove_file(largest(dir, "fast")).unwrap()),
        ("a byte turned", |dir| {
            let path = largest(dir, "store");
            let mut bytes = fs::read(&path).unwrap();
            bytes[5] ^= 0x40;
            fs::write(&path, bytes).unwrap();
        }),
    ];
    for (what, damage) in damage {
        let Bed { folder, index } = Bed::with(&[said("1", "parcel"), said("2", "late")]);
        drop(index);
        let dir = folder.path().join("index");
        damage(&dir);
        assert!(!moved_aside(&dir, LOG).is_empty(), "{what}");
    }
}

#[test]
fn an_index_that_is_being_written_is_not_moved_aside() {
    let bed = Bed::with(&[said("1", "parcel")]);
    let _writer = bed.index.writer().unwrap();
    let refused = Index::open(&bed.folder.path().join("index"), "log-b", &settings());
    assert_eq!(refused.err().unwrap().code(), "search.busy");
}

#[test]
fn expunged_text_is_gone_from_the_disk() {
    let marker = "zqxjkvwunique";
    let plain = |dir: &Path| {
        fs::read_dir(dir).unwrap().any(|file| {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            bytes.windows(marker.len()).any(|window| window == marker.as_bytes())
        })
    };
    let bed = Bed::with(&[said("1", "parcel").segment("plan", marker), said("2", "late")]);
    let dir = bed.folder.path().join("index");
    assert!(plain(&dir));
    let mut writer = bed.index.writer().unwrap();
    writer.delete(id("1")).unwrap();
    writer.commit(&at(3)).unwrap();
    writer.expunge().unwrap();
    assert!(!plain(&dir));
    assert_eq!((bed.found(""), bed.index.checkpoint()), (vec!["2".to_owned()], at(3)));
}
