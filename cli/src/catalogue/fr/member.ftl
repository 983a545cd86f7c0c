# Ce que font les membres : entrer, demander, payer, relire ; refus des règles ; réponses du nœud.

unknown-value = inconnu

refusal-unknown = Les règles refusent cet ordre (raison { $number }, inconnue de cette version).
refusal-network = Cet ordre est pour un autre réseau.
refusal-home = Cet ordre est pour une autre cité : { $cite }.
refusal-author = Cette cité ne connaît pas (encore) ce membre : { $member }.
refusal-epoch = Les clés de ce compte ont été remplacées (jeu { $current } en vigueur) ; celles-ci ne signent plus.
refusal-lane = Cet appareil ({ $lane }) n’est pas inscrit au compte.
refusal-signature = La signature n’est pas celle de l’appareil inscrit au compte.
refusal-taken = Cet appareil a déjà donné un autre ordre numéro { $seq }.
refusal-gap = Un ordre de cet appareil manque avant celui-ci ; le prochain attendu est le numéro { $next }.
refusal-prev = Cet ordre suit un autre ordre que le dernier de cet appareil.
refusal-date = L’ordre valait jusqu’au { $until } ; nous sommes le { $today }.
refusal-far = L’ordre vaudrait trop longtemps ; au plus tard jusqu’au { $latest }.
refusal-head = L’ordre a été signé sur une autre histoire du registre, ou trop ancienne ({ $size } écritures).
refusal-join-alone = Une demande d’adhésion n’est reçue que par une admission.
refusal-malformed = Le nœud n’a pas pu lire cet ordre, ou n’en connaît pas la sorte.
refusal-founding = La cité n’est pas encore fondée.
refusal-recorded = Cet ordre est déjà enregistré, à l’écriture { $leaf }.

refusal-zero = Rien ne serait payé : donnez une durée.
refusal-step = La cité compte par tranches de { $step }.
refusal-too-much = Un paiement porte au plus { $max }.
refusal-oneself = On ne se paie pas soi-même.
refusal-payee = Il n’y a pas de tel compte dans cette cité. Rien n’a été envoyé.
refusal-floor = Il manque { $missing } : votre solde irait à { $after }, le plus bas permis est { $floor }.
refusal-ceiling = { $excess } de trop : le solde de la personne payée irait à { $after }, le plus haut permis est { $ceiling }.
refusal-overflow = Aucun compte ne peut tenir cette somme.

refusal-request-malformed = La demande jointe est illisible.
refusal-request-signature = La demande n’a pas été signée par la personne qui serait payée.
refusal-request-mismatch = La demande s’adresse à quelqu’un d’autre, ou demande autre chose.
refusal-request-expired = La demande valait jusqu’au { $until } ; nous sommes le { $today }. Rien n’a été payé.
refusal-request-used = Cette demande a déjà été payée.
refusal-request-long = La demande vaut trop longtemps ; au plus tard jusqu’au { $latest }.

refusal-closed = Cette cité est dissoute : plus rien ne s’y enregistre.
refusal-root-only = Seules les clés de fondation peuvent cela.
refusal-ended = Plus rien ne passe entre ces deux cités : l’une est dissoute ({ $cite }).
refusal-not-closed = Le dernier message vient d’une cité dissoute, et celle-ci ne l’est pas.
refusal-still-open = On ne sait pas encore ce que sont devenus tous les envois : { $open } en route.
refusal-peer = Votre cité n’a pas de compte ouvert pour cette cité : { $cite }.
refusal-open = Trop d’envois vers cette cité sont encore en route ({ $open }).
refusal-deficit = Votre cité devrait { $after } aux autres ; elle s’autorise au plus { $max }.
refusal-line = L’autre cité irait à { $after } ; la ligne s’arrête à { $line }.
refusal-not-opened = L’autre cité n’a pas encore ouvert de compte pour la vôtre : { $cite }.
refusal-turn = Message hors de son tour ; le numéro { $expected } est attendu.
refusal-destination = Message destiné à une autre cité.
refusal-transfer = Retour d’un envoi qui n’est pas en route (numéro { $counter }).
refusal-nothing-to-acknowledge = Rien à accuser de réception.
refusal-received = L’autre cité dit avoir reçu plus que les { $sent } messages envoyés.

refusal-steward = Seule une personne responsable de la cité peut signer cela.
refusal-act = Il n’y a pas de tel acte en attente.
refusal-approved = Vous avez déjà approuvé cet acte.
refusal-pending = Trop d’actes attendent déjà ({ $pending }).
refusal-rules-version = De nouvelles règles doivent porter le numéro { $next }.
refusal-member = Cette personne est déjà membre, numéro { $number }.
refusal-not-a-join = La candidature n’est pas une demande d’adhésion à cette cité.
refusal-join-signature = La candidature n’est pas signée par l’appareil de la personne.
refusal-join-date = La candidature valait jusqu’au { $until } ; nous sommes le { $today }.
refusal-card-term = Une carte vaut au moins un jour et au plus { $days } jours.
refusal-peer-exists = Un compte est déjà ouvert pour cette cité : { $cite }.
refusal-own-neighbour = Une cité ne peut pas être sa propre alliée ni son propre témoin.
refusal-peer-network = Cette cité est d’un autre réseau.
refusal-peer-founding = L’acte de fondation de cette cité ne tient pas.
refusal-peers = Trop de cités ont déjà un compte ici (au plus { $max }).
refusal-mirror-key = La clé de ce témoin n’est pas acceptable : { $cite }.
refusal-line-high = Une ligne ne dépasse jamais { $max }.
refusal-mirrors-pending = Un changement de témoins est en cours et ne peut plus être remplacé. Attendez qu’il soit fait.
refusal-root-seq = Le prochain acte des clés de fondation porte le numéro { $next }.
refusal-root-late = Les clés de fondation n’agissent ainsi qu’à la fondation.
refusal-root-signature = Il manque des signatures des clés de fondation, ou l’une est fausse.
refusal-rules-same = Ces règles sont déjà en vigueur.
refusal-join-rules = La personne accepte des règles qui n’ont jamais été en vigueur (aujourd’hui : version { $current }).
refusal-members = Le registre a déjà { $max } membres ; il n’en tient pas plus.
refusal-resume-keys = Les clés de fondation n’ont pas nommé les clés de cette reprise.
refusal-resume-incarnation = Le registre en est déjà à la reprise { $current } ; une reprise porte un numéro plus grand.
refusal-resume-base = Une reprise se place juste derrière le dernier arrêté, ici { $size } écritures.
refusal-fences-missing = { $have ->
        [one] { $have } témoin seulement a promis
       *[other] { $have } témoins seulement ont promis
    } de laisser l’ancien registre en l’état ; il en faut { $need }.
refusal-fence-stranger = La cité { $cite } n’est pas témoin de ce registre, ou promet autre chose.
refusal-fence-signature = La promesse du témoin { $cite } n’est pas signée comme il faut.
refusal-fence-ahead = Le témoin { $cite } tient { $size } écritures, plus que cette reprise n’en garde, ou une autre histoire.
refusal-resume-certificate = La reprise ne montre pas la dernière confirmation que ses témoins connaissent.
refusal-keys-known = Les clés de cette cité sont déjà connues, jusqu’à sa reprise { $current }.
refusal-resume-named = La reprise ne montre pas la confirmation que nomme le scellé sous sa base, celle de { $size } écritures.
refusal-heirs-known = Ce sont déjà ses héritières.
refusal-heir-key = La clé de l’héritière numéro { $place } n’est pas recevable.
refusal-heir-oneself = L’héritière numéro { $place } est la cité elle-même : ses mots seraient perdus avec elle.
refusal-not-the-heirs = Celles qui reprennent ce registre n’en sont pas les héritières, ou ne le sont plus.
refusal-heirs-unwatched = Des héritières ne reprennent qu’un registre qui a des témoins : personne d’autre ne voit qu’une cité se tait.

reply-busy = Le nœud a trop à faire pour répondre maintenant.
reply-waking = Le nœud vient de démarrer : avant de signer, il demande à ses témoins s’ils en savent plus que lui (dix secondes au plus).
reply-home-unreachable = Le nœud de la cité n’est pas joignable d’ici.
reply-restored = Le nœud de la cité est une copie ancienne : il ne signe plus rien et ne répond plus à tout. Qui le fait tourner peut le reprendre : pirate noeud reprendre.
wallet-home-older = Le nœud de la cité sait moins de ce compte qu’il n’en a dit : c’est une copie ancienne. Rien de ce qu’il dit n’est cru ; ce qui est affiché est sa dernière réponse d’avant.
reply-recovering = Le nœud de la cité reprend son registre chez ses témoins ; il n’enregistre rien en attendant.
reply-cannot-write = Le nœud ne peut plus écrire sur son disque ; il n’enregistre rien.
reply-disk-full = Le disque du nœud est presque plein ; il n’enregistre rien.
reply-clock = Le nœud de la cité ne croit pas son horloge : il n’enregistre rien tant qu’elle n’est pas juste.
reply-malformed = Le nœud n’a pas compris la question.
reply-unexpected = La réponse du nœud n’est pas celle de la question.
reply-no-card = Vous n’avez pas de carte qui vaille aujourd’hui.
reply-not-you = Le nœud ne reconnaît pas cette clé pour ce compte.
reply-stewards-only = Réservé aux personnes responsables de la cité.
reply-local-only = Cela ne se demande que sur la machine du nœud.
reply-applied = La candidature attend la réponse d’une personne responsable.
reply-join-declined = Une personne responsable a refusé cette candidature.
reply-admission-proposed = Une personne responsable a proposé cette admission entre-temps : elle ne se refuse plus.
reply-invitation = L’invitation est inconnue, épuisée ou périmée.
reply-mailbox-full = La boîte est pleine, ou cette personne a déjà assez de vos demandes en attente.
reply-not-a-witness = Ce nœud n’est pas témoin de cette cité : il ne peut rien pour cet ordre.
reply-complaints-full = Ce témoin garde déjà autant de plaintes qu’il le peut, de vous ou contre cette cité.
reply-test-only = Cela n’existe que sur un réseau d’essai.
reply-no-cite = Il n’y a pas de cité à ce nœud.
reply-nobody = Aucun nœud ne répond à { $place }.
reply-late = Pas de réponse de { $place } à temps.
reply-other-node = À { $place } répond un autre nœud que celui de votre cité.
reply-other-key = Sa clé : { $key }
reply-others-too = { $count ->
        [one] Un autre nœud connu a été essayé, en vain.
       *[other] { $count } autres nœuds connus ont été essayés, en vain.
    }
desk-through = Le nœud de la cité { $cite } ne répond pas à son adresse. Celui de la cité { $slug } passe vos messages, et les voit passer.
reply-proof = La preuve donnée par le nœud ne tient pas : { $part }.
reply-not-kept = N’en tenez pas compte, et prévenez une personne responsable de votre cité.
proof-founding = l’acte de fondation
proof-checkpoint = la signature du registre
proof-entry = l’écriture n’est pas votre ordre
receipt-path = le chemin jusqu’au registre signé
offline-asked = Cette commande a besoin du nœud, et --offline l’interdit.
node-own-only = Cette commande interroge le nœud de cette machine seulement : --node doit être le chemin de son socket, pas « { $typed } ».
node-asks-nobody = Cette commande n’interroge aucun nœud : --node { $typed } n’y change rien.
node-address = « { $typed } » n’est ni un fichier de socket, ni HÔTE:PORT, ni CLÉ@HÔTE:PORT.
fix-run-node = Lancer le nœud de cette machine
fix-moved = Si le nœud de la cité a changé d’adresse, avec une nouvelle invitation
fix-more-time = Donner plus de temps
fix-through-node = Passer par lui, s’il est bien celui que vous voulez

wallet-none = Vous n’êtes membre d’aucune cité sous l’identité « { $profile } ».
wallet-damaged = Le portefeuille { $path } est abîmé ou d’une autre version.
wallet-busy = Une autre commande pirate se sert de ce portefeuille.
wallet-not-admitted = La cité { $cite } ne vous a pas encore admis. Une personne responsable doit valider votre demande.
wallet-declined = Une personne responsable de la cité { $cite } a refusé votre candidature. Rien n’est allé au registre.
wallet-no-application = La cité { $cite } n’a pas de candidature de vous : elle a pris fin sans réponse, ou n’est jamais arrivée.
wallet-apply-again = Pour la présenter de nouveau, il faut une autre invitation.
wallet-device = Cet appareil n’est pas inscrit à votre compte au registre de la cité { $cite }.
fix-join = Entrer dans une cité
fix-found = En fonder une

signing-real = réseau réel
signing-test = RÉSEAU D’ESSAI
warn-test-network = Réseau d’essai : ces heures ne comptent pas.

label-term = Valable
outbox-sent = Ordre signé plus tôt, enregistré maintenant : { $what }.
outbox-refused = Ordre signé plus tôt, refusé : { $what }. { $why }
outbox-expired = Ordre signé plus tôt, jamais enregistré et périmé depuis le { $until } : { $what }. Rien n’a été compté.
device-clock = L’horloge de cet appareil n’est pas à l’heure : elle montre le { $here }, et la cité le { $there }.
outbox-still = { $count ->
        [one] Un ordre signé attend encore d’être enregistré.
       *[other] { $count } ordres signés attendent encore d’être enregistrés.
    }
orders-gone = { $count ->
        [one] Le registre de votre cité a été reconstitué d’après ses témoins : votre dernier ordre, inscrit (✓) mais pas encore confirmé par eux, n’y est plus. Voyez ce qui compte encore, et signez de nouveau ce qui manque.
       *[other] Le registre de votre cité a été reconstitué d’après ses témoins : vos { $count } derniers ordres, inscrits (✓) mais pas encore confirmés par eux, n’y sont plus. Voyez ce qui compte encore, et signez de nouveau ce qui manque.
    }
outbox-anew = { $count ->
        [one] Un ordre signé plus tôt ne peut plus être enregistré tel quel : il est signé de nouveau, à sa place. Il ne sera jamais compté deux fois.
       *[other] { $count } ordres signés plus tôt ne peuvent plus être enregistrés tels quels : ils sont signés de nouveau, à leur place. Aucun ne sera jamais compté deux fois.
    }
order-waits = Ordre signé et gardé ici ; il n’est pas encore enregistré.
order-waits-why = La prochaine commande le renverra tel quel, jusqu’au { $until }. Il ne sera jamais compté deux fois.
order-pay = { $amount } à { $who }
order-other = un ordre numéro { $seq }

label-to = À
label-from = De
label-amount = Durée
label-for = Pour
label-lowest = Le plus bas permis
label-highest = Le plus haut permis
label-card-mine = Votre carte
label-request = Demande
label-my-number = Numéro
label-state = État
label-link = Lien
label-news = Nouvelles du
label-reason = Motif
label-date = Date
label-who = Avec
label-change = Mouvement
label-text = Objet
label-direction = Sens
label-opening = Solde au début
label-closing = Solde à la fin
label-sum = Somme des mouvements

label-signed-waiting = Signé avant, en attente
before-after = { $before } → { $after }
balance-as-of = { $balance } (connu le { $at })
card-from-to = du { $from } au { $until }
person-commons = commun@{ $cite }
person-numbered = { $number }@{ $cite }
person-id = { $id }@{ $cite }
cite-with-place = { $name }, { $place }
rules-said = version { $version } : tranches de { $step }, soldes de { $floor } à { $ceiling }

payee-unreadable = « { $typed } » ne nomme personne. Écrivez 42, 42@tisserandes, un identifiant pmemb1…, ou commun.
payee-unknown = Il n’y a pas de membre { $who }.
cite-unknown = Aucune cité connue ici ne s’appelle « { $slug } ».
cite-two = Plusieurs cités s’appellent « { $slug } » ; écrivez l’identifiant pcite1… après le @.
text-too-long = Ce texte est trop long : { $bytes } octets, au plus { $max }.
text-not-plain = Ce texte contient un caractère qu’un écran ne montre pas tel quel : « { $typed } ».
text-not-plain-why = Retours à la ligne, tabulations, caractères invisibles ou qui changent le sens d’écriture sont refusés. Un émoji composé en contient.
cite-abroad-commons = Les heures pour le commun d’une autre cité passent par l’un de ses membres.
no-amount = Combien ? Donnez une durée, par exemple 1h30.
amount-and-request = La demande dit déjà combien : { $asked }.

pay-title = Paiement · { $network }
pay-question = Payer ?
pay-dry = Essai : rien n’a été signé ni envoyé.
pay-paid = Payé : { $amount } à { $who }. Solde : { $balance }.
pay-sent-abroad = Envoyé : { $amount } à { $who }. Solde : { $balance }. Les heures arrivent quand les témoins ont confirmé.
pay-expired = Demande d’heures expirée depuis { $days ->
        [one] un jour
       *[other] { $days } jours
    } (valable jusqu’au { $until }).
pay-expired-what = { $who } demandait { $amount }.
pay-expired-what-for = { $who } demandait { $amount } pour « { $text } ».
pay-expired-unchecked = Sa signature n’a pas été vérifiée : personne n’a été interrogé.
pay-expired-nothing = Rien n’a été payé.
pay-without-request = Payer sans demande
pay-not-yet = Ce jour n’est pas encore venu : --on dit quand le service a été rendu.
pay-only-gives = Payer donne toujours des heures à quelqu’un. Rien n’a été payé.
pay-as-last-known = C’est ce que dit le dernier solde connu, du { $at }. Rien n’a été signé.
pay-own-request = Cette demande est la vôtre.
pay-declined-before = Cette demande a déjà été refusée : la payer, c’est l’accepter après tout.
pay-request-waits = Cette demande est payée par un ordre signé plus tôt, qui attend.
pay-not-yours = Cette demande s’adresse à quelqu’un d’autre.
pay-other-network = Cette demande est d’un autre réseau.

standing-recorded = ✓ enregistré
standing-witnessed = ✓{ $have }/{ $of } vu par des témoins
standing-committed = ✓✓ définitif
standing-arrived = ✓✓✓ arrivé
standing-returned = ↩ revenu : { $why }
standing-waiting = ✓✓ en route depuis le { $since }

request-unreadable = Ce texte n’est pas une demande entière.
request-forged = Le texte joint n’est pas celui de la demande.
request-none = Il n’y a pas de demande « { $typed } » ici.
request-many = Plusieurs demandes commencent par « { $typed } » ; donnez plus de caractères.
request-empty = Aucune demande.
request-empty-here = Aucune demande faite ici.
request-offline = Sans le nœud, comme demandé : les demandes reçues manquent, et l’état des autres n’est pas connu.
request-silence = Les demandes reçues manquent, et l’état des autres n’est pas connu. { $why }
request-received = reçue
request-sent = envoyée
request-unknown = inconnu ici
request-open = ouverte
request-paid = payée
request-declined = refusée
request-expired = expirée
request-undelivered = non remise
request-under-way = en route : l’autre cité ne l’a pas encore
request-title = Demande d’heures { $request } · { $network }
request-anyone = qui la reçoit
request-decline-question = Refuser cette demande ?
request-decline-own = Cette demande est la vôtre : elle s’éteint d’elle-même à sa date.
request-declined-done = Demande refusée ; { $who } le saura.
request-declined-letter = Réponse envoyée à la cité de { $who }. Elle ne la transmet que si la demande est passée par elle : prévenez cette personne vous-même.
request-not-open = Cette demande n’est plus ouverte : { $state }.
request-pay-it = La payer
request-decline-it = La refuser

ask-receive = Vous recevrez { $amount }.
ask-sent-to = Envoyée à { $who }.
ask-on-its-way = En route vers { $who } : votre cité la porte à la sienne.
ask-follow = Voir où elle en est
ask-keep = Donnez le lien à la personne ; elle paie avec.
ask-not-delivered = La demande est signée, mais n’a pas pu être portée à { $who } : donnez-lui le lien.
ask-dry = Essai : rien n’a été signé.
ask-past = La demande serait déjà expirée.

join-unreadable = Ce texte n’est pas une invitation entière.
join-no-token = Cette invitation relie des cités ; elle n’invite pas de membre.
join-other = L’identité « { $profile } » est déjà membre de la cité { $cite }.
join-other-fix = Entrer avec une autre identité
join-wrong-cite = Le nœud qui a répondu n’est pas celui de la cité qui invite.
join-public = Ce que verront les cités alliées : un numéro et des heures.
join-private = Ce qui ne le sera jamais : votre nom, vos coordonnées.
join-alias = Nom montré aux seules personnes responsables : { $alias }
join-question = Accepter les règles, version { $version }, et demander à entrer ?
join-applied = Adhésion proposée à la cité { $cite }. Une personne responsable doit la valider.
join-waits = Votre demande auprès de la cité { $cite } attend : une personne responsable doit la valider.
join-admitted = Vous êtes membre de la cité { $cite }, numéro { $number }.
join-moved = Le nœud de la cité { $cite } a changé d’adresse ; votre portefeuille la retient.
join-dry = Essai : rien n’a été signé ni envoyé.
join-back = Vous êtes déjà membre de la cité { $cite }, numéro { $number } : voici votre compte sur cet appareil.
join-back-dry = Vous êtes déjà membre de la cité { $cite }, numéro { $number } : votre compte reviendrait sur cet appareil.
join-back-not = Ce que seul l’ancien appareil savait n’est pas ici : les noms donnés à d’autres, et ce qui n’était pas encore envoyé.
join-back-one-device = Ne signez plus qu’avec un appareil : de deux ordres signés chacun de son côté, un seul compterait.
join-back-next = Revoir ce qui s’est passé
join-pledge = { $pledge } d’ici un an
label-pledge = Heures promises
join-next = Voir où cela en est
join-card = Voir votre carte
join-rules-needed = Entrer demande d’accepter les règles : --accept-charter.

balance-abroad = { $amount } en route vers d’autres cités
balance-abroad-since = { $amount } en route vers d’autres cités, en attente depuis le { $since }
balance-offline = Sans le nœud, comme demandé : voici le dernier solde connu.
balance-silence = Voici le dernier solde connu. { $why }
person-home-silent = Le nœud de la cité { $cite } n’est pas joignable.
person-number-unknown = Seule la cité { $cite } sait à qui est le numéro { $number }, et votre portefeuille ne connaît pas encore cette personne. Avec son identité entière (pmemb1…@{ $cite }), on peut signer sans cette réponse.
pay-word-wallet = Sans réponse de la cité { $cite } : cette identité est celle qu’elle a donnée le { $day }. Les heures attendront.
pay-word-command = Sans réponse de la cité { $cite }, cette identité n’a pas pu être vérifiée. Si elle n’y est à personne, les heures reviennent.
pay-word-own = Sans réponse de la cité { $cite }, cette identité n’a pas pu être vérifiée. Si elle n’y est à personne, l’ordre sera refusé et rien ne sera payé.
sentence-then = { $first } { $second }
balance-of-nobody = Il n’y a pas de membre numéro { $number }.
balance-of-here = Donnez un numéro de membre de votre cité.

history-empty = Aucun mouvement dans cette période.
history-written = Relevé écrit dans { $path } ({ $count ->
        [one] un mouvement
       *[other] { $count } mouvements
    }).
history-sum-wrong = Le relevé donné par le nœud ne tombe pas juste : { $opening } et { $sum } ne font pas { $closing }.
history-order = La fin de la période précède son début.

card-heading = CARTE PIRATE · { $cite }
card-number = Membre { $number }
card-challenge-how = Question à poser à qui montre une carte ; elle sert une fois. Gardez-la : la réponse ne vaut que pour elle.
card-challenge-unreadable = Ce texte n’est pas une question entière.
card-answer-how = La personne répond
card-answer-show = Réponse à montrer à qui a posé la question.
card-answer-unreadable = Ce texte n’est pas une réponse entière.
card-answer-alone = --challenge et --answer vont ensemble, avec une carte courte.
card-holder-proved = L’appareil de cette carte a répondu. S’il est bien ici, aucun texte ne le dit : regardez-le répondre.
card-holder-other = Cette réponse n’est pas celle de l’appareil qui porte cette carte.
card-sheet-heading = CARTE PIRATE
card-sheet-check = Pour la contrôler, même hors ligne : pirate carte controler --image PHOTO, ou avec ce texte.
card-sheet-written = { $count ->
    [one] Une carte sur la feuille { $path }.
   *[other] { $count } cartes sur la feuille { $path }.
}
card-sheet-fold = Imprimer sans agrandir ni réduire, couper aux repères, plier au milieu.
card-picture = Code QR de la carte pirate
card-print-none = Le membre { $number } n’a pas de carte qui vaille aujourd’hui.
card-print-numbers = « { $typed } » n’est pas une liste de numéros (exemple : 1,4-9), de 200 cartes au plus.
card-key-foreign = Les clés de { $path } ne sont pas celles de cette cité, ou ne se lisent pas.
card-check-which = Donner une carte, ou une photo avec --image.
card-short-unreadable = Ce texte n’est pas une carte courte entière.
card-short-unknown = Cette cité n’est pas connue ici : rien ne dit si la carte est vraie. La carte entière le dirait.
card-other-network = Cette carte est d’un autre réseau : { $of }. Le vôtre est { $own }.
card-old-keys = Cette carte est signée d’une clé que la cité a remplacée.
card-unknown-keys = Cette carte est signée d’une clé plus récente que celles connues ici.
card-not-signature = que la cité a signé la carte
photo-unread = Aucune carte ne se lit sur { $path }.
photo-other = Le code QR sur { $path } n’est pas celui d’une carte.
card-written = Carte écrite dans { $path }.
card-check-how = La faire contrôler
card-unreadable = Ce fichier n’est pas une carte entière.
card-forged = Cette carte ne tient pas : elle est abîmée ou fausse.
card-valid = Carte valable aujourd’hui.
card-valid-alone = Seule la cité elle-même répond de cette carte : elle tient, mais aucune autre cité ne l’a confirmée.
card-unanchored-alone = Seule la cité elle-même répond de cette carte, et cette cité n’est pas connue ici.
card-unanchored = Carte en règle, mais sa cité n’est pas connue ici : n’importe qui peut fonder une cité et des témoins.
card-namesake = Une autre cité de ce nom est connue ici : { $other }. Celle de la carte n’est pas celle-là.
card-expired-since = Carte expirée depuis le { $until }. La cité peut la faire renouveler.
card-not-yet = Carte pas encore valable : à partir du { $from }.
card-old = Ces nouvelles ont { $age } ; vous en vouliez de { $max } au plus.
card-by-witnesses = { $count ->
        [one] Une autre cité a vu et vérifié l’admission.
       *[other] { $count } autres cités ont vu et vérifié l’admission.
    }
card-by-home = Seule la cité elle-même répond de cette carte ; aucune autre n’a encore confirmé.
card-known-own = C’est votre cité.
card-known-account = Cité connue : la vôtre a ouvert un compte pour elle, dit le registre gardé ici.
card-not-revocation = un retrait après ces nouvelles, du { $sealed }
card-not-holder = que la personne qui la montre est bien le membre
card-not-approvals = que le nombre de responsables voulu a signé : seule la cité le dit
card-not-witnesses = qu’une autre cité tient le même registre
card-not-cite = que cette cité est bien celle que vous croyez (comparez l’identifiant)
card-not-label = le label de l’autorité publique
reaching-home = Liaison avec le nœud de la cité
waiting-node = Attente du nœud ({ $place })
waiting-wallet = Une autre commande pirate se sert de ce portefeuille, attente de sa fin
sending-order = Envoi de l’ordre (signé et gardé ici ; peut être interrompu sans risque)
reading-history = Lecture du relevé
person-commons-here = commun
card-save-how = La garder dans un fichier

code-p0115 = Clés remplacées
    .cause = Le compte a de nouvelles clés ; celles de cet appareil ne signent plus.
    .todo =
        Reprendre les clés en vigueur : pirate cle creer --restore --profile NOM
code-p0116 = Appareil inconnu
    .cause = Le compte ne connaît pas la clé de cet appareil.
    .todo =
        Vérifier l’identité employée : pirate cle voir
code-p0117 = Signature refusée
    .cause = Le nœud a reçu un ordre que la clé inscrite au compte n’a pas signé.
    .todo =
        Vérifier l’identité employée : pirate cle voir
code-p0118 = Non reconnu
    .cause = Le nœud ne connaît pas cette clé pour ce compte.
    .todo =
        Vérifier l’identité employée : pirate cle voir
        Demander à la cité si l’adhésion est validée
code-p0119 = Phrase lisible par d’autres
    .cause = Le fichier nommé par --passphrase-file ou PIRATE_PASSPHRASE_FILE peut être lu ou écrit par d’autres comptes de la machine.
    .todo =
        Le fermer : chmod 600 FICHIER
        Si d’autres ont pu le lire, changer de phrase
code-p0207 = Le nœud ne peut plus écrire
    .cause = Le disque du nœud a refusé une écriture ; il ne dit plus oui à rien. Ce qui était enregistré le reste.
    .todo =
        Prévenir la personne qui tient le nœud
        Elle verra la cause : pirate noeud etat
        Faire de la place ou changer le disque, puis relancer le nœud ; il n’essaie pas une seconde fois de lui-même
code-p0208 = Disque du nœud presque plein
    .cause = Le nœud cesse d’enregistrer avant que le disque soit plein.
    .todo =
        Prévenir la personne qui tient le nœud
        Faire de la place ; il reprend de lui-même en dix secondes
code-p0209 = Portefeuille abîmé
    .cause = Le fichier qui dit de quelle cité vous êtes membre est coupé, modifié ou d’une autre version.
    .todo =
        Le mettre de côté, puis entrer de nouveau avec la même identité
code-p0210 = Portefeuille occupé
    .cause = Une autre commande pirate du même profil est en cours ; deux ordres ne sont jamais signés en même temps.
    .todo =
        Attendre qu’elle finisse
code-p0306 = Nœud de la cité injoignable
    .cause = Un nœud a répondu, mais il ne trouve pas celui de la cité nommée. Rien n’est perdu ; ce qui n’était pas signé ne l’est pas.
    .todo =
        Réessayer plus tard
        Payer une identité entière (pmemb1…@cité) : l’ordre se signe et attend
code-p0307 = Seulement sur place
    .cause = Cela ne se demande que sur la machine du nœud, par son fichier de socket.
    .todo =
        Se connecter à cette machine
code-p0308 = Boîte pleine
    .cause = La boîte aux lettres est pleine, ou assez de vos demandes y attendent cette personne.
    .todo =
        Lui donner la demande autrement : le lien suffit
code-p0309 = Réseau d’essai seulement
    .cause = Cette commande change le temps ; elle n’existe que là où les heures ne comptent pas.
    .todo =
        Essayer avec : pirate demo
code-p0310 = Ordre signé, pas encore enregistré
    .cause = L’ordre est signé et gardé sur cet appareil ; le nœud n’a pas répondu. Il sera renvoyé tel quel, et ne peut compter qu’une fois.
    .todo =
        Relancer une commande plus tard, par exemple : pirate solde
code-p0311 = Preuve qui ne tient pas
    .cause = Ce que le nœud affirme ne suit pas de ce que votre cité a signé.
    .todo =
        Ne pas en tenir compte
        Prévenir une personne responsable, et garder le message
code-p0418 = Autre réseau
    .cause = Un ordre ou une demande ne vaut que dans le réseau pour lequel il a été signé.
    .todo =
        Vérifier le réseau de votre cité : pirate etat
code-p0419 = Autre cité
    .cause = L’ordre est fait pour le registre d’une autre cité.
    .todo =
        Vérifier l’identité employée, avec --profile
code-p0420 = Ordre dépassé
    .cause = Cet appareil a donné un autre ordre entre-temps, peut-être depuis une copie de ses fichiers.
    .todo =
        Regarder ce qui a été enregistré : pirate releve
        Recommencer si besoin
code-p0421 = Ordre manquant
    .cause = Les ordres d’un appareil se suivent ; l’un d’eux n’est jamais arrivé.
    .todo =
        Relancer : pirate solde
        Puis recommencer
code-p0422 = Ordre périmé ou trop long
    .cause = Un ordre porte son dernier jour : ni passé, ni à plus d’un an.
    .todo =
        Vérifier l’heure de cette machine
        Recommencer
code-p0423 = Autre histoire
    .cause = L’ordre a été signé en regardant un état du registre que le nœud ne connaît pas, ou plus.
    .todo =
        Relancer : pirate solde
        Si cela dure, prévenir une personne responsable
code-p0424 = Déjà enregistré
    .cause = Cet ordre est déjà au registre ; il n’a pas été compté une seconde fois.
    .todo =
        Le voir : pirate releve
code-p0425 = Pas un multiple
    .cause = La cité compte par tranches ; une durée en est un multiple.
    .todo =
        Arrondir la durée d’un commun accord
code-p0426 = Trop pour un seul paiement
    .cause = Un paiement a une taille maximale, et aucun compte ne tient plus que ce qui se compte.
    .todo =
        Payer en plusieurs fois
code-p0427 = Demande fausse
    .cause = La personne qui serait payée n’a pas signé cette demande, ou son texte a été changé.
    .todo =
        Ne pas la payer
        Demander à la personne de la refaire
code-p0428 = Demande pour quelqu’un d’autre
    .cause = La demande nomme une autre personne, une autre durée, ou n’est plus ouverte.
    .todo =
        Voir les demandes : pirate demande lister
code-p0429 = Demande trop longue
    .cause = Les règles de la cité bornent la durée de vie d’une demande.
    .todo =
        Donner une date plus proche avec --expires
code-p0430 = Pas de compte entre ces cités
    .cause = Deux cités échangent quand chacune a ouvert un compte à l’autre.
    .todo =
        Voir où en est l’alliance : pirate federation lister
code-p0431 = Trop d’envois en route
    .cause = L’autre cité n’a pas encore répondu des envois précédents.
    .todo =
        Attendre qu’elle revienne
code-p0432 = La cité doit trop
    .cause = La cité borne ce qu’elle doit à toutes les autres ensemble.
    .todo =
        Attendre que des heures reviennent d’autres cités
code-p0433 = Message entre cités refusé
    .cause = Un message entre deux nœuds n’était pas à sa place. Rien n’a été compté deux fois.
    .todo =
        Les nœuds le reprennent d’eux-mêmes
        Si cela dure, prévenir les personnes qui les tiennent
code-p0434 = Ne nomme personne
    .cause = Ce texte n’est ni un numéro de membre, ni un identifiant, ni le commun, ni une demande.
    .todo =
        Écrire 42, ou 42@tisserandes
code-p0435 = Texte trop long
    .cause = Un texte ou un nom a une taille maximale.
    .todo =
        L’abréger
code-p0436 = Texte qui cache quelque chose
    .cause = Le texte contient un retour à la ligne, un caractère invisible, ou un caractère qui change le sens d’écriture. D’autres liraient autre chose que ce qui est signé.
    .todo =
        Le retaper sur une ligne, sans coller
code-p0504 = Nouvelles trop vieilles
    .cause = La carte tient, mais ce qui la confirme est plus vieux que demandé, ou sans date.
    .todo =
        Demander une carte plus fraîche : pirate carte voir -o FICHIER
code-p0707 = Pas encore membre
    .cause = La cité n’a pas (encore) admis cette identité.
    .todo =
        Attendre qu’une personne responsable valide la demande
        Voir où elle en est : pirate rejoindre INVITATION (la même)
code-p0708 = Déjà approuvé
    .cause = Chaque personne responsable approuve un acte une seule fois.
    .todo =
        Attendre les autres approbations
code-p0709 = Trop d’actes en attente
    .cause = Le nombre d’actes en attente est borné.
    .todo =
        En approuver, ou attendre qu’ils s’éteignent : pirate cite approuver
code-p0710 = Version des règles
    .cause = Les versions des règles se suivent d’une en une.
    .todo =
        Relire les règles en vigueur : pirate cite voir
code-p0711 = Déjà membre
    .cause = Cette personne a déjà un numéro dans la cité.
    .todo =
        Voir les membres : pirate membre lister
code-p0712 = Candidature inutilisable
    .cause = La candidature est d’une autre cité, mal signée ou périmée.
    .todo =
        Demander à la personne de la refaire : pirate rejoindre INVITATION
code-p0713 = Durée de carte
    .cause = Les règles bornent la durée d’une carte.
    .todo =
        Donner une autre date de fin avec --card-until
code-p0714 = Compte déjà ouvert
    .cause = Un compte est ouvert une seule fois pour chaque cité ; sa ligne peut changer.
    .todo =
        Voir les cités : pirate federation lister
code-p0715 = Soi-même
    .cause = Une cité n’échange pas avec elle-même et ne se confirme pas elle-même.
    .todo =
        Nommer une autre cité
code-p0716 = Acte de fondation refusé
    .cause = L’acte de fondation de l’autre cité est d’un autre réseau, ou mal signé.
    .todo =
        Le demander de nouveau à la source
code-p0717 = Trop de cités
    .cause = Un registre tient un nombre borné de comptes de cités.
    .todo =
        Échanger par une cité déjà alliée
code-p0718 = Clé de témoin
    .cause = La clé nommée n’est pas une clé acceptable.
    .todo =
        La demander de nouveau à cette cité
code-p0719 = Ligne trop haute
    .cause = Aucune ligne ne dépasse le plus large plafond du format.
    .todo =
        Donner une ligne plus basse
code-p0720 = Changement de témoins en cours
    .cause = Un seul changement de témoins à la fois.
    .todo =
        Attendre que le premier soit confirmé
code-p0721 = Acte de fondation refusé
    .cause = Un acte des clés de fondation arrive hors de son tour, trop tard, ou sans assez de signatures.
    .todo =
        Vérifier qui a signé, puis recommencer
code-p0722 = Règles inchangées
    .cause = Les règles proposées sont celles qui sont en vigueur.
    .todo =
        Rien
code-p0723 = Registre plein
    .cause = Un registre tient un nombre borné de membres.
    .todo =
        Fonder une seconde cité
code-p0726 = Reprise refusée
    .cause = Un registre ne reprend dans une nouvelle suite que si ses clés de fondation la nomment, si assez de témoins l’ont promise, et si rien de ce qu’ils tiennent ne se perd.
    .todo =
        Regarder ce qui manque : pirate noeud etat
        Joindre les autres témoins, puis relancer la reprise
code-p0734 = Candidature refusée
    .cause = Une personne responsable de la cité a refusé la candidature de cette identité. Rien n’est allé au registre.
    .todo =
        En parler avec la personne qui a invité
        Avec une autre invitation : pirate rejoindre INVITATION
code-p0735 = Admission déjà proposée
    .cause = Une personne responsable a déjà proposé cette admission ; il y manque des signatures. Elle n’est ni proposée une seconde fois, ni refusée : sans assez de signatures, elle tombe en trente jours.
    .todo =
        Voir ce qui attend : pirate cite approuver --list
        Signer celle que l’on veut : pirate cite approuver ACTE
code-p0736 = Acte déjà proposé
    .cause = Un acte qui décide de la même chose attend des signatures. Proposé une seconde fois, l’un des deux ne pourrait qu’être refusé.
    .todo =
        Voir ce qui attend : pirate cite approuver --list
        Signer celui que l’on veut : pirate cite approuver ACTE
        Ou attendre qu’il tombe, en trente jours, puis en proposer un autre
code-p0724 = Déjà dans une autre cité
    .cause = Une identité a une seule cité à la fois.
    .todo =
        Entrer avec une autre identité : --profile NOM
code-p0725 = Règles à accepter
    .cause = On n’entre dans une cité qu’en acceptant ses règles.
    .todo =
        Les lire, puis relancer avec --accept-charter
complain-heading = Plainte · { $cite }
complain-nothing = Rien à confier : aucun ordre signé ici n’attend, et aucun n’a été refusé.
complain-nobody = Personne de connu ici n’est témoin de la cité { $cite } et ne répond.
complain-question = Confier cet ordre, sans son texte, à ces témoins ?
complain-dry = Rien n’a été envoyé.
complain-kept = La cité { $slug } le garde et le propose à votre cité (déjà { $offers } fois).
complain-recorded = { $slug } : l’ordre est dans le registre.
complain-holds-back = La cité { $slug } ne contresigne plus le registre de votre cité sans cet ordre.
complain-not = La cité { $slug } ne le garde pas : { $why }
complain-in-log = L’ordre est enregistré. Il n’y a plus rien à faire.
complain-look = Voir le solde :
complain-enough = Assez de témoins le gardent. Si votre cité ne le prend pas en un jour, son registre n’est plus confirmé.
complain-few = Témoins qui le gardent : { $kept } ; il en faut { $needed }. Redire la plainte plus tard.
