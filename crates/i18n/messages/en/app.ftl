# What the window says besides failures and words for states.

app-name = Lichna
app-menu = Menu
app-skip-menu = To the content
app-screen-home = Home
app-screen-login = Log in
app-screen-certificates = My certificates
app-screen-pin = PIN
app-screen-uses = Uses
app-screen-practice = Practice
app-screen-check-up = Check-up
app-screen-settings = Settings
app-problem-code = Code for support:
app-problem-unknown = Something failed, and this window does not know what.
app-problem-unknown-advice = Try again. If it happens again, update Lichna.
app-dialog-escape = Esc closes this question.
app-copied = Copied.
app-saved = Saved.

## What can be done

app-do-cancel = Cancel
app-do-close = Done
app-do-leave = Back
app-do-try-again = Try again
app-do-home = To Home
app-do-check-up = To the check-up
app-do-practise = Practise without a card
app-do-unlock = Type the CAN
app-do-resume-task = Finish what was begun
app-do-set-pin = Set a PIN of your own
app-do-unblock = Unblock with the PUK
app-do-suspended-pin = To the PIN
app-do-change-pin = Change the PIN
app-do-renew = Renew
app-do-see-certificates = See the certificates
app-do-log-in = Log in
app-do-continue = Next
app-do-see-uses = See the uses
app-do-check-card = Check that it is genuine
app-do-suspend = Suspend
app-do-resume = Resume
app-do-revoke = Revoke for good
app-do-name = Name it
app-do-status = Check now
app-do-history = Show what happened
app-do-save-pem = Save as PEM
app-do-save-der = Save as DER
app-do-save-receipt = Save a receipt
app-do-save-report = Save the report
app-do-save-list = Save the list
app-do-forget-uses = Delete the history
app-do-not-me = This was not me
app-do-take-back = Take the permission back
app-do-take-all-back = Take all back
app-do-insert = Put it in
app-do-remove = Take it out
app-do-delete = Delete
app-do-make = Make it
app-do-make-practice = New practice card
app-do-enrol-practice = Get certificates
app-do-log-in-practising = Log in to the practice service
app-do-log-in-wrong = Log in with a wrong PIN
app-do-mend = Mend it
app-do-copy-report = Copy the report
app-do-examine = Check again
app-doing-begun = Beginning …
app-doing-ask-holder = Answer in the window of Lichna that opened.

## Home

app-home-connecting = Lichna is waking up …
app-home-connecting-advice = This takes a moment.
app-home-reading = The card is being read …
app-home-reading-advice = Leave it in the reader. If it is contactless, let it lie still.
app-home-unreadable = The card cannot be read
app-home-unknown = Unknown card
app-home-empty = Put your card in
app-home-empty-advice = With the chip up and forward, all the way. Lay a contactless card on the reader.
app-reader-empty = no card
app-home-no-reader = Connect a card reader
app-home-no-reader-advice = Plug it into a USB port of this computer; it shows up here by itself. If it is plugged in already, try another port.
app-home-no-reader-practise = No reader, or no card? With a practice card you see everything and risk nothing.
app-program-unnamed = a program that does not say which it is
app-no-card = There is no card that Lichna knows
app-no-card-advice = Put your card into the reader; it shows up here by itself.

## One card

app-card-without-name = Card without a name
app-card-kind = Kind
app-card-valid-until = Valid until
app-card-interface = Connection
app-card-genuine = Genuine?
app-card-reader = Reader
app-card-pin = PIN
app-card-unsigned-profile = The kind of this card is described in a file that nobody has signed.
app-tries-left = { $count ->
    [0] no tries are left
    [one] one try is left
   *[other] { $count } tries are left
}
app-practice-mark = PRACTICE
app-practice-card-is = A practice card: it proves nothing about anybody.
app-next-forged = This card is a FORGERY.
app-next-forged-advice = Type no code. If it was given to you as an identity card, tell its issuer.
app-next-channel-unsupported = The card speaks only in a way that Lichna does not know.
app-next-channel-unsupported-advice = If the card has contacts, put it into a reader with contacts. Else update Lichna.
app-next-can = The card wants its CAN before it says anything.
app-next-can-advice = That is the six digits printed on it. It keeps anybody from reading the card through your bag. No try of the PIN is spent.
app-next-unfinished = An enrolment or renewal was interrupted.
app-next-unfinished-advice = Nothing is lost. Finish it while the card is in the reader.
app-next-set-pin = The card has no PIN of yours yet.
app-next-set-pin-advice = Set it now. You need the transport PIN from the letter that came with the card.
app-next-unblock = The PIN is blocked.
app-next-unblock-advice = It is unblocked with the PUK from the letter that came with the card.
app-next-issuer = Both the PIN and the PUK are blocked.
app-next-issuer-advice = This cannot be mended at home. Take the card to its issuer.
app-next-suspended-pin = The PIN is suspended before its last try.
app-next-suspended-pin-advice = For the last try the card will want its CAN. If you do not remember the PIN, unblock it with the PUK.
app-next-no-certificates = There is no certificate on the card.
app-next-no-certificates-advice = You cannot log in with it yet. An administrator's officer issues the certificate, in person.
app-next-not-yet = The certificate is not valid yet.
app-next-not-yet-advice = If the day has come, this computer's clock is slow.
app-next-ended = The certificate has ended.
app-next-ended-advice = You can no longer log in with it. For a new one go to an administrator's officer, in person.
app-next-renew = { $days ->
    [one] The certificate ends within a day.
   *[other] The certificate ends in { $days } days.
}
app-next-renew-advice = Renew it now, at home, in a few clicks. Once it has ended, only an administrator issues a new one.
app-next-look = All is well with the card.

## The certificates

app-certificates-lead = A certificate is the electronic document that says who you are. The card carries it.
app-certificates-none = There are no certificates on this card
app-certificates-none-advice = An administrator's officer issues them, in person. If the card wants its CAN, type that first, at Home.
app-certificate-authentication = For logging in
app-certificate-authentication-means = With it you show who you are when you log in to a site.
app-certificate-signing = For signing
app-certificate-signing-means = A signature made with it binds like one on paper.
app-certificate-other = For something else
app-certificate-other-means = Lichna does not use it.
app-certificate-until = Valid until { $date }
app-certificate-ended = Ended on { $date }
app-certificate-details = Details
app-detail-subject = Whose it is
app-detail-issuer = Issued by
app-detail-from = Valid from
app-detail-until = Valid until
app-detail-serial = Serial number
app-detail-key = Key
app-detail-fingerprint = SHA-256 fingerprint
app-detail-identifier = Electronic identifier
app-status-asked = Checked on { $time }
app-status-as-of = as of { $time }
app-status-practice = From a practice authority: it proves nothing.
app-history-empty = Nothing has happened with these certificates yet.
app-manage-card = The whole card
app-manage-card-lead = Suspending and resuming concern the certificate for logging in. Renewing concerns all of them.
app-manage-pin-follows = Lichna will then show who wants what, and ask for the PIN in a window of its own.
app-manage-reason = Why (if you like)
app-manage-renew = Renewal
app-manage-renew-means = The card makes new keys, the authority issues new certificates, and they take the place of the old ones. The old ones work until the new ones are confirmed. It takes a minute or two; leave the card in the reader. If it is interrupted, it is finished later.
app-manage-renew-do = Renew
app-manage-renew-done = The certificates are renewed.
app-manage-renew-then = The card uses the new ones; the old ones are revoked.
app-manage-suspend = Suspending
app-manage-suspend-means = While the certificate is suspended nobody can log in with it anywhere, neither you nor anyone else. You resume it yourself, at any time, with the same card.
app-manage-suspend-do = Suspend
app-manage-suspend-done = The certificate is suspended.
app-manage-suspend-then = If you change your mind, “Resume” brings it back at once.
app-manage-resume = Resuming
app-manage-resume-means = The suspended certificate will be good again. The card's signing key signs for it. If the card was reported as lost, only an officer can do this.
app-manage-resume-do = Resume
app-manage-resume-done = The certificate is good again.
app-manage-resume-then = You can log in with it again.
app-manage-revoke = Revoking for good
app-manage-revoke-means = A revoked certificate NEVER comes back. A new one is issued only by an administrator's officer, in person. If you only want to stop it for a while, choose “Suspend”.
app-manage-revoke-certain = I understand that this cannot be undone.
app-manage-revoke-do = Revoke for good
app-manage-revoke-done = The certificate is revoked for good.
app-manage-revoke-then = Whoever checks it learns so at once. Keep the receipt.
app-manage-name = Naming
app-manage-name-means = A name to know it by if you have several. You see it, and the authority and the administrators; nobody else.
app-manage-name-label = Name, up to 30 characters
app-manage-name-do = Save the name
app-manage-name-done = The name is saved.
app-manage-name-then = “Show what happened” shows it beside the certificate.
app-receipt-file = receipt
app-receipt-title = RECEIPT from Lichna
app-receipt-time = When
app-receipt-practice = With a PRACTICE card: it proves nothing about anybody.
app-receipt-proof = The proof is in the authority's journal; this receipt is for you.

## The PIN

app-pin-lead = The PIN stands for your word, in digits. It is typed only in Lichna's own window or at the reader's keypad: never on a site, never here.
app-pin-ready = The PIN is set and works.
app-pin-suspended = The PIN is suspended before its last try.
app-pin-suspended-advice = The next time it is typed the card wants its CAN, too: the six digits on its face. One more wrong PIN blocks it. If you are not sure, unblock it with the PUK.
app-pin-blocked = The PIN is blocked.
app-pin-blocked-advice = It was typed wrong too often. Unblock it with the PUK from the letter that came with the card, and set a new one.
app-pin-not-activated = The card has no PIN of yours yet.
app-pin-not-activated-advice = Set it with the transport PIN from the letter that came with the card.
app-pin-unblocking-blocked = Both the PIN and the PUK are blocked.
app-pin-unblocking-blocked-advice = This cannot be mended at home. Take the card to its issuer.
app-pin-unknown = The card does not say how the PIN is.
app-pin-unknown-advice = That is no fault: some cards keep it to themselves.
app-pin-puk = PUK
app-pin-at-reader = This reader has a keypad: codes are typed there.
app-pin-changed = The PIN is changed.
app-pin-unblocked = The PIN is unblocked, and the new one is set.
app-pin-keep = Do not write it on the card, and tell it to nobody. No officer will ever ask you for it.
app-can-title = Where the CAN is
app-can-text = The CAN is the six digits printed on the face of the card, at the bottom right. It is no secret like the PIN: it only proves that you hold the card.
app-can-when = The card wants it when it is read over the air, and before the last try of the PIN. A wrong CAN spends no tries.

## What is told unasked

app-asking = A program waits for you: { $program }
app-asking-login = It wants you to log in to { $server }.
app-asking-signature = It wants a signature with the key for { $role }.
app-asking-other = It wants to use the card.
app-asking-answer = Answer in Lichna's window for the PIN. If you did not begin this yourself, do not answer: it lapses by itself soon.
app-notice-forgotten = The card is still in the reader and has not been used for long.
app-notice-forgotten-advice = If you do not need it, take it out of “{ $reader }”.
app-notice-ends = A certificate on the card is good until { $date }.

## Logging in

app-login-lead = Log in to a service with your card. Lichna shows who wants to know who you are before you type the PIN.
app-login-services = Where you log in often
app-login-times = { $count ->
    [one] One login,
   *[other] { $count } logins,
}
app-login-last = the last on { $time }
app-login-elsewhere = Elsewhere
app-login-address = Address of the service
app-login-at = Login to { $server }
app-login-by-link = A link asks for this login.
app-login-by-link-advice = Nothing has been done. Go on only if you know the address and wanted to log in there yourself.
app-login-where = Where
app-login-trust = Trust
app-login-trusted = It is on your list of trusted services
app-login-not-trusted = It is not on your list of trusted services
app-login-not-known = The window for the PIN will say, once the server was asked
app-login-as = As
app-login-certificate = Certificate
app-login-with = With which card
app-login-pin-follows = First Lichna checks the server. Then, in a window of its own, it shows who wants to know who you are, and asks for the PIN. Nothing is sent before that.
app-login-done = You logged in to { $server }.
app-login-done-means = The server knows who you are, and answered.
app-login-answered = { $server } knows who you are, but answered with { $status }.
app-login-answered-advice = Card and PIN are all right. Read its answer below, or ask whoever runs the site.
app-login-browser = Lichna logged in, not the browser: that has a login of its own. To log in there too, open the address in it and choose your certificate.
app-login-took = It took, without the time for the PIN:
app-login-seconds = { $seconds } s
app-login-said = What the server said
app-login-details = Details
app-login-status = Status (HTTP)
app-login-tls = Connection
app-login-vouched = Who vouches for the server

## Uses

app-uses-lead = What your card was used for on this computer, where, and by which program.
app-uses-title = History of uses
app-uses-search = Search the list
app-uses-count = { $count ->
    [one] One use
   *[other] { $count } uses
}
app-uses-none = There is no use here so far.
app-uses-not-kept = As long as that is so, new uses are not recorded.
app-uses-kept = The list stays on this computer alone, encrypted, and nobody else gets it.
app-uses-file = lichna-uses
app-uses-forget = Delete the history?
app-uses-forget-means = The list is gone from this computer for good. What happened elsewhere stays on record there.
app-card-kind-of = Card:
app-use-program-path = Program:
app-not-me = This was not me
app-not-me-means = If it was not you, somebody has both your card and your PIN, or a program on this computer got your consent by a trick. Suspend the certificate: then nothing can be logged in to with it.
app-not-me-reason = A use that was not mine
app-not-me-then = Now change the PIN. Resume the certificate when you are sure that nobody but you has the card.
app-not-me-no-card = Card { $card } is not in the reader. Put it in and press “This was not me” again.
app-not-me-lost = If you do not have the card, call the authority or go to an officer: they suspend it without the card.
app-programs-title = Programs that ask less
app-programs-means = Such as a browser: with one PIN the program may sign up to eight times within a minute without asking again. The PIN is wanted every time.
app-programs-none = You have allowed this to no program.
app-program-since = Since { $date }.
app-program-may = The permission counts.
app-program-changed = The permission no longer counts: the program's file has changed or gone.
app-programs-forgotten = The permission was taken back.

## Practice

app-practice-lead = A practice card is made of software. Try everything with it, make any mistake, and risk nothing.
app-practice-proves-nothing = A practice card proves nothing about anybody and nowhere passes for a genuine one.
app-practice-label = My practice card
app-practice-empty = You have no practice card yet
app-practice-empty-advice = Make one: it takes a moment and wants no reader.
app-practice-is-in = It is in; Home shows it.
app-practice-is-out = It is not put in.
app-practice-passphrase = Its file is locked with a passphrase. It is put in at a terminal: lichna practice-card insert.
app-practice-made-on = Made on { $date }
app-practice-number = Number:
app-practice-side = How to put it in
app-practice-contactless = Contactless: the card wants its CAN, like the new identity card
app-practice-contact = With contacts: at once
app-practice-make = A new practice card
app-practice-make-means = Its codes are made up for it, so that you do not use your real ones. They are shown to you once, in a window apart: write them down.
app-practice-make-label = Name of the card
app-practice-make-transport = With a transport PIN, like a card that has just been handed over
app-practice-codes-title = Codes of the practice card
app-practice-codes-text = “{ $label }” is ready. Write its codes down; they will not be shown again.
app-practice-code-pin = PIN
app-practice-code-transport-pin = Transport PIN
app-practice-code-can = CAN
app-practice-code-puk = PUK
app-practice-done = The practice card is ready.
app-practice-done-then = Put it in, and open Home.
app-practice-first-pin = First set a PIN of your own for it: on the screen “PIN”.
app-practice-enrol = The card has no certificates yet. A practice authority, which works on this computer alone, issues them for somebody who does not exist. The PIN is asked for in Lichna's own window.
app-practice-enrolled = The card has certificates.
app-practice-holder = The card has certificates for { $name }. There is no such person.
app-practice-logged-in = The practice service has let you in.
app-mishaps = Let something go wrong
app-mishaps-lead = All of this can be put right, and your real cards are not affected.
app-mishap-way-out = The way out:
app-mishap-wrong-pin = A wrong PIN
app-mishap-wrong-pin-means = Log in, but type other digits than the PIN. The service lets nobody in, and there is one try less.
app-mishap-wrong-pin-way-out = take the card out and put it in again, so that no program can guess on; then log in with the right PIN, and all tries are there again.
app-mishap-suspended = A suspended certificate
app-mishap-suspended-means = Suspend the certificate, as when a card is lost, and try to log in. The PIN is right, but the service refuses.
app-mishap-suspended-way-out = resume it, and log in again.
app-mishap-suspended-now = The certificate is suspended.
app-mishap-resumed = The certificate is in force again.
app-mishap-pulled = A card pulled out
app-mishap-pulled-means = Log in, and while Lichna's window asks for the PIN, take the card out with the button “Take it out” above. The window closes, and the login ends.
app-mishap-pulled-way-out = put the card in, and begin again.
app-mishap-blocked = A blocked PIN
app-mishap-blocked-means = Log in with a wrong PIN, take the card out and put it in again, until there are no tries left. Before the last one the card wants its CAN, too. Then it does not take the right PIN either.
app-mishap-blocked-way-out = unblock it with the PUK that you wrote down, and set a new one.
app-mishap-unblocked = The PIN is unblocked, and the new one is set.
app-practice-delete = Delete “{ $label }”?
app-practice-delete-means = The card and all that is on it are gone for good. Your real cards are not affected.

## Check-up

app-check-up-lead = What stands between you and a login: from the reader to the clock.
app-check-up-good = Nothing keeps you from logging in with the card.
app-check-up-warning = You can log in, but something wants attention.
app-check-up-bad = Something stands in the way. Mend what is marked, from the top down.
app-check-up-findings = What was looked at
app-check-up-command = The command that mends it:
app-check-up-report = The report has states and codes alone: no names, no numbers.
app-report-file = lichna-report

## Settings

app-settings-lead = How Lichna's windows speak and look, whom you trust, and what is kept.
app-setting-language = Language
app-setting-language-system = As the computer
app-setting-language-bg = Български
app-setting-language-en = English
app-setting-text = Size of the text
app-setting-text-normal = Normal
app-setting-text-large = Larger
app-setting-text-larger = Large
app-setting-text-largest = Largest
app-setting-theme = Light or dark
app-setting-theme-system = As the computer
app-setting-theme-light = Light
app-setting-theme-dark = Dark
app-setting-contrast = Contrast
app-setting-contrast-system = As the computer
app-setting-contrast-high = High
app-setting-keypad = Keys in the PIN window
app-setting-keypad-ordered = In order
app-setting-keypad-shuffled = Shuffled each time
app-setting-sound = Sound when something is done or fails
app-setting-sound-off = Without sound
app-setting-sound-on = With sound
app-setting-start = When the computer starts
app-setting-start-off = Lichna waits to be opened
app-setting-start-on = Lichna starts too, and waits beside the clock
app-trusted = Services that you trust
app-trusted-means = Before each login, Lichna says whether the server is on this list. One that is not there is not necessarily bad: check its name.
app-trusted-none = The list is empty.
app-trusted-name = Name of a server, for instance eid.egov.bg, or *.egov.bg for all below it
app-trusted-add = Add
app-do-strike = Take off
app-do-forget = Forget
app-stored = What is kept on this computer
app-stored-means = All of it is here alone, and readable by you alone. PIN and PUK are never kept.
app-stored-uses = What the keys were used for
app-stored-uses-means = Sealed with a key in the system's key store.
app-stored-programs = Programs that you are asked less for
app-stored-programs-means = For each of them you chose to have it remembered.
app-stored-cans = Numbers on the face of cards (CAN)
app-stored-cans-means = The numbers themselves are in the system's key store; the file says only of which cards they are.
app-stored-practice-cards = Practice cards
app-stored-practice-cards-means = They are deleted one by one under “Practice”.
app-stored-practice-authority = Practice authority
app-stored-practice-authority-means = Made for “Practice”. Once it is forgotten, certificates of practice cards are good for nothing: delete the cards too.
app-stored-tasks = Interrupted issuing and renewals
app-stored-tasks-means = They are finished or given up under “My certificates”.
app-stored-checkpoints = What was seen last of issuers' journals
app-stored-checkpoints-means = It shows if a journal is ever rewritten. There is nothing about you in it.
app-stored-settings = Settings
app-stored-settings-means = Those of this page, and whatever you wrote into the file.
app-stored-forget-all = Forget all that can be forgotten
app-stored-sure = Forget it?
app-stored-gone = It cannot be brought back. Your card and certificates stay as they are.
app-settings-about = About Lichna
app-settings-version = Version { $version }
app-settings-updates = Lichna does not look for new versions by itself. They come the way it came: with the system's updates, or from the place that the package was taken from.
app-settings-licence = Free software under the EUPL-1.2.

## What is no failure of the agent's

err-app-failed = This window could not do it: { $reason }.
rec-app-failed = Close the window, open it again, and try again.
err-mend-failed = This did not work: { $command }
rec-mend-failed = Run the command in a terminal; it says what is missing.
err-sandbox-missing = The practice authority is not installed on this computer.
rec-sandbox-missing = Install the package “lichna-authority” as well, from where you have Lichna.
err-sandbox-failed = The practice authority did not start: { $reason }.
rec-sandbox-failed = Try again. If it happens again, delete the folder “sandbox” of Lichna's state, and make a new practice card.
err-save-failed = The file could not be written: { $reason }.
rec-save-failed = Choose another place, or make room on the disk.

## Advice that differs from the command's

app-rec-reader-unknown = The reader is gone. Connect it again.
app-rec-several-cards = Leave only one card in.
app-rec-can-needed = Repeat, and type the six digits printed on the card into the window that opens.
app-rec-browser-not-set-up = Close the program first: it notices the module when it starts. Then have the module put in.
app-rec-browser-set-up-elsewhere = Close the program first: it notices the module when it starts. Then have the right one put in.
app-rec-certificate-missing = Ask the issuer of the card to put one on it.
app-rec-key-unknown = Take the card out and put it in again.
app-rec-wrong-pin = { $tries_left ->
    [0] The PIN is blocked now. Unblock it with the PUK, on the screen “PIN”.
   *[other] Take the card out, put it in again and type the PIN with care. If you do not remember it, unblock it with the PUK, on the screen “PIN”, before the tries run out.
}
app-rec-pin-blocked = Unblock it with the PUK from the letter that came with the card, on the screen “PIN”.
app-rec-pin-suspended = If you are sure of the PIN, repeat and type the CAN (the six digits printed on the card), too. If you are not, unblock it with the PUK, on the screen “PIN”.
app-rec-pin-not-activated = Set a PIN of your own on the screen “PIN”. You need the transport PIN from the letter that came with the card.
app-rec-last-try-refused = If you are sure of the PIN, repeat and tick that you want to spend the last try. Else unblock it with the PUK, on the screen “PIN”.
app-rec-pin-unknown = Take the card out and put it in again.
app-rec-pinpad-only = Repeat, and type the PIN at the reader when it asks.
app-rec-practice-card-none = Make one on the screen “Practice”.
app-rec-practice-card-unknown = The card was deleted meanwhile.
app-rec-practice-card-inserted = Use it, or take it out first on the screen “Practice”.
app-rec-practice-card-not-inserted = Put it in on the screen “Practice”.
app-rec-too-many-practice-cards = Delete one.
app-rec-key-store-unavailable = Log in to your desktop session and unlock its key store, then repeat.
app-err-rate-limited = The PIN was asked for too often in vain: refused, not answered, or typed wrong.
app-rec-rate-limited = Nobody shall be able to guess it. Go on in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
app-rec-own-request = Lichna should show its own window for the PIN and could not. Install all of it, and try again.
app-rec-no-terminal = Lichna should show its own window for the PIN and could not. Install all of it, and try again.
app-rec-window-gone = Repeat, and answer in the window that opens. If it goes away again, update Lichna.
app-rec-authority-not-configured = Nothing here says which authority issued the card. Ask whoever installed Lichna.
app-rec-certificate-suspended = Resume it on the screen “My certificates”. If the card was reported as lost, go to an officer.
app-rec-certificate-pending = Finish what was begun, at Home. If there is nothing, go to the administrator.
app-rec-server-refused-certificate = Check that the card is registered with this site and that its certificate is good. Else ask whoever runs the site.
app-rec-card-has-certificates = Renew them on the screen “My certificates”.
app-rec-key-algorithm-not-offered = This card cannot be renewed from the window. Ask its issuer.
app-rec-key-algorithm-not-certified = This card cannot be renewed from the window. Ask its issuer.
app-rec-wrong-certificate-issued = Tell the authority. What was begun is not used.
app-rec-read-back-differs = Finish what was begun, at Home: it is written again. If it happens again, the card is damaged.
app-rec-not-confirmed = Finish it later, at Home. If the time runs out, what was issued is revoked by itself.
app-rec-task-unknown = There is nothing left to finish.
app-rec-task-unfinished = Finish it at Home, with the card in the reader.
app-rec-card-has-task = Finish it at Home, with the card in the reader.
app-rec-other-administrator = Go to an officer of that administrator.
