# Cités, members, federation, node, log: what stewards and operators read.
reading-log = Reading the log (safe to interrupt)
rebuilding = Rebuilding from the signed entries (safe to interrupt)
log-damaged = The log is damaged at entry { $leaf }.
log-damaged-nothing = Nothing was changed or deleted.
log-entry-refused = The rules refuse this entry (refusal { $number }).
log-not-founded = { $path } does not hold the log of its cité.
log-held = Another process works in this directory.
log-held-by = It is process { $process }.
disk-remote = { $path } is on another machine’s disk ({ $kind }); a node needs a disk of its own machine.
no-cite-here = No cité was founded in { $path }.
no-such-cite = There is no cité “{ $named }” here, or more than one has this name.
fix-other-home = Found another cité beside it
unknown = unknown
never = never
have-of = { $have } of { $of }
test-network = TEST NETWORK: these hours do not count.
network-real-named = real network “{ $name }”
network-test-named = test network “{ $name }”
nothing-signed = Dry run: nothing was signed.
rules-in-words = in steps of { $step }, from { $floor } to { $ceiling }, { $approvals ->
        [one] { $approvals } signature
       *[other] { $approvals } signatures
    } for a decision
who-number = member { $number }
who-id = { $id }
who-commons = the commons
of-number = of member { $number }
of-alias = of { $alias } ({ $id })
of-id = of { $id }
of-unreadable = of an unknown person
level-member = member
level-steward = steward
entry-line = { $leaf } · { $time } · { $says }
entry-found = { $name } ({ $place }) is founded, { $network }
entry-root-act = The root keys of the cité sign: { $act }
entry-act = { $by } signs: { $act }
entry-approve = { $by } approves act { $act }
entry-join = { $by } asks to join
entry-pay = { $by } gives { $minutes } to { $to }
entry-pay-asked = { $by } gives { $minutes } to { $to }, as requested
entry-export = { $by } gives { $minutes } to { $to } at { $cite } (message { $counter })
entry-import = { $to } receives { $minutes } from { $cite } (message { $counter })
entry-import-returned = { $minutes } from { $cite } (message { $counter }) sent back, refusal { $reason }
entry-return = { $cite } sends back our message { $counter }, refusal { $reason }
entry-acknowledge = Receipt given to { $cite }, up to its message { $counter }
entry-farewell = Last message to { $cite }: closed, all received up to its message { $counter } and nothing after
entry-parted = { $cite } is closed; it took nothing after our message { $counter }: those hours are given back
entry-acknowledged = { $cite } has received all up to our message { $counter }
entry-keys = New keys of { $cite }, named by its root keys
entry-resume = Ledger resumed ({ $incarnation }) behind { $base } entries, on the promise of { $fences ->
        [one] { $fences } witness
       *[other] { $fences } witnesses
    }
entry-inherited = Ledger resumed ({ $incarnation }) by its heirs behind { $base } entries, on the promise of { $fences ->
        [one] { $fences } witness
       *[other] { $fences } witnesses
    }
entry-seal = Seal { $seq } · certified by witnesses up to { $certified }
act-admit = admission { $who } ({ $level }), card from { $from } to { $until }, { $allowance } lent elsewhere at most
act-rules = rules, version { $version }: { $rules }
act-peer-open = account opened for { $cite }, line { $line }
act-line = line of { $cite }: { $line }
act-close = the cité is closed
act-heirs = { $count ->
        [one] one cité as heir
       *[other] { $count } cités as heirs, of whom { $need } sign together
    }
act-mirrors = witnesses: { $cites }
act-mirrors-none = no witness any more
log-nothing-fits = No entry fits.
log-end-unreadable = “{ $typed }” is neither the number of an entry nor a date. Write for example 4812 or 2026-11-23.
log-no-such-member = There is no member “{ $named }” in this log.
log-no-such-entry = There is no entry { $leaf }; the last one is { $last }.
log-no-such-order = Order { $order } is not in this log.
log-entry-unreadable = “{ $typed }” is neither the number of an entry nor an order (pord1…).
log-not-sealed = This entry is in no signed checkpoint yet; it was promised to nobody.
log-entry-title = Entry { $leaf }
proof-title = Proof
entry-path = Path of entry { $leaf } to the root of { $size } entries, from the bottom up:
proof-unsigned = This root is that of the last seal; the signed checkpoint: pirate cite show --note
proof-signed = Root signed by the cité and { $count ->
        [one] { $count } witness
       *[other] { $count } witnesses
    }:
label-entered = Entered
label-applications = Applications
applications-wait = { $count ->
        [one] One person waits to be admitted
       *[other] { $count } people wait to be admitted
    }
label-acts = Acts
acts-wait = { $count ->
        [one] One act waits for other stewards
       *[other] { $count } acts wait for other stewards
    }
next-acts = See the acts that wait
label-kind = Kind
label-order = Order
label-signed-by = Signed by
label-valid-until = Valid until
label-bytes = Bytes
label-leaf = Fingerprint
label-root = Root
found-needs-identity = Founding a cité needs an identity “{ $profile }”: yours, that of the first steward.
found-member-already = Identity “{ $profile }” is a member of { $name } already.
found-exists = There is a log or there are keys in { $path } already; nothing was touched.
found-exists-lost-disk = Founding again does not heal a lost cité: it would be another cité, without its members and hours.
found-words-not-kept = The recovery words of the cité must be shown: that takes a terminal, or a file to write them to.
found-begin = Found a cité: 5 questions, 1 minute. Ctrl-C: nothing is written.
found-ask-name = 1/5 Name?
found-ask-place = 2/5 Town?
found-ask-step = 3/5 Smallest time that is counted? (15min)
found-ask-limits = 4/5 Balances allowed for a member? (-20h,+40h)
found-ask-approvals = 5/5 Stewards’ signatures for a decision? (1)
found-name-empty = A name is needed.
found-bad-slug = “{ $typed }” cannot be a short address: small letters without accents, digits, hyphens, { $most } at most. Choose with --slug.
found-bad-network = “{ $typed }” cannot name a network: small letters without accents, digits, hyphens, 32 at most.
found-bad-rules = These rules are not possible.
found-bad-rules-bounds = The smallest time goes from 1 min to 1 h; a limit goes up to { $most }.
found-limits-not-steps = The balances allowed must be multiples of { $step }.
found-limits-unreadable = “{ $typed }”: write both balances, for example -20h,+40h.
found-ceiling-below = “{ $typed }”: the highest balance is not below zero.
found-approvals-unreadable = “{ $typed }”: write a number from 1 to 9.
found-title = A new cité
found-changes = What happens: a log begins here; you are its member 1 and its first steward.
found-undo = Name, town, network and short address never change; this version does not change the rules either.
found-confirm = Create?
found-dry-run = Dry run: the cité would have been founded. Nothing was written.
found-words = The 12 recovery words of the cité. Write them on paper, away from this machine.
found-words-not-known-back = The words were not recognised; nothing was founded.
found-done = Cité founded: { $name }. First entry signed { $time }
found-you = member 1, steward
found-no-wallet = Your wallet could not be written ({ $why })
found-next-words = Copy the words in { $path } to paper, then delete that file
found-next-run = Run the node
found-next-invite = Invite members
next-restore = Bring back a steward here, from the recovery words, then join the cité (pirate join)
found-next-ally = Join other cités
found-next-disk = Until an allied cité holds a copy, this disk is the only one with the log.
cite-title = { $name } ({ $place })
cite-and-place = { $name } ({ $place }, { $slug })
cite-on-network = { $name } · { $network }
members-and-stewards = { $members }, { $stewards ->
        [one] { $stewards } steward
       *[other] { $stewards } stewards
    } among them
witnesses-none = none
peers-title = With the other cités
invitation-for-cites = For other cités (pirate federation join):
note-needs-node = The signed checkpoint is not on this disk; the node gives it.
read-directly = Reading the log directly (node stopped or away, data { $age } old)
age-minutes = { $count } min
age-seconds = { $count } s
age-hours = { $count } h
age-days = { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
label-network = Network
label-cite = Cité
label-place = Town
label-slug = Short address
label-rules = Rules
label-cite-id = Identity
label-you = You
label-members = Members
label-entries = Entries
label-committed = Committed
label-witnesses = Witnesses
label-log-key = Log key
label-mirror-key = Mirror key
label-balance = Balance
label-line = Line
label-open = On the way
label-waiting = Since
act-waits = { $act }: signed, { $left ->
        [one] { $left } more signature is needed
       *[other] { $left } more signatures are needed
    }
next-approve = The other stewards approve it
label-act = Act
label-proposed-by = Proposed by
label-approvals = Signatures
label-until = Until
label-no = No.
acts-none = No act waits.
no-such-act = There is no pending act “{ $typed }”.
approve-already = You signed this act already; it waits for the others.
approve-undo = A signature cannot be taken back; a contrary act can follow.
approve-by-identity = With --yes nobody sees which act is signed: name it by its identity (pord1…), which --list shows.
approve-confirm = Sign?
approve-in-force = Signed. The act is in force.
approve-waits = Signed; { $left ->
        [one] { $left } more signature is needed
       *[other] { $left } more signatures are needed
    }.
invite-dry-run = Dry run: an invitation until { $until } would have been made.
invite-done = Invitation to { $cite }, for { $uses ->
        [one] { $uses } person
       *[other] { $uses } people
    }, until { $until }:
invite-no-address = The node knows no address at which it is reached
invite-next = The invited person types
next-applications = See who waits
next-admit = Admit
application-proposed = The admission of { $alias } is proposed already: signatures are missing.
applicant-waits = to decide
applicant-proposed = proposed, to sign
application-proposed-why = Whoever is against this admission does not sign it: without enough signatures it lapses within thirty days.
act-proposed = This is proposed already, and signatures are missing: { $what }.
act-proposed-why = What waits is signed, or lapses within thirty days; then something else may be proposed.
applications-none = Nobody waits.
application-none = Nobody of this name waits: “{ $typed }”.
application-two = More than one “{ $typed }” waits; give the beginning of the identity (pmemb1…).
decline-means = The application is erased, and the person learns it when they ask how far it is; nothing goes into the log. A new invitation lets the person ask again.
decline-dry = Dry run: the application would have been erased.
decline-confirm = Decline this application?
decline-done = Application of { $alias } declined and erased
erase-goes = Destroyed here: the name, the texts of this person's payments and requests, the letters. What this person would write from now on is no longer kept.
erase-asks = The same is asked of: { $cites }
erase-stays = What stays in the ledger, which cannot be erased: the number, the hours, their dates, the public keys, and so the balance. The words that others wrote when they paid this person stay, too.
erase-copies = Backups made by pirate hold neither names nor texts. A copy of the disk made otherwise keeps them until it is destroyed, and so does each person's own device.
erase-for-good = An erasure cannot be undone.
erase-confirm = Erase the name and texts of this person?
erase-dry = Dry run: nothing was erased.
erase-done = Erased here: { $who }
erase-under-way = Being erased here: { $who }. It goes on by itself, also after a stop.
erase-all-told = No other cité still has to answer.
erase-waits = Have not answered yet: { $cites }. The node asks again by itself.
erase-next = See how far it has come
admit-who-or-all = Give a name, or --all, but not both.
admit-who = { $alias } · { $member }
admit-steward = A steward signs for the cité.
admit-undo = An admission cannot be undone; the card ends on its day.
admit-confirm = Admit { $count ->
        [one] this person
       *[other] these { $count } people
    }?
admit-done = { $alias } admitted
admit-proposed = Admission of { $alias }
admit-stopped-at = Stopped at { $alias }; what was signed before stands.
admit-card-past = The card would end on { $until }, which is past.
label-name = Name
label-level = Role
label-card-until = Card
label-last-move = Last exchange
label-member-id = Identity
label-since = Since
invitation-unreadable = This text is not an invitation (pinv1…), or it was copied wrongly.
invitation-own = This is the invitation of your own cité.
invitation-no-address = This invitation does not say where to reach the cité.
other-network = That is network “{ $there }”; this cité is of network “{ $here }”.
other-network-why = A cité stays in the network in which it was founded; a test network and a real one never mix.
join-admits = That invitation admits a person; between cités the one of this command is enough, run by the other
join-we-will = We will hold their checkpoints and show ours. Members’ names are never sent.
join-confirm = Are the six words those of the poster or the site?
joining-network = First contact
join-done = Network joined; { $count ->
        [one] { $count } cité known
       *[other] { $count } cités known
    }.
join-not-yet = Addresses kept, but the cité does not answer yet; the node goes on trying.
next-federation-list = The cités known
next-federation-join = Get to know one
next-ally = Ally with a cité
cites-none = The node knows no other cité yet.
agreement-none = none
agreement-ended = ended: one is closed
agreement-both = both sides
agreement-ours = our side
connected-now = connected
not-connected = not connected
balance-sign = Positive balance: we owe them; negative: they owe us.
label-agreement = Agreement
label-certified = Certified
label-seen = Seen
label-ally = With
ally-oneself = A cité does not ally with itself.
ally-ask-line = How much may it owe us at most? ({ $usual }; between cités that trade: 50 h to 150 h)
ally-line-means = The line is the most that this cité may owe us; it is also the most that we can lose.
ally-mirror-means = It becomes a witness: it keeps a copy of our log, without names, and checks it.
ally-mirror-ends = It is a witness no more: it confirms nothing of our log once the others have confirmed that.
ally-mirrors-full = There are { $most } witnesses already; this one will not be.
ally-undo = The line can be lowered at any time; it falls to 0 after a year without renewal.
ally-confirm = Sign?
ally-opened = Account opened for { $cite }, line { $line }
ally-line = Line of { $cite } changed: { $before } → { $line }
ally-renewed = Line of { $cite } renewed: { $line }, for a year
ally-unchanged = Nothing to change: { $cite } has an account here already, line { $line }, until { $until }. Nothing was signed.
ally-mirror-done = { $cite } is chosen as a witness
ally-mirror-ended = { $cite } is a witness no more, once the others have confirmed it
ally-no-witness = The account is open, but not the witness ({ $why }) Try again later
ally-next = The other cité does the same; follow it
address-unreadable = “{ $typed }” is not an address. Write for example 0.0.0.0:17890.
settings-wrong = A setting is wrong.
node-dry-run = Dry run: the node of { $path } would have been started.
node-port-moved = Port { $usual } is taken; the node listens on { $port }.
node-ready = Node running · { $cite }
node-stopping = Stopping.
node-stopped-cleanly = The node stopped cleanly.
node-already = Running already: process { $process }, since { $since }; this command changed nothing.
next-node-status = Its state
node-real-clock = The clock can be set on a test network only.
node-keys = The keys of the node ({ $path }) cannot be read.
node-ports-taken = The ports { $first } to { $last } are all taken.
node-cannot-listen = The node cannot listen at { $address }.
node-network = The node cannot listen.
node-socket = The local socket { $path } cannot be opened.
node-keys-other = The keys in { $path } are not those of this ledger.
node-keys-other-why = They come from elsewhere, or a recovery was cut off: running it again is enough.
node-index-unopened = The index can neither be read nor made anew; the ledger itself has nothing to do with it, and the node signed nothing.
node-log-unopened = The log cannot be opened; the node signed nothing.
node-stopped-at-once = Stopped at once by a second signal; what was acknowledged is kept.
node-ended = The node ended by itself; what was acknowledged is kept. Start it again.
node-stopped = The node is stopped.
node-not-running = stopped
node-running = running since { $since } · { $peers ->
        [one] { $peers } peer
       *[other] { $peers } peers
    }
node-runs = Node running since { $since }, version { $version }
label-listening = Listens on
label-socket = Local socket
label-peers = Peers
label-copy = Copy
label-disk = Disk
label-last-entry = Last
label-node = Node
label-address = Address
copy-of = { $cite }, { $size ->
        [one] { $size } entry
       *[other] { $size } entries
    }
free-megabytes = { $free } MB free
peers-none = The node talks to nobody at present.
rebuild-node-runs = Stop the node first, or only check.
rebuild-no-mending = An index is made again from the ledger; a damaged ledger is not. Keep the whole folder: a ledger is recovered from its witnesses (pirate node recover).
rebuild-done = Index rebuilt: { $entries ->
        [one] { $entries } entry verified
       *[other] { $entries } entries verified
    }.
rebuild-next = Run the node again
check-entries = { $entries ->
        [one] { $entries } entry verified
       *[other] { $entries } entries verified
    }: signatures, rules, seals
check-sum = Sum of balances: 0 h 00 min
check-index = The index fits
check-certified = The log holds what the witnesses certified ({ $size })
check-no-certificate = no certificate by witnesses yet
guard-unreadable = what tells, the file guard, is missing or damaged
guard-copied = copied or restored since, perhaps from another machine
guard-of-other = the file guard is that of another ledger
guard-above = { $signed ->
        [one] { $signed } entry was signed
       *[other] { $signed } entries were signed
    }, it holds fewer
guard-branch = its first { $signed } entries are not those that were signed
log-lost-entries = The log is shorter than what this machine signed, or no longer the same.
check-guard = It is the log that this machine signed last
format-later = The node’s folder { $path } was written by another version of pirate.
format-numbers = It is kept in form { $found }; this program knows form { $known }.
log-unreadable = The ledger in { $path } is damaged. Erase nothing.
check-guard-not = It is not the log that this machine signed last: it will sign nothing ({ $said })
log-shown = The key of this cité signed a ledger of { $size ->
        [one] one entry
       *[other] { $size } entries
    } elsewhere that differs from the one here: an ally showed it. The node will sign nothing
backup-writing = Writing the backup
backup-written = { $entries ->
        [one] { $entries } entry saved and checked
       *[other] { $entries } entries saved and checked
    }: { $file }
backup-made-today = Already made today, and good ({ $entries ->
        [one] { $entries } entry
       *[other] { $entries } entries
    }): { $file }
backup-holds = Names, texts and waiting letters are not in it, nor the node’s keys.
backup-check-it = Check it, any time
backup-good = { $entries ->
        [one] { $entries } entry, every one verified
       *[other] { $entries } entries, every one verified
    }: { $file }
backup-dry-today = Dry run: today’s backup is there already, { $file }; it would have been checked.
backup-exists = There is a file already: { $path }
backup-damaged = No good backup: { $path }
backup-lives-here = There is a ledger in { $path } already; a restore overwrites none.
backup-dry-run = It could be restored here; nothing was made.
backup-restored = { $entries ->
        [one] { $entries } entry restored
       *[other] { $entries } entries restored
    }
backup-signs-nothing = It can be read and signs nothing. If the old machine is lost, take the ledger up again; never run two.
backup-next-recover = Take it up again, with the 12 words of the cité
label-key-files = Key files
label-made = Made
label-kept = Kept
scrubbing = Reading everything that is kept (safe to interrupt)
scrub-own = The ledger here
scrub-copy = The copy of { $cite }
scrub-entries = { $of }: { $records ->
        [one] { $records } entry read
       *[other] { $records } entries read
    }, as signed up to { $proven }
scrub-proofs = { $of }: { $records ->
        [one] { $records } proof of an import read
       *[other] { $records } proofs of imports read
    }
scrub-read = { $kb } kB
scrub-mended = { $files ->
        [0] Nothing had to be mended
        [one] { $files } damaged file written anew
       *[other] { $files } damaged files written anew
    }
scrub-last = { $at }, { $records } entries and proofs{ $mended ->
        [0] {""}
        [one] , { $mended } file mended
       *[other] , { $mended } files mended
    }
scrub-found = { $flaws ->
        [one] { $flaws } place
       *[other] { $flaws } places
    } on the disk no longer as written.
imports-wait = No hours come in from elsewhere: proofs of earlier ones are damaged, and there is no room to put those aside. Empty the folder “damaged” of the node, or make room on the disk; it goes on by itself.
scrub-do-repair = Mend it with what others hold
scrub-do = Recover it from its witnesses, with the node stopped
scrub-do-start = Start the node, which fetches them from others
scrub-do-rebuild = The entries are good: make the index again, with the node stopped
label-read = Read
flaw-header = { $file } does not begin as it was written
flaw-record = { $file }: entry { $from } is damaged
flaw-records = { $file }: entries { $from } to { $last } are damaged
flaw-records-open = { $file }: damaged from entry { $from } on
flaw-table = { $file }: the table at the end is damaged
flaw-stray = { $file }: { $bytes ->
        [one] { $bytes } byte
       *[other] { $bytes } bytes
    } behind the last good entry: cut off by a crash, or damaged
flaw-short = { $len ->
        [one] { $len } entry is here
       *[other] { $len } entries are here
    }; { $least } were signed
flaw-proofs-short = { $len ->
        [one] { $len } proof is here
       *[other] { $len } proofs are here
    }; { $least } entries from elsewhere need one
flaw-root = The first { $size } entries are not the ones that were signed
flaw-tree = The index of fingerprints is damaged; the entries are not
flaw-word = The file that says what was vouched for is damaged
migrate-nothing = Data in form { $format }, the one that this program writes: nothing to change
migrate-read = { $entries } entries decided anew by this program, and none that does not follow (copies of allies: { $copies })
migrate-copy = It is the copy of the ledger of an ally, { $cite }.
migrate-sum = The accounts do not sum to zero.
migrate-backup = Before you replace a program, a backup
check-do = See what is damaged
check-do-recover = Go on with what the witnesses hold
disk-nearly-full = { $free } MB left. The node stops writing at { $least } MB and loses nothing.
copy-refills = The copy of the ledger of { $cite } was damaged: it is fetched anew from others, { $here } entries of { $of }. Until then this node vouches for nothing there.
copy-wordless = What this node vouched for in the ledger of { $cite } is not known any more: it vouches for nothing there. It needs new keys, with the node stopped and node/ put aside:
copy-closed = The copy of the ledger of { $cite } is closed: the disk refused a write. Make room, or restart the node.
two-histories = { $cite } signed two ledgers. Exchanges are suspended, the proof is kept.
clock-ahead = The clock is { $by } ahead of most of the allies that answer ({ $count }). The node records nothing until it is right: one entry too far in the future would stop the ledger. If it is they who are wrong: pirate node clock --is-right
clock-jumped = The clock shows { $now }; the node followed it until { $trusted }, and no ally can confirm the jump. It records nothing. If it is wrong, set it; if it is right, say so:
clock-ahead-of = The clock is { $by } ahead of the allies’ ({ $count }).
clock-behind = The clock is { $by } behind the allies’ ({ $count }).
clock-behind-log = The clock is { $by } behind the last entry ({ $last }). Until it has caught up, all entries carry the time of that one.
clock-agrees = agrees with the allies’ ({ $count })
clock-not-compared = with no ally so far
clock-word-taken = Noted: the clock is right.
label-clock = Clock
label-clock-allies = Compared
nobody-connected = No witness can be reached at present; local life goes on.
hours-waiting = { $minutes } wait for { $cite } since { $since }.
label-identity = Identity
label-member = Member
label-ledger = Ledger
member-number-of = { $number } at { $cite }
member-of = at { $cite }
member-applied = asked to join { $cite }
member-declined = application declined by { $cite }
entries-until = { $entries ->
        [one] { $entries } entry
       *[other] { $entries } entries
    }, the last on { $time }
next-balance = My balance
label-here = Here
label-incarnation = Recovery no.
label-promises = Promises
recover-words = The 12 words of the cité are needed, written down at its founding (not those of a person).
close-title = Close the cité
close-means = Nobody pays or decides anything there any more. What still comes from elsewhere goes back to whoever sent it. Balances stay written as they are.
close-allies = Each ally gets a last message, as soon as it is known what became of the hours that left for it: at the latest a day after they arrived. What this log never took in is then given back to whoever paid it.
close-for-good = This is for good. Nothing opens a closed cité again.
close-keep-running = Keep the node running until all allies have that message.
close-confirm = Close this cité?
close-done = { $cite } is closed.
close-said = The last message is written for every ally. Keep the node running for another day, so that all of them take it.
close-waits = It is not known yet what became of hours that left for: { $cites }
close-next = See how far it is
close-next-bundle = Keep the whole log in one file
label-heirs = Heirs
label-heirs-sign = Sign together
heirs-none = This cité has no heirs. If its words were lost with its machine, nobody could go on with it.
heirs-next = Name allied cités
heirs-means = If the cité is silent for good, they go on with its ledger together, with all its hours, and may close it. The witnesses wait for thirty days of silence first. They cannot move an hour in a member’s place.
heirs-trust = Choose cités that would not cheat together.
heirs-confirm = Name these heirs?
heirs-inherited = Its heirs have taken this cité up.
heirs-board = The cité “{ $cite }” has several root keys; this version does not name it as an heir.
heirs-how-many = Name one to five cités, each once, and let as many sign together as there are at most.
petition-title = Take up a cité that is silent
petition-words = The 12 words of the cité that inherits are needed, noted at its founding.
petition-other-words = These words are those of none of the heirs.
petition-count = { $have } of { $need }
petition-means = The node that made this petition will go on with the cité’s ledger, with new keys, when enough heirs have signed and the witnesses have watched thirty days of silence.
petition-look = Sign only after trying to reach the cité, and after talking with whoever made this petition.
petition-confirm = Sign this petition?
petition-signed = Signed: { $have } of { $need }.
petition-next = Pass the file to another heir, who signs it
petition-enough = There are enough. Give the file back to whoever made the petition
petition-unreadable = { $path } is not a petition.
petition-forged = This petition does not hold: the root keys did not name these heirs, or a signature is wrong.
label-signatures = Signatures
inherit-how = Give the petition (--petition); to make it, also the cité and the invitation of one of its witnesses (--via).
inherit-place-taken = There is a node here already, or { $path } exists already. Use a fresh profile and a new file.
inherit-no-will = The ally that was asked does not know that “{ $cite }” named heirs. Ask another of its witnesses.
inherit-begun = Petition written: { $path }. { $need } heirs must sign it.
inherit-next-sign = Each heir signs it, with the words of its cité
inherit-next-finish = Then, here
inherit-too-few = Signed by { $have ->
        [one] one heir
       *[other] { $have } heirs
    }, and { $need } are needed.
inherit-other-keys = This petition was not made here.
inherit-done = All is ready to take up { $cite }.
inherit-waits = The node must keep running. It waits until the witnesses have watched thirty days of silence; one sign of life of the cité, and they count from the beginning.
recover-title = Recover the ledger
recover-here = { $entries ->
        [one] { $entries } entry
       *[other] { $entries } entries
    }
recover-nothing-here = nothing: the disk is lost or empty
recover-keys = The root keys of the cité name new keys for this node. The old ones are erased here and are worth nothing any more.
recover-witnesses = Once it runs, the node fetches from the witnesses what is missing, and asks them never to confirm the old ledger again. When enough of them have promised, it signs again. Without any witness, it goes on alone with what is here.
recover-old-machine = The old machine, and any copy of its folder, must never be started again.
recover-gone = What the witnesses never had is lost with the disk: names, texts, waiting letters and requests. Without any witness, so is the ledger.
recover-confirm = Recover this ledger?
recover-dry-run = Dry run: nothing was written.
recover-done = All is ready to recover { $cite }.
recover-next-run = Start the node; it recovers by itself
recover-next-bootstrap = Start the node, and say which ally to call
recover-next-status = Watch it recover
recover-healthy = Nothing to recover as far as this machine knows: this is the ledger that it signed last. If an ally holds more of it (P0206) it cannot know: then choose --rolled-back.
fix-keys-stolen = If the node’s keys were stolen
fix-rolled-back = If witnesses hold more (P0206): the whole machine was set back to an older state
recover-threshold = This cité asks for { $need } root keys together; this version signs with one only.
recover-node-runs = Stop the node first.
recover-damaged = To fetch all of it from the witnesses, put the folder “log” aside (do not erase it), then try again.
recover-no-record = Nothing here says which cité to recover. An ally knows: give its invitation.
recover-other-words = These words are not those of the cité to recover.
recover-other-words-via = Or that node does not know it: ask another ally.
recover-not-a-record = { $path } is no founding record.
recover-record-how = On a machine of an ally that keeps the copy: pirate log show 0 --cite ADDRESS --raw > FILE
recover-asking = Asking the ally…
recovering-nothing-yet = Recovering: nothing has come from the witnesses yet. The node signs nothing.
recovering-fetching = Recovering: { $here } entries of { $held }. The node signs nothing.
recovering-unsigned = Recovering: of { $here } entries that came, { $signed } are signed and have witnesses. The log does not go on from the others; they are dropped after a minute unless somebody completes them. The node signs nothing.
recovering-promises = Recovering: { $have ->
        [one] one promise
       *[other] { $have } promises
    } of witnesses of { $need }. The node signs nothing.
recovering-silent = Witnesses that cannot be reached: { $names }
recovering-heirs-wait = { $days ->
        [one] The cité must be silent for one more day before its heirs can go on with it.
       *[other] The cité must be silent for { $days } more days before its heirs can go on with it.
    }
recovering-refused = Witnesses that said no: { $names }. They have promised to other keys, perhaps of an earlier recovery: run it again.
recovering-no-place = The witnesses hold another ledger than the one here. The one here must be put aside, and all { $count } places of node/damaged/ are taken: remove what was looked at there; the node then goes on by itself.
recovering-certified = The witnesses hold another ledger than the one here, of which they had confirmed { $size ->
        [one] one entry
       *[other] { $size } entries
    }: nothing that is confirmed is given up here. Keep all of it as proof: with the node stopped, put node/ aside, then recover from an ally:
given-up = { $lost ->
        [one] After the first { $from } entries, one stood in this ledger alone. It was replaced
       *[other] After the first { $from } entries, { $lost } stood in this ledger alone. They were replaced
    } by what the witnesses hold. The ledger of before is in node/{ $aside }
recovering-prepared = A recovery is ready; the node carries it out once it runs.
