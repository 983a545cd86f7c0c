//! Hours that cross a border: exports, imports, returns, acknowledgements, the line and the deficit.

use harness::table::run_opened;

pub(super) const TABLES: &[&str] =
    &[EXPORTS, MANY_OPEN, DEFICIT, IMPORTS, LINE, TELLING, DECAY, CURSORS];

const EXPORTS: &str = "
    # Only where an account is open, and to another cité.
    zoe exports 1h to rosa@ruchers                      -> 40 UnknownPeer ruchers
    zoe exports 1h to marcel@tisserandes                -> 61 Oneself
    zoe exports 1h to jean@mariniers                    -> ok
    zoe stands at -1h
    mariniers stands at 1h
    mariniers holds 1 open over 1h

    # Amounts and floor as inside.
    zoe exports 0 to jean@mariniers                     -> 20 ZeroAmount
    zoe exports 20m to jean@mariniers                   -> 21 NotAStep 15m
    zoe exports 19h15 to jean@mariniers                 -> 25 BelowFloor 15m -20h15 -20h
    zoe exports 19h to jean@mariniers                   -> ok

    # What comes back goes to the payer; what was received is closed.
    mariniers returns 2                                 -> ok
    zoe stands at -1h
    mariniers stands at 1h
    mariniers holds 0 open over 0

    # A transfer comes back once, and only while it is open.
    mariniers returns 2                                 -> 47 UnknownTransfer 2
    mariniers returns 1                                 -> 47 UnknownTransfer 1
    zoe exports 30m to jean@mariniers                   -> ok
    mariniers returns 3                                 -> ok

    # What comes back may lie above a ceiling: no rule refuses it.
    zoe exports 15m to jean@mariniers                   -> ok
    marcel pays zoe 2h                                  -> ok
    zoe rules ceiling 15m                               -> ok
    mariniers returns 4                                 -> ok
    zoe stands at 1h
";

const MANY_OPEN: &str = "
    zoe rules floor 10000h deficit 10000h               -> ok

    1023 times: zoe exports 15m to jean@mariniers       -> ok
    pia exports 15m to jean@mariniers                   -> ok
    zoe exports 15m to jean@mariniers                   -> 41 TooManyOpen 1024
    mariniers acknowledges, having received 1           -> ok
    zoe exports 15m to jean@mariniers                   -> ok
    mariniers holds 1024 open over 256h
";

const DEFICIT: &str = "
    # This cité may owe all others 50 h together.
    zoe rules floor 100h                                -> ok
    zoe opens ruchers with 10h                          -> ok
    zoe exports 50h15 to jean@mariniers                 -> 42 DeficitExceeded 50h15 50h
    zoe exports 50h to jean@mariniers                   -> ok
    pia exports 15m to rosa@ruchers                     -> 42 DeficitExceeded 50h15 50h

    # What one of them owes it counts against that.
    ruchers sends 1h from rosa to marcel                -> ok
    pia exports 1h15 to rosa@ruchers                    -> 42 DeficitExceeded 50h15 50h
    pia exports 1h to rosa@ruchers                      -> ok

    # It may allow itself less.
    mariniers returns 1                                 -> ok
    zoe rules deficit 2h                                -> ok
    zoe exports 2h15 to jean@mariniers                  -> 42 DeficitExceeded 2h15 2h
    zoe exports 2h to jean@mariniers                    -> ok
";

const IMPORTS: &str = "
    # Hours arrive; who sends them chooses its own smallest duration.
    mariniers sends 1h from jean to zoe                 -> ok
    mariniers sends 7m from jean to zoe                 -> ok
    zoe stands at 1h07
    mariniers stands at -1h07

    # What cannot be taken goes back in the same entry.
    mariniers sends 0 from jean to zoe                  -> returned 20 ZeroAmount
    mariniers sends 1000h01 from jean to zoe            -> returned 22 TooMuch
    mariniers sends 15m from jean to nina               -> returned 24 UnknownPayee
    zoe rules ceiling 2h                                -> ok
    mariniers sends 54m from jean to zoe                -> returned 26 AboveCeiling
    mariniers sends 53m from jean to zoe                -> ok
    zoe stands at 2h

    # Only from a cité with an account, and only for this one.
    ruchers sends 1h from rosa to zoe                   -> 40 UnknownPeer ruchers
    mariniers sends 1h from jean to marcel, for ruchers -> 46 WrongDestination
    mariniers sends 1h from jean to marcel              -> ok
";

const LINE: &str = "
    # The boatmen may owe 10 h.
    mariniers sends 10h01 from jean to zoe              -> returned 43 LineExceeded
    mariniers sends 10h from jean to zoe                -> ok
    mariniers sends 1m from jean to zoe                 -> returned 43 LineExceeded

    # What was paid to them makes room once they have it: before, they could still send it back.
    zoe exports 3h to jean@mariniers                    -> ok
    mariniers stands at -7h
    mariniers sends 1m from jean to zoe                 -> returned 43 LineExceeded
    mariniers acknowledges                              -> ok
    mariniers holds 0 open over 0
    mariniers sends 3h01 from jean to zoe               -> returned 43 LineExceeded
    mariniers sends 3h from jean to zoe                 -> ok

    # A lower line takes nothing back, and lets nothing more in.
    zoe lets mariniers owe 5h                           -> ok
    mariniers stands at -10h
    mariniers sends 1m from jean to zoe                 -> returned 43 LineExceeded
    zoe exports 6h to jean@mariniers                    -> ok
    mariniers acknowledges                              -> ok
    mariniers sends 1h from jean to zoe                 -> ok
    mariniers sends 1m from jean to zoe                 -> returned 43 LineExceeded
";

const TELLING: &str = "
    # Their transfer may itself tell that they have ours: that cannot come back any more.
    mariniers sends 10h from jean to zoe                -> ok
    zoe exports 1h to jean@mariniers                    -> ok
    mariniers sends 1h from jean to zoe                 -> returned 43 LineExceeded
    mariniers sends 1h01 from jean to zoe, having received 1 -> returned 43 LineExceeded
    mariniers sends 1h from jean to zoe, having received 1 -> ok
    mariniers stands at -10h
";

const DECAY: &str = "
    # A line that nobody renews for a year is nothing.
    day 365
    mariniers sends 1h from jean to zoe                 -> ok
    day 1
    mariniers sends 1m from jean to zoe                 -> returned 43 LineExceeded
    zoe lets mariniers owe 10h                          -> ok
    mariniers sends 1m from jean to zoe                 -> ok
";

const CURSORS: &str = "
    # Messages come in turn, each once.
    mariniers sends 1h from jean to zoe, number 2       -> 45 OutOfTurn 1
    mariniers sends 1h from jean to zoe, number 0       -> 45 OutOfTurn 1
    mariniers sends 1h from jean to zoe, number 1       -> ok
    mariniers sends 1h from jean to zoe, number 1       -> 45 OutOfTurn 2
    mariniers sends 1h from jean to zoe, number 2       -> ok
    zoe stands at 2h

    # Credited transfers are acknowledged, once; any other message does as well.
    acknowledge mariniers                               -> ok
    acknowledge mariniers                               -> 48 NothingToAcknowledge
    acknowledge ruchers                                 -> 40 UnknownPeer ruchers
    mariniers sends 1h from jean to zoe                 -> ok
    zoe exports 1h to jean@mariniers                    -> ok
    acknowledge mariniers                               -> 48 NothingToAcknowledge
    mariniers acknowledges                              -> ok
    acknowledge mariniers                               -> 48 NothingToAcknowledge

    # Nobody received what was not sent: so far an acknowledgement and an export were.
    mariniers acknowledges, having received 3           -> 49 ReceivedTooMuch 2
    mariniers acknowledges, having received 2           -> ok
    mariniers returns 3                                 -> 49 ReceivedTooMuch 2
";

#[test]
fn exports() {
    run_opened(EXPORTS);
}

#[test]
fn many_open() {
    run_opened(MANY_OPEN);
}

#[test]
fn deficit() {
    run_opened(DEFICIT);
}

#[test]
fn imports() {
    run_opened(IMPORTS);
}

#[test]
fn line() {
    run_opened(LINE);
}

#[test]
fn telling() {
    run_opened(TELLING);
}

#[test]
fn decay() {
    run_opened(DECAY);
}

#[test]
fn cursors() {
    run_opened(CURSORS);
}
