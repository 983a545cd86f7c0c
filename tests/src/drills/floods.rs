//! Somebody who floods a node: who it is, how it is kept out, and what it costs where it is an ally.

use std::{path::Path, time::Duration};

use serde_json::Value;

use crate::{
    hostile::{Attack, Traffic, attack as misbehave},
    people::network,
    processes::{Home, Machine, SLUGS, admitted, free_address, person, wait_for},
};

/// Longer than the drill looks at it.
const LASTS: Duration = Duration::from_secs(600);

pub(super) fn attack(place: &Path) {
    let mut machines = SLUGS.map(|slug| founded(place, slug));
    let [machine, ally] = &mut machines;
    machine.ally(ally, SLUGS[1], "100h");
    ally.ally(machine, SLUGS[0], "100h");
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    zoe.pays(&["1@mariniers", "15min"]);
    ally.home.until_balance(15, "hours that arrive");

    // Gossip of no kind that anybody knows, as fast as it goes.
    let flood = tokio::runtime::Runtime::new().expect("the system has threads");
    let victim = (machine.address.clone(), [9; 32]);
    flood.spawn(misbehave(Attack::Unknown, victim, LASTS, Traffic::default()));
    let first = wait_for("somebody who says what is wrong", || {
        let first = top(&cite)[0].clone();
        // What was told before is told once, however often it comes.
        (first["invalid"].as_u64() >= Some(20)).then_some(first)
    });
    cite.until_alert("W0306");
    assert_eq!((&first["cite"], &first["at"]), (&Value::Null, &"127.0.0.1".into()), "{first}");
    let key = first["node"].as_str().expect("it has a key").to_owned();
    let blocked = cite.data(&["node", "block", &key]);
    assert_eq!((&blocked["changed"], &blocked["acting"]), (&true.into(), &true.into()));
    wait_for("a connection that is closed", || (!is_connected(&cite, &key)).then_some(()));
    zoe.pays(&["1", "15min"]);
    assert!(!is_connected(&cite, &key), "it came back");

    // An ally may be blocked: nothing is lost, and it is said as long as it lasts.
    let theirs = ally_key(&cite);
    let said = cite.run(&["node", "block", &theirs]);
    assert!(said.code == Some(0) && said.err.contains(SLUGS[1]), "{said:?}");
    cite.until_alert("W0304");
    zoe.pays(&["1@mariniers", "30min"]);
    // With the node stopped, too; and nobody is forgotten by a start.
    machine.stop();
    cite.data(&["node", "block", "198.51.100.7/24"]);
    machine.start();
    let list = cite.data(&["node", "block"]);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(3), "{list}");
    cite.until_it_signs();
    assert!(!is_connected(&cite, &theirs) && !is_connected(&cite, &key), "somebody came back");
    assert_eq!(ally.home.balance(), 15, "hours wait");
    cite.data(&["node", "block", &theirs, "--lift"]);
    ally.home.until_balance(45, "hours that waited");
    assert!(!cite.has_alert("W0304"));
    assert!(!is_connected(&cite, &key), "whoever floods is blocked still");
    flood.shutdown_background();
}

/// Founds a cité in the network that the hostile peer speaks, and starts its node.
fn founded(place: &Path, slug: &str) -> Machine {
    let home = person(place, slug);
    let line = ["cite", "found", "--name", slug, "--place", "Lyon", "--network", &network().name];
    let more = ["--test-network", "--yes", "--words-output", "mots-de-la-cite.txt"];
    home.data(&[&line[..], &more].concat());
    Machine::of(home, free_address())
}

fn top(cite: &Home) -> Value {
    cite.data(&["node", "peers", "--top"])["items"].clone()
}

fn is_connected(cite: &Home, key: &str) -> bool {
    let peers = cite.data(&["node", "peers"])["items"].clone();
    peers.as_array().is_some_and(|peers| peers.iter().any(|peer| peer["node"] == key))
}

fn ally_key(cite: &Home) -> String {
    let peers = cite.data(&["node", "peers"])["items"].clone();
    let ally = peers.as_array().and_then(|all| all.iter().find(|at| at["slug"] == SLUGS[1]));
    ally.and_then(|ally| ally["node"].as_str()).expect("the ally is connected").to_owned()
}
