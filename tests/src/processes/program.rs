//! Where the built program is that the cases run, and that it is no older than its sources.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::SystemTime,
};

/// Returns the program `pirate` that belongs to this test binary: the one beside it in the target
/// directory, built when it is missing or older than its sources. Never one of the system.
///
/// # Panics
/// When it cannot be built.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let me = std::env::current_exe().expect("a process knows its file");
        let folder = me.parent().expect("a program is in a folder");
        let profile = match folder.file_name().is_some_and(|name| name == "deps") {
            true => folder.parent().expect("tests are in target/PROFILE/deps"),
            false => folder,
        };
        let program = profile.join("pirate");
        let built = fs::metadata(&program).and_then(|found| found.modified()).ok();
        if built.is_none_or(|built| built < newest_source()) {
            build(profile);
        }
        program
    })
}

fn newest_source() -> SystemTime {
    let root = crate::vectors::root();
    let mut folders: Vec<PathBuf> =
        ["proto", "ledger", "node", "cli"].iter().map(|name| root.join(name).join("src")).collect();
    let mut newest = SystemTime::UNIX_EPOCH;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources are there").flatten() {
            let Ok(found) = entry.metadata() else { continue };
            match found.is_dir() {
                true => folders.push(entry.path()),
                false => newest = newest.max(found.modified().expect("Linux has file times")),
            }
        }
    }
    newest
}

fn build(profile: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let name = profile.file_name().and_then(|name| name.to_str()).expect("a profile is ASCII");
    let mut command = Command::new(cargo);
    // With the whole workspace's features, as the tests are built: nothing is compiled twice.
    command.current_dir(crate::vectors::root()).args(["build", "--workspace", "--bin", "pirate"]);
    match name {
        "debug" => &mut command,
        other => command.args(["--profile", other]),
    };
    command.arg("--target-dir").arg(profile.parent().expect("a profile has a folder"));
    let built = command.status().expect("cargo runs the tests, so it is there");
    assert!(built.success(), "the program pirate cannot be built");
}
