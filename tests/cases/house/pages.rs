//! Pages that are true: links lead somewhere, named files and tests exist, invariants have their place and
//! their test, decisions say what would reopen them, commands are commands.

use std::collections::BTreeSet;

use harness::vectors::root;
use pirate::{codes::Code, tree::SPECS};

use super::{
    files,
    format::{plain, table},
    read,
};

/// All pages for people.
fn pages() -> Vec<String> {
    let mut all = files("docs", &[".md"]);
    all.push("README.md".to_owned());
    assert!(all.len() > 10, "only {} pages were found", all.len());
    all
}

/// Returns what stands between backticks in a text, code blocks left out.
fn quoted(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the lines of all blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    text.split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix(&format!("{language}\n")))
        .flat_map(|block| block.lines().map(str::to_owned))
        .filter(|line| !line.trim().is_empty())
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut followed = 0;
    for page in pages() {
        let text = read(&page);
        let folder = root().join(&page).parent().expect("a page is in a folder").to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if link.starts_with("http") || target.is_empty() {
                continue;
            }
            assert!(folder.join(target).exists(), "{page}: nothing is at {link}");
            followed += 1;
        }
    }
    assert!(followed > 30, "only {followed} links");
}

#[test]
fn files_that_pages_name_exist() {
    let folders =
        ["proto/", "ledger/", "node/src/", "node/tests/", "cli/", "tests/", "docs/", ".ci/"];
    let mut named = 0;
    for page in pages() {
        for name in quoted(&read(&page)) {
            if folders.iter().any(|folder| name.starts_with(folder)) && !name.contains(' ') {
                assert!(root().join(&name).exists(), "{page} names {name}, which is not there");
                named += 1;
            }
        }
    }
    assert!(named > 50, "only {named} files are named");
}

#[test]
fn every_page_is_reached() {
    let index = read("docs/README.md");
    for page in files("docs", &[".md"]) {
        let name = page.trim_start_matches("docs/");
        let reached = name.starts_with("decisions/") || name == "README.md";
        assert!(reached || index.contains(&format!("({name})")), "docs/README.md lacks {name}");
    }
}

#[test]
fn decisions_say_why_and_what_would_reopen_them() {
    let index = read("docs/decisions/README.md");
    let decisions: Vec<String> = files("docs/decisions", &[".md"])
        .into_iter()
        .filter(|page| !page.ends_with("README.md"))
        .collect();
    assert!(decisions.len() >= 14, "only {} decisions", decisions.len());
    let mut last = 0;
    for page in &decisions {
        let text = read(page);
        let name = page.trim_start_matches("docs/decisions/");
        let number: u32 = name.split('-').next().and_then(|n| n.parse().ok()).expect("a number");
        assert!(name.starts_with(&format!("{number:04}-")), "{name}: four digits");
        assert!(number > last, "{name}: a number is never used twice");
        last = number;
        assert!(text.starts_with(&format!("# {number}. ")), "{name}: its number stands on top");
        assert!(index.contains(&format!("({name})")), "the list of decisions lacks {name}");
        for heading in ["Context", "Decision", "Consequences", "Reason to reopen"] {
            let below = text.split(&format!("\n## {heading}\n")).nth(1).unwrap_or_default();
            let said = below.split("\n## ").next().unwrap_or_default().trim();
            assert!(said.len() > 40, "{name}: {heading} says nothing");
        }
    }
}

/// Returns the comment above a function in a file, if the function is there.
fn comment_above(path: &str, function: &str) -> Option<String> {
    let text = read(path);
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| {
        let line = line.trim_start().trim_start_matches("pub ").trim_start_matches("async ");
        line.starts_with(&format!("fn {function}("))
    })?;
    let above = lines.iter().take(at).rev().take_while(|line| {
        let line = line.trim_start();
        line.starts_with("///") || line.starts_with("#[")
    });
    Some(above.copied().collect::<Vec<_>>().join("\n"))
}

#[test]
fn invariants_have_a_number_a_place_and_a_test_that_names_it() {
    let page = read("docs/invariants.md");
    let mut numbers = BTreeSet::new();
    let built = table(&page, "## Built");
    let mut missing = Vec::new();
    for row in &built {
        let number = row[0].as_str();
        assert!(numbers.insert(number.to_owned()), "{number} stands twice");
        let place = quoted(&row[2]);
        let [file, symbol] = place.as_slice() else { panic!("{number}: a file and a symbol") };
        assert!(read(file).contains(symbol), "{number}: {file} has no {symbol}");
        let shown = quoted(&row[3]);
        let [file, test] = shown.as_slice() else { panic!("{number}: a file and a test") };
        match comment_above(file, test) {
            None => missing.push(format!("{number}: {file} has no test {test}")),
            Some(comment) if !comment.contains("#[test]") && !comment.contains("#[tokio::test") => {
                missing.push(format!("{number}: {test} in {file} is no test"));
            }
            Some(comment) => {
                let named =
                    comment.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == number);
                if !named {
                    missing.push(format!(
                        "{number}: write `/// Invariant {number}.` above {test} in {file}"
                    ));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    for row in table(&page, "## Not yet") {
        assert!(numbers.insert(row[0].clone()), "{} stands twice", row[0]);
        assert!(row[2].len() > 5, "{} does not say what it waits for", row[0]);
    }
    assert!(built.len() >= 20, "only {} invariants are built", built.len());
}

/// Returns the command that the words behind `pirate` name, and how many words it has.
fn command(words: &[&str]) -> Option<&'static str> {
    let named = |name: &str| {
        let name: Vec<&str> = name.split(' ').collect();
        words.len() >= name.len() && words[..name.len()] == name[..]
    };
    SPECS
        .iter()
        .find(|spec| [spec.en, spec.fr, spec.accented].into_iter().any(named))
        .map(|spec| spec.en)
}

#[test]
fn commands_on_pages_are_commands() {
    let mut shown = BTreeSet::new();
    let mut commands = Vec::new();
    for page in pages().into_iter().filter(|page| !page.contains("decisions/")) {
        let text = read(&page);
        let lines = quoted(&text).into_iter().chain(blocks(&text, "sh"));
        for line in lines.flat_map(|line| {
            let parts: Vec<String> = line.split("&&").map(|part| part.trim().to_owned()).collect();
            parts
        }) {
            if let Some(rest) = line.strip_prefix("pirate ") {
                let rest = rest.split('#').next().unwrap_or_default();
                commands.push((page.clone(), rest.to_owned()));
            }
        }
    }
    for (page, line) in commands {
        let words: Vec<&str> = line.split_whitespace().collect();
        // A name in capitals stands for a command.
        if ["--version", "--home"].contains(&words[0]) {
            continue;
        }
        let known = command(&words);
        assert!(known.is_some(), "{page}: pirate {line}: there is no such command");
        let spec = SPECS.iter().find(|spec| Some(spec.en) == known).expect("it was found there");
        for flag in words.iter().filter_map(|word| word.strip_prefix("--")) {
            let own = spec.args.iter().any(|arg| arg.id == flag);
            let everywhere = ["json", "lang", "home", "yes", "plain"].contains(&flag);
            assert!(own || everywhere, "{page}: pirate {line}: there is no --{flag}");
        }
        shown.extend(known);
    }
    assert!(shown.len() > 10, "only {shown:?} are shown");
}

#[test]
fn readme_and_ci_run_the_same_commands() {
    let (readme, ci) = (read("README.md"), read(".ci/run"));
    let commands: Vec<String> =
        blocks(&readme, "sh").into_iter().filter(|line| line.starts_with("cargo ")).collect();
    let [demo, tests] = commands.as_slice() else { panic!("two commands do all: {commands:?}") };
    assert_eq!(demo, "cargo run --release --locked -- demo");
    assert!(tests.starts_with("cargo test "), "{tests}");
    for command in [demo, tests] {
        let run = ci
            .lines()
            .any(|line| line.trim() == command || line.contains(&format!("{command} --json")));
        assert!(run, ".ci/run does not run {command:?}");
    }
    assert!(read("docs/contributing.md").contains(tests), "contributing says otherwise");
    let version = read("Cargo.toml")
        .lines()
        .find_map(|line| Some(line.strip_prefix("rust-version = ")?.trim_matches('"').to_owned()))
        .expect("the workspace names its Rust");
    assert!(readme.contains(&format!("({version} ")), "README names another Rust than {version}");
    // `cargo run` without a name needs that there is one program.
    let programs: usize = ["proto", "ledger", "node", "cli", "tests"]
        .iter()
        .map(|name| read(&format!("{name}/Cargo.toml")).matches("[[bin]]").count())
        .sum();
    assert_eq!(programs, 1, "`cargo run` would not know which program is meant");
}

#[test]
fn codes_and_exits_on_pages_are_those_of_the_program() {
    let mut codes = 0;
    for page in pages() {
        let text = read(&page);
        for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
            let code = word.len() == 5
                && word.starts_with(['P', 'W'])
                && word[1..].chars().all(|c| c.is_ascii_digit());
            if code {
                assert!(Code::find(word).is_some(), "{page}: there is no code {word}");
                codes += 1;
            }
        }
    }
    assert!(codes > 10, "only {codes} codes are named");
    let source = read("cli/src/exit.rs");
    let known: BTreeSet<String> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => "))
        .map(|(_, number)| number.trim_end_matches(',').to_owned())
        .filter(|number| number.parse::<u8>().is_ok())
        .collect();
    let written: BTreeSet<String> = table(&read("docs/operations.md"), "## Exit codes")
        .into_iter()
        .map(|row| plain(&row[0]).to_owned())
        .collect();
    assert_eq!(written, known);
}

#[test]
fn the_glossary_has_each_word_once_in_both_languages() {
    let rows = table(&read("docs/glossary.md"), "# Glossary");
    let words: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(words.len(), rows.len(), "a word has two meanings");
    assert!(rows.iter().all(|row| row.len() == 3 && row.iter().all(|cell| !cell.is_empty())));
    assert!(rows.len() > 40, "only {} words", rows.len());
}

#[test]
fn both_licences_are_there() {
    assert!(read("LICENSE-MIT").contains("Permission is hereby granted"));
    assert!(read("LICENSE-APACHE").contains("Version 2.0, January 2004"));
    assert!(read("Cargo.toml").contains("license = \"MIT OR Apache-2.0\""));
}
