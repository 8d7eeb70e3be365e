//! What can be asked of the agent.

use serde::{Deserialize, Serialize};

use super::{
    EnrolRequest, HistoryRequest, NameRequest, PracticeFace, PracticeMaking, RenewRequest,
    ResumeRequest, RevokeRequest, SettingChange, SignRequest, StatusRequest, SuspendRequest,
    TaskResumeRequest, TokenId,
};

/// A request. Where `reader` is `None` the only card there is is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum Request {
    /// The smart card service and its readers.
    Readers,
    /// The cards in them.
    Cards,
    /// Sends what there is ([`State`](super::State)), now and whenever it changes, until it is
    /// cancelled.
    Watch,
    /// The certificates on the cards.
    Certificates {
        /// Only those of this reader's card.
        reader: Option<String>,
    },
    /// One certificate, as DER.
    Certificate(CertificateChoice),
    /// The state of a card's PINs; spends no try.
    PinStatus {
        /// Name of the reader.
        reader: Option<String>,
    },
    /// Changes the PIN.
    PinChange {
        /// Name of the reader.
        reader: Option<String>,
        /// Which PIN, as the profile names it; `None` is the one that guards the login.
        pin: Option<String>,
        /// Who shows the consent and takes the PINs.
        #[serde(default)]
        consent: ConsentRoute,
    },
    /// Unblocks the PIN with the PUK and sets a new one.
    PinUnblock {
        /// Name of the reader.
        reader: Option<String>,
        /// Which PIN, as in [`Request::PinChange`].
        pin: Option<String>,
        /// Who shows the consent and takes the PUK and the new PIN.
        #[serde(default)]
        consent: ConsentRoute,
    },
    /// Logs in to a server with the card's key.
    Login(LoginRequest),
    /// Sends the tokens, now and whenever they change, until it is cancelled.
    WatchTokens,
    /// A signature for this program. The agent asks the holder, unless a grant is good for it.
    TokenSign(SignRequest),
    /// Opens a token with the PIN that this program took itself. Only where the configuration
    /// switches that on.
    TokenLogin {
        /// Which.
        token: TokenId,
    },
    /// Ends what was granted to this connection for that token.
    TokenLogout {
        /// Which.
        token: TokenId,
    },
    /// Has the holder asked for the CAN of a card that tells nothing without.
    TokenUnlock {
        /// Name of the reader.
        reader: String,
    },
    /// The programs that the holder wants to be asked less for.
    Programs,
    /// Forgets them.
    ForgetPrograms {
        /// Path of the executable; `None`: all of them.
        executable: Option<String>,
    },
    /// What keys were used for on this computer.
    Uses,
    /// Forgets that.
    ForgetUses,
    /// The servers that were logged in to, by that; the most often first.
    Services,
    /// What is kept on this computer.
    Stored,
    /// Sets something. Whoever watches is told of it.
    Set(SettingChange),
    /// The requests that wait for a person at `lichna approve`.
    Pending,
    /// Takes a waiting request up: the agent answers with an [`Ask`](super::AgentMessage::Ask).
    Approve {
        /// [`PendingRequest::id`](super::PendingRequest::id).
        pending: u32,
    },
    /// The card profiles that are loaded.
    Profiles,
    /// Checks the text of a profile.
    ProfileCheck {
        /// Name of the file, for messages.
        file: String,
        /// Its contents.
        text: String,
    },
    /// Looks for what stands between the holder and a login.
    Doctor,
    /// Sends every exchange with a card until it is cancelled: headers, lengths, status, time.
    Trace,
    /// Asks a card whether it is genuine.
    CheckCard {
        /// Name of the reader.
        reader: Option<String>,
    },
    /// Forgets a remembered CAN.
    ForgetCan {
        /// Of the card with this number; `None`: all of them.
        number: Option<String>,
    },
    /// The practice cards there are.
    PracticeCards,
    /// Makes one.
    PracticeCardNew(PracticeMaking),
    /// Deletes one for good, with all that is on it.
    PracticeCardDelete {
        /// Its number.
        number: String,
    },
    /// A first pair of certificates for a card.
    Enrol(EnrolRequest),
    /// New certificates for those on the card.
    Renew(RenewRequest),
    /// Suspends certificates.
    Suspend(SuspendRequest),
    /// Resumes what was suspended.
    Resume(ResumeRequest),
    /// Revokes a certificate for good.
    Revoke(RevokeRequest),
    /// Gives a certificate a name.
    NameCertificate(NameRequest),
    /// What happened with the holder's certificates.
    History(HistoryRequest),
    /// Whether a certificate is good at this moment.
    CertificateStatus(StatusRequest),
    /// The enrolments and renewals that are under way or were interrupted.
    Tasks,
    /// Goes on with one.
    TaskResume(TaskResumeRequest),
    /// Gives one up: the authority takes back what it has issued, as far as it can be told so.
    TaskDrop {
        /// [`TaskInfo::id`](super::TaskInfo::id).
        id: String,
    },
    /// Puts one in.
    PracticeCardInsert {
        /// Its number; `None`: the only one there is.
        number: Option<String>,
        /// Which side, and where.
        face: PracticeFace,
    },
    /// Takes one out.
    PracticeCardRemove {
        /// Its number; `None`: the only one that is put in.
        number: Option<String>,
    },
}

/// One certificate of one card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CertificateChoice {
    /// Name of the reader.
    pub reader: Option<String>,
    /// The key's name in the profile; `None` is the one for logging in.
    pub key: Option<String>,
}

/// A login over TLS with the card's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LoginRequest {
    /// `https://…`
    pub url: String,
    /// With which certificate.
    #[serde(default)]
    pub certificate: CertificateChoice,
    /// Contents of PEM files with CA certificates to trust beside the system's, for this login.
    #[serde(default)]
    pub authorities: Vec<NamedPem>,
    /// Who shows the consent and takes the PIN.
    pub consent: ConsentRoute,
}

/// A PEM file that the client read, with its name for messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NamedPem {
    /// Name of the file.
    pub file: String,
    /// Its contents.
    pub pem: String,
}

/// Who shows the consent and takes the PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum ConsentRoute {
    /// The client itself, at its own terminal.
    #[default]
    Caller,
    /// The agent's prompter; in this version `lichna approve` in another terminal.
    Prompter,
}
