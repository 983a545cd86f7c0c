//! The ways of a member who is elsewhere to the home, and to people of a cité that is off: real nodes,
//! wallets on other "machines", commands as people type them.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use std::{
    net::{Ipv4Addr, SocketAddrV4},
    os::fd::OwnedFd,
};

use harness::processes::{Allied, Daemon, Home, Said, free_address, wait_for};
use rustix::net;
use serde_json::{Value, json};

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
    let through = refused["fix"].as_array().and_then(|fix| fix.last()?.as_str());
    let through = through.unwrap_or_else(|| panic!("{refused}")).to_owned();
    assert!(through.ends_with(&format!("@{address}")), "{refused}");
    let last = object(&zoe.run(&["balance", "--json", "--node", address]));
    let warning = &last["warnings"][0];
    assert_eq!(refused["fix"], json!(["pirate", "pay", "1", "15min", "--node", through]));
    let fix = json!(["pirate", "balance", "--node", through]);
    assert_eq!((&warning["code"], &warning["fix"]), (&"P0301".into(), &fix), "{last}");
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

#[test]
fn hours_for_a_cite_that_is_off_are_signed_and_wait() {
    let place = folder();
    let allied = Allied::new(place.path());
    let [zoe, ana] = &allied.members;
    let [_here, there] = allied.nodes;
    let pay = |who: &str, form: &[&str]| zoe.run(&[&["pay", who, "1h", "--yes"], form].concat());
    wait_for("an account on both sides", || {
        (pay("2@mariniers", &["--json"]).code == Some(0)).then_some(())
    });
    wait_for("hours that arrive", || (minutes(ana) == Some(60)).then_some(()));
    let id =
        |home: &Home| home.data(&["balance"])["member"].as_str().expect("an identity").to_owned();
    let (ana_is, steward_is) = (id(ana), id(&allied.cites[1]));
    let address = there.address().to_owned();
    assert_eq!(there.stop().code, Some(0));
    // Nobody here knows whose number 1 is: the cité is named, and what can be paid meanwhile.
    let silent = pay("1@mariniers", &["--json"]);
    let said = object(&silent);
    assert_eq!((silent.code, &said["code"]), (Some(75), &"P0306".into()), "{said}");
    assert!(said["message"].as_str().expect("words").contains("mariniers"), "{said}");
    assert!(said["details"].to_string().contains("pmemb1…@mariniers"), "{said}");
    // The identity is enough, and whoever was paid is found by the number, too. Both are shown as what they
    // are: this wallet's word, or nobody's.
    let whole = format!("{steward_is}@mariniers");
    for (who, id, word) in [("2@mariniers", &ana_is, "wallet"), (&whole, &steward_is, "command")] {
        let data = pay(who, &["--json"]).data();
        assert_eq!((&data["to"], &data["to_word"]), (&id.as_str().into(), &word.into()), "{data}");
        let shown = pay(who, &["--plain"]);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        assert!(shown.err.contains(id) && shown.err.contains("mariniers"), "{shown:?}");
    }
    assert_eq!(minutes(zoe), Some(-300));
    // The statement names them as commands do: by the number that was paid, or by the whole identity.
    let names: Vec<Value> = zoe.data(&["history"])["entries"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| entry["name"].clone())
        .collect();
    assert_eq!(names.iter().filter(|name| *name == "2@mariniers").count(), 3, "{names:?}");
    let plain = zoe.run(&["history", "--plain"]);
    assert!(plain.out.contains(&whole), "{plain:?}");
    // When the cité is back, all of it arrives, once.
    let _there = Daemon::start(&allied.cites[1], &["--listen", &address]);
    wait_for("hours that waited", || (minutes(ana) == Some(180)).then_some(()));
    assert_eq!(minutes(&allied.cites[1]), Some(120));
}

#[test]
fn a_home_that_moved_is_found_through_the_ally_and_then_by_itself() {
    let place = folder();
    let allied = Allied::new(place.path());
    let zoe = &allied.members[0];
    let [here, there] = allied.nodes;
    // Once the home has named the ally to the wallet, it may move: it tells its ally where it is now.
    wait_for("an ally that the wallet knows", || {
        let ways = zoe.dir().join("wallets/default/ways.toml");
        assert_eq!(minutes(zoe), Some(0));
        std::fs::read_to_string(ways).is_ok_and(|ways| ways.contains("mariniers")).then_some(())
    });
    assert_eq!(here.stop().code, Some(0));
    let here = Daemon::start(&allied.cites[0], &["--listen", &free_address()]);
    // An attempt that came too early waits in the wallet, and is sent with the next command; what it learnt on
    // its way through the ally may let that one go straight home.
    let mut through = String::new();
    wait_for("a payment through the ally", || {
        let said = zoe.run(&["pay", "1", "15min", "--yes"]);
        through.push_str(&said.err);
        (said.code == Some(0)).then_some(())
    });
    assert!(through.contains("mariniers"), "whoever sees the messages is named: {through}");
    // From now on the home is found without anybody.
    assert_eq!(there.stop().code, Some(0));
    let said = zoe.run(&["balance", "--json"]);
    assert_eq!(said.data()["fresh"], true, "{said:?}");
    assert!(!said.err.contains("mariniers"), "{said:?}");
    assert_eq!(here.stop().code, Some(0));
}

/// Connects to a node from another address of this machine, and says nothing.
fn half_open(address: &str) -> OwnedFd {
    let socket = net::socket(net::AddressFamily::INET, net::SocketType::STREAM, None);
    let socket = socket.expect("a socket");
    let from = SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 2), 0);
    net::bind(&socket, &from).expect("all of 127.0.0.0/8 is this machine's");
    let to: SocketAddrV4 = address.parse().expect("an address in figures");
    net::connect(&socket, &to).expect("the node listens");
    socket
}

/// Invariant N5, between processes.
#[test]
fn a_member_elsewhere_gets_in_while_strangers_hold_the_door() {
    let place = folder();
    let allied = Allied::new(place.path());
    let [zoe, ana] = &allied.members;
    for member in [zoe, ana] {
        let held: Vec<[OwnedFd; 2]> = (0..100)
            .map(|_| [0, 1].map(|node: usize| half_open(allied.nodes[node].address())))
            .collect();
        let said = object(&member.run(&["balance", "--json"]));
        assert_eq!(said["data"]["fresh"], true, "{said}");
        assert_eq!(said["warnings"].as_array().map(Vec::len), Some(0), "{said}");
        drop(held);
    }
}
