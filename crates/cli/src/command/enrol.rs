//! `lichna enrol` and `lichna renew`. Req C.5, 13.6, 14.

use clap::ValueEnum;
use lichna_consent::{date, full};
use lichna_i18n::plain;
use lichna_ipc::{
    Applicant, CertificateInfo, ConsentRoute, EnrolRequest, RenewRequest, Reply, Request,
    TaskOutcome,
};

use super::manage::{authority, given};
use super::tasks::or_later;
use super::{ask_with, secrets, unexpected};
use crate::arguments::authority::{Algorithm, Enrol, Renew};
use crate::face::{Face, Given};
use crate::output::{Output, plain_table};
use crate::person;
use crate::problem::Problem;

pub fn run(enrol: Enrol, out: &Output) -> Result<(), Problem> {
    let secrets = secrets(Given {
        officer_can: enrol.officer_can_stdin,
        code: enrol.code_stdin,
        ..given(enrol.input)
    })?;
    let authority = authority(&enrol.authority)?;
    let officer_reader = enrol.officer_reader.clone();
    let applicant = match enrol.invitation {
        Some(application) => Applicant::Invitation { application },
        None if enrol.practice => Applicant::Practice,
        None => Applicant::Officer {
            person: person::of(&enrol.person, out)?,
            officer_reader: enrol.officer_reader,
            telephone_password: enrol.telephone_password,
        },
    };
    let request = Request::Enrol(EnrolRequest {
        card: enrol.card,
        authority,
        applicant,
        reader: enrol.reader,
        key_algorithm: enrol.algorithm.and_then(named),
        consent: ConsentRoute::Caller,
    });
    let face = Face::new(out, secrets)
        .with_agreement(enrol.yes)
        .with_officer_reader(officer_reader);
    match or_later(ask_with(request, face), out)? {
        Reply::Enrolled(outcome) => show(&outcome, "enrol-done", out),
        _ => Err(unexpected()),
    }
}

pub fn renew(renew: Renew, out: &Output) -> Result<(), Problem> {
    let secrets = secrets(given(renew.input))?;
    let request = Request::Renew(RenewRequest {
        authority: authority(&renew.authority)?,
        reader: renew.reader,
        key_algorithm: renew.algorithm.and_then(named),
        consent: ConsentRoute::Caller,
    });
    let face = Face::new(out, secrets).with_agreement(renew.yes);
    match or_later(ask_with(request, face), out)? {
        Reply::Renewed(outcome) => show(&outcome, "renew-done", out),
        _ => Err(unexpected()),
    }
}

/// As card profiles name it.
fn named(algorithm: Algorithm) -> Option<String> {
    let name = algorithm.to_possible_value()?;
    Some(name.get_name().to_owned())
}

/// Whose certificates are on the card now.
pub fn show(outcome: &TaskOutcome, done: &str, out: &Output) -> Result<(), Problem> {
    if out.json {
        return out.print_json(outcome);
    }
    out.print(&out.text(done))?;
    let mut table = plain_table();
    let mut line = |title: &str, text: String| {
        table.add_row([format!("{}:", out.text(title)), text]);
    };
    if let Some(subject) = &outcome.subject {
        line("title-names", full(&subject.cyrillic));
        line("title-latin-names", full(&subject.latin));
        line("title-identifier", plain(&subject.identifier));
    }
    if let Some(card) = &outcome.task.card {
        line("title-card", plain(card));
    }
    if let Some(rnu) = &outcome.task.rnu {
        line("title-rnu", plain(rnu));
    }
    line(
        "title-reader",
        out.reader(&outcome.reader, outcome.practice),
    );
    out.print(&table.trim_fmt())?;
    let row = |certificate: &CertificateInfo| {
        vec![
            out.word("role", &certificate.role),
            plain(&certificate.serial),
            plain(date(&certificate.not_after)),
            plain(&certificate.algorithm),
        ]
    };
    out.print_table(
        &[
            "title-role",
            "title-serial",
            "title-until",
            "title-algorithm",
        ],
        outcome.certificates.iter().map(row).collect(),
    )
}
