//! `--dry-run`: no command that takes the name of a file or a folder to write makes one, and each says what it
//! would have made.

use std::collections::BTreeSet;

use harness::processes::{Allied, files_below, person};
use pirate::tree::{self, Kind};

/// Commands that write where they are told to, run where they would, with what each must name.
const LINES: &[(&str, &str)] = &[
    ("audit bundle -o {out}/dossier", "dossier"),
    ("backup create -o {out}/sauvegarde", "sauvegarde"),
    ("backup auto --to {out}/tous", "tisserandes-"),
    ("card show -o {out}/carte", "carte"),
    ("card show -o {out}/carte.svg", "carte.svg"),
    ("card print -o {out}/cartes.pdf", "cartes.pdf"),
    ("history -o {out}/releve", "releve"),
    ("history --format csv -o {out}/csv", "csv"),
    ("audit forks bundle -o {out}/preuves", ""),
    ("demo --keep {out}/demo", ""),
    ("key new --profile autre --test-lock --words-output {out}/mots", ""),
    (
        "cite found --profile neuf --name N --place P --yes --test-network --words-output {out}/mots2",
        "",
    ),
];

#[test]
fn nothing_is_written_in_a_dry_run() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let allied = Allied::new(place.path());
    let [cite, _] = &allied.cites;
    let made = cite.run(&["audit", "bundle", "-o", "bundle"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let other = person(place.path(), "lea");
    let out = place.path().join("out");
    std::fs::create_dir(&out).expect("the directory is ours");
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for (line, named) in LINES {
        let typed = line.replace("{out}", &out.display().to_string());
        let words: Vec<&str> = typed.split(' ').chain(["--dry-run"]).collect();
        let home = if line.starts_with("cite found") || line.starts_with("key new") {
            &other
        } else {
            cite
        };
        let said = home.run(&words);
        // A second identity must exist before it founds; then it is said, and still nothing is written.
        let ended = said.code == Some(0) || line.starts_with("cite found");
        let told = format!("{}{}", said.out, said.err);
        if !ended || !told.contains(named) || (!named.is_empty() && !told.contains("Essai")) {
            wrong.push(format!("pirate {typed}: {said:?}"));
        }
        let left = files_below(&out);
        if left.len() > 1 {
            wrong.push(format!("pirate {typed} wrote {left:?}"));
        }
        let name = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        seen.extend(tree::find(&name).or_else(|| tree::find(words[0])).map(|spec| spec.en));
    }
    // Whatever else can be told where to write must be in the list.
    for spec in tree::available() {
        let writes = spec.args.iter().any(|arg| {
            let to = ["output", "words-output", "keep", "to"].contains(&arg.id);
            let place = ["val-file", "val-folder", "val-dir"].contains(&arg.value);
            matches!(arg.kind, Kind::Option { .. }) && to && place
        });
        if writes && !seen.contains(spec.en) {
            wrong.push(format!("{} was not tried", spec.en));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
