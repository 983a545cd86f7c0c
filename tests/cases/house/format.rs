//! The written format, where it speaks of the ledger: objects, refusals, sections, verdicts and the files
//! of a node are those of the program.

use ledger::{bundle, refusal::Refusal};
use pirate::keyring::{LABEL_ACCOUNT, LABEL_DEVICE, LABEL_DEVICE_NEXT, LABEL_WORDS};

use super::read;

fn page() -> String {
    read("docs/format/README.md")
}

/// Returns the rows of the first table behind the line that begins with `heading`, without its head.
pub(super) fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let mut lines = page.lines().skip_while(|line| !line.starts_with(heading));
    assert!(lines.next().is_some(), "no line begins with {heading:?}");
    let rows: Vec<Vec<String>> = lines
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|row| {
            let row = row.trim().trim_start_matches('|').trim_end_matches('|');
            row.split('|').map(|cell| cell.trim().to_owned()).collect()
        })
        .collect();
    assert!(!rows.is_empty(), "no table behind {heading:?}");
    rows
}

pub(super) fn plain(cell: &str) -> &str {
    cell.trim_matches('`')
}

/// Returns the lines between a line with `opening` and the brace that closes it.
fn braces(source: &str, opening: &str) -> Vec<String> {
    let mut lines = source.lines().skip_while(|line| !line.contains(opening));
    assert!(lines.next().is_some(), "no {opening:?} in the source");
    lines.take_while(|line| *line != "}").map(|line| line.trim().to_owned()).collect()
}

#[test]
fn objects_of_the_state_have_the_fields_of_the_program() {
    let (page, source) = (page(), read("ledger/src/object.rs"));
    let mut described = 0;
    for line in page.lines().filter(|line| line.starts_with("Object `")) {
        let name = line.split('`').nth(1).expect("a name");
        let written: Vec<(String, String)> = table(&page, line)
            .iter()
            .map(|row| (plain(&row[0]).to_owned(), plain(&row[1]).to_owned()))
            .collect();
        let fields: Vec<(String, String)> = braces(&source, &format!("pub struct {name} {{"))
            .iter()
            .filter_map(|line| line.strip_prefix("pub ")?.trim_end_matches(',').split_once(": "))
            .map(|(field, kind)| {
                let kind = if matches!(kind, "Level" | "Validity") { "enum" } else { kind };
                (field.to_owned(), kind.to_owned())
            })
            .collect();
        assert_eq!(written, fields, "{name}");
        described += 1;
    }
    assert_eq!(described, 15, "objects are missing from the page");
    let variants: Vec<String> = braces(&source, "pub enum Object {")
        .iter()
        .filter_map(|line| Some(line.split_once('(')?.1.trim_end_matches("),").to_owned()))
        .collect();
    let rows = table(&page, "Everything that can change a decision");
    let written: Vec<&str> = rows.iter().map(|row| plain(&row[1])).collect();
    assert_eq!(written, variants, "the number of a variant is its place");
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(row[0], place.to_string());
    }
}

#[test]
fn refusals_are_those_of_the_program() {
    let page = page();
    let rows = table(&page, "Numbers of refusals");
    let written: Vec<(u16, &str)> =
        rows.iter().map(|row| (row[0].parse().expect("a number"), plain(&row[1]))).collect();
    assert_eq!(written, Refusal::NUMBERS);
    let source = read("ledger/src/refusal.rs");
    for row in &rows {
        let line = source
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with(&format!("{} {}", row[0], plain(&row[1]))))
            .unwrap_or_else(|| panic!("no line of {row:?}"));
        let fields: Vec<&str> = line
            .split_once('{')
            .map(|(_, fields)| fields.split(',').filter_map(|f| f.split(':').next()).collect())
            .unwrap_or_default();
        let values: Vec<&str> = row[3].split(", ").map(plain).filter(|v| !v.is_empty()).collect();
        assert_eq!(values, fields.iter().map(|field| field.trim()).collect::<Vec<_>>(), "{row:?}");
    }
}

#[test]
fn checks_name_only_refusals_that_exist() {
    let page = page();
    let start = page.find("## 22. What entries do").expect("the section is there");
    let end = page.find("## 23. Refusals").expect("the section is there");
    let section = &page[start..end];
    let mut unnamed: Vec<u16> = Refusal::NUMBERS.iter().map(|(number, _)| *number).collect();
    for word in section.split(|c: char| !c.is_ascii_digit()) {
        unnamed.retain(|number| word.parse() != Ok(*number));
    }
    // Malformed bytes never reach the rules; an order that is there already and an opening that is
    // missing are said by the home and the desk.
    assert_eq!(unnamed, [14, 16, 44], "refusals that no order of checks mentions");
}

#[test]
fn sections_of_a_bundle_are_those_of_the_program() {
    let page = page();
    let written: Vec<(String, String)> = table(&page, "Sections of a bundle")
        .iter()
        .map(|row| (plain(&row[1]).to_owned(), plain(&row[0]).to_owned()))
        .collect();
    let known: Vec<(String, String)> = braces(&read("ledger/src/bundle.rs"), "pub mod kind {")
        .iter()
        .filter_map(|line| line.strip_prefix("pub const ")?.split_once(": u8 = "))
        .map(|(name, value)| (name.to_owned(), value.trim_end_matches(';').to_owned()))
        .collect();
    assert_eq!(written, known);
    let max: String = bundle::SECTION_MAX.to_string();
    let (thousands, rest) = max.split_at(max.len() - 3);
    assert!(page.contains(&format!("at most {thousands},{rest})")), "the longest section is {max}");
    assert_eq!(&bundle::MAGIC, b"pirate-audit/1\n");
}

#[test]
fn verdicts_are_exit_codes() {
    let page = page();
    for row in table(&page, "| verdict | means |\n".trim_end()) {
        let verdict: u8 = row[0].parse().expect("a number");
        let exit = pirate::exit::Exit::of_verdict(verdict);
        assert_eq!(exit.map(|exit| exit.code()), Some(i32::from(verdict)));
    }
}

#[test]
fn marks_on_the_disk_are_those_of_the_program() {
    let page = page();
    for (file, mark) in [
        ("ledger/src/segments/format.rs", "PIRATSEG"),
        ("ledger/src/segments/format.rs", "PIRATEND"),
        ("ledger/src/guard/slot.rs", "PIRATGRD"),
    ] {
        assert!(read(file).contains(&format!("*b\"{mark}\"")), "{file}: {mark}");
        assert!(page.contains(&format!("\"{mark}\"")), "{mark} is not on the page");
    }
    assert!(page.contains(&format!("the line `{}`", proto::desk::CardProof::HEADING)));
    let slot = read("ledger/src/guard/slot.rs");
    assert!(slot.contains("SLOT_BYTES: usize = 184;") && page.contains("184 bytes"));
    assert_eq!(ledger::segments::SEGMENT_RECORDS_MAX, 50_000);
    assert_eq!(ledger::state::RECENT_MAX, 4_096);
}

#[test]
fn labels_of_keys_from_words_are_those_of_the_program() {
    let page = page();
    let rows = table(&page, "Labels of keys from words");
    let written: Vec<&str> = rows.iter().map(|row| plain(&row[0])).collect();
    let root = read("cli/src/commands/cite/found/root.rs");
    let root = root.lines().find_map(|line| line.strip_prefix("const LABEL_ROOT: &str = \""));
    let root = root.expect("the root has a label").trim_end_matches("\";");
    let account = format!("{LABEL_ACCOUNT} CITE");
    assert_eq!(written, [LABEL_DEVICE, LABEL_DEVICE_NEXT, LABEL_WORDS, root, &account]);
}
