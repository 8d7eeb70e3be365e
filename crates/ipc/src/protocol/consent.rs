//! What a person is shown before a key is used.

use serde::{Deserialize, Serialize};

use super::{CardInfo, CertificateInfo, KeyRole, Person, Someone, Subject};

/// Everything that a person needs to decide, and what he is to type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Consent {
    /// For what.
    pub purpose: Purpose,
    /// Who asks.
    pub requester: Requester,
    /// With which card. `None` for a practice card that is not put in, or not made yet.
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    pub card: Option<CardInfo>,
    /// With which certificate, where one is used.
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    pub certificate: Option<CertificateInfo>,
    /// Tries left of the secret that is asked for first, where the card says so.
    pub tries_left: Option<u8>,
    /// A wrong PIN would suspend the PIN: the next one after it is the last, and wants the CAN.
    pub wrong_suspends: bool,
    /// The CAN that was typed a moment ago was wrong; this is the next try at it.
    pub can_was_wrong: bool,
    /// The CAN that is asked for can be remembered on this computer: its key store works.
    pub can_may_be_remembered: bool,
    /// How the secrets are typed.
    pub entry: PinEntry,
    /// What is to be typed, in this order.
    pub secrets: Vec<SecretField>,
    /// The program may sign more without another PIN, if the holder says so.
    #[serde(default)]
    pub grant: Option<GrantOffer>,
    /// Seconds until the request lapses.
    pub seconds_left: u32,
}

/// What a program may be granted: a browser opens several connections for one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct GrantOffer {
    /// Seconds from the entry of the PIN; never extended.
    pub seconds: u8,
    /// Signatures, this one included.
    pub signatures: u8,
    /// The holder said yes for this program before, for good: it is not asked again.
    pub remembered: bool,
    /// The holder may say so now: nobody but the system's administrator can put another program
    /// in this one's place.
    pub may_be_remembered: bool,
}

/// What the key or the PIN is wanted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "purpose", rename_all = "kebab-case")]
pub enum Purpose {
    /// A login to this server.
    Login {
        /// The server, as its certificate names it.
        server: ServerSummary,
    },
    /// A new PIN for the old one.
    PinChange,
    /// A new PIN for the PUK.
    PinUnblock,
    /// The first PIN for the transport PIN.
    PinActivation,
    /// A signature for a program that asks through PKCS#11.
    Signature {
        /// What the key is for.
        role: KeyRole,
    },
    /// A program took the PIN itself (classic PKCS#11): the key is open for it as
    /// [`Consent::grant`] says.
    TokenLogin,
    /// Reading what is on the card; only its CAN is wanted.
    ReadCard,
    /// Asking the card whether it is genuine; only its CAN is wanted.
    CheckCard,
    /// An officer applies for certificates for this person, who stands before him.
    Application {
        /// Whom.
        person: Person,
        /// The authority.
        authority: ServerSummary,
    },
    /// The code of an application that was made before is wanted.
    Invitation {
        /// Id of the application.
        application: String,
        /// The authority.
        authority: ServerSummary,
    },
    /// New keys and certificates for the card, which are this person's.
    Enrol {
        /// Whose.
        subject: Subject,
        /// The authority.
        authority: ServerSummary,
        /// There are certificates on the card, and they will be gone.
        overwrites: bool,
    },
    /// New keys and certificates in place of those on the card.
    Renew {
        /// The authority.
        authority: ServerSummary,
        /// The card has no room for both: what is on it will be gone before the new ones are
        /// confirmed.
        overwrites: bool,
    },
    /// Suspending certificates.
    Suspend {
        /// The authority.
        authority: ServerSummary,
        /// All that is on the card, and only an officer resumes it.
        lost: bool,
        /// An officer does it for someone.
        of: Option<Someone>,
    },
    /// Resuming them.
    Resume {
        /// The authority.
        authority: ServerSummary,
        /// An officer does it for someone.
        of: Option<Someone>,
    },
    /// Revoking one for good.
    Revoke {
        /// The authority.
        authority: ServerSummary,
        /// Its serial number, hexadecimal.
        serial: String,
    },
    /// Naming one.
    NameCertificate {
        /// The authority.
        authority: ServerSummary,
        /// The name.
        name: String,
    },
    /// Looking at what happened with the holder's certificates.
    History {
        /// The authority.
        authority: ServerSummary,
    },
    /// Making a practice card.
    PracticeCardNew {
        /// What it is to be called.
        label: String,
    },
    /// Putting a practice card in; the passphrase of its file is wanted.
    PracticeCardInsert {
        /// Its number.
        number: String,
        /// What it is called.
        label: String,
    },
}

/// A server whose certificate was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerSummary {
    /// Host name that the certificate was verified for.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Subject of its certificate, RFC 4514.
    pub subject: String,
    /// Who issued its certificate, RFC 4514.
    pub issuer: String,
    /// On the trust list of the configuration. If not, consent says so.
    pub on_trust_list: bool,
    /// The server names the issuers it takes, and this card's is not among them.
    pub issuer_not_named: bool,
}

/// The program that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Requester {
    /// Process id.
    pub pid: u32,
    /// Path of its executable; `None` where the system does not tell.
    pub executable: Option<String>,
    /// Title of its window, where the system tells. The program's own words.
    #[serde(default)]
    pub window: Option<String>,
}

/// How the secrets are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum PinEntry {
    /// At the computer: terminal or PIN window.
    Typed,
    /// At the reader's keypad; the computer never sees them.
    Pinpad,
}

/// One secret that is to be typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SecretField {
    /// Which.
    pub kind: SecretKind,
    /// Name of the PIN in the profile, such as `PIN` or `PW1`.
    pub label: String,
    /// Fewest characters.
    pub shortest: u8,
    /// Most characters.
    pub longest: u8,
    /// Which characters.
    pub alphabet: Alphabet,
}

/// Kinds of secrets. What a person makes up (a new PIN, a new passphrase) is to be typed twice; the
/// agent gets it once. The codes of a new practice card are made up by the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is named as the card's documents name it")]
pub enum SecretKind {
    Pin,
    NewPin,
    Puk,
    Can,
    /// The PIN of a card that was never used; the holder's own takes its place.
    TransportPin,
    Passphrase,
    NewPassphrase,
    NewCan,
    NewPuk,
    NewTransportPin,
    /// The key of whoever personalises a practice card: 64 hexadecimal digits.
    AdministratorKey,
    /// The code of an application, as the authority gave it.
    ApplicationCode,
    /// The password by which a holder suspends by telephone.
    TelephonePassword,
    NewTelephonePassword,
}

/// Characters that a secret may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Alphabet {
    /// 0 to 9.
    Digits,
    /// Printable ASCII.
    Ascii,
    /// Letters of any script, and signs.
    Text,
}
