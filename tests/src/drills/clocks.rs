//! A clock that is wrong while allies know better, and a machine that was off for so long that nobody can say.

use std::path::Path;

use proto::{
    desk::{Reply, Unavailable},
    ids::Account,
    minutes::Minutes,
    order::{Head, Pay, Statement},
    time::UnixMillis,
};
use serde_json::Value;

use crate::processes::{
    Machine, SLUGS, Site, Timepiece, admitted, allied, clock, free_address, wait_for,
};

/// How far the clock is ahead, in seconds.
const DAY: i64 = 86_400;

const HOUR: i64 = 3_600;

pub(super) fn wrong(place: &Path) {
    let clock = Timepiece::new(place);
    let mut machines = allied(place, &SLUGS);
    let [machine, _ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    cite.until_confirmed();
    machine.stop();
    machine.home = cite.living_by(&clock);
    clock.set(DAY);
    machine.start();
    cite.until_alert("P0601");
    let waits = zoe.run(&["pay", "1", "15min", "--yes", "--json"]);
    assert_eq!((waits.code, waits.error_code().as_str()), (Some(75), "P0310"), "{waits:?}");
    let said = cite.data(&["node", "clock"]);
    assert_eq!(said["believed"], false, "{said}");
    // Somebody sets it right, under the running node.
    clock.set(0);
    cite.until_it_signs();
    // The first is the one that its wallet kept.
    zoe.pays(&["1", "15min"]);
    assert_eq!(zoe.balance(), -30, "it goes on by itself");
}

pub(super) fn silence(place: &Path) {
    let clock = Timepiece::new(place);
    let mut machines = allied(place, &SLUGS);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    machine.stop();
    machine.home = cite.living_by(&clock);
    machine.start();
    cite.until_it_signs();
    let check = || cite.run(&["node", "status", "--check", "--json"]);
    wait_for("a witness that is heard", || {
        let status = check().answer();
        (status["witnesses_silent"].as_array()?.is_empty()).then_some(())
    });
    // Whom one paid is known without the ally.
    cite.pays(&["1@mariniers", "15min"]);
    wait_for("a payment that is confirmed", || {
        (check().answer()["unconfirmed_since"] == Value::Null).then_some(())
    });
    ally.kill();
    wait_for("a witness that is gone", || {
        let status = check().answer();
        (!status["witnesses_silent"].as_array()?.is_empty()).then_some(())
    });
    cite.pays(&["1@mariniers", "15min"]);
    assert_ne!(check().answer()["unconfirmed_since"], Value::Null);
    assert!(!cite.has_alert("W0305") && !cite.has_alert("W0308"), "an hour has not passed");
    clock.set(HOUR + 60);
    cite.until_alert("W0305");
    cite.until_alert("W0308");
    let said = check();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.answer()["signing"] == true, "nothing is broken: {said:?}");
    // What was measured of the machine is there as well.
    let numbers = wait_for("numbers of the machine", || {
        let status = check().answer();
        status["memory_bytes"].as_u64().is_some().then_some(status)
    });
    assert!(numbers["memory_bytes"].as_u64() < numbers["memory_budget_bytes"].as_u64());
    assert!(numbers["syncs"]["count"].as_u64() > Some(0), "{numbers}");
    ally.start();
    let over = || (!cite.has_alert("W0305") && !cite.has_alert("W0308")).then_some(());
    wait_for("alarms that are over", over);
}

pub(super) fn alone(place: &Path) {
    let week = 7 * 86_400_000;
    let site = Site::found_at(place, SLUGS[0], UnixMillis(clock().0 - week));
    let mut machine = Machine::of(site.home.clone(), free_address());
    let payee = Account::Member(site.people.get(2).expect("three people live here").id);
    let pay = Statement::Pay(Pay { payee, minutes: Minutes(15), request: None });
    let order = site.wallet(1).sign(Head::empty(), pay);
    let send = || site.desk().expect("the node runs").submit(&order).expect("it replies");
    assert_eq!(send(), Reply::Unavailable(Unavailable::Clock));
    for command in [&["node", "status"][..], &["status"]] {
        let status = site.home.run(&[command, &["--check", "--json"]].concat());
        assert_eq!(status.code, Some(1), "{status:?}");
        assert!(status.out.contains("P0601"), "{status:?}");
    }
    let page = site.home.run(&["expliquer", "P0601"]);
    let words = ["pirate", "noeud", "horloge", "--is-right"];
    let page = page.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(&words.join(" ")), "{page}");
    let said = site.home.data(&["node", "clock"]);
    assert_eq!((&said["believed"], &said["allies"]), (&false.into(), &0.into()), "{said}");
    // What the page says helps; and no start after that asks again.
    let said = site.home.data(&words[1..]);
    assert_eq!((&said["believed"], &said["word_given"]), (&true.into(), &true.into()), "{said}");
    site.home.until_it_signs();
    machine.kill();
    machine.start();
    site.home.until_it_signs();
    assert!(matches!(send(), Reply::Recorded(_)));
}
