//! What an instance keeps at hand so that it need not be read or signed anew. Whether it still
//! holds is looked up for each request: another instance may know better.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::body::Bytes;
use lichna_pki::{CertificateId, CertificateStatus};

/// The newest lists, and OCSP answers.
#[derive(Debug, Default)]
pub struct Memory {
    full: RwLock<Option<Arc<List>>>,
    delta: RwLock<Option<Arc<List>>>,
    answers: Mutex<HashMap<CertificateId, Answer>>,
}

/// A revocation list.
#[derive(Debug)]
pub struct List {
    /// Its number.
    pub number: i64,
    /// DER.
    pub der: Bytes,
    /// Unix milliseconds.
    pub this_update: i64,
}

/// A signed OCSP answer to a question without a nonce.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it says.
    pub status: CertificateStatus,
    /// When it was made, Unix milliseconds.
    pub made_at: i64,
    /// DER.
    pub der: Bytes,
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All certificates that are suspended or revoked.
    Full,
    /// What changed since the full list.
    Delta,
}

impl Memory {
    /// The list, if it is the one with this number.
    pub fn list(&self, kind: Kind, number: i64) -> Option<Arc<List>> {
        let kept = self
            .place(kind)
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        kept.clone().filter(|list| list.number == number)
    }

    /// Keeps a list, unless a newer one is kept.
    pub fn keep_list(&self, kind: Kind, list: &Arc<List>) {
        let mut kept = self
            .place(kind)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|kept| kept.number < list.number) {
            *kept = Some(Arc::clone(list));
        }
    }

    /// The answer that says this of the certificate and was made after that time.
    pub fn answer(
        &self,
        id: &CertificateId,
        status: &CertificateStatus,
        after: i64,
    ) -> Option<Answer> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.get(id)?;
        (answer.status == *status && answer.made_at > after).then(|| answer.clone())
    }

    /// Keeps an answer.
    pub fn keep_answer(&self, id: CertificateId, answer: Answer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= ANSWERS {
            answers.clear();
        }
        answers.insert(id, answer);
    }

    const fn place(&self, kind: Kind) -> &RwLock<Option<Arc<List>>> {
        match kind {
            Kind::Full => &self.full,
            Kind::Delta => &self.delta,
        }
    }
}

/// Answers that are kept; each takes some 2 KB.
const ANSWERS: usize = 10_000;
