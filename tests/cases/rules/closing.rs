//! How a cité ends: the root closes it, what comes goes back, every other cité is told once how far this one took in,
//! and gives the rest back to its payers.

use harness::table::run_opened;

pub(super) const TABLES: &[&str] = &[CLOSING, LAST_WORDS, PARTED];

const CLOSING: &str = "
    # The root alone closes a cité, once, and for good.
    zoe closes the cité                                 -> 74 RootOnly
    farewell mariniers                                  -> 76 CiteOpen
    the root closes the cité, for mariniers             -> 2 WrongHome mariniers
    the root closes the cité, number 9                  -> 68 RootSeq 4
    the root closes the cité, signed by 1 key           -> 70 RootSignature
    zoe pays marcel 1h                                  -> ok
    zoe rules approvals 2                               -> ok
    the root closes the cité                            -> ok
    the root closes the cité                            -> 17 CiteClosed

    # Then nobody orders anything but witnesses, who must still certify the last words.
    zoe pays marcel 1h                                  -> 17 CiteClosed
    zoe pays commons 0                                  -> 17 CiteClosed
    zoe exports 1h to jean@mariniers                    -> 17 CiteClosed
    zoe exports 1h to rosa@ruchers                      -> 17 CiteClosed
    zoe admits nina                                     -> 17 CiteClosed
    zoe rules step 30m                                  -> 17 CiteClosed
    zoe opens ruchers with 10h                          -> 17 CiteClosed
    zoe lets mariniers owe 1h                           -> 17 CiteClosed
    zoe closes the cité                                 -> 17 CiteClosed
    zoe chooses witnesses mariniers                     -> ok
    zoe stands at -1h
";

const LAST_WORDS: &str = "
    zoe exports 1h to jean@mariniers                    -> ok
    marcel exports 2h to jean@mariniers                 -> ok
    mariniers sends 1h from jean to pia                 -> ok
    the root closes the cité                            -> ok

    # What comes goes back; what became of its own hours is waited for.
    mariniers sends 1h from jean to pia                 -> returned 17 CiteClosed
    farewell mariniers                                  -> 77 TransfersOpen 2
    mariniers acknowledges, having received 1           -> ok
    farewell mariniers                                  -> 77 TransfersOpen 1
    mariniers returns 2                                 -> ok
    marcel stands at 0
    zoe stands at -1h
    mariniers stands at 0
    farewell ruchers                                    -> 40 UnknownPeer ruchers
    farewell mariniers                                  -> ok

    # One last word to each, and nothing is taken in behind it.
    farewell mariniers                                  -> 75 StreamEnded mariniers
    acknowledge mariniers                               -> 48 NothingToAcknowledge
    mariniers sends 1h from jean to pia                 -> 75 StreamEnded mariniers
    mariniers acknowledges                              -> 75 StreamEnded mariniers
    mariniers is closed                                 -> 75 StreamEnded mariniers
    seal                                                -> ok
";

const PARTED: &str = "
    zoe exports 1h to jean@mariniers                    -> ok
    marcel exports 30m to jean@mariniers                -> ok
    zoe exports 2h to jean@mariniers                    -> ok
    mariniers sends 45m from jean to pia                -> ok
    zoe exports 15m to jean@mariniers                   -> ok
    mariniers holds 4 open over 3h45

    # Whoever is closed says how far it took in; the rest is given back, and the account stays as it is.
    mariniers is closed, having received 9              -> 49 ReceivedTooMuch 4
    mariniers is closed, number 9                       -> 45 OutOfTurn 2
    mariniers is closed, having received 1              -> ok
    mariniers holds 0 open over 0
    zoe stands at -1h
    marcel stands at 0
    pia stands at 45m
    mariniers stands at 15m
    acknowledge mariniers                               -> 48 NothingToAcknowledge

    # Nothing passes between the two any more; life goes on with the others.
    zoe exports 1h to jean@mariniers                    -> 75 StreamEnded mariniers
    zoe lets mariniers owe 20h                          -> 75 StreamEnded mariniers
    mariniers sends 15m from jean to zoe                -> 75 StreamEnded mariniers
    mariniers is closed                                 -> 75 StreamEnded mariniers
    zoe pays marcel 1h                                  -> ok
    zoe opens ruchers with 10h                          -> ok
    zoe exports 1h to rosa@ruchers                      -> ok

    # Hours come back above a ceiling, too.
    pia exports 15m to rosa@ruchers                     -> ok
    zoe rules ceiling 0                                 -> ok
    ruchers is closed, having received 0                -> ok
    zoe stands at -2h
    pia stands at 45m
";

/// Invariant X4.
#[test]
fn closing() {
    run_opened(CLOSING);
}

#[test]
fn last_words() {
    run_opened(LAST_WORDS);
}

/// Invariant X4.
#[test]
fn parted() {
    run_opened(PARTED);
}
