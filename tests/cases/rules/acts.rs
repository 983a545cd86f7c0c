//! What a cité decides: admissions, rules, neighbours, lines, witnesses, and how stewards agree.

use harness::table::run_opened;

pub(super) const TABLES: &[&str] =
    &[STEWARDS, WAITING, FULL, ADMISSIONS, CROWD, RULES, NEIGHBOURS, MANY_NEIGHBOURS, WITNESSES];

const STEWARDS: &str = "
    # One steward decides alone while the rules say so.
    marcel admits nina                              -> 50 NotASteward
    zoe admits nina as steward                      -> ok
    zoe rules approvals 2                           -> ok

    # Then two do: the act takes effect when the second agrees.
    zoe lets mariniers owe 1h                       -> ok
    mariniers sends 1h15 from jean to pia           -> ok
    marcel approves zoe                             -> 50 NotASteward
    zoe approves zoe                                -> 52 AlreadyApproved
    nina approves zoe                               -> ok
    mariniers sends 1m from jean to pia             -> returned 43 LineExceeded

    # An act takes effect once.
    nina approves zoe                               -> 51 UnknownAct
    nina approves pia                               -> 51 UnknownAct
    nina lets mariniers owe 2h                      -> ok
    zoe approves nina                               -> ok
    mariniers sends 45m from jean to pia            -> ok
    mariniers sends 1m from jean to pia             -> returned 43 LineExceeded
";

const WAITING: &str = "
    # An act waits 30 days.
    zoe admits nina as steward                      -> ok
    zoe rules approvals 9                           -> ok
    zoe lets mariniers owe 1h                       -> ok
    day 30
    nina approves zoe                               -> ok
    zoe lets mariniers owe 2h                       -> ok
    day 31
    nina approves zoe                               -> 51 UnknownAct

    # What cannot take effect any more is refused when the last steward agrees, and goes on waiting.
    zoe opens ruchers with 1h                       -> ok
    nina opens ruchers with 1h                      -> ok
    nina approves zoe                               -> ok
    zoe approves nina                               -> 51 UnknownAct
";

const FULL: &str = "
    # 64 acts wait at most.
    zoe admits nina as steward                      -> ok
    zoe rules approvals 2                           -> ok
    64 times: zoe lets mariniers owe *h             -> ok
    nina lets mariniers owe 1h                      -> 53 TooManyPending 64
    nina approves zoe                               -> ok
    nina lets mariniers owe 1h                      -> ok
    zoe lets mariniers owe 1h                       -> 53 TooManyPending 64

    # Those whose days are over leave with the next seal.
    day 31
    seal                                            -> ok
    64 times: nina lets mariniers owe *h            -> ok
    nina lets mariniers owe 1h                      -> 53 TooManyPending 64
";

const ADMISSIONS: &str = "
    # The act holds an order to join, of this person, for this cité.
    zoe admits nina, joining by a letter            -> 56 NotAJoin
    zoe admits nina, joining mariniers              -> 56 NotAJoin
    zoe admits nina, joining by marcel              -> 57 JoinSignature
    zoe admits nina, joining with a weak word key   -> 57 JoinSignature
    zoe admits nina                                 -> ok

    # Once.
    zoe admits nina                                 -> 55 AlreadyMember 4
    zoe admits marcel                               -> 55 AlreadyMember 2
    zoe admits noe                                  -> ok

    # In time.
    zoe admits lou, joining until -1                -> 58 JoinOutOfDate day-1 day+0
    zoe admits lou, joining until 0                 -> ok

    # For a card of 366 days at most.
    zoe admits max, card 0 to 367                   -> 59 CardTerm 366
    zoe admits max, card 5 to 4                     -> 59 CardTerm 366
    zoe admits max, card -9 to -1                   -> 59 CardTerm 366
    zoe admits max, card 0 to 366                   -> ok
    zoe admits ida, card -9 to 0                    -> ok
    zoe admits eva, card 5 to 5                     -> ok

    # Accepting rules that were in force.
    zoe rules step 30m                              -> ok
    zoe admits tom, joining with rules 3            -> 72 JoinRules 2
    zoe admits tom, joining with rules 0            -> 72 JoinRules 2
    zoe admits tom, joining with rules 1            -> ok
    zoe admits leo, joining with rules 2            -> ok
";

/// No table admits a hundred thousand people.
const CROWD: &str = "
    suppose 99999 members
    zoe admits nina                                 -> ok
    zoe admits noe                                  -> 73 TooManyMembers 100000
";

const RULES: &str = "
    # Numbered from 1, each used once.
    zoe rules step 30m version 3                    -> 54 RulesVersion 2
    zoe rules step 30m version 1                    -> 54 RulesVersion 2
    zoe rules                                       -> 71 RulesUnchanged
    zoe rules step 30m                              -> ok
    zoe rules step 30m                              -> 71 RulesUnchanged
    zoe rules step 15m                              -> ok
";

const NEIGHBOURS: &str = "
    # A sound record of another cité of this network, once.
    zoe opens tisserandes with 1h                               -> 61 Oneself
    zoe opens ruchers with 1h, founded in another network       -> 62 PeerNetwork
    zoe opens ruchers with 1h, signed by nobody                 -> 63 PeerFounding
    zoe opens mariniers with 1h                                 -> 60 PeerExists mariniers
    zoe opens ruchers with 1h                                   -> ok
    zoe opens ruchers with 1h                                   -> 60 PeerExists ruchers

    # No line is higher than 10,000 h.
    zoe opens autre with 10000h01                               -> 66 LineTooHigh 10000h
    zoe opens autre with 10000h                                 -> ok
    zoe lets mariniers owe 10000h01                             -> 66 LineTooHigh 10000h
    zoe lets mariniers owe 10000h                               -> ok
    zoe lets inconnue owe 1h                                    -> 40 UnknownPeer inconnue
";

const MANY_NEIGHBOURS: &str = "
    1022 times: zoe opens cite-* with 0             -> ok
    zoe opens ruchers with 0                        -> ok
    zoe opens autre with 0                          -> 64 TooManyPeers 1024
";

const WITNESSES: &str = "
    zoe chooses witnesses tisserandes               -> 61 Oneself
    zoe chooses witnesses mariniers, with a weak key -> 65 MirrorKey mariniers
    zoe chooses witnesses mariniers ruchers         -> ok

    # A change is in force when a seal names a seal that names a size above it; until then the same one is
    # not made again, but another takes its place, for its witnesses may never answer.
    zoe chooses witnesses mariniers ruchers         -> 67 MirrorsPending
    seal                                            -> ok
    zoe chooses witnesses mariniers ruchers         -> 67 MirrorsPending
    zoe chooses witnesses ruchers                   -> ok
    zoe chooses witnesses ruchers                   -> 67 MirrorsPending
    seal                                            -> ok
    seal naming the last                            -> ok
    zoe chooses witnesses ruchers                   -> 67 MirrorsPending

    # Once a seal names it as certified no other takes its place: with another history it could be in force.
    zoe chooses witnesses mariniers                 -> 67 MirrorsPending
    seal naming the last                            -> ok
    zoe chooses witnesses ruchers                   -> ok
";

#[test]
fn stewards() {
    run_opened(STEWARDS);
}

#[test]
fn waiting() {
    run_opened(WAITING);
}

#[test]
fn full() {
    run_opened(FULL);
}

#[test]
fn admissions() {
    run_opened(ADMISSIONS);
}

#[test]
fn crowd() {
    run_opened(CROWD);
}

#[test]
fn rules() {
    run_opened(RULES);
}

#[test]
fn neighbours() {
    run_opened(NEIGHBOURS);
}

#[test]
fn many_neighbours() {
    run_opened(MANY_NEIGHBOURS);
}

#[test]
fn witnesses() {
    run_opened(WITNESSES);
}
