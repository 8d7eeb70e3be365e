//! What is said over HTTP when certificates are issued.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::application::{Kind, State};
use super::settings::KeyKind;
use crate::clock;
use crate::registers::{Names, NumberKind, Role};

/// An application, Art. 13. Nothing of it is written to a log: it has no `Debug`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Who applies, as the officer knows him from his documents.
    pub person: Applicant,
    /// Number of the carrier that the certificates are for.
    pub card: String,
    /// The password that the person agreed on for suspending by telephone, 6 to 64 characters.
    #[serde(default)]
    pub telephone_password: Option<String>,
    /// Whether the applicant stands before the officer. An application without that waits for it:
    /// it is sent again then (Req 14.5, 14.6).
    pub appeared: bool,
}

/// Who applies: Req 13.2, 13.3.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    /// Of what kind the number is.
    pub kind: NumberKind,
    /// The personal number.
    pub number: String,
    /// The names in Cyrillic letters.
    pub cyrillic: Names,
    /// The names in Latin letters.
    pub latin: Names,
    /// Where the person is written to.
    #[serde(default)]
    pub email: Option<String>,
}

/// What became of an application that was sent.
#[derive(Serialize, ToSchema)]
pub struct Submitted {
    /// The application.
    pub application: Description,
    /// The application's code: whoever has it takes its further steps. It is told once; another
    /// is made by `POST …/code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What is unusual in the data, and was taken all the same: `number-checksum`,
    /// `latin-names-differ` (from the transliteration that the law has).
    pub warnings: Vec<Warning>,
}

/// What is unusual, and taken all the same: the register of persons is right, not a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Warning {
    /// The check digit of the personal number is not what the rule says.
    NumberChecksum,
    /// The Latin names are not the transliteration of the Cyrillic ones.
    LatinNamesDiffer,
}

/// A new code for an application.
#[derive(Serialize, ToSchema)]
pub struct NewCode {
    /// The code. Those before it are good for nothing from now on.
    pub code: String,
}

/// An application, as far as its next steps need it.
#[derive(Serialize, ToSchema)]
pub struct Description {
    /// Its id, a UUID.
    pub id: String,
    /// Reference number of the service, from its first state to its last.
    pub rnu: String,
    /// What is applied for.
    pub kind: Kind,
    /// The only certificate that it is about; without it, both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Where it stands.
    pub state: State,
    /// Whose certificates are applied for; none before the approval and after a denial.
    pub subject: Option<HolderNames>,
    /// Number of the carrier that they are for.
    pub card: Option<String>,
    /// When its time is over.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub deadline: i64,
    /// Kinds of keys that are certified.
    pub key_algorithms: Vec<KeyKind>,
    /// Why it was denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The application comes from the operator: its holder becomes an officer.
    pub invitation: bool,
}

/// Whose certificates they are. The personal number is not in it.
#[derive(Serialize, ToSchema)]
pub struct HolderNames {
    /// The electronic identifier.
    pub identifier: Uuid,
    /// Names in Cyrillic letters.
    pub cyrillic: Names,
    /// Names in Latin letters.
    pub latin: Names,
    /// Country, two letters of ISO 3166.
    pub country: String,
}

/// A challenge of the application's carrier.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// Hexadecimal digits.
    pub challenge: String,
}

/// The answer to it.
#[derive(Serialize, ToSchema)]
pub struct Answer {
    /// Hexadecimal digits.
    pub answer: String,
}

/// The requests for all certificates that the application is about, PKCS#10.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// For the identification key: base64 of the DER.
    #[serde(default)]
    pub identification: Option<String>,
    /// For the signing key: base64 of the DER.
    #[serde(default)]
    pub signing: Option<String>,
}

/// The certificates.
#[derive(Serialize, ToSchema)]
pub struct Issued {
    /// For the identification key: base64 of the DER.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identification: Option<String>,
    /// For the signing key: base64 of the DER.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing: Option<String>,
    /// The certificates above them, the nearest first, the root last: base64 of the DER.
    pub chain: Vec<String>,
}

/// What is renewed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalOf {
    /// One certificate alone, for a carrier that has no place for new keys beside the old ones;
    /// without it, both.
    #[serde(default)]
    pub role: Option<Role>,
}

/// The renewal of an identification certificate, for which the holder's signature vouches.
#[derive(Serialize, ToSchema)]
pub struct Vouched {
    /// The renewal.
    pub application: Description,
    /// Its code: whoever has it takes the further steps. Those before it are good for nothing from
    /// now on.
    pub code: String,
}

/// What is confirmed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The renewal of the carrier's signing certificate, where that alone was renewed; without it,
    /// the application that the connection's certificate came from.
    #[serde(default)]
    pub application: Option<Uuid>,
}

/// What became of the new certificates.
#[derive(Serialize, ToSchema)]
pub struct Confirmed {
    /// The application.
    pub application: String,
    /// Its reference number.
    pub rnu: String,
    /// Where it stands now.
    pub state: State,
    /// Serial numbers of the certificates that are in force now.
    pub certificates: Vec<String>,
}

/// Why an application is given up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// A word for it: lower-case letters, digits and hyphens, 64 at most.
    pub reason: String,
}

/// What became of the certificates before the renewed ones.
#[derive(Serialize, ToSchema)]
pub struct Replaced {
    /// The renewal.
    pub application: String,
    /// Serial numbers of the certificates that ended with it.
    pub revoked: Vec<String>,
}
