//! Members complain as people do: the home's node is away or says no, its witness is handed the order, and brings it
//! home. Real nodes and commands.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use harness::processes::{Allied, Daemon, wait_for};
use serde_json::Value;

#[test]
fn a_witness_brings_an_order_home() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let allied = Allied::new(place.path());
    let zoe = &allied.members[0];
    let complaint = |more: &[&str]| {
        let said = zoe.run(&[&["plainte", "--yes", "--json"], more].concat());
        let text = if said.out.is_empty() { &said.err } else { &said.out };
        let object: Value = serde_json::from_str(text.trim()).expect("one object");
        (said.code, object)
    };
    let (code, nothing) = complaint(&[]);
    assert_eq!((code, &nothing["code"]), (Some(6), &"P0314".into()), "{nothing}");
    // Once an order is confirmed the ally holds the log, and the wallet knows where the ally is.
    assert_eq!(zoe.run(&["payer", "1", "15min", "--yes"]).code, Some(0));
    wait_for("a log that its witness holds", || {
        let sheet = allied.cites[0].data(&["cite", "show"]);
        zoe.data(&["balance"]);
        (sheet["committed"].as_u64() > Some(0)).then_some(())
    });
    let [here, there] = allied.nodes;
    let address = here.address().to_owned();
    assert_eq!(here.stop().code, Some(0));
    let paid = zoe.run(&["payer", "1", "1h", "--yes", "--json"]);
    assert_eq!(paid.error_code(), "P0310", "{paid:?}");
    let (code, dry) = complaint(&["--dry-run"]);
    assert_eq!((code, &dry["data"]["witnesses"]), (Some(0), &Value::Array(Vec::new())), "{dry}");
    let (code, kept) = complaint(&[]);
    let witness = &kept["data"]["witnesses"][0];
    assert_eq!((code, &witness["state"]), (Some(0), &"kept".into()), "{kept}");
    assert_eq!((&kept["data"]["needed"], &witness["slug"]), (&1.into(), &"mariniers".into()));
    let said = zoe.run(&["plainte", "--yes"]);
    assert!(said.out.contains("mariniers le garde"), "{said:?}");
    // The home comes back. Zoé does nothing more; the witness brings the order, and sees it in the log.
    let here = Daemon::start(&allied.cites[0], &["--listen", &address]);
    wait_for("an order that a witness brought", || {
        let (code, object) = complaint(&[]);
        assert_eq!(code, Some(0), "{object}");
        (object["data"]["witnesses"][0]["state"] == "recorded").then_some(())
    });
    assert_eq!(zoe.data(&["balance"])["minutes"].as_i64(), Some(-75));
    // What the rules refuse, the witness refuses with the same number.
    let dear = zoe.run(&["payer", "1", "100h", "--yes", "--json"]);
    let (code, refused) = complaint(&[]);
    assert_eq!((code, &refused["code"]), (Some(4), &"P0405".into()), "{refused} {dear:?}");
    // Once another order has its number it can count no more, and is nothing to complain about.
    assert_eq!(zoe.run(&["payer", "1", "15min", "--yes"]).code, Some(0));
    let (code, nothing) = complaint(&[]);
    assert_eq!((code, &nothing["code"]), (Some(6), &"P0314".into()), "{nothing}");
    for node in [here, there] {
        node.stop();
    }
}
