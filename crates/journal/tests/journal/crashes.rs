//! Whatever a writer is killed at, what it acknowledged is there.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use lichna_journal::{Instance, Journal, JournalError, Options, SigningFile, records};

use crate::stage::{NOON, Stage, fill, key_files, payload};

/// Where the writer writes; it is one only where this is set.
const FOLDER: &str = "LICHNA_JOURNAL_WRITER";
const SMALL: Options = Options {
    segment_bytes: 200_000,
};

/// What record `number` holds: long enough that a batch is written in several pieces.
fn long_payload(number: u64) -> Vec<u8> {
    let length = usize::try_from(number * 7919 % 40_000).unwrap();
    format!("{number}:{}", "x".repeat(length)).into_bytes()
}

/// Not a test: the process that is killed.
#[test]
#[ignore = "it is the process that the other tests kill"]
fn writer() {
    let Ok(home) = std::env::var(FOLDER) else {
        return;
    };
    let home = Path::new(&home);
    let pem = fs::read_to_string(home.join("private.pem")).unwrap();
    let signer = SigningFile::from_pem(&pem, None).unwrap();
    let instance = Instance::new("authority-1").unwrap();
    let (mut journal, _) = Journal::open(&home.join("journal"), &instance, SMALL).unwrap();
    for round in 0.. {
        let next = journal.size() + 1;
        let batch: Vec<_> = (next..next + 1 + round % 5).map(long_payload).collect();
        match journal.append(NOON, &batch) {
            Ok(written) => println!("acknowledged {}", written.last().unwrap()),
            Err(JournalError::File { .. }) => {
                // A full disk: what is short may still find room.
                println!("refused {next}");
                let left = journal.append(NOON, &[payload(next)]);
                println!("then {}", left.is_ok());
                return;
            }
            Err(error) => panic!("{error}"),
        }
        if round % 3 == 0 {
            let checkpoint = journal.checkpoint(NOON, Vec::new(), &signer).unwrap();
            println!("checkpoint {}", checkpoint.to_line());
        }
    }
}

fn writer_process() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "crashes::writer", "--ignored", "--nocapture"]);
    command
}

#[test]
fn a_writer_that_is_killed_at_any_time_loses_nothing_that_it_acknowledged() {
    let stage = Stage {
        options: SMALL,
        ..Stage::new()
    };
    key_files(stage.home.path(), 1);
    let (mut cuts, mut last) = (0, 0);
    let mut kept = Vec::new();
    for round in 0..40_u64 {
        let mut child = writer_process()
            .env(FOLDER, stage.home.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        // Killed while it goes on writing.
        for line in said.by_ref().take(usize::try_from(3 + round % 11).unwrap()) {
            note(&line.unwrap(), &mut last, &mut kept);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still said before it died was acknowledged too.
        for line in said.map_while(Result::ok) {
            note(&line, &mut last, &mut kept);
        }
        let (journal, opened) = stage.try_open().unwrap();
        cuts += u32::from(opened.record_cut.is_some());
        assert!(
            journal.size() >= last,
            "{last} was acknowledged, {} is there",
            journal.size()
        );
    }
    for (record, number) in records(&stage.folder(), 1).unwrap().zip(1..) {
        let (record, _) = record.unwrap();
        assert_eq!(record.payload, long_payload(number));
    }
    assert!(!kept.is_empty() && last > 40, "the writer hardly wrote");
    let report = stage.verify_with(&kept);
    assert!(report.is_whole(), "{report:#?}");
    println!("{last} records acknowledged in 40 lives, {cuts} unfinished ones cut off");
}

fn note(line: &str, last: &mut u64, kept: &mut Vec<lichna_journal::Checkpoint>) {
    if let Some(number) = line.strip_prefix("acknowledged ") {
        // A line may be unfinished as well.
        *last = (*last).max(number.parse().unwrap_or(0));
    } else if let Some(checkpoint) = line.strip_prefix("checkpoint ") {
        kept.extend(lichna_journal::Checkpoint::parse(checkpoint));
    }
}

#[test]
fn a_full_disk_leaves_no_half_record() {
    let stage = Stage {
        options: SMALL,
        ..Stage::new()
    };
    key_files(stage.home.path(), 1);
    let writer = writer_process();
    let mut shell = Command::new("bash");
    // 100 KiB a file, and no signal for what is beyond.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$@\"", "bash"]);
    shell.arg(writer.get_program()).args(writer.get_args());
    let said = shell.env(FOLDER, stage.home.path()).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let of = |word: &str| said.lines().rev().find_map(|line| line.strip_prefix(word));
    let acknowledged: u64 = of("acknowledged ").unwrap().parse().unwrap();
    assert_eq!(
        of("refused "),
        Some((acknowledged + 1).to_string().as_str()),
        "{said}"
    );
    let more = u64::from(of("then ") == Some("true"));
    let (journal, opened) = stage.try_open().unwrap();
    assert_eq!(opened.record_cut, None);
    assert_eq!(journal.size(), acknowledged + more);
    drop(journal);
    assert!(stage.verify().is_whole());
}

#[test]
fn a_file_that_ends_at_any_byte_of_the_last_records_is_opened_with_the_records_before_it() {
    let stage = Stage::new();
    fill(&mut stage.open(), 4);
    let ends: Vec<usize> = {
        let mut lengths = vec![fs::read(stage.segment(1)).unwrap().len()];
        for _ in 0..2 {
            fill(&mut stage.open(), 1);
            lengths.push(fs::read(stage.segment(1)).unwrap().len());
        }
        lengths
    };
    let whole = fs::read(stage.segment(1)).unwrap();
    for length in ends[0]..=whole.len() {
        fs::write(stage.segment(1), &whole[..length]).unwrap();
        let complete = ends.iter().filter(|end| **end <= length).count();
        let report = stage.verify();
        assert!(report.is_whole(), "{length}: {report:#?}");
        assert_eq!(report.unfinished, !ends.contains(&length), "{length}");
        let (mut journal, opened) = stage.try_open().unwrap();
        assert_eq!(
            journal.size(),
            3 + u64::try_from(complete).unwrap(),
            "{length}"
        );
        let cut = opened.record_cut.map(|cut| (cut.offset, cut.bytes));
        let end = ends[complete - 1];
        let expected = (length > end).then(|| (end.try_into().unwrap(), (length - end) as u64));
        assert_eq!(cut, expected, "{length}");
        fill(&mut journal, 2);
        drop(journal);
        assert!(stage.verify().is_whole(), "{length}");
    }
}

#[test]
fn blocks_that_were_never_written_are_an_unfinished_record() {
    let stage = Stage::new();
    let mut journal = stage.open();
    fill(&mut journal, 3);
    let end = fs::read(stage.segment(1)).unwrap().len();
    journal.append(NOON, &[vec![b'x'; 5000]]).unwrap();
    drop(journal);
    let whole = fs::read(stage.segment(1)).unwrap();
    for block in (end.next_multiple_of(512)..whole.len()).step_by(512) {
        let mut written = whole.clone();
        written[block..].fill(0);
        fs::write(stage.segment(1), &written).unwrap();
        let (journal, opened) = stage.try_open().unwrap();
        assert_eq!(journal.size(), 3, "{block}");
        assert!(opened.record_cut.is_some());
    }
    // A record of which a piece inside is missing was whole once.
    let mut damaged = whole;
    damaged[end + 1024..end + 1536].fill(0);
    fs::write(stage.segment(1), &damaged).unwrap();
    assert!(matches!(
        stage.try_open(),
        Err(JournalError::Damaged { sequence: 4, .. })
    ));
}

#[test]
fn an_unfinished_checkpoint_is_cut_off_and_said() {
    let stage = Stage::new();
    let mut journal = stage.open();
    fill(&mut journal, 2);
    let first = stage.checkpoint(&mut journal);
    let begin = fs::read(stage.checkpoints()).unwrap().len();
    fill(&mut journal, 2);
    stage.checkpoint(&mut journal);
    drop(journal);
    let whole = fs::read(stage.checkpoints()).unwrap();
    for length in (begin..whole.len()).step_by(13) {
        fs::write(stage.checkpoints(), &whole[..length]).unwrap();
        let (journal, opened) = stage.try_open().unwrap();
        assert_eq!(opened.checkpoint_cut.is_some(), length > begin);
        assert_eq!(journal.last_checkpoint(), Some(&first));
        assert_eq!(fs::read(stage.checkpoints()).unwrap().len(), begin);
    }
}

#[test]
fn what_was_left_of_a_segment_that_was_being_made_is_removed() {
    let stage = Stage::new();
    stage.filled(2);
    let left = stage.folder().join("unfinished");
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .open(&left)
        .unwrap()
        .write_all(b"LJS1")
        .unwrap();
    let mut journal = stage.open();
    assert!(!left.exists());
    fill(&mut journal, 1);
}
