//! Both catalogues say the same things: same ids, same placeholders, nothing unused, nothing missing;
//! and French is spelt as French is printed.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{FILES_EN, FILES_FR, Lang, Value};
use crate::{codes, tree};

/// Id (or `id.attribute`) → names of its placeholders and its text.
fn entries(files: &[&str]) -> BTreeMap<String, (BTreeSet<String>, String)> {
    let mut all: BTreeMap<String, (BTreeSet<String>, String)> = BTreeMap::new();
    for file in files {
        let (mut message, mut current) = (String::new(), String::new());
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            let head = line.split_once('=').map(|(head, _)| head.trim_end());
            if let Some(id) = head.filter(|head| head.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                message = id.to_owned();
                current = id.to_owned();
                assert!(
                    all.insert(current.clone(), Default::default()).is_none(),
                    "{id} stands twice"
                );
            } else if let Some(name) = head.and_then(|head| head.trim_start().strip_prefix('.')) {
                current = format!("{message}.{name}");
                assert!(
                    all.insert(current.clone(), Default::default()).is_none(),
                    "{current} stands twice"
                );
            }
            if let Some((names, text)) = all.get_mut(&current) {
                for part in line.split('$').skip(1) {
                    names.insert(part.chars().take_while(|c| c.is_ascii_lowercase()).collect());
                }
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    all
}

/// The source of the command line, tests and comments left out.
fn source() -> String {
    fn walk(directory: &Path, source: &mut String) {
        for entry in std::fs::read_dir(directory).expect("the source is there when tests run") {
            let path = entry.expect("the source is there when tests run").path();
            if path.is_dir() {
                walk(&path, source);
            } else if path.extension().is_some_and(|e| e == "rs")
                && !path.to_string_lossy().contains("_tests")
            {
                let text = std::fs::read_to_string(&path).expect("source is UTF-8");
                let program = text.split("#[cfg(test)]").next().unwrap_or_default();
                for line in program.lines().filter(|line| !line.trim_start().starts_with("//")) {
                    source.push_str(line);
                    source.push('\n');
                }
            }
        }
    }
    let mut all = String::new();
    walk(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut all);
    all
}

/// Ids that are made from tables instead of standing in the source.
fn from_tables() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for code in codes::ALL {
        ids.insert(code.page());
        ids.extend(["cause", "todo"].map(|part| format!("{}.{part}", code.page())));
    }
    for spec in tree::SPECS {
        let id = spec.id();
        ids.extend(["ex1", "ex2", "details"].map(|part| format!("{id}.{part}")));
        ids.extend(spec.args.iter().map(|arg| format!("{id}.{}", arg.id)));
        if let Some((family, _)) = spec.en.split_once(' ') {
            ids.insert(format!("family-{family}"));
        }
        ids.insert(id);
    }
    ids.extend(crate::entries::KINDS.iter().map(|kind| format!("kind-{kind}")));
    ids.extend(tree::GLOBALS.iter().map(|(id, ..)| format!("global-{id}")));
    ids
}

#[test]
fn both_languages_have_the_same_keys_and_placeholders() {
    let (fr, en) = (entries(FILES_FR), entries(FILES_EN));
    for (id, (names, _)) in &fr {
        let english = en.get(id).unwrap_or_else(|| panic!("{id} is missing in English"));
        assert_eq!(names, &english.0, "{id}");
    }
    for id in en.keys() {
        assert!(fr.contains_key(id), "{id} is missing in French");
    }
}

#[test]
fn every_key_is_used() {
    let (source, tables) = (source(), from_tables());
    for id in entries(FILES_FR).keys() {
        assert!(tables.contains(id) || source.contains(&format!("\"{id}\"")), "{id} is unused");
    }
}

#[test]
fn every_key_that_the_source_names_exists() {
    let (source, known) = (source(), entries(FILES_FR));
    let mut found = 0;
    for call in ["text!(", "Text::new(", ".t("] {
        for after in source.split(call).skip(1) {
            let Some(rest) = after.trim_start().strip_prefix('"') else {
                continue;
            };
            let id = rest.split('"').next().unwrap_or_default();
            assert!(known.contains_key(id), "{id} is in no catalogue");
            found += 1;
        }
    }
    assert!(found > 50, "the search has lost the source: {found}");
    for id in from_tables().iter().filter(|id| !id.ends_with(".details")) {
        assert!(known.contains_key(id), "{id} is in no catalogue");
    }
}

#[test]
fn french_is_spelt_with_its_spaces_and_apostrophes() {
    for (id, (_, text)) in entries(FILES_FR) {
        let shell = id.contains(".ex");
        let text = text.split_once('=').map_or("", |(_, text)| text);
        for wrong in [" :", " ;", " !", " ?", " »", "« "] {
            assert!(!text.contains(wrong), "{id}: a plain space in {wrong:?}");
        }
        assert!(shell || !text.contains('\''), "{id}: a straight apostrophe");
        let unit = ["n° ", "} Mo", "} h ", "} min "].into_iter().find(|part| text.contains(part));
        assert_eq!(unit, None, "{id}: a plain space beside a number");
        let words: Vec<&str> = text.split([' ', '\n']).collect();
        let digits = words.windows(2).any(|pair| {
            let [number, unit] = pair else { return false };
            number.ends_with(|c: char| c.is_ascii_digit())
                && ["h", "min", "Mo"].contains(&unit.trim_matches(|c: char| !c.is_alphanumeric()))
        });
        assert!(shell || !digits, "{id}: a plain space between a number and its unit");
    }
}

/// Words and marks after which any name can stand. `de`, `à` and `chez` would clash with the article of a name
/// such as Les Tisserandes, and as a subject it would ask its verb for a number that nobody knows.
const BEFORE_ANY_NAME: &[&str] = &["cité ", "témoin ", "«\u{a0}", "@"];

#[test]
fn french_sentences_hold_with_any_name_of_a_cite() {
    let names = ["{ $cite }", "{ $slug }", "{ $log }"];
    let mut found = 0;
    for (id, (_, text)) in entries(FILES_FR) {
        let text = text.split_once('=').map_or("", |(_, text)| text).trim();
        for (at, name) in names.iter().flat_map(|name| text.match_indices(name)) {
            let (before, after) = (&text[..at], &text[at + name.len()..]);
            // Beside the sentence: a title, a label, or what a colon or bracket announces.
            let opens = before.is_empty()
                || ["\u{a0}: ", "· ", ", ", "("].iter().any(|m| before.ends_with(m));
            let closes =
                after.is_empty() || [",", ".", ")", "\u{a0}:"].iter().any(|m| after.starts_with(m));
            let fits = BEFORE_ANY_NAME.iter().any(|word| before.ends_with(word));
            assert!(fits || (opens && closes), "{id}: {name} in {text}");
            found += 1;
        }
    }
    assert!(found > 50, "the search has lost the names: {found}");
}

#[test]
fn the_keys_that_found_a_cite_are_never_called_its_root_in_french() {
    for (id, (_, text)) in entries(FILES_FR) {
        for wrong in [
            "la racine a ",
            "la racine n’a",
            "la racine en a",
            "racine de la cité",
            "sous un arrêté",
        ] {
            assert!(!text.to_lowercase().contains(wrong), "{id}: {wrong}");
        }
    }
}

#[test]
fn members_never_read_words_of_the_trade() {
    for (id, (_, text)) in entries(FILES_FR).into_iter().chain(entries(FILES_EN)) {
        for word in ["blockchain", "nonce", "hash"] {
            assert!(!text.to_lowercase().contains(word), "{id}: {word}");
        }
    }
}

#[test]
fn the_language_is_chosen_in_order() {
    let env = |set: &'static [(&str, &str)]| {
        move |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
    };
    let none: [&str; 0] = [];
    let english: &[(&str, &str)] = &[("LANG", "en_GB.UTF-8")];
    assert_eq!(Lang::choose(&none, env(&[])), Lang::Fr);
    assert_eq!(Lang::choose(&none, env(english)), Lang::En);
    assert_eq!(Lang::choose(&none, env(&[("LANG", "en_US"), ("LC_ALL", "C")])), Lang::Fr);
    assert_eq!(Lang::choose(&none, env(&[("LANG", "de_DE.UTF-8")])), Lang::Fr);
    assert_eq!(Lang::choose(&none, env(&[("LC_ALL", "fr_FR"), ("PIRATE_LANG", "en")])), Lang::En);
    assert_eq!(Lang::choose(&["pirate", "--lang", "fr"], env(english)), Lang::Fr);
    assert_eq!(Lang::choose(&["pirate", "aide", "--lang=fr"], env(english)), Lang::Fr);
    assert_eq!(Lang::choose(&["pirate", "--", "--lang=fr"], env(english)), Lang::En);
}

#[test]
fn numbers_and_plurals_follow_the_language() {
    assert_eq!(Lang::Fr.show(&Value::Count(4_812)), "4\u{a0}812");
    assert_eq!(Lang::En.show(&Value::Count(-1_234_567)), "\u{2212}1,234,567");
    for (count, word) in [(0, "mot a"), (1, "mot a"), (2, "mots ont")] {
        let said = Lang::Fr.say(&crate::text!("words-count", count = Value::Count(count)));
        assert!(said.contains(word), "{said}");
    }
    assert!(
        Lang::En.say(&crate::text!("words-count", count = Value::Count(0))).contains("words were")
    );
}
