# Dossiers d’audit : les faire, les contrôler hors ligne.

audit-writing = Écriture du dossier (peut être interrompue sans risque)
audit-written = { $entries ->
        [one] { $entries } écriture
       *[other] { $entries } écritures
    }, { $bytes } octets : { $file }  (refaire ici donne le même fichier)
audit-check-it = Le contrôler
audit-no-log = Ce registre n’est pas sur cette machine.
audit-no-checkpoint = Aucun arrêté signé de ce registre n’est encore gardé ici.
audit-cannot-write = Le dossier n’a pas pu être écrit ; rien n’a été gardé.
audit-disk = Le disque refuse de lire le registre.
audit-log-damaged = Le registre sur ce disque ne donne pas l’arrêté signé ; aucun dossier n’a été fait.
label-digest = Empreinte
label-witnessed-up-to = Confirmé jusqu’à

audit-checking = Contrôle hors ligne (peut être interrompu sans risque)
audit-more = En savoir plus
anchor-unreadable = Le fichier d’ancrage { $file } ne peut pas être lu.
anchor-form = Une cité par ligne : « cite pcite1… », et la clé de son témoin si vous la connaissez.
audit-anchor = Ancrage fourni par vous : { $file }
audit-title = { $name } · { $from } – { $to } · { $entries ->
        [one] { $entries } écriture
       *[other] { $entries } écritures
    } · hors ligne
audit-title-unread = { $file } · hors ligne

audit-check-bytes = Octets : { $count }, empreinte conforme
audit-check-founding = Fondation : { $count ->
        [one] { $count } signature de fondation valable
       *[other] { $count } signatures de fondation valables
    }
audit-check-signatures = Signatures : { $count ->
        [one] { $count } sur { $count } valable
       *[other] { $count } sur { $count } valables
    }
audit-check-chain = Chaînage : { $count ->
        [one] { $count } écriture
       *[other] { $count } écritures
    }, racine { $root }, conforme
audit-check-rules = Règles : { $count ->
        [one] { $count } écriture rejouée
       *[other] { $count } écritures rejouées
    }, aucun manquement
audit-check-state-roots = États : { $count ->
        [one] { $count } scellé recalculé, conforme
       *[other] { $count } scellés recalculés, conformes
    }
audit-check-zero-sum = Équilibre : somme des soldes = { $sum } exactement
audit-check-imports = Heures venues d’ailleurs : { $count ->
        [0] aucune
        [one] { $count } preuve sur { $count } valable
       *[other] { $count } preuves sur { $count } valables
    }
audit-check-witnesses = Témoins auxquels vous vous fiez : { $trusted } sur { $known } (il en faut { $need })
audit-check-forks = Autre histoire signée de la même clé : aucune dans ces dossiers
audit-fail-bytes = Octets : le fichier est abîmé
audit-fail-founding = Fondation : non valable
audit-fail-signatures = Signatures : l’une d’elles n’est pas valable
audit-fail-chain = Chaînage : rompu
audit-fail-rules = Règles : une écriture les enfreint
audit-fail-state-roots = États : un scellé indique d’autres soldes que le calcul
audit-fail-zero-sum = Équilibre : la somme des soldes n’est pas nulle
audit-fail-imports = Heures venues d’ailleurs : une preuve manque ou ne va pas
audit-fail-witnesses = Témoins : le certificat n’est pas valable
audit-fail-forks = Deux histoires signées de la même clé

audit-fault-at = Écriture { $leaf } : { $said }
audit-fault-digest = Des octets manquent ou ont changé depuis que le dossier a été fait.
audit-fault-form = Ce n’est pas un dossier d’audit de cette version, ou une partie n’est pas à sa place.
audit-fault-founding = L’acte de fondation n’est pas signé comme il le doit.
audit-fault-checkpoint = L’arrêté n’est pas signé par la clé de ce registre.
audit-fault-import = Rien ne prouve que l’autre cité a envoyé ces heures.
audit-fault-root = Les écritures ne donnent pas la racine qui a été signée.
audit-fault-certificate = Les témoins nommés n’ont pas tous signé cet arrêté, ou ne sont pas ceux du registre.
audit-fault-note = La note pour les outils courants dit autre chose que le dossier.
audit-fault-evidence = Une preuve jointe ne prouve rien.
audit-fault-too-much-evidence = Il contient plus de { $max } preuves ; aucun nœud n’en garde autant.
audit-fault-entry = ses octets ne sont pas ceux d’une écriture.
audit-fault-refused = les règles la refusent (refus n° { $number }).
audit-fault-time = son heure précède celle de l’écriture d’avant.
audit-fault-assigned = la cité lui a donné une autre place ou une autre suite que les règles.
audit-fault-seal = ce scellé ne suit pas le précédent.
audit-fault-state-root = ce scellé indique d’autres soldes que ceux que donnent les écritures.
audit-fault-sum = la somme des soldes n’est plus nulle.

audit-reserve-test-network = Réseau d’essai : ces heures ne comptent pas
audit-reserve-not-anchored = Cette cité n’est pas elle-même dans votre confiance : comparez son identité
audit-reserve-no-mirrors = Ce registre n’a pas encore de témoins
audit-reserve-uncertified = { $entries ->
        [one] { $entries } écriture récente pas encore confirmée par des témoins
       *[other] { $entries } écritures récentes pas encore confirmées par des témoins
    }
audit-reserve-evidence = Le dossier prouve que la cité { $cite } a triché
audit-reserve-older = Dossier plus ancien que ce que la cité { $cite } en a déjà reçu

audit-pair = { $a } ↔ { $b } : envois { $transfers } = arrivés { $imports } + rendus { $returns } + en route { $open }
audit-pair-refunds = { $a } ↔ { $b } : envois { $transfers } = arrivés { $imports } + rendus { $returns } + remboursés { $refunds } + en route { $open }
audit-pair-older = { $a } ↔ { $b } : les messages concordent ; dossiers de dates différentes, soldes non comparés
audit-pair-messages = { $a } ↔ { $b } : l’une a reçu autre chose que ce que l’autre a envoyé
audit-pair-balance = { $a } ↔ { $b } : ce qu’elles se doivent ne concorde pas
audit-pair-totals = { $a } ↔ { $b } : des envois ne sont ni arrivés, ni rendus, ni en route
audit-network = Ensemble : { $people } chez les membres, { $open } en route, { $outside } dus ailleurs ; somme = { $sum }
audit-fork = DEUX REGISTRES : la cité { $cite } a signé deux histoires différentes
audit-fork-heads = { $first ->
        [one] { $first } écriture
       *[other] { $first } écritures
    }, racine { $firstroot } ; { $second ->
        [one] { $second } écriture
       *[other] { $second } écritures
    }, racine { $secondroot }
audit-parting = Elles se séparent à l’écriture { $leaf } :
audit-parting-side = { $file } : { $said } ({ $at })
audit-parting-unread = { $file } : une écriture d’une forme inconnue ici
label-proof = Preuve
audit-forks-none = Rien dans ces dossiers n’accuse personne
audit-forks-none-checked = Rien de ce qui a été contrôlé n’accuse personne
audit-forks-unread = Lu en partie seulement, car il ne tient pas : { $file }
audit-proves-nothing = Cette preuve ne prouve rien : { $file }
audit-bad-entry = ÉCRITURE FAUSSE : la cité { $cite } a signé l’écriture { $leaf }, qui ne peut tenir dans aucun registre
audit-two-cosigned = FAUX TÉMOIN : la cité { $cite } a confirmé deux histoires différentes de la cité { $log }
audit-after-fence = PROMESSE ROMPUE : la cité { $cite } a confirmé le registre de la cité { $log } après avoir promis de ne plus le faire

audit-not-checked-service-reality = la réalité des services
audit-not-checked-civil-identity = l’identité civile
audit-not-checked-texts = les textes, gardés hors du registre
audit-not-checked-clocks = les heures, au-delà de leur ordre
audit-not-checked-named = les certificats que ses scellés nomment, sauf le plus récent
audit-not-checked-witnesses = les témoins, faute d’ancrage
audit-not-checked-other-logs = les registres des autres cités, non fournis
audit-not-checked-heads = { $count ->
        [one] { $count } arrêté signé, un de plus que ce qui peut être comparé à la fois
       *[other] { $count } arrêtés signés, plus que ce qui peut être comparé à la fois
    }. Contrôlez moins de dossiers ensemble

audit-verdict = VERDICT { $number } · { $said }{ $reserves ->
        [0] { "" }
        [one] , avec { $reserves } réserve
       *[other] , avec { $reserves } réserves
    }

# Kinds of entries.
kind-found = fondation
kind-join = demande d’adhésion
kind-pay = paiement
kind-export = heures parties vers une autre cité
kind-approve = accord
kind-import = heures venues d’une autre cité
kind-return = heures revenues
kind-acknowledged = accusé reçu
kind-parted = adieu reçu
kind-acknowledge = accusé
kind-farewell = adieu
kind-keys = nouvelles clés d’une autre cité
kind-resume = reprise
kind-seal = sceau
kind-admit = admission
kind-rules = règles
kind-peer-open = compte d’une autre cité
kind-line = ligne
kind-mirrors = témoins
kind-close = dissolution
kind-heirs = héritières
