//! The ways of a member who is elsewhere to the home, and to people of a cité that is off: real nodes,
//! wallets on other "machines", commands as people type them.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use harness::processes::{Allied, Home, Said, wait_for};
use serde_json::Value;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

/// Returns the object that a command wrote: on stdout, or on stderr when it failed.
fn object(said: &Said) -> Value {
    let text = if said.out.is_empty() { &said.err } else { &said.out };
    serde_json::from_str(text.trim()).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

fn minutes(home: &Home) -> Option<i64> {
    home.data(&["balance"])["minutes"].as_i64()
}

#[test]
fn who_meets_another_node_is_told_and_can_go_through_it() {
    let place = folder();
    let allied = Allied::new(place.path());
    let zoe = &allied.members[0];
    assert_eq!(minutes(zoe), Some(0));
    // What was asked for is no trouble, and has its own code.
    let offline = object(&zoe.run(&["--offline", "balance", "--json"]));
    assert_eq!(offline["warnings"][0]["code"], "P0303", "{offline}");
    // The ally's node is not the home's: that is said with its key, and how to go through it all the same.
    let address = allied.nodes[1].address();
    let pay = ["pay", "1", "15min", "--yes", "--json", "--node"];
    let refused = object(&zoe.run(&[&pay[..], &[address]].concat()));
    assert_eq!(refused["code"], "P0301", "{refused}");
    let through = refused["fix"][3].as_str().expect("a key and an address").to_owned();
    assert!(through.ends_with(&format!("@{address}")), "{refused}");
    let last = object(&zoe.run(&["balance", "--json", "--node", address]));
    let warning = &last["warnings"][0];
    assert_eq!((&warning["code"], &warning["fix"]), (&"P0301".into(), &refused["fix"]), "{last}");
    let key = through.split('@').next().expect("a key");
    assert!(warning["message"].as_str().expect("words").contains(key), "{last}");
    // The operator of the home's machine finds the same key where peers are listed.
    let peers = allied.cites[0].run(&["node", "peers", "--plain"]);
    assert!(peers.out.contains(key), "{peers:?}");
    wait_for("a payment by way of the ally", || {
        (zoe.run(&[&pay[..], &[&through]].concat()).code == Some(0)).then_some(())
    });
    assert_eq!(minutes(zoe), Some(-15));
}
