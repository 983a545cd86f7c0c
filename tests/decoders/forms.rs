//! Whether every canonical form that the program reads has a door: whoever adds one cannot pass this before
//! it is tried. Read from the sources, for most forms of files are private to the module that keeps them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use harness::vectors::root;

use super::DOORS;

/// Returns the name of every canonical form in the sources below a folder, with the file that says it.
fn forms(folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder of the project can be read") {
        let path = entry.expect("a folder of the project can be read").path();
        if path.is_dir() {
            forms(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).expect("a source can be read");
            for name in forms_in(&text) {
                let before = found.insert(name.clone(), path.display().to_string());
                assert_eq!(before, None, "{}: another form is called {name:?}", path.display());
            }
        }
    }
}

/// Returns the names that stand behind `impl Canonical for`, or in the list of a macro that says so.
fn forms_in(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (_, behind) in text.match_indices("impl Canonical for ").map(|(at, _)| text.split_at(at)) {
        let (_, said) =
            behind.split_once("const NAME: &'static str = ").expect("a form has a name");
        match said.split_once(';').map(|(name, _)| name.trim()) {
            Some("$name") => names.extend(listed(text)),
            Some(name) => names.push(name.trim_matches('"').to_owned()),
            None => panic!("a form without a name: {behind}"),
        }
    }
    names
}

/// Returns the names in lines such as `Pay, "payment";`.
fn listed(text: &str) -> Vec<String> {
    let (_, list) = text.split_once("\ncanonical_fields! {").expect("the macro is used");
    let (list, _) = list.split_once("\n}").expect("the list is closed");
    list.lines().filter_map(|line| Some(line.split('"').nth(1)?.to_owned())).collect()
}

#[test]
fn every_canonical_form_has_a_door() {
    let mut found = BTreeMap::new();
    for name in ["proto", "ledger", "node", "cli"] {
        forms(&root().join(name).join("src"), &mut found);
    }
    assert!(found.len() > 40, "only {} forms were found: {found:?}", found.len());
    let tried: BTreeSet<String> = DOORS.iter().flat_map(|door| door.forms.clone()).collect();
    let untried: Vec<_> = found.iter().filter(|(name, _)| !tried.contains(*name)).collect();
    assert!(untried.is_empty(), "no door in tests/src/fuzz reads these forms: {untried:#?}");
}

#[test]
fn forms_are_found_in_sources() {
    let text = "impl Canonical for A {\n    const NAME: &'static str = \"a form\";\n}\n\
        macro_rules! canonical_fields { impl Canonical for $type {\n    const NAME: &'static str = $name;\n\
        } }\ncanonical_fields! {\n    B, \"another\";\n}\n";
    assert_eq!(forms_in(text), ["a form", "another"]);
}
