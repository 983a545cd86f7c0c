# Renewed cards, suspensions, leavings.

act-card-issue = card { $who } ({ $level }): from { $from } to { $until }, { $allowance } lent elsewhere at most
act-suspend = suspension { $who }
act-suspend-until = suspension { $who } until { $until }
act-lift = end of the suspension { $who }
act-leave = departure { $who }

member-who = { $who } · { $alias }
member-who-unnamed = { $who } · no name here
member-elsewhere = { $who } has an account in another cité: its stewards are the ones to decide.

suspend-means = Nothing can be paid or signed from this account any more, and the card is not valid. Hours still come in.
suspend-undo = This can be lifted: pirate member resume
suspend-confirm = Suspend this person?
suspend-done = { $who }: account and card are suspended.
suspend-done-until = { $who }: account and card are suspended until { $until }.

resume-means = Account and card can be used again, on the same terms.
resume-confirm = Lift the suspension of this person?
resume-done = { $who }: account and card can be used again.

leave-even = Balance: 0. Nothing to settle.
leave-credit = Balance: { $minutes }. These hours stay this person's; nobody else can dispose of them. To give them away before: pirate pay
leave-debt = Balance: { $minutes }. The debt stays on record. Whoever wants to settle it pays before.
leave-means = The card is not valid any more, and nothing passes through this account. Who comes back gets a new card: pirate member renew
leave-confirm = Record this leaving?
leave-done = { $who } is not a member of the cité any more.

renew-means = Card no. { $serial } is not valid any more as soon as the new one is recorded.
renew-back = This person is a member again, with number and hours.
renew-suspended = The suspension stays: this card holds only once it is lifted.
renew-no-steward = This person will not sign for the cité any more.
renew-steward-or-not = --steward and --no-steward do not go together.
renew-confirm = Issue this card?
renew-done = { $who }: new card, valid until { $until }.
renew-done-suspended = { $who }: new card, until { $until }; the account stays suspended.

label-card-no = Card no.
label-issued = Issued
card-suspended = Card suspended: so the ledger said at { $sealed }.
card-left = This person is not a member of the cité any more: so the ledger said at { $sealed }.
card-replaced = Another card has taken the place of this one: so the ledger said at { $sealed }.
card-contradicted = The ledger of the cité says something else of this card, at { $sealed }.
card-ahead = Card dated later than now, { $sealed }: one of two clocks is wrong.
card-is-suspended = suspended
card-is-suspended-until = suspended → { $until }
card-has-left = left

refusal-suspended = This account is suspended: the cité takes no order from it.
balance-suspended-until = This account is suspended until { $until }: the cité takes no order from it.
refusal-left = This account is closed: this person is not a member of the cité any more.
refusal-payee-left = This person has left the cité: the account takes no hours any more.
refusal-no-member = No member of this cité has the identity { $member }.
refusal-suspension-past = The last day of the suspension has passed: { $until }. Today is { $today }.
refusal-not-suspended = This person is not suspended.
refusal-left-already = This person has left the cité already.
refusal-last-steward = Nobody would be left to sign for the cité.
refusal-allowance = The advance of a card is { $max } at most, by the rules.

code-p0437 = Has left the cité
    .cause = The account to be paid is closed: this person has left the cité. Nothing was paid.
    .todo =
        Ask this person where she is a member now, and pay there
        See who is a member, as a steward: pirate member list
code-p0510 = Card suspended
    .cause = The cité has suspended this card: lost, copied, or a dispute. The ledger said so at the time that the card names.
    .todo =
        Do not accept this card
        Ask the person's cité how things stand
code-p0511 = Not a member any more
    .cause = The person of this card has left the cité that issued it. The ledger said so at the time that the card names.
    .todo =
        Do not accept this card
        Ask the person which cité she is a member of now
code-p0512 = Card replaced
    .cause = The cité has issued another card to this person, and this one is not valid any more. The ledger kept on this machine says so.
    .todo =
        Ask the person for the card of today
        She shows it like this: pirate card show --qr
code-p0513 = Card that the ledger contradicts
    .cause = The ledger of the cité, kept on this machine and newer than the card, does not know this person, or has another card for her. The card is false, or the key that signs cards is stolen.
    .todo =
        Do not accept this card
        Tell whoever runs the cité that the card names
code-p0737 = Account suspended
    .cause = The stewards of the cité have suspended this account. It takes hours and pays none; the card is not valid.
    .todo =
        Ask the stewards why, and what it takes to end it
        See how the account stands: pirate balance
code-p0738 = Not a member any more
    .cause = The person has left the cité. The account neither pays nor takes hours any more; what it holds stays in it.
    .todo =
        To come back takes a new card: pirate member renew … (a steward)
        See the members: pirate member list --state left
code-p0739 = No such suspension
    .cause = The person is not suspended, or the last day that was given has passed.
    .todo =
        See who is suspended: pirate member list --state suspended
        Give a day to come: pirate member suspend … --until …
code-p0740 = Nobody left to sign
    .cause = After this no steward could sign, and nobody could decide anything any more, not even to make one.
    .todo =
        Make somebody else a steward first: pirate member renew … --steward
        See who is a steward: pirate member list
