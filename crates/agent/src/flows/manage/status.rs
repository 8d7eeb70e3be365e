//! Whether a certificate is good at this moment, and who says so: its chain, the lists of revoked
//! certificates, OCSP, and this computer's clock. Req 6.4, 20.3.

use std::{path::PathBuf, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use lichna_ipc::{
    CertificateOf, Failure, Purpose as Asking, StatusOutcome, StatusRequest, StatusSource, Step,
    Verdict as Told,
};
use lichna_pki::{
    Certificate, CertificateId, ClockTrouble, Crl, Evidence, KeyPurpose, OcspHash, OcspRequest,
    OcspResponse, Purpose, RevocationList, Verdict, read_bundle,
};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use time::OffsetDateTime;

use super::fetch;
use crate::{
    Agent,
    authority::{Authority, Call, Line, from_base64},
    cards::{Tally, insertion},
    connections::Dialogue,
    consent::Prompter,
    flows::{
        certificates::{certificate, moment},
        listing::is_practice,
        unlock::readable,
    },
};

/// The certificates of the authority itself, RFC 7030 §4.1.
const AUTHORITIES: &str = "/.well-known/est/cacerts";
/// Where lists are kept, in the cache folder.
const FOLDER: &str = "revocation";
/// Most certificates in a file.
const MOST: usize = 16;

/// A certificate, and where it is from.
struct Questioned {
    certificate: Certificate,
    /// What stood beside it.
    above: Vec<Certificate>,
    /// The reader, and whether it is a practice card.
    card: Option<(String, bool)>,
}

/// Finds out.
///
/// # Errors
/// Why the certificate cannot be read, or the authority is not known. That it is not good is an
/// answer.
pub async fn check(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: StatusRequest,
) -> Result<Box<StatusOutcome>, Failure> {
    let reader = match &request.certificate {
        CertificateOf::Card(choice) => choice.reader.as_deref(),
        CertificateOf::File { .. } => None,
    };
    let authority = Authority::for_card(agent, request.authority.as_ref(), reader)?;
    let questioned = match &request.certificate {
        CertificateOf::Card(choice) => {
            let (chosen, _hold) =
                readable(agent, dialogue, choice.reader.as_deref(), Asking::ReadCard).await?;
            let key = insertion::key(&chosen.known, choice.key.as_deref())?;
            let found = certificate(&chosen, key.reference(), &Tally::default()).await?;
            let reader = chosen.card.insertion.reader.clone();
            Questioned {
                certificate: found.parsed.clone(),
                above: chosen.known.chain().to_vec(),
                card: Some((reader, is_practice(&chosen.card))),
            }
        }
        CertificateOf::File { file, contents } => in_file(file, contents)?,
    };
    dialogue.progress(Step::CheckStatus);
    let mut authorities = questioned.above;
    let mut anchors = trusted(&authority);
    match of_authority(&authority, dialogue).await {
        // It was asked over a connection that its own root vouches for, RFC 7030 §4.1.1.
        Ok(theirs) => {
            let (roots, others): (Vec<_>, Vec<_>) = theirs
                .into_iter()
                .partition(|one| one.subject_der() == one.issuer_der());
            anchors.extend(roots);
            authorities.extend(others);
        }
        // What is at hand may do.
        Err(failure) => tracing::warn!(%failure, "the authority's certificates cannot be had"),
    }
    let known = Known {
        certificate: questioned.certificate,
        anchors,
        authorities,
    };
    let said = said(&known, agent.home.cache().join(FOLDER)).await;
    // A list of a million entries takes a moment.
    let judged = tokio::task::spawn_blocking(move || judge(known, said));
    let judged = judged.await.map_err(|_| Failure::Stopping)?;
    Ok(Box::new(StatusOutcome {
        reader: questioned.card.as_ref().map(|(reader, _)| reader.clone()),
        practice: judged.practice || questioned.card.is_some_and(|(_, practice)| practice),
        ..judged
    }))
}

/// The first certificate of a file is asked about; the others may stand above it.
fn in_file(file: &str, contents: &str) -> Result<Questioned, Failure> {
    let unreadable = |reason: String| Failure::FileUnreadable {
        file: file.to_owned(),
        reason,
    };
    let bytes = STANDARD
        .decode(contents)
        .map_err(|error| unreadable(error.to_string()))?;
    let ders = from_pem(&bytes);
    let ders = if ders.is_empty() { vec![bytes] } else { ders };
    let mut parsed = ders.iter().map(|der| Certificate::parse(der));
    let first = parsed.next().and_then(Result::ok);
    Ok(Questioned {
        certificate: first.ok_or_else(|| unreadable("not a certificate".into()))?,
        above: parsed.filter_map(Result::ok).collect(),
        card: None,
    })
}

/// The certificates in PEM, of a file of any kind.
fn from_pem(text: &[u8]) -> Vec<Vec<u8>> {
    CertificateDer::pem_slice_iter(text)
        .take(MOST)
        .filter_map(Result::ok)
        .map(|der| der.to_vec())
        .collect()
}

/// Whom the holder trusts with this authority.
fn trusted(authority: &Authority) -> Vec<Certificate> {
    let root = authority.choice.root.as_ref();
    let ders = root.map(|root| from_pem(root.pem.as_bytes()));
    let parsed = ders.unwrap_or_default();
    let parsed = parsed.iter().map(|der| Certificate::parse(der));
    parsed.filter_map(Result::ok).collect()
}

/// The certificates that the authority itself has.
async fn of_authority(
    authority: &Authority,
    dialogue: &Dialogue,
) -> Result<Vec<Certificate>, Failure> {
    let introduced = authority.introduce(dialogue).await?;
    let mut line = Line::anonymous(introduced);
    let text = line.raw(Call::get(AUTHORITIES)).await?;
    let bundle = from_base64(authority.host(), &text)?;
    read_bundle(&bundle).map_err(|fault| Failure::AuthorityMalformed {
        host: authority.host().to_owned(),
        what: fault.to_string(),
    })
}

/// What is judged, and by whom.
struct Known {
    certificate: Certificate,
    anchors: Vec<Certificate>,
    authorities: Vec<Certificate>,
}

impl Known {
    /// The authority that the certificate names. Whether it signed it is found out later.
    fn issuer(&self) -> Option<&Certificate> {
        let mut all = self.authorities.iter().chain(&self.anchors);
        all.find(|one| one.subject_der() == self.certificate.issuer_der())
    }
}

/// Bytes that came from an address, or why none came.
struct Came {
    url: String,
    bytes: Result<Vec<u8>, String>,
}

/// Everything that was said of the certificate; none of it is believed yet.
struct Said {
    list: Option<Came>,
    delta: Option<Came>,
    answer: Option<Came>,
    nonce: [u8; 32],
}

async fn said(known: &Known, folder: PathBuf) -> Said {
    let mut nonce = [0; 32];
    // Without one the answer is only as good as any that was made today.
    let fresh = getrandom::fill(&mut nonce).is_ok();
    let first = |urls: Vec<String>| urls.into_iter().next();
    let list = async |url: Option<String>| {
        let url = url?;
        let bytes = fetch::list(&url, &folder).await;
        let bytes = bytes.map_err(|error| error.to_string());
        Some(Came { url, bytes })
    };
    let answer = async {
        let url = first(known.certificate.ocsp_urls())?;
        let bytes = match question(known, fresh.then_some(nonce)) {
            Some(question) => fetch::ocsp(&url, question)
                .await
                .map_err(|error| error.to_string()),
            None => Err("the issuer is not known".to_owned()),
        };
        Some(Came { url, bytes })
    };
    let lists = async {
        // The delta first: were it the other way round, a full list made in between could leave a
        // delta that does not fit, and with it a suspension that nobody sees.
        let delta = list(first(known.certificate.freshest_crl_urls())).await;
        (list(first(known.certificate.crl_urls())).await, delta)
    };
    let ((list, delta), answer) = tokio::join!(lists, answer);
    Said {
        list,
        delta,
        answer,
        nonce,
    }
}

fn question(known: &Known, nonce: Option<[u8; 32]>) -> Option<Vec<u8>> {
    let (issuer, serial) = (known.issuer()?, known.certificate.serial_number()?);
    let id = CertificateId::new(issuer, serial, OcspHash::Sha1).ok()?;
    let nonce = nonce.map(|nonce| nonce.to_vec());
    OcspRequest::new(vec![id], nonce).ok()?.to_der().ok()
}

/// Says what each source says, and what they say together.
fn judge(known: Known, said: Said) -> StatusOutcome {
    let now = OffsetDateTime::now_utc();
    let mut sources = Vec::new();
    let evidence = Evidence {
        anchors: &known.anchors,
        authorities: &known.authorities,
        ..Evidence::default()
    };
    let chain = evidence.check(&known.certificate, purpose(&known.certificate), now);
    sources.push(StatusSource {
        // Nobody was asked about revocation yet.
        verdict: match told(&chain) {
            Told::Unknown => Told::Good,
            verdict => verdict,
        },
        detail: match &chain {
            Verdict::NoFreshEvidence { .. } | Verdict::Unknown => None,
            verdict => detail(verdict),
        },
        ..source("chain", None)
    });

    let (mut lists, mut responses) = (Vec::new(), Vec::new());
    let issuer = known.issuer();
    let check = |lists: &[RevocationList], responses: &[OcspResponse]| {
        let evidence = Evidence {
            lists,
            responses,
            nonce: Some(&said.nonce),
            ..evidence
        };
        evidence.check(&known.certificate, purpose(&known.certificate), now)
    };
    let list = read(said.list.as_ref(), issuer, |der, issuer| {
        let list = Crl::read(der, issuer).map_err(|fault| fault.to_string())?;
        RevocationList::new(list).map_err(|fault| fault.to_string())
    });
    match list {
        None => {}
        Some((came, Err(reason))) => sources.push(silent("crl", came, reason)),
        Some((came, Ok(list))) => {
            let verdict = check(std::slice::from_ref(&list), &[]);
            sources.push(listed("crl", came, &verdict, list.full()));
            lists.push(list);
        }
    }
    let delta = read(said.delta.as_ref(), issuer, |der, issuer| {
        Crl::read(der, issuer).map_err(|fault| fault.to_string())
    });
    if let Some((came, delta)) = delta {
        let joined = delta.and_then(|delta| {
            let list = lists.first_mut().ok_or("there is no full list")?;
            let told = delta.clone();
            list.join(delta).map_err(|fault| fault.to_string())?;
            Ok(told)
        });
        sources.push(match joined {
            Err(reason) => silent("delta-crl", came, reason),
            Ok(delta) => listed("delta-crl", came, &check(&lists, &[]), &delta),
        });
    }
    let answer = read(said.answer.as_ref(), issuer, |der, issuer| {
        OcspResponse::read(der, issuer).map_err(|fault| fault.to_string())
    });
    match answer {
        None => {}
        Some((came, Err(reason))) => sources.push(silent("ocsp", came, reason)),
        Some((came, Ok(response))) => {
            let verdict = check(&[], std::slice::from_ref(&response));
            let answer = issuer.and_then(|issuer| response.answer(&known.certificate, issuer));
            sources.push(StatusSource {
                verdict: told(&verdict),
                this_update: answer.map(|answer| moment(answer.this_update)),
                next_update: answer.and_then(|answer| Some(moment(answer.next_update?))),
                detail: detail(&verdict),
                reason: reason(&verdict),
                ..source("ocsp", Some(&came.url))
            });
            responses.push(response);
        }
    }

    let verdict = check(&lists, &responses);
    StatusOutcome {
        subject: known.certificate.subject().to_owned(),
        serial: known.certificate.serial().to_owned(),
        reader: None,
        practice: known.certificate.is_practice(),
        verdict: told(&verdict),
        clock_ahead: clock_ahead(&verdict),
        sources,
    }
}

/// What came, as far as it can be read; `None` where there was nobody to ask.
fn read<'a, T>(
    came: Option<&'a Came>,
    issuer: Option<&Certificate>,
    read: impl FnOnce(&[u8], &Certificate) -> Result<T, String>,
) -> Option<(&'a Came, Result<T, String>)> {
    let came = came?;
    let done = match (&came.bytes, issuer) {
        (Err(reason), _) => Err(reason.clone()),
        (Ok(_), None) => Err("the issuer is not known".to_owned()),
        (Ok(der), Some(issuer)) => read(der, issuer),
    };
    Some((came, done))
}

fn source(name: &str, url: Option<&String>) -> StatusSource {
    StatusSource {
        source: name.to_owned(),
        verdict: Told::Unknown,
        url: url.cloned(),
        this_update: None,
        next_update: None,
        number: None,
        detail: None,
        reason: None,
    }
}

fn silent(name: &str, came: &Came, reason: String) -> StatusSource {
    StatusSource {
        detail: Some(reason),
        ..source(name, Some(&came.url))
    }
}

fn listed(name: &str, came: &Came, verdict: &Verdict, list: &Crl) -> StatusSource {
    StatusSource {
        verdict: told(verdict),
        this_update: Some(moment(list.this_update())),
        next_update: Some(moment(list.next_update())),
        number: list.number().map(|number| {
            let digits = number.to_string();
            format!("0x{}", digits.trim_start_matches('0'))
        }),
        detail: detail(verdict),
        reason: reason(verdict),
        ..source(name, Some(&came.url))
    }
}

/// For what it is made.
fn purpose(certificate: &Certificate) -> Purpose {
    match certificate.purpose() {
        KeyPurpose::Signing => Purpose::Signing,
        _ => Purpose::Authentication,
    }
}

fn told(verdict: &Verdict) -> Told {
    match verdict {
        Verdict::Good { .. } => Told::Good,
        Verdict::Hold { .. } => Told::Suspended,
        Verdict::Revoked { .. } => Told::Revoked,
        Verdict::NotYetValid { .. } => Told::NotYetValid,
        Verdict::Expired { .. } => Told::Expired,
        Verdict::Untrusted(_) => Told::Untrusted,
        _ => Told::Unknown,
    }
}

/// Since when, or why not.
fn detail(verdict: &Verdict) -> Option<String> {
    Some(match verdict {
        Verdict::Hold { since } | Verdict::Revoked { since, .. } => moment(*since),
        Verdict::NotYetValid { from } => moment(*from),
        Verdict::Expired { since } => moment(*since),
        Verdict::Untrusted(fault) => fault.to_string(),
        Verdict::NoFreshEvidence { ended: Some(ended) } => moment(*ended),
        _ => return None,
    })
}

/// Why it is revoked.
fn reason(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Revoked { reason, .. } => Some(reason.to_string()),
        _ => None,
    }
}

/// By how many seconds this computer's clock is ahead, where the authority's signatures say so.
fn clock_ahead(verdict: &Verdict) -> Option<i64> {
    let Verdict::ClockTrouble(trouble) = verdict else {
        return None;
    };
    Some(match trouble {
        ClockTrouble::Ahead { by } => i64::try_from(by.as_secs()).unwrap_or(i64::MAX),
        ClockTrouble::Behind { by } => i64::try_from(by.as_secs()).map_or(i64::MIN, |by| -by),
    })
}
