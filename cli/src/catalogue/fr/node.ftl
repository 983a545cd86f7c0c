# Le nœud vu du dehors : ce que chacun consomme, qui est bloqué.
label-received = Reçu
label-sent = Envoyé
label-messages = Messages
label-comes-from = Vient de
label-blocked = Bloqué
label-cuts-off = Alliée
bytes-bytes = { $count } o
bytes-kilo = { $count } ko
bytes-mega = { $count } Mo
bytes-giga = { $count } Go
messages-invalid = { $count } dont { $invalid } faux
peers-over = Les { $minutes } dernières minutes.
peers-wrong = Faux : illisible, ou dont l’erreur se voit d’elle-même.
peers-to-block = Bloquer une clé ou une adresse
block-unreadable = « { $typed } » n’est ni la clé d’un nœud ni une adresse en chiffres.
block-nobody-there = Personne ne vient de là : ce n’est l’adresse d’aucune machine.
block-this-machine = Cette machine ne se bloque pas elle-même.
block-own-node = C’est la clé de ce nœud-ci.
block-lift-whom = Qui ne plus bloquer ? Donner la clé ou l’adresse.
block-dry-run = Essai : rien n’a été changé.
block-done = Bloqué : { $who }
block-already = Déjà bloqué : { $who }
block-lifted = Plus bloqué : { $who }
block-not-there = N’était pas bloqué : { $who }
block-from-next-start = Le nœud est arrêté : ce sera ainsi dès qu’il sera lancé.
blocked-nobody = Personne n’est bloqué.
blocked-room = { $count } sur { $most }
blocked-count = { $count ->
        [one] { $count } ligne
       *[other] { $count } lignes
    }
blocked-ally = La cité { $cite }, une alliée, est bloquée : d’ici là, les heures ne passent plus entre vous. Elles attendent, et rien ne se perd.
blocked-witness = La cité { $cite }, un témoin, est bloquée : d’ici là, elle ne confirme plus rien, et les heures ne passent plus entre vous. Elles attendent, et rien ne se perd.
reply-blocked-full = { $most } clés et adresses sont déjà bloquées.
watch-memory = Le nœud occupe { $held } Mo de mémoire, sur les { $of } Mo prévus.
watch-syncs = Le disque est lent : sur { $count } attentes en dix minutes, { $slow } ont duré plus d’une seconde, la plus longue { $seconds } s. Les paiements attendent avec lui.
watch-invalid = En dix minutes, { $invalid } messages faux sur { $messages }. Voir de qui :
watch-unconfirmed = Des écritures attendent les témoins depuis le { $since } : les heures pour les autres cités ne partent pas.
watch-silent = Rien entendu du témoin { $cite } depuis le { $since }.
watch-clock-ahead = L’horloge avance de { $seconds } s sur celles des alliées ({ $count }).
watch-clock-behind = L’horloge retarde de { $seconds } s sur celles des alliées ({ $count }).
