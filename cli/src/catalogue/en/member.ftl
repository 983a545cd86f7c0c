# What members do: join, ask, pay, read again; refusals of the rules; answers of the node.

unknown-value = unknown

refusal-unknown = The rules refuse this order (reason { $number }, unknown to this version).
refusal-network = This order is for another network.
refusal-home = This order is for another cité: { $cite }.
refusal-author = This cité does not know this member (yet): { $member }.
refusal-epoch = The keys of this account were replaced (set { $current } is in force); these no longer sign.
refusal-lane = This device ({ $lane }) is not one of the account’s.
refusal-signature = The signature is not that of the account’s device.
refusal-taken = This device already gave another order number { $seq }.
refusal-gap = An order of this device is missing before this one; number { $next } is expected next.
refusal-prev = This order follows another one than the last of this device.
refusal-date = The order was good until { $until }; today is { $today }.
refusal-far = The order would be good for too long; until { $latest } at the latest.
refusal-head = The order was signed on another history of the ledger, or one too old ({ $size } entries).
refusal-join-alone = An application to join is only taken inside an admission.
refusal-malformed = The node could not read this order, or does not know its kind.
refusal-founding = The cité is not founded yet.
refusal-recorded = This order is already recorded, as entry { $leaf }.

refusal-zero = Nothing would be paid: give a duration.
refusal-step = The cité counts in steps of { $step }.
refusal-too-much = One payment carries { $max } at most.
refusal-oneself = Nobody pays themselves.
refusal-payee = There is no such account in this cité. Nothing was sent.
refusal-floor = You are { $missing } short: your balance would go to { $after }, the lowest allowed is { $floor }.
refusal-ceiling = { $excess } too much: the balance of the person paid would go to { $after }, the highest allowed is { $ceiling }.
refusal-overflow = No account can hold this sum.

refusal-request-malformed = The request inside cannot be read.
refusal-request-signature = The request was not signed by the person who would be paid.
refusal-request-mismatch = The request asks somebody else, or for something else.
refusal-request-expired = The request was good until { $until }; today is { $today }. Nothing was paid.
refusal-request-used = This request was already paid.
refusal-request-long = The request is good for too long; until { $latest } at the latest.

refusal-closed = This cité is closed: nothing is recorded there any more.
refusal-root-only = Only the root keys can do this.
refusal-ended = Nothing passes between these two cités any more: one is closed ({ $cite }).
refusal-not-closed = The last message is said by a cité that is closed, and this one is not.
refusal-still-open = It is not known yet what became of all transfers: { $open } under way.
refusal-peer = Your cité has no account open for this cité: { $cite }.
refusal-open = Too many transfers to that cité are still on their way ({ $open }).
refusal-deficit = Your cité would owe others { $after }; it allows itself { $max } at most.
refusal-line = The other cité would go to { $after }; the line ends at { $line }.
refusal-not-opened = The other cité has not opened an account for yours yet: { $cite }.
refusal-turn = A message out of turn; number { $expected } is expected.
refusal-destination = A message for another cité.
refusal-transfer = A return of a transfer that is not on its way (number { $counter }).
refusal-nothing-to-acknowledge = Nothing to acknowledge.
refusal-received = The other cité says that it received more than the { $sent } messages sent.

refusal-steward = Only a steward of the cité can sign this.
refusal-act = No such act is waiting.
refusal-approved = You already approved this act.
refusal-pending = Too many acts are waiting already ({ $pending }).
refusal-rules-version = New rules must carry number { $next }.
refusal-member = This person is already a member, number { $number }.
refusal-not-a-join = The application is not one to join this cité.
refusal-join-signature = The application is not signed by the person’s device.
refusal-join-date = The application was good until { $until }; today is { $today }.
refusal-card-term = A card is good for one day at least and { $days } days at most.
refusal-peer-exists = An account is already open for this cité: { $cite }.
refusal-own-neighbour = A cité cannot be its own ally or its own witness.
refusal-peer-network = That cité is of another network.
refusal-peer-founding = The founding record of that cité does not hold.
refusal-peers = Too many cités have an account here already ({ $max } at most).
refusal-mirror-key = The key of this witness is not acceptable: { $cite }.
refusal-line-high = No line is ever above { $max }.
refusal-mirrors-pending = A change of witnesses is under way that can no longer be replaced. Wait until it is done.
refusal-root-seq = The next act of the root keys carries number { $next }.
refusal-root-late = The root keys act this way only at founding.
refusal-root-signature = Signatures of the root keys are missing, or one is wrong.
refusal-rules-same = These rules are in force already.
refusal-join-rules = The person accepts rules that were never in force (today: version { $current }).
refusal-members = The ledger already has { $max } members; it holds no more.
refusal-resume-keys = The root keys did not name the keys of this resumption.
refusal-resume-incarnation = The ledger is at resumption { $current } already; a new one has a larger number.
refusal-resume-base = A resumption stands right behind the last seal, here { $size } entries.
refusal-fences-missing = Only { $have ->
        [one] { $have } witness
       *[other] { $have } witnesses
    } promised to leave the old ledger as it is; { $need } are needed.
refusal-fence-stranger = The cité { $cite } is no witness of this ledger, or promises something else.
refusal-fence-signature = The promise of the witness { $cite } is not signed as it must be.
refusal-fence-ahead = The witness { $cite } holds { $size } entries, more than this resumption keeps, or another history.
refusal-resume-certificate = The resumption does not show the newest certificate that its witnesses know.
refusal-keys-known = The keys of that cité are known already, up to its resumption { $current }.
refusal-resume-named = The resumption does not show the certificate that the seal under its base names, of { $size } entries.
refusal-heirs-known = These are its heirs already.
refusal-heir-key = The key of heir number { $place } is not acceptable.
refusal-heir-oneself = Heir number { $place } is the cité itself: its words would be lost with it.
refusal-not-the-heirs = Those who go on with this ledger are not its heirs, or not any more.
refusal-heirs-unwatched = Heirs go on only with a ledger that has witnesses: nobody else sees that a cité is silent.

reply-busy = The node has too much to do to answer now.
reply-waking = The node has only just started: before it signs it asks its witnesses whether they hold more (ten seconds at most).
reply-home-unreachable = The node of the cité cannot be reached from here.
reply-restored = The node of the cité is an older image: it signs nothing any more and does not answer everything. Whoever runs it can recover it: pirate node recover.
wallet-home-older = The node of the cité knows less of this account than it told: it is an older image. Nothing that it says is believed; what is shown is what it answered before.
reply-recovering = The node of the cité is recovering its ledger from its witnesses; meanwhile it records nothing.
reply-cannot-write = The node can no longer write to its disk; it records nothing.
reply-disk-full = The node’s disk is nearly full; it records nothing.
reply-clock = The node of the cité does not believe its clock: it records nothing until it is right.
reply-malformed = The node did not understand the question.
reply-unexpected = The node’s answer is not one to this question.
reply-no-card = You have no card that holds today.
reply-not-you = The node does not know this key for this account.
reply-stewards-only = Only for stewards of the cité.
reply-local-only = This can only be asked on the machine of the node.
reply-applied = The application waits for the answer of a steward.
reply-join-declined = A steward declined this application.
reply-admission-proposed = A steward proposed this admission meanwhile: it can no longer be declined.
reply-invitation = The invitation is unknown, used up or out of date.
reply-mailbox-full = The mailbox is full, or this person has enough of your requests waiting.
reply-not-a-witness = This node is no witness of that cité: it can do nothing for this order.
reply-complaints-full = This witness keeps as many complaints as it can already, of yours or about that cité.
reply-test-only = This exists only on a test network.
reply-no-cite = There is no cité at this node.
reply-nobody = No node answers at { $place }.
reply-late = No answer from { $place } in time.
reply-other-node = Another node than your cité’s answers at { $place }.
reply-other-key = Its key: { $key }
reply-others-too = { $count ->
        [one] One other known node was tried, in vain.
       *[other] { $count } other known nodes were tried, in vain.
    }
desk-through = The node of { $cite } does not answer at its address. That of { $slug } passes your messages on, and sees them pass.
reply-proof = The proof given by the node does not hold: { $part }.
reply-not-kept = Do not rely on it, and tell a steward of your cité.
proof-founding = the founding record
proof-checkpoint = the signature of the ledger
proof-entry = the entry is not your order
receipt-path = the path to the signed ledger
offline-asked = This command needs the node, and --offline forbids it.
node-own-only = This command asks the node of this machine only: --node must be the path of its socket, not “{ $typed }”.
node-asks-nobody = This command asks no node: --node { $typed } changes nothing in it.
node-address = “{ $typed }” is neither a socket file, nor HOST:PORT, nor KEY@HOST:PORT.
fix-run-node = Start the node of this machine
fix-moved = If the node of the cité has another address now, with a new invitation
fix-more-time = Give more time
fix-through-node = Go through it, if it is the one you mean

wallet-none = You are not a member of any cité under the identity “{ $profile }”.
wallet-damaged = The wallet { $path } is damaged or of another version.
wallet-busy = Another pirate command is using this wallet.
wallet-not-admitted = { $cite } has not admitted you yet. A steward must accept your application.
wallet-declined = A steward of { $cite } declined your application. Nothing went to the ledger.
wallet-no-application = { $cite } has no application of yours: it ended without an answer, or never arrived.
wallet-apply-again = To make it again, you need another invitation.
wallet-device = This device is not one of your account’s in the ledger of { $cite }.
fix-join = Join a cité
fix-found = Found one

signing-real = real network
signing-test = TEST NETWORK
warn-test-network = Test network: these hours do not count.

label-term = Valid
outbox-sent = Order signed earlier, recorded now: { $what }.
outbox-refused = Order signed earlier, refused: { $what }. { $why }
outbox-expired = Order signed earlier, never recorded and out of date since { $until }: { $what }. Nothing was counted.
device-clock = The clock of this device is wrong: it shows { $here }, and the cité’s { $there }.
outbox-still = { $count ->
        [one] One signed order still waits to be recorded.
       *[other] { $count } signed orders still wait to be recorded.
    }
orders-gone = { $count ->
        [one] The ledger of your cité was taken up again from its witnesses: your last order, recorded (✓) but not yet confirmed by them, is not in it any more. See what still counts, and sign again what is missing.
       *[other] The ledger of your cité was taken up again from its witnesses: your last { $count } orders, recorded (✓) but not yet confirmed by them, are not in it any more. See what still counts, and sign again what is missing.
    }
outbox-anew = { $count ->
        [one] An order signed earlier cannot be recorded as it stands: it is signed anew in its place. It will never count twice.
       *[other] { $count } orders signed earlier cannot be recorded as they stand: they are signed anew in their places. None will ever count twice.
    }
order-waits = The order is signed and kept here; it is not recorded yet.
order-waits-why = The next command sends it again as it is, until { $until }. It will never count twice.
order-pay = { $amount } to { $who }
order-other = an order number { $seq }

label-to = To
label-from = From
label-amount = Amount
label-for = For
label-lowest = Lowest allowed
label-highest = Highest allowed
label-card-mine = Your card
label-request = Request
label-my-number = Number
label-state = State
label-link = Link
label-news = News of
label-reason = Reason
label-date = Date
label-who = With
label-change = Change
label-text = For
label-direction = Direction
label-opening = Opening balance
label-closing = Closing balance
label-sum = Sum of movements

label-signed-waiting = Signed before, waiting
before-after = { $before } → { $after }
balance-as-of = { $balance } (as of { $at })
card-from-to = from { $from } to { $until }
person-commons = commons@{ $cite }
person-numbered = { $number }@{ $cite }
person-id = { $id }@{ $cite }
cite-with-place = { $name }, { $place }
rules-said = version { $version }: steps of { $step }, balances from { $floor } to { $ceiling }

payee-unreadable = “{ $typed }” names nobody. Write 42, 42@tisserandes, an identity pmemb1…, or commons.
payee-unknown = There is no member { $who }.
cite-unknown = No cité known here is called “{ $slug }”.
cite-two = More than one cité is called “{ $slug }”; write the identity pcite1… after the @.
text-too-long = This text is too long: { $bytes } bytes, { $max } at most.
text-not-plain = This text holds a character that a screen does not show as itself: “{ $typed }”.
text-not-plain-why = Line breaks, tabs, invisible characters and those that turn the direction of writing are refused. A composed emoji holds some.
cite-abroad-commons = Hours for the commons of another cité go through one of its members.
no-amount = How much? Give a duration, for example 1h30.
amount-and-request = The request already says how much: { $asked }.

pay-title = Payment · { $network }
pay-question = Pay?
pay-dry = Dry run: nothing was signed or sent.
pay-paid = Paid { $amount } to { $who }. Balance: { $balance }.
pay-sent-abroad = Sent { $amount } to { $who }. Balance: { $balance }. The hours arrive when the witnesses have confirmed.
pay-expired = Request expired { $days ->
        [one] one day
       *[other] { $days } days
    } ago (valid until { $until }).
pay-expired-what = { $who } asked for { $amount }.
pay-expired-what-for = { $who } asked for { $amount } for “{ $text }”.
pay-expired-unchecked = Its signature was not checked: nobody was asked.
pay-expired-nothing = Nothing was paid.
pay-without-request = Pay without a request
pay-not-yet = That day has not come: --on says when the service was given.
pay-only-gives = Paying always gives hours to somebody. Nothing was paid.
pay-as-last-known = So says the last balance known, of { $at }. Nothing was signed.
pay-own-request = This request is your own.
pay-declined-before = This request was declined before: to pay it is to accept it after all.
pay-request-waits = An order signed earlier pays this request, and waits.
pay-not-yours = This request asks somebody else.
pay-other-network = This request is of another network.

standing-recorded = ✓ recorded
standing-witnessed = ✓{ $have }/{ $of } seen by witnesses
standing-committed = ✓✓ committed
standing-arrived = ✓✓✓ arrived
standing-returned = ↩ came back: { $why }
standing-waiting = ✓✓ on its way since { $since }

request-unreadable = This text is not a whole request.
request-forged = The text beside it is not the one that the request announces.
request-none = There is no request “{ $typed }” here.
request-many = More than one request begins with “{ $typed }”; give more characters.
request-empty = No request.
request-empty-here = No request made here.
request-offline = Without the node, as asked: requests received are missing, and the state of the others is not known.
request-silence = Requests received are missing, and the state of the others is not known. { $why }
request-received = received
request-sent = sent
request-unknown = not known here
request-open = open
request-paid = paid
request-declined = declined
request-expired = expired
request-undelivered = not delivered
request-under-way = under way: the other cité does not have it yet
request-title = Request for hours { $request } · { $network }
request-anyone = whoever holds it
request-decline-question = Decline this request?
request-decline-own = This request is your own: it ends by itself on its date.
request-declined-done = Request declined. { $who } will be told.
request-declined-letter = Answer sent to the cité of { $who }. It only passes it on if the request came through it: tell them yourself.
request-not-open = This request is no longer open: { $state }.
request-pay-it = Pay it
request-decline-it = Decline it

ask-receive = You will receive { $amount }.
ask-sent-to = Sent to { $who }.
ask-on-its-way = On its way to { $who }: your cité takes it to theirs.
ask-follow = See how far it is
ask-keep = Give the link to the person; they pay with it.
ask-not-delivered = The request is signed, but could not be taken to { $who }: give them the link.
ask-dry = Dry run: nothing was signed.
ask-past = The request would have expired already.

join-unreadable = This text is not a whole invitation.
join-no-token = This invitation connects cités; it invites no member.
join-other = The identity “{ $profile }” is already with { $cite }.
join-other-fix = Join with another identity
join-wrong-cite = The node that answered is not the one of the cité that invites.
join-public = What allied cités will see: a number and hours.
join-private = What they never will: your name, how to reach you.
join-alias = Name shown to stewards only: { $alias }
join-question = Accept the rules, version { $version }, and ask to join?
join-applied = Application made to { $cite }. A steward must accept it.
join-waits = Your application to { $cite } waits: a steward must accept it.
join-admitted = You are a member of { $cite }, number { $number }.
join-moved = The node of the cité { $cite } has another address now; your wallet remembers it.
join-dry = Dry run: nothing was signed or sent.
join-back = You are a member of { $cite } already, number { $number }: here is your account on this device.
join-back-dry = You are a member of { $cite } already, number { $number }: your account would come back on this device.
join-back-not = What only the old device knew is not here: names given to others, and what was not sent yet.
join-back-one-device = Sign with one device only: of two orders signed apart from each other, one alone would count.
join-back-next = See what happened
join-pledge = { $pledge } within a year
label-pledge = Hours promised
join-next = See how far it is
join-card = See your card
join-rules-needed = Joining asks you to accept the rules: --accept-charter.

balance-abroad = { $amount } on their way to other cités
balance-abroad-since = { $amount } on their way to other cités, waiting since { $since }
balance-offline = Without the node, as asked: this is the last balance known.
balance-silence = This is the last balance known. { $why }
person-home-silent = The node of { $cite } cannot be reached.
person-number-unknown = Only { $cite } knows whose number { $number } is, and your wallet does not know this person yet. With the whole identity (pmemb1…@{ $cite }) one can sign without that answer.
pay-word-wallet = Without an answer from { $cite }: this is the identity that the cité told on { $day }. The hours will wait.
pay-word-command = Without an answer from { $cite } this identity could not be checked. If it is nobody’s there, the hours come back.
pay-word-own = Without an answer from { $cite } this identity could not be checked. If it is nobody’s there, the order will be refused and nothing paid.
sentence-then = { $first } { $second }
balance-of-nobody = There is no member number { $number }.
balance-of-here = Give the number of a member of your cité.

history-empty = No movement in this period.
history-written = Statement written to { $path } ({ $count ->
        [one] one movement
       *[other] { $count } movements
    }).
history-sum-wrong = The statement given by the node does not add up: { $opening } and { $sum } do not make { $closing }.
history-order = The end of the period is before its beginning.

card-heading = CARTE PIRATE · { $cite }
card-number = Member { $number }
card-challenge-how = A question for whoever shows a card; it serves once. Keep it: the answer only counts for this one.
card-challenge-unreadable = This text is not a whole question.
card-answer-how = The person answers
card-answer-show = The answer, to show to whoever asked.
card-answer-unreadable = This text is not a whole answer.
card-answer-alone = --challenge and --answer go together, with a short card.
card-holder-proved = The device of this card has answered. That it is here, no text can tell: watch it answer.
card-holder-other = This answer is not of the device that carries this card.
card-sheet-heading = CARTE PIRATE
card-sheet-check = To check it, even offline: pirate card check --image PHOTO, or with this text.
card-sheet-written = { $count ->
    [one] One card on the sheet { $path }.
   *[other] { $count } cards on the sheet { $path }.
}
card-sheet-fold = Print it at its own size, cut along the marks, fold in the middle.
card-picture = QR code of the carte pirate
card-print-none = Member { $number } has no card that holds today.
card-print-numbers = “{ $typed }” is no list of numbers (example: 1,4-9) of at most 200 cards.
card-key-foreign = The keys in { $path } are not those of this cité, or cannot be read.
card-check-which = Name a card, or a photo with --image.
card-short-unreadable = This text is not a whole short card.
card-short-unknown = This cité is not known here: nothing tells whether the card is genuine. The whole card would.
card-other-network = This card is of another network: { $of }. Yours is { $own }.
card-old-keys = This card is signed with a key that the cité has replaced.
card-unknown-keys = This card is signed with a newer key than those known here.
card-not-signature = that the cité signed the card
photo-unread = No card can be read on { $path }.
photo-other = The QR code on { $path } is not that of a card.
card-written = Card written to { $path }.
card-check-how = Have it checked
card-unreadable = This file is not a whole card.
card-forged = This card does not hold: it is damaged or false.
card-valid = Card valid today.
card-valid-alone = Only the cité itself vouches for this card: it holds, but no other cité has confirmed it.
card-unanchored-alone = Only the cité itself vouches for this card, and that cité is not known here.
card-unanchored = The card is in order, but its cité is not known here: anybody can found a cité and witnesses.
card-namesake = Another cité of this name is known here: { $other }. The card’s is not that one.
card-expired-since = Card expired on { $until }. The cité can renew it.
card-not-yet = Card not valid yet: from { $from } on.
card-old = This news is { $age } old; you wanted { $max } at most.
card-by-witnesses = { $count ->
        [one] One other cité saw and checked the admission.
       *[other] { $count } other cités saw and checked the admission.
    }
card-by-home = Only the cité itself vouches for this card; no other has confirmed it yet.
card-known-own = It is your own cité.
card-known-account = A cité known here: yours opened an account for it, says the log on this disk.
card-not-revocation = whether it was withdrawn after this news, of { $sealed }
card-not-holder = whether the person who shows it is the member
card-not-approvals = whether as many stewards signed as were needed: only the cité says so
card-not-witnesses = whether another cité holds the same ledger
card-not-cite = whether this cité is the one you think of (compare the identity)
card-not-label = the label of the public authority
reaching-home = Reaching the node of the cité
waiting-node = Waiting for the node ({ $place })
waiting-wallet = Another pirate command is using this wallet, waiting until it ends
sending-order = Sending the order (signed and kept here; safe to interrupt)
reading-history = Reading the statement
person-commons-here = commons
card-save-how = Keep it in a file

code-p0115 = Keys replaced
    .cause = The account has new keys; those of this device no longer sign.
    .todo =
        Take up the keys in force: pirate key new --restore --profile NAME
code-p0116 = Unknown device
    .cause = The account does not know the key of this device.
    .todo =
        Check which identity is in use: pirate key show
code-p0117 = Signature refused
    .cause = The node received an order that the account’s key did not sign.
    .todo =
        Check which identity is in use: pirate key show
code-p0118 = Not recognised
    .cause = The node does not know this key for this account.
    .todo =
        Check which identity is in use: pirate key show
        Ask the cité whether the application was accepted
code-p0119 = Passphrase readable by others
    .cause = Other accounts of this machine can read or write the file named by --passphrase-file or PIRATE_PASSPHRASE_FILE.
    .todo =
        Close it: chmod 600 FILE
        If others may have read it, change the passphrase
code-p0207 = The node can no longer write
    .cause = The node’s disk refused a write; it says yes to nothing any more. What was recorded stays so.
    .todo =
        Tell the person who runs the node
        They will see the cause: pirate node status
        Make room or replace the disk, then start the node again; it does not try a second time by itself
code-p0208 = The node’s disk is nearly full
    .cause = The node stops recording before the disk is full.
    .todo =
        Tell the person who runs the node
        Make room; it goes on by itself within ten seconds
code-p0209 = Wallet damaged
    .cause = The file that says of which cité you are a member is cut, changed or of another version.
    .todo =
        Put it aside, then join again with the same identity
code-p0210 = Wallet busy
    .cause = Another pirate command of the same profile is running; two orders are never signed at once.
    .todo =
        Wait for it to end
code-p0306 = The node of the cité cannot be reached
    .cause = A node answered, but it does not find the one of the cité that is named. Nothing is lost; what was not signed is not.
    .todo =
        Try again later
        Pay a whole identity (pmemb1…@cité): the order is signed and waits
code-p0307 = Only on the spot
    .cause = This can only be asked on the machine of the node, through its socket file.
    .todo =
        Log in to that machine
code-p0308 = Mailbox full
    .cause = The mailbox is full, or this person has enough of your requests waiting.
    .todo =
        Give them the request in another way: the link is enough
code-p0309 = Test network only
    .cause = This command changes the time; it exists only where hours do not count.
    .todo =
        Try it with: pirate demo
code-p0310 = Order signed, not recorded yet
    .cause = The order is signed and kept on this device; the node did not answer. It will be sent again as it is, and can count only once.
    .todo =
        Run a command later, for example: pirate balance
code-p0311 = A proof that does not hold
    .cause = What the node says does not follow from what your cité signed.
    .todo =
        Do not rely on it
        Tell a steward, and keep the message
code-p0418 = Another network
    .cause = An order or request is only good in the network that it was signed for.
    .todo =
        Check the network of your cité: pirate status
code-p0419 = Another cité
    .cause = The order is made for the ledger of another cité.
    .todo =
        Check which identity is in use, with --profile
code-p0420 = Order overtaken
    .cause = This device gave another order meanwhile, perhaps from a copy of its files.
    .todo =
        Look at what was recorded: pirate history
        Do it again if need be
code-p0421 = An order is missing
    .cause = The orders of a device follow one another; one of them never arrived.
    .todo =
        Run: pirate balance
        Then do it again
code-p0422 = Order out of date or too long
    .cause = An order carries its last day: neither past, nor more than a year away.
    .todo =
        Check the clock of this machine
        Do it again
code-p0423 = Another history
    .cause = The order was signed on a state of the ledger that the node does not know, or no longer.
    .todo =
        Run: pirate balance
        If it goes on, tell a steward
code-p0424 = Already recorded
    .cause = This order is in the ledger already; it was not counted a second time.
    .todo =
        See it: pirate history
code-p0425 = Not a multiple
    .cause = The cité counts in steps; a duration is a multiple of them.
    .todo =
        Round the duration together
code-p0426 = Too much for one payment
    .cause = A payment has a largest size, and no account holds more than can be counted.
    .todo =
        Pay in several parts
code-p0427 = False request
    .cause = The person who would be paid did not sign this request, or its text was changed.
    .todo =
        Do not pay it
        Ask the person to make it again
code-p0428 = A request for somebody else
    .cause = The request names another person, another duration, or is no longer open.
    .todo =
        See the requests: pirate request list
code-p0429 = Request too long
    .cause = The rules of the cité bound how long a request lives.
    .todo =
        Give a nearer date with --expires
code-p0430 = No account between these cités
    .cause = Two cités exchange when each has opened an account for the other.
    .todo =
        See how far the alliance is: pirate federation list
code-p0431 = Too many transfers on their way
    .cause = The other cité has not answered the transfers before.
    .todo =
        Wait until it is back
code-p0432 = The cité owes too much
    .cause = The cité bounds what it owes all others together.
    .todo =
        Wait for hours to come back from other cités
code-p0433 = Message between cités refused
    .cause = A message between two nodes was not in its place. Nothing was counted twice.
    .todo =
        The nodes take it up again by themselves
        If it goes on, tell the people who run them
code-p0434 = Names nobody
    .cause = This text is no member’s number, no identity, not the commons, and no request.
    .todo =
        Write 42, or 42@tisserandes
code-p0435 = Text too long
    .cause = A text or a name has a largest size.
    .todo =
        Shorten it
code-p0436 = Text that hides something
    .cause = The text holds a line break, an invisible character, or one that turns the direction of writing. Others would read something else than what is signed.
    .todo =
        Type it again on one line, without pasting
code-p0504 = News too old
    .cause = The card holds, but what confirms it is older than was asked for, or carries no date.
    .todo =
        Ask for a fresher card: pirate card show -o FILE
code-p0707 = Not a member yet
    .cause = The cité has not admitted this identity (yet).
    .todo =
        Wait for a steward to accept the application
        See how far it is: pirate join INVITATION (the same one)
code-p0708 = Already approved
    .cause = Each steward approves an act once.
    .todo =
        Wait for the other approvals
code-p0709 = Too many acts waiting
    .cause = The number of waiting acts is bounded.
    .todo =
        Approve some, or wait until they lapse: pirate cite approve
code-p0710 = Version of the rules
    .cause = Versions of the rules follow one another by one.
    .todo =
        Read the rules in force again: pirate cite show
code-p0711 = Already a member
    .cause = This person already has a number in the cité.
    .todo =
        See the members: pirate member list
code-p0712 = Application unusable
    .cause = The application is for another cité, wrongly signed or out of date.
    .todo =
        Ask the person to make it again: pirate join INVITATION
code-p0713 = Term of a card
    .cause = The rules bound the term of a card.
    .todo =
        Give another end date with --card-until
code-p0714 = Account already open
    .cause = An account is opened once for each cité; its line may change.
    .todo =
        See the cités: pirate federation list
code-p0715 = Oneself
    .cause = A cité does not exchange with itself and does not confirm itself.
    .todo =
        Name another cité
code-p0716 = Founding record refused
    .cause = The founding record of the other cité is of another network, or wrongly signed.
    .todo =
        Ask for it again at the source
code-p0717 = Too many cités
    .cause = A ledger holds a bounded number of accounts of cités.
    .todo =
        Exchange through a cité that is allied already
code-p0718 = Key of a witness
    .cause = The key named is not an acceptable one.
    .todo =
        Ask that cité for it again
code-p0719 = Line too high
    .cause = No line is above the widest limit of the format.
    .todo =
        Give a lower line
code-p0720 = Change of witnesses under way
    .cause = One change of witnesses at a time.
    .todo =
        Wait until the first is confirmed
code-p0721 = Act of the root keys refused
    .cause = An act of the root keys comes out of turn, too late, or without enough signatures.
    .todo =
        Check who signed, then do it again
code-p0722 = Rules unchanged
    .cause = The rules proposed are those in force.
    .todo =
        Nothing
code-p0723 = Ledger full
    .cause = A ledger holds a bounded number of members.
    .todo =
        Found a second cité
code-p0726 = Resumption refused
    .cause = A ledger goes on in a new run only if its root keys name it, enough witnesses promised it, and nothing that they hold is lost.
    .todo =
        See what is missing: pirate node status
        Reach the other witnesses, then resume again
code-p0734 = Application declined
    .cause = A steward of the cité declined the application of this identity. Nothing went to the ledger.
    .todo =
        Talk to the person who invited
        With another invitation: pirate join INVITATION
code-p0735 = Admission proposed already
    .cause = A steward proposed this admission already; signatures are missing. It is neither proposed a second time nor declined: without enough signatures it lapses within thirty days.
    .todo =
        See what waits: pirate cite approve --list
        Sign the one you want: pirate cite approve ACT
code-p0736 = Act proposed already
    .cause = An act that decides the same waits for signatures. Proposed twice, one of the two could only be refused.
    .todo =
        See what waits: pirate cite approve --list
        Sign the one you want: pirate cite approve ACT
        Or wait until it lapses, within thirty days, and propose another
code-p0724 = Already in another cité
    .cause = An identity has one cité at a time.
    .todo =
        Join with another identity: --profile NAME
code-p0725 = Rules to accept
    .cause = A cité is joined only by accepting its rules.
    .todo =
        Read them, then run again with --accept-charter
complain-heading = Complaint · { $cite }
complain-nothing = Nothing to hand over: no order signed here waits, and none was refused.
complain-nobody = Nobody known here is a witness of { $cite } and answers.
complain-question = Hand this order, without its text, to these witnesses?
complain-dry = Nothing was sent.
complain-kept = { $slug } keeps it and offers it to your cité ({ $offers } times so far).
complain-recorded = { $slug }: the order is in the log.
complain-holds-back = { $slug } cosigns your cité’s log no more without this order.
complain-not = { $slug } does not keep it: { $why }
complain-in-log = The order is recorded. Nothing more to do.
complain-look = See the balance:
complain-enough = Enough witnesses keep it. If your cité does not take it within a day, its log is confirmed no more.
complain-few = Witnesses that keep it: { $kept }; it takes { $needed }. Complain again later.
