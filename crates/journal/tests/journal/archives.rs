//! What is kept for years: archives and exports, checked by the same eyes.

use std::fs;
use std::path::{Path, PathBuf};

use lichna_journal::archive::{Manifest, Period, archive};
use lichna_journal::export::{Exported, export};
use lichna_journal::verify::{Report, Wrong, verify};
use lichna_journal::{Checkpoint, Damage, JournalError};

use crate::stage::{DAY, NOON, Stage, payload, signer};

/// 2026-12-01 and 2027-01-01.
const DECEMBER: u64 = 1_796_083_200_000;
const JANUARY: u64 = 1_798_761_600_000;

/// Ten records a day from 22 November to 10 January, and a checkpoint every evening.
fn winter() -> (Stage, Vec<Checkpoint>) {
    let stage = Stage::new();
    let mut journal = stage.open();
    let mut checkpoints = Vec::new();
    for day in 0..50 {
        let first = journal.size() + 1;
        let records: Vec<_> = (first..first + 10).map(payload).collect();
        journal.append(NOON + day * DAY, &records).unwrap();
        let evening = NOON + day * DAY + DAY / 3;
        checkpoints.push(
            journal
                .checkpoint(evening, Vec::new(), &stage.signer)
                .unwrap(),
        );
    }
    drop(journal);
    (stage, checkpoints)
}

fn archived(stage: &Stage, from: u64, before: u64) -> Result<(PathBuf, Manifest), JournalError> {
    let file = stage.home.path().join(format!("{before}.tar"));
    let period = Period { from, before };
    let out = fs::File::create(&file).unwrap();
    let manifest = archive(&stage.folder(), period, NOON + 50 * DAY, &stage.signer, out)?;
    Ok((file, manifest))
}

fn check(stage: &Stage, path: &Path, later: &[Checkpoint]) -> Report {
    verify(path, &[stage.key()], later).unwrap()
}

#[test]
fn an_archive_has_whole_months_and_is_checked_down_to_each_record() {
    let (stage, checkpoints) = winter();
    let (november, manifest) = archived(&stage, 0, DECEMBER).unwrap();
    assert_eq!((manifest.first, manifest.last), (1, 90));
    let report = check(&stage, &november, &checkpoints[3..5]);
    assert!(report.is_whole(), "{report:#?}");
    assert_eq!((report.first, report.last, report.vouched), (1, 90, 90));

    // December alone, which begins where November ends.
    let (december, manifest) = archived(&stage, DECEMBER, JANUARY).unwrap();
    assert_eq!((manifest.first, manifest.last), (91, 400));
    let report = check(&stage, &december, &[]);
    assert!(report.is_whole(), "{report:#?}");
    assert_eq!(
        (report.first, report.records, report.vouched),
        (91, 310, 400)
    );
    assert_eq!(*checkpoints[39].root(), manifest.root);

    // January is being written.
    assert!(matches!(
        archived(&stage, JANUARY, JANUARY + 9 * DAY),
        Err(JournalError::NothingThere)
    ));
}

#[test]
fn every_change_of_an_archive_is_found() {
    let (stage, _) = winter();
    let (file, _) = archived(&stage, 0, DECEMBER).unwrap();
    let whole = fs::read(&file).unwrap();
    // Tar's own fields and padding say nothing of what is in it; everything else does.
    let mut archive = tar::Archive::new(whole.as_slice());
    let contents: Vec<_> = archive
        .entries()
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let begin = usize::try_from(entry.raw_file_position()).unwrap();
            begin..begin + usize::try_from(entry.size()).unwrap()
        })
        .collect();
    assert_eq!(contents.len(), 5);
    for place in contents
        .into_iter()
        .flat_map(|content| content.step_by(199))
    {
        let mut changed = whole.clone();
        changed[place] ^= 0x10;
        fs::write(&file, &changed).unwrap();
        match verify(&file, &[stage.key()], &[]) {
            Err(JournalError::NotAnArchive(_)) => {}
            checked => assert!(!checked.unwrap().is_whole(), "{place}"),
        }
    }

    // What is inside is found without a doubt.
    let text = b"certificate-issued\",\"number\":45}";
    let place = whole
        .windows(text.len())
        .position(|bytes| bytes == text)
        .unwrap();
    let mut changed = whole;
    changed[place] = b'X';
    fs::write(&file, &changed).unwrap();
    let report = check(&stage, &file, &[]);
    let wrongs: Vec<_> = report.faults.iter().map(|fault| &fault.what).collect();
    assert_eq!(
        wrongs,
        [&Wrong::Record(Damage::Changed), &Wrong::NotAsListed]
    );
}

#[test]
fn an_archive_that_somebody_else_signed_is_found() {
    let (stage, _) = winter();
    let stranger = signer(2);
    let file = stage.home.path().join("theirs.tar");
    let out = fs::File::create(&file).unwrap();
    let period = Period {
        from: 0,
        before: DECEMBER,
    };
    archive(&stage.folder(), period, NOON + 50 * DAY, &stranger, out).unwrap();
    let report = check(&stage, &file, &[]);
    assert_eq!(report.faults.len(), 1, "{report:#?}");
    assert_eq!(report.faults[0].what, Wrong::ListNotSigned);
}

#[test]
fn what_is_damaged_is_neither_archived_nor_exported() {
    let (stage, _) = winter();
    let mut bytes = fs::read(stage.segment(1)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(stage.segment(1), bytes).unwrap();
    assert!(matches!(
        archived(&stage, 0, DECEMBER),
        Err(JournalError::Damaged { .. })
    ));
    let out = stage.home.path().join("export");
    let exported = export(&stage.folder(), 1, 90, &out);
    assert!(matches!(exported, Err(JournalError::Damaged { .. })));
}

#[test]
fn an_export_is_text_and_goes_on_to_the_next_checkpoint() {
    let (stage, checkpoints) = winter();
    let out = stage.home.path().join("export");
    let exported = export(&stage.folder(), 33, 95, &out).unwrap();
    assert_eq!(
        exported,
        Exported {
            first: 33,
            last: 100,
            checkpoints: 7
        }
    );
    let report = check(&stage, &out, &checkpoints);
    assert!(report.is_whole(), "{report:#?}");
    assert_eq!((report.first, report.last, report.vouched), (33, 100, 100));
    assert_eq!(report.records, 68);

    let records = fs::read_to_string(out.join("records.jsonl")).unwrap();
    let line = records.lines().nth(1).unwrap();
    let record: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(record["sequence"], 33);
    assert_eq!(record["payload"], String::from_utf8(payload(33)).unwrap());
    assert!(matches!(
        export(&stage.folder(), 1, 2, &out),
        Err(JournalError::File { .. })
    ));
    let beyond = stage.home.path().join("beyond");
    assert!(matches!(
        export(&stage.folder(), 501, 600, &beyond),
        Err(JournalError::NothingThere)
    ));
    assert!(!beyond.exists());

    for (from, to) in [
        ("\\\"number\\\":50", "\\\"number\\\":51"),
        ("\"sequence\":60", "\"sequence\":61"),
    ] {
        fs::write(out.join("records.jsonl"), records.replace(from, to)).unwrap();
        assert!(!check(&stage, &out, &[]).is_whole(), "{from}");
    }
    let without: Vec<_> = records
        .split_inclusive('\n')
        .filter(|line| !line.contains(":70,"))
        .collect();
    fs::write(out.join("records.jsonl"), without.concat()).unwrap();
    let report = check(&stage, &out, &[]);
    assert_eq!(
        report.faults[0].what,
        Wrong::Record(Damage::Missing { found: 71 })
    );
}

#[test]
fn bytes_that_are_no_text_are_exported_as_well() {
    let stage = Stage::new();
    let mut journal = stage.open();
    journal
        .append(
            NOON,
            &[&b"\xFF\x00\n"[..], b"", "\u{1}\"\u{202E}".as_bytes()],
        )
        .unwrap();
    stage.checkpoint(&mut journal);
    drop(journal);
    let out = stage.home.path().join("export");
    export(&stage.folder(), 1, u64::MAX, &out).unwrap();
    let report = check(&stage, &out, &[]);
    assert!(report.is_whole(), "{report:#?}");
    assert_eq!(report.vouched, 3);
}
