//! Whatever is done to what was written is found, and named with its place.

use std::fs;
use std::path::Path;

use lichna_journal::verify::{Report, Wrong};
use lichna_journal::{Checkpoint, Damage, Frames, JournalError, Next, SegmentHeader};
use proptest::prelude::*;

use crate::stage::{NOON, Stage, fill, signer};

/// Where the frames of a segment are: the head, then each record.
fn frames(segment: &Path) -> Vec<std::ops::Range<usize>> {
    let bytes = fs::read(segment).unwrap();
    let (_, length) = SegmentHeader::read(&mut bytes.as_slice()).unwrap().unwrap();
    let head = usize::try_from(length).unwrap();
    let mut frames = Frames::new(&bytes[head..], length);
    let mut found = std::iter::once(0..head).collect::<Vec<_>>();
    while let Next::Frame(frame) = frames.next_frame().unwrap() {
        found.push(frame.offset.try_into().unwrap()..frame.end.try_into().unwrap());
    }
    found
}

fn change(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}

/// The one fault that there is.
fn only(report: &Report) -> &Wrong {
    assert_eq!(report.faults.len(), 1, "{report:#?}");
    &report.faults[0].what
}

fn damages(report: &Report) -> Vec<(u64, Damage)> {
    let damage = |fault: &lichna_journal::verify::Fault| match fault.what {
        Wrong::Record(damage) => Some((fault.sequence, damage)),
        _ => None,
    };
    report.faults.iter().filter_map(damage).collect()
}

#[test]
fn an_untouched_journal_is_whole_and_a_checkpoint_vouches_for_it() {
    let stage = Stage::with_small_segments();
    let last = stage.filled(20);
    let report = stage.verify_with(&[last]);
    assert!(report.is_whole(), "{report:#?}");
    assert_eq!(
        (report.first, report.last, report.records, report.vouched),
        (1, 20, 20, 20)
    );
    assert_eq!(report.checkpoints, 2);
    assert_eq!(report.instance.unwrap(), stage.instance);
}

#[test]
fn a_changed_record_is_found() {
    let stage = Stage::with_small_segments();
    stage.filled(20);
    let place = frames(&stage.segment(2))[2].clone();
    change(&stage.segment(2), |bytes| {
        let number = bytes[place.clone()]
            .windows(6)
            .position(|text| text == b"issued");
        bytes[place.start + number.unwrap()] = b'I';
    });
    let report = stage.verify();
    assert_eq!(*only(&report), Wrong::Record(Damage::Changed));
    let fault = &report.faults[0];
    assert_eq!(fault.file, "records-000002.log");
    assert_eq!(usize::try_from(fault.at), Ok(place.start));
}

#[test]
fn a_deleted_record_is_found() {
    let stage = Stage::new();
    stage.filled(9);
    let gone = frames(&stage.segment(1))[4].clone();
    change(&stage.segment(1), |bytes| drop(bytes.drain(gone.clone())));
    assert_eq!(
        damages(&stage.verify()),
        [(4, Damage::Missing { found: 5 })]
    );
    let Err(JournalError::Damaged {
        file,
        offset,
        sequence,
        damage,
    }) = stage.try_open()
    else {
        panic!("it opened");
    };
    assert_eq!((file.as_str(), sequence), ("records-000001.log", 4));
    assert_eq!(usize::try_from(offset), Ok(gone.start));
    assert_eq!(damage, Damage::Missing { found: 5 });
}

#[test]
fn records_in_another_order_are_found() {
    let stage = Stage::new();
    stage.filled(9);
    let frames = frames(&stage.segment(1));
    let (fifth, sixth) = (frames[5].clone(), frames[6].clone());
    change(&stage.segment(1), |bytes| {
        let moved: Vec<_> = bytes.drain(sixth).collect();
        bytes.splice(fifth.start..fifth.start, moved);
    });
    let found = damages(&stage.verify());
    assert_eq!(found[0], (5, Damage::Missing { found: 6 }));
    assert_eq!(found[1], (7, Damage::OutOfOrder { found: 5 }));
    assert!(stage.try_open().is_err());
}

#[test]
fn a_record_that_was_put_in_is_found() {
    let stage = Stage::new();
    stage.filled(9);
    let fifth = frames(&stage.segment(1))[5].clone();
    change(&stage.segment(1), |bytes| {
        let again = bytes[fifth.clone()].to_vec();
        bytes.splice(fifth.end..fifth.end, again);
    });
    assert_eq!(
        damages(&stage.verify()),
        [(6, Damage::OutOfOrder { found: 5 })]
    );
    assert!(stage.try_open().is_err());
}

#[test]
fn bytes_between_records_are_found_and_the_records_behind_them_are_still_read() {
    let stage = Stage::new();
    stage.filled(9);
    let fifth = frames(&stage.segment(1))[5].clone();
    change(&stage.segment(1), |bytes| {
        bytes.splice(
            fifth.start..fifth.start,
            *b"LJR1 is not all that a record has LJ",
        );
    });
    let report = stage.verify();
    assert_eq!(damages(&report), [(5, Damage::NoRecord)]);
    assert_eq!((report.records, report.vouched), (9, 9));
}

#[test]
fn a_missing_segment_is_found() {
    let stage = Stage::with_small_segments();
    stage.filled(20);
    fs::remove_file(stage.segment(2)).unwrap();
    let report = stage.verify();
    assert_eq!(report.faults[0].what, Wrong::FileMissing);
    assert_eq!(report.faults[0].file, "records-000002.log");
    assert!(matches!(
        stage.try_open(),
        Err(JournalError::SegmentMissing { .. })
    ));
}

#[test]
fn a_journal_without_its_records_is_not_begun_anew() {
    let stage = Stage::new();
    stage.filled(3);
    fs::remove_file(stage.segment(1)).unwrap();
    assert!(matches!(
        stage.try_open(),
        Err(JournalError::SegmentMissing { .. })
    ));
    assert!(!stage.verify().is_whole());
}

/// Whoever has the folder, but not the key, works out everything anew.
fn rewritten(stage: &Stage, records: u64, checkpoints: &[u8]) {
    fs::remove_dir_all(stage.folder()).unwrap();
    let mut journal = stage.open();
    fill(&mut journal, 4);
    journal
        .append(NOON + 300_000, &[br#"{"kind":"another"}"#])
        .unwrap();
    fill(&mut journal, records - 5);
    drop(journal);
    fs::write(stage.checkpoints(), checkpoints).unwrap();
}

#[test]
fn a_journal_that_was_worked_out_anew_is_found_by_its_own_checkpoints() {
    let stage = Stage::new();
    let mut journal = stage.open();
    for _ in 0..3 {
        fill(&mut journal, 3);
        stage.checkpoint(&mut journal);
    }
    drop(journal);
    let checkpoints = fs::read(stage.checkpoints()).unwrap();
    rewritten(&stage, 9, &checkpoints);
    let report = stage.verify();
    assert_eq!(
        *only(&report),
        Wrong::NotAsCheckpoint { size: 6, agreed: 3 }
    );
    assert_eq!((report.vouched, report.faults[0].at), (3, 2));
    assert!(matches!(
        stage.try_open(),
        Err(JournalError::NotAsCheckpoint { size: 9 })
    ));
}

#[test]
fn a_journal_that_was_worked_out_anew_with_its_checkpoints_removed_is_found_by_one_kept_elsewhere()
{
    let stage = Stage::new();
    let kept = stage.filled(9);
    rewritten(&stage, 9, b"");
    assert!(stage.verify().is_whole(), "by itself it is");
    let report = stage.verify_with(&[kept]);
    assert_eq!(
        *only(&report),
        Wrong::NotAsCheckpoint { size: 9, agreed: 0 }
    );
}

#[test]
fn an_end_that_was_cut_off_is_found_by_any_later_checkpoint() {
    let stage = Stage::new();
    let mut journal = stage.open();
    fill(&mut journal, 5);
    let early = stage.checkpoint(&mut journal);
    fill(&mut journal, 4);
    let late = stage.checkpoint(&mut journal);
    drop(journal);
    let end = frames(&stage.segment(1))[5].end;
    change(&stage.segment(1), |bytes| bytes.truncate(end));
    // Its own checkpoint is still there.
    assert_eq!(*only(&stage.verify()), Wrong::CutOff { size: 9, last: 5 });
    assert!(matches!(
        stage.try_open(),
        Err(JournalError::NotAsCheckpoint { size: 9 })
    ));
    // It is not.
    change(&stage.checkpoints(), |bytes| {
        let first = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        bytes.truncate(first + 1);
    });
    assert!(stage.verify_with(&[early]).is_whole());
    assert_eq!(
        *only(&stage.verify_with(&[late])),
        Wrong::CutOff { size: 9, last: 5 }
    );
}

#[test]
fn checkpoints_of_others_or_of_another_key_are_found() {
    let stage = Stage::new();
    stage.filled(3);
    let stranger = Stage {
        signer: signer(2),
        ..Stage::new()
    };
    let theirs = stranger.filled(3);
    let report = stage.verify_with(std::slice::from_ref(&theirs));
    assert!(matches!(only(&report), Wrong::Checkpoint { .. }));
    change(&stage.checkpoints(), |bytes| {
        bytes.extend_from_slice((theirs.to_line() + "\n").as_bytes());
    });
    let report = stage.verify();
    assert!(
        matches!(only(&report), Wrong::Checkpoint { .. }),
        "{report:#?}"
    );
    assert_eq!(report.faults[0].at, 2);
    let unnamed = Stage {
        instance: lichna_journal::Instance::new("authority-2").unwrap(),
        ..Stage::new()
    };
    let report = stage.verify_with(&[unnamed.filled(3)]);
    assert!(
        report
            .faults
            .iter()
            .any(|fault| matches!(fault.what, Wrong::AnotherInstance { .. }))
    );
}

/// Changes each byte of a file, one after the other, and gives what is found then.
fn each_byte(stage: &Stage, file: &Path, found: impl Fn(&Report) -> bool) {
    let bytes = fs::read(file).unwrap();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        fs::write(file, changed).unwrap();
        let report = stage.verify();
        assert!(found(&report), "{}, byte {place}", file.display());
    }
    fs::write(file, bytes).unwrap();
}

#[test]
fn every_byte_of_a_record_counts_without_any_checkpoint() {
    let stage = Stage::with_small_segments();
    let kept = stage.filled(6);
    let checkpoints = fs::read(stage.checkpoints()).unwrap();
    fs::write(stage.checkpoints(), b"").unwrap();
    for number in [1, 2] {
        each_byte(&stage, &stage.segment(number), |report| !report.is_whole());
    }
    fs::write(stage.checkpoints(), checkpoints).unwrap();
    assert!(stage.verify_with(&[kept]).is_whole());
}

#[test]
fn every_byte_of_a_checkpoint_counts() {
    let stage = Stage::new();
    stage.filled(2);
    // Without its end a line is one that is being written.
    each_byte(&stage, &stage.checkpoints(), |report| {
        !report.is_whole() || (report.unfinished && report.vouched == 0)
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Several bytes changed, put in or taken out at once: it is found, and nothing panics.
    #[test]
    fn whatever_is_done_to_a_segment_is_found(
        edits in prop::collection::vec((0..2000_usize, any::<u8>(), 0..3_u8), 1..6),
    ) {
        thread_local! {
            static WHOLE: (Stage, Checkpoint, Vec<u8>) = {
                let stage = Stage::new();
                let kept = stage.filled(9);
                let bytes = fs::read(stage.segment(1)).unwrap();
                (stage, kept, bytes)
            };
        }
        WHOLE.with(|(stage, kept, bytes)| {
            let mut changed = bytes.clone();
            for (place, byte, kind) in &edits {
                let place = place % changed.len();
                match kind {
                    0 => changed[place] = *byte,
                    1 => changed.insert(place, *byte),
                    _ => drop(changed.remove(place)),
                }
            }
            fs::write(stage.segment(1), &changed).unwrap();
            let report = stage.verify_with(std::slice::from_ref(kept));
            assert_eq!(report.is_whole(), changed == *bytes, "{report:#?}");
            fs::write(stage.segment(1), bytes).unwrap();
        });
    }
}
