//! Cases that mount file systems or reach into a running process, and the rights and programs that a machine
//! may lack for that. Each case runs in a process and a namespace of its own, where what it mounts goes with
//! it. What cannot be shown here is left out by name, and counted.

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::Command,
    sync::{Mutex, PoisonError},
};

use crate::{processes::program, volume};

/// What a case may need beyond a directory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Need {
    /// To mount a file system in memory, in a namespace of its own.
    Memory,
    /// To make an ext4 and mount it from a file: `mkfs.ext4` and loop devices.
    Image,
    /// To cut an ext4 off in the middle of a call: a C compiler and a call of the kernel.
    Sudden,
    /// To let calls of a running process fail: `strace`.
    Strace,
    /// To lay wires between namespaces of the network: `ip` and `nsenter`.
    Network,
    /// To drop packets by a program of the kernel's: `tc`.
    Filter,
    /// To let a wire carry little: `tc`.
    Rate,
    /// To give a process a clock of its own: a C compiler, and a C library that loads another before it.
    Preload,
}

/// Every case that a machine may not be able to show, and what it needs.
pub const CASES: &[(&str, &[Need])] = &[
    ("power::what_was_acknowledged_survives_every_power_cut", &[Need::Image]),
    ("power::the_power_may_go_in_the_middle_of_a_sync", &[Need::Image, Need::Sudden]),
    ("power::without_syncs_a_power_cut_takes_what_was_acknowledged", &[Need::Image, Need::Strace]),
    ("power::a_sync_that_fails_is_not_tried_again", &[Need::Memory, Need::Strace]),
    ("power::a_full_disk_is_said_and_takes_nothing", &[Need::Memory]),
    ("refusing::any_sync_of_a_commit_may_fail", &[Need::Memory, Need::Strace]),
    ("refusing::a_disk_that_turns_read_only_stops_the_node", &[Need::Image]),
    ("refusing::a_thin_disk_whose_store_is_full_stops_the_node", &[Need::Memory, Need::Image]),
];

/// Tells a case that it runs where it may mount.
const INSIDE: &str = "PIRATE_MOUNTS";

/// How a process gets a namespace of its own, where nothing that it mounts is seen by others.
const ALONE: [&str; 4] = ["unshare", "--mount", "--propagation", "private"];

/// Runs a case where it may mount. On a machine that cannot show it, it is left out:
/// [`left_out`] says so once for all.
///
/// # Panics
/// When the case is not in [`CASES`], or fails.
pub fn with_rights(case: &str, run: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return run();
    }
    let known = CASES.iter().find(|(name, _)| *name == case);
    let (_, needs) = known.unwrap_or_else(|| panic!("{case} is not in the list"));
    if lacking(needs).is_some() {
        return;
    }
    program();
    let me = std::env::current_exe().expect("this test is a program");
    let [first, rest @ ..] = ALONE;
    let output = Command::new(first)
        .args(rest)
        .arg(me)
        .args(["--exact", case, "--nocapture", "--test-threads", "1"])
        .env(INSIDE, "1")
        .output()
        .expect("it could be started a moment ago");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.contains("1 passed"), "the case did not run: {out}");
    // Shown where the harness shows what a case says.
    #[expect(clippy::print_stdout, reason = "a run that fails must say how to repeat it")]
    let () = println!("{out}");
}

/// Returns the cases that this machine cannot show and why, and says them to whoever runs the tests.
pub fn left_out() -> Vec<String> {
    let why = |(case, needs): &(&str, &[Need])| Some(format!("{case} ({})", lacking(needs)?));
    let out: Vec<String> = CASES.iter().filter_map(why).collect();
    if !out.is_empty() {
        let line = format!("LEFT OUT: {} of {}: {}\n", out.len(), CASES.len(), out.join("; "));
        // Not with a macro: those are kept from whoever runs the tests while a case does not fail.
        std::io::stderr().write_all(line.as_bytes()).expect("stderr is open");
    }
    out
}

/// Returns what this machine lacks of `needs`, or `None` where it has all. Each is tried for real, once.
pub fn lacking(needs: &[Need]) -> Option<String> {
    static TRIED: Mutex<BTreeMap<Need, Option<String>>> = Mutex::new(BTreeMap::new());
    let mut tried = TRIED.lock().unwrap_or_else(PoisonError::into_inner);
    needs.iter().find_map(|need| tried.entry(*need).or_insert_with(|| attempt(*need).err()).clone())
}

/// Returns a script that runs another where two namespaces of the network are joined by a wire.
fn alone_in_a_network(script: &str) -> String {
    let script = script.replace('\'', "'\\''");
    format!(
        "exec unshare --net sh -c 'mount -t tmpfs tmpfs /run && ip link add joins type bridge && \
         ip netns add n && ip link add wire type veth peer name eth0 netns n && {script}'"
    )
}

fn attempt(need: Need) -> Result<(), String> {
    let place = tempfile::tempdir().map_err(|error| error.to_string())?;
    let at = place.path().display();
    let image = format!(
        "truncate -s 8M {at}/f && mkfs.ext4 -q -F {at}/f && mkdir {at}/m && mount -o loop {at}/f {at}/m"
    );
    let script = match need {
        Need::Memory => format!("mount -t tmpfs -o size=1M tmpfs {at}"),
        Need::Image => image,
        Need::Sudden => format!("{image} && {} {at}/m", volume::cutter()?.display()),
        // Nobody needs rights for a child of their own, but a sandbox may forbid it.
        Need::Strace => {
            "strace -D -f -qq -o /dev/null -e trace=fsync -e inject=fsync:error=EIO true".into()
        }
        Need::Network => alone_in_a_network("nsenter --net=/run/netns/n true"),
        Need::Filter => alone_in_a_network(
            "tc qdisc add dev wire clsact && \
             tc filter add dev wire egress bpf direct-action bytecode '1,6 0 0 2'",
        ),
        Need::Rate => alone_in_a_network(
            "tc qdisc add dev wire root tbf rate 64kbit burst 16kbit latency 300ms",
        ),
        // A clock that shows a time 136 years from now, or later.
        Need::Preload => format!(
            "printf '\\0\\0\\0\\0\\1\\0\\0\\0' >{at}/clock && test 4294967296 -lt \
             $(PIRATE_TEST_CLOCK={at}/clock LD_PRELOAD={} date +%s)",
            volume::clock()?.display()
        ),
    };
    let said = volume::run(&[&ALONE[..], &["sh", "-c", &script]].concat());
    said.map_err(|why| why.lines().next().unwrap_or_default().to_owned())
}
