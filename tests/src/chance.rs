//! Random tests that can be run again: each run has a seed, and whoever fails says which.
//! Nothing in here chooses what is tested.

use std::hash::{BuildHasher as _, Hasher as _};

use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use sha2::Digest as _;

/// Environment variable with the seed of a run to repeat, a decimal number.
pub const SEED: &str = "PIRATE_SEED";

/// Returns the seed of this run: that of [`SEED`], or a fresh one.
///
/// # Panics
/// When [`SEED`] is set but not a number: repeating another run than was asked for would mislead.
pub fn seed() -> u64 {
    match std::env::var(SEED) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{SEED}={text} is not a number")),
        // The standard library keys each map at random: the one source of chance without a package.
        Err(_) => std::collections::hash_map::RandomState::new().build_hasher().finish(),
    }
}

/// Runs `test` on `cases` random values.
///
/// # Panics
/// When `test` fails; the message holds the smallest failing value found and the seed.
pub fn check<S: Strategy>(
    cases: u32,
    strategy: &S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let seed = seed();
    let bytes: [u8; 32] = sha2::Sha256::digest(seed.to_le_bytes()).into();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(strategy, test) {
        panic!("{SEED}={seed}: {error}");
    }
}
