//! Builds the copy once and runs, for each mistake, the tests that are to catch it. A mistake is caught when each of
//! them fails by itself: not by failing to build, and not by running out of time.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

use super::{
    Bug, all,
    tree::{self, Test, WHICH},
};
use crate::vectors::root;

/// How long the tests of one mistake may take; the slowest takes a tenth of it on two busy cores.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often it is looked whether they ended.
const LOOK: Duration = Duration::from_millis(5);

/// What became of one mistake.
pub struct Found {
    /// The mistake.
    pub bug: &'static Bug,
    /// The tests that passed all the same, or what else went wrong; empty when it was caught.
    pub missed: Vec<String>,
    /// How long its tests took.
    pub took: Duration,
}

/// What became of all that were tried.
pub struct Tally {
    /// Each of them.
    pub found: Vec<Found>,
    /// How long the copy took to build.
    pub built: Duration,
    /// How long their tests took without a mistake.
    pub control: Duration,
}

/// How a run of a test binary ended.
enum Ended {
    /// All by itself; these tests failed.
    Failed(BTreeSet<String>),
    /// It was ended, or ended in another way than tests do.
    Otherwise(String),
}

/// Plants all mistakes in a copy, builds it, checks that every test that is needed passes there without a mistake, and
/// then tries each mistake of `numbers`, all of them where there is none. `said` is told of each.
///
/// # Errors
/// What does not fit, does not build, or fails without a mistake.
pub fn run(numbers: &[u16], mut said: impl FnMut(&Found)) -> Result<Tally, String> {
    let chosen: Vec<&'static Bug> =
        all().filter(|bug| numbers.is_empty() || numbers.contains(&bug.number)).collect();
    if let Some(number) = numbers.iter().find(|number| all().all(|bug| bug.number != **number)) {
        return Err(format!("there is no bug {number}"));
    }
    let edits = tree::edited().map_err(|wrong| wrong.join("\n"))?;
    let place = target().join("planted");
    let copy = place.join("tree");
    tree::copy(&copy, edits);
    let tests: BTreeSet<Test<'static>> =
        chosen.iter().flat_map(|bug| bug.caught_by).map(|written| Test::of(written)).collect();
    let begun = Instant::now();
    let binaries = build(&copy, &place, tests.iter().map(|test| test.binary).collect())?;
    let built = begun.elapsed();
    for (binary, program) in &binaries {
        let names = tests.iter().filter(|test| test.binary == *binary).map(|test| test.name);
        let names: Vec<&str> = names.collect();
        match attempt(program, &copy, &names, None, 10 * PATIENCE) {
            Ended::Failed(failed) if failed.is_empty() => {}
            Ended::Failed(failed) => return Err(format!("without a bug fails: {failed:?}")),
            Ended::Otherwise(how) => return Err(format!("without a bug {binary}: {how}")),
        }
    }
    let control = begun.elapsed() - built;
    let mut found = Vec::new();
    for bug in chosen {
        let begun = Instant::now();
        let mut missed = Vec::new();
        for (binary, program) in &binaries {
            let tests = bug.caught_by.iter().map(|written| Test::of(written));
            let names: Vec<&str> =
                tests.filter(|test| test.binary == *binary).map(|test| test.name).collect();
            if names.is_empty() {
                continue;
            }
            match attempt(program, &copy, &names, Some(bug.number), PATIENCE) {
                Ended::Failed(failed) => {
                    let passed = names.iter().filter(|name| !failed.contains(**name));
                    missed.extend(passed.map(|name| format!("{name} passes")));
                }
                Ended::Otherwise(how) => missed.push(how),
            }
        }
        let one = Found { bug, missed, took: begun.elapsed() };
        said(&one);
        found.push(one);
    }
    Ok(Tally { found, built, control })
}

/// Returns the target directory of the program that runs: outside packages are built there already.
fn target() -> PathBuf {
    let me = std::env::current_exe().expect("a process knows its file");
    let below = me.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    below.map_or_else(|| root().join("target"), Path::to_owned)
}

/// Builds the copy as tests are built, and returns the binaries by name. What is built in between goes where outside
/// packages lie ready; what comes of it never takes the place of the real programs.
fn build(
    copy: &Path,
    place: &Path,
    wanted: BTreeSet<&'static str>,
) -> Result<BTreeMap<&'static str, PathBuf>, String> {
    let out = place.join("out");
    let cargo = |words: &[&str]| {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        command
            .current_dir(copy)
            .env("CARGO_TARGET_DIR", &out)
            .env("CARGO_BUILD_BUILD_DIR", target())
            .args(words)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        command.output().map_err(|error| format!("cargo: {error}"))
    };
    // With the whole workspace's features, as everything else: outside packages are not built again.
    let program = cargo(&["build", "--quiet", "--locked", "--workspace", "--bin", "pirate"])?;
    let mut words = vec!["test", "--quiet", "--locked", "--workspace", "--no-run"];
    words.extend(["--message-format", "json-render-diagnostics", "--test", "cases"]);
    if wanted.iter().any(|binary| *binary != "cases") {
        words.push("--lib");
    }
    let tests = cargo(&words)?;
    if !program.status.success() || !tests.status.success() {
        return Err("the copy does not build".to_owned());
    }
    let beside = out.join("debug/deps");
    fs::create_dir_all(&beside).map_err(|error| format!("{}: {error}", beside.display()))?;
    let mut found = BTreeMap::new();
    for line in String::from_utf8_lossy(&tests.stdout).lines() {
        let Ok(built) = serde_json::from_str::<Value>(line) else { continue };
        let Some(program) = built["executable"].as_str() else { continue };
        let folder = built["manifest_path"].as_str().map(Path::new).and_then(Path::parent);
        let folder = folder.and_then(Path::file_name).and_then(|name| name.to_str());
        let name = match built["target"]["name"].as_str() {
            Some("cases") => Some("cases"),
            _ => folder,
        };
        let Some(name) = wanted.iter().find(|wanted| Some(**wanted) == name) else { continue };
        // Tests look for the program beside themselves: for the one with the mistakes.
        let here = beside.join(name);
        let _ = fs::remove_file(&here);
        let put = fs::hard_link(program, &here).or_else(|_| fs::copy(program, &here).map(|_| ()));
        put.map_err(|error| format!("{}: {error}", here.display()))?;
        found.insert(*name, here);
    }
    match wanted.iter().find(|name| !found.contains_key(*name)) {
        Some(name) => Err(format!("there is no binary {name}")),
        None => Ok(found),
    }
}

/// Runs tests of one binary, with a mistake or without.
fn attempt(
    program: &Path,
    copy: &Path,
    names: &[&str],
    bug: Option<u16>,
    patience: Duration,
) -> Ended {
    let said = program.with_extension("said");
    let out = fs::File::create(&said).expect("the target directory can be written");
    let err = out.try_clone().expect("a file can be shared");
    let mut command = Command::new(program);
    command
        .current_dir(copy.join("tests"))
        .env_remove(WHICH)
        .arg("--exact")
        .args(names)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        // Alone in its group, so that whatever it started ends with it.
        .process_group(0);
    if let Some(number) = bug {
        command.env(WHICH, number.to_string());
    }
    let mut child = command.spawn().expect("it was just built");
    let group = Pid::from_child(&child);
    let until = Instant::now() + patience;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            break Some(status);
        }
        if Instant::now() > until {
            break None;
        }
        std::thread::sleep(LOOK);
    };
    // Nothing is left of the group where all ended well.
    let _ = kill_process_group(group, Signal::KILL);
    let _ = child.wait();
    let text = String::from_utf8_lossy(&fs::read(&said).unwrap_or_default()).into_owned();
    let Some(status) = status else {
        return Ended::Otherwise(format!("not done after {} s", patience.as_secs()));
    };
    let verdicts = |how: &str| -> BTreeSet<String> {
        let lines = text.lines().filter_map(|line| line.strip_suffix(&format!(" ... {how}")));
        lines.filter_map(|line| line.strip_prefix("test ")).map(str::to_owned).collect()
    };
    let (passed, failed) = (verdicts("ok"), verdicts("FAILED"));
    let all = names.iter().all(|name| passed.contains(*name) || failed.contains(*name));
    match status.code() {
        Some(0 | 101) if all => Ended::Failed(failed),
        _ => Ended::Otherwise(format!("it ended with {status}: {text}")),
    }
}
