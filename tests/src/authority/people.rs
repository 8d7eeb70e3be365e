//! Officers and holders whose keys are openssl's: enrolled by Art. 14 as a card would be, but for
//! the card.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::Authority;
use super::call::Answer;
use crate::ca::{Ca, Certificate, Identity, KeyKind};

/// Somebody who may become a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The personal number (EGN).
    pub number: String,
    /// First, middle and last name in Cyrillic.
    pub cyrillic: [String; 3],
    /// The same in Latin letters.
    pub latin: [String; 3],
}

/// A holder with both keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The electronic identifier.
    pub identifier: String,
    /// The application that it came from.
    pub application: String,
    /// The carrier's number.
    pub card: String,
    /// The key that identifies, with its certificate.
    pub identification: Identity,
    /// The key that signs, with its certificate.
    pub signing: Identity,
}

/// What an applicant says on the telephone to have his certificates suspended.
pub const TELEPHONE_PASSWORD: &str = "сини лалета 7";

impl Person {
    /// Marija Ivanova Petrova, born 1985.
    pub fn maria() -> Self {
        Self::new(
            "8506258485",
            ["Мария", "Иванова", "Петрова"],
            ["Maria", "Ivanova", "Petrova"],
        )
    }

    /// Georgi Dimitrov Stojanov, born 1966.
    pub fn georgi() -> Self {
        Self::new(
            "6602226643",
            ["Георги", "Димитров", "Стоянов"],
            ["Georgi", "Dimitrov", "Stoyanov"],
        )
    }

    /// One of many, with a number of his own whose check digit is right.
    pub fn number(index: u32) -> Self {
        const WEIGHTS: [u32; 9] = [2, 4, 8, 5, 10, 9, 7, 3, 6];
        assert!(index < 28_000, "there are no more of them");
        let digits = format!("7501{:02}{:03}", 1 + index / 1000, index % 1000);
        let sum: u32 = digits
            .chars()
            .zip(WEIGHTS)
            .map(|(digit, weight)| digit.to_digit(10).expect("a digit") * weight)
            .sum();
        Self::new(
            &format!("{digits}{}", sum % 11 % 10),
            ["Иван", "Петров", "Колев"],
            ["Ivan", "Petrov", "Kolev"],
        )
    }

    fn new(number: &str, cyrillic: [&str; 3], latin: [&str; 3]) -> Self {
        Self {
            number: number.to_owned(),
            cyrillic: cyrillic.map(str::to_owned),
            latin: latin.map(str::to_owned),
        }
    }

    /// An application for this person and that carrier, as `PUT /v1/applications/{id}` has it.
    pub fn application(&self, card: &str) -> Value {
        let names = |[first, middle, last]: &[String; 3]| json!({ "first": first, "middle": middle, "last": last });
        json!({
            "person": {
                "kind": "egn",
                "number": self.number,
                "cyrillic": names(&self.cyrillic),
                "latin": names(&self.latin),
            },
            "card": card,
            "telephone_password": TELEPHONE_PASSWORD,
            "appeared": true,
        })
    }
}

impl Authority {
    /// Registers an administrator with a certificate of its own authority; its id, and what it
    /// identifies itself with.
    pub fn new_administrator(&self, ca: &Ca, name: &str) -> (String, Identity) {
        let identity = ca.client(name, KeyKind::P256);
        (self.administrator(name, &identity.certificate), identity)
    }

    /// A new carrier of that number, whose key nobody needs.
    pub fn new_carrier(&self, number: &str) {
        self.carrier(number, &[0xC4; 32]);
    }

    /// An officer of an administrator: invited by the operator, enrolled and confirmed.
    pub fn officer(&self, administrator: &str, person: &Person, card: &str) -> Enrolled {
        self.new_carrier(card);
        let (application, code) = self.invite(administrator, &person.application(card));
        self.complete(&application, &code)
    }

    /// A holder, enrolled by an officer and confirmed.
    pub fn holder(&self, officer: &Enrolled, person: &Person, card: &str) -> Enrolled {
        let (application, code) = self.apply(officer, person, card);
        self.complete(&application, &code)
    }

    /// An application that an officer sends; its id and its code.
    pub fn apply(&self, officer: &Enrolled, person: &Person, card: &str) -> (String, String) {
        self.new_carrier(card);
        let id = uuid();
        let call = self.put(&format!("/v1/applications/{id}"));
        let call = call
            .by(&officer.identification)
            .json(&person.application(card));
        let submitted = call.send().expect(201);
        let code = submitted["code"].as_str().expect("a code").to_owned();
        (id, code)
    }

    /// The rest of an application: keys, requests, certificates, confirmation.
    pub fn complete(&self, application: &str, code: &str) -> Enrolled {
        let enrolled = self.issue(application, code);
        let confirmed = self.confirm(&enrolled).expect(200);
        assert_eq!(confirmed["state"], "COMPLETED", "{confirmed}");
        enrolled
    }

    /// An application up to its certificates, which are not confirmed.
    pub fn issue(&self, application: &str, code: &str) -> Enrolled {
        let path = format!("/v1/applications/{application}");
        let description = self.get(&path).code(code).send().expect(200);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let card = text(&description["card"]);
        let challenge = json!({ "challenge": "00112233445566778899aabbccddeeff" });
        let answer = self
            .post(&format!("{path}/answer"))
            .code(code)
            .json(&challenge);
        answer.send().expect(200);

        let keys = [0, 1].map(|_| self.new_key());
        let subject = subject(&description["subject"]);
        let [identification, signing] = [0, 1].map(|n| request(&keys[n], &subject));
        let requests = json!({ "identification": identification, "signing": signing });
        let requested = self
            .post(&format!("{path}/requests"))
            .code(code)
            .json(&requests);
        let issued = requested.send().expect(200);
        let [identification, signing] = ["identification", "signing"]
            .map(|role| self.certificate(issued[role].as_str().expect("base64")));
        let [first, second] = keys;
        Enrolled {
            identifier: text(&description["subject"]["identifier"]),
            application: application.to_owned(),
            card,
            identification: Identity {
                certificate: identification,
                key: first,
            },
            signing: Identity {
                certificate: signing,
                key: second,
            },
        }
    }

    /// The confirmation with the new key.
    pub fn confirm(&self, enrolled: &Enrolled) -> Answer {
        self.post("/v1/confirmation")
            .by(&enrolled.identification)
            .send()
    }

    /// A new key on P-256 in the authority's folder (PEM).
    pub fn new_key(&self) -> PathBuf {
        let path = self.data().join(format!("{}.key", uuid()));
        let made = Command::new("openssl")
            .args(["genpkey", "-quiet", "-algorithm", "EC"])
            .args(["-pkeyopt", "ec_paramgen_curve:P-256", "-out"])
            .arg(&path)
            .output()
            .expect("openssl is installed");
        assert!(made.status.success(), "{made:?}");
        path
    }

    /// A certificate (base64 of the DER) as a file in the authority's folder.
    pub fn certificate(&self, base64: &str) -> Certificate {
        let pem = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            lines(base64)
        );
        let path = self.data().join(format!("{}.pem", uuid()));
        fs::write(&path, pem).expect("own folder");
        let der = openssl(&["x509", "-outform", "DER", "-in"], &path);
        Certificate { der, path }
    }
}

/// The subject of a holder's requests, in openssl's writing.
pub fn subject(of: &Value) -> String {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let names = &of["cyrillic"];
    let cyrillic: Vec<&str> = ["first", "middle", "last"]
        .iter()
        .filter_map(|name| names[*name].as_str())
        .collect();
    format!(
        "/C={}/serialNumber=PI:{}-{}/GN={}/SN={}/CN={}",
        text(&of["country"]),
        text(&of["country"]),
        text(&of["identifier"]),
        text(&of["latin"]["first"]),
        text(&of["latin"]["last"]),
        cyrillic.join(" "),
    )
}

/// A request for a certificate with this key and subject: base64 of the DER.
pub fn request(key: &Path, subject: &str) -> String {
    let made = Command::new("openssl")
        .args(["req", "-new", "-utf8", "-sha256", "-subj", subject, "-key"])
        .arg(key)
        .output()
        .expect("openssl is installed");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{said}");
    let pem = String::from_utf8(made.stdout).expect("PEM");
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

/// A UUID, version 4.
pub fn uuid() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let digits = hex::encode(bytes);
    let parts = [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ];
    parts.join("-")
}

fn openssl(arguments: &[&str], file: &Path) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).arg(file).output();
    let output = output.expect("openssl is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    output.stdout
}

/// Base64 in lines of 64 characters.
fn lines(base64: &str) -> String {
    let characters: Vec<char> = base64.chars().collect();
    let lines: Vec<String> = characters
        .chunks(64)
        .map(|line| line.iter().collect())
        .collect();
    lines.join("\n")
}
