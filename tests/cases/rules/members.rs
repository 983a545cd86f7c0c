//! Who is a member, and on what terms: new cards, suspensions, leaving. Admissions are among the acts.

use harness::table::run_opened;

pub(super) const TABLES: &[&str] = &[CARDS, SUSPENDED, LEAVING, LAST, TWO, THREE];

const CARDS: &str = "
    # A card follows the one before, on terms of its own, within the rules.
    marcel issues pia a card                        -> 50 NotASteward
    zoe issues nina a card                          -> 90 UnknownMember somebody
    zoe issues pia a card, card 0 to 367            -> 59 CardTerm 366
    zoe issues pia a card, card -9 to -1            -> 59 CardTerm 366
    zoe issues pia a card, allowing 1h01            -> 95 AllowanceTooHigh 1h
    zoe issues pia a card, allowing 1h, card 1 to 367 -> ok
    zoe admits nina, allowing 1h01                  -> 95 AllowanceTooHigh 1h
    zoe rules allowance 2h                          -> ok
    zoe admits nina, allowing 1h01                  -> ok
    zoe issues nina a card, allowing 2h             -> ok

    # It makes a steward, and unmakes one.
    pia admits max                                  -> 50 NotASteward
    zoe issues pia a card as steward                -> ok
    pia admits max                                  -> ok
    zoe issues pia a card                           -> ok
    pia admits ida                                  -> 50 NotASteward
";

const SUSPENDED: &str = "
    # Who is suspended orders nothing, and is paid.
    marcel suspends pia                             -> 50 NotASteward
    zoe suspends nina                               -> 90 UnknownMember somebody
    zoe suspends pia                                -> ok
    pia pays marcel 1h                              -> 18 Suspended
    pia exports 1h to jean@mariniers                -> 18 Suspended
    marcel pays pia 1h                              -> ok
    zoe issues pia a card                           -> ok
    pia pays marcel 1h                              -> 18 Suspended
    zoe lifts pia                                   -> ok
    zoe lifts pia                                   -> 92 NotSuspended
    pia pays marcel 1h                              -> ok

    # For so many days, or for others.
    zoe suspends pia until -1                       -> 91 SuspensionPast
    zoe suspends pia until 1                        -> ok
    zoe suspends pia until 0                        -> ok
    pia pays marcel 1h                              -> 18 Suspended
    day 1
    pia pays marcel 1h                              -> ok
    zoe suspends pia until 0                        -> 91 SuspensionPast
    zoe suspends pia until 1                        -> ok
    pia pays marcel 1h                              -> 18 Suspended
    zoe lifts pia                                   -> ok
    pia pays marcel 1h                              -> ok
";

const LEAVING: &str = "
    # Who leaves keeps the hours, and nobody pays or is paid from there.
    marcel pays pia 1h                              -> ok
    zoe lets nina go                                -> 90 UnknownMember somebody
    zoe lets pia go                                 -> ok
    pia stands at 1h
    zoe lets pia go                                 -> 93 LeftAlready
    zoe suspends pia                                -> 93 LeftAlready
    zoe lifts pia                                   -> 93 LeftAlready
    pia pays marcel 1h                              -> 19 HasLeft
    marcel pays pia 1h                              -> 28 PayeeLeft
    mariniers sends 1h from jean to pia             -> returned 28 PayeeLeft
    zoe admits pia                                  -> 55 AlreadyMember 3
    zoe issues pia a card                           -> ok
    pia pays marcel 1h                              -> ok
    marcel pays pia 1h                              -> ok

    # A debt stays as well.
    marcel stands at -1h
    zoe lets marcel go                              -> ok
    marcel stands at -1h
    commons stands at 0

    # What comes back goes to whoever paid, gone or not.
    zoe issues marcel a card                        -> ok
    marcel exports 1h to jean@mariniers             -> ok
    zoe lets marcel go                              -> ok
    marcel stands at -2h
    mariniers returns 2                             -> ok
    marcel stands at -1h
";

const LAST: &str = "
    # Somebody must be left who signs.
    zoe issues zoe a card                           -> 94 LastSteward
    zoe suspends zoe                                -> 94 LastSteward
    zoe suspends zoe until 5                        -> 94 LastSteward
    zoe lets zoe go                                 -> 94 LastSteward
    zoe issues pia a card as steward                -> ok
    pia suspends zoe until 5                        -> ok
    zoe lifts zoe                                   -> 18 Suspended
    pia lets pia go                                 -> 94 LastSteward

    # When the days are over a steward orders again, and is one again when that is lifted.
    day 6
    zoe pays marcel 1h                              -> ok
    zoe admits nina                                 -> 50 NotASteward
    zoe lifts zoe                                   -> 50 NotASteward
    pia lifts zoe                                   -> ok
    zoe admits nina                                 -> ok
    pia lets pia go                                 -> ok
";

const TWO: &str = "
    # Who is suspended is not waited for: what waits for a third of three is complete with two of two, once one signs again.
    zoe issues pia a card as steward                -> ok
    zoe issues marcel a card as steward             -> ok
    zoe rules approvals 3                           -> ok
    zoe suspends marcel                             -> ok
    pia approves zoe                                -> ok
    zoe admits nina                                 -> ok
    zoe approves zoe                                -> 52 AlreadyApproved
    marcel approves zoe                             -> ok
    nina pays pia 1h                                -> 3 UnknownAuthor
    pia approves zoe                                -> ok
    nina pays pia 1h                                -> ok
";

const THREE: &str = "
    # And what somebody agreed to counts as long as that one may sign.
    zoe issues pia a card as steward                -> ok
    zoe issues marcel a card as steward             -> ok
    zoe rules approvals 2                           -> ok
    marcel admits nina                              -> ok
    zoe suspends marcel                             -> ok
    pia approves zoe                                -> ok
    pia approves marcel                             -> ok
    nina pays pia 1h                                -> 3 UnknownAuthor
    zoe approves marcel                             -> ok
    nina pays pia 1h                                -> ok

    # Where fewer are needed since, whoever signed completes what waits by signing again.
    zoe lifts marcel                                -> ok
    pia approves zoe                                -> ok
    zoe rules approvals 3                           -> ok
    pia approves zoe                                -> ok
    zoe admits max, called welcome                  -> ok
    pia approves welcome                            -> ok
    pia approves welcome                            -> 52 AlreadyApproved
    marcel lets marcel go                           -> ok
    zoe approves marcel                             -> ok
    pia approves marcel                             -> ok
    max pays pia 1h                                 -> 3 UnknownAuthor
    pia approves welcome                            -> ok
    max pays pia 1h                                 -> ok
";

#[test]
fn cards() {
    run_opened(CARDS);
}

#[test]
fn suspended() {
    run_opened(SUSPENDED);
}

/// Invariant F6.
#[test]
fn leaving() {
    run_opened(LEAVING);
}

/// Invariant F7.
#[test]
fn last() {
    run_opened(LAST);
}

#[test]
fn two() {
    run_opened(TWO);
}

#[test]
fn three() {
    run_opened(THREE);
}
