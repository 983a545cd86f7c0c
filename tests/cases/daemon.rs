//! Whole programs: nodes started and stopped as people and service managers do it, two cités that meet,
//! an older image of one of them, and everything that may come in at their doors.

#![allow(clippy::indexing_slicing, reason = "what JSON lacks is null, and no case expects null")]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::net::UnixStream,
    time::Duration,
};

use harness::processes::{
    Allied, Daemon, Home, Site, Wallet, admitted, founded, free_address, person, text_of, wait_for,
};
use proto::{
    desk::{Call, Operator, Reply, Unavailable},
    ids::Account,
    minutes::Minutes,
    order::{Head, Pay, SignedOrder, Statement},
};
use serde_json::Value;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

fn pay(site: &Site, wallet: &Wallet<'_>, minutes: u32) -> SignedOrder {
    let payee = Account::Member(site.people[2].id);
    let pay = Pay { payee, minutes: Minutes(minutes), request: None };
    wallet.sign(Head::empty(), Statement::Pay(pay))
}

/// Submits an order, again while the node is only starting to sign.
fn submit(site: &Site, order: &SignedOrder) -> Reply {
    wait_for("a node that is not busy", || {
        let reply = site.desk().expect("the node runs").submit(order).expect("it replies");
        (reply != Reply::Unavailable(Unavailable::Busy)).then_some(reply)
    })
}

#[test]
fn a_node_without_a_cite_is_a_wrong_setting_and_leaves_nothing() {
    let place = folder();
    let home = Home::at(place.path().join("empty"));
    let said = home.run(&["node", "run", "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(78), "P0733"), "{said:?}");
    assert!(!home.node().exists(), "a refused start leaves nothing behind");
}

#[test]
fn a_first_start_needs_no_file_and_a_second_changes_nothing() {
    let place = folder();
    let site = Site::found(place.path(), "tisserandes");
    assert!(!site.home.dir().join("config.toml").exists());
    let node = Daemon::start(&site.home, &[]);
    assert!(!site.home.dir().join("config.toml").exists(), "no file is needed, none is written");
    let again = site.home.run(&["node", "run", "--json"]);
    let data = again.data();
    assert_eq!((&data["already_running"], &data["started"]), (&true.into(), &false.into()));
    assert_eq!(data["pid"], node.running.pid);
    let said = site.home.run(&["noeud", "lancer"]);
    assert_eq!(said.code, Some(0));
    assert!(said.out.contains(&node.running.pid.to_string()), "{said:?}");
    // The node that was there first still answers, and stops cleanly when it is told to.
    let status = site.home.data(&["node", "status"]);
    assert_eq!(status["state"], "ok", "{status}");
    let file = site.home.node().join("run/node.json");
    assert!(file.exists());
    let stopped = node.stop();
    assert_eq!(stopped.code, Some(0), "{stopped:?}");
    assert!(!file.exists(), "a clean stop takes its file along");
    let absent = site.home.run(&["node", "peers", "--json"]);
    assert_eq!((absent.code, absent.error_code().as_str()), (Some(69), "P0301"));
}

#[test]
fn the_usual_port_may_be_taken() {
    let place = folder();
    let site = Site::found(place.path(), "tisserandes");
    let address = free_address();
    let _taken = std::net::TcpListener::bind(&address).expect("it was free a moment ago");
    let said = site.home.run(&["node", "run", "--listen", &address, "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(78), "P0603"), "{said:?}");
    assert!(said.err.contains(address.split(':').next_back().expect("a port")), "{said:?}");
    // Nothing else was changed: it starts at another port.
    assert_eq!(Daemon::start(&site.home, &[]).stop().code, Some(0));
}

#[test]
fn the_same_order_twice_is_one_entry() {
    let place = folder();
    let site = Site::found(place.path(), "tisserandes");
    let node = Daemon::start(&site.home, &[]);
    let mut wallet = site.wallet(1);
    let order = pay(&site, &wallet, 90);
    let Reply::Recorded(first) = submit(&site, &order) else { panic!("a payment is refused") };
    let Reply::Recorded(second) = submit(&site, &order) else { panic!("the same is refused") };
    assert_eq!((first.leaf, &first.entry), (second.leaf, &second.entry));
    // Another order in its place is not the same, and is refused by number.
    let other = pay(&site, &wallet, 15);
    let Reply::Refused(refused) = submit(&site, &other) else { panic!("a second first order") };
    assert_eq!(refused.number, 7);
    wallet.recorded(&order);
    assert!(matches!(submit(&site, &pay(&site, &wallet, 15)), Reply::Recorded(_)));
    // Also after a start: what was recorded is not forgotten.
    node.kill();
    let _node = Daemon::start(&site.home, &[]);
    let Reply::Recorded(third) = submit(&site, &order) else { panic!("the same is refused") };
    assert_eq!((first.leaf, &first.entry), (third.leaf, &third.entry));
}

#[test]
fn noise_at_the_doors_harms_nobody() {
    let place = folder();
    let site = Site::found(place.path(), "tisserandes");
    let node = Daemon::start(&site.home, &[]);
    let noise: Vec<u8> =
        (0u32..70_000).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let frames: [&[u8]; 8] = [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        &[0xff; 64],
        &[0; 64],
        &[4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        &[0xff, 0xff, 0xff, 0x7f, 1, 2, 3],
        &[200, 0, 0, 0, 1],
        &noise,
    ];
    let socket = site.home.dir().join("node.sock");
    for bytes in frames {
        let mut near = UnixStream::connect(&socket).expect("the node listens");
        near.set_read_timeout(Some(Duration::from_secs(1))).expect("a socket has a timeout");
        // A node that has heard enough closes; both are fine.
        let _ = near.write_all(bytes);
        let _ = near.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = near.take(4_096).read_to_end(&mut answer);
        let mut far = TcpStream::connect(node.address()).expect("the node listens");
        let _ = far.write_all(bytes);
        let _ = far.shutdown(std::net::Shutdown::Write);
    }
    let order = pay(&site, &site.wallet(1), 15);
    assert!(matches!(submit(&site, &order), Reply::Recorded(_)));
    let stopped = node.stop();
    assert_eq!(stopped.code, Some(0), "{stopped:?}");
    assert!(!stopped.err.contains("panicked"), "{}", stopped.err);
}

#[test]
fn a_node_that_cannot_write_stops_saying_yes() {
    let place = folder();
    let site = Site::found(place.path(), "tisserandes");
    let node = Daemon::start(&site.home, &[]);
    let mut wallet = site.wallet(1);
    let first = pay(&site, &wallet, 15);
    let Reply::Recorded(receipt) = submit(&site, &first) else { panic!("a payment is refused") };
    wallet.recorded(&first);
    let mut acknowledged = vec![(first, receipt)];
    // From here on the system refuses every write of this process beyond this place in any file
    // (RLIMIT_FSIZE): the same way of errors as a disk that is full or gone.
    node.limit_files(16 * 1_024);
    let refusal = loop {
        let order = pay(&site, &wallet, 15);
        match submit(&site, &order) {
            Reply::Recorded(receipt) => {
                wallet.recorded(&order);
                acknowledged.push((order, receipt));
            }
            other => break other,
        }
        assert!(acknowledged.len() < 79, "the limit never bites");
    };
    assert_eq!(refusal, Reply::Unavailable(Unavailable::CannotWrite));
    // It stays at no, says so to whoever runs it, and says what to do.
    let again = submit(&site, &pay(&site, &wallet, 15));
    assert_eq!(again, Reply::Unavailable(Unavailable::CannotWrite));
    let status = site.home.run(&["node", "status", "--check", "--json"]);
    assert_eq!(status.code, Some(1), "{status:?}");
    assert!(status.out.contains("P0207") || status.err.contains("P0207"), "{status:?}");
    assert!(node.said().contains("the disk failed"), "{}", node.said());
    drop(node);
    // With room again, all that was acknowledged is there, and payments go on.
    let _node = Daemon::start(&site.home, &[]);
    assert!(acknowledged.len() > 5, "the limit bites after {}", acknowledged.len());
    for (order, receipt) in &acknowledged {
        let Reply::Recorded(found) = submit(&site, order) else { panic!("an order is gone") };
        assert_eq!((found.leaf, &found.entry), (receipt.leaf, &receipt.entry));
    }
    assert!(matches!(submit(&site, &pay(&site, &wallet, 15)), Reply::Recorded(_)));
}

#[test]
fn what_was_acknowledged_a_moment_ago_is_in_the_bundle() {
    let place = folder();
    let site = Site::found(place.path(), "tisserandes");
    let file = place.path().join("audit").display().to_string();
    let covered = |leaf: u64, when: &str| {
        let bundle = site.home.data(&["audit", "bundle", "-o", &file]);
        assert!(bundle["size"].as_u64() > Some(leaf), "{when}: {bundle}");
        let verdict = site.home.run(&["audit", "verify", &file]).code;
        assert_eq!(verdict, Some(20), "{when}");
        std::fs::remove_file(&file).expect("it was just written");
    };
    let mut wallet = site.wallet(1);
    let mut acknowledged = || {
        let order = pay(&site, &wallet, 15);
        let Reply::Recorded(receipt) = submit(&site, &order) else { panic!("not recorded") };
        wallet.recorded(&order);
        receipt.leaf
    };
    let node = Daemon::start(&site.home, &[]);
    covered(acknowledged(), "beside the running node");
    let leaf = acknowledged();
    node.kill();
    covered(leaf, "after it was killed");
    let node = Daemon::start(&site.home, &[]);
    let leaf = acknowledged();
    node.stop();
    covered(leaf, "after it was stopped");
}

#[test]
fn two_homes_ally_and_pay_each_other_and_an_older_image_signs_nothing() {
    let place = folder();
    let allied = Allied::new(place.path());
    let [zoe, ana] = &allied.members;
    let balance = |home: &Home| home.data(&["balance"])["minutes"].as_i64().expect("a number");
    // An older image of the first cité, as a backup of a running machine has it.
    let image = allied.cites[0].image(&place.path().join("older"));
    // Number 2 is who was admitted after the founder.
    wait_for("an account on both sides", || {
        let said = zoe.run(&["pay", "2@mariniers", "1h30", "--for", "Vélo", "--yes", "--json"]);
        (said.code == Some(0)).then_some(())
    });
    wait_for("hours that arrive", || (balance(ana) == 90).then_some(()));
    assert_eq!(balance(zoe), -90);
    let asked = zoe.data(&["ask", "30min", "--from", "2@mariniers", "--for", "Retour"]);
    let request = asked["uri"].as_str().expect("a link").to_owned();
    wait_for("an account on both sides", || {
        (ana.run(&["pay", &request, "--yes"]).code == Some(0)).then_some(())
    });
    wait_for("hours that come back", || (balance(zoe) == -60).then_some(()));
    // Whoever asked somebody by number knows her again when she pays.
    let founder = &allied.cites[0];
    let asked = founder.data(&["ask", "15min", "--from", "2@mariniers"]);
    let listed = founder.run(&["request", "list"]);
    assert!(listed.out.contains("2@mariniers"), "{listed:?}");
    ana.data(&["pay", asked["uri"].as_str().expect("a link"), "--yes"]);
    wait_for("hours that were asked for", || (balance(founder) == 15).then_some(()));
    let entry = &founder.data(&["history"])["entries"][0];
    assert_eq!((&entry["name"], &entry["with_number"]), (&"2@mariniers".into(), &2.into()));
    // The older image is started beside the cité that went on.
    let older = Daemon::start(&image, &[]);
    wait_for("a word about the copy", || older.said().contains("signs nothing").then_some(()));
    let status = image.run(&["node", "status", "--check", "--json"]);
    assert_eq!(status.code, Some(1), "{status:?}");
    assert!(status.out.contains("P0206") || status.err.contains("P0206"), "{status:?}");
    // It tells nobody what people had once as what they have: the wallet says how old its own answer is.
    let said = image.run(&["balance", "--json"]);
    assert_eq!((said.code, &said.answer()["fresh"]), (Some(0), &false.into()), "{said:?}");
    assert!(said.out.contains("P0214"), "{said:?}");
    for line in [&["member", "invite"][..], &["member", "list"], &["member", "admit"]] {
        let said = image.run(&[line, &["--json"]].concat());
        assert_eq!((said.code, said.error_code().as_str()), (Some(75), "P0214"), "{said:?}");
    }
    // What its steward signs is kept in the wallet, and is not recorded.
    let waits = image.run(&["pay", "2", "15min", "--yes", "--json"]);
    assert_eq!((waits.code, waits.error_code().as_str()), (Some(75), "P0310"), "{waits:?}");
    assert_eq!(older.stop().code, Some(0));
    // Nobody was convicted of anything, and life goes on.
    let listed = allied.cites[1].data(&["federation", "list"]);
    assert!(!listed.to_string().contains("\"convicted\":true"), "{listed}");
    zoe.data(&["pay", "1", "15min", "--yes"]);
    for node in allied.nodes {
        assert_eq!(node.stop().code, Some(0));
    }
}

#[test]
fn allies_know_one_another_and_say_what_changed() {
    let place = folder();
    let allied = Allied::new(place.path());
    let ([here, there], [zoe, _]) = (&allied.cites, &allied.members);
    // Only the line changes, or nothing does; nobody opens an account anew.
    for (line, changed) in [("90h", "Line of"), ("90h", "Nothing to change")] {
        let ally = ["federation", "ally", "mariniers", "--limit", line, "--yes", "--lang", "en"];
        let said = here.run(&ally);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.contains(changed) && !said.out.contains("opened"), "{said:?}");
    }
    let oneself =
        here.run(&["federation", "ally", "tisserandes", "--limit", "1h", "--yes", "--json"]);
    assert_eq!(oneself.error_code(), "P0715", "{oneself:?}");
    // A card of an ally needs no comparing of identities, also without any network.
    zoe.data(&["card", "show", "-o", "zoe.pirate-card"]);
    let card = zoe.dir().join("zoe.pirate-card").display().to_string();
    let checked = there.run(&["card", "check", &card, "--offline", "--json"]).answer();
    let open = checked["not_checked"].to_string();
    assert!(!open.contains("cite"), "{checked}");
    let stranger = person(place.path(), "lea");
    let said = stranger.run(&["card", "check", &card, "--json"]);
    assert_eq!(said.code, Some(20), "nothing here anchors it: {said:?}");
    let checked = said.answer();
    assert!(checked["not_checked"].to_string().contains("cite"), "{checked}");
}

#[test]
fn a_request_that_nobody_could_pay_is_not_signed() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let _node = Daemon::start(&cite, &[]);
    let zoe = admitted(&cite, place.path(), "zoe");
    for (amount, code) in [("7min", "P0425"), ("1000h15", "P0426"), ("0min", "P0407")] {
        let said = zoe.run(&["ask", amount, "--json"]);
        assert_eq!((said.code, said.error_code().as_str()), (Some(4), code), "{said:?}");
    }
    let said = zoe.run(&["ask", "1000h15", "--lang", "en"]);
    assert!(!said.err.contains("+1000"), "{said:?}");
    zoe.data(&["ask", "15min"]);
    let listed = zoe.data(&["request", "list"]);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
}

#[test]
fn a_damaged_log_is_said_with_what_helps() {
    let place = folder();
    let site = Site::found(place.path(), "tisserandes");
    let file = site.home.node().join("log/00000000.seg");
    let mut bytes = std::fs::read(&file).expect("a log has a file");
    bytes[200] ^= 1;
    std::fs::write(&file, bytes).expect("it is ours");
    let said = site.home.run(&["node", "run", "--listen", "127.0.0.1:0", "--json"]);
    // Not 1: a service manager must not start it again and again.
    assert_eq!((said.code, said.error_code().as_str()), (Some(78), "P0204"), "{said:?}");
    assert!(said.err.contains("noeud verifier") || said.err.contains("\"scrub\""), "{said:?}");
    let said = site.home.run(&["node", "rebuild", "--check-only", "--json"]);
    assert_eq!(said.error_code(), "P0204", "{said:?}");
}

#[test]
fn another_network_is_refused() {
    let place = folder();
    let here = founded(place.path(), "tisserandes");
    let _here = Daemon::start(&here, &[]);
    let there = person(place.path(), "ruchers");
    let line = ["cite", "found", "--name", "ruchers", "--place", "Die", "--yes", "--test-network"];
    let rest = ["--network", "ailleurs", "--words-output", "mots-de-la-cite.txt"];
    there.data(&[&line[..], &rest].concat());
    let _there = Daemon::start(&there, &[]);
    let invitation = text_of(&there.data(&["member", "invite"]));
    let said = here.run(&["federation", "join", &invitation, "--yes", "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(4), "P0730"), "{said:?}");
    let reply = UnixStream::connect(here.dir().join("node.sock")).map(|_| ());
    assert!(reply.is_ok(), "the node runs on");
    let peers = here.data(&["node", "peers"]);
    assert_eq!(peers["items"], Value::Array(Vec::new()));
}

#[test]
fn only_whoever_runs_the_machine_stops_a_node() {
    let place = folder();
    let site = Site::found(place.path(), "tisserandes");
    let node = Daemon::start(&site.home, &[]);
    let reach = node::client::Reach::Network {
        node: proto::keys::PublicKey(site.house.network_key.public().0),
        addresses: vec![node.address().to_owned()],
        network: site.house.network,
        home: site.house.id,
    };
    let mut far = node::client::Client::connect(&reach, harness::processes::PATIENCE)
        .expect("the node listens");
    for operator in [Operator::Stop, Operator::Status, Operator::Peers] {
        let frame = proto::desk::Frame { home: None, call: Call::Operator(operator) };
        let reply = far.call(&frame).expect("it replies");
        assert_eq!(reply, Reply::Unavailable(Unavailable::LocalOnly));
    }
    let stop = site.desk().expect("the node runs").call(None, Call::Operator(Operator::Stop));
    assert_eq!(stop.expect("it replies"), Reply::Done);
    assert_eq!(node.ended(), Some(0));
}
