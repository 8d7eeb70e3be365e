//! What is read of a journal: by its writer, and by whoever checks it.

use lichna_journal::verify::verify_archive;
use lichna_journal::{Checkpoint, CheckpointKey, Frames, Next, SegmentHeader};

const KEY: &[u8] = include_bytes!("../anchors/journal.spki");

/// A segment: what is read as a record stands there byte for byte, and reading ends.
pub fn journal_records(mut data: &[u8]) {
    let whole = data;
    let Ok(Some((header, length))) = SegmentHeader::read(&mut data) else {
        return frames(whole);
    };
    assert!(header.frontier().is_some());
    assert_eq!(u64::try_from(whole.len() - data.len()), Ok(length));
    frames(data);
}

fn frames(data: &[u8]) {
    let mut frames = Frames::new(data, 0);
    let mut end = 0;
    loop {
        match frames.next_frame() {
            Ok(Next::Frame(frame)) => {
                assert!(frame.offset == end && frame.end > end);
                end = frame.end;
                let (Ok(from), Ok(to)) = (usize::try_from(frame.offset), usize::try_from(end))
                else {
                    return;
                };
                let mut written = Vec::new();
                let hash = frame.record.write(&mut written);
                // The hash behind it is the one thing that may differ.
                let same = written.len().saturating_sub(32);
                assert_eq!(
                    written.get(..same),
                    data.get(from..to).and_then(|d| d.get(..same))
                );
                assert_eq!(frame.is_whole(), hash.is_ok_and(|hash| hash == frame.hash));
            }
            Ok(Next::Nothing { offset }) => {
                assert_eq!(offset, end);
                let Ok(skipped) = frames.skip() else { return };
                assert!(skipped > 0, "it stands still");
                end += skipped;
            }
            Ok(Next::Unfinished { .. } | Next::End) | Err(_) => break,
        }
    }
    assert!(u64::try_from(data.len()).is_ok_and(|length| end <= length));
}

/// A checkpoint: what is read has one spelling.
pub fn journal_checkpoint(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        let line = checkpoint.to_line();
        assert_eq!(line, text.strip_suffix('\n').unwrap_or(text));
        if let Ok(key) = CheckpointKey::from_spki(KEY) {
            let _ = checkpoint.check_signature(&[key]);
        }
        assert!(checkpoint.check_signature(&[]).is_err(), "signed by nobody");
        assert!(checkpoint.continues(&checkpoint, &[]).is_ok());
    }
    let _ = CheckpointKey::from_pem(data);
    let _ = CheckpointKey::from_spki(data);
}

/// An archive.
pub fn journal_archive(data: &[u8]) {
    let keys: Vec<_> = CheckpointKey::from_spki(KEY).into_iter().collect();
    if let Ok(report) = verify_archive(data, &keys, &[]) {
        assert!(report.faults.len() <= 1000);
    }
}
