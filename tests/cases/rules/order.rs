//! Any order: for whom it is, who signed it, where it stands in its lane, and until when it is good.

use harness::table::run_opened;

pub(super) const TABLES: &[&str] = &[ENVELOPE, HISTORY];

const ENVELOPE: &str = "
    # Is it for this log?
    zoe pays marcel 1h, for another network         -> 1 WrongNetwork
    zoe pays marcel 1h, for mariniers               -> 2 WrongHome mariniers
    zoe pays marcel 1h                              -> ok

    # Does its author have such a device, and did that device sign?
    nina pays marcel 1h                             -> 3 UnknownAuthor somebody
    zoe pays marcel 1h, with key set 1              -> 4 WrongEpoch 0
    zoe pays marcel 1h, on device 1                 -> 5 UnknownLane 1
    zoe pays marcel 1h, signed by marcel            -> 6 BadSignature
    zoe pays marcel 1h, on device 0, with key set 0 -> ok

    # Where does it stand in its lane? Zoé joined, opened, and paid twice: the next one is number 5.
    zoe pays marcel 1h, number 4                    -> 7 SeqTaken 4 another
    zoe pays marcel 1h, number 0                    -> 7 SeqTaken 0 another
    zoe pays marcel 1h, number 6                    -> 8 SeqGap 5
    zoe pays marcel 1h, after nothing               -> 9 WrongPrev another
    zoe pays marcel 1h, number 5                    -> ok
    zoe repeats itself                              -> 7 SeqTaken 5 another

    # The last day counts.
    marcel pays zoe 1h, until -1                    -> 10 OutOfDate day-1 day+0
    marcel pays zoe 1h, until 0                     -> ok
    marcel pays zoe 1h, until 367                   -> 11 TooLongValid day+367 day+366
    marcel pays zoe 1h, until 366                   -> ok

    # Joining is for the act that admits.
    zoe joins                                       -> 13 JoinAlone
    zoe admits nina                                 -> ok
    nina joins                                      -> 13 JoinAlone
    zoe stands at -1h
    marcel stands at 1h
";

const HISTORY: &str = "
    # Nothing is committed: every wallet has seen the empty log.
    zoe pays marcel 1h, seen another history        -> 12 UnknownHead 0
    zoe pays marcel 1h, seen nothing                -> ok

    # One certificate commits nothing; a seal that names a seal that names one does.
    seal naming the last                            -> ok
    zoe pays marcel 1h, seen nothing                -> ok
    seal naming the last                            -> ok
    zoe pays marcel 1h, seen nothing                -> 12 UnknownHead 0
    zoe pays marcel 1h                              -> ok
    zoe pays marcel 1h, seen another history        -> 12 UnknownHead 10
";

#[test]
fn envelope() {
    run_opened(ENVELOPE);
}

#[test]
fn history() {
    run_opened(HISTORY);
}
