//! What is appended is there, in order, under checkpoints.

use std::fs;

use lichna_journal::merkle::{leaf, verify_inclusion};
use lichna_journal::{
    Checkpoint, CheckpointError, Instance, Journal, JournalError, LONGEST_PAYLOAD, genesis, records,
};

use crate::stage::{NOON, Stage, fill, payload, signer};

#[test]
fn what_is_appended_is_there_in_order_after_a_restart() {
    let stage = Stage::with_small_segments();
    let mut journal = stage.open();
    assert_eq!(*journal.head(), genesis(&stage.instance));
    fill(&mut journal, 5);
    let batch: Vec<_> = (6..=25).map(payload).collect();
    assert_eq!(
        journal.append(NOON, &batch).unwrap(),
        (6..=25).collect::<Vec<_>>()
    );
    assert_eq!(journal.append::<&[u8]>(NOON, &[]).unwrap(), [0_u64; 0]);
    let (root, head) = (journal.root(25).unwrap(), *journal.head());
    drop(journal);

    let (mut journal, opened) = stage.try_open().unwrap();
    assert_eq!(opened, Default::default());
    assert_eq!((journal.size(), *journal.head()), (25, head));
    assert_eq!(journal.root(25).unwrap(), root);
    fill(&mut journal, 3);

    let read: Vec<_> = records(&stage.folder(), 1)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut previous = genesis(&stage.instance);
    for ((record, hash), number) in read.iter().zip(1..) {
        assert_eq!(
            (record.sequence, &record.payload),
            (number, &payload(number))
        );
        assert_eq!(record.previous, previous);
        assert_eq!(record.hash().unwrap(), *hash);
        previous = *hash;
    }
    assert_eq!(read.len(), 28);
    assert!(stage.segment(3).is_file(), "segments are small here");
    let times: Vec<_> = read.iter().map(|(record, _)| record.time).collect();
    assert!(times.is_sorted(), "a clock that went back: {times:?}");
    let from_20: Vec<_> = records(&stage.folder(), 20)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(from_20, read[19..]);
    drop(journal);
    assert!(stage.verify().is_whole());
}

#[test]
fn a_new_month_begins_a_new_segment() {
    let stage = Stage::new();
    let mut journal = stage.open();
    // 2026-11-30 23:59:59.999, and a millisecond later.
    journal.append(1_796_083_199_999, &[b"{}"]).unwrap();
    journal.append(1_796_083_200_000, &[b"{}"]).unwrap();
    drop(journal);
    assert!(stage.segment(2).is_file());
    let (mut journal, _) = stage.try_open().unwrap();
    journal.append(1_796_083_200_001, &[b"{}"]).unwrap();
    assert!(!stage.segment(3).exists());
    drop(journal);
    assert!(stage.verify().is_whole());
}

#[test]
fn refuses_a_second_writer() {
    let stage = Stage::new();
    let journal = stage.open();
    assert!(matches!(stage.try_open(), Err(JournalError::InUse { .. })));
    drop(journal);
    stage.open();
}

#[test]
fn refuses_the_journal_of_another_instance() {
    let mut stage = Stage::new();
    stage.filled(1);
    stage.instance = Instance::new("authority-2").unwrap();
    assert!(matches!(
        stage.try_open(),
        Err(JournalError::AnotherInstance { .. })
    ));
}

#[test]
fn refuses_a_record_that_is_too_long_and_writes_none_of_its_batch() {
    let stage = Stage::new();
    let mut journal = stage.open();
    let longest = vec![b'x'; LONGEST_PAYLOAD];
    assert_eq!(journal.append(NOON, &[&longest]).unwrap(), [1]);
    let too_long = vec![b'x'; LONGEST_PAYLOAD + 1];
    let refused = journal.append(NOON, &[b"short".as_slice(), &too_long]);
    assert!(matches!(refused, Err(JournalError::TooLong { length }) if length == too_long.len()));
    assert_eq!(journal.size(), 1);
    assert_eq!(journal.append(NOON, &[b"short"]).unwrap(), [2]);
}

#[test]
fn refuses_names_that_no_instance_can_have() {
    for name in ["", "a b", "Ж", "A", "a/b", "a\n", &"x".repeat(65)] {
        assert!(Instance::new(name).is_err(), "{name:?}");
    }
}

#[test]
fn a_checkpoint_speaks_for_all_records_before_it() {
    let stage = Stage::new();
    let mut journal = stage.open();
    fill(&mut journal, 7);
    let checkpoint = stage.checkpoint(&mut journal);
    assert_eq!(journal.last_checkpoint(), Some(&checkpoint));
    assert_eq!(
        (checkpoint.size(), *checkpoint.head()),
        (7, *journal.head())
    );
    for (record, number) in records(&stage.folder(), 1).unwrap().zip(1..) {
        let (_, hash) = record.unwrap();
        let proof = journal.inclusion(number, 7).unwrap();
        let leaf = leaf(&hash);
        assert!(verify_inclusion(
            &leaf,
            number - 1,
            7,
            &proof,
            checkpoint.root()
        ));
        assert!(!verify_inclusion(
            &leaf,
            number % 7,
            7,
            &proof,
            checkpoint.root()
        ));
    }
    assert!(matches!(
        journal.inclusion(0, 7),
        Err(JournalError::NoSuchSize { .. })
    ));
    assert!(matches!(
        journal.inclusion(8, 7),
        Err(JournalError::NoSuchSize { .. })
    ));
    assert!(matches!(
        journal.root(8),
        Err(JournalError::NoSuchSize { .. })
    ));
}

#[test]
fn a_checkpoint_is_read_in_its_one_spelling_only() {
    let stage = Stage::new();
    let checkpoint = stage.filled(3).with_timestamp(vec![0x30, 0x03, 1, 2, 3]);
    let line = checkpoint.to_line();
    let keys = [stage.key()];
    assert_eq!(Checkpoint::verify(&line, &keys).unwrap(), checkpoint);
    assert_eq!(
        Checkpoint::verify(&(line.clone() + "\n"), &keys).unwrap(),
        checkpoint
    );
    let refused = Err(CheckpointError::NotACheckpoint);
    for other in [
        String::new(),
        line.replace(':', ": "),
        line.replace("\"size\":3", "\"size\":03"),
        line.replace("\"size\":3", "\"size\":3,\"size\":3"),
        line.replace("\"size\":3", "\"size\":3,\"more\":1"),
        line.replace("checkpoint-1", "checkpoint-2"),
        format!(" {line}"),
        format!("{line}\n\n"),
        line.to_uppercase(),
    ] {
        assert_eq!(Checkpoint::parse(&other), refused, "{other}");
    }
    let of_four = line.replace("\"size\":3", "\"size\":4");
    assert_eq!(
        Checkpoint::verify(&of_four, &keys),
        Err(CheckpointError::WrongSignature)
    );
    let another_key = [crate::stage::Stage {
        signer: signer(2),
        ..Stage::new()
    }
    .key()];
    let unknown = Err(CheckpointError::UnknownKey {
        key: *checkpoint.key_id(),
    });
    assert_eq!(Checkpoint::verify(&line, &another_key), unknown);
}

#[test]
fn a_checkpoint_continues_the_one_that_a_client_kept() {
    let stage = Stage::with_small_segments();
    let mut journal = stage.open();
    let mut kept = Vec::new();
    for _ in 0..12 {
        kept.push(stage.checkpoint(&mut journal));
        fill(&mut journal, 3);
    }
    let last = stage.checkpoint(&mut journal);
    // Proofs are the same after a restart.
    drop(journal);
    let mut journal = stage.open();
    let other = Stage {
        signer: signer(1),
        ..Stage::new()
    };
    let mut another_past = other.open();
    another_past.append(NOON, &[b"another"]).unwrap();
    fill(&mut another_past, 35);
    let forged = other.checkpoint(&mut another_past);
    for older in &kept {
        let proof = journal.consistency(older.size(), last.size()).unwrap();
        assert_eq!(last.continues(older, &proof), Ok(()));
        if older.size() > 0 {
            let their_proof = another_past
                .consistency(older.size(), forged.size())
                .unwrap();
            let refused = Err(CheckpointError::AnotherPast);
            assert_eq!(forged.continues(older, &their_proof), refused);
            assert_eq!(last.continues(older, &proof[1..]), refused);
            // Fewer records than before.
            assert_eq!(older.continues(&last, &proof), refused);
        }
    }
}

#[test]
fn refuses_to_keep_a_checkpoint_of_another_journal() {
    let stage = Stage::new();
    let mut journal = stage.open();
    fill(&mut journal, 2);
    let other = Stage {
        instance: Instance::new("authority-2").unwrap(),
        ..Stage::new()
    };
    let theirs = other.filled(2);
    assert!(matches!(
        journal.keep(&theirs),
        Err(JournalError::NotAsCheckpoint { size: 2 })
    ));
    let larger = Stage::new().filled(3);
    assert!(journal.keep(&larger).is_err());
}

#[test]
fn the_hashes_of_the_tree_are_made_again_where_they_are_lost() {
    let stage = Stage::with_small_segments();
    stage.filled(20);
    let tree = stage.folder().join("tree.log");
    let proof = stage.open().consistency(7, 20).unwrap();
    for spoiled in [None, Some(vec![]), Some(vec![7; 64 * 20])] {
        match &spoiled {
            None => fs::remove_file(&tree).unwrap(),
            Some(bytes) => fs::write(&tree, bytes).unwrap(),
        }
        let (mut journal, opened) = stage.try_open().unwrap();
        assert!(opened.tree_remade, "{spoiled:?}");
        assert_eq!(journal.consistency(7, 20).unwrap(), proof);
    }
}

#[test]
fn journals_are_joined_by_checkpoints_that_name_each_other() {
    let (one, mut two) = (Stage::new(), Stage::new());
    two.instance = Instance::new("authority-2").unwrap();
    two.signer = signer(2);
    let of_one = one.filled(5);
    let mut journal: Journal = two.open();
    fill(&mut journal, 2);
    let joined = journal
        .checkpoint(NOON, vec![of_one.to_other()], &two.signer)
        .unwrap();
    assert_eq!(joined.others(), [of_one.to_other()]);

    // Whoever writes the first journal makes up another past of it, and signs it.
    fs::remove_dir_all(one.folder()).unwrap();
    let mut forged = one.open();
    forged.append(NOON, &[b"{}"]).unwrap();
    fill(&mut forged, 8);
    one.checkpoint(&mut forged);
    drop(forged);
    assert!(one.verify().is_whole(), "by itself it is");
    let keys = [one.key(), two.key()];
    let report = lichna_journal::verify::verify(&one.folder(), &keys, &[joined]).unwrap();
    assert_eq!(report.faults.len(), 1, "{report:?}");
    assert!(
        report.faults[0].to_string().contains("of authority-2"),
        "{report:?}"
    );
}
