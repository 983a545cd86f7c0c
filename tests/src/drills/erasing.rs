//! Somebody asks to be erased, while an ally is away and the node is killed in the middle of it.

use std::path::Path;

use super::losses::stands_up;
use crate::processes::{Home, Machine, SLUGS, admitted, allied, wait_for};

/// What Zoé wrote, and nobody else.
const WORDS: &str = "garde des jumelles";

/// Returns whether somebody still reads her words in the own history.
fn reads(home: &Home) -> bool {
    home.data(&["history"]).to_string().contains(WORDS)
}

pub(super) fn erase(place: &Path) {
    let mut machines = allied(place, &SLUGS);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    let ana = admitted(&ally.home, place, "ana");
    zoe.pays(&["1", "15min", "--for", WORDS]);
    zoe.pays(&["2@mariniers", "30min", "--for", WORDS]);
    ana.until_balance(30, "hours that arrive");
    assert!(reads(&cite) && reads(&ana));
    let erase = ["member", "erase", "2"];
    let said = zoe.run(&[&erase[..], &["--yes", "--json"]].concat());
    assert_eq!((said.code, said.error_code().as_str()), (Some(4), "P0701"), "{said:?}");
    ally.stop();
    let dry = cite.data(&[&erase[..], &["--dry-run"]].concat());
    assert_eq!((&dry["state"], &dry["waiting"]), (&"none".into(), &serde_json::json!([SLUGS[1]])));
    assert!(reads(&cite), "a dry run erases nothing");
    let said = cite.data(&[&erase[..], &["--yes"]].concat());
    assert_eq!(said["waiting"], serde_json::json!([SLUGS[1]]), "{said}");
    machine.kill();
    machine.start();
    machine.home.until_it_signs();
    ally.start();
    // Run again, the command says how far it has come.
    wait_for("an ally that answers", || {
        let said = cite.data(&erase);
        let waiting = said["waiting"].as_array().expect("a list");
        (said["state"] == "erased" && waiting.is_empty()).then_some(())
    });
    wait_for("words that are gone at the ally", || (!reads(&ana)).then_some(()));
    assert!(!reads(&cite));
    let members = cite.data(&["member", "list"]);
    let mut items = members["items"].as_array().expect("a list").iter();
    let hers = items.find(|item| item["number"] == 2).expect("her account stays");
    assert_eq!(
        (&hers["alias"], &hers["balance_min"]),
        (&serde_json::Value::Null, &(-45).into()),
        "{hers}"
    );
    // What she writes from now on is recorded, and nobody reads it.
    zoe.pays(&["1", "15min", "--for", WORDS]);
    assert!(!reads(&cite));
    stands_up(&cite, place);
    machines.iter_mut().for_each(Machine::stop);
}
