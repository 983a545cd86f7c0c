//! Guests: versions that must not be older, names that must not come in, one source, allowed licences.
//! Reads Cargo.lock and deny.toml and asks cargo, offline; decision 12 says why not cargo-deny.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use harness::vectors::root;

use super::{dependencies_of, read};

/// Versions below these have holes or traps that are known: each is the first without.
const FLOORS: &[(&str, [u64; 3], &str)] = &[
    ("age", [0, 11, 1], "RUSTSEC-2024-0433"),
    ("crossbeam-epoch", [0, 9, 20], "unsound before"),
    ("curve25519-dalek", [4, 1, 3], "RUSTSEC-2024-0344"),
    ("ed25519-dalek", [2, 2, 0], "RUSTSEC-2022-0093 and stricter decoding"),
    ("hickory-proto", [0, 26, 1], "RUSTSEC-2026-0118 to 0120"),
    ("libp2p", [0, 57, 1], "the set of parts that was measured"),
    ("libp2p-gossipsub", [0, 50, 1], "GHSA-vrx6-jcp8-vm7m"),
    ("quinn-proto", [0, 11, 15], "CVE-2026-25800"),
    ("snow", [0, 9, 5], "RUSTSEC-2024-0011"),
    ("tokio", [1, 44, 2], "RUSTSEC-2025-0023"),
    ("tracing-subscriber", [0, 3, 20], "escapes in log lines"),
    ("yamux", [0, 14, 1], "CVE-2026-31814, CVE-2026-32314"),
];

/// Versions on which the format or the disk rests: exactly these, in this crate.
const PINNED: &[(&str, &str)] =
    &[("bincode", "1.3.3"), ("ed25519-dalek", "3.0.0"), ("sled", "0.34.7")];

/// A package in the lock file.
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
}

fn locked() -> Vec<Locked> {
    let lock = read("Cargo.lock");
    let packages: Vec<Locked> = lock
        .split("[[package]]")
        .skip(1)
        .map(|package| {
            let value = |key: &str| {
                let line = package.lines().find_map(|line| line.strip_prefix(key))?;
                Some(line.trim_start_matches(" = ").trim_matches('"').to_owned())
            };
            Locked {
                name: value("name").expect("a package has a name"),
                version: value("version").expect("a package has a version"),
                source: value("source"),
            }
        })
        .collect();
    assert!(packages.len() > 100, "Cargo.lock was not understood");
    packages
}

fn parts(version: &str) -> [u64; 3] {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = plain.split('.').map(|part| part.parse().expect("a number"));
    [(); 3].map(|()| numbers.next().unwrap_or(0))
}

/// Returns the quoted texts behind `key = [` in deny.toml, up to the closing bracket.
fn listed(key: &str) -> Vec<String> {
    let deny = read("deny.toml");
    let start = format!("\n{key} = [\n");
    let (_, list) = deny.split_once(&start).unwrap_or_else(|| panic!("no {key} in deny.toml"));
    let (list, _) = list.split_once("\n]").expect("the list is closed");
    let texts: Vec<String> =
        list.lines().filter_map(|line| Some(line.split('"').nth(1)?.to_owned())).collect();
    assert!(!texts.is_empty(), "{key} is empty");
    texts
}

/// Returns what cargo says of all packages in use on this machine, one a line.
fn in_use(format: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--offline", "--locked", "--workspace", "--prefix", "none", "--no-dedupe"])
        .args(["--edges", "normal,build,dev", "--format", format])
        .output()
        .expect("cargo runs these tests, so it can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .expect("names of packages are ASCII")
        .lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn versions_are_not_below_their_floors() {
    let packages = locked();
    for (name, floor, reason) in FLOORS {
        let found = packages.iter().filter(|package| package.name == *name);
        for package in found {
            let version = parts(&package.version);
            assert!(version >= *floor, "{name} {} is below {floor:?}: {reason}", package.version);
        }
    }
    // A floor for something that is not there guards nothing; these must be.
    for name in ["libp2p", "libp2p-gossipsub", "yamux", "tracing-subscriber", "snow"] {
        assert!(packages.iter().any(|package| package.name == name), "{name} is gone");
    }
}

#[test]
fn versions_that_the_format_rests_on_are_exact() {
    let manifest = read("Cargo.toml");
    let packages = locked();
    for (name, version) in PINNED {
        let line = manifest.lines().find(|line| line.starts_with(&format!("{name} = ")));
        let line = line.unwrap_or_else(|| panic!("{name} is not in Cargo.toml"));
        assert!(line.contains(&format!("\"={version}\"")), "{line}: it is pinned to {version}");
        let locked = packages.iter().any(|p| p.name == *name && p.version == *version);
        assert!(locked, "{name} {version} is not in Cargo.lock");
    }
    let bincode = packages.iter().filter(|package| package.name == "bincode").count();
    assert_eq!(bincode, 1, "two codecs");
}

/// What verifies signatures in the program is one version; older ones come with the oracles of the tests.
#[test]
fn the_program_has_one_ed25519() {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--offline", "--locked", "--package", "pirate", "--prefix", "none"])
        .args(["--edges", "normal", "--no-dedupe", "--format", "{p}"])
        .output()
        .expect("cargo runs these tests, so it can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names of packages are ASCII");
    let found: BTreeSet<&str> =
        text.lines().filter(|line| line.starts_with("ed25519-dalek ")).collect();
    assert_eq!(found, BTreeSet::from(["ed25519-dalek v3.0.0"]));
}

#[test]
fn everything_comes_from_one_registry() {
    for Locked { name, version, source } in locked() {
        match source {
            Some(source) => {
                let registry = "registry+https://github.com/rust-lang/crates.io-index";
                assert_eq!(source, registry, "{name} {version}");
            }
            None => assert!(name == "pirate" || name.starts_with("pirate-"), "{name} is whose?"),
        }
    }
}

#[test]
fn what_must_not_come_in_is_not_built() {
    let used: BTreeSet<String> = in_use("{p}")
        .iter()
        .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
        .collect();
    assert!(used.len() > 100, "cargo names only {} packages", used.len());
    for name in listed("deny") {
        assert!(!used.contains(&name), "{name} came in; deny.toml says why it must not");
    }
}

/// A licence expression is allowed when one side of every `OR` and both sides of every `AND` are.
fn allowed(expression: &str, list: &[String]) -> bool {
    let plain = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    // Without brackets `OR` of `AND`s and `AND` of `OR`s look alike; asking both ways and taking the
    // stricter answer never allows what neither reading does.
    let term = |term: &str| list.iter().any(|allowed| allowed == term.trim());
    let and_of_ors = words.split(" AND ").all(|part| part.split(" OR ").any(term));
    let or_of_ands = words.split(" OR ").any(|part| part.split(" AND ").all(term));
    and_of_ors && or_of_ands
}

#[test]
fn licences_let_the_whole_be_passed_on() {
    let list = listed("allow");
    let packages = in_use("{p}\t{l}");
    assert!(packages.len() > 100, "cargo names only {} packages", packages.len());
    for line in packages {
        let (package, licence) = line.split_once('\t').expect("two columns");
        assert!(allowed(licence, &list), "{package} is under {licence:?}");
    }
    for (expression, expected) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only", false),
        ("Apache-2.0 OR GPL-2.0-only", true),
        ("MIT AND GPL-2.0-only", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("", false),
    ] {
        assert_eq!(allowed(expression, &list), expected, "{expression:?}");
    }
}

#[test]
fn every_guest_is_used_and_has_its_line() {
    let page = read("docs/dependencies.md");
    let ours = ["proto", "ledger", "node", "pirate"];
    let mut users: BTreeMap<String, usize> = BTreeMap::new();
    for name in ["proto", "ledger", "node", "cli", "tests"] {
        let manifest = format!("{name}/Cargo.toml");
        for section in ["dependencies", "dev-dependencies"] {
            for package in dependencies_of(&manifest, section) {
                *users.entry(package).or_default() += 1;
            }
        }
    }
    for package in dependencies_of("Cargo.toml", "workspace.dependencies") {
        if ours.contains(&package.as_str()) {
            continue;
        }
        assert!(users.contains_key(&package), "nobody uses {package}");
        assert!(page.contains(&format!("`{package}`")), "{package} is not in docs/dependencies.md");
    }
}
