//! Members without a node of their own: what is public of their cité is asked of its home, what waits is said, and a
//! wrong clock on their device is called that.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use harness::{
    processes::{Allied, Daemon, Timepiece, founded},
    rights::{Need, lacking},
};

#[test]
fn a_member_without_a_node_asks_the_home_and_hears_what_waits() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let Allied { cites, members, nodes } = Allied::new(place.path());
    let ([here, _], [zoe, _]) = (&cites, &members);
    let (shown, own) = (zoe.data(&["cite", "show"]), here.data(&["cite", "show"]));
    for field in ["cite", "name", "members", "fingerprint_words"] {
        assert_eq!(shown[field], own[field], "{field}");
    }
    assert_eq!(own["fingerprint_words"]["fr"].as_array().map(Vec::len), Some(6));
    let spoken = zoe.run(&["cite", "show"]);
    assert!(spoken.out.contains("Six mots"), "{spoken:?}");
    let ally = zoe.data(&["cite", "show", "--of", "mariniers"]);
    assert_eq!(ally["slug"], "mariniers");
    let list = zoe.data(&["federation", "list"]);
    assert_eq!(list["items"][0]["slug"], "mariniers", "{list}");
    assert_eq!(zoe.run(&["federation", "list", "--offline", "--json"]).error_code(), "P0303");
    // Signed while nobody answers, an order waits, and `status` says so without a passphrase.
    assert_eq!(zoe.data(&["status"])["orders_waiting"], 0);
    // Whose number it is, the wallet remembers.
    zoe.data(&["pay", "1", "15min", "--yes"]);
    drop(nodes);
    let paid = zoe.run(&["pay", "1", "15min", "--yes", "--json", "--timeout", "2s"]);
    assert_eq!(paid.error_code(), "P0310", "{paid:?}");
    assert_eq!(zoe.data(&["status"])["orders_waiting"], 1);
    let said = zoe.run(&["status"]);
    assert!(
        said.out.contains("Un ordre signé attend") && said.out.contains("pirate solde"),
        "{said:?}"
    );
    // Nobody waits for the stewards, and nobody is said to.
    let status = here.run(&["status"]);
    assert!(!status.err.contains("membre lister"), "{status:?}");
}

#[test]
fn a_wrong_clock_of_a_device_is_called_that() {
    if lacking(&[Need::Preload]).is_some() {
        return;
    }
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let allied = Allied::new(place.path());
    let [zoe, _] = &allied.members;
    let clock = Timepiece::new(place.path());
    let late = zoe.living_by(&clock);
    // 90 days behind: what is signed then has ended when it comes.
    clock.set(-90 * 86_400);
    let paid = late.run(&["pay", "1", "15min", "--yes"]);
    assert_eq!(paid.code, Some(75), "{paid:?}");
    let told = paid.err.contains("L’horloge de cet appareil") && paid.err.contains("timedatectl");
    assert!(paid.err.contains("P0606") && told, "{paid:?}");
    clock.set(0);
    assert_eq!(late.run(&["pay", "1", "15min", "--yes"]).code, Some(0));
}

/// Whoever founds a cité may call it as another: its cards then say nothing of that one.
#[test]
fn a_card_under_the_name_of_a_known_cite_is_told_apart() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let own = founded(&place.path().join("a"), "tisserandes");
    let false_one = founded(&place.path().join("b"), "tisserandes");
    let _node = Daemon::start(&false_one, &[]);
    false_one.data(&["card", "show", "-o", "fausse.pirate-card"]);
    let card = false_one.dir().join("fausse.pirate-card").display().to_string();
    let said = own.run(&["card", "check", &card, "--json"]);
    assert_eq!(said.code, Some(20), "{said:?}");
    let identity = own.data(&["cite", "show"])["cite"].clone();
    assert_eq!((&said.answer()["namesake"], &said.answer()["valid"]), (&identity, &false.into()));
    let told = own.run(&["card", "check", &card]);
    let first = told.out.lines().next().unwrap_or_default();
    assert!(first.contains("Seule la cité elle-même"), "{told:?}");
    assert!(told.out.contains("Une autre cité de ce nom"), "{told:?}");
    // A file that is not there is that, wherever it was named.
    for line in [&["card", "check", "/nulle"][..], &["audit", "verify", "/nulle"]] {
        assert_eq!(own.run(line).code, Some(6), "{line:?}");
    }
}
