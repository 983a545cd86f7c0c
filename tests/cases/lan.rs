//! Nodes in one local network that know nothing of each other but `--mdns`. The network is one of
//! this test's own, in a namespace of the kernel, so that nobody else hears of it; a machine that gives
//! no namespace (`unshare`, `ip` and the right to use them) is told so by name, and the case is left out.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use harness::processes::{Daemon, Site, program, wait_for};
use proto::desk::{Call, Reply};

/// Tells the case that it runs inside the namespace.
const INSIDE: &str = "PIRATE_LAN";

/// Makes the local network: a bridge without a wire carries what the machine sends to itself.
const MAKE: &str = "ip link set lo up && ip link add lan type bridge && \
                    ip address add 10.47.17.1/24 dev lan && \
                    ip address add 10.47.18.1/24 dev lan && ip link set lan up multicast on && \
                    ip route add 224.0.0.0/4 dev lan";

/// Runs a line of a shell in a namespace with a local network.
fn inside(line: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "sh", "-c"]);
    command.arg(format!("{MAKE} && {line}")).stdin(Stdio::null());
    command
}

#[test]
fn nodes_find_each_other_in_the_local_network() {
    if std::env::var_os(INSIDE).is_some() {
        return find_each_other();
    }
    let case = "lan::nodes_find_each_other_in_the_local_network";
    let possible = inside("true").output();
    let why = match &possible {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(why) = why {
        // Not with a macro: those are kept from whoever runs the tests while a case does not fail.
        let said = writeln!(std::io::stderr(), "LEFT OUT: {case}: no network namespace: {why}");
        return said.expect("stderr is open");
    }
    // Built here where need be: in there nothing could be fetched.
    program();
    let me = std::env::current_exe().expect("this test is a program");
    let output = inside("exec \"$0\" --exact \"$1\" --test-threads 1")
        .arg(me)
        .arg(case)
        .env(INSIDE, "1")
        .output()
        .expect("it could be started a moment ago");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.contains("1 passed"), "the case did not run: {out}");
}

/// Returns whether the node of a cité is connected to the other's.
fn knows(site: &Site, other: &Site) -> bool {
    let reply = site.desk().and_then(|mut desk| desk.call(None, Call::Cites));
    let Ok(Reply::Cites(cites)) = reply else { return false };
    let founding = harness::people::founding_bytes(&other.house);
    cites.iter().any(|known| known.connected && known.founding == founding)
}

fn find_each_other() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let slugs = ["tisserandes", "mariniers", "ruchers", "vignerons"];
    let [here, there, third, deaf] = slugs.map(|slug| Site::found(place.path(), slug));
    // At every address of the machine, as most people have it: mDNS tells them all, and at some of them
    // whoever hears it meets nobody.
    let start = |site: &Site, args: &[&str]| {
        Daemon::start(&site.home, &[&["--listen", "0.0.0.0:0"], args].concat())
    };
    let all_know = |sites: &[&Site]| {
        let pairs = sites.iter().flat_map(|a| sites.iter().map(move |b| (a, b)));
        pairs.filter(|(a, b)| a.house.id != b.house.id).all(|(a, b)| knows(a, b)).then_some(())
    };
    // Who did not ask for it neither calls nor is called, however long the others talk.
    let alone = start(&deaf, &[]);
    let first = start(&here, &["--mdns"]);
    let second = start(&there, &["--mdns"]);
    wait_for("two nodes that find each other", || all_know(&[&here, &there]));
    let late = start(&third, &["--mdns"]);
    wait_for("one that comes later", || all_know(&[&here, &there, &third]));
    first.kill();
    let again = start(&here, &["--mdns"]);
    wait_for("one that comes back", || all_know(&[&here, &there, &third]));
    for site in [&here, &there, &third] {
        assert!(!knows(site, &deaf) && !knows(&deaf, site), "mDNS was not asked for");
    }
    for node in [alone, second, late, again] {
        assert_eq!(node.stop().code, Some(0));
    }
}
