//! A home that belongs to somebody else: every command says that the rights are missing, and none takes what it
//! may not look at for absent.

use std::{fs::Permissions, os::unix::fs::PermissionsExt as _, path::Path};

use harness::processes::{Home, founded};

fn shut(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("the directory is ours");
}

/// Runs each line; returns what does not end with 77, does not name the place, or advises to found or join.
fn wrong(home: &Home, lines: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in lines {
        let said = home.run(&line.split(' ').collect::<Vec<_>>());
        let place = home.dir().display().to_string();
        let told = said.err.contains("P0215")
            && said.err.contains(&place)
            && said.err.contains("Les droits manquent");
        let lured = ["cite fonder", "pirate rejoindre", "noeud lancer"].iter();
        let lured =
            lured.filter(|word| !line.starts_with(*word)).any(|word| said.err.contains(word));
        if said.code != Some(77) || !told || lured || !said.out.is_empty() {
            wrong.push(format!("pirate {line}: {said:?}"));
        }
    }
    wrong
}

#[test]
fn a_home_that_one_may_not_read_is_not_absent() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let home = founded(place.path(), "essai").without_rights();
    let lines = [
        "etat",
        "etat --check",
        "solde",
        "releve",
        "cle voir",
        "carte voir",
        "cite voir",
        "cite approuver",
        "membre lister",
        "federation lister",
        "noeud lancer",
        "noeud etat",
        "noeud pairs",
        "noeud horloge",
        "noeud verifier",
        "noeud reconstruire",
        "journal lister",
        "journal voir 0",
        "audit dossier",
        "sauvegarde faire",
        "sauvegarde auto",
        "cite fonder --name x --place y --words-output /dev/null",
        "cle creer --words-output /dev/null",
    ];
    shut(home.dir(), 0);
    let mut faults = wrong(&home, &lines);
    // Nothing at all was asked for, either.
    let alone = home.run(&[]);
    if alone.code != Some(77) || !alone.err.contains("P0215") {
        faults.push(format!("pirate: {alone:?}"));
    }
    shut(home.dir(), 0o700);
    // The node's directory alone: as with a node that is another user's.
    shut(&home.node(), 0);
    faults.extend(wrong(
        &home,
        &["etat", "noeud etat", "noeud lancer", "cite voir", "journal lister"],
    ));
    shut(&home.node(), 0o700);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
