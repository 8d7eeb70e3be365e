# What the PIN window says besides the texts of the consent.

prompt-title = Lichna: { $purpose }
prompt-digits-exactly = { $shortest } digits, typed: { $typed }
prompt-digits = { $shortest } to { $longest } digits, typed: { $typed }
prompt-characters = { $shortest } to { $longest } characters, typed: { $typed }
prompt-again = { $secret }, once more
prompt-take-back = Delete
prompt-refuse = Refuse
prompt-log-in = Log in
prompt-allow = Allow
prompt-sign = Sign
prompt-change = Change
prompt-go-on = Go on
prompt-seconds = { $seconds ->
    [one] One second left
   *[other] { $seconds } seconds left
}
prompt-at-reader = Type the PIN on the reader's keypad
prompt-can-place = The six digits printed on the card, usually on the front, at the bottom right.
prompt-last-try = This is the LAST try. If the PIN is wrong again, it is blocked.
prompt-spend-last-try = I understand, and want to spend the last try
prompt-remember-can = Remember the CAN on this computer
prompt-grant = The program may make up to { $signatures } signatures within { $seconds } seconds without asking again
prompt-remember-program = Allow that every time this program asks
prompt-meant-application = I compared the data with the person's document
prompt-meant-enrol = The names are right; put the certificates on the card
prompt-meant-overwrite = Overwrite the present certificates of the card
prompt-meant-lost = Suspend all that is on the card until I go to an officer
prompt-meant-revoke = Revoke the certificate FOR GOOD
prompt-fault-length = It takes { $shortest } to { $longest } characters. The card was not asked; no try was spent.
prompt-fault-character = It has no such character.
prompt-fault-differs = The two are not the same.
prompt-fault-repeats = Such a PIN is guessed first: one digit or group of digits comes again and again. Choose another.
prompt-fault-sequence = Such a PIN is guessed first: its digits follow each other. Choose another.
prompt-fault-tick = Tick above that you want it.
