//! One door, named by PIRATE_DOOR, for libFuzzer to go through. What must hold is asserted behind the door;
//! a panic is what libFuzzer keeps.

#![no_main]

use std::sync::LazyLock;

use harness::fuzz::{self, Door};

/// Environment variable with the name of the door.
const NAME: &str = "PIRATE_DOOR";

static DOOR: LazyLock<Door> = LazyLock::new(|| {
    let name = std::env::var(NAME).unwrap_or_default();
    let door = fuzz::doors().into_iter().find(|door| door.name == name);
    door.unwrap_or_else(|| panic!("{NAME}={name}: no such door"))
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    (DOOR.enter)(input);
});
