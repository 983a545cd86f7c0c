//! Memberships as people live them: a card is renewed, suspended and good again, its holder leaves and comes back; each
//! time the card says so at another cité, and an auditor finds nothing wrong.

use harness::processes::{Allied, Home, Said, wait_for};
use serde_json::Value;

fn place() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

fn refused(said: &Said, code: &str) {
    assert_eq!((said.code, said.error_code().as_str()), (Some(4), code), "{said:?}");
}

/// Has Zoé's card written, and looks at it at the other cité; returns what that one says.
fn shown(zoe: &Home, there: &Home, name: &str) -> (Option<i32>, Value) {
    zoe.data(&["card", "show", "-o", &file(zoe, name)]);
    looked(there, &file(zoe, name))
}

fn file(zoe: &Home, name: &str) -> String {
    zoe.dir().join(name).display().to_string()
}

/// Returns what a cité says of a card, given as a file or as the text of a short one.
fn looked(there: &Home, card: &str) -> (Option<i32>, Value) {
    let said = there.run(&["card", "check", card, "--offline", "--json"]);
    let read: Value = serde_json::from_str(&said.out).expect("an object");
    (said.code, read["data"].clone())
}

/// Waits until witnesses vouch for what the card says now.
fn certified(zoe: &Home, card: u64, state: &str) {
    wait_for("a card that witnesses vouch for", || {
        let shown = zoe.data(&["card", "show"]);
        let as_is = (&shown["card"], &shown["state"]) == (&card.into(), &state.into());
        (as_is && shown["witnesses"].as_u64() >= Some(1)).then_some(())
    });
}

#[test]
fn a_card_is_renewed_suspended_good_again_and_ends() {
    let place = place();
    let Allied { cites: [here, there], members: [zoe, _ana], nodes } = Allied::new(place.path());
    certified(&zoe, 1, "active");
    let (code, card) = shown(&zoe, &there, "first");
    assert_eq!((code, &card["state"], &card["card"]), (Some(0), &"active".into(), &1.into()));
    assert_eq!(card["allowance_min"], 60, "{card}");
    let short = zoe.data(&["card", "show", "--qr"])["qr"].as_str().expect("a text").to_owned();
    let (code, card) = looked(&there, &short);
    assert_eq!((code, &card["state"], &card["card"]), (Some(0), &"active".into(), &1.into()));

    // Suspended: she pays nobody, is paid, and her card says so.
    here.data(&["member", "suspend", "2", "--yes"]);
    refused(&zoe.run(&["pay", "1", "15min", "--yes", "--json"]), "P0737");
    here.pays(&["2", "30min"]);
    certified(&zoe, 1, "suspended");
    let (code, card) = shown(&zoe, &there, "second");
    assert_eq!(
        (code, &card["state"], &card["valid"]),
        (Some(4), &"suspended".into(), &false.into())
    );
    // The copy of her cité's log says it of the cards that were written before, too.
    for card in [file(&zoe, "first"), short.clone()] {
        let (code, card) = looked(&there, &card);
        assert_eq!((code, &card["state"]), (Some(4), &"suspended".into()), "{card}");
    }
    refused(&zoe.run(&["card", "show", "--qr", "--json"]), "P0506");
    let listed = here.data(&["member", "list", "--state", "suspended"]);
    assert_eq!(listed["items"][0]["number"], 2, "{listed}");
    here.data(&["member", "resume", "2", "--yes"]);
    refused(&here.run(&["member", "resume", "2", "--yes", "--json"]), "P0739");
    zoe.pays(&["1", "15min"]);
    assert_eq!(zoe.balance(), 15);

    // A new card takes the place of the old one.
    let until =
        here.data(&["member", "renew", "2", "--allowance", "0h", "--yes"])["card_to"].clone();
    certified(&zoe, 2, "active");
    let (code, card) = shown(&zoe, &there, "third");
    assert_eq!((code, &card["card"], &card["allowance_min"]), (Some(0), &2.into(), &0.into()));
    assert_eq!(card["valid_to"], until);
    for card in [file(&zoe, "first"), short] {
        let (code, card) = looked(&there, &card);
        assert_eq!((code, &card["state"]), (Some(4), &"replaced".into()), "{card}");
    }
    refused(&here.run(&["member", "renew", "2", "--allowance", "9h", "--yes", "--json"]), "P0713");

    // Whoever leaves keeps the hours and does nothing with them; the last steward stays.
    refused(&here.run(&["member", "leave", "1", "--yes", "--json"]), "P0740");
    here.data(&["member", "leave", "2", "--yes"]);
    refused(&zoe.run(&["pay", "1", "15min", "--yes", "--json"]), "P0738");
    refused(&here.run(&["pay", "2", "15min", "--yes", "--json"]), "P0437");
    assert_eq!(zoe.balance(), 15);
    certified(&zoe, 2, "left");
    let (code, card) = shown(&zoe, &there, "fourth");
    assert_eq!((code, &card["state"]), (Some(4), &"left".into()));
    here.data(&["member", "renew", "2", "--yes"]);
    zoe.pays(&["1", "15min"]);
    certified(&zoe, 3, "active");

    nodes.into_iter().for_each(|node| drop(node.stop()));
    let bundle = here.dir().join("bundle").display().to_string();
    here.data(&["audit", "bundle", "-o", &bundle]);
    let said = there.run(&["audit", "verify", &bundle, "--json"]);
    let read: Value = serde_json::from_str(&said.out).expect("an object");
    assert!(said.code == Some(20), "nobody anchors it here, and all else holds: {read}");
}
