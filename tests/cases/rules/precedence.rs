//! Precedence: an order that breaks several rules is told the first. Each line breaks one rule more than
//! the line below it; within orders and payments the numbers rise as they are mended.

use harness::table::run_opened;

pub(super) const TABLES: &[&str] = &[PAYMENT, EXPORT, IMPORT, ADMISSION];

const PAYMENT: &str = "
    marcel asks zoe for 1h as late, until -1
    zoe pays nina 0 for late, for another network, for mariniers, with key set 1, on device 1   -> 1 WrongNetwork
    zoe pays nina 0 for late, for mariniers, with key set 1, on device 1, signed by pia         -> 2 WrongHome
    nina pays nina 0 for late, with key set 1, on device 1, signed by pia                       -> 3 UnknownAuthor
    zoe pays nina 0 for late, with key set 1, on device 1, signed by pia                        -> 4 WrongEpoch
    zoe pays nina 0 for late, on device 1, signed by pia, number 1                              -> 5 UnknownLane
    zoe pays nina 0 for late, signed by pia, number 1, until -1                                 -> 6 BadSignature
    zoe pays nina 0 for late, number 1, after nothing, until -1                                 -> 7 SeqTaken
    zoe pays nina 0 for late, number 9, after nothing, until -1                                 -> 8 SeqGap
    zoe pays nina 0 for late, after nothing, until -1, seen another history                     -> 9 WrongPrev
    zoe pays nina 0 for late, until -1, seen another history                                    -> 10 OutOfDate
    zoe pays nina 0 for late, until 900, seen another history                                   -> 11 TooLongValid
    zoe pays nina 0 for late, seen another history                                              -> 12 UnknownHead
    zoe pays zoe 0 for late                                                                     -> 20 ZeroAmount
    zoe pays zoe 2000h01 for late                                                               -> 21 NotAStep
    zoe pays zoe 2000h for late                                                                 -> 22 TooMuch
    zoe pays zoe 900h for late                                                                  -> 23 ToOneself
    zoe pays nina 900h for late                                                                 -> 24 UnknownPayee
    zoe pays marcel 900h for late                                                               -> 25 BelowFloor
    zoe rules ceiling 0                                                                         -> ok
    zoe pays marcel 15h for late                                                                -> 26 AboveCeiling
    zoe rules ceiling 40h                                                                       -> ok
    zoe pays marcel 15h for late                                                                -> 32 RequestMismatch
    zoe pays marcel 1h for late                                                                 -> 33 RequestExpired
    zoe pays marcel 1h                                                                          -> ok
";

const EXPORT: &str = "
    zoe exports 0 to rosa@ruchers for rubbish                   -> 20 ZeroAmount
    zoe exports 900h to rosa@ruchers for rubbish                -> 25 BelowFloor
    zoe exports 1h to rosa@ruchers for rubbish                  -> 30 RequestMalformed
    zoe exports 1h to marcel@tisserandes                        -> 61 Oneself
    zoe exports 1h to rosa@ruchers                              -> 40 UnknownPeer
    zoe rules deficit 0                                         -> ok
    zoe exports 1h to jean@mariniers                            -> 42 DeficitExceeded
    zoe rules deficit 1h                                        -> ok
    zoe exports 1h to jean@mariniers                            -> ok
";

const IMPORT: &str = "
    ruchers sends 0 from rosa to nina, for mariniers, number 9  -> 46 WrongDestination
    ruchers sends 0 from rosa to nina, number 9                 -> 40 UnknownPeer
    mariniers sends 0 from jean to nina, number 9, having received 9 -> 45 OutOfTurn
    mariniers sends 0 from jean to nina, having received 9      -> 49 ReceivedTooMuch
    mariniers sends 0 from jean to nina for rubbish             -> returned 20 ZeroAmount
    mariniers sends 2000h from jean to nina for rubbish         -> returned 22 TooMuch
    mariniers sends 900h from jean to nina for rubbish          -> returned 24 UnknownPayee
    mariniers sends 900h from jean to zoe for rubbish           -> returned 26 AboveCeiling
    mariniers sends 11h from jean to zoe for rubbish            -> returned 30 RequestMalformed
    mariniers sends 11h from jean to zoe                        -> returned 43 LineExceeded
    mariniers sends 10h from jean to zoe                        -> ok
";

/// Acts are judged in the order in which they can be read: the card's term before the order inside.
const ADMISSION: &str = "
    marcel admits zoe, card 5 to 4                              -> 50 NotASteward
    zoe admits zoe, card 5 to 4, joining by a letter            -> 59 CardTerm
    zoe admits zoe, joining mariniers                           -> 56 NotAJoin
    zoe admits zoe, joining until -1                            -> 55 AlreadyMember
    zoe admits nina, joining until -1, joining with rules 9     -> 58 JoinOutOfDate
    zoe admits nina, joining with rules 9, joining by marcel    -> 72 JoinRules
    zoe admits nina, joining by marcel                          -> 57 JoinSignature
    zoe admits nina                                             -> ok
";

#[test]
fn payment() {
    run_opened(PAYMENT);
}

#[test]
fn export() {
    run_opened(EXPORT);
}

#[test]
fn import() {
    run_opened(IMPORT);
}

#[test]
fn admission() {
    run_opened(ADMISSION);
}
