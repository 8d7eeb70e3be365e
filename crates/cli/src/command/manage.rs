//! `lichna suspend`, `resume`, `revoke`, `name` and `history`. Req C.4, 16, 17, 18.

use lichna_consent::date;
use lichna_i18n::plain;
use lichna_ipc::{
    AuthorityChoice, CertificateState, ConsentRoute, HistoryEntry, HistoryRequest,
    HolderCertificate, Managed, NameRequest, NumberKind, Reply, Request, ResumeRequest,
    RevokeRequest, Someone, SuspendRequest,
};

use super::{ask_with, pem, secrets, unexpected};
use crate::arguments::authority::{
    History, Name, OfAuthority, OfHolder, OfInput, OfSomeone, Resume, Revoke, Suspend,
};
use crate::consent::moment;
use crate::face::{Face, Given};
use crate::output::Output;
use crate::person;
use crate::problem::Problem;

pub fn suspend(suspend: Suspend, out: &Output) -> Result<(), Problem> {
    let face = face(&suspend.of, suspend.yes, out)?;
    let request = Request::Suspend(SuspendRequest {
        authority: authority(&suspend.of.authority)?,
        reader: suspend.of.reader,
        serial: suspend.serial,
        lost: suspend.lost,
        reason: suspend.reason,
        of: someone(suspend.someone),
        consent: ConsentRoute::Caller,
    });
    let Reply::Suspended(managed) = ask_with(request, face)? else {
        return Err(unexpected());
    };
    let text = if suspend.lost {
        "manage-suspended-lost"
    } else {
        "manage-suspended"
    };
    done(&managed, text, out)
}

pub fn resume(resume: Resume, out: &Output) -> Result<(), Problem> {
    let face = face(&resume.of, false, out)?;
    let of = someone(resume.someone);
    if of.is_some() && !resume.appeared {
        person::appeared(out)?;
    }
    let request = Request::Resume(ResumeRequest {
        authority: authority(&resume.of.authority)?,
        reader: resume.of.reader,
        serial: resume.serial,
        reason: resume.reason,
        of,
        consent: ConsentRoute::Caller,
    });
    match ask_with(request, face)? {
        Reply::Resumed(managed) => done(&managed, "manage-resumed", out),
        _ => Err(unexpected()),
    }
}

pub fn revoke(revoke: Revoke, out: &Output) -> Result<(), Problem> {
    let face = face(&revoke.of, revoke.yes, out)?;
    let request = Request::Revoke(RevokeRequest {
        authority: authority(&revoke.of.authority)?,
        reader: revoke.of.reader,
        serial: revoke.serial,
        reason: revoke.reason,
        consent: ConsentRoute::Caller,
    });
    match ask_with(request, face)? {
        Reply::Revoked(managed) => done(&managed, "manage-revoked", out),
        _ => Err(unexpected()),
    }
}

pub fn name(name: Name, out: &Output) -> Result<(), Problem> {
    let face = face(&name.of, false, out)?;
    let request = Request::NameCertificate(NameRequest {
        authority: authority(&name.of.authority)?,
        reader: name.of.reader,
        serial: name.serial,
        name: name.name,
        consent: ConsentRoute::Caller,
    });
    match ask_with(request, face)? {
        Reply::Named(managed) => done(&managed, "manage-named", out),
        _ => Err(unexpected()),
    }
}

pub fn history(history: History, out: &Output) -> Result<(), Problem> {
    let face = face(&history.of, false, out)?;
    let request = Request::History(HistoryRequest {
        authority: authority(&history.of.authority)?,
        reader: history.of.reader,
        consent: ConsentRoute::Caller,
    });
    let Reply::History(history) = ask_with(request, face)? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&history);
    }
    table(&history.certificates, out)?;
    if history.entries.is_empty() {
        return out.print(&out.text("history-none"));
    }
    out.print("")?;
    let row = |entry: &HistoryEntry| {
        vec![
            plain(&moment(&entry.time)),
            plain(&entry.serial),
            out.word("event", &entry.event),
            out.word("certificate-state", &entry.state),
            entry
                .by
                .as_ref()
                .map_or_else(String::new, |by| out.word("by", by)),
            entry
                .reason
                .as_deref()
                .map_or_else(String::new, |reason| out.reason(reason)),
        ]
    };
    out.print_table(
        &[
            "title-when",
            "title-serial",
            "title-what",
            "title-became",
            "title-by",
            "title-reason",
        ],
        history.entries.iter().map(row).collect(),
    )
}

/// What the authority says now.
fn done(managed: &Managed, text: &str, out: &Output) -> Result<(), Problem> {
    if out.json {
        return out.print_json(managed);
    }
    out.print(&out.text(text))?;
    table(&managed.certificates, out)
}

/// Certificates, as the register has them.
fn table(certificates: &[HolderCertificate], out: &Output) -> Result<(), Problem> {
    let row = |certificate: &HolderCertificate| {
        vec![
            plain(&certificate.serial),
            out.word("role", &certificate.role),
            state(certificate.state, out),
            plain(date(&certificate.not_after)),
            certificate
                .carrier
                .as_deref()
                .map(plain)
                .unwrap_or_default(),
            certificate.name.as_deref().map(plain).unwrap_or_default(),
        ]
    };
    out.print_table(
        &[
            "title-serial",
            "title-role",
            "title-state",
            "title-until",
            "title-card",
            "title-label",
        ],
        certificates.iter().map(row).collect(),
    )
}

fn state(state: CertificateState, out: &Output) -> String {
    out.word("certificate-state", &state)
}

/// How the person, or the script, is spoken with.
fn face<'a>(of: &OfHolder, agreed: bool, out: &'a Output) -> Result<Face<'a>, Problem> {
    let secrets = secrets(given(of.input))?;
    Ok(Face::new(out, secrets).with_agreement(agreed))
}

/// What a script gives, where there is one card.
pub fn given(input: OfInput) -> Given {
    Given {
        can: input.can_stdin,
        pins: input.pin_stdin,
        ..Given::default()
    }
}

/// The authority that was named, with its certificate.
///
/// # Errors
/// [`lichna_ipc::Failure::FileUnreadable`].
pub fn authority(of: &OfAuthority) -> Result<Option<AuthorityChoice>, Problem> {
    let Some(url) = &of.url else {
        return Ok(None);
    };
    let root = of.root.as_deref().map(pem).transpose()?;
    Ok(Some(AuthorityChoice {
        url: url.clone(),
        root,
    }))
}

fn someone(of: OfSomeone) -> Option<Someone> {
    let by_number = |kind, number| Someone::Number { kind, number };
    match (of.egn, of.lnch, of.identifier) {
        (Some(egn), ..) => Some(by_number(NumberKind::Egn, egn)),
        (_, Some(lnch), _) => Some(by_number(NumberKind::Lnch, lnch)),
        (_, _, Some(identifier)) => Some(Someone::Identifier { identifier }),
        _ => None,
    }
}
