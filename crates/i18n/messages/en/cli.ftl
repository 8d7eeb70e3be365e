# What the command lichna says besides failures.

## The consent, before a key or a PIN is used

consent-purpose = What for
consent-login = Log in to { $server }
consent-pin-change = A new PIN instead of the old one
consent-pin-unblock = A new PIN with the help of the PUK
consent-pin-activation = Your first PIN instead of the transport PIN
consent-read-card = Reading the card
consent-check-card = Checking whether the card is genuine
consent-application = An application: you want certificates for the person before you
consent-invitation = Certificates by invitation
consent-invitation-number = Invitation
consent-enrol = New keys and certificates on the card, in this person's name
consent-renew = New keys and certificates in place of the present ones
consent-suspend = Suspending certificates
consent-resume = Resuming suspended certificates
consent-revoke = Revoking a certificate for good
consent-name = The certificate is to be called “{ $name }”
consent-history = Showing what happened with your certificates
consent-names = Names
consent-latin-names = In Latin letters
consent-egn = EGN
consent-lnch = LNCh
consent-email = E-mail
consent-identifier = Electronic identifier
consent-serial = Serial number
consent-authority = Authority
consent-warn-enrol-overwrites = There are certificates on the card. The new ones will OVERWRITE them.
consent-warn-renew-overwrites = The card has no room for the old certificates and the new ones. Each new one OVERWRITES the old one before it is confirmed: first the one for logging in, then the one for signatures. Until it is confirmed it is good for nothing. If the renewal is interrupted, finish it: lichna tasks resume
consent-warn-suspend = While the certificate is suspended nothing can be logged in to with it. The signing key of the same card resumes it: lichna resume
consent-warn-lost = ALL that is on the card is suspended. Only an officer whom you go to can resume it.
consent-warn-revoke = A revoked certificate is NEVER good again. If you want to suspend it for a while only: lichna suspend
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
ask-text = It has { $shortest } to { $longest } letters, digits and signs.
ask-last-try = This is the LAST try. If the PIN is wrong again, it is blocked. Spend it? (yes, or Enter to refuse):
ask-remember-can = Remember the CAN on this computer, so that you need not type it again? (yes, or Enter for no):
ask-grant = May this program make up to { $signatures } signatures within { $seconds } seconds without asking again? Web pages often need several. (yes, or Enter for this one only):
ask-remember-program = Allow that every time this program asks, so that only the PIN is wanted? (yes, or Enter for no):
ask-delete = The practice card “{ $label }” ({ $number }) will be deleted for good, with everything on it. Delete it? (yes, or Enter to refuse):
ask-pinpad = Go on, and type the PIN at the reader? (yes, or Enter to refuse):
ask-which = Which one? (its number, or Enter for none):
ask-application = Are these the data of the person's document? (yes, or Enter to refuse):
ask-enrol = Are the names right, and are the certificates to be put on the card? (yes, or Enter to refuse):
ask-overwrite = Overwrite the present certificates of the card? (yes, or Enter to refuse):
ask-lost = Suspend all that is on the card until you go to an officer? (yes, or Enter to refuse):
ask-revoke = Revoke the certificate FOR GOOD? (yes, or Enter to refuse):
ask-drop = Give it up? ({ $kind }: { $state }). Its data here are deleted, and what was issued is revoked. (yes, or Enter for no):
ask-fix = Run “{ $command }”? (yes, or Enter for no):
ask-appeared = Is the person here before you? (yes, or Enter for no):
ask-person-number = EGN or LNCh of the person:
ask-is-egn = Is it an EGN? (yes, or Enter for an LNCh):
ask-first-name = Given name, in Cyrillic:
ask-middle-name = Father's name (Enter if there is none):
ask-last-name = Family name:
ask-latin-name = { $name } in Latin letters (Enter for { $proposed }):
ask-email = E-mail address (Enter if the person gives none):

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
enrol-done = The certificates are issued, written to the card, read back and confirmed. The card can be handed over.
history-none = Nothing has happened with these certificates yet.
manage-suspended = Suspended. Nothing can be logged in to with the certificate. To resume it: lichna resume
manage-suspended-lost = All that is on the card is suspended. To have it resumed, go to an administrator's officer with a document.
manage-resumed = Resumed. The certificate can be logged in with again.
manage-revoked = Revoked for good. For a new certificate, go to an administrator.
manage-named = The name is written down.
person-number-odd = The check digit of the number is wrong. Compare it with the document; if it stands so there, the register decides.
renew-done = The certificates are renewed. The card uses the new ones; the old ones are revoked.
status-clock-ahead = This computer's clock is about { $minutes } min fast. Set it, and repeat.
status-clock-behind = This computer's clock is about { $minutes } min slow. Set it, and repeat.
status-practice = This certificate is from a PRACTICE authority: it proves nothing about anybody.
task-none = No enrolment or renewal was interrupted.
task-running = at work now
task-left = What was begun is not lost ({ $kind }). Go on with: lichna tasks resume { $task }
task-dropped = Done. Its data here are deleted, and the authority was told.
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
uses-none = No use of a key has been recorded here so far.
uses-not-kept = Uses are not recorded now, for there is no place to keep the key to them:
uses-forgotten = The history of uses is deleted here.
watch-begins = What is in the readers, now and whenever it changes. Ctrl-C stops.
watch-certificate-ends = A certificate on the card in “{ $reader }” ends on { $date }. Renew it: lichna renew
watch-card-forgotten = The card in “{ $reader }” has not been used for long. If you do not need it, take it out.

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

title-became = Became
title-by = By whom
title-detail = Details
title-latin-names = In Latin letters
title-names = Names
title-reason = Reason
title-rnu = Number of the service (RNU)
title-says = Says
title-what = What
title-when = When
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
title-server = Site
title-logins = Logins
title-last = Last
title-trusted = On the trust list
title-profile = Profile
title-dialect = Dialect
title-source = From
