# In pairs, by the code of a failure: err- says what happened, rec- what to do.
# The reader may never have heard of a certificate.

## The smart card service and readers

err-service-not-installed = The program that talks to card readers is not installed on this computer.
rec-service-not-installed = Install it: sudo apt install pcscd
err-service-not-running = The program that talks to card readers is installed, but it does not run.
rec-service-not-running = Start it: sudo systemctl start pcscd.socket
err-service-no-permission = You are not allowed to use the card readers of this computer.
rec-service-no-permission = Log in at the computer itself rather than from afar, or ask its administrator to let you use the smart card service.
err-service-protocol-mismatch = The program that talks to card readers is of a version that does not fit.
rec-service-protocol-mismatch = Update it (sudo apt install --only-upgrade pcscd libpcsclite1), then try again.
err-no-reader = No card reader is connected.
rec-no-reader = Connect a reader. If it is connected, try another USB port; some readers need a driver: sudo apt install libccid
err-reader-unknown = There is no card reader named “{ $reader }”.
rec-reader-unknown = “lichna readers” shows the names; write one of them exactly as it stands there.
err-reader-unavailable = The card reader “{ $reader }” does not work.
rec-reader-unavailable = Unplug it, wait a moment and plug it in again. If that does not help, try another USB port.
err-reader-gone = The card reader “{ $reader }” was unplugged.
rec-reader-gone = Plug it in again and repeat what you were doing. Nothing was lost.

## Cards

err-no-card = There is no card in the reader.
rec-no-card = Put your card in, with the chip up and forward, or lay it on the reader if it is contactless.
err-several-cards = There are several cards, and it is not clear which one you mean: { $readers }.
rec-several-cards = Leave only one card in, or say which with --reader NAME.
err-card-mute = The card in “{ $reader }” does not answer.
rec-card-mute = It may be upside down: take it out and put it in with the chip up and forward. Wipe the chip with a soft cloth.
err-card-in-use = The card in “{ $reader }” is being used by another program: { $program }.
rec-card-in-use = Wait until { $program } is done, or close it, and try again.
err-card-unknown = The card in “{ $reader }” is of a kind that is not known ({ $atr }).
rec-card-unknown = Check that it is the right card. If it is, a description of its kind can be added; keep the code in brackets for whoever helps you.
err-card-removed = The card was taken out too early.
rec-card-removed = Put it in again and repeat what you were doing. Leave it in until the end.
err-card-reset = Another program interfered with the card.
rec-card-reset = Close other programs that use the card, and try again.
err-card-timeout = The card in “{ $reader }” did not answer in time.
rec-card-timeout = Take the card out, put it in again and repeat what you were doing. A contactless card should lie still.
err-card-refused = The card refused a step ({ $command }, { $status }).
rec-card-refused = Take the card out, put it in again and try once more. If it happens again, ask the issuer of the card.
err-card-malformed = The card sent something that makes no sense: { $what }.
rec-card-malformed = Take the card out and put it in again. If it happens again, the card may be damaged; ask its issuer.

## The secure channel to the card, and whether it is genuine

err-can-needed = The card in “{ $reader }” is read over the air and wants its CAN: the six digits printed on it. Nobody gave it.
rec-can-needed = Run the command at a terminal and type the digits when you are asked, or give them as the first line of the input with --can-stdin.
err-wrong-can = This is not the CAN of the card. After each wrong one it answers later, but it is never blocked.
rec-wrong-can = Look at the six digits printed on the card (not its number) and type them with care. No try of the PIN was spent.
err-pace-unsupported = The card speaks only over a secure channel of a kind that Lichna does not know: { $what }.
rec-pace-unsupported = If the card has contacts, put it into a reader. Else install a newer Lichna.
err-channel-refused = The card did not open a secure channel: { $what }.
rec-channel-refused = Lay the card down again and let it lie still. If it happens again, the card or the reader may have been tampered with, or be damaged: type no PIN, and ask the issuer of the card.
err-channel-broken = The secure channel to the card broke: something came that is not from the card, or was changed on the way.
rec-channel-broken = Nothing more was sent. Lay the card down again and repeat. If it happens again, type no PIN with this reader.
err-channel-interrupted = Another program interfered and ended the secure channel to the card.
rec-channel-interrupted = Close other programs that use the card, and repeat.
err-channel-needed = The PIN is not sent over the air without a secure channel to the card, and there is none.
rec-channel-needed = Put the card into a reader with contacts. No try was spent.
err-card-forged = The card in “{ $reader }” is a FORGERY: it could not prove to be what it claims ({ $reason }).
rec-card-forged = Type no code into it. If it was given to you as an identity card, tell its issuer.

## Certificates and keys

err-certificate-missing = The card holds no certificate (the electronic document that says who you are) for “{ $key }”.
rec-certificate-missing = Ask the issuer of the card to put one on it, or do so yourself by his invitation: lichna enrol --invitation.
err-certificate-unreadable = The certificate on the card for “{ $key }” cannot be read: { $reason }.
rec-certificate-unreadable = Take the card out and put it in again. If it happens again, ask the issuer of the card.
err-certificate-key-mismatch = The certificate on the card does not belong to the card's key “{ $key }”.
rec-certificate-key-mismatch = This card cannot be used to log in. Take it to its issuer.
err-certificate-expired = The certificate on the card ended on { $date }.
rec-certificate-expired = Renew it with the issuer of the card. If the date is still to come, set this computer's clock.
err-certificate-not-yet-valid = The certificate on the card begins on { $date } only.
rec-certificate-not-yet-valid = If that day has come, this computer's clock is slow: set it. Else wait until then.
err-key-unknown = The card has no key named “{ $key }”.
rec-key-unknown = “lichna certs” shows the names; write one of them exactly as it stands there.

## PINs

err-wrong-pin = The PIN is wrong. { $tries_left ->
    [0] No tries are left.
    [one] One try is left.
   *[other] { $tries_left } tries are left.
}
rec-wrong-pin = { $tries_left ->
    [0] The PIN is blocked now. Unblock it with the PUK: lichna pin unblock
   *[other] Take the card out, put it in again and type the PIN with care. If you do not remember it, unblock it with the PUK before the tries run out: lichna pin unblock
}
err-wrong-pin-tries-unknown = The PIN is wrong. The card does not say how many tries are left.
rec-wrong-pin-tries-unknown = Take the card out, put it in again and type the PIN with care. After a few wrong ones it is blocked.
err-pin-blocked = The PIN is blocked, because it was typed wrong too often.
rec-pin-blocked = Unblock it with the PUK from the letter that came with the card: lichna pin unblock
err-pin-suspended = The PIN is suspended, because it was typed wrong. One try is left, and before it the card wants its CAN.
rec-pin-suspended = If you are sure of the PIN, repeat at a terminal: type the CAN (the six digits printed on the card), then the PIN. If you are not, unblock it with the PUK: lichna pin unblock
err-pin-not-activated = The PIN has not been set yet: the card has the transport PIN from the letter.
rec-pin-not-activated = Set a PIN of your own. You need the transport PIN from the letter that came with the card: lichna pin change
err-last-try-refused = Only the last try is left. It was not spent, because you did not say that you want to.
rec-last-try-refused = If you are sure of the PIN, repeat and answer “yes” when you are asked about the last try. Else unblock the PIN with the PUK: lichna pin unblock
err-wrong-puk = The PUK is wrong. { $tries_left ->
    [0] No tries are left.
    [one] One try is left.
   *[other] { $tries_left } tries are left.
}
rec-wrong-puk = { $tries_left ->
    [0] The card can no longer be unblocked at home. Take it to its issuer.
   *[other] Look at the letter that came with the card and type the PUK with care. When no tries are left, only the issuer can help.
}
err-wrong-puk-tries-unknown = The PUK is wrong. The card does not say how many tries are left.
rec-wrong-puk-tries-unknown = Look at the letter that came with the card and type the PUK with care. After a few wrong ones only the issuer can help.
err-puk-blocked = The PUK is blocked, because it was typed wrong too often.
rec-puk-blocked = The card can no longer be unblocked at home. Take it to its issuer.
err-unblock-not-supported = The PIN of this card cannot be unblocked with a PUK.
rec-unblock-not-supported = Take the card to its issuer.
err-pin-unknown = The card has no PIN named “{ $pin }”.
rec-pin-unknown = “lichna pin status” shows the names; write one of them exactly as it stands there.
err-pin-length = The PIN has a length that this card does not take.
rec-pin-length = { $shortest ->
    [one] It has 1 to { $longest } characters.
   *[other] It has { $shortest } to { $longest } characters.
} The card was not asked; no try was spent.
err-pin-alphabet = The PIN of this card may have digits only.
rec-pin-alphabet = Use the digits 0 to 9. The card was not asked; no try was spent.
err-pin-locked-until-reinserted = After a wrong PIN no other is taken until the card was taken out.
rec-pin-locked-until-reinserted = Take the card out, put it in again and repeat. This keeps other programs from guessing your PIN.
err-pin-is-birth-date = That is your day of birth. It would be guessed first, so it was not set.
rec-pin-is-birth-date = Choose digits that say nothing of you. The card was not asked; the old PIN still holds.
err-pins-differ = The new PIN was not typed the same way twice.
rec-pins-differ = Repeat, and type the same new PIN both times. The old one still holds.
err-pinpad-not-supported = The keypad of this reader cannot do this.
rec-pinpad-not-supported = Use a reader without a keypad for it.
err-pinpad-only = With this reader the PIN is typed at the reader's own keypad only.
rec-pinpad-only = Repeat without --pin-stdin, and type the PIN at the reader when it asks.

## Practice cards, and the key store

err-practice-card-none = There is no practice card.
rec-practice-card-none = Make one: lichna practice-card new
err-practice-card-unknown = There is no practice card with the number { $number }.
rec-practice-card-unknown = “lichna practice-card list” shows the numbers.
err-several-practice-cards = There are several practice cards, and it is not clear which one you mean: { $numbers }.
rec-several-practice-cards = Write the number of the card, too.
err-practice-card-inserted = The practice card { $number } is put in already ({ $reader }).
rec-practice-card-inserted = Use it, or take it out first: lichna practice-card remove { $number }
err-practice-card-not-inserted = The practice card { $number } is not put in.
rec-practice-card-not-inserted = Put it in: lichna practice-card insert { $number }
err-practice-card-in-use = The practice card { $number } is being used by another program.
rec-practice-card-in-use = Wait until it is done, or close it, and repeat.
err-too-many-practice-cards = There are too many practice cards; { $most } is the most.
rec-too-many-practice-cards = Delete one: lichna practice-card delete NUMBER
err-practice-label-invalid = “{ $label }” cannot be the name of a practice card.
rec-practice-label-invalid = A name has 1 to 40 letters, digits and blanks.
err-practice-file-damaged = The file of the practice card { $file } is damaged: { $reason }.
rec-practice-file-damaged = Put the file back from a copy, or delete the card and make a new one. Other cards are not affected.
err-practice-file-unwritable = The file of the practice card { $file } cannot be written: { $reason }.
rec-practice-file-unwritable = Check that there is room on the disk and that the folder is yours. What was on the card before is still there.
err-practice-key-missing = The key to the file of the practice card { $number } is not in this computer's key store.
rec-practice-key-missing = Unlock the key store of the user who made the card. If the key was deleted, the card cannot be opened: delete it and make a new one.
err-wrong-passphrase = The passphrase does not open the file of the practice card.
rec-wrong-passphrase = Repeat, and type it with care. There is no limit of tries.
err-passphrase-unusable = The passphrase must have { $shortest } to { $longest } letters, digits and signs.
rec-passphrase-unusable = Repeat with another one. Nothing was done.
err-administrator-key-invalid = The key for writing to the card must have 64 hexadecimal digits.
rec-administrator-key-invalid = Name a file with such a key, or a file that is not there yet: then a key is made up and written to it.
err-virtual-reader-unreachable = No virtual reader answers on port { $port }: { $reason }.
rec-virtual-reader-unreachable = Install the driver (sudo apt install vsmartcard-vpcd) and start the smart card service; the usual ports are 35963 and 35964.
err-key-store-unavailable = The key store of this computer cannot be used: { $reason }.
rec-key-store-unavailable = Log in to your desktop session and unlock the key store, or make the card with a passphrase: lichna practice-card new --passphrase

## Consent

err-refused = You said no. Nothing was done.
rec-refused = If that was a mistake, repeat what you were doing.
err-prompt-timeout = Nobody answered in time. Nothing was done.
rec-prompt-timeout = Repeat what you were doing, and answer when you are asked.
err-window-gone = The PIN window closed before you answered. Nothing was done.
rec-window-gone = Repeat. If it closes again, write “window = false” under “[prompt]” in config.toml, and answer with “lichna approve”.
err-cancelled = It was cancelled. Nothing was done.
rec-cancelled = Repeat what you were doing if you still want it.
err-pending-unknown = No request with the number { $pending } waits for an answer.
rec-pending-unknown = It may have ended by now. “lichna approve” shows those that wait.
err-own-request = The request comes from this very window or program, and nobody may answer for himself.
rec-own-request = Open another terminal window and run “lichna approve” there.
err-no-terminal = A request is answered by a person at a terminal, and there is none.
rec-no-terminal = Open a terminal window and run “lichna approve” there.
err-rate-limited = { $program } asks for your card too often.
rec-rate-limited = If you did not want that, close { $program }. It may ask again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.

## Servers

err-url-invalid = “{ $url }” is no address that one can log in to.
rec-url-invalid = The address begins with https:// and is written as in a browser.
err-server-name-invalid = “{ $name }” is no name of a server that can be trusted.
rec-server-name-invalid = The name is written as in a browser, for instance eid.egov.bg, or *.egov.bg for all below it.
err-authority-invalid = The file { $file } cannot be used to check servers: { $reason }.
rec-authority-invalid = Give a file with certificates in PEM form (it begins with -----BEGIN CERTIFICATE-----).
err-server-name-unknown = There is no server named { $host }.
rec-server-name-unknown = Check the address for a typing error, and that this computer is on the internet.
err-server-unreachable = { $host } cannot be reached: { $reason }.
rec-server-unreachable = Check that this computer is on the internet. If other sites work, try again later.
err-server-timeout = { $host } did not answer in time.
rec-server-timeout = Try again later.
err-server-not-trusted = { $host } cannot prove that it is the real one: { $reason }.
rec-server-not-trusted = Do not log in there. Check the address; if it is right, tell whoever runs the site. Your PIN was not asked for.
err-server-tls-failed = No secure connection to { $host } could be made: { $reason }.
rec-server-tls-failed = Check the address. If it is right, tell whoever runs the site. Your PIN was not asked for.
err-server-asks-nothing = { $host } does not ask for a card.
rec-server-asks-nothing = Check that this is the address for logging in with a card. Your PIN was not asked for.
err-server-asks-late = { $host } asks for the card only after the secure connection was made, and that way it cannot be answered.
rec-server-asks-late = Tell whoever runs the site: the client certificate has to be asked for in the handshake (in Apache: SSLVerifyClient for the whole host, not in a Location).
err-server-refused-certificate = { $host } did not accept your card: { $reason }.
rec-server-refused-certificate = Check that the card is registered with this site and has not ended (lichna certs). Else ask whoever runs the site.
err-nothing-in-common = Your card and { $host } have no way of signing in common. The card can: { $card }. The site takes: { $server }.
rec-nothing-in-common = Tell whoever runs the site which ways your card can. Your PIN was not asked for.
err-redirect-elsewhere = { $host } sends you on to another address: { $target }.
rec-redirect-elsewhere = If you trust that address, log in to it directly.

## The authority that issues certificates

err-authority-not-configured = It is not said which authority issues the certificates.
rec-authority-not-configured = Say it with --authority URL --root FILE, or in the configuration under [authority].
err-authority-refused = The authority { $host } refused: { $detail } ({ $problem }).
rec-authority-refused = Mend what it names, and repeat. If it is not clear, keep the word in brackets for whoever helps you.
err-authority-malformed = The authority { $host } answered something that makes no sense: { $what }.
rec-authority-malformed = Check its address. If it is right, install a newer Lichna, or tell the authority.
err-authority-busy = The authority { $host } has too many requests.
rec-authority-busy = Repeat in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}. Nothing was lost.
err-authority-rewrote-journal = The journal of the authority { $host } is not the one that this computer saw before: { $what }.
rec-authority-rewrote-journal = Do not go on. Tell the authority, and whoever oversees it: what is in a journal must not change.
err-certificate-suspended = The certificate on the card is SUSPENDED.
rec-certificate-suspended = Resume it with the signing key: lichna resume. If the card was reported as lost, go to an officer.
err-certificate-revoked = The certificate on the card is REVOKED.
rec-certificate-revoked = Nothing can be done with it any more. For a new one, go to an administrator.
err-certificate-pending = The certificate on the card was issued, but not to the end.
rec-certificate-pending = Go on with it: “lichna tasks” shows which it is. If nothing is there, go to the administrator.
err-certificate-unknown = The authority does not know the certificate on the card.
rec-certificate-unknown = Check that this is the authority which issued it, and that it is the right card.
err-not-an-officer = The card is not one of an officer of a registered administrator.
rec-not-an-officer = Put the officer's card in. If it is that one, the administrator must have the officer registered with the authority.
err-other-administrator = The person's certificates were issued through another administrator. Nothing was changed.
rec-other-administrator = Send the person to an officer of that administrator. Who has his card can suspend it himself: lichna suspend
err-person-invalid = The person's data cannot be right: { $field }: { $reason }.
rec-person-invalid = Compare them with the person's document, and repeat. Nothing was issued.
err-application-unknown = The authority has no application { $application }.
rec-application-unknown = Check the number. An application whose time is over is deleted; make a new one.
err-application-differs = The application { $application } was made before, with other data.
rec-application-differs = Give it up (lichna tasks drop), and make a new one.
err-application-lapsed = The time for the application { $application } is over, and it is deleted.
rec-application-lapsed = Make a new one. What was issued by it is revoked.
err-wrong-application-code = The code is not that of this application.
rec-wrong-application-code = Type it with care, as it was given to you. If it is lost, ask whoever invited you for a new one.
err-carrier-unknown = The authority does not know the card { $card }.
rec-carrier-unknown = The card must be registered with the authority first. Check that it is one of theirs.
err-card-not-personalisable = No certificates can be put on the card in “{ $reader }”: { $reason }.
rec-card-not-personalisable = Take another card. If the cards are of a new batch, install a newer Lichna.
err-card-number-missing = The card in “{ $reader }” has no number of its own by which the authority would know it.
rec-card-number-missing = Whoever makes the cards writes it: on a PIV card it is the GUID in the object CHUID (5FC102). The card is then registered with the authority under that number. Else take another card.
err-card-personalised-by-pin = No authority can issue certificates to the card in “{ $reader }”: such a card (OpenPGP) is managed with an administrator's PIN, which is typed beside the card itself, not with a key that the authority keeps.
rec-card-personalised-by-pin = Take an eID card, or a card with the PIV application, that is registered with the authority.
err-carrier-key-differs = For the card { $card } the authority keeps another key than the card's own. Nothing on the card was changed.
rec-carrier-key-differs = Tell the authority: it must register the card's own key. Until then take another card, and give up what was begun (lichna tasks drop).
err-card-has-certificates = There are certificates of this authority on the card { $card } already.
rec-card-has-certificates = They are renewed: lichna renew
err-renewal-not-supported = The certificates of this card cannot be renewed at home: { $reason }.
rec-renewal-not-supported = Take the card to an administrator.
err-key-algorithm-not-offered = The card makes no keys of the kind { $algorithm }.
rec-key-algorithm-not-offered = Choose another kind with --algorithm, or repeat without it.
err-key-algorithm-not-certified = The authority certifies no keys of the kind { $algorithm }. Nothing on the card was changed.
rec-key-algorithm-not-certified = Choose another kind with --algorithm.
err-weak-key = The key { $key } that the card has made is weak: { $reason }. It was not sent.
rec-weak-key = Do not use this card; give it back to its issuer.
err-wrong-certificate-issued = The authority issued something else than was asked for: { $what }. Nothing was written to the card.
rec-wrong-certificate-issued = Give the enrolment up (lichna tasks drop), and tell the authority.
err-read-back-differs = What was read back from the card ({ $key }) is not what was written.
rec-read-back-differs = Go on with “lichna tasks resume”: it is written again. If it happens again, the card is damaged.
err-not-confirmed = The authority did not take the confirmation that the certificates are on the card.
rec-not-confirmed = Go on later: “lichna tasks” shows the number. If the time runs out, what was issued is revoked by itself.
err-task-unknown = There is no task with the number { $task }.
rec-task-unknown = “lichna tasks” shows the numbers.
err-task-unfinished = The task { $task } cannot be given up now: it has replaced a key of the card, and the new one is not in force yet.
rec-task-unfinished = Finish it: lichna tasks resume { $task }
err-task-running = The task { $task } is at work now.
rec-task-running = Wait until it is done.
err-card-has-task = There is an unfinished task for the card { $card }: { $task }.
rec-card-has-task = Go on with it (lichna tasks resume { $task }), or give it up (lichna tasks drop { $task }).
err-other-card = This was begun with the card { $expected }, and here is { $found }.
rec-other-card = Put in the card that it was begun with.
err-other-authority = This card is none of the authority { $host }.
rec-other-authority = A practice card goes with its practice authority alone, and every other card with its own. Put in the card that is meant.
err-task-unwritable = The task { $task } cannot be kept on disk: { $reason }.
rec-task-unwritable = Make room, or mend the folder, and repeat. Without it nothing is done, so that nothing is left half done.
err-task-rolled-back = The task { $task } was taken back: { $reason }.
rec-task-rolled-back = Nothing is left half done: what was issued is revoked, the data are deleted. You may begin anew.
err-certificate-name-invalid = “{ $name }” cannot be the name of a certificate.
rec-certificate-name-invalid = Choose 1 to 30 characters, without control characters.
err-wrong-telephone-password = The password for suspending by telephone is not the person's.
rec-wrong-telephone-password = Ask the person again. After a few wrong ones nothing can be suspended by telephone any more.
err-status-unavailable = Nobody says whether the certificate is revoked: { $reason }.
rec-status-unavailable = Check the connection to the internet, and repeat. Until then, do not rely on the certificate.
err-clock-wrong = The clock of this computer is wrong: it is { $here } here, and { $there } at the authority.
rec-clock-wrong = Set the clock, and repeat.

## Profiles

err-profile-invalid = The card description { $file } has a fault in line { $line }, “{ $field }”: { $reason }.
rec-profile-invalid = Mend that line, then check the file: lichna profiles check { $file }
err-profile-claims-known-card = The card description { $file } is for a card that “{ $profile }” describes already.
rec-profile-claims-known-card = Remove the file, or make it describe another card. It is not used.
err-file-unreadable = The file { $file } cannot be read: { $reason }.
rec-file-unreadable = Check the name, and that you may read the file.

## The agent

err-busy = Too many things are being done with the card at once.
rec-busy = Wait a moment and try again.
err-version-mismatch = The parts of Lichna on this computer are of different versions ({ $client } and { $agent }).
rec-version-mismatch = Log out and in again, so that the old part ends. If that does not help, install Lichna again.
err-versions-differ = { $program } runs in version { $version }, Lichna in the background in { $agent }.
rec-versions-differ = Close { $program } and open it again: it was started before Lichna was updated.
err-agent-replaced = Lichna was updated, but in the background the old version still runs.
rec-agent-replaced = It is ended, and the new one starts by itself; or log out and in again.
err-request-invalid = Lichna's own parts did not understand each other: { $reason }.
rec-request-invalid = Install Lichna again. If it happens again, report it as a fault.
err-stopping = Lichna is just being stopped.
rec-stopping = Repeat what you were doing; it starts again by itself.
err-configuration-invalid = The configuration { $file } cannot be used: { $reason }.
rec-configuration-invalid = Mend the file, or move it away to go on with the defaults.

## Between the command and the agent

err-agent-not-installed = A part of Lichna is missing: there is no { $program }.
rec-agent-not-installed = Install Lichna again.
err-agent-not-running = Lichna does not run in the background.
rec-agent-not-running = Repeat the command; it starts it.
err-agent-not-started = Lichna could not be started in the background: { $reason }.
rec-agent-not-started = If the reason does not help, install Lichna again.
err-agent-unreachable = Lichna cannot be reached in the background: { $reason }.
rec-agent-unreachable = Run the command as the user whose session this is, without sudo.
err-agent-gone = Lichna ended in the middle of the work.
rec-agent-gone = Repeat what you were doing; it starts again by itself. If it happens again, report it as a fault.
err-agent-silent = Lichna does not answer any more.
rec-agent-silent = Log out and in again, then repeat what you were doing.
err-agent-another-user = What answers in Lichna's place belongs to another user.
rec-agent-another-user = Do not type your PIN. Ask the administrator of this computer.
err-agent-malformed = Lichna's own parts did not understand each other: { $reason }.
rec-agent-malformed = Install Lichna again. If it happens again, report it as a fault.
err-request-too-large = The request is too large: { $length } bytes, and { $limit } are taken.
rec-request-too-large = Give smaller or fewer files.
err-home-unusable = Lichna has no safe place for its files: { $reason }.
rec-home-unusable = Mend the folder that is named, or set LICHNA_HOME to a folder of your own.
err-not-hardened = This computer did not let Lichna keep your PIN to itself: { $reason }.
rec-not-hardened = Ask the administrator of this computer. Nothing was done.

## The command itself

err-usage = The command was not written as it should be: { $reason }.
rec-usage = “lichna --help” shows how.
err-terminal = The code cannot be typed at the terminal: { $reason }.
rec-terminal = Run the command in an ordinary terminal window, or give the code on the standard input: with --pin-stdin, --can-stdin, --code-stdin or --passphrase-stdin.
err-pin-input-missing = Fewer lines came on the input than PINs are wanted.
rec-pin-input-missing = With --pin-stdin give each PIN on a line of its own, in the order in which they are asked for.
err-pin-input-invalid = What came on the input cannot be used: { $reason }.
rec-pin-input-invalid = With --pin-stdin give each code or passphrase on a line of its own, without blanks around it. The card was not asked; no try was spent.
err-output = The result cannot be written: { $reason }.
rec-output = Check that the folder is there and that you may write to it.
err-answer-unexpected = Lichna's own parts did not understand each other.
rec-answer-unexpected = Install Lichna again. If it happens again, report it as a fault.

err-mechanism-not-offered = The key { $key } on the card does not sign by { $mechanism }.
rec-mechanism-not-offered = Let the program use another mechanism: the module lists those that the card has.
err-program-login-off = Programs may not take the PIN themselves.
rec-program-login-off = Leave the PIN out where the program is set up: Lichna asks for it itself when it is wanted. If the program cannot do without, set "login = true" under [pkcs11] in the configuration.
err-not-logged-in = The program is not logged in to the card, or its time is up.
rec-not-logged-in = Let the program log in once more; it asks for the PIN.

err-module-missing = Lichna's module for browsers is not there: { $file }
rec-module-missing = Install Lichna again, then repeat the command.
err-nss-tools-missing = The tool that changes the settings of Firefox and Chromium, modutil, is not installed.
rec-nss-tools-missing = Install the package libnss3-tools (nss-tools on Fedora, mozilla-nss-tools on openSUSE, nss on Arch), then repeat the command.
err-nss-tool-failed = modutil could not change { $folder }: { $reason }
rec-nss-tool-failed = Close the browser and repeat the command. If it stays so, “lichna doctor” may know why.
err-browser-running = Firefox runs with the profile { $profile }, which was not changed.
rec-browser-running = Close Firefox, then repeat the command.
err-registry-unreadable = { $file } is not as it should be, and was not changed.
rec-registry-unreadable = Look at the file, mend it or put it aside, then repeat the command.
err-registry-unwritable = { $file } cannot be written: { $reason }
rec-registry-unwritable = For all users the command needs the administrator: sudo lichna browsers setup --system. Else look at who may write there.
err-browser-not-set-up = The program does not see the card: it does not have Lichna's module.
rec-browser-not-set-up = Close the program; then the module is put in with: lichna browsers setup
err-browser-set-up-elsewhere = The program takes Lichna's module from another file: { $library }
rec-browser-set-up-elsewhere = Close the program; then the right one is put in with: lichna browsers setup
err-browser-sandboxed = The program is a snap or a Flatpak, in a sandbox that lets no module in. It does not see the card.
rec-browser-sandboxed = Install the browser from your system's packages (Firefox also from packages.mozilla.org), or use another one.
err-browser-list-unreadable = The program's list of modules cannot be read.
rec-browser-list-unreadable = Look at the file, mend it or put it aside; the browser makes a new one.
err-not-through-sudo = With sudo your own browsers' files would come to belong to the administrator; nothing was changed.
rec-not-through-sudo = Run it without sudo for yourself, or with sudo and --system for all users.
err-yes-missing = This cannot be undone, and nobody is there who could be asked whether it is wanted.
rec-yes-missing = Run the command at a terminal, or add --yes.
err-person-incomplete = Data of the person are missing: { $field }.
rec-person-incomplete = Run the command at a terminal, which asks for them, or give all of them with --person FILE and --appeared.
