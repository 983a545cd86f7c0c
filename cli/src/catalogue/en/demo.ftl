# pirate demo

demo-announced = Three cités, three nodes on this machine, { $days } days. Nothing of it counts. Can be interrupted without risk.
demo-founding = Founding and allying three cités
demo-playing = Playing the season
demo-auditing = Auditing the three ledgers
demo-allied = The three cités are allied and witness one another.
demo-away = { $day }: the node of { $name } stops. Hours for that cité wait.
demo-waiting = { $name }: { $count ->
        [one] { $count } payment waiting
       *[other] { $count } payments waiting
    } ({ $amount }), since { $since }.
demo-back = { $name }: the node is back, everything arrived or returned.
demo-title = A season of { $days } days · seed { $seed } · test network
demo-column-cite = Cité
demo-column-members = Members
demo-column-entries = Entries but seals
demo-column-sum = Sum
demo-column-certified = Certified
demo-column-committed = Committed
demo-column-of = At
demo-column-towards = Account of
demo-column-line = Line
demo-column-lowest = Lowest
demo-column-now = At the end
demo-label-exchanges = Exchanges
demo-exchanges = { $count }, { $mean } on average, { $requests } of them on a signed request
demo-label-abroad = To another cité
demo-abroad = { $sent } sent, { $imports } arrived, { $returns } returned
demo-label-refused = Refused by a rule
demo-label-card = Card
demo-card = member { $number } of { $home }, checked offline at { $at }, { $witnesses ->
        [one] { $witnesses } witness
       *[other] { $witnesses } witnesses
    }
demo-check-crossings = Everything that was sent arrived or returned
demo-check-members = As many were sent as members signed
demo-check-returns = Every return was given back
demo-check-open = Nothing is under way any more
demo-check-sum = Sum of each ledger: 0 at every entry
demo-check-lines = No cité ever owed more than its line
demo-check-settled = Every entry is certified and committed
demo-check-card = The card is recognised elsewhere
demo-check-audit = The three ledgers, verified offline, agree
demo-planted-sum = Fault planted in a copy: an arrival credits an hour that nobody sent.
demo-planted-signature = Fault planted in a copy: one bit of a signature is flipped.
demo-planted-fork = Fault planted beside: the log key signs a second history.
demo-found-entry = { $name }: entry { $leaf } does not hold
demo-found = { $name }: this audit file does not hold
demo-two-histories = { $name }: two histories signed by one key
demo-verdict = Verdict { $code }: { $said }
demo-seconds = Played in { $seconds } s.
demo-card-bad = The card proves nothing
demo-keep-full = { $path } is not empty: nothing is written there.
demo-node-ended = The node { $name } is not running any more.
demo-see-keep = To read its log, try again with --keep.
demo-stuck = The nodes did not agree in time.
demo-interrupted = Interrupted. The nodes are stopped.
demo-kept-log = Read a kept ledger
demo-kept-node = Start a kept node again
demo-kept-clock = Alone, a kept node asks whether its clock is right
demo-kept-balance = Then ask it for the balance
