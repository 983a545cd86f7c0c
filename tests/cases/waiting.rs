//! Commands that wait for a node which stands still, or for another command: after two seconds they say for
//! what, and `--timeout` is the time of the whole command.

use std::{
    fs::File,
    time::{Duration, Instant},
};

use harness::processes::{Daemon, Home, Said, admitted, founded, free_address, person, text_of};

/// What the commands are given here.
const TIMEOUT: Duration = Duration::from_secs(3);
/// What starting a program and opening a key may add on a busy machine.
const AROUND: Duration = Duration::from_secs(20);

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

/// Runs a command with `--timeout 3s`, which it uses up and not more.
fn waits(home: &Home, line: &[&str]) -> Said {
    let begun = Instant::now();
    let said = home.run(&[line, &["--timeout", "3s"]].concat());
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(2) && took < TIMEOUT + AROUND, "{took:?}: {said:?}");
    assert_eq!(said.code, Some(75), "{line:?}: {said:?}");
    said
}

/// The line that says what goes on, of which there is one: none within the next ten seconds.
fn progress(said: &Said) -> &str {
    let after = |line: &str| line.rsplit_once("… ")?.1.strip_suffix(" s")?.parse::<u64>().ok();
    let lines: Vec<&str> = said.err.lines().filter(|line| after(line).is_some()).collect();
    match lines.as_slice() {
        [line] => line,
        lines => panic!("{} lines of progress: {said:?}", lines.len()),
    }
}

fn wallet_lock(home: &Home) -> File {
    let mut wallets = home.dir().join("wallets").read_dir().expect("the member has a wallet");
    let wallet = wallets.next().expect("there is one").expect("it can be read");
    let path = wallet.path().join("lock");
    let lock = File::options().write(true).open(path).expect("a command was here");
    lock.lock().expect("nobody else has it");
    lock
}

fn place_of(home: &Home) -> String {
    home.dir().join("node.sock").display().to_string()
}

#[test]
fn a_node_that_stands_still_is_waited_for_aloud_and_within_the_time_of_the_command() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let node = Daemon::start(&cite, &["--listen", &free_address()]);
    let zoe = admitted(&cite, place.path(), "zoe");
    let invitation = text_of(&cite.data(&["member", "invite"]));
    let applicant = person(place.path(), "ana");
    node.hold();
    std::thread::scope(|scope| {
        // One command at a time has a wallet; what needs none waits beside.
        scope.spawn(|| {
            for line in [&["balance"][..], &["pay", "1", "1h", "--yes"], &["card", "show"]] {
                // Another machine's node: the way to it is what takes the time.
                let said = waits(&zoe, line);
                assert!(progress(&said).contains("Liaison"), "{said:?}");
            }
            let said = waits(&zoe, &["balance", "--json"]);
            assert_eq!(said.error_code(), "P0302");
            assert_eq!(said.err.lines().count(), 1, "nothing beside the object: {said:?}");
            let said = waits(&zoe, &["balance", "--quiet"]);
            assert!(!said.err.contains(" s\n"), "{said:?}");
        });
        scope.spawn(|| {
            for line in
                [&["member", "list"][..], &["member", "admit", "--all"], &["cite", "approve"]]
            {
                assert!(progress(&waits(&cite, line)).contains("Liaison"));
            }
        });
        for line in [&["node", "status"][..], &["node", "peers"], &["cite", "show"], &["status"]] {
            let cite = &cite;
            scope.spawn(move || {
                let said = waits(cite, line);
                assert!(progress(&said).contains(&place_of(cite)), "{said:?}");
            });
        }
        scope.spawn(|| {
            let said = waits(&applicant, &["join", &invitation, "--accept-charter", "--yes"]);
            assert!(progress(&said).contains("Attente du nœud"), "{said:?}");
        });
    });
    node.go_on();
    assert_eq!(zoe.run(&["balance"]).code, Some(0));
}

#[test]
fn a_wallet_that_another_command_has_is_waited_for_aloud_and_within_the_time_of_the_command() {
    let place = folder();
    let cite = founded(place.path(), "tisserandes");
    let _node = Daemon::start(&cite, &["--listen", &free_address()]);
    let lock = wallet_lock(&cite);
    let said = waits(&cite, &["balance"]);
    assert!(said.err.contains("P0210"), "{said:?}");
    assert!(progress(&said).contains("Une autre commande"), "{said:?}");
    assert_eq!(waits(&cite, &["balance", "--json"]).error_code(), "P0210");
    // Whoever only reads waits for nobody.
    for line in [&["status"][..], &["key", "show"]] {
        let begun = Instant::now();
        let said = cite.run(line);
        assert!(said.code == Some(0) && begun.elapsed() < TIMEOUT + AROUND, "{said:?}");
        assert!(!said.err.contains("Une autre commande"), "{said:?}");
    }
    drop(lock);
    assert_eq!(cite.run(&["balance"]).code, Some(0));
}
