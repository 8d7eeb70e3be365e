//! What a person is told without having asked: that a certificate ends soon, and that he forgot his
//! card in the reader. Decided when something changes, and at the moment when it becomes true. Req C.4

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use lichna_ipc::{CertificateInfo, KeyRole, Notice};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    cards::{CardView, Cards, View},
    flows::certificates::moment,
    pin_policy::Insertion,
    state_file::StateFile,
};

/// So long before its end the holder is told of a certificate.
const BEFORE: time::Duration = time::Duration::days(60);
/// So long he is not told of the same one again.
const AGAIN: time::Duration = time::Duration::days(7);
/// After so long without use a card is forgotten in its reader.
const FORGOTTEN: Duration = Duration::from_secs(10 * 60);
/// Most bytes of the file.
const LONGEST_FILE: u64 = 64 * 1024;
/// The longest that is waited for at once; who waits for longer looks again then.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// What was told, and what is known of cards for that.
pub struct Notices {
    file: StateFile<Told>,
    cards: Mutex<HashMap<Insertion, Seen>>,
}

/// When the holder was last told of a certificate (RFC 3339), by its serial number.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    certificates: BTreeMap<String, String>,
}

/// A card in its reader.
struct Seen {
    /// The last job of its thread, and since when there was no other.
    job: u64,
    unused_since: Instant,
    /// Certificates that are told of as long as it is there.
    ending: Vec<String>,
}

/// What is to be told, and when that may be more.
#[derive(Debug, Default)]
pub struct Decided {
    /// What.
    pub notices: Vec<Notice>,
    /// When to look again, if nothing else gives reason to.
    pub look_again: Option<Instant>,
}

impl Decided {
    fn wait(&mut self, longest: Duration, now: Instant) {
        let at = now + longest.min(LONGEST_WAIT);
        self.look_again = Some(self.look_again.map_or(at, |other| other.min(at)));
    }
}

impl Notices {
    /// With what was told before in that file.
    pub fn new(file: PathBuf) -> Self {
        Self {
            file: StateFile::new(file, LONGEST_FILE),
            cards: Mutex::default(),
        }
    }

    /// What is to be told now, of these cards and their certificates.
    pub fn now(&self, cards: &Cards, view: &View, certificates: &[CertificateInfo]) -> Decided {
        let mut decided = Decided::default();
        let now = Instant::now();
        let mut all = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|insertion, _| view.has(insertion));
        for card in view.readers.iter().filter_map(|one| one.card.as_deref()) {
            let reader = &card.insertion.reader;
            let job = cards.thread_of(reader).map_or(0, |thread| thread.jobs());
            let seen = all.entry(card.insertion.clone()).or_insert_with(|| Seen {
                job,
                unused_since: now,
                ending: Vec::new(),
            });
            if seen.job != job {
                (seen.job, seen.unused_since) = (job, now);
            }
            forgotten(card, seen.unused_since, now, &mut decided);
            for certificate in certificates.iter().filter(|one| one.reader == *reader) {
                self.ending(certificate, seen, now, &mut decided);
            }
        }
        decided
    }

    fn ending(
        &self,
        certificate: &CertificateInfo,
        seen: &mut Seen,
        now: Instant,
        decided: &mut Decided,
    ) {
        let Ok(end) = OffsetDateTime::parse(&certificate.not_after, &Rfc3339) else {
            return;
        };
        let today = OffsetDateTime::now_utc();
        if certificate.role == KeyRole::Other || end <= today {
            return;
        }
        if let Ok(early) = Duration::try_from(end - BEFORE - today) {
            decided.wait(early, now);
            return;
        }
        if !seen.ending.contains(&certificate.serial) {
            if !self.is_due(&certificate.serial, today) {
                return;
            }
            seen.ending.push(certificate.serial.clone());
        }
        decided.notices.push(Notice::CertificateEnds {
            reader: certificate.reader.clone(),
            serial: certificate.serial.clone(),
            not_after: certificate.not_after.clone(),
        });
    }

    /// Whether the holder was not told of this one for long enough; from now on he was.
    fn is_due(&self, serial: &str, today: OffsetDateTime) -> bool {
        let is_recent = |told: &String| {
            let told = OffsetDateTime::parse(told, &Rfc3339);
            told.is_ok_and(|told| (today - told).abs() < AGAIN)
        };
        let told = self.file.change(|Told { certificates }| {
            certificates.retain(|_, told| is_recent(told));
            if certificates.contains_key(serial) {
                return false;
            }
            certificates.insert(serial.to_owned(), moment(today));
            true
        });
        told.unwrap_or_else(|failure| {
            // Rather not at all than again and again.
            tracing::warn!(%failure, "that a certificate ends soon is not told");
            false
        })
    }
}

/// A card of our own is in no reader that it could be left in.
fn forgotten(card: &CardView, unused_since: Instant, now: Instant, decided: &mut Decided) {
    if card.own {
        return;
    }
    match FORGOTTEN.checked_sub(now.saturating_duration_since(unused_since)) {
        Some(left) if !left.is_zero() => decided.wait(left, now),
        _ => decided.notices.push(Notice::CardForgotten {
            reader: card.insertion.reader.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cards::Stage;

    fn certificate(days: i64) -> CertificateInfo {
        CertificateInfo {
            reader: "Reader".into(),
            practice: false,
            key: "9A".into(),
            role: KeyRole::Authentication,
            subject: "CN=Ivan".into(),
            common_name: None,
            issuer: "CN=CA".into(),
            serial: "0A".into(),
            not_before: "2020-01-01T00:00:00Z".into(),
            not_after: moment(OffsetDateTime::now_utc() + time::Duration::days(days)),
            algorithm: "EC P-256".into(),
            fingerprint: String::new(),
            electronic_identifier: None,
        }
    }

    fn seen() -> Seen {
        Seen {
            job: 0,
            unused_since: Instant::now(),
            ending: Vec::new(),
        }
    }

    fn told(notices: &Notices, seen: &mut Seen, days: i64) -> Decided {
        let mut decided = Decided::default();
        notices.ending(&certificate(days), seen, Instant::now(), &mut decided);
        decided
    }

    #[test]
    fn a_certificate_that_ends_soon_is_told_of_once_a_week() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("notices.json");
        let notices = Notices::new(file.clone());
        let mut card = seen();
        assert_eq!(told(&notices, &mut card, 30).notices.len(), 1);
        // As long as the card is there it stays so.
        assert_eq!(told(&notices, &mut card, 30).notices.len(), 1);
        // Not when it comes again, nor by another agent.
        assert!(told(&notices, &mut seen(), 30).notices.is_empty());
        let next = Notices::new(file.clone());
        assert!(told(&next, &mut seen(), 30).notices.is_empty());
        let week = moment(OffsetDateTime::now_utc() - AGAIN);
        std::fs::write(file, format!(r#"{{"certificates":{{"0A":"{week}"}}}}"#)).unwrap();
        assert_eq!(told(&next, &mut seen(), 30).notices.len(), 1);
    }

    #[test]
    fn a_certificate_with_time_left_is_looked_at_again_and_one_that_ended_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let notices = Notices::new(folder.path().join("notices.json"));
        let later = told(&notices, &mut seen(), 61);
        assert!(later.notices.is_empty() && later.look_again.is_some());
        let over = told(&notices, &mut seen(), -1);
        assert!(over.notices.is_empty() && over.look_again.is_none());
    }

    #[test]
    fn a_card_is_forgotten_after_ten_minutes_without_use() {
        let card = |own| CardView {
            insertion: Insertion {
                reader: "Reader".into(),
                count: 1,
            },
            atr: Vec::new(),
            interface: lichna_apdu::Interface::Contact,
            own,
            stage: Stage::Unknown,
        };
        let since = Instant::now();
        let decided = |own, after: Duration| {
            let mut decided = Decided::default();
            forgotten(&card(own), since, since + after, &mut decided);
            decided
        };
        let early = decided(false, FORGOTTEN / 2);
        assert!(early.notices.is_empty());
        assert_eq!(early.look_again, Some(since + FORGOTTEN));
        assert_eq!(decided(false, FORGOTTEN).notices.len(), 1);
        let own = decided(true, FORGOTTEN);
        assert!(own.notices.is_empty() && own.look_again.is_none());
    }
}
