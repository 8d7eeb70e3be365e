//! Signed requests of holders, signed by openssl.

use std::fs;
use std::path::PathBuf;

use lichna_tests::authority::Authority;
use lichna_tests::authority::call::Call;
use lichna_tests::ca::Identity;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::judged::{file, openssl, text};

/// A request to be signed.
#[derive(Clone, Debug)]
pub struct Request(pub Value);

/// A request that is signed: CMS in DER.
#[derive(Clone, Debug)]
pub struct Signed<'a> {
    authority: &'a Authority,
    pub der: Vec<u8>,
}

impl Request {
    /// An action on the certificate with that serial number, of this moment.
    pub fn new(action: &str, serial: &str) -> Self {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).expect("the system's random numbers");
        Self(json!({
            "action": action,
            "serial": serial,
            "time": OffsetDateTime::now_utc().format(&Rfc3339).expect("a time"),
            "nonce": hex::encode(nonce),
        }))
    }

    /// The renewal of the identification certificate on the signer's card, of this moment.
    pub fn renewal() -> Self {
        let mut request = Self::new("renew", "");
        if let Some(members) = request.0.as_object_mut() {
            members.remove("serial");
        }
        request
    }

    /// The same with another value.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0[name] = value;
        self
    }

    /// The same as if it were so much later.
    pub fn later(self, by: Duration) -> Self {
        let time = OffsetDateTime::now_utc() + by;
        self.with("time", json!(time.format(&Rfc3339).expect("a time")))
    }

    /// Signed with a key, by `openssl cms`.
    pub fn sign<'a>(&self, authority: &'a Authority, by: &Identity) -> Signed<'a> {
        self.sign_with(authority, &[by])
    }

    /// Signed by several.
    pub fn sign_with<'a>(&self, authority: &'a Authority, by: &[&Identity]) -> Signed<'a> {
        let content = file(authority, self.0.to_string().as_bytes());
        let out: PathBuf = content.with_extension("cms");
        let mut arguments = vec!["cms", "-sign", "-binary", "-nodetach", "-outform", "DER"];
        arguments.extend(["-in", text(&content), "-out", text(&out)]);
        for one in by {
            arguments.extend([
                "-signer",
                text(&one.certificate.path),
                "-inkey",
                text(&one.key),
            ]);
        }
        openssl(&arguments);
        Signed {
            authority,
            der: fs::read(out).expect("own file"),
        }
    }
}

impl<'a> Signed<'a> {
    /// Sent to the authority, without a certificate.
    pub fn call(&self) -> Call<'a> {
        self.to("/v1/requests")
    }

    /// The same, elsewhere.
    pub fn to(&self, path: &str) -> Call<'a> {
        self.authority.post(path).body("application/cms", &self.der)
    }

    /// Sent.
    pub fn send(&self) -> lichna_tests::authority::call::Answer {
        self.call().send()
    }
}
