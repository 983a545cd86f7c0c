# pirate demo

demo-announced = Trois cités, trois nœuds sur cette machine, { $days } jours. Rien de ce qui s’y passe ne compte. Peut être interrompu sans risque.
demo-founding = Trois cités se fondent et s’allient
demo-playing = La saison se joue
demo-auditing = Contrôle des trois registres
demo-allied = Les trois cités sont alliées et sont témoins les unes des autres.
demo-away = { $day } : le nœud de la cité { $name } s’arrête. Les heures vers cette cité attendent.
demo-waiting = { $name } : { $count ->
        [one] { $count } paiement en attente
       *[other] { $count } paiements en attente
    } ({ $amount }), depuis le { $since }.
demo-back = { $name } : le nœud est revenu, tout est arrivé ou reparti.
demo-title = Une saison de { $days } jours · graine { $seed } · réseau d’essai
demo-column-cite = Cité
demo-column-members = Membres
demo-column-entries = Écritures hors scellés
demo-column-sum = Somme
demo-column-certified = Certifiées
demo-column-committed = Définitives
demo-column-of = Chez
demo-column-towards = Compte de
demo-column-line = Ligne
demo-column-lowest = Au plus bas
demo-column-now = À la fin
demo-label-exchanges = Échanges
demo-exchanges = { $count }, de { $mean } en moyenne, dont { $requests } sur demande signée
demo-label-abroad = Vers une autre cité
demo-abroad = { $sent } partis, { $imports } arrivés, { $returns } revenus
demo-label-refused = Refusés par une règle
demo-label-card = Carte
demo-card = membre { $number } de la cité { $home }, contrôlée hors ligne par la cité { $at }, { $witnesses ->
        [one] { $witnesses } témoin
       *[other] { $witnesses } témoins
    }
demo-check-crossings = Tout ce qui est parti est arrivé ou revenu
demo-check-members = Autant de départs que les membres en ont signé
demo-check-returns = Chaque retour a été rendu
demo-check-open = Plus rien n’est en route
demo-check-sum = Somme de chaque registre : 0 à chaque écriture
demo-check-lines = Aucune cité n’a dû plus que sa ligne
demo-check-settled = Chaque écriture est certifiée et définitive
demo-check-card = La carte est reconnue ailleurs
demo-check-audit = Les trois registres, vérifiés hors ligne, s’accordent
demo-planted-sum = Défaut planté dans une copie : une arrivée crédite une heure que personne n’a envoyée.
demo-planted-signature = Défaut planté dans une copie : un bit d’une signature est retourné.
demo-planted-fork = Défaut planté à côté : la clé du registre signe une seconde histoire.
demo-found-entry = { $name } : l’écriture { $leaf } ne tient pas
demo-found = { $name } : ce dossier ne tient pas
demo-two-histories = { $name } : deux histoires signées de la même clé
demo-verdict = Verdict { $code } : { $said }
demo-seconds = Joué en { $seconds } s.
demo-card-bad = La carte ne prouve rien
demo-keep-full = { $path } n’est pas vide : rien n’y est écrit.
demo-node-ended = Le nœud de la cité { $name } ne tourne plus.
demo-see-keep = Pour lire son journal, recommencer avec --keep.
demo-stuck = Les nœuds ne se sont pas accordés à temps.
demo-interrupted = Interrompu. Les nœuds sont arrêtés.
demo-kept-log = Lire un registre gardé
demo-kept-node = Relancer un nœud gardé
demo-kept-clock = Seul, un nœud gardé demande si son horloge est juste
demo-kept-balance = Puis y demander son solde
