//! Hours inside a cité: amounts, limits, and the commons. Hours only move.

use harness::table::{run, run_opened};

pub(super) const TABLES: &[&str] = &[AMOUNTS, LIMITS, COMMONS, TOO_LARGE];

const AMOUNTS: &str = "
    # Quarter hours are counted here. Less than nothing has no row: minutes have no sign, so no order can carry it,
    # and what somebody types is refused before anything is signed (P0409).
    zoe pays marcel 0                           -> 20 ZeroAmount
    zoe pays marcel 7m                          -> 21 NotAStep 15m
    zoe pays marcel 16m                         -> 21 NotAStep 15m
    zoe pays marcel 15m                         -> ok
    zoe pays marcel 1h30                        -> ok
    zoe stands at -1h45
    marcel stands at 1h45

    # A cité may count otherwise.
    zoe rules step 20m                          -> ok
    zoe pays marcel 15m                         -> 21 NotAStep 20m
    zoe pays marcel 20m                         -> ok

    # One payment carries a thousand hours at most.
    zoe rules floor 2000h step 15m              -> ok
    zoe pays commons 1000h15                    -> 22 TooMuch 1000h
    zoe pays commons 1000h                      -> ok

    # Somebody else, and somebody here.
    zoe pays zoe 1h                             -> 23 ToOneself
    zoe pays nina 1h                            -> 24 UnknownPayee
    zoe pays mariniers 1h                       -> 24 UnknownPayee
    zoe pays pia 1h                             -> ok
";

const LIMITS: &str = "
    # The floor lies at -20 h.
    zoe pays marcel 20h15                       -> 25 BelowFloor 15m -20h15 -20h
    zoe pays marcel 20h                         -> ok
    zoe pays marcel 15m                         -> 25 BelowFloor 15m -20h15 -20h

    # The ceiling lies at 40 h: Marcel has 20.
    pia pays marcel 20h                         -> ok
    zoe rules floor 30h                         -> ok
    pia pays marcel 15m                         -> 26 AboveCeiling 15m 40h15 40h
    marcel pays zoe 15m                         -> ok
    pia pays marcel 15m                         -> ok
    marcel stands at 40h

    # Tighter rules take nothing from anybody, but nobody moves further out.
    zoe rules floor 10h ceiling 30h             -> ok
    zoe pays pia 15m                            -> 25 BelowFloor 10h -20h -10h
    zoe pays marcel 15m                         -> 25 BelowFloor
    pia pays marcel 15m                         -> 25 BelowFloor
    marcel pays zoe 15h                         -> ok
    zoe pays marcel 5h                          -> ok
    zoe pays pia 15m                            -> ok
    zoe pays pia 15m                            -> 25 BelowFloor 15m -10h15 -10h
    marcel stands at 30h
    zoe pays marcel 15m                         -> 25 BelowFloor
";

const COMMONS: &str = "
    # The commons has no ceiling, and nobody's order takes from it.
    zoe pays commons 20h                        -> ok
    marcel pays commons 20h                     -> ok
    pia pays commons 20h                        -> ok
    commons stands at 60h
    marcel pays commons 15m                     -> 25 BelowFloor 15m -20h15 -20h
";

/// No log of a lifetime comes to this: a commons that no further quarter hour fits in.
const TOO_LARGE: &str = "
    suppose commons at 9223372036854775792
    zoe pays commons 15m                        -> ok
    zoe pays commons 15m                        -> 27 Overflow
    zoe pays marcel 15m                         -> ok
";

#[test]
fn amounts() {
    run_opened(AMOUNTS);
}

/// Invariant F3.
#[test]
fn limits() {
    run_opened(LIMITS);
}

#[test]
fn commons() {
    run_opened(COMMONS);
}

#[test]
fn too_large() {
    run_opened(TOO_LARGE);
}

#[test]
#[should_panic(expected = "answered: Some(Ok(Done))")]
fn a_table_that_expects_wrongly_fails() {
    run(&format!("{}\nzoe pays marcel 15m -> 20 ZeroAmount", harness::table::OPENING));
}

#[test]
#[should_panic(expected = "stands at 2h")]
fn a_table_that_looks_and_finds_something_else_fails() {
    run_opened("zoe stands at 2h");
}
