//! The house keeps its own rules: who may know whom, one door for each large package, pages that are true.
//! Everything here reads the sources; nothing here runs the program.

mod dependencies;
mod format;
mod pages;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use harness::vectors::root;

/// Longest source file in lines. A file that is longer needs a reason below.
const LINES_MAX: usize = 500;

/// Files that are longer, how long they may become, and why they are not cut.
const LONGER: &[(&str, usize, &str)] = &[
    ("proto/src/order.rs", 560, "the envelope and the five orders that share it"),
    ("tests/cases/audit.rs", 600, "every way to tamper with a bundle, told once"),
    ("tests/src/samples.rs", 600, "one sample of every form, a list and not a story"),
];

/// Outside packages that one door lets in: the name in code, the crates that must keep to it, the door.
const DOORS: &[(&str, &[&str], &[&str])] = &[
    ("ed25519_dalek", &["proto", "ledger", "node", "cli"], &["proto/src/keys.rs"]),
    ("blake3", &["proto", "ledger", "node", "cli"], &["proto/src/hash.rs"]),
    ("sha2", &["proto", "ledger", "node", "cli"], &["proto/src/hash.rs"]),
    ("bincode", &["proto", "ledger", "node", "cli", "tests"], &["proto/src/codec.rs"]),
    ("sled", &["proto", "ledger", "node", "cli", "tests"], &["ledger/src/index"]),
    ("libp2p", &["proto", "ledger", "node", "cli"], &["node/src/network"]),
    ("age", &["proto", "ledger", "node", "cli"], &["cli/src/sealed"]),
    ("qrcode", &["proto", "ledger", "node", "cli"], &["cli/src/qr"]),
    ("rqrr", &["proto", "ledger", "node", "cli"], &["cli/src/qr"]),
    ("png", &["proto", "ledger", "node", "cli"], &["cli/src/qr"]),
    ("zune_jpeg", &["proto", "ledger", "node", "cli"], &["cli/src/qr"]),
    ("pdf_writer", &["proto", "ledger", "node", "cli"], &["cli/src/card_sheet"]),
    ("fluent_bundle", &["proto", "ledger", "node", "cli"], &["cli/src/language"]),
];

/// Words that may not stand in the code of a folder, and why.
const ABSENT: &[(&str, &[&str], &str)] = &[
    ("proto/src", PURE, "what is said does not depend on the machine that reads it"),
    ("ledger/src", PURE, "what is true does not depend on the machine that asks"),
    (
        "node/src/core",
        &[
            "tokio",
            "libp2p",
            "getrandom",
            "::now(",
            "std::net",
            "std::thread",
            "crate::network",
            "crate::run",
            "crate::socket",
            "crate::client",
        ],
        "the core talks in values; time, chance and sockets belong to the shell",
    ),
];

const PURE: &[&str] = &[
    "tokio",
    "libp2p",
    "clap::",
    "tracing",
    "getrandom",
    "rand::",
    "::now(",
    "std::net",
    "std::env",
    "thread::sleep",
    "HashMap",
    "HashSet",
    "f32",
    "f64",
];

/// Returns the text of a file of the project.
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns all files below a folder whose names end in one of `ends`, as paths from the root, in order.
fn files(folder: &str, ends: &[&str]) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for entry in entries {
            let path = entry.expect("a folder of the project can be read").path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    let mut names: Vec<String> = found
        .iter()
        .filter_map(|path| Some(path.strip_prefix(root()).ok()?.to_str()?.to_owned()))
        .filter(|name| ends.iter().any(|end| name.ends_with(end)))
        .collect();
    names.sort();
    names
}

/// Returns all source files.
fn sources() -> Vec<String> {
    let crates = ["proto", "ledger", "node", "cli", "tests"];
    let all: Vec<String> = crates.iter().flat_map(|name| files(name, &[".rs"])).collect();
    assert!(all.len() > 100, "only {} source files were found", all.len());
    all
}

/// Returns all texts that people write: sources, pages, settings.
fn texts() -> Vec<String> {
    let mut all = sources();
    for folder in ["proto", "ledger", "node", "cli", "tests"] {
        all.extend(files(folder, &[".toml", ".ftl", ".md", ".txt"]));
    }
    all.extend(files("docs", &[".md", ".json", ".svg"]));
    all.extend(
        ["README.md", "Cargo.toml", "deny.toml", "clippy.toml", "rustfmt.toml", ".ci/run"]
            .map(String::from),
    );
    all
}

/// Returns the lines of code of a file with their numbers: comments are left out.
fn code(path: &str) -> Vec<(usize, String)> {
    (1..)
        .zip(read(path).lines())
        .map(|(number, line)| (number, line.split("//").next().unwrap_or_default().to_owned()))
        .collect()
}

/// Returns whether `word` stands in a line, not as a part of a longer name.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let whole = |end: char| end.is_alphanumeric() || end == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !((word.starts_with(whole) && part(before)) || (word.ends_with(whole) && part(after)))
    })
}

/// Returns the names of dependencies in the sections of a manifest whose heads end in `section`.
fn dependencies_of(manifest: &str, section: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in read(manifest).lines() {
        if let Some(head) = line.strip_prefix('[') {
            inside = head.trim_end_matches(']') == section;
        } else if inside && let Some((name, _)) = line.split_once(['=', '.']) {
            names.insert(name.trim().to_owned());
        }
    }
    names
}

#[test]
fn crates_know_only_those_below_them() {
    let outside = ["tokio", "libp2p", "clap", "tracing", "getrandom", "rand", "futures"];
    let ours: BTreeMap<&str, &[&str]> = [
        ("proto", &[][..]),
        ("ledger", &["proto"][..]),
        ("node", &["ledger", "proto"][..]),
        ("cli", &["ledger", "node", "proto"][..]),
    ]
    .into();
    for (name, allowed) in ours {
        let manifest = format!("{name}/Cargo.toml");
        let known = dependencies_of(&manifest, "dependencies");
        assert!(!known.is_empty(), "{manifest} was not understood");
        for other in ["proto", "ledger", "node", "cli", "pirate", "tests", "harness"] {
            let may = !known.contains(other) || allowed.contains(&other);
            assert!(may, "{name} must not know {other}");
        }
        assert!(!known.contains("anyhow"), "{name}: errors below main have names");
        if ["proto", "ledger"].contains(&name) {
            for package in outside {
                assert!(!known.contains(package), "{name} must not know {package}");
            }
        }
    }
}

#[test]
fn every_crate_takes_the_lints_and_versions_of_the_workspace() {
    for name in ["proto", "ledger", "node", "cli", "tests"] {
        let manifest = format!("{name}/Cargo.toml");
        assert!(read(&manifest).contains("[lints]\nworkspace = true"), "{manifest}: lints");
        for line in read(&manifest).lines() {
            let own = line.contains("version = \"") || line.contains("path = \"..");
            assert!(!own, "{manifest}: {line}: versions stand in the workspace");
        }
    }
    let workspace = read("Cargo.toml");
    for lint in ["unsafe_code = \"forbid\"", "missing_docs = \"warn\"", "print_stdout = \"warn\""] {
        assert!(workspace.contains(lint), "the workspace lost {lint}");
    }
    assert!(workspace.contains("overflow-checks = true"), "a sum of hours could wrap");
}

#[test]
fn one_door_lets_each_large_package_in() {
    for (package, crates, doors) in DOORS {
        let mut entered = false;
        for path in sources() {
            let held = crates.iter().any(|name| path.starts_with(&format!("{name}/")));
            let names: Vec<usize> = code(&path)
                .into_iter()
                .filter(|(_, line)| has_word(line, &format!("{package}::")))
                .map(|(number, _)| number)
                .collect();
            let door = doors.iter().any(|door| path.starts_with(door));
            entered |= door && !names.is_empty();
            let outside = held && !door && !path.starts_with("tests/cases/house");
            assert!(!outside || names.is_empty(), "{path}:{names:?} names {package}: {doors:?}");
        }
        assert!(entered, "{package} comes in by none of {doors:?}");
    }
}

#[test]
fn only_the_printer_prints() {
    let prints = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];
    for path in sources() {
        let program = ["proto/", "ledger/", "node/", "cli/"].iter().any(|n| path.starts_with(n));
        if !program || path.contains("/tests/") || path.starts_with("cli/src/output") {
            continue;
        }
        for (number, line) in code(&path) {
            let prints = prints.iter().any(|print| has_word(&line, print));
            assert!(!prints, "{path}:{number} prints; cli/src/output.rs does that");
        }
    }
}

#[test]
fn what_must_be_absent_is_absent() {
    for (folder, words, reason) in ABSENT {
        let all = files(folder, &[".rs"]);
        assert!(all.len() > 5, "{folder} has only {} files", all.len());
        for path in all.into_iter().filter(|path| !path.ends_with("tests.rs")) {
            for (number, line) in code(&path) {
                let found = words.iter().find(|word| has_word(&line, word));
                assert_eq!(found, None, "{path}:{number}: {reason}");
            }
        }
    }
}

#[test]
fn files_say_what_they_are_for_and_can_be_read_in_one_go() {
    for path in sources() {
        let text = read(&path);
        let head = text.lines().next().unwrap_or_default();
        assert!(head.starts_with("//! "), "{path} does not begin by saying what it is for");
        let longer = LONGER.iter().find(|(name, _, _)| *name == path);
        let (max, lines) = (longer.map_or(LINES_MAX, |(_, max, _)| *max), text.lines().count());
        assert!(lines <= max, "{path} has {lines} lines, at most {max}: cut it, or say why not");
    }
    for (path, max, reason) in LONGER {
        assert!(root().join(path).exists() && !reason.is_empty(), "{path} is not there any more");
        assert!(*max < 2 * LINES_MAX, "{path}: no reason is good enough for that");
    }
}

#[test]
fn no_file_is_a_drawer() {
    for path in sources() {
        let stem = Path::new(&path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        for drawer in ["util", "utils", "helper", "helpers", "common", "manager", "misc"] {
            assert_ne!(stem, drawer, "{path}: name it after what it does");
        }
    }
}

/// Paths of somebody's machine, put together here so that this file does not contain them.
#[test]
fn nothing_names_a_machine() {
    let foreign: Vec<String> =
        [("/ho", "me/"), ("/ro", "ot/"), ("/Us", "ers/"), ("/wo", "rk/"), ("../sha", "red")]
            .iter()
            .map(|(a, b)| format!("{a}{b}"))
            .collect();
    for path in texts() {
        for (number, line) in (1..).zip(read(&path).lines()) {
            let found = foreign.iter().find(|text| line.contains(text.as_str()));
            assert_eq!(found, None, "{path}:{number}");
        }
    }
}

/// Signatures that are remembered are for simulators: no part of the program asks for it, or turns it on.
#[test]
fn the_program_verifies_every_signature() {
    let asks = |file: &str| read(file).contains("\"memo\"");
    let crates = ["proto", "ledger", "node", "cli", "tests", "cli/verify"];
    let asking: Vec<_> = crates.into_iter().filter(|name| asks_in(name, asks)).collect();
    assert_eq!(asking, ["tests"]);
    let turns_it_on =
        |file: &String| !file.starts_with("tests/") && read(file).contains("memo::set");
    assert_eq!(sources().into_iter().filter(turns_it_on).collect::<Vec<_>>(), Vec::<String>::new());
}

fn asks_in(name: &str, asks: impl Fn(&str) -> bool) -> bool {
    let file = format!("{name}/Cargo.toml");
    root().join(&file).is_file() && asks(&file)
}
