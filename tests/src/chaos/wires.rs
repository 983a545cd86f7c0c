//! A local network: every node in a namespace of its own, at a bridge that joins them. A wire may lose packets,
//! carry little, or carry nothing. The kernel does all of it; nothing passes through this process.

use std::net::Ipv4Addr;

use super::plan::{Fault, Kind};
use crate::volume::run;

/// The network of a run; nobody outside of its namespace sees it.
const NET: [u8; 3] = [10, 47, 19];

/// Where the source address stands in a packet, counted from the first byte of its frame.
const SOURCE: u32 = 26;

/// The word of the kernel that is another number each time (`SKF_AD_RANDOM`).
const RANDOM: u32 = 4_294_963_256;

/// Runs a line of words.
fn line(words: &str) -> Result<(), String> {
    let words: Vec<&str> = words.split(' ').collect();
    run(&words).map_err(|why| format!("{}: {why}", words.join(" ")))
}

/// The wires of all nodes.
pub(super) struct Wires {
    nodes: usize,
}

impl Wires {
    /// Lays them.
    pub(super) fn lay(nodes: usize) -> Result<Self, String> {
        // Named namespaces are files; these are nobody else's.
        line("mount -t tmpfs tmpfs /run")?;
        line("ip link set lo up")?;
        line("ip link add bridge type bridge")?;
        line("ip link set bridge up")?;
        for at in 0..nodes {
            let inside = format!("ip -n node{at}");
            line(&format!("ip netns add node{at}"))?;
            line(&format!("ip link add wire{at} type veth peer name eth0 netns node{at}"))?;
            line(&format!("ip link set wire{at} master bridge up"))?;
            line(&format!("{inside} link set lo up"))?;
            line(&format!("{inside} address add {}/24 dev eth0", address(at)))?;
            line(&format!("{inside} link set eth0 up"))?;
        }
        Ok(Self { nodes })
    }

    /// Returns the words that start a program at a node's end of its wire.
    pub(super) fn under(at: usize) -> Vec<String> {
        ["nsenter".to_owned(), format!("--net=/run/netns/node{at}")].to_vec()
    }

    /// Lets a wire be as bad as a fault says.
    ///
    /// # Panics
    /// When the kernel refuses what it did a moment ago.
    pub(super) fn begin(&self, fault: &Fault) {
        let wire = format!("wire{}", fault.at);
        assert!(fault.at < self.nodes, "{fault:?}");
        let lines = match fault.kind {
            Kind::Partition => vec![format!("ip link set {wire} down")],
            // Towards the node, a burst of 16 kbit at most.
            Kind::Rate => {
                let kbit = 64 + fault.how;
                vec![format!(
                    "tc qdisc add dev {wire} root tbf rate {kbit}kbit burst 16kbit latency 300ms"
                )]
            }
            Kind::Loss => {
                // Between 5 and 40 packets in 100, each way.
                let percent = 5 + u32::try_from(fault.how).expect("below 1,000") * 36 / 1_000;
                let kept = u32::MAX / 100 * (100 - percent);
                let lose = format!("4,32 0 0 {RANDOM},37 0 1 {kept},6 0 0 2,6 0 0 0");
                filters(&wire, &["egress", "ingress"], &lose)
            }
            Kind::OneWay => {
                let from = u32::from(address(fault.with));
                filters(
                    &wire,
                    &["egress"],
                    &format!("4,32 0 0 {SOURCE},21 0 1 {from},6 0 0 2,6 0 0 0"),
                )
            }
            _ => panic!("{fault:?} is not of the network"),
        };
        for words in lines {
            // The program of a filter is one word with blanks in it.
            let done = match words.split_once('\'') {
                None => line(&words),
                Some((before, program)) => {
                    let mut words: Vec<&str> = before.trim_end().split(' ').collect();
                    words.push(program.trim_end_matches('\''));
                    run(&words)
                }
            };
            done.unwrap_or_else(|why| panic!("{fault:?}: {why}"));
        }
    }

    /// Makes the wire of a fault whole.
    ///
    /// # Panics
    /// When the kernel refuses.
    pub(super) fn end(&self, fault: &Fault) {
        let wire = format!("wire{}", fault.at);
        let words = match fault.kind {
            Kind::Partition => format!("ip link set {wire} up"),
            Kind::Rate => format!("tc qdisc del dev {wire} root"),
            _ => format!("tc qdisc del dev {wire} clsact"),
        };
        line(&words).expect("what was added can be taken away");
    }
}

fn filters(wire: &str, ways: &[&str], program: &str) -> Vec<String> {
    let filter =
        |way| format!("tc filter add dev {wire} {way} bpf direct-action bytecode '{program}'");
    let mut lines = vec![format!("tc qdisc add dev {wire} clsact")];
    lines.extend(ways.iter().map(filter));
    lines
}

/// Returns the address of a node.
pub(super) fn address(at: usize) -> Ipv4Addr {
    let [a, b, c] = NET;
    Ipv4Addr::new(a, b, c, 1 + u8::try_from(at).expect("a handful of nodes"))
}
