//! Allies that are away, that send hours back because their line is full, or that are gone for good; and what they can do
//! for a member whose home takes no orders.

use std::path::Path;

use crate::processes::{Machine, SLUGS, admitted, allied, wait_for};

/// The cité and its three witnesses.
const FOUR: [&str; 4] = ["tisserandes", "mariniers", "ruchers", "vignerons"];

pub(super) fn away(place: &Path) {
    let mut machines = allied(place, &SLUGS);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let zoe = admitted(&machine.home, place, "zoe");
    // Whoever was paid before is found by the number, also while its cité is away.
    zoe.pays(&["1@mariniers", "15min"]);
    ally.home.until_balance(15, "hours that arrive");
    machine.home.until_confirmed();
    ally.kill();
    // Life inside goes on; what goes abroad is recorded here and waits.
    zoe.pays(&["1", "15min"]);
    zoe.pays(&["1@mariniers", "30min"]);
    assert_eq!(zoe.balance(), -60);
    ally.start();
    ally.home.until_balance(45, "hours that arrive in the end");
    machine.home.until_confirmed();
}

pub(super) fn line_full(place: &Path) {
    let mut machines: Vec<Machine> = SLUGS.iter().map(|slug| Machine::found(place, slug)).collect();
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    machine.ally(ally, SLUGS[1], "100h");
    // The other one believes this cité's hours up to one.
    ally.ally(machine, SLUGS[0], "1h");
    let zoe = admitted(&machine.home, place, "zoe");
    zoe.pays(&["1@mariniers", "45min"]);
    ally.home.until_balance(45, "hours within the line");
    zoe.pays(&["1@mariniers", "30min"]);
    wait_for("hours over the line, on their way back", || {
        let text = zoe.data(&["history"]).to_string();
        (zoe.balance() == -45 && text.contains("return")).then_some(())
    });
    assert_eq!(ally.home.balance(), 45);
    // What helps: hours that go the other way, or a higher line.
    ally.home.pays(&["2@tisserandes", "15min"]);
    zoe.until_balance(-30, "hours that come the other way");
    zoe.pays(&["1@mariniers", "30min"]);
    ally.home.until_balance(60, "hours that fit again");
    ally.home.data(&["federation", "ally", SLUGS[0], "--limit", "2h", "--yes"]);
    zoe.pays(&["1@mariniers", "30min"]);
    ally.home.until_balance(90, "hours within the higher line");
}

pub(super) fn witness_dead(place: &Path) {
    let mut machines: Vec<Machine> = FOUR.iter().map(|slug| Machine::found(place, slug)).collect();
    let [machine, allies @ ..] = machines.as_mut_slice() else { panic!("four were founded") };
    for (ally, slug) in allies.iter().zip(&FOUR[1..]) {
        machine.ally(ally, slug, "100h");
        ally.ally(machine, FOUR[0], "100h");
    }
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    cite.until_confirmed();
    let witnesses = || cite.status()["witnesses"]["of"].as_u64();
    assert_eq!(witnesses(), Some(3));
    let [ally, dead, _] = allies else { panic!("three are allies") };
    dead.kill();
    // One of three may be away.
    zoe.pays(&["1@mariniers", "15min"]);
    ally.home.until_balance(15, "hours that two of three confirmed");
    cite.until_confirmed();
    // For good: it is a witness no more. The two that are left and the three of before must both confirm that.
    cite.data(&["federation", "ally", FOUR[2], "--no-mirror", "--yes"]);
    wait_for("a set without the dead one", || {
        cite.until_confirmed();
        (witnesses() == Some(2)).then_some(())
    });
    zoe.pays(&["1@mariniers", "15min"]);
    ally.home.until_balance(30, "hours that the others confirmed");
    cite.until_confirmed();
}

pub(super) fn complain(place: &Path) {
    let mut machines = allied(place, &FOUR[..3]);
    let [machine, allies @ ..] = machines.as_mut_slice() else { panic!("three were founded") };
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    let complain = || zoe.run(&["complain", "--yes", "--json"]);
    let said = complain();
    assert_eq!((said.code, said.error_code().as_str()), (Some(6), "P0314"), "{said:?}");
    zoe.pays(&["1", "15min"]);
    cite.until_confirmed();
    // Her wallet learns who the allies are while all is well.
    assert_eq!(zoe.balance(), -15);
    // The home is there, and answers nobody.
    machine.node().hold();
    let said = zoe.run(&["pay", "1", "1h", "--yes", "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(75), "P0310"), "{said:?}");
    for ally in &mut *allies {
        ally.stop();
    }
    let said = complain();
    assert_eq!((said.code, said.error_code().as_str()), (Some(75), "P0312"), "{said:?}");
    for ally in &mut *allies {
        ally.start();
    }
    let kept = wait_for("witnesses that keep it", || {
        let said = complain();
        (said.code == Some(0)).then(|| said.data())
    });
    assert_eq!(kept["needed"], 1, "{kept}");
    // Zoé does nothing more. Whoever runs the home sees to it, and a witness brings the order.
    machine.node().go_on();
    wait_for("an order that a witness brought", || {
        let said = complain().data();
        let witnesses = said["witnesses"].as_array().cloned().unwrap_or_default();
        witnesses.iter().any(|witness| witness["state"] == "recorded").then_some(())
    });
    zoe.until_balance(-75, "what was signed once counts once");
    // A witness judges by its copy, which must have what she signed before.
    cite.until_confirmed();
    // What the rules refuse the witnesses refuse too, with the same number.
    let dear = zoe.run(&["pay", "1", "100h", "--yes", "--json"]);
    let said = complain();
    assert_eq!((said.code, said.error_code()), (Some(4), dear.error_code()), "{said:?}");
    cite.until_confirmed();
}
