//! Heirs: the root names them, others in their place, and never itself.

use harness::table::run_opened;

pub(super) const TABLES: &[&str] = &[HEIRS];

const HEIRS: &str = "
    zoe names heirs mariniers                           -> 74 RootOnly
    the root names heirs mariniers, signed by 1 key     -> 70 RootSignature
    the root names heirs mariniers, number 9            -> 68 RootSeq 4
    the root names heirs mariniers, for mariniers       -> 2 WrongHome mariniers
    the root names heirs mariniers nobody               -> 101 HeirKey 2
    the root names heirs tisserandes mariniers          -> 102 HeirOneself 1
    the root names heirs mariniers ruchers              -> ok
    the root names heirs mariniers ruchers              -> 100 HeirsKnown
    the root names heirs ruchers mariniers              -> ok
    the root names heirs ruchers                        -> ok
    seal                                                -> ok

    # They are named for later: now they do nothing, and life goes on.
    zoe pays marcel 1h                                  -> ok
    the root closes the cité, signed by 0 keys          -> 70 RootSignature
    the root closes the cité                            -> ok
    the root names heirs mariniers                      -> 17 CiteClosed
";

/// Invariant H1.
#[test]
fn heirs() {
    run_opened(HEIRS);
}
