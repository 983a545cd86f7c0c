//! The built program as scripts and people meet it: exit codes, what goes where, both languages.
//! No terminal is attached, so every question must be answered by a flag.

use std::{
    io::Write as _,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

const PASSPHRASE: &str = "quatre mots suffisent ici\n";
const SEVENS: &str = "1. AFFICHE corniche probleme annonce gelatine insulter bermuda soul affiche corniche problème appareil";

/// Writes a file that only its owner may read, as the program wants it of passphrases.
fn secret(path: &Path, said: &str) {
    std::fs::write(path, said).expect("the directory is ours");
    let owner = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, owner).expect("the file is ours");
}

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("the temporary directory is writable"));
        secret(&home.at("passphrase"), PASSPHRASE);
        home
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, line: &[&str]) -> Output {
        self.run_with(line, "")
    }

    fn run_with(&self, line: &[&str], stdin: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pirate"))
            .args(line)
            .env_clear()
            .env("PIRATE_HOME", self.0.path().join("home"))
            .env("PIRATE_PASSPHRASE_FILE", self.at("passphrase"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was just built");
        let mut pipe = child.stdin.take().expect("stdin is piped");
        // A program that does not read its input closes the pipe; that is no failure here.
        let _ = pipe.write_all(stdin.as_bytes());
        drop(pipe);
        child.wait_with_output().expect("the program ends by itself")
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("output is UTF-8")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn public_key(home: &Home) -> String {
    let shown = home.run(&["key", "show", "--json"]);
    assert_eq!(shown.status.code(), Some(0), "{}", stderr(&shown));
    json(&stdout(&shown))["data"]["public_key"].as_str().expect("a key is text").to_owned()
}

#[test]
fn words_in_same_keys_out() {
    let (first, second) = (Home::new(), Home::new());
    let words = first.at("mots.txt");
    let made = first.run(&[
        "key",
        "new",
        "--test-lock",
        "--words-output",
        words.to_str().expect("ASCII"),
        "--json",
    ]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let object = json(&stdout(&made));
    assert_eq!(object["schema"], "pirate.key.new/1");
    assert_eq!(object["warnings"][0]["code"], "W0101");
    let written = std::fs::read_to_string(&words).expect("the words were written");
    assert_eq!(written.split_whitespace().count(), 12);
    assert!(!stdout(&made).contains(written.trim()) && !stderr(&made).contains(written.trim()));
    let mode = std::fs::metadata(&words).expect("the words were written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let again = second.run_with(&["cle", "creer", "--test-lock", "--words-file", "-"], &written);
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert_eq!(public_key(&first), public_key(&second));
}

#[test]
fn a_new_identity_never_replaces_another() {
    let home = Home::new();
    let restore = ["key", "new", "--test-lock", "--words-file", "-"];
    assert_eq!(home.run_with(&restore, SEVENS).status.code(), Some(0));
    let key = public_key(&home);
    let second = home.run_with(&restore, SEVENS);
    assert_eq!(second.status.code(), Some(4));
    assert!(stderr(&second).contains("P0102") && stderr(&second).contains("pirate cle voir"));
    assert_eq!(public_key(&home), key);
    // Another profile lives beside it.
    let other = home.run_with(&[&restore[..], &["--profile", "autre"]].concat(), SEVENS);
    assert_eq!(other.status.code(), Some(0), "{}", stderr(&other));
}

#[test]
fn a_wrong_phrase_creates_nothing() {
    let home = Home::new();
    let swapped = SEVENS.replace("AFFICHE corniche", "corniche affiche");
    let failed = home.run_with(&["key", "new", "--words-file", "-", "--json"], &swapped);
    assert_eq!(failed.status.code(), Some(2));
    assert_eq!(stdout(&failed), "");
    let object = json(&stderr(&failed));
    assert_eq!((&object["schema"], &object["code"]), (&"pirate.error/1".into(), &"P0107".into()));
    assert!(!home.at("home/keys").exists());
    assert!(!stderr(&failed).contains("bermuda"), "a phrase never stands in an error");
}

#[test]
fn without_a_terminal_words_are_not_shown_and_questions_are_errors() {
    let home = Home::new();
    let failed = home.run(&["key", "new"]);
    assert_eq!(failed.status.code(), Some(5));
    assert!(stderr(&failed).contains("P0111"), "{}", stderr(&failed));
    let restore = home.run(&["key", "new", "--restore"]);
    assert_eq!(restore.status.code(), Some(5));
    assert!(stderr(&restore).contains("P0002") && stderr(&restore).contains("--words-file"));
    assert!(!home.at("home").exists(), "a refused command leaves nothing behind");
}

#[test]
fn a_key_that_others_may_read_is_not_opened() {
    let home = Home::new();
    assert_eq!(
        home.run_with(&["key", "new", "--test-lock", "--words-file", "-"], SEVENS).status.code(),
        Some(0)
    );
    let key = home.at("home/keys/default.age");
    std::fs::remove_file(home.at("home/keys/default.toml")).expect("it was just written");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
    let failed = home.run(&["key", "show", "--lang", "en"]);
    assert_eq!(failed.status.code(), Some(77));
    assert!(stderr(&failed).contains("P0104") && stderr(&failed).contains("chmod 600"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
    assert_eq!(home.run(&["key", "show"]).status.code(), Some(0));
}

#[test]
fn an_absent_identity_is_said_with_both_ways_out() {
    let home = Home::new();
    let failed = home.run(&["key", "show"]);
    assert_eq!(failed.status.code(), Some(6));
    let said = stderr(&failed);
    assert!(said.starts_with("Erreur P0101 · "), "{said}");
    assert!(
        said.contains("→ pirate cle creer\n") && said.contains("pirate cle creer --restore"),
        "{said}"
    );
}

#[test]
fn explain_knows_every_code_in_both_languages() {
    let home = Home::new();
    for lang in ["fr", "en"] {
        let list = home.run(&["explain", "--list", "--json", "--lang", lang]);
        let list = json(&stdout(&list));
        let items = list["data"]["items"].as_array().expect("a list").clone();
        assert!(items.len() > 50);
        for item in items {
            let code = item["code"].as_str().expect("a code is text").to_owned();
            // As on a terminal; into a pipe a sentence is one line.
            let colour = ["--color", "always"];
            let asked = ["explain", &code.to_lowercase(), "--lang", lang];
            let page = home.run(&[&asked[..], &colour].concat());
            assert_eq!(page.status.code(), Some(0));
            let (out, err) = (stdout(&page), stderr(&page));
            let said = anstream::adapter::strip_str(&out).to_string();
            for line in said.lines().chain(err.lines()) {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
    assert_eq!(home.run(&["explain", "P9999"]).status.code(), Some(6));
}

#[test]
fn usage_errors_exit_2_even_as_json() {
    let home = Home::new();
    for line in [&["xyzzy"][..], &["key"], &["key", "show", "--nope"], &["--timeout", "90", "help"]]
    {
        let failed = home.run(&[line, &["--json"]].concat());
        assert_eq!(failed.status.code(), Some(2), "{line:?}");
        assert_eq!(stdout(&failed), "");
        assert_eq!(json(&stderr(&failed))["exit"], 2);
    }
}

#[test]
fn what_is_not_built_is_not_offered() {
    let home = Home::new();
    let all = stdout(&home.run(&["help", "all"]));
    let listed = home.run(&["help", "--json"]);
    for item in json(&stdout(&listed))["data"]["commands"].as_array().expect("a list") {
        let french = item["fr"].as_str().expect("a name is text");
        assert!(all.contains(french), "{french}");
    }
    assert_eq!(home.run(&["undo"]).status.code(), Some(2));
}

#[test]
fn plain_output_is_ascii_where_grep_looks() {
    let home = Home::new();
    assert_eq!(
        home.run_with(&["key", "new", "--test-lock", "--words-file", "-"], SEVENS).status.code(),
        Some(0)
    );
    let shown = stdout(&home.run(&["cle", "voir"]));
    assert!(shown.contains("Identité : default\n"), "{shown}");
    assert!(!shown.contains('\u{a0}') && !shown.contains('\u{1b}'), "{shown}");
    let coloured = home.run(&["explain", "P0401", "--color", "always"]);
    assert!(stdout(&coloured).contains('\u{1b}'));
}

#[test]
fn completion_scripts_come_whole() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.run(&["completion", shell]);
        assert_eq!(script.status.code(), Some(0));
        assert!(stdout(&script).contains("cle"), "{shell}");
    }
}

#[test]
fn as_a_daemon_it_is_node_run() {
    let home = Home::new();
    let program = Path::new(env!("CARGO_BIN_EXE_pirate"));
    let asked = Command::new(program)
        .arg0("/usr/bin/pirated")
        .arg("--help")
        .env("PIRATE_HOME", home.at("home"))
        .output();
    let node = Command::new(program)
        .args(["node", "run", "--help"])
        .env("PIRATE_HOME", home.at("home"))
        .output();
    let (asked, node) =
        (asked.expect("the program was just built"), node.expect("the program was just built"));
    assert_eq!((asked.status.code(), stdout(&asked)), (node.status.code(), stdout(&node)));
}

/// What a shell hands over is open already, and read once; a bundle is read several times.
#[test]
fn a_pipe_that_is_open_already_is_read() {
    let home = Home::new();
    for name in ["-", "/dev/stdin", "/dev/fd/0"] {
        let said = home.run_with(&["card", "check", name, "--json"], "nothing like a card");
        assert!(stderr(&said).contains("\"P0503\""), "{name}: {}", stderr(&said));
    }
    let said = home.run_with(&["audit", "verify", "/dev/stdin", "--json"], "no bundle");
    assert!(stderr(&said).contains("\"P0202\""), "{}", stderr(&said));
}

#[test]
fn a_sign_before_an_amount_is_named_and_never_turned_into_asking_for_hours() {
    let home = Home::new();
    for (lang, pay, says) in [
        ("fr", "payer", "« -1h » : une durée s’écrit sans signe."),
        ("en", "pay", "“-1h”: a duration is written without a sign."),
    ] {
        let said = home.run(&["--lang", lang, pay, "1", "-1h", "--json"]);
        assert_eq!(said.status.code(), Some(4), "{}", stderr(&said));
        let object = json(&stderr(&said));
        let message = object["message"].as_str().expect("there is a sentence");
        assert_eq!(message.replace('\u{a0}', " "), says);
        assert_eq!(object["code"], "P0409");
        assert_eq!(object["fix"], serde_json::json!(["pirate", "help", "pay"]), "{object}");
    }
}
