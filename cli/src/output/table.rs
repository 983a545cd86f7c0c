//! A table of a screen: headings in the reader's language, numbers to the right.
//! Plain tables are one row a line, cells parted by tabs, no box and no alignment.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Width, presets};

use super::{Form, screen::render_facts};
use crate::language::{Lang, Text, Value};

/// Longest word that a column makes room for: a member of a cité with a usual name (`42@tisserandes`).
/// Longer ones are identities, which may break.
const WORD_MAX: usize = 20;
/// Below so many columns, the usual width of a terminal, a table that would break words is shown one fact a line.
const NARROW: usize = 80;
/// A blank on either side of a cell.
const AROUND: usize = 2;

/// Rows under headings.
#[derive(Clone, Debug, Default)]
pub struct Table {
    headings: Vec<Text>,
    rows: Vec<Vec<Value>>,
}

impl Table {
    /// Returns a table with these columns.
    pub fn new(headings: Vec<Text>) -> Self {
        Self { headings, rows: Vec::new() }
    }

    /// Adds a row; a missing cell stays empty, one too many is a mistake of ours.
    pub fn row(&mut self, cells: Vec<Value>) {
        debug_assert!(cells.len() <= self.headings.len());
        self.rows.push(cells);
    }

    /// Returns whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn render(&self, lang: Lang, form: Form, columns: usize) -> String {
        match form {
            Form::Human if columns < NARROW && self.whole_words(lang, columns).is_empty() => {
                self.listed(lang, columns)
            }
            Form::Human => self.aligned(lang, columns),
            Form::Plain | Form::Json => self.tabbed(lang),
        }
    }

    /// One fact a line, a row below the other: where columns would break every word.
    fn listed(&self, lang: Lang, columns: usize) -> String {
        let row = |row: &Vec<Value>| {
            let facts: Vec<(String, String)> = self
                .headings
                .iter()
                .zip(row)
                .map(|(heading, cell)| (lang.say(heading), lang.show(cell)))
                .filter(|(_, shown)| !shown.is_empty())
                .collect();
            render_facts(lang, &facts, Form::Human, columns)
        };
        self.rows.iter().map(row).collect::<Vec<_>>().join("\n")
    }

    fn tabbed(&self, lang: Lang) -> String {
        let heading =
            self.headings.iter().map(|text| lang.say(text)).collect::<Vec<_>>().join("\t");
        let rows = self.rows.iter().map(|row| {
            row.iter()
                .map(|cell| lang.show_whole(cell).replace('\t', " "))
                .collect::<Vec<_>>()
                .join("\t")
        });
        std::iter::once(heading).chain(rows).map(|line| format!("{line}\n")).collect()
    }

    fn aligned(&self, lang: Lang, columns: usize) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(columns).unwrap_or(u16::MAX))
            .set_header(self.headings.iter().enumerate().map(|(place, text)| {
                let first = self.rows.first().and_then(|row| row.get(place));
                Cell::new(lang.say(text))
                    .set_alignment(first.map_or(CellAlignment::Left, alignment))
            }));
        for row in &self.rows {
            table.add_row(
                row.iter().map(|value| Cell::new(lang.show(value)).set_alignment(alignment(value))),
            );
        }
        for (place, width) in (0..).zip(self.whole_words(lang, columns)) {
            if let Some(column) = table.column_mut(place) {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
            }
        }
        table.trim_fmt() + "\n"
    }

    /// Returns the widths, blanks around them included, at which no column breaks a word of up to
    /// [`WORD_MAX`] characters; nothing when the screen is too narrow for them together.
    fn whole_words(&self, lang: Lang, columns: usize) -> Vec<u16> {
        let longest = |text: &str| {
            let lengths = text.split([' ', '\n']).map(|word| word.chars().count());
            lengths.filter(|length| *length <= WORD_MAX).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..)
            .zip(&self.headings)
            .map(|(place, heading)| {
                let cells = self.rows.iter().filter_map(|row| row.get(place));
                let words = cells.map(|cell| longest(&lang.show(cell)));
                words.chain([longest(&lang.say(heading))]).max().unwrap_or(0) + AROUND
            })
            .collect();
        if widths.iter().sum::<usize>() > columns {
            return Vec::new();
        }
        widths.into_iter().map(|width| u16::try_from(width).unwrap_or(u16::MAX)).collect()
    }
}

fn alignment(value: &Value) -> CellAlignment {
    match value {
        Value::Count(_) | Value::Minutes(_) | Value::Limit(_) => CellAlignment::Right,
        _ => CellAlignment::Left,
    }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::{
        language::{Lang, Value},
        output::Form,
        text,
    };

    #[test]
    fn numbers_stand_to_the_right_and_nothing_is_wider_than_the_screen() {
        let mut table = Table::new(vec![text!("label-profile"), text!("label-created")]);
        table.row(vec!["zoe".into(), Value::Minutes(-45)]);
        table.row(vec!["mot ".repeat(40).into(), Value::Minutes(6_000)]);
        let shown = table.render(Lang::Fr, Form::Human, 80);
        let ends: Vec<_> = shown
            .lines()
            .filter(|l| l.contains("\u{a0}h\u{a0}"))
            .map(|l| l.chars().count())
            .collect();
        assert_eq!(ends.len(), 2, "{shown}");
        assert!(ends.windows(2).all(|pair| pair.first() == pair.last()), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        let plain = table.render(Lang::Fr, Form::Plain, 80);
        assert_eq!(plain.lines().count(), 3);
    }

    #[test]
    fn words_stay_whole_while_the_screen_has_room_for_them() {
        let headings = ["date", "who", "change", "balance", "text", "state"];
        let headings = headings.map(|name| crate::language::Text::new("said").with("said", name));
        let mut table = Table::new(headings.to_vec());
        table.row(vec![
            "2026-11-26".into(),
            "1@tisserandes".into(),
            Value::Minutes(-120),
            Value::Minutes(-210),
            "Réparation de vélo et de bien d’autres choses encore".into(),
            "✓✓ committed".into(),
        ]);
        let shown = table.render(Lang::En, Form::Human, 80);
        for word in ["2026-11-26", "1@tisserandes", "−2\u{a0}h\u{a0}00\u{a0}min", "Réparation"] {
            assert!(shown.contains(word), "{word} was broken:\n{shown}");
        }
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        // Where words cannot all stay whole beside each other, they stand below each other.
        for columns in [40, 60] {
            let narrow = table.render(Lang::En, Form::Human, columns);
            assert!(narrow.lines().all(|line| line.chars().count() <= columns), "{narrow}");
            for line in
                ["  date     2026-11-26", "  who      1@tisserandes", "  state    ✓✓ committed"]
            {
                assert!(narrow.contains(line), "{line}:\n{narrow}");
            }
        }
    }

    #[test]
    fn a_plain_table_has_the_whole_of_what_people_see_shortened() {
        let mut table = Table::new(vec![text!("label-node")]);
        table.row(vec![Value::Long { short: "0707…".to_owned(), whole: "07".repeat(32) }]);
        let human = table.render(Lang::Fr, Form::Human, 80);
        assert!(human.contains("0707…") && !human.contains(&"07".repeat(32)), "{human}");
        assert!(table.render(Lang::Fr, Form::Plain, 80).contains(&"07".repeat(32)));
    }
}
