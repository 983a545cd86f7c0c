//! Remembers which keys and signatures were verified, for a simulator in which every node verifies what all others
//! verified before it. Only with the feature of this name, which no part of the program asks for, and only once
//! [`set`] was called, which no part of the program does. It never says anything that was not computed once.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{KeyError, PublicKey, Signature, VerifyingKey};
use crate::hash::{Use, digest};

/// Most answers remembered of each sort; then all are forgotten. About 30 MB.
const REMEMBERED_MAX: usize = 200_000;

static ON: AtomicBool = AtomicBool::new(false);
static KEYS: Mutex<BTreeMap<[u8; 32], Result<VerifyingKey, KeyError>>> =
    Mutex::new(BTreeMap::new());
static SIGNATURES: Mutex<BTreeMap<[u8; 32], Result<(), KeyError>>> = Mutex::new(BTreeMap::new());

/// Remembers from now on, in the whole process, or computes everything each time as the program does.
pub fn set(on: bool) {
    ON.store(on, Ordering::SeqCst);
}

pub(super) fn check(
    key: &PublicKey,
    compute: impl FnOnce() -> Result<VerifyingKey, KeyError>,
) -> Result<VerifyingKey, KeyError> {
    remembered(&KEYS, || key.0, compute)
}

pub(super) fn verify(
    key: &PublicKey,
    message: &[u8],
    signature: &Signature,
    compute: impl FnOnce() -> Result<(), KeyError>,
) -> Result<(), KeyError> {
    let name = || digest(Use::Chance, &[&key.0, &signature.r, &signature.s, message]).0;
    remembered(&SIGNATURES, name, compute)
}

fn remembered<T: Copy>(
    known: &Mutex<BTreeMap<[u8; 32], T>>,
    name: impl FnOnce() -> [u8; 32],
    compute: impl FnOnce() -> T,
) -> T {
    if !ON.load(Ordering::SeqCst) {
        return compute();
    }
    let name = name();
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(answer) = lock().get(&name) {
        return *answer;
    }
    let answer = compute();
    let mut known = lock();
    if known.len() >= REMEMBERED_MAX {
        known.clear();
    }
    known.insert(name, answer);
    answer
}
