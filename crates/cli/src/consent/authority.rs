//! Consents to what is asked of the authority that issues certificates.

use lichna_ipc::{
    Consent, Names, NumberKind, PinEntry, Purpose, SecretKind, ServerSummary, Someone,
};

use crate::output::Output;
use crate::plain::plain;

/// Adds what a person needs to know to decide.
pub fn shown(
    purpose: &Purpose,
    out: &Output,
    lines: &mut Vec<(&'static str, String)>,
    warnings: &mut Vec<String>,
) {
    let mut what = |text: String| lines.push(("consent-purpose", text));
    let authority = match purpose {
        Purpose::Application { person, authority } => {
            what(out.text("consent-application"));
            names(&person.cyrillic, &person.latin, lines);
            let kind = match person.kind {
                NumberKind::Egn => "consent-egn",
                NumberKind::Lnch => "consent-lnch",
            };
            lines.push((kind, plain(&person.number)));
            if let Some(email) = &person.email {
                lines.push(("consent-email", plain(email)));
            }
            authority
        }
        Purpose::Invitation {
            application,
            authority,
        } => {
            what(out.text("consent-invitation"));
            lines.push(("consent-invitation-number", plain(application)));
            authority
        }
        Purpose::Enrol {
            subject,
            authority,
            overwrites,
        } => {
            what(out.text("consent-enrol"));
            names(&subject.cyrillic, &subject.latin, lines);
            lines.push(("consent-identifier", plain(&subject.identifier)));
            if *overwrites {
                warnings.push(out.text("consent-warn-enrol-overwrites"));
            }
            authority
        }
        Purpose::Renew {
            authority,
            overwrites,
        } => {
            what(out.text("consent-renew"));
            if *overwrites {
                warnings.push(out.text("consent-warn-renew-overwrites"));
            }
            authority
        }
        Purpose::Suspend {
            authority,
            lost,
            of,
        } => {
            what(out.text("consent-suspend"));
            someone(of.as_ref(), lines);
            warnings.push(out.text(if *lost {
                "consent-warn-lost"
            } else {
                "consent-warn-suspend"
            }));
            authority
        }
        Purpose::Resume { authority, of } => {
            what(out.text("consent-resume"));
            someone(of.as_ref(), lines);
            authority
        }
        Purpose::Revoke { authority, serial } => {
            what(out.text("consent-revoke"));
            lines.push(("consent-serial", plain(serial)));
            warnings.push(out.text("consent-warn-revoke"));
            authority
        }
        Purpose::NameCertificate { authority, name } => {
            let name = plain(name);
            what(out.text_with("consent-name", &[("name", name.into())]));
            authority
        }
        Purpose::History { authority } => {
            what(out.text("consent-history"));
            authority
        }
        _ => return,
    };
    lines.push(("consent-authority", address(authority)));
    lines.push(("consent-server-issuer", plain(&authority.issuer)));
}

/// What is to be answered with an explicit yes before it is done, beside the PIN. The CAN, which
/// comes before, only opens the card.
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
fn names(cyrillic: &Names, latin: &Names, lines: &mut Vec<(&'static str, String)>) {
    lines.push(("consent-names", full(cyrillic)));
    lines.push(("consent-latin-names", full(latin)));
}

/// A person's names in a row.
pub fn full(names: &Names) -> String {
    let all = [Some(&names.first), names.middle.as_ref(), Some(&names.last)];
    let all: Vec<String> = all.into_iter().flatten().map(|name| plain(name)).collect();
    all.join(" ")
}

fn someone(of: Option<&Someone>, lines: &mut Vec<(&'static str, String)>) {
    match of {
        None => {}
        Some(Someone::Number { kind, number }) => lines.push(match kind {
            NumberKind::Egn => ("consent-egn", plain(number)),
            NumberKind::Lnch => ("consent-lnch", plain(number)),
        }),
        Some(Someone::Identifier { identifier }) => {
            lines.push(("consent-identifier", plain(identifier)));
        }
    }
}

fn address(authority: &ServerSummary) -> String {
    format!("{}:{}", plain(&authority.host), authority.port)
}
