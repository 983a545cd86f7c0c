# Identités, mots de secours, phrases qui verrouillent.

key-locked = Clé verrouillée. Phrase :
unlocking = Déverrouillage de la clé
locking = Verrouillage de la clé
passphrase-new = Phrase pour verrouiller la clé (4 mots suffisent) :
passphrase-again = La même phrase, encore une fois :
passphrase-short = Cette phrase est trop courte : au moins { $least } lettres.
passphrase-not-kept = Rien n’a été gardé.
passphrases-differ = Les deux phrases ne sont pas les mêmes.
secret-interrupted = Interrompu : aucune phrase n’a été lue.
passphrase-file = Le fichier de phrase { $path } est vide ou illisible.
passphrase-file-open = D’autres peuvent lire le fichier de phrase { $path } (mode { $mode }) ; il n’a pas été lu.
passphrase-lost = Phrase perdue ? Les mots de secours redonnent la même clé.
wrong-passphrase = Cette phrase n’ouvre pas la clé.
key-file-open = Le fichier { $path } peut être lu par d’autres (mode { $mode }) ; la clé n’a pas été ouverte.
key-file-damaged = Le fichier { $path } est abîmé, ou n’est pas une clé.
no-identity = Il n’y a pas d’identité « { $profile } » sur cet appareil.
identity-exists = Il y a déjà une identité « { $profile } » sur cet appareil.
identity-nothing-changed = Rien n’a été changé.
fix-with-words = Avec les mots de secours
fix-other-profile = Une autre identité à côté

ask-alias = Comment vous appeler ici ? (reste sur cet appareil)
ask-words-how = Tapez vos 12 mots, dans l’ordre (accents et majuscules sans importance).
ask-words = Mots de secours
word-read-as = mot { $place } : « { $typed } » → lu « { $read } »
words-read-right = Est-ce bien cela ?
words-count = Il faut 12 mots ; { $count ->
        [one] { $count } mot a été lu
       *[other] { $count } mots ont été lus
    }.
words-unknown = Le mot { $place }, « { $typed } », n’est dans aucune liste.
words-near = Dans une liste, à une lettre près : { $words }.
words-do-not-fit = Ces 12 mots sont tous connus, mais l’ensemble ne tombe pas juste : un mot est faux ou déplacé.
words-nothing-opened = Rien n’a été ouvert ni créé.
words-mixed = Ces mots viennent de deux listes, la française et l’anglaise ; une phrase de secours est écrite dans une seule langue.
words-two-languages = Ces 12 mots vont en français et en anglais ; précisez --words-lang fr ou --words-lang en.
words-write-down = Vos 12 mots de secours. Écrivez-les sur papier, pas en photo.
words-ask-back = Vérification : mots { $places } ?
words-not-these = Ce ne sont pas ces mots. Regardez votre papier.
words-not-known-back = Les mots n’ont pas été reconnus ; aucune clé n’a été gardée.
words-not-kept = Les mots de secours doivent être montrés : il faut un terminal, ou un fichier où les écrire.
words-never-checked = jamais

key-created = Identité de { $alias } créée.
key-dry-run = Essai : l’identité de { $alias } aurait été créée. Rien n’a été gardé.
warn-words-not-checked = Mots de secours pas encore vérifiés : recopiez-les sur papier, puis effacez le fichier.
warn-test-lock = Verrou d’essai : la phrase se devine vite. Seulement pour un réseau d’essai.
next-show-key = Revoir cette identité

label-profile = Identité
label-alias = Nom ici
label-public-key = Clé publique
label-fingerprint = Six mots
label-created = Créée le
label-words-checked = Mots vérifiés
