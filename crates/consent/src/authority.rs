//! Consents to what is asked of the authority that issues certificates.

use lichna_ipc::{
    Consent, Names, NumberKind, PinEntry, Purpose, SecretKind, ServerSummary, Someone,
};

use lichna_i18n::plain;

use crate::Writer;

/// Adds what a person needs to know to decide.
pub fn shown(purpose: &Purpose, to: &mut Writer<'_>) {
    let authority = match purpose {
        Purpose::Application { person, authority } => {
            to.purpose("consent-application");
            names(&person.cyrillic, &person.latin, to);
            to.row(number_of(person.kind), plain(&person.number));
            if let Some(email) = &person.email {
                to.row("consent-email", plain(email));
            }
            authority
        }
        Purpose::Invitation {
            application,
            authority,
        } => {
            to.purpose("consent-invitation");
            to.row("consent-invitation-number", plain(application));
            authority
        }
        Purpose::Enrol {
            subject,
            authority,
            overwrites,
        } => {
            to.purpose("consent-enrol");
            names(&subject.cyrillic, &subject.latin, to);
            to.row("consent-identifier", plain(&subject.identifier));
            if *overwrites {
                to.warn("consent-warn-enrol-overwrites");
            }
            authority
        }
        Purpose::Renew {
            authority,
            overwrites,
        } => {
            to.purpose("consent-renew");
            if *overwrites {
                to.warn("consent-warn-renew-overwrites");
            }
            authority
        }
        Purpose::Suspend {
            authority,
            lost,
            of,
        } => {
            to.purpose("consent-suspend");
            someone(of.as_ref(), to);
            to.warn(if *lost {
                "consent-warn-lost"
            } else {
                "consent-warn-suspend"
            });
            authority
        }
        Purpose::Resume { authority, of } => {
            to.purpose("consent-resume");
            someone(of.as_ref(), to);
            authority
        }
        Purpose::Revoke { authority, serial } => {
            to.purpose("consent-revoke");
            to.row("consent-serial", plain(serial));
            to.warn("consent-warn-revoke");
            authority
        }
        Purpose::NameCertificate { authority, name } => {
            let name = plain(name);
            to.purpose_with("consent-name", &[("name", name.into())]);
            authority
        }
        Purpose::History { authority } => {
            to.purpose("consent-history");
            authority
        }
        _ => return,
    };
    to.row("consent-authority", address(authority));
    to.row("consent-server-issuer", plain(&authority.issuer));
}

/// What is to be answered with an explicit yes before it is done, beside the PIN. The CAN, which
/// comes before, only opens the card.
#[must_use]
pub fn question(consent: &Consent) -> Option<&'static str> {
    let opens = |kind| matches!(kind, SecretKind::Can | SecretKind::ApplicationCode);
    let does =
        consent.secrets.iter().any(|field| !opens(field.kind)) || consent.entry == PinEntry::Pinpad;
    let question = match &consent.purpose {
        Purpose::Application { .. } => "ask-application",
        Purpose::Enrol {
            overwrites: false, ..
        } => "ask-enrol",
        Purpose::Enrol {
            overwrites: true, ..
        }
        | Purpose::Renew {
            overwrites: true, ..
        } => "ask-overwrite",
        Purpose::Suspend { lost: true, .. } => "ask-lost",
        Purpose::Revoke { .. } => "ask-revoke",
        _ => return None,
    };
    does.then_some(question)
}

/// Names in both scripts, one below the other: the officer compares them with the document.
fn names(cyrillic: &Names, latin: &Names, to: &mut Writer<'_>) {
    to.row("consent-names", full(cyrillic));
    to.row("consent-latin-names", full(latin));
}

/// A person's names in a row.
#[must_use]
pub fn full(names: &Names) -> String {
    let all = [Some(&names.first), names.middle.as_ref(), Some(&names.last)];
    let all: Vec<String> = all.into_iter().flatten().map(|name| plain(name)).collect();
    all.join(" ")
}

fn someone(of: Option<&Someone>, to: &mut Writer<'_>) {
    match of {
        None => {}
        Some(Someone::Number { kind, number }) => to.row(number_of(*kind), plain(number)),
        Some(Someone::Identifier { identifier }) => {
            to.row("consent-identifier", plain(identifier));
        }
    }
}

const fn number_of(kind: NumberKind) -> &'static str {
    match kind {
        NumberKind::Egn => "consent-egn",
        NumberKind::Lnch => "consent-lnch",
    }
}

fn address(authority: &ServerSummary) -> String {
    format!("{}:{}", plain(&authority.host), authority.port)
}
