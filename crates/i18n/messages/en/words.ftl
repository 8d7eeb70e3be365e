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
