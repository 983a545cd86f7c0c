//! A disk that is full, and one that the kernel gave up: the node says no, members are told why, and nothing that
//! was acknowledged is missing afterwards.

use std::path::Path;

use crate::{
    processes::{Home, Machine, SLUGS, Said, admitted, wait_for},
    volume::{Disk, Volume},
};

const MIB: u64 = 1_024 * 1_024;

/// Checks that a payment is not recorded, is kept, and that its author is told why in both languages.
fn is_told(pay: &dyn Fn(&[&str]) -> Said, words: [&str; 2]) {
    for (lang, words) in ["fr", "en"].into_iter().zip(words) {
        let said = pay(&["--lang", lang]);
        assert_eq!(said.code, Some(75), "{said:?}");
        let text = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("P0310") && text.contains(words), "{lang}: {said:?}");
    }
}

/// Checks that the page of a code says what to do, in both languages.
fn explains(home: &Home, code: &str, words: [&str; 2]) {
    for (lang, words) in ["fr", "en"].into_iter().zip(words) {
        let page = home.run(&["explain", code, "--lang", lang]);
        let text = page.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words), "{lang}: {page:?}");
    }
}

/// What is reserved for the log is enough for the payments until the node looks how much is free.
pub(super) fn full(place: &Path) {
    let at = place.join("small");
    let small = Volume::in_memory(&at, 96 * MIB).expect("it could be mounted a moment ago");
    let mut machine = Machine::found(&at, SLUGS[0]);
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    let pay = |words: &[&str]| zoe.run(&[&["pay", "1", "15min", "--yes"], words].concat());
    assert_eq!(pay(&[]).code, Some(0));
    small.fill();
    wait_for("a node that looks at its disk", || (cite.status()["signing"] == false).then_some(()));
    is_told(&pay, ["presque plein", "nearly full"]);
    assert!(cite.has_alert("P0208"));
    explains(&cite, "P0208", ["Faire de la place", "Make room"]);
    small.grow(192 * MIB);
    cite.until_it_signs();
    assert_eq!(pay(&[]).code, Some(0), "it goes on by itself");
    machine.stop();
}

pub(super) fn fails(place: &Path) {
    let at = place.join("mounted");
    let mut disk = Disk::new(place, &at).expect("it could be mounted a moment ago");
    let mut machine = Machine::found(&at, SLUGS[0]);
    let cite = machine.home.clone();
    let zoe = admitted(&cite, place, "zoe");
    let pay = |words: &[&str]| zoe.run(&[&["pay", "1", "15min", "--yes"], words].concat());
    assert_eq!(pay(&[]).code, Some(0));
    disk.give_up();
    is_told(&pay, ["ne peut plus écrire", "can no longer write"]);
    assert!(cite.has_alert("P0207"));
    explains(&cite, "P0207", ["relancer le nœud", "start the node again"]);
    machine.kill();
    // The disk that is put in its place holds what reached it.
    disk.freeze();
    disk.back();
    machine.start();
    cite.until_it_signs();
    assert_eq!(pay(&[]).code, Some(0), "payments go on");
    // The first, the two that its wallet kept, and this one.
    assert_eq!(zoe.balance(), -60);
    machine.kill();
}
