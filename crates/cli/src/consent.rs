//! The consent, as a person is shown it before a key or a PIN is used.

use lichna_i18n::Value;
use lichna_ipc::{
    CardInfo, CardState, Consent, Genuineness, GrantOffer, KeyRole, PinEntry, Purpose, Requester,
    ServerSummary,
};

mod authority;

pub use authority::{full, question};

use crate::output::{Output, plain_table};
use crate::plain::plain;

/// All that a person needs to decide.
pub fn shown(consent: &Consent, out: &Output) -> String {
    let mut lines = Vec::new();
    let mut warnings = Vec::new();
    match &consent.purpose {
        Purpose::Login { server } => login(server, out, &mut lines, &mut warnings),
        Purpose::PinChange => lines.push(("consent-purpose", out.text("consent-pin-change"))),
        Purpose::PinUnblock => lines.push(("consent-purpose", out.text("consent-pin-unblock"))),
        Purpose::PinActivation => {
            lines.push(("consent-purpose", out.text("consent-pin-activation")));
        }
        Purpose::Signature { role } => {
            lines.push(("consent-purpose", signature(*role, out)));
            warnings.push(out.text(match role {
                KeyRole::Authentication => "consent-warn-program-login",
                KeyRole::Signing | KeyRole::Other => "consent-warn-program-document",
            }));
        }
        Purpose::TokenLogin => lines.push(("consent-purpose", out.text("consent-token-login"))),
        Purpose::ReadCard => lines.push(("consent-purpose", out.text("consent-read-card"))),
        Purpose::CheckCard => lines.push(("consent-purpose", out.text("consent-check-card"))),
        Purpose::Application { .. }
        | Purpose::Invitation { .. }
        | Purpose::Enrol { .. }
        | Purpose::Renew { .. }
        | Purpose::Suspend { .. }
        | Purpose::Resume { .. }
        | Purpose::Revoke { .. }
        | Purpose::NameCertificate { .. }
        | Purpose::History { .. } => {
            authority::shown(&consent.purpose, out, &mut lines, &mut warnings);
        }
        Purpose::PracticeCardNew { label } => {
            let label = plain(label);
            let text = out.text_with("consent-practice-new", &[("label", label.into())]);
            lines.push(("consent-purpose", text));
        }
        Purpose::PracticeCardInsert { number, label } => {
            let arguments = [
                ("number", plain(number).into()),
                ("label", plain(label).into()),
            ];
            let text = out.text_with("consent-practice-insert", &arguments);
            lines.push(("consent-purpose", text));
        }
    }
    lines.push(("consent-requester", requester(&consent.requester, out)));
    if let Some(window) = &consent.requester.window {
        lines.push(("consent-window", format!("“{}”", plain(window))));
    }
    if let Some(one) = &consent.card {
        lines.push(("consent-card", card(one, out, &mut warnings)));
        if one.genuineness != Genuineness::NotChecked {
            let word = out.word("genuineness", &one.genuineness);
            lines.push(("consent-genuineness", word));
        }
    }
    if consent.entry == PinEntry::Pinpad {
        warnings.push(out.text("consent-pinpad"));
    }
    if consent.wrong_suspends {
        warnings.push(out.text("consent-warn-suspends"));
    }
    if consent.can_was_wrong {
        warnings.push(out.text("consent-warn-wrong-can"));
    }
    if let Some(certificate) = &consent.certificate {
        let name = certificate
            .common_name
            .as_ref()
            .unwrap_or(&certificate.subject);
        lines.push(("consent-certificate", plain(name)));
        lines.push(("consent-issuer", plain(&certificate.issuer)));
        lines.push(("consent-until", plain(date(&certificate.not_after))));
    }
    if let Some(left) = consent.tries_left {
        lines.push(("consent-tries", left.to_string()));
    }
    if let Some(grant) = consent.grant.filter(|grant| grant.remembered) {
        warnings.push(out.text_with("consent-granted-before", &limits(&grant)));
    }
    let mut table = plain_table();
    for (label, text) in lines {
        table.add_row([format!("{}:", out.text(label)), text]);
    }
    let mut text = format!("{}\n", table.trim_fmt());
    for warning in warnings {
        text.push_str(&format!("! {warning}\n"));
    }
    text
}

/// What a program wants a signature for, by the key that it asks for.
pub fn signature(role: KeyRole, out: &Output) -> String {
    out.text(match role {
        KeyRole::Authentication => "consent-signature-login",
        KeyRole::Signing | KeyRole::Other => "consent-signature-document",
    })
}

/// How far a grant reaches, as the texts about it name it.
pub fn limits(grant: &GrantOffer) -> [(&'static str, Value<'static>); 2] {
    [
        ("signatures", grant.signatures.into()),
        ("seconds", grant.seconds.into()),
    ]
}

/// The day of a point in time as RFC 3339 writes it.
pub fn date(time: &str) -> &str {
    time.split_once('T').map_or(time, |(day, _)| day)
}

/// Day and time, as RFC 3339 writes them, for people: without the fraction of a second.
pub fn moment(time: &str) -> String {
    let (day, rest) = time.split_once('T').unwrap_or((time, ""));
    let rest = rest.trim_end_matches('Z');
    let clock = rest.split_once('.').map_or(rest, |(clock, _)| clock);
    format!("{day} {clock} UTC")
}

/// Who asks.
pub fn requester(requester: &Requester, out: &Output) -> String {
    if requester.pid == std::process::id() {
        return out.text("consent-this-command");
    }
    let program = match &requester.executable {
        Some(path) => plain(path),
        None => out.text("consent-program-unknown"),
    };
    format!("{program} ({})", requester.pid)
}

fn login(
    server: &ServerSummary,
    out: &Output,
    lines: &mut Vec<(&'static str, String)>,
    warnings: &mut Vec<String>,
) {
    let address = format!("{}:{}", plain(&server.host), server.port);
    lines.push((
        "consent-purpose",
        out.text_with("consent-login", &[("server", (&address).into())]),
    ));
    lines.push(("consent-server", plain(&server.subject)));
    lines.push(("consent-server-issuer", plain(&server.issuer)));
    if server.on_trust_list {
        lines.push(("consent-trust", out.text("consent-trusted")));
    } else {
        lines.push(("consent-trust", out.text("consent-not-trusted")));
        warnings.push(out.text("consent-warn-not-trusted"));
    }
    if server.issuer_not_named {
        warnings.push(out.text("consent-warn-issuer-not-named"));
    }
}

fn card(card: &CardInfo, out: &Output, warnings: &mut Vec<String>) -> String {
    let name = match &card.card {
        CardState::Known {
            name,
            unsigned_profile,
            profile,
        } => {
            if *unsigned_profile {
                let profile = plain(profile);
                let arguments = [("profile", profile.into())];
                warnings.push(out.text_with("consent-warn-unsigned-profile", &arguments));
            }
            plain(name)
        }
        _ => out.text("card-unknown"),
    };
    let reader = plain(&card.reader);
    if card.practice {
        warnings.push(out.text("consent-warn-practice"));
        format!("{} – {name} ({reader})", out.text("card-practice"))
    } else {
        format!("{name} ({reader})")
    }
}

#[cfg(test)]
mod tests {
    use lichna_i18n::{Language, Messages};
    use lichna_ipc::{InterfaceKind, PaceState};

    use super::*;

    fn consent(purpose: Purpose) -> Consent {
        Consent {
            purpose,
            requester: Requester {
                pid: 1,
                executable: Some("/usr/bin/program".into()),
                window: None,
            },
            card: Some(CardInfo {
                reader: "Reader".into(),
                atr: "3B00".into(),
                interface: InterfaceKind::Contact,
                card: CardState::Known {
                    profile: "mine".into(),
                    name: "PIV".into(),
                    unsigned_profile: true,
                },
                practice: true,
                number: None,
                pace: PaceState::Open,
                genuineness: Genuineness::Practice,
                genuineness_reason: None,
                pin: None,
            }),
            certificate: None,
            tries_left: Some(2),
            wrong_suspends: true,
            can_was_wrong: true,
            can_may_be_remembered: false,
            grant: None,
            entry: PinEntry::Typed,
            secrets: vec![],
            seconds_left: 60,
        }
    }

    const OUT: fn() -> Output = || Output {
        messages: Messages::of(Language::English),
        json: false,
    };

    #[test]
    fn says_when_the_server_is_not_on_the_trust_list_and_obeys_no_server() {
        let mut consent = consent(Purpose::Login {
            server: ServerSummary {
                host: "bank.example".into(),
                port: 443,
                subject: "CN=bank\u{1b}[1A.example".into(),
                issuer: "CN=CA".into(),
                on_trust_list: false,
                issuer_not_named: true,
            },
        });
        let text = shown(&consent, &OUT());
        for wanted in [
            "bank.example:443",
            "not on your trust list",
            "/usr/bin/program (1)",
            "mine",
            "PRACTICE – PIV (Reader)",
            "proves nothing about anybody",
            "no, practice",
            "it is SUSPENDED",
            "not the CAN of the card",
        ] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
        assert!(!text.contains('\u{1b}'));
        if let Purpose::Login { server } = &mut consent.purpose {
            server.on_trust_list = true;
        }
        assert!(!shown(&consent, &OUT()).contains("not on your trust list"));
    }

    // Req C.2
    #[test]
    fn tells_a_login_of_a_program_from_a_signature_of_a_document() {
        let mut consent = consent(Purpose::Signature {
            role: KeyRole::Authentication,
        });
        consent.requester.window = Some("Bank\u{1b}[2K – Mozilla Firefox".into());
        let login = shown(&consent, &OUT());
        for wanted in ["/usr/bin/program (1)", "Mozilla Firefox”", "log you in"] {
            assert!(login.contains(wanted), "{wanted} in {login}");
        }
        assert!(!login.contains('\u{1b}'));
        consent.purpose = Purpose::Signature {
            role: KeyRole::Signing,
        };
        let document = shown(&consent, &OUT());
        assert!(document.contains("SIGNATURE"), "{document}");
        assert!(!document.contains("log you in"), "{document}");
    }

    #[test]
    fn a_grant_that_was_given_before_is_said_and_another_is_not() {
        let mut consent = consent(Purpose::Signature {
            role: KeyRole::Authentication,
        });
        let mut grant = GrantOffer {
            seconds: 60,
            signatures: 8,
            remembered: false,
            may_be_remembered: true,
        };
        consent.grant = Some(grant);
        assert!(!shown(&consent, &OUT()).contains("without asking"));
        grant.remembered = true;
        consent.grant = Some(grant);
        let text = shown(&consent, &OUT());
        assert!(text.contains("8 signatures within 60 seconds"), "{text}");
    }
}
