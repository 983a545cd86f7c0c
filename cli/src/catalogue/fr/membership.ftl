# Cartes renouvelées, suspensions, départs.

act-card-issue = carte { $who } ({ $level }) : du { $from } au { $until }, avance ailleurs { $allowance } au plus
act-suspend = suspension { $who }
act-suspend-until = suspension { $who } jusqu’au { $until }
act-lift = fin de la suspension { $who }
act-leave = départ { $who }

member-who = { $who } · { $alias }
member-who-unnamed = { $who } · sans nom ici
member-elsewhere = { $who } a son compte dans une autre cité : c’est à ses responsables d’en décider.

suspend-means = Plus rien ne peut être payé ni signé depuis ce compte, et la carte n’est plus valable. Les heures continuent d’y arriver.
suspend-undo = Cela se lève : pirate membre retablir
suspend-confirm = Suspendre cette personne ?
suspend-done = { $who } : compte et carte suspendus.
suspend-done-until = { $who } : compte et carte suspendus jusqu’au { $until }.

resume-means = Le compte et la carte servent de nouveau, aux mêmes conditions.
resume-confirm = Rétablir cette personne ?
resume-done = { $who } : compte et carte rétablis.

leave-even = Solde : 0. Rien à régler.
leave-credit = Solde : { $minutes }. Ces heures restent à cette personne ; personne d’autre ne peut en disposer. Pour les donner avant : pirate payer
leave-debt = Solde : { $minutes }. La dette reste inscrite. Quelqu’un veut la régler ? C’est avant qu’il faut la payer.
leave-means = La carte n’est plus valable, et plus rien ne passe par ce compte. Un retour se fait par une nouvelle carte : pirate membre renouveler
leave-confirm = Inscrire ce départ ?
leave-done = { $who } ne fait plus partie de la cité.

renew-means = La carte no { $serial } n’est plus valable dès que la nouvelle est inscrite.
renew-back = Cette personne est de nouveau membre, avec son numéro et ses heures.
renew-suspended = La suspension reste : cette carte ne vaudra qu’une fois levée.
renew-no-steward = Cette personne ne signera plus pour la cité.
renew-steward-or-not = --steward et --no-steward ne vont pas ensemble.
renew-confirm = Faire cette carte ?
renew-done = { $who } : nouvelle carte, valable jusqu’au { $until }.
renew-done-suspended = { $who } : nouvelle carte, jusqu’au { $until } ; le compte reste suspendu.

label-card-no = Carte no
label-issued = Faite le
card-suspended = Carte suspendue : ainsi le dit le registre au { $sealed }.
card-left = Cette personne ne fait plus partie de la cité : ainsi le dit le registre au { $sealed }.
card-replaced = Une autre carte a pris la place de celle-ci : ainsi le dit le registre au { $sealed }.
card-contradicted = Le registre de la cité dit autre chose de cette carte, au { $sealed }.
card-ahead = Carte datée de plus tard que maintenant, du { $sealed } : une des deux horloges est fausse.
card-is-suspended = suspendue
card-is-suspended-until = suspendue → { $until }
card-has-left = partie

refusal-suspended = Ce compte est suspendu : la cité n’en prend pas d’ordre.
balance-suspended-until = Ce compte est suspendu jusqu’au { $until } : la cité n’en prend pas d’ordre.
refusal-left = Ce compte est clos : cette personne ne fait plus partie de la cité.
refusal-payee-left = Cette personne a quitté la cité : son compte ne reçoit plus d’heures.
refusal-no-member = Aucun membre de cette cité n’a l’identité { $member }.
refusal-suspension-past = Le dernier jour de la suspension est passé : { $until }. Nous sommes le { $today }.
refusal-not-suspended = Cette personne n’est pas suspendue.
refusal-left-already = Cette personne ne fait déjà plus partie de la cité.
refusal-last-steward = Il ne resterait personne pour signer au nom de la cité.
refusal-allowance = L’avance d’une carte est de { $max } au plus, selon les règles.

code-p0437 = A quitté la cité
    .cause = Le compte à payer est clos : cette personne a quitté la cité. Rien n’a été payé.
    .todo =
        Demander à cette personne où elle est membre maintenant, et payer là
        Voir qui est membre, comme responsable : pirate membre lister
code-p0510 = Carte suspendue
    .cause = La cité a suspendu cette carte : perdue, copiée, ou un litige. Le registre le disait au moment que la carte nomme.
    .todo =
        Ne pas accepter cette carte
        Demander à la cité de la personne ce qu’il en est
code-p0511 = N’est plus membre
    .cause = La personne de cette carte a quitté la cité qui l’a faite. Le registre le disait au moment que la carte nomme.
    .todo =
        Ne pas accepter cette carte
        Demander à la personne de quelle cité elle est membre maintenant
code-p0512 = Carte remplacée
    .cause = La cité a fait une autre carte à cette personne, et celle-ci ne vaut plus. Le registre gardé sur cette machine le dit.
    .todo =
        Demander à la personne sa carte d’aujourd’hui
        Elle la montre ainsi : pirate carte voir --qr
code-p0513 = Carte contredite par le registre
    .cause = Le registre de la cité, gardé sur cette machine et plus récent que la carte, ne connaît pas cette personne, ou lui donne une autre carte. La carte est fausse, ou la clé qui signe les cartes est volée.
    .todo =
        Ne pas accepter cette carte
        Prévenir qui tient la cité nommée sur la carte
code-p0737 = Compte suspendu
    .cause = Les responsables de la cité ont suspendu ce compte. Il reçoit des heures, et n’en paie pas ; la carte n’est pas valable.
    .todo =
        Demander aux responsables pourquoi, et ce qu’il faut pour que cela prenne fin
        Voir où en est le compte : pirate solde
code-p0738 = N’est plus membre
    .cause = La personne a quitté la cité. Son compte ne paie plus et ne reçoit plus ; ce qu’il contient y reste.
    .todo =
        Revenir par une nouvelle carte : pirate membre renouveler … (un responsable)
        Voir les membres : pirate membre lister --state left
code-p0739 = Suspension sans objet
    .cause = La personne n’est pas suspendue, ou le dernier jour indiqué est déjà passé.
    .todo =
        Voir qui est suspendu : pirate membre lister --state suspended
        Donner un jour à venir : pirate membre suspendre … --until …
code-p0740 = Plus personne pour signer
    .cause = Après cela aucun responsable ne pourrait signer, et personne ne pourrait plus rien décider, pas même d’en nommer un.
    .todo =
        Nommer d’abord quelqu’un d’autre : pirate membre renouveler … --steward
        Voir qui est responsable : pirate membre lister
