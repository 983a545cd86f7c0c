# The node seen from outside: how much each peer uses, who is blocked.
label-received = Received
label-sent = Sent
label-messages = Messages
label-comes-from = Comes from
label-blocked = Blocked
label-cuts-off = Ally
bytes-bytes = { $count } B
bytes-kilo = { $count } kB
bytes-mega = { $count } MB
bytes-giga = { $count } GB
messages-invalid = { $count }, { $invalid } wrong
peers-over = Over the last { $minutes } minutes.
peers-wrong = Wrong: cannot be read, or shows its own fault.
peers-to-block = Block a key or an address
block-unreadable = “{ $typed }” is neither the key of a node nor an address in figures.
block-nobody-there = Nobody comes from there: this is the address of no machine.
block-this-machine = This machine does not block itself.
block-own-node = This is the key of this very node.
block-lift-whom = Block whom no longer? Give the key or the address.
block-dry-run = Dry run: nothing was changed.
block-done = Blocked: { $who }
block-already = Blocked already: { $who }
block-lifted = Blocked no longer: { $who }
block-not-there = Was not blocked: { $who }
block-from-next-start = The node is stopped: so it will be as soon as it is started.
blocked-nobody = Nobody is blocked.
blocked-room = { $count } of { $most }
blocked-count = { $count ->
        [one] { $count } line
       *[other] { $count } lines
    }
blocked-ally = The cité { $cite }, an ally, is blocked: meanwhile no hours cross between you. They wait, and nothing is lost.
blocked-witness = The cité { $cite }, a witness, is blocked: meanwhile it confirms nothing more, and no hours cross between you. They wait, and nothing is lost.
reply-blocked-full = { $most } keys and addresses are blocked already.
watch-memory = The node holds { $held } MB of memory, of the { $of } MB that it is given.
watch-syncs = The disk is slow: of { $count } waits in ten minutes, { $slow } took more than a second, the longest { $seconds } s. Payments wait with it.
watch-invalid = In ten minutes, { $invalid } wrong messages of { $messages }. See whose:
watch-unconfirmed = Entries have waited for the witnesses since { $since }: hours for other cités do not leave.
watch-silent = Nothing heard of the witness { $cite } since { $since }.
watch-clock-ahead = The clock is { $seconds } s ahead of the allies’ ({ $count }).
watch-clock-behind = The clock is { $seconds } s behind the allies’ ({ $count }).
