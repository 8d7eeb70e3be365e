//! A consent in words: what a person is shown before a key or a PIN is used. The terminal and the
//! PIN window show the same.
#![forbid(unsafe_code)]

mod authority;

use lichna_i18n::{Messages, Value, plain};
use lichna_ipc::{
    CardInfo, CardState, Consent, Genuineness, GrantOffer, KeyRole, PinEntry, Purpose, Requester,
    ServerSummary,
};
use serde::Serialize;

pub use authority::{full, question};

/// All that a person needs to decide. What others said of themselves is made safe to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// What is so, one below the other; the first says what it is all for.
    pub rows: Vec<Row>,
    /// What he is warned of.
    pub warnings: Vec<String>,
}

/// One thing that is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Id of the message that says what it is.
    pub label: &'static str,
    /// What it is.
    pub text: String,
}

/// Writes what is shown in one language.
struct Writer<'a> {
    messages: &'a Messages,
    shown: Shown,
}

impl Writer<'_> {
    fn text(&self, id: &str) -> String {
        self.messages.text(id, &[])
    }

    fn row(&mut self, label: &'static str, text: String) {
        self.shown.rows.push(Row { label, text });
    }

    fn purpose(&mut self, id: &str) {
        self.purpose_with(id, &[]);
    }

    fn purpose_with(&mut self, id: &str, arguments: &[(&str, Value<'_>)]) {
        let text = self.messages.text(id, arguments);
        self.row("consent-purpose", text);
    }

    fn warn(&mut self, id: &str) {
        self.warn_with(id, &[]);
    }

    fn warn_with(&mut self, id: &str, arguments: &[(&str, Value<'_>)]) {
        let text = self.messages.text(id, arguments);
        self.shown.warnings.push(text);
    }
}

/// All that a person needs to decide.
#[must_use]
pub fn shown(consent: &Consent, messages: &Messages) -> Shown {
    let mut to = Writer {
        messages,
        shown: Shown::default(),
    };
    purpose(&consent.purpose, &mut to);
    to.row("consent-requester", requester(&consent.requester, messages));
    if let Some(window) = &consent.requester.window {
        to.row("consent-window", format!("“{}”", plain(window)));
    }
    if let Some(one) = &consent.card {
        card(one, &mut to);
    }
    if consent.entry == PinEntry::Pinpad {
        to.warn("consent-pinpad");
    }
    if consent.wrong_suspends {
        to.warn("consent-warn-suspends");
    }
    if consent.can_was_wrong {
        to.warn("consent-warn-wrong-can");
    }
    if let Some(certificate) = &consent.certificate {
        let name = certificate
            .common_name
            .as_ref()
            .unwrap_or(&certificate.subject);
        to.row("consent-certificate", plain(name));
        to.row("consent-issuer", plain(&certificate.issuer));
        to.row("consent-until", plain(date(&certificate.not_after)));
    }
    if let Some(left) = consent.tries_left {
        to.row("consent-tries", left.to_string());
    }
    if let Some(grant) = consent.grant.filter(|grant| grant.remembered) {
        to.warn_with("consent-granted-before", &limits(&grant));
    }
    to.shown
}

fn purpose(purpose: &Purpose, to: &mut Writer<'_>) {
    match purpose {
        Purpose::Login { server } => login(server, to),
        Purpose::PinChange => to.purpose("consent-pin-change"),
        Purpose::PinUnblock => to.purpose("consent-pin-unblock"),
        Purpose::PinActivation => to.purpose("consent-pin-activation"),
        Purpose::Signature { role } => {
            to.purpose(signature(*role));
            to.warn(match role {
                KeyRole::Authentication => "consent-warn-program-login",
                KeyRole::Signing | KeyRole::Other => "consent-warn-program-document",
            });
        }
        Purpose::TokenLogin => to.purpose("consent-token-login"),
        Purpose::ReadCard => to.purpose("consent-read-card"),
        Purpose::CheckCard => to.purpose("consent-check-card"),
        Purpose::Application { .. }
        | Purpose::Invitation { .. }
        | Purpose::Enrol { .. }
        | Purpose::Renew { .. }
        | Purpose::Suspend { .. }
        | Purpose::Resume { .. }
        | Purpose::Revoke { .. }
        | Purpose::NameCertificate { .. }
        | Purpose::History { .. } => authority::shown(purpose, to),
        Purpose::PracticeCardNew { label } => {
            to.purpose_with("consent-practice-new", &[("label", plain(label).into())]);
        }
        Purpose::PracticeCardInsert { number, label } => {
            let arguments = [
                ("number", plain(number).into()),
                ("label", plain(label).into()),
            ];
            to.purpose_with("consent-practice-insert", &arguments);
        }
    }
}

/// The message that says what a program wants a signature for, by the key that it asks for.
#[must_use]
pub const fn signature(role: KeyRole) -> &'static str {
    match role {
        KeyRole::Authentication => "consent-signature-login",
        KeyRole::Signing | KeyRole::Other => "consent-signature-document",
    }
}

/// How far a grant reaches, as the texts about it name it.
#[must_use]
pub fn limits(grant: &GrantOffer) -> [(&'static str, Value<'static>); 2] {
    [
        ("signatures", grant.signatures.into()),
        ("seconds", grant.seconds.into()),
    ]
}

/// The day of a point in time as RFC 3339 writes it.
#[must_use]
pub fn date(time: &str) -> &str {
    time.split_once('T').map_or(time, |(day, _)| day)
}

/// Who asks.
#[must_use]
pub fn requester(requester: &Requester, messages: &Messages) -> String {
    if requester.pid == std::process::id() {
        return messages.text("consent-this-command", &[]);
    }
    let program = match &requester.executable {
        Some(path) => plain(path),
        None => messages.text("consent-program-unknown", &[]),
    };
    format!("{program} ({})", requester.pid)
}

/// The word for a value that is named in the protocol: `step-sign` for `Step::Sign`.
#[must_use]
pub fn word(messages: &Messages, family: &str, value: &impl Serialize) -> String {
    let name = match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => return String::new(),
    };
    let id = format!("{family}-{name}");
    if messages.has(&id) {
        messages.text(&id, &[])
    } else {
        name
    }
}

fn login(server: &ServerSummary, to: &mut Writer<'_>) {
    let address = format!("{}:{}", plain(&server.host), server.port);
    to.purpose_with("consent-login", &[("server", address.into())]);
    to.row("consent-server", plain(&server.subject));
    to.row("consent-server-issuer", plain(&server.issuer));
    let trust = if server.on_trust_list {
        "consent-trusted"
    } else {
        to.warn("consent-warn-not-trusted");
        "consent-not-trusted"
    };
    let trust = to.text(trust);
    to.row("consent-trust", trust);
    if server.issuer_not_named {
        to.warn("consent-warn-issuer-not-named");
    }
}

fn card(card: &CardInfo, to: &mut Writer<'_>) {
    let name = match &card.card {
        CardState::Known {
            name,
            unsigned_profile,
            profile,
        } => {
            if *unsigned_profile {
                let profile = plain(profile);
                to.warn_with(
                    "consent-warn-unsigned-profile",
                    &[("profile", profile.into())],
                );
            }
            plain(name)
        }
        _ => to.text("card-unknown"),
    };
    let reader = plain(&card.reader);
    let shown = if card.practice {
        to.warn("consent-warn-practice");
        format!("{} – {name} ({reader})", to.text("card-practice"))
    } else {
        format!("{name} ({reader})")
    };
    to.row("consent-card", shown);
    if card.genuineness != Genuineness::NotChecked {
        let word = word(to.messages, "genuineness", &card.genuineness);
        to.row("consent-genuineness", word);
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

    /// All of it, a line each.
    fn read(consent: &Consent) -> String {
        let shown = shown(consent, &Messages::of(Language::English));
        let rows = shown.rows.into_iter().map(|row| row.text);
        rows.chain(shown.warnings).collect::<Vec<_>>().join("\n")
    }

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
        let text = read(&consent);
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
        assert!(!read(&consent).contains("not on your trust list"));
    }

    // Req C.2
    #[test]
    fn tells_a_login_of_a_program_from_a_signature_of_a_document() {
        let mut consent = consent(Purpose::Signature {
            role: KeyRole::Authentication,
        });
        consent.requester.window = Some("Bank\u{1b}[2K – Mozilla Firefox".into());
        let login = read(&consent);
        for wanted in ["/usr/bin/program (1)", "Mozilla Firefox”", "log you in"] {
            assert!(login.contains(wanted), "{wanted} in {login}");
        }
        assert!(!login.contains('\u{1b}'));
        consent.purpose = Purpose::Signature {
            role: KeyRole::Signing,
        };
        let document = read(&consent);
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
        assert!(!read(&consent).contains("without asking"));
        grant.remembered = true;
        consent.grant = Some(grant);
        let text = read(&consent);
        assert!(text.contains("8 signatures within 60 seconds"), "{text}");
    }
}
