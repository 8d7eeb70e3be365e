//! The certificates on the cards. What is there is read once an insertion.

use std::{sync::Arc, time::Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use lichna_card::{Key, KeyRef, KeyRole};
use lichna_ipc::{CertificateChoice, CertificateInfo, Failure, KeyRole as Role, Purpose, Reply};
use lichna_pki::{Certificate, KeyAlgorithm};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{CARD, listing::is_practice, unlock::readable};
use crate::{
    Agent,
    cards::{CardCertificate, CardView, CertificateRead, Chosen, Stage, Tally, hex, insertion},
    connections::Dialogue,
};

/// All certificates, or those of one card.
pub async fn list(
    agent: &Agent,
    dialogue: &Dialogue,
    reader: Option<&str>,
) -> Result<Reply, Failure> {
    let mut found = Vec::new();
    if let Some(reader) = reader {
        listed(agent, dialogue, reader, &mut found).await?;
        return Ok(Reply::Certificates(found));
    }
    agent.cards.view().await;
    agent.cards.read_failed_again(None);
    let view = agent.cards.settled().await;
    if let Some(failure) = view.service_failure() {
        return Err(failure);
    }
    let mut failed = None;
    for reader in &view.readers {
        let known = reader.card.as_ref().map(|card| &card.stage);
        if matches!(known, Some(Stage::Known(_))) {
            let listed = listed(agent, dialogue, &reader.name, &mut found).await;
            match listed {
                // The holder does not want this one to be read.
                Err(failure @ (Failure::Refused | Failure::WrongCan)) => failed = Some(failure),
                Err(failure @ (Failure::PaceUnsupported { .. } | Failure::CardForged { .. })) => {
                    failed = Some(failure);
                }
                listed => listed?,
            }
        }
    }
    match failed {
        // One card does not hide the others.
        Some(failure) if found.is_empty() => Err(failure),
        _ => Ok(Reply::Certificates(found)),
    }
}

/// Adds those of the card in this reader.
async fn listed(
    agent: &Agent,
    dialogue: &Dialogue,
    reader: &str,
    found: &mut Vec<CertificateInfo>,
) -> Result<(), Failure> {
    let (chosen, _hold) = readable(agent, dialogue, Some(reader), Purpose::ReadCard).await?;
    of_card(&chosen, found).await
}

/// Those that can be read; one that cannot does not hide the others.
///
/// # Errors
/// Why the card could not be read.
pub async fn of_card(chosen: &Chosen, found: &mut Vec<CertificateInfo>) -> Result<(), Failure> {
    read(chosen, &all_keys(chosen), &Tally::default()).await?;
    for key in chosen.known.profile().keys() {
        match chosen.known.certificate(key.reference()) {
            Some(Ok(Some(certificate))) => found.push(info(&chosen.card, key, &certificate.parsed)),
            Some(Err(failure)) => tracing::warn!(%failure, "a certificate cannot be read"),
            Some(Ok(None)) | None => {}
        }
    }
    Ok(())
}

/// One certificate, as DER.
pub async fn one(
    agent: &Agent,
    dialogue: &Dialogue,
    choice: &CertificateChoice,
) -> Result<Reply, Failure> {
    let reader = choice.reader.as_deref();
    let (chosen, _hold) = readable(agent, dialogue, reader, Purpose::ReadCard).await?;
    let key = insertion::key(&chosen.known, choice.key.as_deref())?;
    let certificate = certificate(&chosen, key.reference(), &Tally::default()).await?;
    Ok(Reply::Certificate {
        info: Box::new(info(&chosen.card, key, &certificate.parsed)),
        der: STANDARD.encode(&certificate.der),
    })
}

/// The certificate of a key, from the card if it was not read before.
///
/// # Errors
/// [`Failure::CertificateMissing`], [`Failure::CertificateUnreadable`], or why the card could
/// not be read.
pub async fn certificate(
    chosen: &Chosen,
    key: KeyRef,
    tally: &Tally,
) -> Result<Arc<CardCertificate>, Failure> {
    read(chosen, &[key], tally).await?;
    let missing = || Failure::CertificateMissing {
        key: key.to_string(),
    };
    let read: CertificateRead = chosen.known.certificate(key).ok_or_else(missing)?;
    read?.ok_or_else(missing)
}

fn all_keys(chosen: &Chosen) -> Vec<KeyRef> {
    let keys = chosen.known.profile().keys().iter();
    keys.map(Key::reference)
        .filter(|key| chosen.known.profile().certificate(*key).is_some())
        .collect()
}

/// Reads those that nobody tried to read yet.
///
/// # Errors
/// Why the card could not be read.
pub async fn read_unknown(chosen: &Chosen, keys: &[KeyRef], tally: &Tally) -> Result<(), Failure> {
    let unknown: Vec<_> = keys
        .iter()
        .copied()
        .filter(|key| chosen.known.certificate(*key).is_none())
        .collect();
    read(chosen, &unknown, tally).await
}

/// Reads what is not known yet. A certificate that was missing may have been written since, by a
/// program that personalises the card; it is looked for again.
async fn read(chosen: &Chosen, keys: &[KeyRef], tally: &Tally) -> Result<(), Failure> {
    let missing: Vec<_> = keys
        .iter()
        .copied()
        .filter(|key| !matches!(chosen.known.certificate(*key), Some(Ok(Some(_)))))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let deadline = Instant::now() + CARD;
    let (known, tally) = (Arc::clone(&chosen.known), tally.clone());
    let job =
        move |session: &mut _| insertion::certificates(session, &known, &missing, deadline, &tally);
    chosen.thread.run(deadline, job).await
}

/// A certificate, as a client is told of it.
pub fn info(card: &CardView, key: &Key, found: &Certificate) -> CertificateInfo {
    let identifier = found.holder_identifier().and_then(|one| one.electronic());
    CertificateInfo {
        reader: card.insertion.reader.clone(),
        practice: is_practice(card),
        key: key.reference().to_string(),
        role: role(key),
        subject: found.subject().to_owned(),
        common_name: found.common_name().map(str::to_owned),
        issuer: found.issuer().to_owned(),
        serial: found.serial().to_owned(),
        not_before: moment(found.not_before()),
        not_after: moment(found.not_after()),
        algorithm: algorithm(found.key_algorithm()),
        fingerprint: hex(&found.fingerprint()),
        electronic_identifier: identifier.map(|uuid| uuid.to_string()),
    }
}

/// What a key is for, as the protocol says it.
pub fn role(key: &Key) -> Role {
    match key.role() {
        KeyRole::Authentication => Role::Authentication,
        KeyRole::Signature => Role::Signing,
        _ => Role::Other,
    }
}

fn algorithm(algorithm: &KeyAlgorithm) -> String {
    match algorithm {
        KeyAlgorithm::EcP256 => "EC P-256".into(),
        KeyAlgorithm::EcP384 => "EC P-384".into(),
        KeyAlgorithm::Rsa { bits } => format!("RSA-{bits}"),
        other => other.to_string(),
    }
}

/// RFC 3339, in UTC.
pub fn moment(moment: OffsetDateTime) -> String {
    let utc = moment.to_offset(UtcOffset::UTC);
    // Years beyond 9999 have no such form; no certificate has them.
    utc.format(&Rfc3339).unwrap_or_else(|_| utc.to_string())
}
