# The program itself: help, wrong usage, questions, files, durations, dates.

about = Count and exchange hours between cités, without a central operator
said = { $said }
arrow = { $why }: { $command }

mark-good = done:
mark-warn = warning:
mark-bad = no:
not-checked = Not checked: { $what }
mark-not-checked = not checked:

fail-title = Error { $code }
fail-cause = Technical detail: { $said }
cause-not-found = This path does not exist.
cause-rights = The rights are missing: this file or directory belongs to somebody else.
cause-read-only = The file system is read-only.
cause-full = The disk is full.
cause-too-large = A limit of the system forbids so large a file.
cause-directory = This is a directory, not a file.
cause-not-a-file = This is no file, but a pipe, a socket or a device.
cause-no-directory = A part of the path is not a directory.
cause-exists = This name is taken already.
cause-in-use = Another program is using it.
cause-not-text = This is not readable text.
cause-ends-early = The file ends too early.
cause-mistyped = A character is mistyped, or some are missing.
cause-settings-much = { $path }, line { $line }: this is too long, or there are too many.
cause-settings-key = { $path }, line { $line }: the key of a node has 64 hexadecimal digits.
cause-settings-address = { $path }, line { $line }: this is no address; write host:port.
cause-settings = { $path }, line { $line }: this is not in the form of a setting (name = value).
cause-settings-unknown = { $path }, line { $line }: “{ $name }” is no setting.
cause-anchor-empty = It names no cité.
cause-anchor-key = Line { $line }: not the key of a witness of this cité.
cause-anchor-cite = Line { $line }: the identity of the cité is mistyped.
cause-anchor-line = Line { $line }: neither a cité, nor a cité and the key of a witness.
cause-line = Line { $line }: it is not as the program writes it.
cause-open = Other accounts of this machine can read this file.
cause-other-log = A part of the ledger belongs to another ledger.
cause-record = Entry { $index } is damaged on the disk.
cause-proof = A signature or a proof does not hold.
cause-changed = The bytes are not those that were written.
cause-form = This is cut, damaged or of another sort.
cause-version = Another version of the program wrote this, or something else did.
cause-other-sort = This is an identity or a link of another sort.
cause-no-node = No node of this network answers at this address.
cause-other-node = Another node answers at this address.
cause-no-card = The text does not begin with pirate-card/1.
cause-proof-changed = The proof is cut or changed.
cause-proof-accuses-nobody = What it holds accuses nobody.
qr-without-colours = A QR code is only shown in colours, on a terminal; the text says the same.
qr-too-small = The QR code needs { $columns } columns and { $lines } lines: make the window larger, or write it to a file (-o card.svg).
cause-photo-format = It is neither PNG nor JPEG.
cause-photo-large = The picture has more than { $most } million pixels.
cause-photo-damaged = The picture is cut or damaged.
cause-photo-code = No QR code can be read on it.
cause-card-changed = The card is cut or changed.
cause-nobody = Nobody listens at this address.
cause-socket-long = This path is too long for the file of a node; the directory needs a shorter name.
cause-no-socket = Something else than the file of a node is at this path.
cause-cut = The connection was cut.
cause-late = The answer did not come in time.
cause-busy = Too many requests wait for this node already.
cause-blocked = Whoever runs this node has blocked that address on it.
cause-no-way = No network leads to this address.
cause-port = Another program listens at this port already.
cause-address = This address is not one of this machine.
cause-address-tcp = Only addresses over TCP will do: write host:port.
cause-address-port = The port is missing, from 0 to 65535: write host:port.
cause-address-form = Write host:port, for example 192.0.2.7:17890.
bug = This is a mistake of the program, not yours.
no-chance = This machine gives no random numbers; no key was made.

help-title = Pirate — count and exchange hours between cités, without a central operator.
help-everyday = Every day
help-begin = To begin with
help-trouble = When something is wrong
help-more = All commands: pirate help all · One of them: pirate help COMMAND
help-examples = Examples
help-arguments = Arguments
help-usage = Usage: { $usage }
help-globals = Options of all commands
help-globals-where = Options of all commands: pirate help all

welcome-create = Create my identity
welcome-restore = I already have an account, here are my recovery words
welcome-found = Found a cité
welcome-try = Try without risk
welcome-help = Help

usage-command = “{ $typed }” is not a command.
usage-flag = There is no option { $typed } here.
usage-extra = “{ $typed }” is one too many.
usage-value = “{ $typed }” does not fit { $arg }; possible values: { $accepted }.
usage-value-missing = A value is missing after { $arg }.
usage-missing = { $arg } is missing.
usage-incomplete = A word is missing after “{ $name }”: { $next }.
usage-conflict = { $arg } and { $prior } do not go together.
usage-bytes = An argument is not UTF-8 text.
usage-number = “{ $typed }” is not a whole number.
usage-number-between = “{ $typed }”: a whole number from { $least } to { $most } is wanted.
usage-other = This command cannot be understood.
usage-or = or
usage-meant = Did you mean { $meant }?

prompt-yes-no = [Y/n]
prompt-no-yes = [y/N]
prompt-line = { $question } ›
needs-answer = This command asks a question, and nobody is there to answer it: “{ $question }”
yes-answers = Add --yes, or answer in a terminal.
flag-answers = The option { $flag } answers instead, or answer in a terminal.
no-line = No answer could be read.
declined = Nothing was done: you answered no.

progress = { $what }… { $seconds } s
progress-percent = { $what }: { $percent } %, { $seconds } s

cannot-write = Cannot write { $path }.
unprinted-done = The command itself was carried out to its end. Do not run it again without looking first, for example with: pirate history
cannot-print = The result could not be written in full to standard output.
file-dry-run = Dry run: { $path } would have been written. Nothing was done.
file-dry-remove = Dry run: { $path } would have been erased.
cannot-read = Cannot read { $path }.
no-home = The home directory is unknown; give --home DIR.
profile-name = “{ $name }” cannot name an identity: letters without accents, digits, - and _ only, 64 at most.

amount-ambiguous = “{ $typed }”: minutes or hours? Write { $typed }min or { $typed }h.
amount-negative = “{ $typed }”: a duration is written without a sign.
amount-too-large = “{ $typed }” is more than can be counted.
amount-not-whole = “{ $typed }” is not a whole number of minutes. Write for example 1h20 or 80min.
amount-unreadable = “{ $typed }” is not a duration. Write for example 1h30, 90min or 1.5h.
date-unreadable = “{ $typed }” is not a date. Write for example 2026-11-23.
span-unreadable = “{ $typed }” is not a time span. Write for example 30s, 2h or 7d (ten years at most).
days-only = “{ $typed }” is not a number of days, from 1 to 3660. Requests and invitations end with a day: write for example 7d; for a request a date will do, 2026-11-30.

no-such-code = There is no code “{ $typed }”.
explain-todo = What to do
explain-exit = Exit code: { $exit }

label-code = Code
label-title = Title
