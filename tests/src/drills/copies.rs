//! A machine that is there twice or was set back: what its guard and its allies make of it, and what happens where
//! neither could say a word.

use std::{fs, path::Path};

use super::losses::{is_told, recover};
use crate::processes::{Home, Machine, SLUGS, admitted, allied, free_address};

pub(super) fn clone(place: &Path) {
    let mut machine = Machine::found(place, SLUGS[0]);
    let original = machine.home.clone();
    let zoe = admitted(&original, place, "zoe");
    zoe.pays(&["1", "15min"]);
    machine.stop();
    let copy = original.image(&place.join("copy"));
    // Alone in the world: nobody but its own guard tells it.
    let mut beside = is_told(&copy);
    let waits = copy.run(&["pay", "2", "15min", "--yes", "--json"]);
    assert_eq!((waits.code, waits.error_code().as_str()), (Some(75), "P0310"), "{waits:?}");
    beside.stop();
    // The original is as it was.
    machine.start();
    original.until_it_signs();
    zoe.pays(&["1", "15min"]);
    assert_eq!(zoe.balance(), -30);
}

pub(super) fn old_image(place: &Path) {
    let mut machine = Machine::found(place, SLUGS[0]);
    let cite = machine.home.clone();
    let _zoe = admitted(&cite, place, "zoe");
    cite.pays(&["2", "15min"]);
    machine.stop();
    let said = cite.run(&recover(&["--json"]));
    assert_eq!((said.code, said.error_code().as_str()), (Some(4), "P0211"), "{said:?}");
    // An image of it signs nothing, until its root says so.
    let image = cite.image(&place.join("image"));
    assert!(image.has_alert("P0206"));
    let said = image.data(&recover(&[]));
    assert_eq!((&said["incarnation"], &said["lost"]), (&1.into(), &false.into()), "{said}");
    let mut machine = Machine::of(image.clone(), free_address());
    image.until_it_signs();
    image.pays(&["2", "15min"]);
    machine.stop();
    assert!(!image.has_alert("P0206"), "it is its own image now");
}

/// An allied cité that was set back by a payment, its node and its ally's standing still, and the ally.
fn set_back_by_a_payment(place: &Path) -> (Vec<Machine>, Home) {
    let mut machines = allied(place, &SLUGS);
    let [machine, _] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    zoe.pays(&["1", "15min"]);
    cite.until_confirmed();
    machine.stop();
    let older = cite.image(&place.join("older"));
    machine.start();
    cite.until_it_signs();
    zoe.pays(&["1", "30min"]);
    cite.until_confirmed();
    machines.iter_mut().for_each(Machine::stop);
    cite.set_back(&older);
    assert!(!cite.has_alert("P0206"), "nothing on this machine tells");
    (machines, zoe)
}

pub(super) fn rolled_back(place: &Path) {
    let (mut machines, zoe) = set_back_by_a_payment(place);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    ally.start();
    machine.start_with(&["--bootstrap", &ally.invitation()]);
    // The ally holds what this image never signed.
    cite.until_alert("P0206");
    assert_eq!(cite.status()["signing"], false);
    machine.stop();
    assert!(cite.has_alert("P0206"), "it noted what it was shown");
    let said = cite.data(&recover(&["--rolled-back"]));
    assert_eq!(said["incarnation"], 1, "{said}");
    machine.start_with(&["--bootstrap", &ally.invitation()]);
    cite.until_it_signs();
    assert_eq!(zoe.balance(), -45, "what was paid after the image is there");
    let listed = ally.home.data(&["federation", "list"]).to_string();
    assert!(!listed.contains("two-histories"), "an honest home is not convicted: {listed}");
}

pub(super) fn fork(place: &Path) {
    let (mut machines, zoe) = set_back_by_a_payment(place);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    // No ally answers: nothing can tell, and the same place in the log is signed for a second time.
    machine.start();
    cite.until_it_signs();
    for _ in 0..3 {
        cite.pays(&["2", "15min"]);
    }
    ally.start_with(&["--bootstrap", &machine.invitation()]);
    // What the ally holds is signed by the same key, and is not here.
    cite.until_alert("P0206");
    let said = cite.run(&["pay", "2", "15min", "--yes", "--json"]);
    assert_eq!(said.error_code(), "P0310", "nothing more is recorded: {said:?}");
    // Two bundles, of the cité and of its copy at the ally, convict it anywhere and without a network.
    let bundles = ["ici", "la-bas"].map(|name| place.join(name).display().to_string());
    cite.data(&["audit", "bundle", "-o", &bundles[0]]);
    ally.home.data(&["audit", "bundle", "--cite", SLUGS[0], "-o", &bundles[1]]);
    let stranger = Home::at(place.join("ailleurs"));
    let said = stranger.run(&["audit", "verify", &bundles[0], &bundles[1]]);
    assert_eq!(said.code, Some(30), "{said:?}");
    admitted(&ally.home, place, "ana").pays(&["1", "15min"]);
    // The cité goes on from what its witness holds, and its log as it was is kept.
    machine.stop();
    cite.data(&recover(&["--rolled-back"]));
    machine.start_with(&["--bootstrap", &ally.invitation()]);
    cite.until_it_signs();
    assert_eq!(zoe.balance(), -45, "what the witness holds is there, and nothing else");
    assert!(cite.node().join("damaged/01/log").is_dir());
    let gave_way = cite.status()["given_up"].clone();
    assert_eq!(gave_way[0]["aside"], "damaged/01", "{gave_way}");
    assert!(gave_way[0]["kept"].as_u64() < gave_way[0]["of"].as_u64(), "{gave_way}");
}

pub(super) fn keys_stolen(place: &Path) {
    let mut machines = allied(place, &SLUGS);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    zoe.pays(&["1", "15min"]);
    cite.until_confirmed();
    let short = || zoe.data(&["card", "show", "--qr"])["qr"].as_str().expect("a text").to_owned();
    let (card, file) = (short(), zoe.dir().join("card").display().to_string());
    zoe.data(&["card", "show", "-o", &file]);
    machine.stop();
    // Whoever has the keys has this.
    let robbed = cite.image(&place.join("robbed"));
    let keys = |home: &Home| fs::read(home.node().join("keys/node.keys")).expect("a node has keys");
    let said = cite.run(&recover(&["--json"]));
    assert_eq!(said.error_code(), "P0211", "nothing is lost: {said:?}");
    let said = cite.data(&recover(&["--keys-stolen"]));
    assert_eq!(said["incarnation"], 1, "{said}");
    assert_ne!(keys(&cite), keys(&robbed));
    machine.start();
    cite.until_it_signs();
    // The stolen keys vouch for no card any more, not even where the wallet has not heard of the new ones.
    for old in [&card, &file] {
        let said = cite.run(&["card", "check", old, "--offline", "--json"]);
        assert!(said.code == Some(4) && said.out.contains("\"state\":\"old_keys\""), "{said:?}");
    }
    assert_ne!(
        short(),
        card,
        "the home states cards with its new keys, and the wallet learns them"
    );
    zoe.pays(&["1", "15min"]);
    assert_eq!(zoe.balance(), -30);
    zoe.pays(&["1@mariniers", "15min"]);
    cite.until_confirmed();
    // Once more on the same day, as on any bad day: allies that ran all the while take these keys over, too.
    machine.stop();
    let said = cite.data(&recover(&["--keys-stolen"]));
    assert_eq!(said["incarnation"], 2, "{said}");
    machine.start();
    cite.until_it_signs();
    zoe.pays(&["1@mariniers", "15min"]);
    cite.until_confirmed();
    ally.home.until_balance(30, "hours under keys that were named twice in a day");
    // The thief's machine, with the keys and everything else of before.
    is_told(&robbed).stop();
    let shown = ally.home.data(&["federation", "list"]).to_string();
    assert!(!shown.contains("two-histories"), "{shown}");
}
