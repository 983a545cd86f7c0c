# Audit files: making them, checking them offline.

audit-writing = Writing the audit file (may be interrupted without risk)
audit-written = { $entries ->
        [one] { $entries } entry
       *[other] { $entries } entries
    }, { $bytes } bytes: { $file }  (made again here, it is the same file)
audit-check-it = Check it
audit-no-log = This ledger is not on this machine.
audit-no-checkpoint = No signed checkpoint of this ledger is kept here yet.
audit-cannot-write = The audit file could not be written; nothing was kept.
audit-disk = The disk refuses to read the ledger.
audit-log-damaged = The ledger on this disk does not give the signed checkpoint; no audit file was made.
label-digest = Digest
label-witnessed-up-to = Witnessed up to

audit-checking = Checking offline (may be interrupted without risk)
audit-more = More about this
anchor-unreadable = The anchor file { $file } cannot be read.
anchor-form = One cité a line: “cite pcite1…”, and the key of its witness if you know it.
audit-anchor = Anchor given by you: { $file }
audit-title = { $name } · { $from } – { $to } · { $entries ->
        [one] { $entries } entry
       *[other] { $entries } entries
    } · offline
audit-title-unread = { $file } · offline

audit-check-bytes = Bytes: { $count }, digest right
audit-check-founding = Founding: { $count ->
        [one] { $count } founding signature valid
       *[other] { $count } founding signatures valid
    }
audit-check-signatures = Signatures: { $count } of { $count } valid
audit-check-chain = Chain: { $count ->
        [one] { $count } entry
       *[other] { $count } entries
    }, root { $root }, right
audit-check-rules = Rules: { $count ->
        [one] { $count } entry
       *[other] { $count } entries
    } replayed, none broken
audit-check-state-roots = States: { $count ->
        [one] { $count } seal
       *[other] { $count } seals
    } computed again, right
audit-check-zero-sum = Zero sum: all balances together = { $sum } exactly
audit-check-imports = Hours from elsewhere: { $count ->
        [0] none
       *[other] { $count } of { $count } proofs valid
    }
audit-check-witnesses = Witnesses that you trust: { $trusted } of { $known } ({ $need } needed)
audit-check-forks = Another history signed by the same key: none in these files
audit-fail-bytes = Bytes: the file is damaged
audit-fail-founding = Founding: not valid
audit-fail-signatures = Signatures: one of them is not valid
audit-fail-chain = Chain: broken
audit-fail-rules = Rules: an entry breaks them
audit-fail-state-roots = States: a seal claims other balances than the entries give
audit-fail-zero-sum = Zero sum: the balances together are not zero
audit-fail-imports = Hours from elsewhere: a proof is missing or wrong
audit-fail-witnesses = Witnesses: the certificate is not valid
audit-fail-forks = Two histories signed by the same key

audit-fault-at = Entry { $leaf }: { $said }
audit-fault-digest = Bytes are missing or have changed since the audit file was made.
audit-fault-form = This is not an audit file of this version, or a part is not in its place.
audit-fault-founding = The founding record is not signed as it must be.
audit-fault-checkpoint = The checkpoint is not signed by the key of this ledger.
audit-fault-import = Nothing proves that the other cité sent these hours.
audit-fault-root = The entries do not give the root that was signed.
audit-fault-certificate = The witnesses named did not all sign this checkpoint, or are not those of the ledger.
audit-fault-note = The note for common tools says something else than the file.
audit-fault-evidence = A proof that came with it proves nothing.
audit-fault-too-much-evidence = It holds more than { $max } proofs; no node keeps as many.
audit-fault-entry = its bytes are not those of an entry.
audit-fault-refused = the rules refuse it (refusal { $number }).
audit-fault-time = its time lies before that of the entry before.
audit-fault-assigned = the cité gave it another place or outcome than the rules do.
audit-fault-seal = this seal does not follow the one before.
audit-fault-state-root = this seal claims other balances than the entries give.
audit-fault-sum = the balances together are not zero any more.

audit-reserve-test-network = Test network: these hours do not count
audit-reserve-not-anchored = This cité itself is not among those that you trust: compare its identity
audit-reserve-no-mirrors = This ledger has no witnesses yet
audit-reserve-uncertified = { $entries ->
        [one] { $entries } recent entry not yet witnessed
       *[other] { $entries } recent entries not yet witnessed
    }
audit-reserve-evidence = The file proves that { $cite } cheated
audit-reserve-older = Older than what { $cite } has already received from it

audit-pair = { $a } ↔ { $b }: sent { $transfers } = arrived { $imports } + returned { $returns } + under way { $open }
audit-pair-refunds = { $a } ↔ { $b }: sent { $transfers } = arrived { $imports } + returned { $returns } + refunded { $refunds } + under way { $open }
audit-pair-older = { $a } ↔ { $b }: messages agree; files of different dates, balances not compared
audit-pair-messages = { $a } ↔ { $b }: one received something else than the other sent
audit-pair-balance = { $a } ↔ { $b }: what they owe each other does not agree
audit-pair-totals = { $a } ↔ { $b }: some transfers neither arrived, nor came back, nor are under way
audit-network = Together: { $people } with the members, { $open } under way, { $outside } owed elsewhere; sum = { $sum }
audit-fork = TWO LEDGERS: { $cite } signed two different histories
audit-fork-heads = { $first ->
        [one] { $first } entry
       *[other] { $first } entries
    }, root { $firstroot }; { $second ->
        [one] { $second } entry
       *[other] { $second } entries
    }, root { $secondroot }
audit-parting = They part at entry { $leaf }:
audit-parting-side = { $file }: { $said } ({ $at })
audit-parting-unread = { $file }: an entry of a form that is not known here
label-proof = Proof
audit-forks-none = Nothing in these files accuses anybody
audit-forks-none-checked = Nothing that was checked accuses anybody
audit-forks-unread = Read in part only, for it does not hold: { $file }
audit-proves-nothing = This proof proves nothing: { $file }
audit-bad-entry = FALSE ENTRY: { $cite } signed entry { $leaf }, which can stand in no ledger
audit-two-cosigned = FALSE WITNESS: { $cite } confirmed two different histories of { $log }
audit-after-fence = BROKEN PROMISE: { $cite } confirmed the ledger of { $log } after it had promised not to

audit-not-checked-service-reality = whether the services took place
audit-not-checked-civil-identity = civil identity
audit-not-checked-texts = texts, kept outside the ledger
audit-not-checked-clocks = times, beyond their order
audit-not-checked-named = certificates that its seals name, beyond the newest
audit-not-checked-witnesses = witnesses, for want of an anchor
audit-not-checked-other-logs = ledgers of other cités, not given
audit-not-checked-heads = { $count ->
        [one] { $count } signed checkpoint, one more than can be compared at once
       *[other] { $count } signed checkpoints, more than can be compared at once
    }. Check fewer files at a time

audit-verdict = VERDICT { $number } · { $said }{ $reserves ->
        [0] { "" }
        [one] , with { $reserves } reservation
       *[other] , with { $reserves } reservations
    }

# Kinds of entries.
kind-found = founding
kind-join = joining
kind-pay = payment
kind-export = hours sent to another cité
kind-approve = approval
kind-import = hours taken in from another cité
kind-return = hours that came back
kind-acknowledged = acknowledgement taken in
kind-parted = farewell taken in
kind-acknowledge = acknowledgement
kind-farewell = farewell
kind-keys = new keys of another cité
kind-resume = resumption
kind-seal = seal
kind-admit = admission
kind-rules = rules
kind-peer-open = account of another cité
kind-line = line
kind-mirrors = witnesses
kind-close = closing
kind-heirs = heirs
