//! Why something could not be done.
//!
//! What a person reads stands in the message files: `err-<code>` says what happened, `rec-<code>`
//! what to do. The fields are the messages' arguments.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A failure, by its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "code", rename_all = "kebab-case")]
#[non_exhaustive]
#[allow(missing_docs, reason = "fields are named as the messages use them")]
pub enum Failure {
    // The smart card service and readers.
    #[error("the smart card service is not installed")]
    ServiceNotInstalled,
    #[error("the smart card service is not running")]
    ServiceNotRunning,
    #[error("no permission to use the smart card service")]
    ServiceNoPermission,
    #[error("the smart card service speaks another version of its protocol")]
    ServiceProtocolMismatch,
    #[error("no reader")]
    NoReader,
    #[error("no reader is named {reader}")]
    ReaderUnknown { reader: String },
    #[error("the reader {reader} does not work")]
    ReaderUnavailable { reader: String },
    #[error("the reader {reader} was unplugged")]
    ReaderGone { reader: String },

    // Cards.
    #[error("no card")]
    NoCard,
    #[error("several cards: {readers}")]
    SeveralCards { readers: String },
    #[error("the card in {reader} does not answer")]
    CardMute { reader: String },
    #[error("the card in {reader} is used by {program}")]
    CardInUse {
        reader: String,
        program: String,
        holders: Vec<Holder>,
    },
    #[error("unknown card {atr} in {reader}")]
    CardUnknown { reader: String, atr: String },
    #[error("the card was removed")]
    CardRemoved,
    #[error("the card was reset by another program")]
    CardReset,
    #[error("the card in {reader} did not answer in time")]
    CardTimeout { reader: String },
    #[error("the card refused {command}: {status}")]
    CardRefused { command: String, status: String },
    #[error("the card sent something that cannot be read: {what}")]
    CardMalformed { what: String },

    // The secure channel to a card (PACE), and whether the card is genuine.
    #[error("the CAN of the card in {reader} is wanted")]
    CanNeeded { reader: String },
    #[error("wrong CAN; the card answers later now")]
    WrongCan,
    #[error("the card can be spoken to only by {what}, which is not supported")]
    PaceUnsupported { what: String },
    #[error("the card did not open a secure channel: {what}")]
    ChannelRefused { what: String },
    #[error("the secure channel to the card is broken")]
    ChannelBroken,
    #[error("another program spoke to the card in between, which ended the secure channel")]
    ChannelInterrupted,
    #[error("a PIN is not sent to a contactless card without a secure channel")]
    ChannelNeeded,
    #[error("the card in {reader} is a forgery: {reason}")]
    CardForged { reader: String, reason: String },

    // Certificates and keys.
    #[error("no certificate for {key} on the card")]
    CertificateMissing { key: String },
    #[error("the certificate {key} on the card cannot be read: {reason}")]
    CertificateUnreadable { key: String, reason: String },
    #[error("the certificate does not belong to the key {key} on the card")]
    CertificateKeyMismatch { key: String },
    #[error("the certificate ended on {date}")]
    CertificateExpired { date: String },
    #[error("the certificate is not valid before {date}")]
    CertificateNotYetValid { date: String },
    #[error("the card has no key named {key}")]
    KeyUnknown { key: String },

    // Other programs, through PKCS#11.
    #[error("the key {key} on the card does not sign by {mechanism}")]
    MechanismNotOffered { key: String, mechanism: String },
    #[error("programs may not take the PIN themselves")]
    ProgramLoginOff,
    #[error("the program is not logged in")]
    NotLoggedIn,

    // Browsers, and what else takes the module.
    #[error("the program does not have the module")]
    BrowserNotSetUp,
    #[error("the program has the module from another file: {library}")]
    BrowserSetUpElsewhere { library: String },
    #[error("the program is in a sandbox that lets no module in")]
    BrowserSandboxed,
    #[error("the program's list of modules cannot be read")]
    BrowserListUnreadable,

    // PINs.
    #[error("wrong PIN, {tries_left} tries left")]
    WrongPin { tries_left: u8 },
    #[error("wrong PIN")]
    WrongPinTriesUnknown,
    #[error("the PIN is blocked")]
    PinBlocked,
    #[error("the PIN is suspended")]
    PinSuspended,
    #[error("the PIN is not activated")]
    PinNotActivated,
    #[error("only the last try is left")]
    LastTryRefused,
    #[error("wrong PUK, {tries_left} tries left")]
    WrongPuk { tries_left: u8 },
    #[error("wrong PUK")]
    WrongPukTriesUnknown,
    #[error("the PUK is blocked")]
    PukBlocked,
    #[error("this card's PIN cannot be unblocked with a PUK")]
    UnblockNotSupported,
    #[error("the card has no PIN named {pin}")]
    PinUnknown { pin: String },
    #[error("the PIN must have {shortest} to {longest} characters")]
    PinLength { shortest: u8, longest: u8 },
    #[error("the PIN may have digits only")]
    PinAlphabet,
    #[error("after a wrong PIN the card must be taken out first")]
    PinLockedUntilReinserted,
    #[error("the new PIN was not typed twice alike")]
    PinsDiffer,
    #[error("the reader's keypad cannot do this")]
    PinpadNotSupported,
    #[error("the PIN is typed at the reader's keypad only")]
    PinpadOnly,

    // Practice cards, and the key store of the operating system.
    #[error("there is no practice card")]
    PracticeCardNone,
    #[error("no practice card has the number {number}")]
    PracticeCardUnknown { number: String },
    #[error("several practice cards: {numbers}")]
    SeveralPracticeCards { numbers: String },
    #[error("the practice card {number} is put in already, as {reader}")]
    PracticeCardInserted { number: String, reader: String },
    #[error("the practice card {number} is not put in")]
    PracticeCardNotInserted { number: String },
    #[error("another program uses the practice card {number}")]
    PracticeCardInUse { number: String },
    #[error("too many practice cards; {most} is the most")]
    TooManyPracticeCards { most: u32 },
    #[error("{label} cannot be the name of a practice card")]
    PracticeLabelInvalid { label: String },
    #[error("the practice card's file {file} is damaged: {reason}")]
    PracticeFileDamaged { file: String, reason: String },
    #[error("the practice card's file {file} cannot be written: {reason}")]
    PracticeFileUnwritable { file: String, reason: String },
    #[error("the key of the practice card {number} is not in the key store")]
    PracticeKeyMissing { number: String },
    #[error("wrong passphrase")]
    WrongPassphrase,
    #[error("the passphrase must have {shortest} to {longest} characters")]
    PassphraseUnusable { shortest: u8, longest: u8 },
    #[error("not a key of 32 bytes")]
    AdministratorKeyInvalid,
    #[error("no virtual reader answers on port {port}: {reason}")]
    VirtualReaderUnreachable { port: u16, reason: String },
    #[error("the key store of this computer cannot be used: {reason}")]
    KeyStoreUnavailable { reason: String },

    // Consent.
    #[error("refused")]
    Refused,
    #[error("nobody answered in time")]
    PromptTimeout,
    #[error("the PIN window closed without an answer")]
    WindowGone,
    #[error("cancelled")]
    Cancelled,
    #[error("no request {pending} waits")]
    PendingUnknown { pending: u32 },
    #[error("a program may not answer its own request")]
    OwnRequest,
    #[error("a request is answered at a terminal")]
    NoTerminal,
    #[error("{program} asks too often")]
    RateLimited { program: String, seconds: u32 },

    // Servers.
    #[error("not an https address: {url}")]
    UrlInvalid { url: String },
    #[error("{name} is no name of a server that can be trusted: {reason}")]
    ServerNameInvalid { name: String, reason: String },
    #[error("the CA file {file} cannot be used: {reason}")]
    AuthorityInvalid { file: String, reason: String },
    #[error("the name {host} is not known")]
    ServerNameUnknown { host: String },
    #[error("{host} cannot be reached: {reason}")]
    ServerUnreachable { host: String, reason: String },
    #[error("{host} did not answer in time")]
    ServerTimeout { host: String },
    #[error("the certificate of {host} is not trusted: {reason}")]
    ServerNotTrusted { host: String, reason: String },
    #[error("{host} does not speak TLS: {reason}")]
    ServerTlsFailed { host: String, reason: String },
    #[error("{host} does not ask for a certificate")]
    ServerAsksNothing { host: String },
    #[error("{host} asks for the certificate only after the handshake")]
    ServerAsksLate { host: String },
    #[error("{host} refused the certificate: {reason}")]
    ServerRefusedCertificate { host: String, reason: String },
    #[error("the card offers nothing that {host} takes")]
    NothingInCommon {
        host: String,
        card: String,
        server: String,
    },
    #[error("{host} leads to another server: {target}")]
    RedirectElsewhere { host: String, target: String },

    // The authority that issues certificates.
    #[error("no authority is configured")]
    AuthorityNotConfigured,
    #[error("the authority {host} refused: {problem}: {detail}")]
    AuthorityRefused {
        host: String,
        problem: String,
        detail: String,
    },
    #[error("the authority {host} answered something that cannot be read: {what}")]
    AuthorityMalformed { host: String, what: String },
    #[error("the authority {host} wants to be asked later")]
    AuthorityBusy { host: String, seconds: u32 },
    #[error("the journal of the authority {host} was changed: {what}")]
    AuthorityRewroteJournal { host: String, what: String },
    #[error("the certificate on the card is suspended")]
    CertificateSuspended,
    #[error("the certificate on the card is revoked")]
    CertificateRevoked,
    #[error("the certificate on the card was never confirmed")]
    CertificatePending,
    #[error("the authority does not know the certificate")]
    CertificateUnknown,
    #[error("the card is not an officer's")]
    NotAnOfficer,
    #[error("the person's certificates are of another administrator")]
    OtherAdministrator,
    #[error("{field} of the person cannot be right: {reason}")]
    PersonInvalid { field: String, reason: String },
    #[error("the application {application} is not known")]
    ApplicationUnknown { application: String },
    #[error("the application {application} was made with other data")]
    ApplicationDiffers { application: String },
    #[error("the time for the application {application} is over")]
    ApplicationLapsed { application: String },
    #[error("the code of the application is wrong")]
    WrongApplicationCode,
    #[error("the authority does not know the card {card}")]
    CarrierUnknown { card: String },
    #[error("the card in {reader} cannot be personalised: {reason}")]
    CardNotPersonalisable { reader: String, reason: String },
    #[error("the card in {reader} has no number")]
    CardNumberMissing { reader: String },
    #[error("the card in {reader} is personalised with a PIN, not by an authority")]
    CardPersonalisedByPin { reader: String },
    #[error("the authority has another key for the card {card}")]
    CarrierKeyDiffers { card: String },
    #[error("the card has certificates already; they are renewed")]
    CardHasCertificates { card: String },
    #[error("such cards cannot be renewed: {reason}")]
    RenewalNotSupported { reason: String },
    #[error("the card makes no keys of the kind {algorithm}")]
    KeyAlgorithmNotOffered { algorithm: String },
    #[error("the authority certifies no keys of the kind {algorithm}")]
    KeyAlgorithmNotCertified { algorithm: String },
    #[error("the key that the card has made is weak: {reason}")]
    WeakKey { key: String, reason: String },
    #[error("the authority issued another certificate than was asked for: {what}")]
    WrongCertificateIssued { what: String },
    #[error("what was read back from the card is not what was written: {key}")]
    ReadBackDiffers { key: String },
    #[error("the authority did not take the confirmation")]
    NotConfirmed,
    #[error("no task has the id {task}")]
    TaskUnknown { task: String },
    #[error("the task {task} is at work")]
    TaskRunning { task: String },
    #[error("the task {task} has overwritten a key, and must be ended")]
    TaskUnfinished { task: String },
    #[error("the card {card} has the unfinished task {task}")]
    CardHasTask { card: String, task: String },
    #[error("the task is about the card {expected}, not {found}")]
    OtherCard { expected: String, found: String },
    #[error("the new PIN is the holder's day of birth")]
    PinIsBirthDate,
    #[error("this card is none of the authority {host}")]
    OtherAuthority { host: String },
    #[error("the task {task} cannot be kept: {reason}")]
    TaskUnwritable { task: String, reason: String },
    #[error("the task {task} was taken back: {reason}")]
    TaskRolledBack { task: String, reason: String },
    #[error("{name} cannot be the name of a certificate")]
    CertificateNameInvalid { name: String },
    #[error("the telephone password is wrong")]
    WrongTelephonePassword,
    #[error("nobody says whether the certificate is revoked: {reason}")]
    StatusUnavailable { reason: String },
    #[error("the clock of this computer is wrong")]
    ClockWrong { here: String, there: String },

    // Profiles.
    #[error("{file}:{line}: {field}: {reason}")]
    ProfileInvalid {
        file: String,
        line: u32,
        field: String,
        reason: String,
    },
    #[error("{file} claims a card that {profile} knows")]
    ProfileClaimsKnownCard { file: String, profile: String },
    #[error("{file} cannot be read: {reason}")]
    FileUnreadable { file: String, reason: String },

    // The agent.
    #[error("the agent is busy with too many requests")]
    Busy,
    #[error("the client speaks version {client} of the protocol, the agent {agent}")]
    VersionMismatch { client: u16, agent: u16 },
    #[error("{program} is of version {version}, the agent of {agent}")]
    VersionsDiffer {
        program: String,
        version: String,
        agent: String,
    },
    #[error("the agent's file was replaced, and it still runs from the old one")]
    AgentReplaced,
    #[error("the request cannot be read: {reason}")]
    RequestInvalid { reason: String },
    #[error("the agent stops")]
    Stopping,
    #[error("the configuration {file} cannot be used: {reason}")]
    ConfigurationInvalid { file: String, reason: String },
}

/// A program that holds a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Name of the program.
    pub name: String,
    /// Path of its executable, where the system tells.
    pub executable: Option<String>,
}

impl Failure {
    /// The code, as in JSON and in the names of the messages.
    #[must_use]
    pub fn code(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        value
            .get("code")
            .and_then(|code| code.as_str())
            .unwrap_or("unknown")
            .to_owned()
    }
}
