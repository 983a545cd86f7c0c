# Cités, membres, fédération, nœud, registre : ce que lisent les responsables.
reading-log = Lecture du registre (peut être interrompue sans risque)
rebuilding = Reconstruction depuis les écritures signées (peut être interrompue sans risque)
log-damaged = Le registre est abîmé à l’écriture { $leaf }.
log-damaged-nothing = Rien n’a été changé ni effacé.
log-entry-refused = Les règles refusent cette écriture (refus { $number }).
log-not-founded = Le dossier { $path } ne contient pas le registre de sa cité.
log-held = Un autre processus travaille dans ce dossier.
log-held-by = C’est le processus { $process }.
disk-remote = { $path } est sur un disque d’une autre machine ({ $kind }) ; un nœud a besoin d’un disque de sa propre machine.
no-cite-here = Aucune cité n’a été fondée dans { $path }.
no-such-cite = Il n’y a pas de cité « { $named } » ici, ou plusieurs portent ce nom.
fix-other-home = Fonder une autre cité à côté
unknown = inconnu
never = jamais
have-of = { $have } sur { $of }
test-network = RÉSEAU D’ESSAI : ces heures ne comptent pas.
network-real-named = réseau réel « { $name } »
network-test-named = réseau d’essai « { $name } »
nothing-signed = Essai : rien n’a été signé.
rules-in-words = par { $step }, de { $floor } à { $ceiling }, { $approvals ->
        [one] { $approvals } signature
       *[other] { $approvals } signatures
    } pour décider
who-number = membre { $number }
who-id = { $id }
who-commons = la caisse commune
of-number = du membre { $number }
of-alias = de { $alias } ({ $id })
of-id = de { $id }
of-unreadable = d’une personne inconnue
level-member = membre
level-steward = responsable
entry-line = { $leaf } · { $time } · { $says }
entry-found = Fondation de la cité { $name } ({ $place }), { $network }
entry-root-act = Les clés de fondation de la cité signent : { $act }
entry-act = { $by } signe : { $act }
entry-approve = { $by } approuve l’acte { $act }
entry-join = { $by } demande à entrer
entry-pay = { $by } donne { $minutes } à { $to }
entry-pay-asked = { $by } donne { $minutes } à { $to }, sur demande
entry-export = { $by } donne { $minutes } à { $to }, de la cité { $cite } (envoi { $counter })
entry-import = { $to } reçoit { $minutes } de la cité { $cite } (envoi { $counter })
entry-import-returned = { $minutes } de la cité { $cite } (envoi { $counter }) renvoyées, refus { $reason }
entry-return = La cité { $cite } renvoie notre envoi { $counter }, refus { $reason }
entry-acknowledge = Accusé de réception à la cité { $cite }, jusqu’à son envoi { $counter }
entry-farewell = Dernier message à la cité { $cite } : dissoute, tout reçu jusqu’à son envoi { $counter } et plus rien après
entry-parted = La cité { $cite } est dissoute ; elle n’a rien pris après notre envoi { $counter } : ces heures sont rendues
entry-acknowledged = La cité { $cite } a tout reçu jusqu’à notre envoi { $counter }
entry-keys = Nouvelles clés de la cité { $cite }, nommées par ses clés de fondation
entry-resume = Reprise { $incarnation } du registre derrière { $base } écritures, sur promesse de { $fences ->
        [one] { $fences } témoin
       *[other] { $fences } témoins
    }
entry-inherited = Reprise { $incarnation } du registre par ses héritières, derrière { $base } écritures, sur promesse de { $fences ->
        [one] { $fences } témoin
       *[other] { $fences } témoins
    }
entry-seal = Scellé { $seq } · confirmé par les témoins jusqu’à { $certified }
act-admit = admission { $who } ({ $level }), carte du { $from } au { $until }, avance ailleurs { $allowance } au plus
act-rules = règles, version { $version } : { $rules }
act-peer-open = compte ouvert à la cité { $cite }, ligne { $line }
act-line = ligne de la cité { $cite } : { $line }
act-close = la cité est dissoute
act-heirs = { $count ->
        [one] une cité héritière
       *[other] { $count } cités héritières, dont { $need } signent ensemble
    }
act-mirrors = témoins : { $cites }
act-mirrors-none = plus aucun témoin
log-nothing-fits = Aucune écriture ne correspond.
log-end-unreadable = « { $typed } » n’est ni un numéro d’écriture ni une date. Écrivez par exemple 4812 ou 2026-11-23.
log-no-such-member = Il n’y a pas de membre « { $named } » dans ce registre.
log-no-such-entry = Il n’y a pas d’écriture { $leaf } ; la dernière est { $last }.
log-no-such-order = L’ordre { $order } n’est pas dans ce registre.
log-entry-unreadable = « { $typed } » n’est ni un numéro d’écriture ni un ordre (pord1…).
log-not-sealed = Cette écriture n’est encore inscrite dans aucun arrêté ; elle n’a été promise à personne.
log-entry-title = Écriture { $leaf }
proof-title = Preuve
entry-path = Chemin de l’écriture { $leaf } à la racine de { $size } écritures, de bas en haut :
proof-unsigned = Cette racine est celle du dernier arrêté ; l’arrêté signé : pirate cite voir --note
proof-signed = Racine signée par la cité et { $count ->
        [one] { $count } témoin
       *[other] { $count } témoins
    } :
label-entered = Écrite le
label-applications = Candidatures
applications-wait = { $count ->
        [one] Une personne attend d’être admise
       *[other] { $count } personnes attendent d’être admises
    }
label-acts = Actes
acts-wait = { $count ->
        [one] Un acte attend d’autres responsables
       *[other] { $count } actes attendent d’autres responsables
    }
next-acts = Voir les actes qui attendent
label-kind = Sorte
label-order = Ordre
label-signed-by = Signé par
label-valid-until = Valable jusqu’au
label-bytes = Octets
label-leaf = Empreinte
label-root = Racine
found-needs-identity = Pour fonder une cité il faut une identité « { $profile } » : la vôtre, celle de la première personne responsable.
found-member-already = L’identité « { $profile } » est déjà membre de la cité { $name }.
found-exists = Il y a déjà un registre ou des clés dans { $path } ; rien n’a été touché.
found-exists-lost-disk = Fonder de nouveau ne répare pas une cité perdue : ce serait une autre cité, sans ses membres ni ses heures.
found-words-not-kept = Les mots de secours de la cité doivent être montrés : il faut un terminal, ou un fichier où les écrire.
found-begin = Fonder une cité : 5 questions, 1 minute. Ctrl-C : rien n’est écrit.
found-ask-name = 1/5 Nom ?
found-ask-place = 2/5 Commune ?
found-ask-step = 3/5 Plus petite durée comptée ? (15 min)
found-ask-limits = 4/5 Soldes permis par membre ? (-20h,+40h)
found-ask-approvals = 5/5 Signatures de responsables pour décider ? (1)
found-name-empty = Il faut un nom.
found-bad-slug = « { $typed } » ne peut pas être une adresse courte : minuscules sans accent, chiffres, tirets, { $most } au plus. Choisir avec --slug.
found-bad-network = « { $typed } » ne peut pas nommer un réseau : minuscules sans accent, chiffres, tirets, 32 au plus.
found-bad-rules = Ces règles ne sont pas possibles.
found-bad-rules-bounds = La plus petite durée va de 1 min à 1 h ; un plafond va jusqu’à { $most }.
found-limits-not-steps = Les soldes permis doivent être des multiples de { $step }.
found-limits-unreadable = « { $typed } » : écrivez les deux soldes, par exemple -20h,+40h.
found-ceiling-below = « { $typed } » : le solde le plus haut n’est pas sous zéro.
found-approvals-unreadable = « { $typed } » : écrivez un nombre de 1 à 9.
found-title = Une nouvelle cité
found-changes = Ce qui se passe : un registre commence ici, vous en êtes le membre 1 et la première personne responsable.
found-undo = Nom, commune, réseau et adresse courte ne changent plus jamais ; cette version ne change pas non plus les règles.
found-confirm = Créer ?
found-dry-run = Essai : la cité aurait été fondée. Rien n’a été écrit.
found-words = Les 12 mots de secours de la cité. Écrivez-les sur papier, loin de cette machine.
found-words-not-known-back = Les mots n’ont pas été reconnus ; rien n’a été fondé.
found-done = Cité fondée : { $name }. Première écriture signée le { $time }
found-you = membre 1, responsable
found-no-wallet = Votre portefeuille n’a pas pu être écrit ({ $why })
found-next-words = Recopier sur papier les mots de { $path }, puis effacer ce fichier
found-next-run = Lancer le nœud
found-next-invite = Inviter des membres
next-restore = Retrouver ici l’identité d’une personne responsable, avec ses mots de secours, puis rejoindre la cité (pirate rejoindre)
found-next-ally = Rejoindre d’autres cités
found-next-disk = Tant qu’aucune cité alliée n’en tient copie, ce disque est le seul exemplaire du registre.
cite-title = { $name } ({ $place })
cite-and-place = { $name } ({ $place }, { $slug })
cite-on-network = { $name } · { $network }
members-and-stewards = { $members }, dont { $stewards ->
        [one] { $stewards } responsable
       *[other] { $stewards } responsables
    }
witnesses-none = aucun
peers-title = Avec les autres cités
invitation-for-cites = Pour les autres cités (pirate federation rejoindre) :
note-needs-node = L’arrêté signé n’est pas sur ce disque ; le nœud le donne.
read-directly = Lecture directe du registre (nœud arrêté ou loin, données d’il y a { $age })
age-minutes = { $count } min
age-seconds = { $count } s
age-hours = { $count } h
age-days = { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }
label-network = Réseau
label-cite = Cité
label-place = Commune
label-slug = Adresse courte
label-rules = Règles
label-cite-id = Identité
label-you = Vous
label-members = Membres
label-entries = Écritures
label-committed = Définitives
label-witnesses = Témoins
label-log-key = Clé du registre
label-mirror-key = Clé de témoin
label-balance = Solde
label-line = Ligne
label-open = En route
label-waiting = Depuis
act-waits = { $act } : signé, { $left ->
        [one] il faut encore { $left } signature
       *[other] il faut encore { $left } signatures
    }
next-approve = Chaque responsable qui ne l’a pas encore signé l’approuve
label-act = Acte
label-proposed-by = Proposé par
label-approvals = Signatures
label-until = Jusqu’au
label-no = N°
acts-none = Aucun acte n’attend.
no-such-act = Il n’y a pas d’acte « { $typed } » en attente.
approve-already = Vous avez déjà signé cet acte ; il attend les autres.
approve-undo = Une signature ne se retire pas ; un acte contraire peut suivre.
approve-by-identity = Avec --yes, personne ne voit quel acte est signé : nommez-le par son identité (pord1…), que --list montre.
approve-confirm = Signer ?
approve-in-force = Signé. L’acte est en vigueur.
approve-waits = Signé ; { $left ->
        [one] il faut encore { $left } signature
       *[other] il faut encore { $left } signatures
    }.
invite-dry-run = Essai : une invitation jusqu’au { $until } aurait été faite.
invite-done = Invitation à la cité { $cite }, pour { $uses ->
        [one] { $uses } personne
       *[other] { $uses } personnes
    }, jusqu’au { $until } :
invite-no-address = Le nœud ne connaît pas d’adresse où on le joint
invite-next = La personne invitée tape
next-applications = Voir qui attend
next-admit = Admettre
application-proposed = L’admission de { $alias } est déjà proposée : il y manque des signatures.
applicant-waits = à décider
applicant-proposed = proposée, à signer
application-proposed-why = Qui ne veut pas de cette admission ne la signe pas : sans assez de signatures, elle tombe en trente jours.
act-proposed = C’est déjà proposé, et il y manque des signatures : { $what }.
act-proposed-why = Ce qui attend est signé, ou tombe en trente jours ; alors on peut proposer autre chose.
applications-none = Personne n’attend.
application-none = Personne de ce nom n’attend : « { $typed } ».
application-two = Plusieurs personnes « { $typed } » attendent ; donnez le début de l’identité (pmemb1…).
decline-means = La candidature est effacée, et la personne l’apprend quand elle demande où elle en est ; rien ne va au registre. Une nouvelle invitation permet à la personne de redemander.
decline-dry = Essai : la candidature aurait été effacée.
decline-confirm = Refuser cette candidature ?
decline-done = Candidature de { $alias } refusée et effacée
erase-goes = Détruits ici : le nom, les textes de ses paiements et de ses demandes, ses lettres. Ce que cette personne écrirait ensuite ne serait plus gardé.
erase-asks = La même chose est demandée à : { $cites }
erase-stays = Restent au registre, qui ne s’efface pas : le numéro, les heures, leurs dates, les clés publiques, et donc le solde. Restent aussi les mots que d’autres ont écrits en payant cette personne.
erase-copies = Les sauvegardes de pirate n’ont ni noms ni textes. Une copie du disque faite autrement les garde jusqu’à ce qu’on la détruise ; l’appareil de chaque personne aussi.
erase-for-good = Un effacement ne s’annule pas.
erase-confirm = Effacer le nom et les textes de cette personne ?
erase-dry = Essai : rien n’a été effacé.
erase-done = Effacé ici : { $who }
erase-under-way = Effacement en cours ici : { $who }. Il continue tout seul, même après un arrêt.
erase-all-told = Aucune autre cité n’a encore à répondre.
erase-waits = N’ont pas encore répondu : { $cites }. Le nœud redemande tout seul.
erase-next = Voir où on en est
admit-who-or-all = Donnez un nom, ou --all, mais pas les deux.
admit-who = { $alias } · { $member }
admit-steward = Une personne responsable signe pour la cité.
admit-undo = Une admission ne s’annule pas ; la carte prend fin à sa date.
admit-confirm = Admettre { $count ->
        [one] cette personne
       *[other] ces { $count } personnes
    } ?
admit-done = Admission faite : { $alias }
admit-proposed = Admission de { $alias }
admit-stopped-at = Arrêt à { $alias } ; ce qui était signé avant reste.
admit-card-past = La carte prendrait fin le { $until }, qui est passé.
label-name = Nom
label-level = Rôle
label-card-until = Carte
label-last-move = Dernier échange
label-member-id = Identité
label-since = Depuis
invitation-unreadable = Ce texte n’est pas une invitation (pinv1…), ou il est mal recopié.
invitation-own = C’est l’invitation de votre propre cité.
invitation-no-address = Cette invitation ne dit pas où joindre la cité.
other-network = C’est le réseau « { $there } » ; cette cité est du réseau « { $here } ».
other-network-why = Une cité reste dans le réseau où elle a été fondée ; un réseau d’essai et un réseau réel ne se mêlent jamais.
join-admits = Cette invitation-là admet une personne ; entre cités, celle de cette commande suffit, chez l’autre
join-we-will = Nous tiendrons leurs arrêtés et montrerons les nôtres. Les noms des membres ne partent jamais.
join-confirm = Les six mots sont-ils ceux de l’affiche ou du site ?
joining-network = Premier contact
join-done = Réseau rejoint ; { $count ->
        [one] { $count } cité connue
       *[other] { $count } cités connues
    }.
join-not-yet = Adresses retenues, mais la cité ne répond pas encore ; le nœud continue d’essayer.
next-federation-list = Les cités connues
next-federation-join = En connaître une
next-ally = S’allier à une cité
cites-none = Le nœud ne connaît pas encore d’autre cité.
agreement-none = aucun
agreement-ended = terminé : l’une est dissoute
agreement-both = des deux côtés
agreement-ours = de notre côté
connected-now = en ligne
not-connected = hors ligne
balance-sign = Solde positif : nous leur devons ; négatif : elles nous doivent.
label-agreement = Accord
label-certified = Confirmé
label-seen = Vue
label-ally = Avec
ally-oneself = Une cité ne s’allie pas à elle-même.
ally-ask-line = Combien peut-elle nous devoir au plus ? ({ $usual } ; entre cités qui échangent : 50 h à 150 h)
ally-line-means = La ligne est ce que cette cité peut nous devoir au plus ; c’est aussi le plus que nous pouvons perdre.
ally-mirror-means = Elle devient témoin : elle garde une copie de notre registre, sans les noms, et le contrôle.
ally-mirror-ends = Elle n’est plus témoin : elle ne confirme plus rien de notre registre dès que les autres l’ont confirmé.
ally-mirrors-full = Il y a déjà { $most } témoins ; celle-ci n’en sera pas.
ally-undo = La ligne peut être baissée à tout moment ; elle tombe à 0 après un an sans renouvellement.
ally-confirm = Signer ?
ally-opened = Compte ouvert à la cité { $cite }, ligne { $line }
ally-line = Ligne de la cité { $cite } changée : { $before } → { $line }
ally-renewed = Ligne de la cité { $cite } renouvelée : { $line }, pour un an
ally-unchanged = Rien à changer : la cité { $cite } a déjà un compte ici, ligne { $line }, jusqu’au { $until }. Rien n’a été signé.
ally-mirror-done = La cité { $cite } est choisie comme témoin
ally-mirror-ended = La cité { $cite } n’est plus témoin, dès que les autres l’ont confirmé
ally-no-witness = Le compte est ouvert, mais pas le témoin ({ $why }) Recommencer plus tard
ally-next = L’autre cité fait de même ; suivre
address-unreadable = « { $typed } » n’est pas une adresse. Écrivez par exemple 0.0.0.0:17890.
settings-wrong = Un réglage est faux.
node-dry-run = Essai : le nœud de { $path } aurait été lancé.
node-port-moved = Le port { $usual } est pris ; le nœud écoute sur { $port }.
node-ready = Nœud lancé · { $cite }
node-stopping = Arrêt en cours.
node-stopped-cleanly = Nœud arrêté proprement.
node-already = Déjà lancé : processus { $process }, depuis le { $since } ; cette commande n’a rien changé.
next-node-status = Son état
node-real-clock = L’horloge ne se règle que sur un réseau d’essai.
node-keys = Les clés du nœud ({ $path }) ne peuvent pas être lues.
node-ports-taken = Les ports { $first } à { $last } sont tous pris.
node-cannot-listen = Le nœud ne peut pas écouter à { $address }.
node-network = Le nœud ne peut pas écouter.
node-socket = La prise locale { $path } ne peut pas être ouverte.
node-keys-other = Les clés dans { $path } ne sont pas celles de ce registre.
node-keys-other-why = Elles viennent d’ailleurs, ou une reprise a été interrompue : il suffit de la recommencer.
node-index-unopened = L’index ne peut être ni lu ni refait ; le registre n’y est pour rien, et le nœud n’a rien signé.
node-log-unopened = Le registre ne peut pas être ouvert ; le nœud n’a rien signé.
node-stopped-at-once = Arrêté sur-le-champ par un second signal ; ce qui était confirmé est gardé.
node-ended = Le nœud s’est arrêté de lui-même ; ce qui était confirmé est gardé. Le relancer.
node-stopped = Le nœud est arrêté.
node-not-running = arrêté
node-running = lancé depuis le { $since } · { $peers ->
        [one] { $peers } pair
       *[other] { $peers } pairs
    }
node-runs = Nœud lancé depuis le { $since }, version { $version }
label-listening = Écoute sur
label-socket = Prise locale
label-peers = Pairs
label-copy = Copie
label-disk = Disque
label-last-entry = Dernière
label-node = Nœud
label-address = Adresse
copy-of = { $cite }, { $size ->
        [one] { $size } écriture
       *[other] { $size } écritures
    }
free-megabytes = { $free } Mo libres
peers-none = Le nœud ne parle à personne en ce moment.
rebuild-node-runs = Arrêter d’abord le nœud, ou seulement contrôler.
rebuild-no-mending = Un index se refait depuis le registre ; un registre abîmé, non. Gardez le dossier entier : un registre se reprend chez ses témoins (pirate noeud reprendre).
rebuild-done = Index refait : { $entries ->
        [one] { $entries } écriture vérifiée
       *[other] { $entries } écritures vérifiées
    }.
rebuild-next = Relancer le nœud
check-entries = { $entries ->
        [one] { $entries } écriture vérifiée
       *[other] { $entries } écritures vérifiées
    } : signatures, règles, arrêtés
check-sum = Somme des soldes : 0 h 00
check-index = L’index correspond
check-certified = Le registre contient ce que les témoins ont confirmé ({ $size })
check-no-certificate = pas encore de confirmation par des témoins
guard-unreadable = ce qui le dit, le fichier guard, manque ou est abîmé
guard-copied = copié ou restauré depuis, peut-être d’une autre machine
guard-of-other = le fichier guard est celui d’un autre registre
guard-above = { $signed ->
        [one] { $signed } écriture signée
       *[other] { $signed } écritures signées
    }, il en contient moins
guard-branch = ses { $signed } premières écritures ne sont pas celles qui ont été signées
log-lost-entries = Le registre est plus court que ce que cette machine a signé, ou n’est plus le même.
check-guard = C’est bien le registre que cette machine a signé en dernier
format-later = Le dossier du nœud { $path } a été écrit par une autre version de pirate.
format-numbers = Il est tenu sous la forme { $found } ; ce programme connaît la forme { $known }.
log-unreadable = Le registre dans { $path } est abîmé. Ne rien effacer.
check-guard-not = Ce n’est pas le registre que cette machine a signé en dernier : il ne signera rien ({ $said })
log-shown = La clé de cette cité a signé ailleurs un registre { $size ->
        [one] d’une écriture
       *[other] de { $size } écritures
    } qui diffère de celui d’ici : une alliée l’a montré. Le nœud ne signera rien
backup-writing = Écriture de la sauvegarde
backup-written = { $entries ->
        [one] { $entries } écriture sauvegardée et contrôlée
       *[other] { $entries } écritures sauvegardées et contrôlées
    } : { $file }
backup-made-today = Déjà faite aujourd’hui, et bonne ({ $entries ->
        [one] { $entries } écriture
       *[other] { $entries } écritures
    }) : { $file }
backup-holds = Les noms, les textes et les lettres en attente n’y sont pas, ni les clés du nœud.
backup-check-it = La contrôler, à tout moment
backup-good = { $entries ->
        [one] { $entries } écriture, vérifiée
       *[other] { $entries } écritures, toutes vérifiées
    } : { $file }
backup-dry-today = Essai : la sauvegarde d’aujourd’hui est déjà là, { $file } ; elle aurait été contrôlée.
backup-exists = Il y a déjà un fichier : { $path }
backup-damaged = Pas une bonne sauvegarde : { $path }
backup-lives-here = Il y a déjà un registre dans { $path } ; une restauration n’en écrase aucun.
backup-dry-run = Elle pourrait être restaurée ici ; rien n’a été fait.
backup-restored = { $entries ->
        [one] { $entries } écriture restaurée
       *[other] { $entries } écritures restaurées
    }
backup-signs-nothing = Il se lit et ne signe rien. Si l’ancienne machine est perdue, faites repartir le registre ; n’en lancez jamais deux.
backup-next-recover = Le faire repartir, avec les 12 mots de la cité
label-key-files = Fichiers de clés
label-made = Faite
label-kept = Gardées
scrubbing = Lecture de tout ce qui est gardé (peut être interrompue sans risque)
scrub-own = Le registre d’ici
scrub-copy = La copie de la cité { $cite }
scrub-entries = { $of } : { $records ->
        [one] { $records } écriture lue
       *[other] { $records } écritures lues
    }, comme signé jusqu’à { $proven }
scrub-proofs = { $of } : { $records ->
        [one] { $records } preuve d’import lue
       *[other] { $records } preuves d’imports lues
    }
scrub-read = { $kb } ko
scrub-mended = { $files ->
        [0] Rien à réparer
        [one] { $files } fichier abîmé, récrit
       *[other] { $files } fichiers abîmés, récrits
    }
scrub-last = { $at }, { $records } écritures et preuves{ $mended ->
        [0] {""}
        [one] , { $mended } fichier réparé
       *[other] , { $mended } fichiers réparés
    }
scrub-found = { $flaws ->
        [one] { $flaws } endroit du disque n’est plus tel qu’il a été écrit.
       *[other] { $flaws } endroits du disque ne sont plus tels qu’ils ont été écrits.
    }
imports-wait = Aucune heure n’entre d’ailleurs : des preuves d’heures plus anciennes sont abîmées, et il n’y a pas de place où les mettre de côté. Videz le dossier « damaged » du nœud, ou faites de la place sur le disque ; la suite vient toute seule.
scrub-do-repair = Réparer avec ce que d’autres gardent
scrub-do = Le reprendre chez ses témoins, nœud arrêté
scrub-do-start = Lancer le nœud, qui les reprend chez d’autres
scrub-do-rebuild = Les écritures sont bonnes : refaire l’index, nœud arrêté
label-read = Lu
flaw-header = { $file } ne commence pas comme il a été écrit
flaw-record = { $file } : l’écriture { $from } est abîmée
flaw-records = { $file } : les écritures { $from } à { $last } sont abîmées
flaw-records-open = { $file } : abîmé à partir de l’écriture { $from }
flaw-table = { $file } : la table de la fin est abîmée
flaw-stray = { $file } : { $bytes ->
        [one] { $bytes } octet
       *[other] { $bytes } octets
    } après la dernière bonne écriture : coupés par une panne, ou abîmés
flaw-short = { $len ->
        [one] { $len } écriture est ici
       *[other] { $len } écritures sont ici
    } ; { $least } ont été signées
flaw-proofs-short = { $len ->
        [one] { $len } preuve est ici
       *[other] { $len } preuves sont ici
    }, { $least } écritures venues d’ailleurs en demandent une
flaw-root = Les { $size } premières écritures ne sont pas celles qui ont été signées
flaw-tree = L’index des empreintes est abîmé ; les écritures ne le sont pas
flaw-word = Le fichier qui dit ce qui a été attesté est abîmé
migrate-nothing = Données sous la forme { $format }, celle que ce programme écrit : rien à changer
migrate-read = { $entries } écritures décidées de nouveau par ce programme, sans une qui ne suive pas (copies d’alliées : { $copies })
migrate-copy = C’est la copie du registre d’une alliée, { $cite }.
migrate-sum = La somme des comptes n’est pas zéro.
migrate-backup = Avant de remplacer un programme, une sauvegarde
check-do = Voir ce qui est abîmé
check-do-recover = Continuer avec ce que détiennent les témoins
disk-nearly-full = Il reste { $free } Mo. Le nœud cesse d’écrire à { $least } Mo, sans rien perdre.
copy-refills = La copie du registre de la cité { $cite } était abîmée : elle est reprise chez d’autres, { $here } écritures sur { $of }. D’ici là, ce nœud n’y atteste rien.
copy-wordless = Ce que ce nœud a attesté du registre de la cité { $cite } n’est plus connu : il n’y atteste plus rien. Il faut de nouvelles clés, nœud arrêté, dossier node/ mis de côté :
copy-closed = La copie du registre de la cité { $cite } est fermée : le disque a refusé une écriture. Faites de la place, ou relancez le nœud.
two-histories = La cité { $cite } a signé deux registres. Échanges suspendus, preuve gardée.
clock-ahead = L’horloge avance de { $by } sur celles de la plupart des alliées qui répondent ({ $count }). Le nœud n’enregistre rien tant qu’elle n’est pas juste : une seule écriture trop loin dans l’avenir arrêterait le registre. Si ce sont elles qui se trompent : pirate noeud horloge --is-right
clock-jumped = L’horloge montre { $now } ; le nœud l’a suivie jusqu’au { $trusted }, et aucune alliée ne peut confirmer le saut. Il n’enregistre rien. La régler si elle est fausse ; si elle est juste, le dire :
clock-ahead-of = L’horloge avance de { $by } sur celles des alliées ({ $count }).
clock-behind = L’horloge retarde de { $by } sur celles des alliées ({ $count }).
clock-behind-log = L’horloge retarde de { $by } sur la dernière écriture ({ $last }). En attendant, toutes les écritures portent l’heure de celle-ci.
clock-agrees = d’accord avec celles des alliées ({ $count })
clock-not-compared = à aucune alliée pour l’instant
clock-word-taken = C’est noté : l’horloge est juste.
label-clock = Horloge
label-clock-allies = Comparée
nobody-connected = Aucun témoin n’est joignable en ce moment ; la vie locale continue.
hours-waiting = { $minutes } attendent la cité { $cite } depuis le { $since }.
label-identity = Identité
label-member = Membre
label-ledger = Registre
member-number-of = { $number }, cité { $cite }
member-of = cité { $cite }
member-applied = adhésion demandée à la cité { $cite }
member-declined = demande refusée par la cité { $cite }
entries-until = { $entries ->
        [one] { $entries } écriture
       *[other] { $entries } écritures
    }, la dernière le { $time }
next-balance = Mon solde
label-here = Ici
label-incarnation = Reprise n°
label-promises = Promesses
recover-words = Il faut les 12 mots de la cité, notés à sa fondation (pas ceux d’une personne).
close-title = Dissoudre la cité
close-means = Plus personne n’y paie ni n’y décide rien. Ce qui arrive encore d’ailleurs repart chez qui l’a envoyé. Les soldes restent écrits tels qu’ils sont.
close-allies = Chaque cité alliée reçoit un dernier message, dès qu’on sait ce que sont devenues les heures parties chez elle : au plus tard un jour après son arrivée. Ce que le registre n’a jamais pris est alors rendu à qui l’a payé.
close-for-good = C’est pour toujours. Rien ne rouvre une cité dissoute.
close-keep-running = Laisser le nœud en marche jusqu’à ce que toutes les alliées aient ce message.
close-confirm = Dissoudre cette cité ?
close-done = La cité { $cite } est dissoute.
close-said = Le dernier message est écrit pour chaque alliée. Laisser le nœud en marche encore un jour, pour qu’elles le prennent toutes.
close-waits = On ne sait pas encore ce que sont devenues les heures parties chez : { $cites }
close-next = Voir où elle en est
close-next-bundle = Garder le registre entier dans un dossier
label-heirs = Héritières
label-heirs-sign = Signent ensemble
heirs-none = Cette cité n’a pas d’héritières. Si ses mots se perdaient avec sa machine, personne ne pourrait la reprendre.
heirs-next = Nommer des cités alliées
heirs-means = Si la cité se tait pour toujours, elles reprennent ensemble son registre, avec toutes ses heures, et peuvent la dissoudre. Les témoins attendent d’abord trente jours de silence. Elles ne peuvent déplacer aucune heure à la place d’un membre.
heirs-trust = Choisir des cités qui ne tricheraient pas ensemble.
heirs-confirm = Nommer ces héritières ?
heirs-inherited = Ses héritières ont repris cette cité.
heirs-board = La cité « { $cite } » a plusieurs clés de fondation ; cette version ne la nomme pas héritière.
heirs-how-many = Nommer une à cinq cités, chacune une fois, et faire signer ensemble autant qu’il y en a au plus.
petition-title = Reprendre une cité qui se tait
petition-words = Il faut les 12 mots de la cité héritière, notés à sa fondation.
petition-other-words = Ces mots ne sont ceux d’aucune des héritières.
petition-count = { $have } sur { $need }
petition-means = Le nœud qui a fait cette pétition reprendra le registre de la cité, avec de nouvelles clés, quand assez d’héritières l’auront signée et que les témoins auront observé trente jours de silence.
petition-look = Ne signer qu’après avoir cherché à joindre la cité, et parlé avec qui a fait cette pétition.
petition-confirm = Signer cette pétition ?
petition-signed = Signé : { $have } sur { $need }.
petition-next = Passer le fichier à une autre héritière, qui le signe
petition-enough = Il y en a assez. Rendre le fichier à qui a fait la pétition
petition-unreadable = { $path } n’est pas une pétition.
petition-forged = Cette pétition ne tient pas : les clés de fondation n’ont pas nommé ces héritières, ou une signature est fausse.
label-signatures = Signatures
inherit-how = Donner la pétition (--petition) ; pour la faire, aussi la cité et l’invitation d’un de ses témoins (--via).
inherit-place-taken = Il y a déjà un nœud ici, ou { $path } existe déjà. Se placer dans un profil neuf, avec un nouveau fichier.
inherit-no-will = L’alliée interrogée ne sait pas que la cité « { $cite } » ait nommé des héritières. Demander à un autre de ses témoins.
inherit-begun = Pétition écrite : { $path }. { $need } héritières doivent la signer.
inherit-next-sign = Chaque héritière la signe, avec les mots de sa cité
inherit-next-finish = Puis, ici
inherit-too-few = Signée par { $have ->
        [0] aucune héritière
        [one] une héritière
       *[other] { $have } héritières
    }, et il en faut { $need }.
inherit-other-keys = Cette pétition n’a pas été faite ici.
inherit-done = Tout est prêt pour reprendre la cité { $cite }.
inherit-waits = Le nœud doit rester en marche. Il attend que les témoins aient observé trente jours de silence ; un signe de vie de la cité, et ils recommencent à compter.
recover-title = Reprendre le registre
recover-here = { $entries ->
        [one] { $entries } écriture
       *[other] { $entries } écritures
    }
recover-nothing-here = rien : le disque est perdu ou vide
recover-keys = Les clés de fondation de la cité nomment de nouvelles clés pour ce nœud. Les anciennes sont effacées d’ici et ne valent plus rien.
recover-witnesses = Une fois lancé, le nœud va chercher chez les témoins ce qui manque, et leur demande de ne plus jamais confirmer l’ancien registre. Quand assez d’entre eux l’ont promis, il signe de nouveau. Sans témoin, il reprend seul avec ce qui est ici.
recover-old-machine = L’ancienne machine, et toute copie de son dossier, ne doit plus jamais être lancée.
recover-gone = Ce que les témoins n’ont jamais eu est perdu avec le disque : les noms, les textes, les lettres et demandes en attente. Sans témoin, le registre l’est aussi.
recover-confirm = Reprendre ce registre ?
recover-dry-run = Essai : rien n’a été écrit.
recover-done = Tout est prêt pour reprendre la cité { $cite }.
recover-next-run = Lancer le nœud ; il reprend de lui-même
recover-next-bootstrap = Lancer le nœud, en lui disant quelle alliée appeler
recover-next-status = Suivre la reprise
recover-healthy = Rien à reprendre d’après cette machine : c’est le registre qu’elle a signé en dernier. Si une alliée en tient plus (P0206), elle ne peut pas le savoir : choisir alors --rolled-back.
fix-keys-stolen = Si les clés du nœud ont été volées
fix-rolled-back = Si des témoins en ont davantage (P0206) : la machine entière a été remise à un état ancien
recover-threshold = Cette cité demande { $need } clés de fondation ensemble ; cette version ne signe qu’avec une seule.
recover-node-runs = Arrêter d’abord le nœud.
recover-damaged = Pour tout reprendre chez les témoins, mettre de côté le dossier « log » (sans l’effacer), puis recommencer.
recover-no-record = Rien ici ne dit quelle cité reprendre. Une alliée le sait : donner son invitation.
recover-other-words = Ces mots ne sont pas ceux de la cité à reprendre.
recover-other-words-via = Ou bien ce nœud-là ne la connaît pas : demander à une autre alliée.
recover-not-a-record = { $path } n’est pas un acte de fondation.
recover-record-how = Sur une machine alliée qui en garde la copie : pirate journal voir 0 --cite ADRESSE --raw > FICHIER
recover-asking = Question à l’alliée…
recovering-nothing-yet = Reprise en cours : rien n’est encore arrivé des témoins. Le nœud ne signe rien.
recovering-fetching = Reprise en cours : { $here } écritures sur { $held }. Le nœud ne signe rien.
recovering-unsigned = Reprise en cours : sur { $here } écritures arrivées, { $signed } sont signées et ont des témoins. Le journal ne repart pas des autres ; elles sont écartées au bout d’une minute si personne ne les complète. Le nœud ne signe rien.
recovering-promises = Reprise en cours : { $have ->
        [0] aucune promesse
        [one] une promesse
       *[other] { $have } promesses
    } de témoins sur { $need }. Le nœud ne signe rien.
recovering-silent = Témoins qui ne sont pas joignables : { $names }
recovering-heirs-wait = { $days ->
        [one] La cité doit se taire encore un jour avant que ses héritières puissent la reprendre.
       *[other] La cité doit se taire encore { $days } jours avant que ses héritières puissent la reprendre.
    }
recovering-refused = Témoins qui ont refusé : { $names }. Ils ont promis à d’autres clés, peut-être d’une reprise précédente : recommencer.
recovering-no-place = Les témoins tiennent un autre registre que celui d’ici. Celui d’ici doit être mis de côté, et les { $count } places de node/damaged/ sont prises : en enlever ce qui a été regardé ; le nœud continue alors de lui-même.
recovering-certified = Les témoins tiennent un autre registre que celui d’ici, dont ils avaient confirmé { $size ->
        [one] une écriture
       *[other] { $size } écritures
    } : rien de confirmé n’est abandonné ici. Garder le tout comme preuve : nœud arrêté, mettre le dossier node/ de côté, puis reprendre chez une alliée :
given-up = { $lost ->
        [one] Après les { $from } premières écritures, une n’était que dans ce registre. Elle a été remplacée
       *[other] Après les { $from } premières écritures, { $lost } n’étaient que dans ce registre. Elles ont été remplacées
    } par ce que tiennent les témoins. Le registre d’avant est dans node/{ $aside }
recovering-prepared = Une reprise est prête ; le nœud la fera une fois lancé.
