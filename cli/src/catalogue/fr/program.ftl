# Le programme lui-même : aide, mauvais usage, questions, fichiers, durées, dates.

about = Compter et échanger des heures entre cités, sans opérateur central
said = { $said }
arrow = { $why } : { $command }

mark-good = fait :
mark-warn = attention :
mark-bad = non :
not-checked = Non contrôlé : { $what }
mark-not-checked = non contrôlé :

fail-title = Erreur { $code }
fail-cause = Détail technique, en anglais : { $said }
cause-not-found = Ce chemin n’existe pas.
cause-rights = Les droits manquent : ce fichier ou ce dossier appartient à quelqu’un d’autre.
cause-read-only = Le système de fichiers est en lecture seule.
cause-full = Le disque est plein.
cause-too-large = Une limite du système interdit un fichier si grand.
cause-directory = C’est un dossier, pas un fichier.
cause-not-a-file = Ce n’est pas un fichier, mais un tube, une prise ou un appareil.
cause-no-directory = Une partie du chemin n’est pas un dossier.
cause-exists = Ce nom est déjà pris.
cause-in-use = Un autre programme s’en sert.
cause-not-text = Ce n’est pas du texte lisible.
cause-ends-early = Le fichier s’arrête trop tôt.
cause-mistyped = Un caractère est mal recopié, ou il en manque.
cause-settings-much = { $path }, ligne { $line } : c’est trop long, ou il y en a trop.
cause-settings-key = { $path }, ligne { $line } : la clé d’un nœud a 64 chiffres hexadécimaux.
cause-settings-address = { $path }, ligne { $line } : cette adresse n’en est pas une ; on écrit hôte:port.
cause-settings = { $path }, ligne { $line } : cela n’a pas la forme d’un réglage (nom = valeur).
cause-settings-unknown = { $path }, ligne { $line } : « { $name } » n’est pas un réglage.
cause-anchor-empty = Aucune cité n’y est nommée.
cause-anchor-key = Ligne { $line } : ce n’est pas la clé d’un témoin de cette cité.
cause-anchor-cite = Ligne { $line } : l’identifiant de la cité est mal recopié.
cause-anchor-line = Ligne { $line } : ce n’est ni une cité, ni une cité et la clé d’un témoin.
cause-line = Ligne { $line } : elle n’est pas comme le programme l’écrit.
cause-open = D’autres comptes de la machine peuvent lire ce fichier.
cause-other-log = Un morceau du registre est d’un autre registre.
cause-record = L’écriture { $index } est abîmée sur le disque.
cause-proof = Une signature ou une preuve ne tient pas.
cause-changed = Les octets ne sont plus ceux qui ont été écrits.
cause-form = C’est coupé, abîmé ou d’une autre sorte.
cause-version = Une autre version du programme l’a écrit, ou autre chose que lui.
cause-other-sort = C’est un identifiant ou un lien d’une autre sorte.
cause-no-node = Aucun nœud de ce réseau ne répond à cette adresse.
cause-other-node = Un autre nœud répond à cette adresse.
cause-no-card = Le texte ne commence pas par pirate-card/1.
cause-proof-changed = La preuve est coupée ou changée.
cause-proof-accuses-nobody = Ce qu’elle contient n’accuse personne.
qr-without-colours = Le code QR ne se montre qu’en couleurs, sur un terminal ; le texte dit la même chose.
qr-too-small = Le code QR demande { $columns } colonnes et { $lines } lignes : agrandir la fenêtre, ou l’écrire dans un fichier (-o carte.svg).
cause-photo-format = Ce n’est ni du PNG ni du JPEG.
cause-photo-large = L’image a plus de { $most } millions de points.
cause-photo-damaged = L’image est coupée ou abîmée.
cause-photo-code = Aucun code QR ne s’y lit.
cause-card-changed = La carte est coupée ou changée.
cause-nobody = Personne n’écoute à cette adresse.
cause-socket-long = Ce chemin est trop long pour le fichier d’un nœud ; le dossier doit avoir un nom plus court.
cause-no-socket = Il y a autre chose à ce chemin que le fichier d’un nœud.
cause-cut = La liaison a été coupée.
cause-late = La réponse n’est pas venue à temps.
cause-busy = Trop de demandes attendent déjà ce nœud.
cause-blocked = Cette adresse est bloquée sur ce nœud-ci par qui le fait tourner.
cause-no-way = Aucun chemin réseau ne mène à cette adresse.
cause-port = Un autre programme écoute déjà à ce port.
cause-address = Cette adresse n’est pas à cette machine.
cause-address-tcp = Seules les adresses TCP conviennent : on écrit hôte:port.
cause-address-port = Il manque le port, de 0 à 65535 : on écrit hôte:port.
cause-address-form = On écrit hôte:port, par exemple 192.0.2.7:17890.
bug = C’est une erreur du programme, pas de votre part.
no-chance = Cette machine ne donne pas de nombres au hasard ; aucune clé n’a été faite.

help-title = Pirate — compter et échanger des heures entre cités, sans opérateur central.
help-everyday = Tous les jours
help-begin = Pour commencer
help-trouble = Si quelque chose cloche
help-more = Toutes les commandes : pirate aide tout · Une seule : pirate aide COMMANDE
help-examples = Exemples
help-arguments = Arguments
help-usage = Usage : { $usage }
help-globals = Options de toutes les commandes
help-globals-where = Options de toutes les commandes : pirate aide tout

welcome-create = Créer mon identité
welcome-restore = J’ai déjà un compte, voici mes mots de secours
welcome-found = Fonder une cité
welcome-try = Essayer sans risque
welcome-help = Aide

usage-command = « { $typed } » n’est pas une commande.
usage-flag = L’option { $typed } n’existe pas ici.
usage-extra = « { $typed } » est de trop.
usage-value = « { $typed } » ne convient pas pour { $arg } ; valeurs possibles : { $accepted }.
usage-value-missing = Il manque une valeur après { $arg }.
usage-missing = Il manque { $arg }.
usage-incomplete = Il manque un mot après « { $name } » : { $next }.
usage-conflict = { $arg } et { $prior } ne vont pas ensemble.
usage-bytes = Un argument n’est pas du texte UTF-8.
usage-number = « { $typed } » n’est pas un nombre entier.
usage-number-between = « { $typed } » : il faut un nombre entier de { $least } à { $most }.
usage-other = Cette commande ne peut pas être comprise.
usage-or = ou
usage-meant = Vouliez-vous dire { $meant } ?

prompt-yes-no = [O/n]
prompt-no-yes = [o/N]
prompt-line = { $question } ›
needs-answer = Cette commande pose une question, et personne n’est là pour y répondre : « { $question } »
yes-answers = Ajoutez --yes, ou répondez dans un terminal.
flag-answers = L’option { $flag } répond à la place, ou répondez dans un terminal.
no-line = Pas de réponse lue.
declined = Rien n’a été fait : vous avez répondu non.

progress = { $what }… { $seconds } s
progress-percent = { $what } : { $percent } %, { $seconds } s

cannot-write = Impossible d’écrire { $path }.
unprinted-done = La commande, elle, a été exécutée jusqu’au bout. Ne la relancez pas sans regarder d’abord, par exemple avec : pirate releve
cannot-print = Le résultat n’a pas pu être écrit en entier sur la sortie standard.
file-dry-run = Essai : { $path } aurait été écrit. Rien n’a été fait.
file-dry-remove = Essai : { $path } aurait été effacé.
cannot-read = Impossible de lire { $path }.
no-home = Le dossier personnel est inconnu ; donnez --home DOSSIER.
profile-name = « { $name } » ne peut pas nommer une identité : lettres sans accent, chiffres, - et _ seulement, 64 au plus.

amount-ambiguous = « { $typed } » : minutes ou heures ? Écrivez { $typed }min ou { $typed }h.
amount-negative = « { $typed } » : une durée s’écrit sans signe.
amount-too-large = « { $typed } » est plus que ce qui peut être compté.
amount-not-whole = « { $typed } » ne fait pas un nombre entier de minutes. Écrivez par exemple 1h20 ou 80min.
amount-unreadable = « { $typed } » n’est pas une durée. Écrivez par exemple 1h30, 90min ou 1,5h.
date-unreadable = « { $typed } » n’est pas une date. Écrivez par exemple 2026-11-23.
span-unreadable = « { $typed } » n’est pas un délai. Écrivez par exemple 30s, 2h ou 7j (dix ans au plus).
days-only = « { $typed } » n’est pas un nombre de jours, de 1 à 3660. Demandes et invitations finissent avec un jour : écrivez par exemple 7j ; pour une demande, une date convient, 2026-11-30.

no-such-code = Il n’y a pas de code « { $typed } ».
explain-todo = Que faire
explain-exit = Code de sortie : { $exit }

label-code = Code
label-title = Titre
