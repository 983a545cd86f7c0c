//! The end of a cité: it closes for good, or is lost with everything, and its heirs take it up and close it.

use std::{fs, path::Path};

use ledger::mirror::SILENCE_MS;

use super::losses::{THREE, WORDS, stands_up};
use crate::processes::{Home, Machine, SLUGS, Said, admitted, allied, clock, wait_for};

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

/// Returns how many milliseconds of silence each witness of a log still waits for, as its heirs' node says.
fn silence_missing(heir: &Home) -> Vec<u64> {
    let status = heir.status();
    let witnesses = status["recovery"]["witnesses"].as_array().cloned().unwrap_or_default();
    witnesses.iter().filter_map(|witness| witness["silence_missing_ms"].as_u64()).collect()
}

/// Writes down that the thirty days passed, where the node of a witness counts them: while it was running itself, which
/// no drill can wait for.
fn watched(witness: &mut Machine) {
    witness.stop();
    let copies = fs::read_dir(witness.home.node().join("mirrors")).expect("it has copies");
    let files = copies.map(|copy| copy.expect("a copy").path().join("silence"));
    let file = files.into_iter().find(|file| file.exists()).expect("it counts");
    let counted = [clock().0, SILENCE_MS].map(u64::to_le_bytes).concat();
    fs::write(file, counted).expect("the directory is ours");
    witness.start();
}

pub(super) fn heirs(place: &Path) {
    let mut machines = allied(place, &THREE);
    let [machine, allies @ ..] = machines.as_mut_slice() else { panic!("three were founded") };
    let lost = machine.home.clone();
    let zoe = admitted(&lost, place, "zoe");
    let ana = admitted(&allies[0].home, place, "ana");
    lost.data(&["cite", "heirs", THREE[1], THREE[2], "--words-file", WORDS, "--yes"]);
    zoe.pays(&["2@mariniers", "1h"]);
    ana.until_balance(60, "hours that arrive");
    ana.pays(&["2@tisserandes", "15min"]);
    zoe.until_balance(-45, "hours that come back");
    zoe.pays(&["1", "15min"]);
    lost.until_confirmed();
    // The machine, the words, and whoever knew them.
    machine.kill();
    fs::remove_dir_all(lost.dir()).expect("the directory is ours");

    let heir = Home::at(place.join("reprise"));
    let petition = place.join("petition.txt").display().to_string();
    let invitation = allies[0].invitation();
    let with = ["--petition", petition.as_str(), "--via", invitation.as_str()];
    heir.data(&[&["node", "inherit", THREE[0]], &with[..]].concat());
    let finish = [&["node", "inherit", "--json"], &with[..]].concat();
    let said = heir.run(&finish);
    assert_eq!(said.error_code(), "P0728", "nobody signed yet: {said:?}");
    let signs = ["cite", "petition", petition.as_str(), "--words-file", WORDS, "--yes"];
    for (ally, enough) in allies.iter().zip([false, true]) {
        let said = ally.home.data(&signs);
        assert_eq!(said["signatures"] == said["threshold"], enough, "{said}");
    }
    let said = heir.run(&finish).data();
    assert_eq!((&said["prepared"], &said["incarnation"]), (&true.into(), &1.into()), "{said}");
    // Where the node was, so that wallets find it.
    let mut machine = Machine::of(heir.clone(), machine.address.clone());
    let days = SILENCE_MS - 3_600_000;
    wait_for("witnesses that count", || {
        let missing = silence_missing(&heir);
        (missing.len() == 2 && missing.iter().all(|missing| *missing > days)).then_some(())
    });
    assert_eq!(heir.status()["signing"], false);
    let said = zoe.run(&["pay", "1", "15min", "--yes", "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(75), "P0310"), "{said:?}");
    // Its node asks again an hour later, or when it is started.
    machine.stop();
    allies.iter_mut().for_each(watched);
    machine.start();
    heir.until_it_signs();

    // All is as it stood, and life goes on, abroad too.
    zoe.until_balance(-75, "the payment that waited in its wallet");
    zoe.pays(&["2@mariniers", "15min"]);
    ana.until_balance(60, "hours that arrive");
    heir.until_confirmed();
    let shown = heir.data(&["cite", "show"]);
    assert_eq!(shown["incarnation"], 1, "{shown}");
    stands_up(&heir, place);
    stands_up(&allies[1].home, place);

    // Any heir closes it; the words that closed it once are lost.
    let words = allies[1].home.dir().join(WORDS);
    fs::copy(words, heir.dir().join(WORDS)).expect("an heir came by");
    assert_eq!(closes(&heir, WORDS).data()["closed"], true);
    let said = zoe.run(&["pay", "1", "15min", "--yes", "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(4), "P0727"), "{said:?}");
    ana.pays(&["2@tisserandes", "30min"]);
    wait_for("hours that come back to who paid", || {
        (ana.balance() == 60 && ana.data(&["history"]).to_string().contains("return")).then_some(())
    });
    until_ended(&heir, &[&allies[0].home]);
    machine.stop();
}
