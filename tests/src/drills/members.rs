//! A bad day of a member: a device with the card on it is lost, and somebody else may have it.

use std::path::Path;

use serde_json::Value;

use crate::processes::{Home, Machine, SLUGS, admitted, allied, wait_for};

pub(super) fn stolen(place: &Path) {
    let mut machines = allied(place, &SLUGS);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    let card = zoe.data(&["card", "show", "--qr"])["qr"].as_str().expect("a text").to_owned();
    until(&ally.home, &card, "active");
    cite.data(&["member", "suspend", "2", "--yes"]);
    // Whoever has the device pays nothing with it; hours still come in.
    let said = zoe.run(&["pay", "1", "15min", "--yes", "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(4), "P0737"), "{said:?}");
    cite.pays(&["2", "30min"]);
    until(&ally.home, &card, "suspended");
    // The device is found, or another one has the words; the card that somebody may have copied is replaced.
    cite.data(&["member", "resume", "2", "--yes"]);
    cite.data(&["member", "renew", "2", "--yes"]);
    until(&ally.home, &card, "replaced");
    zoe.pays(&["1", "15min"]);
    assert_eq!(zoe.balance(), 15);
    machines.iter_mut().for_each(Machine::stop);
}

/// Waits until a card is told so at another cité, from the copy that its node keeps.
fn until(there: &Home, card: &str, state: &str) {
    wait_for("another cité that knows", || {
        let said = there.run(&["card", "check", card, "--offline", "--json"]);
        let read: Value = serde_json::from_str(&said.out).ok()?;
        (read["data"]["state"] == state).then_some(())
    });
}
