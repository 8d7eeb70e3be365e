// Written by `cargo xtask typescript`.

/**
 * What the agent sends.
 */
export type AgentMessage = { "type": "hello" } & Hello | { "type": "reply", 
/**
 * Of the request.
 */
id: number, 
/**
 * How it ended.
 */
outcome: Outcome, } | { "type": "ask", 
/**
 * Of the request.
 */
id: number, 
/**
 * What to show and what to ask for.
 */
consent: Consent, } | { "type": "progress", 
/**
 * Of the request.
 */
id: number, 
/**
 * The step that began.
 */
step: Step, } | { "type": "tokens", 
/**
 * Of the request.
 */
id: number, 
/**
 * What there is.
 */
tokens: Tokens, } | { "type": "state", 
/**
 * Of the request.
 */
id: number, 
/**
 * What there is.
 */
state: State, } | { "type": "trace", 
/**
 * Of the request.
 */
id: number, 
/**
 * What may be shown of it.
 */
exchange: ApduTrace, };

/**
 * Characters that a secret may have.
 */
export type Alphabet = "digits" | "ascii" | "text";

/**
 * What a person answered when asked for consent and secrets.
 */
export type Answer = { "answer": "typed", 
/**
 * Number of PIN frames; 0 when the PIN is typed at the reader's keypad.
 */
secrets: number, 
/**
 * He was told that this is the last try, and wants to spend it.
 */
spend_last_try: boolean, 
/**
 * He wants the CAN to be remembered on this computer.
 */
remember_can: boolean, 
/**
 * He grants the program what [`Consent::grant`] offers.
 */
grant: boolean, 
/**
 * He wants not to be asked about the grant for this program again.
 */
remember_program: boolean, } | { "answer": "refused" };

/**
 * What may be shown of one exchange with a card: never its bytes.
 */
export type ApduTrace = { 
/**
 * Name of the reader.
 */
reader: string, 
/**
 * INS, hexadecimal.
 */
ins: string, 
/**
 * P1 and P2, hexadecimal.
 */
p1p2: string, 
/**
 * Bytes of the command.
 */
sent: number, 
/**
 * Bytes of the answer's data.
 */
received: number, 
/**
 * Status word, hexadecimal; `None` when no answer came.
 */
status: string | null, 
/**
 * How long it took.
 */
microseconds: number, };

/**
 * On whose word a certificate is applied for.
 */
export type Applicant = { "applicant": "officer", 
/**
 * Whom he has before him.
 */
person: Person, 
/**
 * Name of the reader with the officer's card.
 */
officer_reader: string | null, 
/**
 * The person agreed on a password for suspending by telephone. It is asked for as a
 * secret.
 */
telephone_password: boolean, } | { "applicant": "invitation", 
/**
 * Id of the application, a UUID.
 */
application: string, } | { "applicant": "practice" };

/**
 * Which authority is meant, where it is not the one of the configuration.
 */
export type AuthorityChoice = { 
/**
 * `https://…`
 */
url: string, 
/**
 * Contents of the PEM file with the certificate that its servers' chain to; `None`: one that
 * the system trusts.
 */
root: NamedPem | null, };

/**
 * A card.
 */
export type CardInfo = { 
/**
 * Name of its reader.
 */
reader: string, 
/**
 * Answer to reset, hexadecimal.
 */
atr: string, 
/**
 * How it is reached.
 */
interface: InterfaceKind, 
/**
 * What is known of it.
 */
card: CardState, 
/**
 * It is a practice card: it proves nothing about anybody.
 */
practice: boolean, 
/**
 * The card's number, where it was read.
 */
number: string | null, 
/**
 * Whether it wants a secure channel.
 */
pace: PaceState, 
/**
 * Whether it proved to be genuine.
 */
genuineness: Genuineness, 
/**
 * Why it is not proven, or forged.
 */
genuineness_reason: string | null, 
/**
 * The PIN that guards the login, where the card was asked.
 */
pin: CardPin | null, };

/**
 * What a card said of the PIN that guards the login.
 */
export type CardPin = { 
/**
 * Its state.
 */
state: PinState, 
/**
 * Tries left, where the card says so.
 */
tries_left: number | null, };

/**
 * What is known of a card.
 */
export type CardState = { "card": "reading" } | { "card": "known", 
/**
 * Name of the profile.
 */
profile: string, 
/**
 * Name of the card, for people.
 */
name: string, 
/**
 * The profile is not signed: consent says so.
 */
unsigned_profile: boolean, } | { "card": "unknown" } | { "card": "failed", 
/**
 * Why.
 */
failure: Failure, };

/**
 * One certificate of one card.
 */
export type CertificateChoice = { 
/**
 * Name of the reader.
 */
reader: string | null, 
/**
 * The key's name in the profile; `None` is the one for logging in.
 */
key: string | null, };

/**
 * A certificate on a card.
 */
export type CertificateInfo = { 
/**
 * Name of the reader.
 */
reader: string, 
/**
 * It is on a practice card: it proves nothing about anybody.
 */
practice: boolean, 
/**
 * The key's name in the profile.
 */
key: string, 
/**
 * What the key is for.
 */
role: KeyRole, 
/**
 * RFC 4514.
 */
subject: string, 
/**
 * Common name of the subject, where it has one.
 */
common_name: string | null, 
/**
 * RFC 4514.
 */
issuer: string, 
/**
 * Serial number, hexadecimal.
 */
serial: string, 
/**
 * RFC 3339, UTC.
 */
not_before: string, 
/**
 * RFC 3339, UTC.
 */
not_after: string, 
/**
 * Algorithm and size, such as `EC P-256`.
 */
algorithm: string, 
/**
 * SHA-256 of the DER, hexadecimal.
 */
fingerprint: string, 
/**
 * Electronic identifier (UUID) of the eID scheme, where the certificate has one.
 */
electronic_identifier: string | null, };

/**
 * Where a certificate is.
 */
export type CertificateOf = { "of": "card" } & CertificateChoice | { "of": "file", 
/**
 * Its name, for messages.
 */
file: string, 
/**
 * base64 of its contents, PEM or DER.
 */
contents: string, };

/**
 * States of a certificate in the register, by the Ministry's names.
 */
export type CertificateState = "signed" | "active" | "stopped" | "revoked" | "failed" | "expired";

/**
 * What a client sends.
 */
export type ClientMessage = { "type": "hello" } & Hello | { "type": "request", 
/**
 * Chosen by the client, unique on this connection while the request runs.
 */
id: number, 
/**
 * What.
 */
request: Request, } | { "type": "answer", 
/**
 * Of the request.
 */
id: number, 
/**
 * What the person decided.
 */
answer: Answer, } | { "type": "cancel", 
/**
 * Of the request.
 */
id: number, };

/**
 * Everything that a person needs to decide, and what he is to type.
 */
export type Consent = { 
/**
 * For what.
 */
purpose: Purpose, 
/**
 * Who asks.
 */
requester: Requester, 
/**
 * With which card. `None` for a practice card that is not put in, or not made yet.
 */
card: CardInfo | null, 
/**
 * With which certificate, where one is used.
 */
certificate: CertificateInfo | null, 
/**
 * Tries left of the secret that is asked for first, where the card says so.
 */
tries_left: number | null, 
/**
 * A wrong PIN would suspend the PIN: the next one after it is the last, and wants the CAN.
 */
wrong_suspends: boolean, 
/**
 * The CAN that was typed a moment ago was wrong; this is the next try at it.
 */
can_was_wrong: boolean, 
/**
 * The CAN that is asked for can be remembered on this computer: its key store works.
 */
can_may_be_remembered: boolean, 
/**
 * How the secrets are typed.
 */
entry: PinEntry, 
/**
 * What is to be typed, in this order.
 */
secrets: Array<SecretField>, 
/**
 * The program may sign more without another PIN, if the holder says so.
 */
grant: GrantOffer | null, 
/**
 * Seconds until the request lapses.
 */
seconds_left: number, };

/**
 * Who shows the consent and takes the PIN.
 */
export type ConsentRoute = "caller" | "prompter";

/**
 * How far colours stand apart.
 */
export type Contrast = "system" | "high";

/**
 * A first pair of certificates for a card, Art. 14.
 */
export type EnrolRequest = { 
/**
 * Of whom.
 */
authority: AuthorityChoice | null, 
/**
 * On whose word.
 */
applicant: Applicant, 
/**
 * Name of the reader with the holder's card.
 */
reader: string | null, 
/**
 * Number of the holder's card. With one reader for both cards it is read from the card
 * first where it is not given.
 */
card: string | null, 
/**
 * Which keys are made, as card profiles name them: `ec-p256`, `rsa-3072`… `None`: P-256,
 * or what the card has.
 */
key_algorithm: string | null, 
/**
 * Who shows the consents and takes the PINs.
 */
consent: ConsentRoute, };

/**
 * A failure, by its code.
 */
export type Failure = { "code": "service-not-installed" } | { "code": "service-not-running" } | { "code": "service-no-permission" } | { "code": "service-protocol-mismatch" } | { "code": "no-reader" } | { "code": "reader-unknown", reader: string, } | { "code": "reader-unavailable", reader: string, } | { "code": "reader-gone", reader: string, } | { "code": "no-card" } | { "code": "several-cards", readers: string, } | { "code": "card-mute", reader: string, } | { "code": "card-in-use", reader: string, program: string, holders: Array<Holder>, } | { "code": "card-unknown", reader: string, atr: string, } | { "code": "card-removed" } | { "code": "card-reset" } | { "code": "card-timeout", reader: string, } | { "code": "card-refused", command: string, status: string, } | { "code": "card-malformed", what: string, } | { "code": "can-needed", reader: string, } | { "code": "wrong-can" } | { "code": "pace-unsupported", what: string, } | { "code": "channel-refused", what: string, } | { "code": "channel-broken" } | { "code": "channel-interrupted" } | { "code": "channel-needed" } | { "code": "card-forged", reader: string, reason: string, } | { "code": "certificate-missing", key: string, } | { "code": "certificate-unreadable", key: string, reason: string, } | { "code": "certificate-key-mismatch", key: string, } | { "code": "certificate-expired", date: string, } | { "code": "certificate-not-yet-valid", date: string, } | { "code": "key-unknown", key: string, } | { "code": "mechanism-not-offered", key: string, mechanism: string, } | { "code": "program-login-off" } | { "code": "not-logged-in" } | { "code": "browser-not-set-up" } | { "code": "browser-set-up-elsewhere", library: string, } | { "code": "browser-sandboxed" } | { "code": "browser-list-unreadable" } | { "code": "wrong-pin", tries_left: number, } | { "code": "wrong-pin-tries-unknown" } | { "code": "pin-blocked" } | { "code": "pin-suspended" } | { "code": "pin-not-activated" } | { "code": "last-try-refused" } | { "code": "wrong-puk", tries_left: number, } | { "code": "wrong-puk-tries-unknown" } | { "code": "puk-blocked" } | { "code": "unblock-not-supported" } | { "code": "pin-unknown", pin: string, } | { "code": "pin-length", shortest: number, longest: number, } | { "code": "pin-alphabet" } | { "code": "pin-locked-until-reinserted" } | { "code": "pins-differ" } | { "code": "pinpad-not-supported" } | { "code": "pinpad-only" } | { "code": "practice-card-none" } | { "code": "practice-card-unknown", number: string, } | { "code": "several-practice-cards", numbers: string, } | { "code": "practice-card-inserted", number: string, reader: string, } | { "code": "practice-card-not-inserted", number: string, } | { "code": "practice-card-in-use", number: string, } | { "code": "too-many-practice-cards", most: number, } | { "code": "practice-label-invalid", label: string, } | { "code": "practice-file-damaged", file: string, reason: string, } | { "code": "practice-file-unwritable", file: string, reason: string, } | { "code": "practice-key-missing", number: string, } | { "code": "wrong-passphrase" } | { "code": "passphrase-unusable", shortest: number, longest: number, } | { "code": "administrator-key-invalid" } | { "code": "virtual-reader-unreachable", port: number, reason: string, } | { "code": "key-store-unavailable", reason: string, } | { "code": "refused" } | { "code": "prompt-timeout" } | { "code": "window-gone" } | { "code": "cancelled" } | { "code": "pending-unknown", pending: number, } | { "code": "own-request" } | { "code": "no-terminal" } | { "code": "rate-limited", program: string, seconds: number, } | { "code": "url-invalid", url: string, } | { "code": "server-name-invalid", name: string, reason: string, } | { "code": "authority-invalid", file: string, reason: string, } | { "code": "server-name-unknown", host: string, } | { "code": "server-unreachable", host: string, reason: string, } | { "code": "server-timeout", host: string, } | { "code": "server-not-trusted", host: string, reason: string, } | { "code": "server-tls-failed", host: string, reason: string, } | { "code": "server-asks-nothing", host: string, } | { "code": "server-asks-late", host: string, } | { "code": "server-refused-certificate", host: string, reason: string, } | { "code": "nothing-in-common", host: string, card: string, server: string, } | { "code": "redirect-elsewhere", host: string, target: string, } | { "code": "authority-not-configured" } | { "code": "authority-refused", host: string, problem: string, detail: string, } | { "code": "authority-malformed", host: string, what: string, } | { "code": "authority-busy", host: string, seconds: number, } | { "code": "authority-rewrote-journal", host: string, what: string, } | { "code": "certificate-suspended" } | { "code": "certificate-revoked" } | { "code": "certificate-pending" } | { "code": "certificate-unknown" } | { "code": "not-an-officer" } | { "code": "other-administrator" } | { "code": "person-invalid", field: string, reason: string, } | { "code": "application-unknown", application: string, } | { "code": "application-differs", application: string, } | { "code": "application-lapsed", application: string, } | { "code": "wrong-application-code" } | { "code": "carrier-unknown", card: string, } | { "code": "card-not-personalisable", reader: string, reason: string, } | { "code": "card-number-missing", reader: string, } | { "code": "card-personalised-by-pin", reader: string, } | { "code": "carrier-key-differs", card: string, } | { "code": "card-has-certificates", card: string, } | { "code": "renewal-not-supported", reason: string, } | { "code": "key-algorithm-not-offered", algorithm: string, } | { "code": "key-algorithm-not-certified", algorithm: string, } | { "code": "weak-key", key: string, reason: string, } | { "code": "wrong-certificate-issued", what: string, } | { "code": "read-back-differs", key: string, } | { "code": "not-confirmed" } | { "code": "task-unknown", task: string, } | { "code": "task-running", task: string, } | { "code": "task-unfinished", task: string, } | { "code": "card-has-task", card: string, task: string, } | { "code": "other-card", expected: string, found: string, } | { "code": "pin-is-birth-date" } | { "code": "other-authority", host: string, } | { "code": "task-unwritable", task: string, reason: string, } | { "code": "task-rolled-back", task: string, reason: string, } | { "code": "certificate-name-invalid", name: string, } | { "code": "wrong-telephone-password" } | { "code": "status-unavailable", reason: string, } | { "code": "clock-wrong", here: string, there: string, } | { "code": "profile-invalid", file: string, line: number, field: string, reason: string, } | { "code": "profile-claims-known-card", file: string, profile: string, } | { "code": "file-unreadable", file: string, reason: string, } | { "code": "busy" } | { "code": "version-mismatch", client: number, agent: number, } | { "code": "versions-differ", program: string, version: string, agent: string, } | { "code": "agent-replaced" } | { "code": "request-invalid", reason: string, } | { "code": "stopping" } | { "code": "configuration-invalid", file: string, reason: string, };

/**
 * One thing that `doctor` looked at.
 */
export type Finding = { 
/**
 * What was looked at: `agent`, `versions`, `firefox`, `service`, `reader`, `card`, `profile`, `certificate`, `pin`,
 * `clock`, `trust`, `authority`…
 */
check: string, 
/**
 * How it is.
 */
state: FindingState, 
/**
 * What is wrong, if something is. Its texts say the cause and the fix.
 */
failure: Failure | null, 
/**
 * A command that fixes it, where one does.
 */
fix: string | null, 
/**
 * The same for a program, which may carry it out when the holder says so.
 */
remedy: Remedy | null, 
/**
 * What it concerns: a reader, a file.
 */
subject: string | null, };

/**
 * How a finding is.
 */
export type FindingState = "good" | "warning" | "bad" | "skipped";

/**
 * Whether a card proved to be genuine.
 */
export type Genuineness = "not-checked" | "genuine" | "practice" | "not-proven" | "forged";

/**
 * What a program may be granted: a browser opens several connections for one page.
 */
export type GrantOffer = { 
/**
 * Seconds from the entry of the PIN; never extended.
 */
seconds: number, 
/**
 * Signatures, this one included.
 */
signatures: number, 
/**
 * The holder said yes for this program before, for good: it is not asked again.
 */
remembered: boolean, 
/**
 * The holder may say so now: nobody but the system's administrator can put another program
 * in this one's place.
 */
may_be_remembered: boolean, };

/**
 * A hash.
 */
export type HashName = "sha256" | "sha384" | "sha512";

/**
 * The first message of each side.
 */
export type Hello = { 
/**
 * [`VERSION`] of the sender.
 */
protocol: number, 
/**
 * Name of the program: `lichna`, `lichna-agent`. For people, never for decisions.
 */
program: string, 
/**
 * Version of the program.
 */
version: string, };

/**
 * What happened with the holder's certificates, the oldest first.
 */
export type History = { 
/**
 * Name of the reader.
 */
reader: string, 
/**
 * It is a practice card.
 */
practice: boolean, 
/**
 * The certificates, as they are now.
 */
certificates: Array<HolderCertificate>, 
/**
 * What happened.
 */
entries: Array<HistoryEntry>, };

/**
 * What happened once.
 */
export type HistoryEntry = { 
/**
 * When, RFC 3339, UTC.
 */
time: string, 
/**
 * Of which certificate: serial number, hexadecimal.
 */
serial: string, 
/**
 * What: `issued`, `confirmed`, `failed`, `suspended`, `lost`, `resumed`, `revoked`, `named`.
 */
event: string, 
/**
 * The state that it came to.
 */
state: CertificateState, 
/**
 * Why, where somebody said.
 */
reason: string | null, 
/**
 * Who did it: `holder`, `officer`, `authority`.
 */
by: string | null, };

/**
 * What happened with the holder's certificates.
 */
export type HistoryRequest = { 
/**
 * Where.
 */
authority: AuthorityChoice | null, 
/**
 * Name of the reader.
 */
reader: string | null, 
/**
 * Who shows the consent and takes the PIN.
 */
consent: ConsentRoute, };

/**
 * A program that holds a card.
 */
export type Holder = { 
/**
 * Process id.
 */
pid: number, 
/**
 * Name of the program.
 */
name: string, 
/**
 * Path of its executable, where the system tells.
 */
executable: string | null, };

/**
 * A certificate of the holder's, as the register has it.
 */
export type HolderCertificate = { 
/**
 * Serial number, hexadecimal.
 */
serial: string, 
/**
 * What its key is for.
 */
role: KeyRole, 
/**
 * Its state.
 */
state: CertificateState, 
/**
 * RFC 3339, UTC.
 */
not_before: string, 
/**
 * RFC 3339, UTC.
 */
not_after: string, 
/**
 * Number of the card that it is on, where the register has it.
 */
carrier: string | null, 
/**
 * What the holder calls it.
 */
name: string | null, };

/**
 * How a card is reached.
 */
export type InterfaceKind = "contact" | "contactless";

/**
 * What a key is for.
 */
export type KeyRole = "authentication" | "signing" | "other";

/**
 * One use of a key: the card had the PIN for it, and signed or did not.
 */
export type KeyUse = { 
/**
 * When, RFC 3339, UTC.
 */
time: string, 
/**
 * For what.
 */
what: UseKind, 
/**
 * What the key is for.
 */
role: KeyRole, 
/**
 * Number of the card, where it was read.
 */
card: string | null, 
/**
 * Serial number of the key's certificate, hexadecimal.
 */
certificate: string, 
/**
 * The card is a practice card.
 */
practice: boolean, 
/**
 * Path of the program that asked, where the system tells.
 */
program: string | null, 
/**
 * The server that it was for, where that is known: its name, and its port where that is not
 * 443. Which server a browser is at, the browser alone knows.
 */
server: string | null, 
/**
 * Why the card did not sign, if it did not.
 */
failure: Failure | null, };

/**
 * The order of the digits on the PIN window's keypad.
 */
export type KeypadOrder = "ordered" | "shuffled";

/**
 * What a login came to.
 */
export type LoginOutcome = { 
/**
 * The server.
 */
server: ServerSummary, 
/**
 * `TLSv1.3` or `TLSv1.2`.
 */
tls_version: string, 
/**
 * Signature scheme of the card's signature, by its IANA name.
 */
scheme: string, 
/**
 * Status of the HTTP answer.
 */
status: number, 
/**
 * Type of the body, as the server named it.
 */
content_type: string | null, 
/**
 * The body, as text, at most 256 KiB.
 */
body: string, 
/**
 * The body was longer.
 */
body_cut: boolean, 
/**
 * How long each step took.
 */
timings: Array<Timing>, 
/**
 * Commands sent to the card for this login.
 */
apdus: number, 
/**
 * Of these, after the PIN was typed.
 */
apdus_after_pin: number, };

/**
 * A login over TLS with the card's key.
 */
export type LoginRequest = { 
/**
 * `https://…`
 */
url: string, 
/**
 * With which certificate.
 */
certificate: CertificateChoice, 
/**
 * Contents of PEM files with CA certificates to trust beside the system's, for this login.
 */
authorities: Array<NamedPem>, 
/**
 * Who shows the consent and takes the PIN.
 */
consent: ConsentRoute, };

/**
 * How windows look, and what is heard of them, as the holder has set it.
 */
export type Look = { 
/**
 * Their language; `None`: the session's.
 */
language: WindowLanguage | null, 
/**
 * The order of the digits on the PIN window's keypad.
 */
keypad: KeypadOrder, 
/**
 * How large everything is.
 */
text: TextSize, 
/**
 * Light or dark.
 */
theme: Theme, 
/**
 * How far colours stand apart.
 */
contrast: Contrast, 
/**
 * Whether it is heard that something succeeded or failed.
 */
sound: boolean, };

/**
 * What became of the holder's certificates by what he asked for.
 */
export type Managed = { 
/**
 * Name of the reader.
 */
reader: string, 
/**
 * It is a practice card.
 */
practice: boolean, 
/**
 * The certificates that it concerned, as they are now.
 */
certificates: Array<HolderCertificate>, 
/**
 * How long each step took.
 */
timings: Array<Timing>, 
/**
 * Commands sent to the card.
 */
apdus: number, };

/**
 * How a token signs. There is nothing that decrypts.
 */
export type Mechanism = { "mechanism": "ecdsa" } | { "mechanism": "rsa-pkcs1" } | { "mechanism": "rsa-pss", 
/**
 * The hash.
 */
hash: HashName, };

/**
 * Gives a certificate a name, Art. 18.
 */
export type NameRequest = { 
/**
 * Where.
 */
authority: AuthorityChoice | null, 
/**
 * Name of the reader.
 */
reader: string | null, 
/**
 * Serial number, hexadecimal; `None`: that of the card's identification certificate.
 */
serial: string | null, 
/**
 * The name, 1 to 30 characters.
 */
name: string, 
/**
 * Who shows the consent and takes the PIN.
 */
consent: ConsentRoute, };

/**
 * A PEM file that the client read, with its name for messages.
 */
export type NamedPem = { 
/**
 * Name of the file.
 */
file: string, 
/**
 * Its contents.
 */
pem: string, };

/**
 * The names of a person.
 */
export type Names = { 
/**
 * The given name.
 */
first: string, 
/**
 * The father's name, where there is one.
 */
middle: string | null, 
/**
 * The family name.
 */
last: string, };

/**
 * Something that a person is to be told without having asked. It stays as long as it is true; who
 * notifies does so when it comes.
 */
export type Notice = { "notice": "certificate-ends", 
/**
 * Name of the reader.
 */
reader: string, 
/**
 * Serial number, hexadecimal.
 */
serial: string, 
/**
 * When it ends, RFC 3339, UTC.
 */
not_after: string, } | { "notice": "card-forgotten", 
/**
 * Name of the reader.
 */
reader: string, };

/**
 * Kinds of numbers that persons have.
 */
export type NumberKind = "egn" | "lnch";

/**
 * The end of a request.
 */
export type Outcome = { "done": Reply } | { "failed": Failure };

/**
 * Whether a card wants a secure channel (PACE) before it says anything.
 */
export type PaceState = "not-needed" | "needs-can" | "can-known" | "open" | "unsupported";

/**
 * A request that waits for a person.
 */
export type PendingRequest = { 
/**
 * For [`Request::Approve`](super::Request::Approve).
 */
id: number, 
/**
 * Who asks.
 */
requester: Requester, 
/**
 * For which server, where it is a login.
 */
server: string | null, 
/**
 * For a signature with a key of this kind, where a program asks for one.
 */
signature: KeyRole | null, 
/**
 * Name of the reader.
 */
reader: string, 
/**
 * Seconds until it lapses.
 */
seconds_left: number, };

/**
 * A person, as the officer knows him from his documents.
 */
export type Person = { 
/**
 * What kind of number he has.
 */
kind: NumberKind, 
/**
 * The number.
 */
number: string, 
/**
 * Names in Cyrillic letters.
 */
cyrillic: Names, 
/**
 * Names in Latin letters.
 */
latin: Names, 
/**
 * Where he is told what happens with his certificates.
 */
email: string | null, };

/**
 * How the secrets are typed.
 */
export type PinEntry = "typed" | "pinpad";

/**
 * A PIN of a card.
 */
export type PinInfo = { 
/**
 * Name of the reader.
 */
reader: string, 
/**
 * It is a practice card's.
 */
practice: boolean, 
/**
 * Name of the PIN in the profile.
 */
pin: string, 
/**
 * Its state.
 */
state: PinState, 
/**
 * Tries left, where the card says so without spending one.
 */
tries_left: number | null, 
/**
 * Tries left of the PUK, where the card says so.
 */
puk_tries_left: number | null, 
/**
 * How it is typed with this reader.
 */
entry: PinEntry, };

/**
 * States of a PIN.
 */
export type PinState = "ready" | "suspended" | "blocked" | "not-activated" | "unblocking-blocked" | "unknown";

/**
 * A practice card.
 */
export type PracticeCardInfo = { 
/**
 * Its number, which is on no other card.
 */
number: string, 
/**
 * What it is called, for people.
 */
label: string, 
/**
 * When it was made, RFC 3339, UTC; `None` where the file does not say.
 */
made_at: string | null, 
/**
 * What its file is locked with; `None` where the file does not say.
 */
lock: PracticeLock | null, 
/**
 * Where it is put in, if it is.
 */
inserted: PracticePlace | null, 
/**
 * Why it cannot be put in, if that is known: its file is damaged.
 */
failure: Failure | null, };

/**
 * Which side of a practice card is shown to a reader.
 */
export type PracticeFace = { 
/**
 * Contacts or radio.
 */
interface: InterfaceKind, 
/**
 * The port of a virtual reader (vpcd) on this computer that the card is put into; `None`: a
 * reader of the agent's own, which needs no smart card service.
 */
vpcd: number | null, };

/**
 * What the file of a practice card is locked with.
 */
export type PracticeLock = "key-store" | "passphrase";

/**
 * How a practice card is to be made. Its CAN, PIN and PUK are made up by the client and asked for
 * like any secret; so is the passphrase, or nothing where the key store keeps the key.
 */
export type PracticeMaking = { 
/**
 * What it is to be called, for people.
 */
label: string, 
/**
 * It gets a transport PIN (5 digits) in place of a PIN: the holder sets his own first.
 */
transport_pin: boolean, 
/**
 * The key for personalising it is given, as a secret; else the agent makes one up that
 * nobody knows, and the card stays without a certificate.
 */
administrator_key: boolean, 
/**
 * What its file is locked with.
 */
lock: PracticeLock, 
/**
 * What it does with a PIN before it knows the CAN.
 */
policy: PracticePolicy, };

/**
 * Where a practice card is put in.
 */
export type PracticePlace = { 
/**
 * Name of the reader, as `cards` shows it; `None` behind a virtual reader.
 */
reader: string | null, 
/**
 * Which side.
 */
face: PracticeFace, };

/**
 * What a practice card does with a PIN over the radio before it was told the CAN.
 */
export type PracticePolicy = "can-first" | "pin-first";

/**
 * A card profile.
 */
export type ProfileInfo = { 
/**
 * Its name.
 */
name: string, 
/**
 * Name of the card, for people.
 */
card: string, 
/**
 * Who issues such cards.
 */
issuer: string, 
/**
 * The dialect it speaks.
 */
dialect: string, 
/**
 * It came from the user's folder and is not signed.
 */
unsigned: boolean, 
/**
 * Where it came from: `built in`, or a file.
 */
source: string, 
/**
 * Why it is not used, if it is not.
 */
rejected: Failure | null, };

/**
 * A program that the holder wants to be asked less for.
 */
export type ProgramInfo = { 
/**
 * Path of its executable.
 */
executable: string, 
/**
 * Since when, RFC 3339, UTC.
 */
since: string, 
/**
 * Whether it still counts: the same file is still there.
 */
current: boolean, };

/**
 * A public key, in the parts that PKCS#11 names. Bytes are hexadecimal.
 */
export type PublicKey = { "kind": "ec", 
/**
 * `EcParameters`, RFC 5480: DER of the curve's identifier.
 */
parameters: string, 
/**
 * The point, uncompressed: 04 ‖ X ‖ Y.
 */
point: string, } | { "kind": "rsa", 
/**
 * Big endian, without leading zeros.
 */
modulus: string, 
/**
 * Big endian, without leading zeros.
 */
exponent: string, };

/**
 * What the key or the PIN is wanted for.
 */
export type Purpose = { "purpose": "login", 
/**
 * The server, as its certificate names it.
 */
server: ServerSummary, } | { "purpose": "pin-change" } | { "purpose": "pin-unblock" } | { "purpose": "pin-activation" } | { "purpose": "signature", 
/**
 * What the key is for.
 */
role: KeyRole, } | { "purpose": "token-login" } | { "purpose": "read-card" } | { "purpose": "check-card" } | { "purpose": "application", 
/**
 * Whom.
 */
person: Person, 
/**
 * The authority.
 */
authority: ServerSummary, } | { "purpose": "invitation", 
/**
 * Id of the application.
 */
application: string, 
/**
 * The authority.
 */
authority: ServerSummary, } | { "purpose": "enrol", 
/**
 * Whose.
 */
subject: Subject, 
/**
 * The authority.
 */
authority: ServerSummary, 
/**
 * There are certificates on the card, and they will be gone.
 */
overwrites: boolean, } | { "purpose": "renew", 
/**
 * The authority.
 */
authority: ServerSummary, 
/**
 * The card has no room for both: what is on it will be gone before the new ones are
 * confirmed.
 */
overwrites: boolean, } | { "purpose": "suspend", 
/**
 * The authority.
 */
authority: ServerSummary, 
/**
 * All that is on the card, and only an officer resumes it.
 */
lost: boolean, 
/**
 * An officer does it for someone.
 */
of: Someone | null, } | { "purpose": "resume", 
/**
 * The authority.
 */
authority: ServerSummary, 
/**
 * An officer does it for someone.
 */
of: Someone | null, } | { "purpose": "revoke", 
/**
 * The authority.
 */
authority: ServerSummary, 
/**
 * Its serial number, hexadecimal.
 */
serial: string, } | { "purpose": "name-certificate", 
/**
 * The authority.
 */
authority: ServerSummary, 
/**
 * The name.
 */
name: string, } | { "purpose": "history", 
/**
 * The authority.
 */
authority: ServerSummary, } | { "purpose": "practice-card-new", 
/**
 * What it is to be called.
 */
label: string, } | { "purpose": "practice-card-insert", 
/**
 * Its number.
 */
number: string, 
/**
 * What it is called.
 */
label: string, };

/**
 * A reader.
 */
export type ReaderInfo = { 
/**
 * Name as the service gives it.
 */
name: string, 
/**
 * What is in it.
 */
slot: SlotState, 
/**
 * It has a keypad for the PIN; `None` when that is not known without a card.
 */
pinpad: boolean | null, };

/**
 * What mends a finding.
 */
export type Remedy = { "remedy": "install-service" } | { "remedy": "start-service" } | { "remedy": "allow-service", 
/**
 * Path of its socket.
 */
socket: string, } | { "remedy": "end-program", 
/**
 * Its process.
 */
pid: number, 
/**
 * Its name.
 */
name: string, } | { "remedy": "set-clock" } | { "remedy": "set-up-browsers" } | { "remedy": "unblock-pin", 
/**
 * Name of the reader.
 */
reader: string, };

/**
 * New certificates for those on the card, at home. Req 13.6.
 */
export type RenewRequest = { 
/**
 * Of whom.
 */
authority: AuthorityChoice | null, 
/**
 * Name of the reader.
 */
reader: string | null, 
/**
 * As [`EnrolRequest::key_algorithm`]; `None`: what the present keys are.
 */
key_algorithm: string | null, 
/**
 * Who shows the consent and takes the PIN.
 */
consent: ConsentRoute, };

/**
 * The answer to a request. Without the feature `whole` only those about tokens can be read.
 */
export type Reply = { "reply": "readers", "value": { service: ServiceState, readers: Array<ReaderInfo>, } } | { "reply": "cards", "value": Array<CardInfo> } | { "reply": "certificates", "value": Array<CertificateInfo> } | { "reply": "certificate", "value": { info: CertificateInfo, 
/**
 * base64.
 */
der: string, } } | { "reply": "pin-status", "value": Array<PinInfo> } | { "reply": "pin-changed" } | { "reply": "pin-unblocked" } | { "reply": "login", "value": LoginOutcome } | { "reply": "tokens-watched" } | { "reply": "signature", "value": { 
/**
 * R ‖ S, or RSA's number; hexadecimal.
 */
signature: string, } } | { "reply": "token-logged-in" } | { "reply": "token-logged-out" } | { "reply": "token-unlocked" } | { "reply": "programs", "value": Array<ProgramInfo> } | { "reply": "programs-forgotten", "value": number } | { "reply": "uses", "value": Uses } | { "reply": "uses-forgotten" } | { "reply": "services", "value": Array<ServiceInfo> } | { "reply": "stored", "value": Array<Stored> } | { "reply": "set" } | { "reply": "pending", "value": Array<PendingRequest> } | { "reply": "approved" } | { "reply": "profiles", "value": Array<ProfileInfo> } | { "reply": "doctor", "value": Array<Finding> } | { "reply": "trace-ended" } | { "reply": "watched" } | { "reply": "card-checked", "value": CardInfo } | { "reply": "can-forgotten", "value": number } | { "reply": "practice-cards", "value": Array<PracticeCardInfo> } | { "reply": "practice-card-made", "value": PracticeCardInfo } | { "reply": "practice-card-deleted" } | { "reply": "practice-card-inserted", "value": PracticeCardInfo } | { "reply": "practice-card-removed", "value": PracticeCardInfo } | { "reply": "enrolled", "value": TaskOutcome } | { "reply": "renewed", "value": TaskOutcome } | { "reply": "suspended", "value": Managed } | { "reply": "resumed", "value": Managed } | { "reply": "revoked", "value": Managed } | { "reply": "named", "value": Managed } | { "reply": "history", "value": History } | { "reply": "certificate-status", "value": StatusOutcome } | { "reply": "tasks", "value": Array<TaskInfo> } | { "reply": "task-resumed", "value": TaskOutcome } | { "reply": "task-dropped", "value": TaskInfo };

/**
 * A request. Where `reader` is `None` the only card there is is meant.
 */
export type Request = { "method": "readers" } | { "method": "cards" } | { "method": "watch" } | { "method": "certificates", 
/**
 * Only those of this reader's card.
 */
reader: string | null, } | { "method": "certificate" } & CertificateChoice | { "method": "pin-status", 
/**
 * Name of the reader.
 */
reader: string | null, } | { "method": "pin-change", 
/**
 * Name of the reader.
 */
reader: string | null, 
/**
 * Which PIN, as the profile names it; `None` is the one that guards the login.
 */
pin: string | null, 
/**
 * Who shows the consent and takes the PINs.
 */
consent: ConsentRoute, } | { "method": "pin-unblock", 
/**
 * Name of the reader.
 */
reader: string | null, 
/**
 * Which PIN, as in [`Request::PinChange`].
 */
pin: string | null, 
/**
 * Who shows the consent and takes the PUK and the new PIN.
 */
consent: ConsentRoute, } | { "method": "login" } & LoginRequest | { "method": "watch-tokens" } | { "method": "token-sign" } & SignRequest | { "method": "token-login", 
/**
 * Which.
 */
token: TokenId, } | { "method": "token-logout", 
/**
 * Which.
 */
token: TokenId, } | { "method": "token-unlock", 
/**
 * Name of the reader.
 */
reader: string, } | { "method": "programs" } | { "method": "forget-programs", 
/**
 * Path of the executable; `None`: all of them.
 */
executable: string | null, } | { "method": "uses" } | { "method": "forget-uses" } | { "method": "services" } | { "method": "stored" } | { "method": "set" } & SettingChange | { "method": "pending" } | { "method": "approve", 
/**
 * [`PendingRequest::id`](super::PendingRequest::id).
 */
pending: number, } | { "method": "profiles" } | { "method": "profile-check", 
/**
 * Name of the file, for messages.
 */
file: string, 
/**
 * Its contents.
 */
text: string, } | { "method": "doctor" } | { "method": "trace" } | { "method": "check-card", 
/**
 * Name of the reader.
 */
reader: string | null, } | { "method": "forget-can", 
/**
 * Of the card with this number; `None`: all of them.
 */
number: string | null, } | { "method": "practice-cards" } | { "method": "practice-card-new" } & PracticeMaking | { "method": "practice-card-delete", 
/**
 * Its number.
 */
number: string, } | { "method": "enrol" } & EnrolRequest | { "method": "renew" } & RenewRequest | { "method": "suspend" } & SuspendRequest | { "method": "resume" } & ResumeRequest | { "method": "revoke" } & RevokeRequest | { "method": "name-certificate" } & NameRequest | { "method": "history" } & HistoryRequest | { "method": "certificate-status" } & StatusRequest | { "method": "tasks" } | { "method": "task-resume" } & TaskResumeRequest | { "method": "task-drop", 
/**
 * [`TaskInfo::id`](super::TaskInfo::id).
 */
id: string, } | { "method": "practice-card-insert", 
/**
 * Its number; `None`: the only one there is.
 */
number: string | null, 
/**
 * Which side, and where.
 */
face: PracticeFace, } | { "method": "practice-card-remove", 
/**
 * Its number; `None`: the only one that is put in.
 */
number: string | null, };

/**
 * The program that asks.
 */
export type Requester = { 
/**
 * Process id.
 */
pid: number, 
/**
 * Path of its executable; `None` where the system does not tell.
 */
executable: string | null, 
/**
 * Title of its window, where the system tells. The program's own words.
 */
window: string | null, };

/**
 * Resumes certificates, Art. 16.
 */
export type ResumeRequest = { 
/**
 * Where.
 */
authority: AuthorityChoice | null, 
/**
 * Name of the reader with the holder's card, or the officer's.
 */
reader: string | null, 
/**
 * Serial number, hexadecimal; `None`: that of the card.
 */
serial: string | null, 
/**
 * Why.
 */
reason: string | null, 
/**
 * An officer resumes for someone who stands before him.
 */
of: Someone | null, 
/**
 * Who shows the consent and takes the PIN.
 */
consent: ConsentRoute, };

/**
 * Revokes a certificate for good, Art. 17.
 */
export type RevokeRequest = { 
/**
 * Where.
 */
authority: AuthorityChoice | null, 
/**
 * Name of the reader.
 */
reader: string | null, 
/**
 * Serial number, hexadecimal; `None`: that of the card's identification certificate.
 */
serial: string | null, 
/**
 * Why.
 */
reason: string | null, 
/**
 * Who shows the consent and takes the PIN.
 */
consent: ConsentRoute, };

/**
 * One secret that is to be typed.
 */
export type SecretField = { 
/**
 * Which.
 */
kind: SecretKind, 
/**
 * Name of the PIN in the profile, such as `PIN` or `PW1`.
 */
label: string, 
/**
 * Fewest characters.
 */
shortest: number, 
/**
 * Most characters.
 */
longest: number, 
/**
 * Which characters.
 */
alphabet: Alphabet, };

/**
 * Kinds of secrets. What a person makes up (a new PIN, a new passphrase) is to be typed twice; the
 * agent gets it once. The codes of a new practice card are made up by the client.
 */
export type SecretKind = "pin" | "new-pin" | "puk" | "can" | "transport-pin" | "passphrase" | "new-passphrase" | "new-can" | "new-puk" | "new-transport-pin" | "administrator-key" | "application-code" | "telephone-password" | "new-telephone-password";

/**
 * A server whose certificate was verified.
 */
export type ServerSummary = { 
/**
 * Host name that the certificate was verified for.
 */
host: string, 
/**
 * Port.
 */
port: number, 
/**
 * Subject of its certificate, RFC 4514.
 */
subject: string, 
/**
 * Who issued its certificate, RFC 4514.
 */
issuer: string, 
/**
 * On the trust list of the configuration. If not, consent says so.
 */
on_trust_list: boolean, 
/**
 * The server names the issuers it takes, and this card's is not among them.
 */
issuer_not_named: boolean, };

/**
 * A server that was logged in to.
 */
export type ServiceInfo = { 
/**
 * Its name, and its port where that is not 443.
 */
server: string, 
/**
 * How often, as far as that is remembered.
 */
logins: number, 
/**
 * When last, RFC 3339, UTC.
 */
last: string, 
/**
 * It is on the list of servers that the holder, or his organisation, trusts.
 */
trusted: boolean, };

/**
 * The smart card service.
 */
export type ServiceState = "running" | "not-installed" | "not-running" | "no-permission" | "protocol-mismatch";

/**
 * One of them made another.
 */
export type SettingChange = { "setting": "look" } & Look | { "setting": "trust", 
/**
 * A host name, or `*.suffix`.
 */
server: string, } | { "setting": "distrust", 
/**
 * As it stands there.
 */
server: string, };

/**
 * What can be set from a window.
 */
export type Settings = { 
/**
 * How windows look.
 */
look: Look, 
/**
 * The trust list: host names, and `*.suffix`.
 */
trusted: Array<string>, };

/**
 * A signature that a program wants.
 */
export type SignRequest = { 
/**
 * With which key.
 */
token: TokenId, 
/**
 * How.
 */
mechanism: Mechanism, 
/**
 * What, hexadecimal: see [`Mechanism`].
 */
input: string, };

/**
 * What is in a reader.
 */
export type SlotState = { "slot": "empty" } | { "slot": "card", 
/**
 * Answer to reset, hexadecimal.
 */
atr: string, } | { "slot": "mute" } | { "slot": "in-use", 
/**
 * Who, where the system tells.
 */
holders: Array<Holder>, } | { "slot": "unavailable" };

/**
 * Whom an officer acts for.
 */
export type Someone = { "by": "number", 
/**
 * What kind.
 */
kind: NumberKind, 
/**
 * The number.
 */
number: string, } | { "by": "identifier", 
/**
 * It.
 */
identifier: string, };

/**
 * The readers, the cards, and what is under way. What belongs to a card names its reader.
 */
export type State = { 
/**
 * Nothing is being read from a card at this moment. Until then, more is about to come.
 */
settled: boolean, 
/**
 * The smart card service.
 */
service: ServiceState, 
/**
 * The readers, empty ones too. A practice card has one of its own.
 */
readers: Array<ReaderInfo>, 
/**
 * The cards in them.
 */
cards: Array<CardInfo>, 
/**
 * The certificates on the cards, as far as they were read.
 */
certificates: Array<CertificateInfo>, 
/**
 * The practice cards, those that are not put in, too.
 */
practice_cards: Array<PracticeCardInfo>, 
/**
 * The enrolments and renewals that are under way or were interrupted.
 */
tasks: Array<TaskInfo>, 
/**
 * The requests that wait for a person.
 */
pending: Array<PendingRequest>, 
/**
 * What a person is to be told without having asked.
 */
notices: Array<Notice>, 
/**
 * What the holder has set.
 */
settings: Settings, 
/**
 * What of all this could not be looked at.
 */
problems: Array<Failure>, };

/**
 * Whether a certificate is good, and who says so.
 */
export type StatusOutcome = { 
/**
 * Subject, RFC 4514.
 */
subject: string, 
/**
 * Serial number, hexadecimal.
 */
serial: string, 
/**
 * Name of the reader, where it is on a card.
 */
reader: string | null, 
/**
 * It comes from a practice authority, or is on a practice card.
 */
practice: boolean, 
/**
 * All together.
 */
verdict: Verdict, 
/**
 * What was asked.
 */
sources: Array<StatusSource>, 
/**
 * By so many seconds this computer's clock is ahead of the authority's, where that matters;
 * negative: behind.
 */
clock_ahead: number | null, };

/**
 * Whether a certificate is good at this moment.
 */
export type StatusRequest = { 
/**
 * Whose root is trusted.
 */
authority: AuthorityChoice | null, 
/**
 * Which certificate.
 */
certificate: CertificateOf, };

/**
 * What a certificate's state was learned from.
 */
export type StatusSource = { 
/**
 * `chain`, `crl`, `delta-crl`, `ocsp`.
 */
source: string, 
/**
 * What it says.
 */
verdict: Verdict, 
/**
 * Where it came from, where it was fetched.
 */
url: string | null, 
/**
 * When it was made, RFC 3339, UTC.
 */
this_update: string | null, 
/**
 * Until when it counts, RFC 3339, UTC.
 */
next_update: string | null, 
/**
 * Its number, of a CRL.
 */
number: string | null, 
/**
 * What is to be said beside: why it cannot be told, since when it is revoked.
 */
detail: string | null, 
/**
 * Why it is revoked: `keyCompromise` and others, RFC 5280 §5.3.1.
 */
reason: string | null, };

/**
 * Steps of a request that a person may wait for.
 */
export type Step = "wait-for-card" | "read-card" | "ask-server" | "wait-for-turn" | "ask-holder" | "type-at-reader" | "wait-for-reader" | "connect" | "open-channel" | "wait-for-slow-card" | "check-card" | "prepare-practice-card" | "sign" | "answer" | "ask-authority" | "wait-for-officers-card" | "exchange-cards" | "wait-for-same-card" | "prove-authority" | "generate-keys" | "sign-requests" | "issue-certificates" | "write-certificates" | "read-back" | "confirm" | "activate-certificates" | "renew-signing" | "roll-back" | "check-status";

/**
 * Something that is kept on this computer.
 */
export type Stored = { 
/**
 * What.
 */
what: StoredKind, 
/**
 * How many of them; `None` where that cannot be told.
 */
count: number | null, 
/**
 * Path of the file or folder.
 */
place: string, };

/**
 * What is kept on this computer.
 */
export type StoredKind = "uses" | "programs" | "cans" | "practice-cards" | "practice-authority" | "tasks" | "checkpoints" | "settings";

/**
 * Whose certificates they are, as the authority knows him. No EGN.
 */
export type Subject = { 
/**
 * The electronic identifier, a UUID.
 */
identifier: string, 
/**
 * Names in Cyrillic letters.
 */
cyrillic: Names, 
/**
 * Names in Latin letters.
 */
latin: Names, 
/**
 * Country, ISO 3166-1: two letters.
 */
country: string, };

/**
 * Suspends certificates, Art. 16.
 */
export type SuspendRequest = { 
/**
 * Where.
 */
authority: AuthorityChoice | null, 
/**
 * Name of the reader with the holder's card, or the officer's.
 */
reader: string | null, 
/**
 * Serial number, hexadecimal; `None`: that of the card.
 */
serial: string | null, 
/**
 * The card is lost: everything on it is suspended, and only an officer resumes it.
 */
lost: boolean, 
/**
 * Why.
 */
reason: string | null, 
/**
 * An officer suspends for someone who called; the telephone password is asked for as a
 * secret.
 */
of: Someone | null, 
/**
 * Who shows the consent and takes the PIN.
 */
consent: ConsentRoute, };

/**
 * An issuing or a renewal that is under way or was interrupted.
 */
export type TaskInfo = { 
/**
 * For [`Request::TaskResume`](super::Request::TaskResume), a UUID.
 */
id: string, 
/**
 * What it is about.
 */
kind: TaskKind, 
/**
 * Which certificate is being renewed, where that is done one after the other; the other one
 * is not touched meanwhile. `None`: it is about both.
 */
role: KeyRole | null, 
/**
 * How far it has come.
 */
state: TaskState, 
/**
 * Number of the card, where it was read.
 */
card: string | null, 
/**
 * The authority's address.
 */
authority: string, 
/**
 * Id of the application at the authority.
 */
application: string | null, 
/**
 * The application's number in the national register (РНУ), where it has one.
 */
rnu: string | null, 
/**
 * When it began, RFC 3339, UTC.
 */
started_at: string, 
/**
 * Until when the authority waits, RFC 3339, UTC.
 */
deadline: string | null, 
/**
 * It is at work at this moment.
 */
running: boolean, };

/**
 * What a task is about.
 */
export type TaskKind = "enrol" | "renew";

/**
 * What an enrolment or a renewal came to.
 */
export type TaskOutcome = { 
/**
 * What it was and how it ended.
 */
task: TaskInfo, 
/**
 * Name of the reader.
 */
reader: string, 
/**
 * It is a practice card: it proves nothing about anybody.
 */
practice: boolean, 
/**
 * Whose they are; `None` when nothing came of it.
 */
subject: Subject | null, 
/**
 * The certificates; none when nothing came of it.
 */
certificates: Array<CertificateInfo>, 
/**
 * How long each step took.
 */
timings: Array<Timing>, 
/**
 * Commands sent to the holder's card.
 */
apdus: number, };

/**
 * Resumes what was interrupted.
 */
export type TaskResumeRequest = { 
/**
 * [`TaskInfo::id`].
 */
id: string, 
/**
 * Name of the reader with the holder's card.
 */
reader: string | null, 
/**
 * Name of the reader with the officer's card, where the authority wants his word again.
 */
officer_reader: string | null, 
/**
 * Who shows the consents and takes the PINs.
 */
consent: ConsentRoute, };

/**
 * How far an issuing or a renewal has come. Each is kept on disk before the next step begins.
 */
export type TaskState = "prepared" | "identifier-received" | "keys-generated" | "requests-signed" | "submitted" | "issued" | "written" | "read-back" | "activated" | "confirmed" | "rolled-back";

/**
 * How large everything in a window is.
 */
export type TextSize = "normal" | "large" | "larger" | "largest";

/**
 * Light or dark.
 */
export type Theme = "system" | "light" | "dark";

/**
 * How long a step took.
 */
export type Timing = { 
/**
 * Which.
 */
step: Step, 
/**
 * Milliseconds.
 */
milliseconds: number, };

/**
 * A key of a card with its certificate.
 */
export type Token = { 
/**
 * Which.
 */
id: TokenId, 
/**
 * What the key is for: [`KeyRole::Authentication`] or [`KeyRole::Signing`].
 */
role: KeyRole, 
/**
 * Name of the card, for people.
 */
card: string, 
/**
 * Who issues such cards.
 */
issuer: string, 
/**
 * The card's number, where it was read.
 */
number: string | null, 
/**
 * It is a practice card: it proves nothing about anybody.
 */
practice: boolean, 
/**
 * Classic behaviour is switched on: the PIN comes by
 * [`Request::TokenLogin`](super::Request::TokenLogin), before a signature.
 */
login: boolean, 
/**
 * The PIN that guards the key.
 */
pin: TokenPin, 
/**
 * The public key.
 */
key: PublicKey, 
/**
 * What it can do.
 */
mechanisms: Array<Mechanism>, 
/**
 * Its certificate.
 */
certificate: TokenCertificate, 
/**
 * The certificates of the authorities above it, as far as they are known; the issuer first.
 */
chain: Array<TokenCertificate>, };

/**
 * A certificate, in the parts that PKCS#11 names. Bytes are hexadecimal.
 */
export type TokenCertificate = { 
/**
 * Common name of the subject, else the subject as RFC 4514 writes it.
 */
label: string, 
/**
 * The certificate, DER.
 */
der: string, 
/**
 * Its subject, DER.
 */
subject: string, 
/**
 * Its issuer, DER.
 */
issuer: string, 
/**
 * Its serial number, DER of the INTEGER.
 */
serial: string, 
/**
 * Its SubjectPublicKeyInfo, DER.
 */
public_key: string, 
/**
 * First moment at which it is valid, RFC 3339, UTC.
 */
not_before: string, 
/**
 * Last moment at which it is valid, RFC 3339, UTC.
 */
not_after: string, 
/**
 * SHA-1 of the key bits of its SubjectPublicKeyInfo, RFC 5280 §4.2.1.2 (1): what programs
 * find certificate and key by.
 */
key_identifier: string, };

/**
 * A key of a card, for one insertion. The agent refuses one of an insertion that is over.
 */
export type TokenId = { 
/**
 * Name of the reader.
 */
reader: string, 
/**
 * Counts the insertions of the agent's life; never used twice.
 */
insertion: number, 
/**
 * The key's name in the profile.
 */
key: string, };

/**
 * The PIN that guards a key.
 */
export type TokenPin = { 
/**
 * Name of the PIN in the profile.
 */
name: string, 
/**
 * What the card said of it when it was last asked.
 */
state: PinState, 
/**
 * Tries left, where the card said so.
 */
tries_left: number | null, 
/**
 * Fewest characters.
 */
shortest: number, 
/**
 * Most characters.
 */
longest: number, 
/**
 * How it is typed with this reader.
 */
entry: PinEntry, };

/**
 * A reader.
 */
export type TokenReader = { 
/**
 * Its name.
 */
name: string, 
/**
 * The card in it tells nothing before its CAN was given
 * ([`Request::TokenUnlock`](super::Request::TokenUnlock)).
 */
wants_can: boolean, 
/**
 * The tokens in it: at most one for each role.
 */
tokens: Array<Token>, };

/**
 * The readers and the tokens in them, at one moment.
 */
export type Tokens = { 
/**
 * No card is being read at this moment. Until then, more is about to come.
 */
settled: boolean, 
/**
 * The readers, empty ones too.
 */
readers: Array<TokenReader>, };

/**
 * What a key was used for.
 */
export type UseKind = "login" | "program" | "authority" | "confirmation" | "signed-request";

/**
 * What is remembered of the uses of keys.
 */
export type Uses = { 
/**
 * The uses, the newest first.
 */
uses: Array<KeyUse>, 
/**
 * Why no use is remembered at this moment, if none is: there is no key store.
 */
not_kept: Failure | null, };

/**
 * Whether a certificate is good.
 */
export type Verdict = "good" | "not-yet-valid" | "expired" | "suspended" | "revoked" | "untrusted" | "unknown";

/**
 * Languages of the windows, ISO 639-1.
 */
export type WindowLanguage = "bg" | "en";
