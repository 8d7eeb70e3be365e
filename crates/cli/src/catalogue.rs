//! No message is missing, none is superfluous, and each finds the arguments that it uses.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lichna_browsers::{BrowserError, Program, State};
use lichna_i18n::{Language, Messages, sources};
use lichna_ipc::{
    CertificateState, ClientProblem, Failure, FindingState, Genuineness, InterfaceKind, KeyRole,
    PaceState, PinEntry, PinState, PracticeLock, SecretKind, ServiceState, Step, TaskKind,
    TaskState, UseKind, Verdict,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::exit::Exit;
use crate::help;
use crate::problem::{Here, Problem};

/// What `doctor` looks at.
const CHECKS: &[&str] = &[
    "agent",
    "service",
    "reader",
    "card",
    "profile",
    "certificate",
    "pin",
    "clock",
    "trust",
    "configuration",
    "authority",
    "chromium",
    "firefox",
    "p11-kit",
    "versions",
];

/// What `status` learns from, who does something to a certificate, what becomes of it and why (by
/// RFC 5280 §5.3.1, and as the authority notes it), and what the authority refuses.
const WORDS: &[&str] = &[
    "source-chain",
    "source-crl",
    "source-delta-crl",
    "source-ocsp",
    "event-issued",
    "event-confirmed",
    "event-failed",
    "event-suspended",
    "event-lost",
    "event-resumed",
    "event-revoked",
    "event-named",
    "reason-unspecified",
    "reason-keyCompromise",
    "reason-cACompromise",
    "reason-affiliationChanged",
    "reason-superseded",
    "reason-cessationOfOperation",
    "reason-certificateHold",
    "reason-removeFromCRL",
    "reason-privilegeWithdrawn",
    "reason-aACompromise",
    "reason-deadline",
    "reason-given-up",
    "by-holder",
    "by-officer",
    "by-authority",
    "problem-another-instance",
    "problem-bad-request",
    "problem-internal",
    "problem-invalid-value",
    "problem-not-found",
    "problem-too-large",
    "problem-too-slow",
    "problem-certificate-wrong-role",
    "problem-not-identified",
    "problem-not-permitted",
    "problem-application-code-wrong",
    "problem-application-state",
    "problem-carrier-in-use",
    "problem-carrier-of-another",
    "problem-key-seen-before",
    "problem-key-unfit",
    "problem-no-renewal",
    "problem-request-invalid",
    "problem-request-subject-differs",
    "problem-requests-differ",
    "problem-officer-only",
    "problem-request-replayed",
    "problem-request-stale",
    "problem-signing-certificate-alone",
    "problem-signature-wrong",
    "problem-telephone-locked",
    "problem-telephone-password-missing",
];

/// How messages of this program begin, apart from those of failures.
const FAMILIES: &[&str] = &[
    "approve-",
    "browser-",
    "can-",
    "by-",
    "certificate-state-",
    "enrol-",
    "event-",
    "history-",
    "manage-",
    "notify-",
    "person-",
    "problem-",
    "renew-",
    "said-",
    "source-",
    "status-",
    "task-",
    "verdict-",
    "ask",
    "card-",
    "certs-",
    "check-",
    "consent-",
    "doctor-",
    "entry-",
    "finding-",
    "genuineness-",
    "help-",
    "interface-",
    "lock-",
    "login-",
    "pace-",
    "pin-",
    "practice-",
    "profile-",
    "program-",
    "prompt-",
    "role-",
    "secret-",
    "service-",
    "slot-",
    "step-",
    "title-",
    "trace-",
    "tray-",
    "use-",
    "uses-",
    "watch-",
    "word-",
];

/// The names of an enum's variants, as its own reader lists them.
fn variants<T: DeserializeOwned>(probe: Value) -> Vec<String> {
    let error = match serde_json::from_value::<T>(probe) {
        Ok(_) => panic!("there is a variant named `?`"),
        Err(error) => error.to_string(),
    };
    let (_, list) = error.split_once("expected").expect("lists the variants");
    let names: Vec<String> = list
        .split('`')
        .skip(1)
        .step_by(2)
        // The others are what a name is read from, too, and never what it is written as.
        .filter(|name| !name.contains(char::is_uppercase))
        .map(str::to_owned)
        .collect();
    assert!(!names.is_empty(), "{error}");
    names
}

fn words<T: DeserializeOwned>(family: &str) -> Vec<String> {
    let names = variants::<T>(json!("?"));
    names
        .iter()
        .map(|name| format!("{family}-{name}"))
        .collect()
}

/// One failure of every code, with some value in every field.
fn samples<T: DeserializeOwned>() -> Vec<T> {
    let codes = variants::<T>(json!({ "code": "?" }));
    codes.iter().map(|code| sample(code)).collect()
}

fn sample<T: DeserializeOwned>(code: &str) -> T {
    let mut fields = Map::from_iter([("code".to_owned(), json!(code))]);
    loop {
        let error = match serde_json::from_value(Value::Object(fields.clone())) {
            Ok(sample) => return sample,
            Err(error) => error.to_string(),
        };
        let missing = error.strip_prefix("missing field `");
        let field = missing.and_then(|rest| rest.split('`').next());
        let field = field
            .unwrap_or_else(|| panic!("{code}: {error}"))
            .to_owned();
        let fits = [json!("words"), json!(2), json!([])]
            .into_iter()
            .find(|value| {
                let mut tried = fields.clone();
                tried.insert(field.clone(), value.clone());
                serde_json::from_value::<T>(Value::Object(tried))
                    .err()
                    .is_none_or(|error| error.to_string().starts_with("missing field"))
            });
        fields.insert(field, fits.expect("a field of a known type"));
    }
}

fn problems() -> Vec<Problem> {
    let agent = samples::<Failure>().into_iter().map(Problem::from);
    let here = samples::<Here>().into_iter().map(Problem::from);
    let client = samples::<ClientProblem>().into_iter().map(Problem::from);
    let browser = samples::<BrowserError>().into_iter().map(Problem::from);
    agent.chain(client).chain(browser).chain(here).collect()
}

/// The ids of all messages but those of the app's page; that both languages have the same is `lichna-i18n`'s own test.
fn ids() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let shared = sources(Language::English).iter();
    for (_, text) in shared.filter(|(file, _)| *file != "app") {
        let resource = fluent_syntax::parser::parse(*text).expect("a file without fault");
        for entry in resource.body {
            if let fluent_syntax::ast::Entry::Message(message) = entry {
                ids.insert(message.id.name.to_owned());
            }
        }
    }
    ids
}

/// Every string literal of the sources that looks like the id of a message.
fn literals() -> BTreeSet<String> {
    fn collect(folder: &Path, into: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("the source") {
            let path = entry.expect("the source").path();
            if path.is_dir() {
                collect(&path, into);
            } else if !path.ends_with("catalogue.rs") {
                let text = fs::read_to_string(&path).expect("the source");
                let program = text.split("#[cfg(test)]\nmod tests").next();
                let literals = program.unwrap_or_default().split('"').skip(1).step_by(2);
                into.extend(literals.map(str::to_owned));
            }
        }
    }
    let mut literals = BTreeSet::new();
    // What the PIN window says, what it and this program say alike, and what the app says beside its
    // window.
    for of in ["cli", "consent", "prompt", "../src-tauri"] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(of);
        collect(&source.join("src"), &mut literals);
    }
    let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    literals.retain(|literal| {
        let known = FAMILIES.iter().any(|family| literal.starts_with(family));
        (known || literal.starts_with("err-")) && literal.chars().all(name)
    });
    // Ends where an id is put together, which `made` knows of.
    literals.retain(|literal| !literal.ends_with('-'));
    literals
}

/// Every message that the help needs, and every one that a word of the protocol needs.
fn made() -> BTreeSet<String> {
    let mut made = BTreeSet::new();
    for check in CHECKS {
        made.insert(format!("check-{check}"));
    }
    made.extend(words::<Step>("step"));
    made.extend(words::<ServiceState>("service"));
    made.extend(words::<InterfaceKind>("interface"));
    made.extend(words::<PaceState>("pace"));
    made.extend(words::<Genuineness>("genuineness"));
    made.extend(words::<PracticeLock>("lock"));
    made.extend(words::<KeyRole>("role"));
    made.extend(words::<PinState>("pin-state"));
    made.extend(words::<PinEntry>("entry"));
    made.extend(words::<SecretKind>("secret"));
    made.extend(words::<FindingState>("finding"));
    made.extend(words::<Program>("browser"));
    made.extend(words::<State>("browser-state"));
    made.extend(words::<CertificateState>("certificate-state"));
    made.extend(words::<TaskKind>("task-kind"));
    made.extend(words::<TaskState>("task-state"));
    made.extend(words::<UseKind>("use"));
    made.extend(words::<Verdict>("verdict"));
    made.extend(words::<Verdict>("said"));
    made.extend(WORDS.iter().map(|word| (*word).to_owned()));
    fn help(command: &clap::Command, name: &str, made: &mut BTreeSet<String>) {
        made.insert(format!("help-{name}"));
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str().replace('_', "-");
            made.insert(format!("help-arg-{id}"));
            if argument.get_action().takes_values() {
                made.insert(format!("help-value-{id}"));
            }
        }
        for below in command.get_subcommands() {
            let own = below.get_name();
            let name = match name {
                "lichna" => own.to_owned(),
                name => format!("{name}-{own}"),
            };
            help(below, &name, made);
        }
    }
    let command = help::command(&Messages::of(Language::English));
    help(&command, "lichna", &mut made);
    made
}

#[test]
fn every_message_that_is_used_is_there_and_none_is_superfluous() {
    let mut used = literals();
    // The names of families, not of messages.
    used.remove("pin-state");
    used.remove("browser-state");
    used.remove("task-kind");
    used.remove("task-state");
    used.extend(made());
    for problem in problems() {
        used.insert(format!("err-{}", problem.code()));
        used.insert(format!("rec-{}", problem.code()));
    }
    let there = ids();
    let missing: Vec<_> = used.difference(&there).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    let superfluous: Vec<_> = there.difference(&used).collect();
    assert!(superfluous.is_empty(), "superfluous: {superfluous:?}");
}

#[test]
fn every_failure_says_what_happened_and_what_to_do_in_both_languages() {
    let problems = problems();
    assert!(problems.len() > 80, "only {} failures", problems.len());
    for language in Language::ALL {
        let messages = Messages::of(language);
        for problem in &problems {
            // A message that uses an argument which the failure does not have panics here.
            let (message, advice) = (problem.message(&messages), problem.advice(&messages));
            for text in [&message, &advice] {
                assert!(!text.contains("err-") && !text.contains("rec-"), "{text}");
            }
            assert_ne!(message, advice);
        }
    }
}

#[test]
fn every_failure_has_an_exit_code_of_its_kind() {
    let mut other: Vec<String> = problems()
        .iter()
        .filter(|problem| problem.exit() == Exit::Other)
        .map(Problem::code)
        .collect();
    other.sort();
    // Whoever adds a failure decides here whether it is of no kind.
    assert_eq!(
        other,
        [
            "authority-invalid",
            "configuration-invalid",
            "file-unreadable",
            "home-unusable",
            "not-hardened",
            "output",
            "profile-claims-known-card",
            "profile-invalid",
            "terminal",
        ]
    );
}
