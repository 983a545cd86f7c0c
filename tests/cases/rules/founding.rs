//! How a log begins: its record, the first stewards, and the end of what the root may do alone.

use harness::table::run;

pub(super) const TABLES: &[&str] = &[FIRST, ROOT];

const FIRST: &str = "
    # Nothing comes before the founding record, and it comes once.
    the root admits zoe as steward                  -> 15 Founding
    zoe pays marcel 1h                              -> 15 Founding
    acknowledge mariniers                           -> 15 Founding
    seal                                            -> 15 Founding
    tisserandes is founded                          -> ok
    tisserandes is founded                          -> 15 Founding
";

const ROOT: &str = "
    tisserandes is founded                          -> ok

    # Two of three root keys sign, in turn, for this cité.
    the root admits zoe as steward, for mariniers   -> 2 WrongHome mariniers
    the root admits zoe as steward, number 2        -> 68 RootSeq 1
    the root admits zoe as steward, signed by 1 key -> 70 RootSignature
    the root admits zoe as steward, signed by 2 keys -> ok
    the root admits pia, number 1                   -> 68 RootSeq 2
    the root admits pia, signed by 3 keys           -> ok
    the root admits pia                             -> 55 AlreadyMember 2

    # It only admits, and only before the first seal.
    the root lets mariniers owe 1h                  -> 69 RootTooLate
    the root admits marcel                          -> ok
    seal                                            -> ok
    the root admits nina                            -> 69 RootTooLate
    zoe admits nina                                 -> ok
";

#[test]
fn first() {
    run(FIRST);
}

#[test]
fn root() {
    run(ROOT);
}
