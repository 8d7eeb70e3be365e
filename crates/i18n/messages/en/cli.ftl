# What the command lichna says besides failures.

## The consent, before a key or a PIN is used

consent-purpose = What for
consent-login = Log in to { $server }
consent-pin-change = A new PIN instead of the old one
consent-pin-unblock = A new PIN with the help of the PUK
consent-pin-activation = Your first PIN instead of the transport PIN
consent-read-card = Reading the card
consent-check-card = Checking whether the card is genuine
consent-signature-login = A program wants to log you in somewhere, or to show who you are
consent-signature-document = A program wants your SIGNATURE on something: it binds you like one on paper
consent-token-login = A program asked you for the PIN itself, and opens the key with it
consent-practice-new = A new practice card “{ $label }”
consent-practice-insert = Putting in the practice card “{ $label }” ({ $number })
consent-requester = Who asks
consent-this-command = this command
consent-program-unknown = a program that does not say what it is
consent-window = Its window says
consent-server = Server
consent-server-issuer = Vouched for by
consent-trust = Trust
consent-trusted = on your trust list
consent-not-trusted = not on your trust list
consent-card = Card
consent-certificate = Certificate
consent-issuer = Issued by
consent-until = Good until
consent-tries = PIN tries left
consent-warn-not-trusted = This server is not on your trust list. Go on only if you know the address.
consent-warn-issuer-not-named = The server did not name the issuer of your card. It may refuse it.
consent-warn-program-login = The program knows which site it is, Lichna does not. Go on only if you have just chosen to log in there.
consent-warn-program-document = The program knows what is signed, Lichna does not. Go on only if you have just chosen to sign, and have read what.
consent-granted-before = You allowed this program for good to make up to { $signatures } signatures within { $seconds } seconds of a PIN without asking again. Take that back: lichna programs forget
consent-warn-unsigned-profile = The card is described by “{ $profile }”, a file of yours that nobody signed (unsigned profile).
consent-genuineness = Is it genuine
consent-warn-practice = This is a PRACTICE card: it is for trying things, and proves nothing about anybody.
consent-warn-suspends = If the PIN is wrong this time, it is SUSPENDED: for the last try the card will want its CAN.
consent-warn-wrong-can = This is not the CAN of the card. Look at the six digits printed on it. No try of the PIN was spent.
consent-pinpad = The PIN is typed at the reader's own keypad, not here.

## Questions at the terminal

ask = { $secret } (Enter alone to refuse):
ask-again = { $secret }, once more:
ask-digits = { $shortest ->
    [one] It has 1 to { $longest } digits. The card was not asked; no try was spent.
   *[other] It has { $shortest } to { $longest } digits. The card was not asked; no try was spent.
}
ask-characters = { $shortest ->
    [one] It has 1 to { $longest } characters. The card was not asked; no try was spent.
   *[other] It has { $shortest } to { $longest } characters. The card was not asked; no try was spent.
}
ask-last-try = This is the LAST try. If the PIN is wrong again, it is blocked. Spend it? (yes, or Enter to refuse):
ask-remember-can = Remember the CAN on this computer, so that you need not type it again? (yes, or Enter for no):
ask-grant = May this program make up to { $signatures } signatures within { $seconds } seconds without asking again? Web pages often need several. (yes, or Enter for this one only):
ask-remember-program = Allow that every time this program asks, so that only the PIN is wanted? (yes, or Enter for no):
ask-delete = The practice card “{ $label }” ({ $number }) will be deleted for good, with everything on it. Delete it? (yes, or Enter to refuse):
ask-pinpad = Go on, and type the PIN at the reader? (yes, or Enter to refuse):
ask-which = Which one? (its number, or Enter for none):

## Results

approve-none = No request waits for an answer.
approve-done = Answered.
approve-waits = Requests of other programs are shown here as they come. Leave this window open. Ctrl-C ends it.
browser-module = The module: { $file }
browser-module-missing = The module is not there: { $file }
browser-running = runs now
browser-restart = A program that runs notices it when it is started again.
browser-each-user = Chromium and its relatives have no place for all users: there each user runs “lichna browsers setup”. A Firefox profile that once took the module from the policy keeps it until its user runs “lichna browsers remove”.
browser-snap = { $program } in { $path } is a snap: its sandbox lets no module in. Install the browser from your system's packages instead (Firefox also from packages.mozilla.org), or use another browser.
browser-flatpak = { $program } in { $path } is a Flatpak: its sandbox lets no module in. Install the browser from your system's packages instead (Firefox also from packages.mozilla.org), or use another browser.
can-forgotten = { $count ->
    [0] No CAN was remembered.
    [one] One CAN was forgotten.
   *[other] { $count } CANs were forgotten.
}
certs-none = There is no certificate on any card here.
doctor-good = Nothing stands between you and a login.
doctor-bad = Something stands between you and a login. Mend what is marked with ✗, from top to bottom.
login-done = Logged in to { $host } ({ $tls }, { $scheme }); the server answered { $status }.
login-body-cut = The answer is longer; only its beginning is shown.
pin-changed = The PIN was changed.
pin-unblocked = The PIN was unblocked and the new one set.
practice-label = Practice card
practice-none = There are no practice cards. Make one: lichna practice-card new
practice-made = The practice card “{ $label }” ({ $number }) is ready. It proves nothing about anybody and is for trying things only.
practice-keep = Write its codes down; they will not be shown again:
practice-next = Put it in: lichna practice-card insert { $number }
practice-deleted = The practice card { $number } was deleted.
practice-inserted = The practice card { $number } is put in, as the reader “{ $reader }”.
practice-inserted-vpcd = The practice card { $number } is put into the virtual reader on port { $port }.
practice-removed = The practice card { $number } was taken out.
practice-out = not put in
practice-port = virtual reader, port { $port }
profile-valid = The card description { $file } has no fault.
program-none = There is no program that you want to be asked less for.
program-counts = counts
program-changed = no longer counts: its file has changed or gone
program-forgotten = { $count ->
    [0] No such program was remembered.
    [one] One program was forgotten.
   *[other] { $count } programs were forgotten.
}
trace-begins = What is said to the cards, from now on, without their contents. Ctrl-C ends it.

## Titles

title-reader = Reader
title-content = In it
title-pinpad = Keypad
title-card = Card
title-interface = Interface
title-channel = Secure channel
title-genuine = Genuine
title-label = Name
title-made = Made
title-lock = Locked with
title-place = Put in
title-can = CAN
title-puk = PUK
title-transport-pin = Transport PIN

title-key = Key
title-role = For
title-name = Name
title-subject = Subject
title-issuer = Issuer
title-serial = Serial number
title-from = From
title-until = Until
title-algorithm = Algorithm
title-identifier = Electronic identifier
title-fingerprint = SHA-256
title-pin = PIN
title-state = State
title-tries = Tries left
title-puk-tries = PUK tries left
title-entry = Typed at
title-number = Number
title-requester = Who asks
title-seconds = Seconds left
title-purpose = What for
title-program = Program
title-since = Since
title-where = Where
title-profile = Profile
title-dialect = Dialect
title-source = From
