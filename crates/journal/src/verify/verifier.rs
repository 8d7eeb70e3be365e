//! Checking records as they come, wherever they come from.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use super::{Fault, Report, Wrong};
use crate::merkle::{self, Frontier};
use crate::record::{Frames, Next, Record, genesis};
use crate::segment::SegmentHeader;
use crate::{Checkpoint, CheckpointError, CheckpointKey, Damage, Hash, Instance};

/// Says what is wrong with records that are given one after the other.
pub struct Verifier<'a> {
    keys: &'a [CheckpointKey],
    /// What the records have to be, by their number.
    wanted: BTreeMap<u64, Vec<Wanted>>,
    later: Vec<Checkpoint>,
    instance: Option<Instance>,
    /// The number of the next record.
    expected: u64,
    head: Hash,
    time: u64,
    /// The tree; none where records are missing, or what is before the first is not known.
    tree: Option<Frontier>,
    segment: Option<u32>,
    last_size: u64,
    /// A checkpoint disagreed, so all later ones will.
    parted: bool,
    report: Report,
}

/// What a checkpoint says.
struct Wanted {
    file: String,
    line: u64,
    root: Hash,
    head: Option<Hash>,
}

impl<'a> Verifier<'a> {
    pub fn new(keys: &'a [CheckpointKey], later: &[Checkpoint]) -> Self {
        Self {
            keys,
            wanted: BTreeMap::new(),
            later: later.to_vec(),
            instance: None,
            expected: 1,
            head: [0; 32],
            time: 0,
            tree: None,
            segment: None,
            last_size: 0,
            parted: false,
            report: Report::default(),
        }
    }

    pub fn fault(&mut self, file: &str, at: u64, what: Wrong) {
        let sequence = self.expected;
        self.fault_of(file, at, sequence, what);
    }

    fn fault_of(&mut self, file: &str, at: u64, sequence: u64, what: Wrong) {
        self.report.fault(Fault {
            file: file.to_owned(),
            at,
            sequence,
            what,
        });
    }

    /// A line of the journal's own file of checkpoints. All of them come before the records.
    pub fn checkpoint(&mut self, file: &str, line: u64, text: &[u8]) {
        let text = str::from_utf8(text).map_err(|_| CheckpointError::NotACheckpoint);
        match text.and_then(|text| Checkpoint::verify(text, self.keys)) {
            Err(error) => {
                let reason = error.to_string();
                self.fault_of(file, line, 0, Wrong::Checkpoint { reason });
            }
            Ok(checkpoint) => {
                let size = checkpoint.size();
                if size < self.last_size {
                    self.fault_of(file, line, size, Wrong::CheckpointBackwards);
                }
                self.last_size = self.last_size.max(size);
                self.want(file, line, &checkpoint);
            }
        }
    }

    fn want(&mut self, file: &str, line: u64, checkpoint: &Checkpoint) {
        let found = checkpoint.instance();
        let instance = self.instance.get_or_insert_with(|| found.clone());
        if instance != found {
            let found = found.clone();
            let size = checkpoint.size();
            return self.fault_of(file, line, size, Wrong::AnotherInstance { found });
        }
        let wanted = Wanted {
            file: file.to_owned(),
            line,
            root: *checkpoint.root(),
            head: Some(*checkpoint.head()),
        };
        self.wanted
            .entry(checkpoint.size())
            .or_default()
            .push(wanted);
    }

    /// Checkpoints from elsewhere: of this instance, or of others that name it.
    fn want_later(&mut self) {
        let Some(instance) = self.instance.clone() else {
            return;
        };
        for (checkpoint, number) in std::mem::take(&mut self.later).into_iter().zip(1..) {
            const FILE: &str = "checkpoint kept elsewhere";
            if let Err(error) = checkpoint.check_signature(self.keys) {
                let reason = error.to_string();
                self.fault_of(
                    FILE,
                    number,
                    checkpoint.size(),
                    Wrong::Checkpoint { reason },
                );
                continue;
            }
            let named = checkpoint
                .others()
                .iter()
                .find(|other| other.instance == instance);
            if let Some(other) = named {
                let wanted = Wanted {
                    file: format!("{FILE}, of {}", checkpoint.instance()),
                    line: number,
                    root: other.root,
                    head: None,
                };
                self.wanted.entry(other.size).or_default().push(wanted);
            } else {
                self.want(FILE, number, &checkpoint);
            }
        }
    }

    /// The head of the next segment. Records of an archive begin where its first segment does.
    pub fn segment(&mut self, file: &str, header: &SegmentHeader, begins_anywhere: bool) {
        let is_first = self.segment.is_none();
        let expected = self.segment.map_or(1, |number| number.saturating_add(1));
        self.segment = Some(header.number);
        if is_first {
            let start = Start {
                instance: &header.instance,
                first: header.first,
                previous: header.previous,
                time: header.time,
                tree: header.frontier(),
            };
            self.begin(file, start, begins_anywhere);
            return;
        }
        if self.instance.as_ref() != Some(&header.instance) {
            let found = header.instance.clone();
            self.fault(file, 0, Wrong::AnotherInstance { found });
        }
        // The records themselves tell what is missing between them.
        let continues = header.first == self.expected
            && header.previous == self.head
            && header.time == self.time
            && (self.tree.is_none() || header.frontier() == self.tree);
        if header.number == expected && !continues {
            self.fault(file, 0, Wrong::Record(Damage::HeadDiffers));
        }
    }

    /// Where the records begin.
    pub fn begin(&mut self, file: &str, start: Start<'_>, anywhere: bool) {
        let instance = self.instance.get_or_insert_with(|| start.instance.clone());
        if instance != start.instance {
            let found = start.instance.clone();
            self.fault(file, 0, Wrong::AnotherInstance { found });
        }
        if anywhere {
            self.expected = start.first;
            (self.head, self.time, self.tree) = (start.previous, start.time, start.tree);
            // Nothing that is here can be compared with these.
            self.wanted = self.wanted.split_off(&start.first.saturating_sub(1));
        } else {
            self.head = genesis(start.instance);
            self.tree = Some(Frontier::default());
            if start.first != 1 || start.previous != self.head {
                self.fault(file, 0, Wrong::Record(Damage::HeadDiffers));
            }
        }
        self.want_later();
        self.report.first = self.expected;
        self.compare(self.expected.saturating_sub(1));
    }

    /// All frames of a segment. `may_be_unfinished` is for the last one.
    pub fn frames<R: BufRead>(
        &mut self,
        file: &str,
        frames: &mut Frames<R>,
        may_be_unfinished: bool,
    ) -> io::Result<()> {
        loop {
            match frames.next_frame()? {
                Next::End => return Ok(()),
                Next::Frame(frame) => self.record(file, frame.offset, &frame.record, &frame.hash),
                Next::Nothing { offset } => {
                    self.fault(file, offset, Wrong::Record(Damage::NoRecord));
                    frames.skip()?;
                }
                Next::Unfinished { .. } if may_be_unfinished => {
                    self.report.unfinished = true;
                    return Ok(());
                }
                Next::Unfinished { offset } => {
                    self.fault(file, offset, Wrong::Record(Damage::Unfinished));
                    return Ok(());
                }
            }
        }
    }

    /// The next record, with the hash that stands behind it.
    pub fn record(&mut self, file: &str, at: u64, record: &Record, hash: &Hash) {
        self.report.records += 1;
        let found = record.sequence;
        let mut wrong = |damage| self.fault(file, at, Wrong::Record(damage));
        if record.hash().is_ok_and(|actual| actual != *hash) {
            wrong(Damage::Changed);
        }
        if found < self.expected {
            // Where it belongs is known of the others.
            return self.fault(file, at, Wrong::Record(Damage::OutOfOrder { found }));
        }
        if found > self.expected {
            self.fault(file, at, Wrong::Record(Damage::Missing { found }));
            self.tree = None;
        } else if record.previous != self.head {
            self.fault(file, at, Wrong::Record(Damage::ChainBroken));
        } else if record.time < self.time {
            self.fault(file, at, Wrong::Record(Damage::TimeBackwards));
        }
        self.head = *hash;
        self.time = self.time.max(record.time);
        if let Some(tree) = &mut self.tree {
            tree.push(merkle::leaf(hash), |_| ());
        }
        self.expected = found.saturating_add(1);
        self.compare(found);
    }

    /// Compares with the checkpoints over so many records.
    fn compare(&mut self, size: u64) {
        let Some(wanted) = self.wanted.remove(&size) else {
            return;
        };
        let root = self.tree.as_ref().map(Frontier::root);
        for wanted in wanted {
            self.report.checkpoints += 1;
            // Where records are missing before this one there is no root, but a last record.
            let same_root = root.is_none_or(|root| root == wanted.root);
            let same_head = wanted.head.is_none_or(|head| head == self.head);
            if same_root && same_head {
                if root.is_some() && !self.parted {
                    self.report.vouched = self.report.vouched.max(size);
                }
            } else if !std::mem::replace(&mut self.parted, true) {
                let agreed = self.report.vouched;
                let what = Wrong::NotAsCheckpoint { size, agreed };
                self.fault_of(&wanted.file, wanted.line, size, what);
            }
        }
    }

    /// Whether the last line is one that is being written.
    pub const fn unfinished(&mut self, unfinished: bool) {
        self.report.unfinished |= unfinished;
    }

    pub const fn is_empty(&self) -> bool {
        self.segment.is_none()
    }

    /// The state at the end: the number of the last record, the root, and the hash of that record.
    pub fn state(&self) -> (u64, Option<Hash>, Hash) {
        let root = self.tree.as_ref().map(Frontier::root);
        (self.expected.saturating_sub(1), root, self.head)
    }

    pub const fn time(&self) -> u64 {
        self.time
    }

    /// Ends it. In a journal's folder whatever a checkpoint speaks of has to be there.
    pub fn finish(mut self, whole_journal: bool) -> Report {
        self.want_later();
        let last = self.expected.saturating_sub(1);
        let beyond = self.wanted.split_off(&self.expected);
        if let Some((size, wanted)) = beyond.into_iter().next_back().filter(|_| whole_journal) {
            for wanted in wanted.into_iter().take(1) {
                self.fault_of(
                    &wanted.file,
                    wanted.line,
                    size,
                    Wrong::CutOff { size, last },
                );
            }
        }
        self.report.last = last;
        self.report.instance = self.instance;
        self.report
    }
}

/// What comes before the first record.
pub struct Start<'a> {
    pub instance: &'a Instance,
    pub first: u64,
    pub previous: Hash,
    pub time: u64,
    pub tree: Option<Frontier>,
}
