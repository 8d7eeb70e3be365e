# The help of the command lichna.

help-heading-usage = Usage:
help-heading-commands = Commands
help-heading-arguments = Arguments
help-heading-options = Options

help-lichna = Log in with your identity card.
help-readers = Shows the card readers and what is in them
help-cards = Shows the cards
help-certs = Lists the certificates on the cards
help-cert = Shows one certificate, or writes it to a file
help-cert-show = Shows everything a certificate says
help-cert-export = Writes a certificate to a file or to the output
help-pin = Shows the state of the PINs, changes or unblocks one
help-pin-status = Shows the PINs and the tries left, without spending one
help-pin-change = Sets a new PIN for the old one
help-pin-unblock = Sets a new PIN with the PUK
help-login = Logs in to a server with the card and prints its answer
help-approve = Answers the requests of other programs, at a terminal
help-programs = Programs that you want to be asked less for
help-programs-list = Lists them
help-programs-forget = Forgets one of them, or all
help-browsers = Puts the card into browsers and other programs
help-browsers-setup = Puts Lichna's module into Firefox, Chromium and p11-kit
help-browsers-status = Shows where the module is, and where it cannot be
help-browsers-remove = Takes the module out again, and changes nothing else
help-profiles = Shows or checks the descriptions of card types
help-profiles-list = Lists the card descriptions and says which are not used, and why
help-profiles-check = Checks a card description
help-doctor = Says what stands between you and a login, and how to mend it
help-trace = Shows what is said to the cards: names, lengths and times, never contents
help-check = Checks whether the card is genuine
help-can = Deals with remembered CANs
help-can-forget = Forgets the remembered CAN of one card, or of all
help-practice-card = Practice cards: cards of software, for trying things without risk
help-practice-card-new = Makes a practice card and shows its codes once
help-practice-card-list = Lists the practice cards
help-practice-card-delete = Deletes a practice card for good
help-practice-card-insert = Puts a practice card in, as into a reader
help-practice-card-remove = Takes a practice card out
help-completions = Prints the completions for a shell
help-man = Prints the manual page, or writes one for each command to a folder

help-arg-json = Print the result as JSON, for programs
help-arg-help = Print this help
help-arg-version = Print the version
help-arg-reader = Name of the reader, as “lichna readers” shows it
help-arg-key = Name of the key, as “lichna certs” shows it
help-arg-pin = Name of the PIN, as “lichna pin status” shows it
help-arg-pin-stdin = Read the PINs from the standard input, each on a line of its own
help-arg-can-stdin = The first line of the standard input is the card's CAN (the six digits on it), before the lines of --pin-stdin; it is read even when the card does not want it
help-arg-number = Number of the card
help-arg-label = Name of the card, for you
help-arg-transport-pin = With a transport PIN of 5 digits, which is changed first, as on a new card
help-arg-pin-first = The card takes a PIN over the air before it knows the CAN, until the PIN is suspended
help-arg-administrator-key = File with the key for writing to the card; if it is not there, a key is made up and written to it
help-arg-passphrase = Lock the card's file with a passphrase, not with a key from this computer's key store
help-arg-passphrase-stdin = Read the passphrase from the standard input, on one line
help-arg-yes = Delete without asking
help-arg-face = Which side: “contactless” (the default) or “contact”
help-arg-vpcd = Port of a virtual reader (vpcd) on this computer, instead of a reader of Lichna's own
help-arg-url = Address of the server, beginning with https://
help-arg-ca = PEM file with CA certificates to trust for this login (may be repeated)
help-arg-prompt = Who asks for the PIN: “terminal” (this one) or “agent” (you answer with “lichna approve”)
help-arg-id = Number of the request; without it the requests are listed
help-arg-wait = Stay, and answer one request after the other as they come, until Ctrl-C; looks for new ones twice a second
help-arg-program = Path of the program, as “lichna programs list” shows it; without it all are meant
help-arg-system = For all users of the computer (as administrator): the policy of Firefox, and p11-kit
help-arg-root = What stands for /, for whoever makes an image of a system
help-arg-file = The TOML file
help-arg-format = “pem” (text, the default) or “der” (binary)
help-arg-output = The file to write; without it the standard output
help-arg-count = End after so many exchanges
help-arg-shell = “bash”, “elvish”, “fish”, “powershell” or “zsh”
help-arg-folder = The folder to write to; without it the page of lichna goes to the standard output

help-value-reader = NAME
help-value-key = NAME
help-value-pin = NAME
help-value-number = NUMBER
help-value-label = NAME
help-value-administrator-key = FILE
help-value-face = SIDE
help-value-vpcd = PORT
help-value-url = URL
help-value-ca = FILE
help-value-prompt = WHO
help-value-id = NUMBER
help-value-program = PATH
help-value-root = FOLDER
help-value-file = FILE
help-value-format = FORMAT
help-value-output = FILE
help-value-count = NUMBER
help-value-shell = SHELL
help-value-folder = FOLDER
help-value-command = COMMAND

help-exit-codes =
    Exit codes: 0 done, 1 something else, 2 wrong usage, 3 smart card service or reader, 4 card,
    5 wrong PIN, 6 PIN blocked or suspended, 7 refused, cancelled or not answered, 8 server, 9 agent,
    10 practice card or key store, 11 browser.
help-environment =
    LICHNA_HOME moves configuration, profiles, log and socket to one folder. LICHNA_LANGUAGE is bg or en.
