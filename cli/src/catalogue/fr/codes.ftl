# Une page par code : titre, cause, que faire (une étape par ligne).

code-p0001 = Commande mal écrite
    .cause = Un mot, une option ou une valeur n’est pas connu de cette commande.
    .todo =
        Lire son aide : pirate aide COMMANDE
code-p0002 = Une réponse est nécessaire
    .cause = La commande pose une question et personne ne peut répondre : pas de terminal, ou --no-input.
    .todo =
        Répondre dans un terminal
        Ou donner l’option qui répond, par exemple --yes
code-p0003 = Vous avez répondu non
    .cause = La question a reçu « non » ; rien n’a été fait.
    .todo =
        Relancer la commande si c’était une erreur
code-p0004 = Code inconnu
    .cause = Ce code n’existe pas dans cette version.
    .todo =
        Voir tous les codes : pirate expliquer --list
code-p0005 = Interrompu
    .cause = Quelqu’un a arrêté la commande (Ctrl-C). Ce qui était confirmé reste.
    .todo =
        Relancer la commande
code-p0006 = Arrêté de force
    .cause = Le système, ou quelqu’un, a demandé l’arrêt, à un nœud deux fois. Ce qui était confirmé reste.
    .todo =
        Relancer la commande
code-p0099 = Erreur du programme
    .cause = Le programme s’est trompé lui-même.
    .todo =
        Noter la commande et le message, et les signaler
code-p0101 = Pas d’identité ici
    .cause = Cet appareil n’a pas d’identité de ce nom.
    .todo =
        Si vous avez des mots de secours : pirate cle creer --restore
        Sinon : pirate cle creer
code-p0102 = Identité déjà présente
    .cause = Une identité de ce nom est déjà gardée ici ; elle n’est jamais écrasée.
    .todo =
        L’employer telle quelle : pirate cle voir
        Ou en créer une autre avec --profile NOM
code-p0103 = Mauvaise phrase
    .cause = La phrase donnée n’ouvre pas le fichier de clé.
    .todo =
        Essayer encore, en regardant majuscules et disposition du clavier
        Phrase perdue : sur un autre profil, pirate cle creer --restore
code-p0104 = Clé lisible par d’autres
    .cause = Le fichier de clé peut être lu par d’autres comptes de la machine.
    .todo =
        Le fermer : chmod 600 FICHIER
        Si d’autres ont pu le lire, changer de phrase
code-p0105 = Clé abîmée
    .cause = Le fichier de clé est coupé, modifié ou d’une autre sorte.
    .todo =
        Le mettre de côté, puis : pirate cle creer --restore
code-p0106 = Mot inconnu
    .cause = Un des mots de secours n’est ni dans la liste française ni dans la liste anglaise.
    .todo =
        Relire ce mot sur le papier ; les quatre premières lettres suffisent
code-p0107 = Mots qui ne vont pas ensemble
    .cause = Les 12 mots portent leur propre contrôle ; il ne tombe pas juste. Une phrase fausse n’ouvre jamais un autre compte.
    .todo =
        Vérifier l’ordre des mots
        Vérifier chaque mot
code-p0108 = Nombre de mots
    .cause = Une phrase de secours a exactement 12 mots.
    .todo =
        Donner les 12 mots, dans l’ordre
code-p0109 = Fichier de phrase
    .cause = Le fichier nommé par --passphrase-file ou PIRATE_PASSPHRASE_FILE manque ou est vide.
    .todo =
        Mettre la phrase sur sa première ligne, en mode 600
code-p0110 = Phrases différentes
    .cause = La phrase a été tapée deux fois, différemment.
    .todo =
        Recommencer
code-p0111 = Mots non gardés
    .cause = Une identité sans mots de secours écrits serait perdue avec l’appareil.
    .todo =
        Lancer la commande dans un terminal
        Ou donner --words-output FICHIER
code-p0112 = Deux langues
    .cause = Les mots forment une phrase juste en français et une autre en anglais, ou une partie en est française et l’autre anglaise.
    .todo =
        Relire les mots : ils sont tous d’une seule langue
        Ou préciser --words-lang fr ou --words-lang en
code-p0113 = Nom d’identité
    .cause = Le nom d’une identité devient un nom de fichier.
    .todo =
        Employer des lettres sans accent, des chiffres, - et _
code-p0114 = Phrase trop courte
    .cause = Une phrase courte se devine.
    .todo =
        Prendre quatre mots ou plus
code-p0120 = Mots d’une autre cité
    .cause = Ces 12 mots ne donnent pas la clé de fondation de la cité à reprendre.
    .todo =
        Prendre les mots notés à la fondation de la cité, pas ceux d’une personne
        Avec --via, demander à une alliée de cette cité
code-p0201 = Écriture impossible
    .cause = Le disque a refusé d’écrire, ou ce nom est déjà pris : aucun fichier n’est remplacé.
    .todo =
        Vérifier la place libre et les droits du dossier
        Ou donner un autre nom
code-p0202 = Lecture impossible
    .cause = Le fichier manque ou ne peut pas être lu.
    .todo =
        Vérifier le nom et les droits
code-p0203 = Dossier personnel inconnu
    .cause = La variable HOME manque.
    .todo =
        Donner --home DOSSIER
code-p0204 = Registre abîmé
    .cause = Les écritures gardées ici ne sont plus celles qui ont été signées.
    .todo =
        Ne rien effacer ; un registre abîmé se reprend chez ses témoins : pirate noeud reprendre
        Voir ce qui est abîmé : pirate noeud verifier
code-p0205 = Registre occupé
    .cause = Un autre processus écrit dans ce registre.
    .todo =
        Passer par le nœud qui tourne, ou l’arrêter d’abord
code-p0206 = Copie ancienne
    .cause = Ce registre est une copie ou une image restaurée : ce qu’il signerait pourrait contredire ce qui a été signé ailleurs. Il ne signe plus rien.
    .todo =
        Relancer l’original, s’il existe encore, et lui seul
        S’il n’existe plus, reprendre le registre avec ses témoins et les 12 mots de la cité : pirate noeud reprendre
        Si la machine entière a été remise à un état ancien : pirate noeud reprendre --rolled-back
        Ne jamais lancer la même cité sur deux machines
code-p0211 = Rien à reprendre
    .cause = Le registre ici est celui que cette machine a signé en dernier : il n’y a rien à réparer.
    .todo =
        Lancer le nœud : pirate noeud lancer
        Si ses clés ont été volées : pirate noeud reprendre --keys-stolen
code-p0212 = Reprise en cours
    .cause = Le nœud reprend son registre chez ses témoins et ne signe rien avant qu’assez d’entre eux aient promis de laisser l’ancien.
    .todo =
        Suivre la reprise : pirate noeud etat
        Lancer les nœuds des alliées qui ne répondent pas
code-p0213 = Sauvegarde abîmée
    .cause = Le fichier n’est pas une sauvegarde de cette version, ou n’est plus tel qu’il a été écrit.
    .todo =
        Prendre une autre sauvegarde du même registre
        Sans autre : pirate noeud reprendre --via pinv1…
code-p0214 = Le nœud de la cité est une copie
    .cause = Le nœud de la cité est une image ancienne ou copiée : il se tait, ou ce qu’il dit n’est pas cru. Un ordre signé est gardé et attend.
    .todo =
        Prévenir la personne qui fait tourner le nœud
        Elle peut le reprendre : pirate noeud reprendre
code-p0215 = Droits manquants
    .cause = Ce fichier ou ce dossier appartient à un autre utilisateur de cette machine. Ce qui s’y trouve n’a été ni lu ni changé ; rien ne dit qu’il n’y a pas de cité.
    .todo =
        Lancer la commande sous cet utilisateur : sudo -u pirate …
        Ou nommer son propre dossier avec --home
code-p0216 = Fichier absent
    .cause = Il n’y a pas de fichier de ce nom.
    .todo =
        Vérifier le nom et le dossier
code-p0217 = Plus de place pour ce qui est mis de côté
    .cause = Ce qui est abîmé, ou remplacé par ce que tiennent les témoins, n’est jamais effacé : il va dans node/damaged/, qui a 16 places. Elles sont toutes prises, et le programme n’en libère aucune de lui-même.
    .todo =
        Regarder ce qui est dans node/damaged/, et mettre ailleurs ou effacer ce qui n’est plus utile
        Le nœud continue de lui-même dès qu’une place est libre ; voir où il en est : pirate noeud etat
code-p0218 = Deux registres confirmés
    .cause = Le registre d’ici a été confirmé par des témoins, et assez de témoins en tiennent maintenant un autre : l’un des deux n’aurait pas dû être signé. De lui-même, le nœud n’abandonne rien de confirmé.
    .todo =
        Ne rien effacer : arrêter le nœud et mettre le dossier node/ de côté, entier ; c’est une preuve
        Reprendre le registre tel que les témoins le tiennent, avec l’invitation d’une alliée et les 12 mots : pirate noeud reprendre --via INVITATION
        Comparer les deux histoires : pirate audit bifurcations …
code-p0219 = Tenu par un autre programme
    .cause = Le dossier du nœud a été écrit par une autre version de pirate, sous une forme que celui-ci ne connaît pas. Il n’en lit rien et n’y écrit rien : ce qu’il ne sait pas lire lui paraîtrait abîmé.
    .todo =
        Réinstaller la version qui l’a écrit ; celui-ci est pirate --version
        Ou, sans lui, repartir de la sauvegarde faite avant : pirate sauvegarde restaurer FICHIER
code-p0301 = Nœud absent
    .cause = Le nœud ne répond pas à cette adresse.
    .todo =
        Le lancer : pirate noeud lancer
        Ou donner son adresse : --node HÔTE:PORT
        Ou passer par une alliée : --node CLÉ@HÔTE:PORT (sa clé : pirate noeud pairs --plain, sur une machine de la cité)
code-p0302 = Pas de réponse à temps
    .cause = Le nœud n’a pas répondu dans le délai. Un ordre déjà envoyé n’est jamais compté deux fois.
    .todo =
        Réessayer plus tard, ou donner plus de temps : --timeout 60s
code-p0303 = Hors ligne demandé
    .cause = Cette commande a besoin du nœud, et --offline l’interdit.
    .todo =
        Relancer sans --offline
code-p0304 = Message refusé
    .cause = Le nœud n’a pas compris le message, ou nous n’avons pas compris le sien.
    .todo =
        Comparer les versions : pirate --version
code-p0305 = Adresse illisible
    .cause = Cette adresse n’est ni hôte:port ni une adresse de nœud.
    .todo =
        Écrire par exemple 192.0.2.7:17890
        Pour tout autre nœud que celui de la cité, sa clé devant : CLÉ@192.0.2.7:17890
code-p0312 = Pas assez de témoins joints
    .cause = Un ordre que votre cité ne prend pas se confie à ses témoins ; trop peu d’entre eux sont connus ici ou répondent.
    .todo =
        Voir qui est allié : pirate federation lister
        Recommencer plus tard : pirate plainte
code-p0313 = Ce témoin garde assez de plaintes
    .cause = Un témoin garde une plainte par membre et trente-deux par cité.
    .todo =
        Recommencer plus tard : pirate plainte
code-p0314 = Rien à confier aux témoins
    .cause = Tout ce que cet appareil a signé est enregistré.
    .todo =
        Vérifier le solde : pirate solde
code-p0315 = Ce qui ne se bloque pas
    .cause = On bloque la clé d’un autre nœud, ou une adresse en chiffres. Pas un nom, pas son propre nœud, et pas cette machine : tout ce qui passe par un relais ou un service onion vient d’elle.
    .todo =
        Voir clés et adresses : pirate noeud pairs --top
code-p0316 = Liste de blocage pleine
    .cause = Elle a 256 lignes. Une attaque qui en demande plus relève d’un pare-feu.
    .todo =
        Voir la liste : pirate noeud bloquer --list
        Bloquer un réseau entier : pirate noeud bloquer 192.0.2.0/24
code-p0317 = Nœud qui se réveille
    .cause = Avant de signer, un nœud qui démarre demande à ses témoins s’ils tiennent plus de son registre que lui, et compare son horloge à celles des alliées : dix secondes au plus.
    .todo =
        Attendre quelques secondes, puis refaire la même commande
code-p0401 = Minutes ou heures ?
    .cause = Un nombre seul ne dit pas son unité.
    .todo =
        Écrire 90min ou 90h
code-p0402 = Durée illisible
    .cause = Ce texte n’est pas une durée en minutes entières.
    .todo =
        Écrire 1h30, 1:30, 90min ou 1,5h
code-p0403 = Durée trop grande
    .cause = Cette durée dépasse ce qui peut être compté.
    .todo =
        Vérifier le nombre de zéros
code-p0404 = Membre inconnu
    .cause = Ce numéro n’existe pas dans cette cité. Rien n’a été envoyé.
    .todo =
        Vérifier le numéro et la cité : 42@tisserandes
code-p0405 = Plafond bas atteint
    .cause = Le solde passerait sous le plus bas permis par les règles de la cité.
    .todo =
        Payer moins
        Ou attendre d’avoir reçu des heures
code-p0406 = À soi-même
    .cause = Un paiement va à une autre personne.
    .todo =
        Vérifier le destinataire
code-p0407 = Durée nulle
    .cause = Un paiement compte au moins une minute.
    .todo =
        Donner une durée
code-p0408 = Plafond haut atteint
    .cause = Le solde de la personne payée dépasserait le plus haut permis.
    .todo =
        Payer moins
        Ou attendre qu’elle ait dépensé des heures
code-p0409 = Durée négative
    .cause = Un paiement donne des heures ; un nombre négatif en prendrait. Aucun ordre ne peut le porter : les minutes y sont sans signe.
    .todo =
        Donner la durée sans signe
        Pour recevoir des heures : pirate demander DURÉE
code-p0410 = Ordre refusé
    .cause = Une règle de la cité refuse cet ordre. Rien n’a été compté.
    .todo =
        Lire la raison donnée avec l’erreur
code-p0412 = Demande expirée
    .cause = La demande n’est plus valable. Rien n’a été payé.
    .todo =
        Faire faire une nouvelle demande
        Ou payer sans demande : pirate payer MEMBRE DURÉE
code-p0413 = Demande déjà payée
    .cause = Une demande ne sert qu’une fois.
    .todo =
        Voir le paiement : pirate releve
code-p0414 = Demande inconnue
    .cause = Il n’y a pas de demande de ce nom ici.
    .todo =
        Voir les demandes : pirate demande lister
code-p0415 = Demande illisible
    .cause = Ce texte n’est pas une demande entière.
    .todo =
        Le copier en entier
code-p0416 = Date ou délai qui ne convient pas
    .cause = Ce texte n’est pas une date ou un délai, ou le jour ne convient pas ici : passé pour une demande, encore à venir pour un paiement.
    .todo =
        Une date : 2026-11-23
        Un délai : 30s, 2h, 7j
        Une demande ou une invitation finit avec un jour : --expires 7j
code-p0417 = Ligne pleine
    .cause = L’autre cité ne peut pas nous devoir davantage, ou nous à elle.
    .todo =
        Attendre des échanges dans l’autre sens
        Ou relever la ligne : pirate federation allier CITÉ --limit DURÉE
code-p0501 = Carte expirée
    .cause = La carte n’est plus valable à cette date.
    .todo =
        La faire renouveler à la cité de la personne
code-p0502 = Carte non valable
    .cause = Une signature ou une preuve de la carte ne tient pas.
    .todo =
        Ne pas l’accepter
        Demander à la personne de la montrer de nouveau
code-p0503 = Carte illisible
    .cause = Ce fichier n’est pas une carte entière.
    .todo =
        Le copier en entier
code-p0507 = Photo illisible
    .cause = Aucun code QR d’une carte ne se lit sur cette image.
    .todo =
        La reprendre de face, avec plus de lumière, ou recopier le texte de la carte
code-p0509 = Réponse d’une autre personne
    .cause = La réponse n’est pas signée de l’appareil qui porte cette carte, ou répond à une autre question.
    .todo =
        Ne pas accepter la carte de cette personne, ou poser une nouvelle question
code-p0508 = Clés remplacées
    .cause = La cité a remplacé la clé qui a signé cette carte courte.
    .todo =
        Demander au membre de la montrer à nouveau : sa cité la signera avec sa clé d’aujourd’hui
code-p0506 = Pas de carte valable
    .cause = La cité ne connaît pas de carte de ce membre qui vaille aujourd’hui.
    .todo =
        Demander à une responsable de la renouveler
code-p0505 = Carte pas encore valable
    .cause = La carte vaut à partir d’un jour qui n’est pas encore là, selon l’horloge de cette machine.
    .todo =
        Attendre ce jour, ou regarder la date de cette machine
code-p0601 = Horloge fausse
    .cause = L’horloge de cette machine avance sur celles des alliées, ou a sauté de plus de six heures sans qu’aucune ne le confirme. Le nœud n’enregistre rien : une seule écriture trop loin dans l’avenir arrêterait le registre pour toujours.
    .todo =
        Comparer : pirate noeud horloge
        Si elle est fausse : sudo timedatectl set-ntp true ; le nœud reprend de lui-même
        Si elle est juste (la machine était éteinte, aucune alliée ne répond) : pirate noeud horloge --is-right
code-p0602 = Mauvais réglage
    .cause = Un réglage est faux ; le nœud n’a pas été lancé.
    .todo =
        Corriger la ligne nommée dans le message
code-p0603 = Port occupé
    .cause = Un autre programme écoute déjà à cette adresse.
    .todo =
        Prendre un port libre : pirate noeud lancer --listen 0.0.0.0:0
code-p0604 = La démonstration s’est arrêtée
    .cause = Un des trois nœuds de la démonstration n’a pas fait ce qu’il devait, ou elle a été interrompue. Rien de ce qu’elle a écrit ne compte.
    .todo =
        Recommencer en gardant les dossiers : pirate demo --keep essai
        Puis lire les journaux : essai/*/node.log
code-p0605 = Le nœud s’est arrêté
    .cause = Le nœud s’est arrêté de lui-même, sans que personne le demande. Ce qui était confirmé reste.
    .todo =
        Le relancer : pirate noeud lancer
        Si cela recommence, noter le message et le signaler
code-p0606 = Horloge de cet appareil fausse
    .cause = La date de cet appareil s’écarte de plus d’un jour de celle de la cité. Ce qu’il signe porte un jour que la cité refuse.
    .todo =
        Mettre cet appareil à l’heure, puis recommencer
code-p0701 = Réservé aux responsables
    .cause = Seule une personne responsable de la cité peut signer cela.
    .todo =
        Demander à une personne responsable
code-p0702 = Cité inconnue
    .cause = Il n’y a pas de cité de ce nom ici.
    .todo =
        Voir les cités connues : pirate federation lister
code-p0703 = Acte inconnu
    .cause = Il n’y a pas d’acte en attente de ce numéro.
    .todo =
        Voir ceux qui attendent : pirate cite approuver
code-p0704 = Invitation refusée
    .cause = L’invitation est inconnue de la cité, expirée ou déjà employée.
    .todo =
        En demander une autre à la cité
code-p0705 = Pas de cité ici
    .cause = Il n’y a pas de cité sur cette machine, ou vous n’êtes membre d’aucune.
    .todo =
        En fonder une : pirate cite fonder
        Ou entrer dans une cité : pirate rejoindre INVITATION
code-p0706 = Cité déjà fondée ici
    .cause = Il y a déjà une cité dans ce dossier ; elle n’est jamais écrasée.
    .todo =
        Donner un autre --home pour en fonder une autre
code-p0727 = Cité dissoute
    .cause = La cité, ou celle d’en face, a été dissoute par ses clés de fondation. Plus rien ne s’y paie ni ne s’y décide.
    .todo =
        Voir les cités alliées : pirate federation lister
        Voir son relevé, qui reste lisible : pirate releve
code-p0728 = Héritières
    .cause = Ce qui est demandé au nom des héritières d’une cité ne va pas : ce ne sont pas celles que son registre nomme, ou il leur manque quelque chose.
    .todo =
        Voir les héritières : pirate cite heritieres
        Suivre une reprise : pirate noeud etat
code-p0730 = Autre réseau
    .cause = L’invitation ou la cité est d’un autre réseau que celui où cette cité a été fondée.
    .todo =
        Demander une invitation du même réseau
        Pour essayer, fonder une autre cité à côté avec --test-network
code-p0731 = Candidature inconnue
    .cause = Personne de ce nom n’attend d’être admis.
    .todo =
        Voir qui attend : pirate membre lister --state applied
code-p0732 = Invitation illisible
    .cause = Ce texte n’est pas une invitation entière.
    .todo =
        La recopier en entier ; elle commence par pinv1
code-p0733 = Nœud sans cité
    .cause = Un nœud tourne pour une cité, et il n’y en a pas dans ce dossier.
    .todo =
        En fonder une : pirate cite fonder
        Ou donner le bon dossier avec --home
code-p0801 = Pas un dossier d’audit
    .cause = Ce fichier n’est pas un dossier d’audit.
    .todo =
        Vérifier le nom du fichier
code-p0802 = Dossier abîmé
    .cause = Les octets du dossier ne sont plus ceux qui ont été écrits.
    .todo =
        Le copier de nouveau depuis la source
code-p0803 = Ancrage illisible
    .cause = Le fichier donné avec --anchor ne nomme pas des cités et des clés de témoins.
    .todo =
        Une cité ou une clé par ligne
code-p0804 = Écriture inconnue
    .cause = Il n’y a pas d’écriture de ce numéro ou de cet ordre dans le registre.
    .todo =
        Voir les écritures : pirate journal lister
code-p0805 = Preuve qui ne prouve rien
    .cause = Le fichier de preuve est abîmé, ou ce qu’il contient n’accuse personne.
    .todo =
        Le demander à nouveau, ou chercher soi-même dans les dossiers : pirate audit bifurcations …
code-w0101 = Mots non vérifiés
    .cause = Les mots de secours ont été écrits dans un fichier et pas encore recopiés.
    .todo =
        Les recopier sur papier, puis effacer le fichier
code-w0102 = Verrou d’essai
    .cause = La clé est verrouillée avec très peu de travail : qui prend le fichier devine vite la phrase.
    .todo =
        Ne l’employer que sur un réseau d’essai
code-w0201 = Disque lent
    .cause = Plus d’une attente du disque sur cent a duré plus d’une seconde dans les dix dernières minutes. Une carte SD en fin de vie, un disque surchargé ou un support réseau se reconnaît à cela.
    .todo =
        Voir ce qui écrit d’autre sur ce disque
        Lire tout ce qui est gardé : pirate noeud verifier
        Remplacer la carte ou le disque avant qu’il ne lâche
code-w0301 = Réseau d’essai
    .cause = Sur ce réseau, les heures ne comptent pas.
    .todo =
        Rien, si c’est ce que vous voulez
code-w0302 = Des ordres attendent
    .cause = Des ordres signés attendent dans ce portefeuille d’être enregistrés.
    .todo =
        La prochaine commande les envoie : pirate solde
code-w0303 = Ordre refusé après coup
    .cause = Un ordre signé plus tôt, qui attendait, n’a pas été enregistré et ne le sera plus.
    .todo =
        Lire pourquoi dans le message
        Voir ce qui compte : pirate releve
code-w0304 = Une alliée est bloquée
    .cause = Son nœud, ou son adresse, est dans la liste de blocage. Les heures pour elle attendent, et si elle est témoin, elle ne confirme plus rien.
    .todo =
        Voir la liste : pirate noeud bloquer --list
        Ne plus la bloquer : pirate noeud bloquer … --lift
code-w0305 = Un témoin se tait
    .cause = Ce nœud n’est plus relié à un de ses témoins depuis plus d’une heure. Tant qu’assez d’autres répondent, tout continue.
    .todo =
        Voir qui est relié : pirate noeud pairs
        Demander à ceux qui le tiennent
        Perdu pour de bon : pirate federation allier … --no-mirror
code-w0306 = Beaucoup de messages faux
    .cause = Plus d’un message sur cent, dans les dix dernières minutes, était illisible ou d’une erreur visible. Une attaque, ou un nœud d’une autre version.
    .todo =
        Voir de qui : pirate noeud pairs --top
        Ne plus rien avoir à faire avec lui : pirate noeud bloquer …
code-w0307 = Des ordres inscrits sont perdus
    .cause = La cité a reconstitué son registre d’après ses témoins, après une panne. Ce qu’elle avait inscrit (✓) avant qu’ils ne l’aient n’y est plus.
    .todo =
        Voir ce qui compte : pirate releve
        Signer de nouveau ce qui manque
code-w0308 = Les témoins ne confirment plus
    .cause = Depuis plus de dix minutes, trop peu de témoins ont confirmé les dernières écritures. Ils sont absents, pleins, en reprise, ou une plainte les retient. Rien n’est perdu, et les heures inscrites restent inscrites.
    .todo =
        Voir qui est relié : pirate noeud pairs
        Demander à ceux qui tiennent les témoins ce que dit leur nœud
code-w0309 = Un autre nœud transmet
    .cause = Le nœud de votre cité ne répond pas à son adresse, et celui d’une autre cité transmet vos messages. Il ne peut rien y changer, mais il voit qui demande quoi.
    .todo =
        Voir où est votre cité : pirate federation lister
        Demander à qui tient le nœud sa nouvelle adresse
code-w0601 = Beaucoup de mémoire
    .cause = Le nœud occupe plus de 70 % de la mémoire prévue (256 Mo). Au-delà, le système le ralentit.
    .todo =
        Voir qui consomme : pirate noeud pairs --top
        Relancer le nœud, et le signaler si cela revient
code-v0 = Vérifié et confirmé par des témoins
    .cause = Signatures, chaînage, règles et équilibre tiennent, et assez de témoins que vous connaissez ont vu la même histoire.
    .todo =
        Rien
code-v10 = Vérifié, trop peu de témoins
    .cause = Tout tient, mais moins de témoins qu’il n’en faut ont confirmé.
    .todo =
        Demander un dossier plus récent, une fois que les témoins ont confirmé
        Sans cité alliée, un registre n’a pas de témoin : pirate federation allier CITÉ
code-v11 = Confirmé par une minorité
    .cause = Des témoins ont confirmé, mais la plupart de ceux que vous connaissez n’ont rien dit.
    .todo =
        Demander aux autres témoins ce qu’ils ont vu
code-v20 = Cohérent, sans ancrage
    .cause = Le dossier ne prouve que lui-même : vous n’avez rien apporté pour l’ancrer.
    .todo =
        Donner --anchor FICHIER, avec les cités et les clés de témoins auxquelles vous vous fiez
code-v30 = Deux registres
    .cause = La cité a signé deux histoires différentes, ou une écriture qui ne peut tenir dans aucun registre. La preuve tient seule.
    .todo =
        Garder la preuve
        Prévenir les cités alliées
code-v40 = Non valable
    .cause = Une signature, le chaînage, une règle ou l’équilibre ne tient pas.
    .todo =
        Ne pas s’y fier
        Demander le dossier à une autre source et comparer
