//! The end of a cité that closes for good.

use std::path::Path;

use super::losses::{WORDS, stands_up};
use crate::processes::{Home, Machine, SLUGS, Said, admitted, allied, wait_for};

/// Closes a cité with the words in a file of its home; returns what the program said.
fn closes(home: &Home, words: &str) -> Said {
    home.run(&["cite", "close", "--words-file", words, "--yes", "--json"])
}

/// Waits until a closed cité wrote its last message to every ally, and these took it.
fn until_ended(home: &Home, allies: &[&Home]) {
    wait_for("the last message to each ally", || {
        let said = home.data(&["cite", "close"]);
        (said["waiting"].as_array().is_some_and(Vec::is_empty)).then_some(())
    });
    let slug = home.data(&["cite", "close"])["slug"].clone();
    for ally in allies {
        wait_for("an ally that took it", || {
            let listed = ally.data(&["federation", "list"]);
            let mut items = listed["items"].as_array().expect("a list").iter();
            let closed = items.find(|item| item["slug"] == slug)?;
            (closed["account"]["ended"] == true).then_some(())
        });
    }
}

pub(super) fn close(place: &Path) {
    let mut machines = allied(place, &SLUGS);
    let [machine, ally] = machines.as_mut_slice() else { panic!("two were founded") };
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    let ana = admitted(&ally.home, place, "ana");
    zoe.pays(&["2@mariniers", "1h"]);
    ana.until_balance(60, "hours that arrive");
    ana.pays(&["2@tisserandes", "15min"]);
    zoe.until_balance(-45, "hours that come back");
    // It is not known here yet that these arrived.
    zoe.pays(&["2@mariniers", "30min"]);
    ana.until_balance(75, "hours that arrive");
    cite.until_confirmed();
    let said = closes(&cite, "mots.txt");
    assert_eq!(said.error_code(), "P0120", "a member's words close nothing: {said:?}");
    let dry = ["cite", "close", "--words-file", WORDS, "--yes", "--dry-run"];
    assert_eq!(cite.data(&dry)["closed"], false);
    zoe.pays(&["1", "15min"]);
    // Somebody of the other cité pays while this one closes.
    let said = closes(&cite, WORDS).data();
    assert_eq!((&said["closed"], &said["waiting"]), (&true.into(), &serde_json::json!([SLUGS[1]])));
    let said = zoe.run(&["pay", "1", "15min", "--yes", "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(4), "P0727"), "{said:?}");
    ana.pays(&["2@tisserandes", "30min"]);
    wait_for("hours that come back to who paid", || {
        let text = ana.data(&["history"]).to_string();
        (ana.balance() == 75 && text.contains("return")).then_some(())
    });
    // What came last says that the half hour arrived: without it, the ally says so within a day.
    until_ended(&cite, &[&ally.home]);
    let said = ana.run(&["pay", "2@tisserandes", "15min", "--yes", "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(4), "P0727"), "{said:?}");
    // Life goes on at the ally, balances stay written, and the whole log fits in a file that stands up anywhere.
    ana.pays(&["1", "15min"]);
    assert_eq!(zoe.balance(), -90);
    stands_up(&cite, place);
    machines.iter_mut().for_each(Machine::stop);
}
