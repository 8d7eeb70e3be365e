# Words for states and steps, by their names in the protocol.

word-yes = yes
word-no = no
word-unknown = not known

service-running = The program that talks to card readers runs.
service-not-installed = { err-service-not-installed }
service-not-running = { err-service-not-running }
service-no-permission = { err-service-no-permission }
service-protocol-mismatch = { err-service-protocol-mismatch }

slot-empty = empty
slot-card = a card
slot-mute = a card that does not answer
slot-in-use = a card that another program uses
slot-in-use-by = a card that another program uses: { $programs }
slot-unavailable = the reader does not work

card-reading = being read
card-unknown = unknown card
card-unsigned = unsigned profile
card-practice = PRACTICE

interface-contact = contact
interface-contactless = contactless

pace-not-needed = not needed
pace-needs-can = wants the CAN
pace-can-known = CAN is known
pace-open = open
pace-unsupported = unknown kind

genuineness-not-checked = not checked
genuineness-genuine = yes, proven
genuineness-practice = no, practice
genuineness-not-proven = not proven
genuineness-forged = NO, A FORGERY

lock-key-store = key store
lock-passphrase = passphrase

role-authentication = logging in
role-signing = signing documents
role-other = something else

use-login = login
use-program = signature for a program
use-authority = identification to the authority
use-confirmation = confirmation of a new certificate
use-signed-request = signed request to the authority
use-signed = signed

certificate-state-signed = issued, not confirmed
certificate-state-active = good
certificate-state-stopped = SUSPENDED
certificate-state-revoked = REVOKED
certificate-state-failed = not confirmed in time, revoked
certificate-state-expired = ended

by-holder = the holder
by-officer = an officer
by-authority = the authority

event-issued = issued
event-confirmed = confirmed to be on the card
event-failed = not confirmed in time
event-suspended = suspended
event-lost = the card was reported as lost
event-resumed = resumed
event-revoked = revoked
event-named = named

reason-unspecified = not stated
reason-keyCompromise = the key was compromised
reason-cACompromise = the authority's key was compromised
reason-affiliationChanged = the holder's data have changed
reason-superseded = another one took its place
reason-cessationOfOperation = not needed any more
reason-certificateHold = on hold
reason-removeFromCRL = taken off the list
reason-privilegeWithdrawn = rights were withdrawn
reason-aACompromise = the attribute authority's key was compromised
reason-deadline = not confirmed in time
reason-given-up = the application was given up

task-kind-enrol = enrolment
task-kind-renew = renewal

task-state-prepared = begun
task-state-identifier-received = the identifier was received
task-state-keys-generated = the card has new keys
task-state-requests-signed = the requests are signed
task-state-submitted = the requests were sent
task-state-issued = the certificates are issued
task-state-written = the certificates are on the card
task-state-read-back = they were read back
task-state-activated = the card uses the new ones
task-state-confirmed = confirmed
task-state-rolled-back = taken back

verdict-good = The certificate is good.
verdict-not-yet-valid = The certificate is NOT good yet.
verdict-expired = The certificate has ENDED.
verdict-suspended = The certificate is SUSPENDED.
verdict-revoked = The certificate is REVOKED for good.
verdict-untrusted = The certificate's issuer is NOT trusted.
verdict-unknown = It cannot be told whether the certificate is good.

said-good = good
said-not-yet-valid = not yet good
said-expired = ended
said-suspended = SUSPENDED
said-revoked = REVOKED
said-untrusted = not trusted
said-unknown = cannot tell

source-chain = chain
source-crl = list
source-delta-crl = changes to the list
source-ocsp = OCSP

pin-state-ready = ready
pin-state-suspended = suspended
pin-state-blocked = blocked
pin-state-not-activated = not set yet
pin-state-unblocking-blocked = blocked for good
pin-state-unknown = the card does not say

entry-typed = computer
entry-pinpad = reader

secret-pin = PIN
secret-new-pin = New PIN
secret-puk = PUK
secret-can = CAN (six digits, printed on the card)
secret-transport-pin = Transport PIN from the letter
secret-passphrase = Passphrase of the card's file
secret-new-passphrase = New passphrase of the card's file
secret-new-can = New CAN
secret-new-puk = New PUK
secret-new-transport-pin = New transport PIN
secret-administrator-key = Key for writing to the card
secret-application-code = Code of the invitation
secret-telephone-password = Password for suspending by telephone
secret-new-telephone-password = Password for suspending by telephone, which the person chooses

step-wait-for-card = Put your card in.
step-read-card = Reading the card …
step-ask-server = Asking the server what it wants …
step-wait-for-turn = Another question is open. This one follows.
step-ask-holder = Waiting for your answer: run “lichna approve” in another terminal window.
step-type-at-reader = Type the PIN at the reader's keypad.
step-wait-for-reader = Another program uses the card. Waiting …
step-connect = Connecting …
step-open-channel = Opening a secure channel to the card …
step-wait-for-slow-card = The card answers later after a wrong CAN …
step-check-card = Checking whether the card is genuine …
step-prepare-practice-card = Preparing the practice card …
step-sign = The card is signing …
step-answer = Waiting for the server's answer …
step-ask-authority = Asking the authority …
step-wait-for-officers-card = Put the officer's card in.
step-exchange-cards = Take the officer's card out, and put the holder's card in.
step-wait-for-same-card = Put in the same card that this was begun with.
step-prove-authority = The authority proves itself to the card …
step-generate-keys = The card is making its keys. This may take a minute …
step-sign-requests = The card is signing the requests …
step-issue-certificates = The authority checks the requests and issues the certificates …
step-write-certificates = The certificates are being written to the card …
step-read-back = The certificates are being read back and compared …
step-confirm = Confirming to the authority with the new key …
step-activate-certificates = The card takes the new certificates for its own …
step-renew-signing = The card works again, with the new certificate. Now the one for signatures is renewed.
step-roll-back = Taking back what was begun …
step-check-status = Looking at the lists and asking OCSP …

finding-good = good
finding-warning = look at it
finding-bad = bad
finding-skipped = not looked at

check-agent = Lichna in the background
check-service = Smart card service
check-reader = Reader
check-card = Card
check-profile = Card descriptions
check-certificate = Certificate
check-pin = PIN
check-clock = Clock
check-trust = Trust list
check-configuration = Configuration
check-authority = Electronic identity authority
check-firefox = Firefox
check-chromium = Chromium, Chrome, Brave, Edge
check-p11-kit = Programs with p11-kit (GnuTLS, OpenSSL)
check-versions = Versions

profile-used = used
profile-unsigned = used, unsigned
profile-rejected = not used

browser-firefox = Firefox
browser-chromium = Chromium, Chrome, Brave, Edge
browser-p11-kit = p11-kit (GnuTLS, OpenSSL)
browser-firefox-policy = Firefox, all users

browser-state-registered = set up
browser-state-not-registered = not set up
browser-state-elsewhere = set up with another file
browser-state-through-p11-kit = takes what p11-kit has
browser-state-impossible = impossible
browser-state-unreadable = cannot be read

# What the authority refuses, by its code.

problem-another-instance = another instance of the authority has this
problem-bad-request = the request cannot be read
problem-internal = something failed at the authority
problem-invalid-value = a value that cannot be accepted
problem-not-found = there is no such thing in the register
problem-too-large = the request is too long
problem-too-slow = the request took too long
problem-certificate-wrong-role = the certificate is not one for identification
problem-not-identified = this needs a certificate
problem-not-permitted = this is not for whoever asks
problem-application-code-wrong = not the code of this application
problem-application-state = the application is in another state
problem-carrier-in-use = another application for this card is under way
problem-carrier-of-another = the card is another person's
problem-key-seen-before = the key was certified before
problem-key-unfit = such a key is not certified
problem-no-renewal = there is no renewal under way
problem-request-invalid = the request for a certificate cannot be accepted
problem-request-subject-differs = the request is for another subject
problem-requests-differ = certificates were issued on other requests
problem-officer-only = the card was reported as lost, and only an officer does this
problem-request-replayed = this very request was here before
problem-request-stale = the time of the request is too far from the authority's; is the clock right
problem-signing-certificate-alone = a signing certificate is suspended only with its card
problem-signature-wrong = the signature cannot be accepted
problem-telephone-locked = too many telephone passwords were tried
problem-telephone-password-missing = the person has agreed on no telephone password
