# One page for each code: title, cause, what to do (one step a line).

code-p0001 = Wrong usage
    .cause = A word, an option or a value is not known to this command.
    .todo =
        Read its help: pirate help COMMAND
code-p0002 = An answer is needed
    .cause = The command asks a question and nobody can answer: no terminal, or --no-input.
    .todo =
        Answer in a terminal
        Or give the option that answers, for example --yes
code-p0003 = You answered no
    .cause = The question was answered “no”; nothing was done.
    .todo =
        Run the command again if that was a mistake
code-p0004 = Unknown code
    .cause = This code does not exist in this version.
    .todo =
        See all codes: pirate explain --list
code-p0005 = Interrupted
    .cause = Somebody stopped the command (Ctrl-C). What was acknowledged stays.
    .todo =
        Run the command again
code-p0006 = Stopped at once
    .cause = The system, or somebody, asked to stop, a node twice. What was acknowledged stays.
    .todo =
        Run the command again
code-p0099 = Mistake of the program
    .cause = The program itself made a mistake.
    .todo =
        Note the command and the message, and report them
code-p0101 = No identity here
    .cause = This device has no identity of this name.
    .todo =
        If you have recovery words: pirate key new --restore
        Otherwise: pirate key new
code-p0102 = Identity already here
    .cause = An identity of this name is kept here already; it is never overwritten.
    .todo =
        Use it as it is: pirate key show
        Or create another one with --profile NAME
code-p0103 = Wrong passphrase
    .cause = The passphrase does not open the key file.
    .todo =
        Try again, mind capitals and keyboard layout
        Passphrase lost: under another profile, pirate key new --restore
code-p0104 = Key readable by others
    .cause = Other accounts of this machine can read the key file.
    .todo =
        Close it: chmod 600 FILE
        If others may have read it, change the passphrase
code-p0105 = Key damaged
    .cause = The key file is cut, changed or of another sort.
    .todo =
        Put it aside, then: pirate key new --restore
code-p0106 = Unknown word
    .cause = One of the recovery words is neither in the French nor in the English list.
    .todo =
        Read this word again on the paper; its first four letters are enough
code-p0107 = Words that do not fit together
    .cause = The 12 words carry a check of their own, which does not hold. A wrong phrase never opens another account.
    .todo =
        Check the order of the words
        Check every word
code-p0108 = Number of words
    .cause = A recovery phrase has exactly 12 words.
    .todo =
        Give all 12 words, in order
code-p0109 = Passphrase file
    .cause = The file named by --passphrase-file or PIRATE_PASSPHRASE_FILE is missing or empty.
    .todo =
        Put the passphrase on its first line, mode 600
code-p0110 = Passphrases differ
    .cause = The passphrase was typed twice, differently.
    .todo =
        Start again
code-p0111 = Words not kept
    .cause = An identity without written recovery words would be lost with the device.
    .todo =
        Run the command in a terminal
        Or give --words-output FILE
code-p0112 = Two languages
    .cause = The words form one right phrase in French and another one in English, or some of them are French and the others English.
    .todo =
        Read the words again: they are all of one language
        Or say --words-lang fr or --words-lang en
code-p0113 = Name of a profile
    .cause = The name of a profile becomes a file name.
    .todo =
        Use letters without accents, digits, - and _
code-p0114 = Passphrase too short
    .cause = A short passphrase can be guessed.
    .todo =
        Take four words or more
code-p0120 = Words of another cité
    .cause = These 12 words do not give the root key of the cité to recover.
    .todo =
        Take the words written down when the cité was founded, not those of a person
        With --via, ask an ally of that cité
code-p0201 = Cannot write
    .cause = The disk refused to write, or the name is taken: no file is replaced.
    .todo =
        Check free space and the rights of the directory
        Or give another name
code-p0202 = Cannot read
    .cause = The file is missing or cannot be read.
    .todo =
        Check its name and rights
code-p0203 = Home directory unknown
    .cause = The variable HOME is missing.
    .todo =
        Give --home DIR
code-p0204 = Ledger damaged
    .cause = The entries kept here are no longer those that were signed.
    .todo =
        Delete nothing; a damaged ledger is recovered from its witnesses: pirate node recover
        See what is damaged: pirate node scrub
code-p0205 = Ledger in use
    .cause = Another process writes to this ledger.
    .todo =
        Go through the running node, or stop it first
code-p0206 = Older image
    .cause = This ledger is a copy or a restored image: what it signed could contradict what was signed elsewhere. It signs nothing any more.
    .todo =
        Start the original, if it still exists, and only that one
        If it does not, recover the ledger with its witnesses and the 12 words of the cité: pirate node recover
        If the whole machine was set back to an older state: pirate node recover --rolled-back
        Never run one cité on two machines
code-p0211 = Nothing to recover
    .cause = The ledger here is the one that this machine signed last: there is nothing to mend.
    .todo =
        Start the node: pirate node run
        If its keys were stolen: pirate node recover --keys-stolen
code-p0212 = Recovering
    .cause = The node is taking its ledger up again from its witnesses, and signs nothing before enough of them have promised to leave the old one.
    .todo =
        Watch it recover: pirate node status
        Start the nodes of the allies that do not answer
code-p0213 = Backup damaged
    .cause = The file is no backup of this version, or is not as it was written.
    .todo =
        Take another backup of the same ledger
        Without one: pirate node recover --via pinv1…
code-p0214 = The cité’s node is a copy
    .cause = The node of the cité is an older or copied image: it is silent, or what it says is not believed. A signed order is kept and waits.
    .todo =
        Tell the person who runs the node
        They can recover it: pirate node recover
code-p0215 = Rights missing
    .cause = This file or directory belongs to another user of this machine. What is in it was neither read nor changed; nothing says that there is no cité.
    .todo =
        Run the command as that user: sudo -u pirate …
        Or name your own directory with --home
code-p0216 = File absent
    .cause = There is no file of this name.
    .todo =
        Check the name and the directory
code-p0217 = No place left for what is put aside
    .cause = What is damaged, or replaced by what the witnesses hold, is never deleted: it goes to node/damaged/, which has 16 places. All of them are taken, and the program frees none by itself.
    .todo =
        Look at what is in node/damaged/, and move or delete what is of no use any more
        The node goes on by itself as soon as a place is free; see how far it is: pirate node status
code-p0218 = Two confirmed ledgers
    .cause = The ledger here was confirmed by witnesses, and enough witnesses hold another one now: one of the two should not have been signed. By itself, the node gives up nothing that was confirmed.
    .todo =
        Delete nothing: stop the node and put node/ aside, whole; it is proof
        Recover the ledger as the witnesses hold it, with an ally's invitation and the 12 words: pirate node recover --via INVITATION
        Compare the two histories: pirate audit forks …
code-p0219 = Kept by another program
    .cause = The folder of the node was written by another version of pirate, in a form that this one does not know. It reads nothing of it and writes nothing into it: what it cannot read would look damaged.
    .todo =
        Install the version that wrote it again; this one is pirate --version
        Or, without it, take the ledger up from the backup made before: pirate backup restore FILE
code-p0301 = Node absent
    .cause = The node does not answer at this address.
    .todo =
        Start it: pirate node run
        Or give its address: --node HOST:PORT
        Or go through an ally: --node KEY@HOST:PORT (its key: pirate node peers --plain, on a machine of the cité)
code-p0302 = No answer in time
    .cause = The node did not answer in time. An order already sent is never counted twice.
    .todo =
        Try again later, or give more time: --timeout 60s
code-p0303 = Offline asked for
    .cause = This command needs the node, and --offline forbids it.
    .todo =
        Run it again without --offline
code-p0304 = Message refused
    .cause = The node did not understand the message, or we did not understand its answer.
    .todo =
        Compare versions: pirate --version
code-p0305 = Unreadable address
    .cause = This address is neither host:port nor an address of a node.
    .todo =
        Write for example 192.0.2.7:17890
        For any other node than the cité’s, its key in front: KEY@192.0.2.7:17890
code-p0312 = Not enough witnesses reached
    .cause = An order that your cité does not take is handed to its witnesses; too few of them are known here or answer.
    .todo =
        See who is allied: pirate federation list
        Try again later: pirate complain
code-p0313 = This witness keeps enough complaints
    .cause = A witness keeps one complaint of each member and thirty-two about each cité.
    .todo =
        Try again later: pirate complain
code-p0314 = Nothing to hand to the witnesses
    .cause = Everything that this device signed is recorded.
    .todo =
        Check the balance: pirate balance
code-p0315 = Not to be blocked
    .cause = What can be blocked is the key of another node, or an address in figures. Not a name, not one’s own node, and not this machine: all that comes through a proxy or an onion service comes from it.
    .todo =
        See keys and addresses: pirate node peers --top
code-p0316 = The block list is full
    .cause = It has 256 lines. An attack that takes more is one for a firewall.
    .todo =
        See the list: pirate node block --list
        Block a whole network: pirate node block 192.0.2.0/24
code-p0317 = Node waking up
    .cause = Before it signs, a node that starts asks its witnesses whether they hold more of its log than it does, and compares its clock with those of the allies: ten seconds at most.
    .todo =
        Wait some seconds, then run the same command again
code-p0401 = Minutes or hours?
    .cause = A bare number does not tell its unit.
    .todo =
        Write 90min or 90h
code-p0402 = Unreadable duration
    .cause = This text is not a duration in whole minutes.
    .todo =
        Write 1h30, 1:30, 90min or 1.5h
code-p0403 = Duration too large
    .cause = This duration is beyond what can be counted.
    .todo =
        Check the number of zeros
code-p0404 = Unknown member
    .cause = There is no such number in this cité. Nothing was sent.
    .todo =
        Check number and cité: 42@tisserandes
code-p0405 = Lowest balance reached
    .cause = The balance would go below the lowest that the rules of the cité allow.
    .todo =
        Pay less
        Or wait until you have received hours
code-p0406 = To oneself
    .cause = A payment goes to somebody else.
    .todo =
        Check the payee
code-p0407 = Zero time
    .cause = A payment counts at least one minute.
    .todo =
        Give a duration
code-p0408 = Highest balance reached
    .cause = The payee’s balance would go above the highest allowed.
    .todo =
        Pay less
        Or wait until hours have been spent there
code-p0409 = Negative duration
    .cause = A payment gives hours; a negative number would take them. No order can carry one: its minutes have no sign.
    .todo =
        Give the duration without a sign
        To receive hours: pirate ask AMOUNT
code-p0410 = Order refused
    .cause = A rule of the cité refuses this order. Nothing was counted.
    .todo =
        Read the reason given with the error
code-p0412 = Request expired
    .cause = The request no longer holds. Nothing was paid.
    .todo =
        Ask for a new request
        Or pay without one: pirate pay MEMBER AMOUNT
code-p0413 = Request already paid
    .cause = A request is used once.
    .todo =
        See the payment: pirate history
code-p0414 = Unknown request
    .cause = There is no request of this name here.
    .todo =
        See the requests: pirate request list
code-p0415 = Unreadable request
    .cause = This text is not a whole request.
    .todo =
        Copy all of it
code-p0416 = Date or span that cannot be used
    .cause = This text is not a date or a time span, or the day does not fit here: past for a request, still to come for a payment.
    .todo =
        A date: 2026-11-23
        A span: 30s, 2h, 7d
        A request or an invitation ends with a day: --expires 7d
code-p0417 = Line full
    .cause = The other cité cannot owe us more, or we cannot owe it more.
    .todo =
        Wait for exchanges the other way
        Or raise the line: pirate federation ally CITÉ --limit AMOUNT
code-p0501 = Card expired
    .cause = The card is no longer valid on this date.
    .todo =
        Have it renewed by the holder’s cité
code-p0502 = Card not valid
    .cause = A signature or a proof of the card does not hold.
    .todo =
        Do not accept it
        Ask the person to show it again
code-p0503 = Unreadable card
    .cause = This file is not a whole card.
    .todo =
        Copy all of it
code-p0507 = Unreadable photo
    .cause = No QR code of a card can be read on this picture.
    .todo =
        Take it again from the front, with more light, or copy the text of the card
code-p0509 = Somebody else’s answer
    .cause = The answer is not signed by the device that carries this card, or answers another question.
    .todo =
        Do not accept the card from this person, or ask a new question
code-p0508 = Keys replaced
    .cause = The cité has replaced the key that signed this short card.
    .todo =
        Ask the member to show it again: the cité will sign it with the key of today
code-p0506 = No valid card
    .cause = The cité knows of no card of this member that holds today.
    .todo =
        Ask a steward to renew it
code-p0505 = Card not valid yet
    .cause = The card is valid from a day that has not come yet, by the clock of this machine.
    .todo =
        Wait for that day, or look at the date of this machine
code-p0601 = Clock wrong
    .cause = The clock of this machine is ahead of its allies’, or jumped by more than six hours and no ally can confirm it. The node records nothing: one entry too far in the future would stop the ledger for ever.
    .todo =
        Compare: pirate node clock
        If it is wrong: sudo timedatectl set-ntp true; the node goes on by itself
        If it is right (the machine was off, no ally answers): pirate node clock --is-right
code-p0602 = Bad setting
    .cause = A setting is wrong; the node was not started.
    .todo =
        Correct the line named in the message
code-p0603 = Port taken
    .cause = Another program listens at this address already.
    .todo =
        Take a free port: pirate node run --listen 0.0.0.0:0
code-p0604 = The demo ended early
    .cause = One of the three nodes of the demo did not do what it should have, or it was interrupted. Nothing that it wrote counts.
    .todo =
        Try again and keep the directories: pirate demo --keep trial
        Then read the logs: trial/*/node.log
code-p0605 = The node ended
    .cause = The node ended by itself, without anybody asking for it. What was acknowledged stays.
    .todo =
        Start it again: pirate node run
        If it goes on, note the message and report it
code-p0606 = The clock of this device is wrong
    .cause = The date of this device is more than a day away from the cité’s. What it signs bears a day that the cité refuses.
    .todo =
        Set the clock of this device, then do it again
code-p0701 = For stewards only
    .cause = Only a steward of the cité can sign this.
    .todo =
        Ask a steward
code-p0702 = Unknown cité
    .cause = There is no cité of this name here.
    .todo =
        See the known cités: pirate federation list
code-p0703 = Unknown act
    .cause = There is no pending act of this number.
    .todo =
        See those that wait: pirate cite approve
code-p0704 = Invitation refused
    .cause = The cité does not know the invitation, or it is expired or used already.
    .todo =
        Ask the cité for another one
code-p0705 = No cité here
    .cause = There is no cité on this machine, or you are a member of none.
    .todo =
        Found one: pirate cite found
        Or join one: pirate join INVITATION
code-p0706 = Cité already founded here
    .cause = There is a cité in this directory already; it is never overwritten.
    .todo =
        Give another --home to found another one
code-p0727 = Cité closed
    .cause = The cité, or the one across, was closed by its root keys. Nothing is paid or decided there any more.
    .todo =
        See the allied cités: pirate federation list
        See your statement, which stays readable: pirate history
code-p0728 = Heirs
    .cause = What is asked in the name of a cité’s heirs does not hold: they are not those whom its ledger names, or something is missing.
    .todo =
        See the heirs: pirate cite heirs
        Follow a resumption: pirate node status
code-p0730 = Another network
    .cause = The invitation or the cité is of another network than the one in which this cité was founded.
    .todo =
        Ask for an invitation of the same network
        To try things out, found another cité beside it with --test-network
code-p0731 = No such application
    .cause = Nobody of this name waits to be admitted.
    .todo =
        See who waits: pirate member list --state applied
code-p0732 = Unreadable invitation
    .cause = This text is not a whole invitation.
    .todo =
        Copy all of it; it begins with pinv1
code-p0733 = Node without a cité
    .cause = A node runs for a cité, and there is none in this directory.
    .todo =
        Found one: pirate cite found
        Or give the right directory with --home
code-p0801 = Not an audit file
    .cause = This file is not an audit file.
    .todo =
        Check the name of the file
code-p0802 = Audit file damaged
    .cause = The bytes of the file are not those that were written.
    .todo =
        Copy it again from its source
code-p0803 = Unreadable anchor
    .cause = The file given with --anchor does not name cités and witness keys.
    .todo =
        One cité or key a line
code-p0804 = No such entry
    .cause = There is no entry of this number or order in the log.
    .todo =
        See the entries: pirate log list
code-p0805 = A proof that proves nothing
    .cause = The file is damaged, or what it holds accuses nobody.
    .todo =
        Ask for it again, or search the audit files yourself: pirate audit forks …
code-w0101 = Words not checked
    .cause = The recovery words were written to a file and not yet copied.
    .todo =
        Copy them to paper, then delete the file
code-w0102 = Test lock
    .cause = The key is locked with very little work: whoever takes the file quickly guesses the passphrase.
    .todo =
        Use it on a test network only
code-w0201 = Slow disk
    .cause = More than one wait for the disk in a hundred took more than a second in the last ten minutes. An SD card at its end, a busy disk or a network medium looks like this.
    .todo =
        See what else writes to this disk
        Read all that is kept: pirate node scrub
        Replace the card or disk before it fails
code-w0301 = Test network
    .cause = On this network hours do not count.
    .todo =
        Nothing, if that is what you want
code-w0302 = Orders wait
    .cause = Signed orders wait in this wallet to be recorded.
    .todo =
        The next command sends them: pirate balance
code-w0303 = Order refused afterwards
    .cause = An order signed earlier, which waited, was not recorded and will not be.
    .todo =
        Read why in the message
        See what counts: pirate history
code-w0304 = An ally is blocked
    .cause = Its node, or its address, is in the block list. Hours for it wait, and if it is a witness, it confirms nothing more.
    .todo =
        See the list: pirate node block --list
        Block it no longer: pirate node block … --lift
code-w0305 = A witness is silent
    .cause = This node has had no connection with one of its witnesses for more than an hour. While enough others answer, everything goes on.
    .todo =
        See who is connected: pirate node peers
        Ask those who run it
        Gone for good: pirate federation ally … --no-mirror
code-w0306 = Many wrong messages
    .cause = More than one message in a hundred, in the last ten minutes, could not be read or showed its own fault. An attack, or a node of another version.
    .todo =
        See whose: pirate node peers --top
        Have nothing to do with it any more: pirate node block …
code-w0307 = Recorded orders are lost
    .cause = The cité took up its ledger again from its witnesses, after a failure. What it had recorded (✓) before they had it is not in it any more.
    .todo =
        See what counts: pirate history
        Sign again what is missing
code-w0308 = The witnesses confirm no more
    .cause = For more than ten minutes too few witnesses have confirmed the last entries. They are away, full, recovering, or held back by a complaint. Nothing is lost, and recorded hours stay recorded.
    .todo =
        See who is connected: pirate node peers
        Ask those who run the witnesses what their nodes say
code-w0309 = Another node passes messages on
    .cause = The node of your cité does not answer at its address, and that of another cité passes your messages on. It can change nothing in them, but it sees who asks what.
    .todo =
        See where your cité is: pirate federation list
        Ask whoever runs the node for its new address
code-w0601 = Much memory
    .cause = The node holds more than 70% of the memory that it is given (256 MB). Beyond it the system slows it down.
    .todo =
        See who uses how much: pirate node peers --top
        Restart the node, and report it if that comes again
code-v0 = Verified and witnessed
    .cause = Signatures, chain, rules and balance hold, and enough witnesses that you know have seen the same history.
    .todo =
        Nothing
code-v10 = Verified, too few witnesses
    .cause = Everything holds, but fewer witnesses than needed have confirmed it.
    .todo =
        Ask for a newer file, once the witnesses have confirmed
        Without an allied cité a ledger has no witness: pirate federation ally CITÉ
code-v11 = Witnessed by a minority
    .cause = Some witnesses confirmed, but most of those that you know said nothing.
    .todo =
        Ask the other witnesses what they saw
code-v20 = Consistent, not anchored
    .cause = The file proves only itself: you gave nothing to anchor it.
    .todo =
        Give --anchor FILE, with the cités and witness keys that you trust
code-v30 = Two ledgers
    .cause = The cité signed two different histories, or an entry that can stand in no ledger. The proof stands alone.
    .todo =
        Keep the proof
        Tell the allied cités
code-v40 = Not valid
    .cause = A signature, the chain, a rule or the balance does not hold.
    .todo =
        Do not rely on it
        Get the file from another source and compare
