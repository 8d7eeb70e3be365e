//! What goes over a [`Line`](super::Line): the authority's JSON.

use base64::{Engine, engine::general_purpose::STANDARD};
use lichna_ipc::{CertificateState, Failure, KeyRole, Names, NumberKind, Subject};
use lichna_secret::Passphrase;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;
use zeroize::Zeroizing;

/// An officer's application for a person.
#[derive(Serialize)]
pub struct PersonBody<'a> {
    /// The person.
    pub person: PersonData<'a>,
    /// Number of his card.
    pub card: &'a str,
    /// What he suspends by telephone with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telephone_password: Option<Exposed<'a>>,
    /// He stands before the officer. Req 14.5.
    pub appeared: bool,
}

/// A person, as the authority reads him.
#[derive(Serialize)]
pub struct PersonData<'a> {
    /// What kind of number.
    pub kind: NumberKind,
    /// The number.
    pub number: &'a str,
    /// In Cyrillic letters.
    pub cyrillic: &'a Names,
    /// In Latin letters.
    pub latin: &'a Names,
    /// Where he is told what happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
}

/// A secret on its way to the authority.
pub struct Exposed<'a>(pub &'a Passphrase);

impl Serialize for Exposed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.expose(|bytes| match std::str::from_utf8(bytes) {
            Ok(text) => serializer.serialize_str(text),
            Err(error) => Err(serde::ser::Error::custom(error)),
        })
    }
}

/// What became of it.
#[derive(Deserialize)]
pub struct PlacedApplication {
    /// The code that its steps are done with; once only.
    #[serde(default, deserialize_with = "code")]
    pub code: Option<Passphrase>,
}

/// An application for a practice card.
#[derive(Deserialize)]
pub struct PlacedPractice {
    /// Its id.
    pub application: Uuid,
    /// The code that its steps are done with.
    #[serde(deserialize_with = "code")]
    pub code: Option<Passphrase>,
}

fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Passphrase>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let taken = text.map(|text| {
        let mut bytes = Zeroizing::new(text.into_bytes());
        Passphrase::take(&mut bytes)
    });
    taken.transpose().map_err(D::Error::custom)
}

/// An application, as whoever has its code sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct Application {
    /// Its number in the national register.
    #[serde(default)]
    pub rnu: Option<String>,
    /// Where it stands.
    pub state: String,
    /// Whose certificates they will be.
    #[serde(default)]
    pub subject: Option<Subject>,
    /// Number of the card that they are for.
    #[serde(default)]
    pub card: Option<String>,
    /// Until when the authority waits, RFC 3339.
    #[serde(default)]
    pub deadline: Option<String>,
    /// Kinds of keys that it certifies.
    #[serde(default)]
    pub key_algorithms: Vec<String>,
}

/// What is to be renewed.
#[derive(Serialize)]
pub struct RenewalOf {
    /// The certificate, as the authority calls it; the other one stays.
    pub role: &'static str,
}

/// The renewal that the signing key vouches for.
#[derive(Deserialize)]
pub struct Vouched {
    /// It.
    pub application: Renewal,
    /// The code that its steps are done with.
    #[serde(deserialize_with = "code")]
    pub code: Option<Passphrase>,
}

/// A renewal that was begun.
#[derive(Clone, Debug, Deserialize)]
pub struct Renewal {
    /// Its id.
    #[serde(alias = "id", alias = "application")]
    pub renewal: String,
    /// Where it stands.
    #[serde(default)]
    pub state: String,
    /// Its number in the national register.
    #[serde(default)]
    pub rnu: Option<String>,
    /// Kinds of keys that the authority certifies.
    #[serde(default)]
    pub key_algorithms: Vec<String>,
    /// Whose certificates they will be.
    pub subject: Subject,
    /// Until when the authority waits, RFC 3339.
    #[serde(default)]
    pub deadline: Option<String>,
}

/// A challenge of the card's.
#[derive(Serialize)]
pub struct Challenge {
    /// It.
    #[serde(with = "hex")]
    pub challenge: Vec<u8>,
}

/// The answer to it.
#[derive(Deserialize)]
pub struct Answer {
    /// It.
    #[serde(with = "hex")]
    pub answer: Vec<u8>,
}

/// The requests for certificates, PKCS#10 in base64.
#[derive(Serialize)]
pub struct Requests {
    /// For the key that identifies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identification: Option<String>,
    /// For the key that signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing: Option<String>,
}

/// What was issued for them, DER in base64.
#[derive(Deserialize)]
pub struct Issued {
    /// For the key that identifies.
    #[serde(default, deserialize_with = "from_text")]
    pub identification: Option<Vec<u8>>,
    /// For the key that signs.
    #[serde(default, deserialize_with = "from_text")]
    pub signing: Option<Vec<u8>>,
    /// The authorities above them, the issuer first.
    #[serde(default, deserialize_with = "from_texts")]
    pub chain: Vec<Vec<u8>>,
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let bytes = text.map(|text| STANDARD.decode(text));
    bytes.transpose().map_err(D::Error::custom)
}

fn from_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let bytes = texts.iter().map(|text| STANDARD.decode(text));
    bytes.collect::<Result<_, _>>().map_err(D::Error::custom)
}

/// base64, as the authority writes it.
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64 as the authority writes it.
///
/// # Errors
/// [`Failure::AuthorityMalformed`].
pub fn from_base64(host: &str, text: &[u8]) -> Result<Vec<u8>, Failure> {
    let compact: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    STANDARD
        .decode(compact)
        .map_err(|error| Failure::AuthorityMalformed {
            host: host.to_owned(),
            what: error.to_string(),
        })
}

/// What is confirmed by another key than its own.
#[derive(Serialize)]
pub struct Confirmation {
    /// The renewal.
    pub application: Option<String>,
}

/// What became of a confirmation.
#[derive(Clone, Debug, Deserialize)]
pub struct Confirmed {
    /// Where the application stands.
    pub state: String,
}

/// A certificate of the register.
#[derive(Clone, Debug, Deserialize)]
pub struct RegisteredCertificate {
    /// Serial number, hexadecimal.
    pub serial: String,
    /// What its key is for.
    #[serde(with = "role")]
    pub role: KeyRole,
    /// Its state.
    pub state: CertificateState,
    /// RFC 3339.
    pub not_before: String,
    /// RFC 3339.
    pub not_after: String,
    /// Number of its card.
    #[serde(default)]
    pub carrier: Option<String>,
    /// What the holder calls it.
    #[serde(default)]
    pub name: Option<String>,
}

mod role {
    use super::{Deserialize, Deserializer, KeyRole};

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeyRole, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.to_ascii_lowercase().as_str() {
            "identification" => KeyRole::Authentication,
            "signing" => KeyRole::Signing,
            _ => KeyRole::Other,
        })
    }
}

/// A list of certificates.
#[derive(Clone, Debug, Deserialize)]
pub struct Listed {
    /// They.
    pub certificates: Vec<RegisteredCertificate>,
}

/// What happened with the holder's certificates.
#[derive(Clone, Debug, Deserialize)]
pub struct History {
    /// The certificates, as they are now.
    pub certificates: Vec<RegisteredCertificate>,
    /// What happened, the oldest first.
    pub entries: Vec<HistoryEvent>,
}

/// What happened once.
#[derive(Clone, Debug, Deserialize)]
pub struct HistoryEvent {
    /// When, RFC 3339.
    pub time: String,
    /// Of which certificate.
    pub serial: String,
    /// What.
    pub event: String,
    /// The state that it came to.
    pub state: CertificateState,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// Who did it.
    #[serde(default)]
    pub by: Option<String>,
}
