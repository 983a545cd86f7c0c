//! The copy of the sources in which all mistakes stand side by side, each behind a question that an environment
//! variable answers. Nothing here builds or runs anything, and nothing outside the copy is written.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Bug, PLANTED, all};
use crate::vectors::root;

/// Names the mistake of a run; without it there is none.
pub(super) const WHICH: &str = "PIRATE_PLANTED";

/// Crates whose sources may hold a mistake.
const CRATES: [&str; 4] = ["proto", "ledger", "node", "cli"];

/// Asks which mistake is made in this process, once. Each crate of the copy has its own.
const QUESTION: &str = "//! Which planted bug is there in this run.

/// Returns whether this is the one.
pub(crate) fn planted(number: u16) -> bool {
    static NUMBER: std::sync::OnceLock<Option<u16>> = std::sync::OnceLock::new();
    *NUMBER.get_or_init(|| std::env::var(\"PIRATE_PLANTED\").ok()?.parse().ok()) == Some(number)
}
";

/// Processes that tests start have a clean environment; in the copy the variable goes with them.
const PASSED_ON: [(&str, &str); 1] = [("tests/src/processes.rs", ".env_clear()")];

/// A test that catches a mistake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Test<'a> {
    /// The binary that has it: `cases`, or the folder of a crate for what stands beside its sources.
    pub binary: &'a str,
    /// Its name there, modules included.
    pub name: &'a str,
}

impl<'a> Test<'a> {
    /// Reads `BINARY NAME`.
    ///
    /// # Panics
    /// When it is written otherwise.
    pub fn of(written: &'a str) -> Self {
        let (binary, name) = written.split_once(' ').expect("a binary and a test");
        Self { binary, name }
    }
}

/// A file of the copy that differs from the original.
pub struct Edited {
    /// From the root of the project.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// Returns the files in which something is planted, or what does not fit any more: an edit whose right text is not
/// in its file exactly once, or two that touch the same words.
///
/// # Errors
/// One line for each edit that does not fit.
pub fn edited() -> Result<Vec<Edited>, Vec<String>> {
    let mut by_file: BTreeMap<&str, Vec<(String, &str, String)>> = BTreeMap::new();
    for bug in all() {
        let question = format!("crate::planted::planted({})", bug.number);
        let edit = (label(bug), bug.old, bug.new.replace(PLANTED, &question));
        by_file.entry(bug.file).or_default().push(edit);
    }
    for (file, clean) in PASSED_ON {
        let passed = format!(
            "{clean}.envs(std::env::var_os(\"{WHICH}\").map(|which| (\"{WHICH}\", which)))"
        );
        by_file.entry(file).or_default().push(("the variable".to_owned(), clean, passed));
    }
    let mut wrong = Vec::new();
    let mut files = Vec::new();
    for (file, edits) in by_file {
        match apply(file, &edits) {
            Ok(text) => files.push(Edited { file: file.to_owned(), text }),
            Err(lines) => wrong.extend(lines),
        }
    }
    for name in CRATES {
        let file = format!("{name}/src/lib.rs");
        let at = match files.iter().position(|edited| edited.file == file) {
            Some(at) => at,
            None => {
                files.push(Edited { text: read(&file), file });
                files.len() - 1
            }
        };
        files[at].text.push_str("\npub(crate) mod planted;\n");
        files.push(Edited { file: format!("{name}/src/planted.rs"), text: QUESTION.to_owned() });
    }
    if wrong.is_empty() { Ok(files) } else { Err(wrong) }
}

fn label(bug: &Bug) -> String {
    format!("{} ({})", bug.number, bug.name)
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Makes all edits of one file, each in the original's words.
fn apply(file: &str, edits: &[(String, &str, String)]) -> Result<String, Vec<String>> {
    let original = read(file);
    let mut wrong = Vec::new();
    let mut places = Vec::new();
    for (label, old, new) in edits {
        let found: Vec<usize> = original.match_indices(old).map(|(at, _)| at).collect();
        match found.as_slice() {
            [at] => places.push((*at, at + old.len(), new, label)),
            _ => wrong.push(format!("{label}: {} times in {file}, not once: {old}", found.len())),
        }
    }
    places.sort();
    for pair in places.windows(2) {
        if let [(_, end, _, first), (at, _, _, second)] = pair
            && at < end
        {
            wrong.push(format!("{file}: {first} and {second} touch the same words"));
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut text = String::new();
    let mut done = 0;
    for (at, end, new, _) in places {
        text.push_str(&original[done..at]);
        text.push_str(new);
        done = end;
    }
    text.push_str(&original[done..]);
    Ok(text)
}

/// Returns where the source of a test stands, from the root of the project, and its line; `None` where there is no
/// such test.
pub fn source_of(test: Test<'_>) -> Option<(String, usize)> {
    let (folder, top) = match test.binary {
        "cases" => ("tests/cases".to_owned(), "main.rs"),
        name => (format!("{name}/src"), "lib.rs"),
    };
    let (modules, function) = test.name.rsplit_once("::")?;
    let modules: Vec<&str> = modules.split("::").collect();
    // The longest path that is a file; what is left of the modules stands inside it.
    let places = (0..=modules.len()).rev().flat_map(|depth| {
        let path = modules[..depth].join("/");
        match depth {
            0 => vec![format!("{folder}/{top}")],
            _ => vec![format!("{folder}/{path}.rs"), format!("{folder}/{path}/mod.rs")],
        }
    });
    let file = places.into_iter().find(|file| root().join(file).is_file())?;
    let text = read(&file);
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| {
        let line = line.trim_start().trim_start_matches("async ");
        line.starts_with(&format!("fn {function}("))
    })?;
    let above = lines[..at].iter().rev().take_while(|line| line.trim_start().starts_with("#["));
    let is_test = |line: &&str| line.contains("#[test]") || line.contains("#[tokio::test");
    above.into_iter().any(is_test).then_some((file, at + 1))
}

/// Makes the copy, or brings an earlier one up to date: a file that is the same already is not touched, so that
/// nothing is built twice.
///
/// # Panics
/// When the sources cannot be listed or copied.
pub(super) fn copy(to: &Path, edits: Vec<Edited>) {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the sources");
    assert!(listed.status.success(), "the sources are no git tree");
    let listed = String::from_utf8(listed.stdout).expect("names are UTF-8");
    let mut wanted: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        // Removed and not yet committed.
        if let Ok(bytes) = fs::read(root().join(name)) {
            wanted.insert(PathBuf::from(name), bytes);
        }
    }
    for name in ["Cargo.toml", "Cargo.lock"] {
        let text = apart(&read(name));
        wanted.insert(name.into(), text.into_bytes());
    }
    wanted.extend(edits.into_iter().map(|edit| (edit.file.into(), edit.text.into_bytes())));
    for old in below(to) {
        if !wanted.contains_key(&old) {
            fs::remove_file(to.join(&old)).expect("the copy is ours");
        }
    }
    for (name, bytes) in wanted {
        let path = to.join(name);
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            continue;
        }
        fs::create_dir_all(path.parent().expect("a file is in a folder"))
            .and_then(|()| fs::write(&path, bytes))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// Gives our own crates another version in a manifest or lock file. Cargo tells crates apart by name, version and place
/// within their workspace: with one version what is built of the copy would pass for what is built of the original.
fn apart(text: &str) -> String {
    let mut ours = false;
    let lines = text.lines().map(|line| {
        let version = line.strip_prefix("version = \"").and_then(|rest| rest.strip_suffix('"'));
        let changed = match version {
            Some(version) if ours => format!("version = \"{version}-planted\"\n"),
            _ => format!("{line}\n"),
        };
        ours = line == "[workspace.package]" || line.starts_with("name = \"pirate");
        changed
    });
    lines.collect()
}

/// Returns all files below a folder, from there; none where there is no such folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(folder.join(&at)).into_iter().flatten().flatten() {
            let path = at.join(entry.file_name());
            match entry.path().is_dir() {
                true => folders.push(path),
                false => found.push(path),
            }
        }
    }
    found
}
