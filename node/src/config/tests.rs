//! Tests of the settings: what a file may say, what is refused with its line, what overrides it.
//! One of them writes a file, into a temporary folder.

use proto::keys::SigningKey;

use super::*;

fn read(text: &str) -> Result<Config, ConfigError> {
    Reading { path: Path::new("config.toml"), text }.config()
}

fn key() -> (PeerKey, String) {
    let key = SigningKey::from_seed(&[7; 32]).public();
    (key, format!("{key:?}"))
}

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

#[test]
fn no_file_and_an_empty_one_are_the_defaults() {
    let missing = Path::new("/nowhere/at/all.toml");
    assert_eq!(Config::load(missing).expect("no file is needed"), Config::default());
    assert_eq!(read("").expect("nothing is needed"), Config::default());
    assert_eq!(read("[node]\n").expect("nothing is needed"), Config::default());
    assert!(!Config::default().mdns);
}

#[test]
fn every_setting_is_read() {
    let (key, digits) = key();
    let text = format!(
        "[node]\nlisten = ['0.0.0.0:1', '/ip4/127.0.0.1/tcp/2']\nannounce = ['a.example:3']\n\
         mdns = true\n[[node.peers]]\nkey = '{digits}'\naddresses = ['b.example:4']"
    );
    let expected = Config {
        listen: vec![address("0.0.0.0:1"), address("127.0.0.1:2")],
        announce: vec![address("a.example:3")],
        mdns: true,
        peers: vec![(key, vec![address("b.example:4")])],
    };
    assert_eq!(read(&text).expect("all settings are known"), expected);
}

#[test]
fn whatever_is_wrong_is_refused_with_its_line() {
    let (_, digits) = key();
    let long = format!("{}.example:1", "a.".repeat(50));
    let many = "'a.example:1', ".repeat(9);
    for (text, line) in [
        ("[node]\nmdsn = true".into(), 2),
        ("[nodes]".into(), 1),
        ("\n\n[node]\nlisten = 'a'".into(), 4),
        ("[node]\nmdns = 1".into(), 2),
        ("[node]\nmdns = true\nmdns = false".into(), 3),
        ("[node]\nlisten = [\n 'a.example:1',\n 'a.example',\n]".into(), 4),
        (format!("[node]\nlisten = [{many}]"), 2),
        (format!("[node]\n\nannounce = ['{long}']"), 3),
        ("[node]\n[[node.peers]]\nkey = '00'\naddresses = []".into(), 3),
        (format!("[[node.peers]]\nkey = '{}'\naddresses = []", "f".repeat(64)), 2),
        (format!("[[node.peers]]\nkey = '{digits}'\nadresses = []"), 3),
        (format!("[[node.peers]]\nkey = '{digits}'\naddresses = [':1']"), 3),
        ("[node".into(), 1),
    ] {
        let error = read(&text).expect_err(&text);
        let said = error.to_string();
        assert!(said.starts_with(&format!("config.toml:{line}:")), "{text:?}: {said}");
    }
}

#[test]
fn the_command_line_wins_and_its_peers_come_first() {
    let (first, _) = key();
    let second = SigningKey::from_seed(&[8; 32]).public();
    let file = Config {
        listen: vec![address("0.0.0.0:1")],
        announce: vec![address("a.example:3")],
        mdns: true,
        peers: vec![(first, Vec::new())],
    };
    assert_eq!(file.clone().with(Overrides::default()), file);
    let overrides = Overrides {
        listen: vec![address("127.0.0.1:0")],
        announce: Vec::new(),
        mdns: Some(false),
        peers: vec![(second, Vec::new())],
    };
    let expected = Config {
        listen: vec![address("127.0.0.1:0")],
        announce: vec![address("a.example:3")],
        mdns: false,
        peers: vec![(second, Vec::new()), (first, Vec::new())],
    };
    assert_eq!(file.with(overrides), expected);
}

#[test]
fn a_huge_file_is_refused_before_it_is_parsed() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "#".repeat(300 * 1024)).expect("the folder can be written");
    assert!(matches!(Config::load(&path), Err(ConfigError::TooLong { .. })));
}
