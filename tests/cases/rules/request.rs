//! Requests: the payee's signed word that a payment carries, so that both have signed. Used once.

use harness::table::run_opened;

pub(super) const TABLES: &[&str] = &[WHOSE, WHEN, ABROAD];

const WHOSE: &str = "
    # What is carried must be a request, signed by a device of the payee.
    marcel asks zoe for 1h as lawn
    marcel asks zoe for 1h as forged, signed by pia
    marcel asks zoe for 1h as elsewhere, on device 3
    zoe pays marcel 1h for rubbish              -> 30 RequestMalformed
    zoe pays marcel 1h for forged               -> 31 RequestSignature
    zoe pays marcel 1h for elsewhere            -> 31 RequestSignature
    zoe pays marcel 1h for lawn                 -> ok

    # It must ask this payer for this amount, here.
    marcel asks zoe for 1h as hedge
    marcel asks zoe for 1h as foreign, for another network
    zoe pays marcel 1h15 for hedge              -> 32 RequestMismatch
    zoe pays pia 1h for hedge                   -> 32 RequestMismatch
    zoe pays commons 1h for hedge               -> 32 RequestMismatch
    pia pays marcel 1h for hedge                -> 32 RequestMismatch
    zoe pays marcel 1h for foreign              -> 32 RequestMismatch
    zoe pays marcel 1h for hedge                -> ok

    # One that asks anybody is paid by the first.
    marcel asks anybody for 1h as roof
    pia pays marcel 1h for roof                 -> ok
    zoe pays marcel 1h for roof                 -> 34 RequestUsed
";

const WHEN: &str = "
    # The last day counts.
    marcel asks zoe for 1h as late, until -1
    marcel asks zoe for 1h as today, until 0
    zoe pays marcel 1h for late                 -> 33 RequestExpired day-1 day+0
    zoe pays marcel 1h for today                -> ok

    # Here a request lives 30 days at most.
    marcel asks zoe for 1h as far, until 31
    marcel asks zoe for 1h as month, until 30
    zoe pays marcel 1h for far                  -> 35 RequestTooLong day+30
    zoe pays marcel 1h for month                -> ok
    day 1
    zoe pays marcel 1h for far                  -> ok

    # It is used once, and remembered until it expires; a seal of a later day forgets it.
    zoe pays marcel 1h for month                -> 34 RequestUsed
    day 29
    seal                                        -> ok
    zoe pays marcel 1h for month                -> 34 RequestUsed
    day 1
    seal                                        -> ok
    zoe pays marcel 1h for month                -> 33 RequestExpired
";

const ABROAD: &str = "
    # The payer's home reads it, without knowing the payee's keys.
    jean@mariniers asks zoe for 1h as boat
    jean@mariniers asks zoe for 1h as forged, signed by pia
    zoe exports 1h to jean@mariniers for rubbish            -> 30 RequestMalformed
    zoe exports 2h to jean@mariniers for boat               -> 32 RequestMismatch
    pia exports 1h to jean@mariniers for boat               -> 32 RequestMismatch
    zoe exports 1h to rosa@mariniers for boat               -> 32 RequestMismatch
    zoe exports 1h to jean@mariniers for boat               -> ok
    zoe exports 1h to jean@mariniers for forged             -> ok

    # The payee's home judges it, and sends back what it refuses.
    zoe asks jean@mariniers for 1h as bread
    zoe asks jean@mariniers for 1h as old, until -1
    zoe asks jean@mariniers for 1h as far, until 31
    zoe asks jean@mariniers for 1h as false, signed by pia
    mariniers sends 1h from jean to zoe for rubbish         -> returned 30 RequestMalformed
    mariniers sends 1h from jean to zoe for false           -> returned 31 RequestSignature
    mariniers sends 2h from jean to zoe for bread           -> returned 32 RequestMismatch
    mariniers sends 1h from rosa to zoe for bread           -> returned 32 RequestMismatch
    mariniers sends 1h from jean to zoe for old             -> returned 33 RequestExpired
    mariniers sends 1h from jean to zoe for far             -> returned 35 RequestTooLong
    mariniers sends 1h from jean to zoe for bread           -> ok
    mariniers sends 1h from jean to zoe for bread           -> returned 34 RequestUsed
    zoe stands at -1h
";

#[test]
fn whose() {
    run_opened(WHOSE);
}

#[test]
fn when() {
    run_opened(WHEN);
}

#[test]
fn abroad() {
    run_opened(ABROAD);
}
