# Identities, recovery words, passphrases.

key-locked = Key locked. Passphrase:
unlocking = Unlocking the key
locking = Locking the key
passphrase-new = Passphrase to lock the key (4 words will do):
passphrase-again = The same passphrase once more:
passphrase-short = This passphrase is too short: at least { $least } letters.
passphrase-not-kept = Nothing was kept.
passphrases-differ = The two passphrases are not the same.
secret-interrupted = Interrupted: no passphrase was read.
passphrase-file = The passphrase file { $path } is empty or unreadable.
passphrase-file-open = Others can read the passphrase file { $path } (mode { $mode }); it was not read.
passphrase-lost = Passphrase lost? The recovery words give the same key again.
wrong-passphrase = This passphrase does not open the key.
key-file-open = Others can read the file { $path } (mode { $mode }); the key was not opened.
key-file-damaged = The file { $path } is damaged, or is not a key.
no-identity = There is no identity “{ $profile }” on this device.
identity-exists = There is already an identity “{ $profile }” on this device.
identity-nothing-changed = Nothing was changed.
fix-with-words = With the recovery words
fix-other-profile = Another identity beside it

ask-alias = What to call you here? (stays on this device)
ask-words-how = Type your 12 words in order (accents and capitals do not matter).
ask-words = Recovery words
word-read-as = word { $place }: “{ $typed }” → read “{ $read }”
words-read-right = Is that right?
words-count = 12 words are needed; { $count ->
        [one] { $count } word was read
       *[other] { $count } words were read
    }.
words-unknown = Word { $place }, “{ $typed }”, is in no list.
words-near = In a list, but for one letter: { $words }.
words-do-not-fit = All 12 words are known but do not fit together: one is wrong or misplaced.
words-nothing-opened = Nothing was opened or created.
words-mixed = These words come from two lists, the French and the English one; recovery words are all of one language.
words-two-languages = These 12 words fit in French and in English; say --words-lang fr or --words-lang en.
words-write-down = Your 12 recovery words. Write them on paper, not in a photo.
words-ask-back = Check: words { $places }?
words-not-these = Those are not the words. Look at your paper.
words-not-known-back = The words were not recognised; no key was kept.
words-not-kept = The recovery words have to be shown: this needs a terminal, or a file to write them to.
words-never-checked = never

key-created = Identity of { $alias } created.
key-dry-run = Dry run: the identity of { $alias } would have been created. Nothing was kept.
warn-words-not-checked = Recovery words not checked yet: copy them to paper, then delete the file.
warn-test-lock = Test lock: the passphrase is quickly guessed. Only for a test network.
next-show-key = See this identity again

label-profile = Profile
label-alias = Name here
label-public-key = Public key
label-fingerprint = Six words
label-created = Created
label-words-checked = Words checked
