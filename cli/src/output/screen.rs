//! What a person sees of a result, as data: lines, facts, marks, tables, what to do next.
//! Rendered for people or plainly; knows nothing of terminals.

use clap::builder::styling::{AnsiColor, Style};

use super::{
    Form, Table,
    picture::{self, Room},
    spoken,
};
use crate::{
    language::{Lang, Text, Value},
    qr::QrCode,
    tree::Typed,
};

/// The sign before a line; always doubled by a word when plain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Holds, done.
    Good,
    /// Look at this.
    Warn,
    /// Does not hold.
    Bad,
    /// Not looked at.
    NotChecked,
}

impl Mark {
    fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Warn => "!",
            Self::Bad => "✗",
            Self::NotChecked => "–",
        }
    }

    fn word(self, lang: Lang) -> String {
        lang.t(match self {
            Self::Good => "mark-good",
            Self::Warn => "mark-warn",
            Self::Bad => "mark-bad",
            Self::NotChecked => "mark-not-checked",
        })
    }

    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warn => AnsiColor::Yellow.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::NotChecked => Style::new(),
        }
    }
}

#[derive(Clone, Debug)]
enum Block {
    Line { indent: usize, sentence: Sentence },
    Title(Text),
    Fact(Text, Value),
    Marked(Mark, Sentence),
    Arrow(Option<Text>, Vec<String>),
    Table(Table),
    Verbatim(String),
    Code(QrCode),
    Blank,
}

#[derive(Clone, Debug)]
enum Sentence {
    Text(Text),
    Said(String),
}

impl Sentence {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Text(text) => lang.say(text),
            Self::Said(said) => said.clone(),
        }
    }
}

/// A screen under construction; every method adds below what is there.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    blocks: Vec<Block>,
}

impl Screen {
    /// Returns an empty screen.
    pub fn new() -> Self {
        Self::default()
    }

    fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Adds a sentence on lines of its own.
    #[must_use]
    pub fn line(self, text: Text) -> Self {
        self.with(Block::Line { indent: 0, sentence: Sentence::Text(text) })
    }

    /// Adds words that are already in the reader's language.
    #[must_use]
    pub fn said(self, said: impl Into<String>) -> Self {
        self.with(Block::Line { indent: 0, sentence: Sentence::Said(said.into()) })
    }

    /// Adds a sentence set in by two columns.
    #[must_use]
    pub fn inset(self, text: Text) -> Self {
        self.with(Block::Line { indent: 2, sentence: Sentence::Text(text) })
    }

    /// Adds a heading.
    #[must_use]
    pub fn title(self, text: Text) -> Self {
        self.with(Block::Title(text))
    }

    /// Adds `label  value`; neighbouring facts are aligned.
    #[must_use]
    pub fn fact(self, label: Text, value: impl Into<Value>) -> Self {
        self.with(Block::Fact(label, value.into()))
    }

    /// Adds a sentence with a mark before it.
    #[must_use]
    pub fn mark(self, mark: Mark, text: Text) -> Self {
        self.with(Block::Marked(mark, Sentence::Text(text)))
    }

    pub(super) fn mark_said(self, mark: Mark, said: String) -> Self {
        self.with(Block::Marked(mark, Sentence::Said(said)))
    }

    /// Adds `→ what it is for: command`, the command in canonical English (may be empty).
    #[must_use]
    pub fn arrow(self, why: Option<Text>, argv: &[String]) -> Self {
        self.with(Block::Arrow(why, argv.to_vec()))
    }

    /// Returns it with the commands that it offers as whoever typed `typed` types them.
    #[must_use]
    pub fn after(mut self, typed: &Typed) -> Self {
        for block in &mut self.blocks {
            if let Block::Arrow(_, argv) = block {
                typed.complete(argv);
            }
        }
        self
    }

    /// Adds a table.
    #[must_use]
    pub fn table(self, table: Table) -> Self {
        self.with(Block::Table(table))
    }

    /// Adds text as it is, line breaks included.
    #[must_use]
    pub fn verbatim(self, text: impl Into<String>) -> Self {
        self.with(Block::Verbatim(text.into()))
    }

    /// Adds a QR code. What it holds stands in the screen as text, too: not every terminal can show it.
    #[must_use]
    pub fn code(self, code: QrCode) -> Self {
        self.with(Block::Code(code))
    }

    /// Returns it with its codes painted where there is room for them, and else a sentence in their place.
    pub(super) fn fitted(&self, room: Option<Room>) -> Self {
        let fitted = |block: &Block| match block {
            Block::Code(code) => match picture::shown(code, room) {
                Ok(painted) => Block::Verbatim(painted),
                Err(instead) => Block::Line { indent: 0, sentence: Sentence::Text(instead) },
            },
            other => other.clone(),
        };
        Self { blocks: self.blocks.iter().map(fitted).collect() }
    }

    /// Adds an empty line (left out when plain).
    #[must_use]
    pub fn blank(self) -> Self {
        self.with(Block::Blank)
    }

    /// Returns the text, every line ended.
    pub(crate) fn render(&self, lang: Lang, form: Form, columns: usize) -> String {
        // Plain is one fact a line, however long: what reads it breaks lines itself, or must not.
        let columns = if form == Form::Human { columns } else { usize::MAX };
        let mut text = String::new();
        let mut rest = self.blocks.as_slice();
        while let Some((block, after)) = rest.split_first() {
            rest = after;
            match block {
                Block::Fact(..) => {
                    let more = rest.iter().take_while(|b| matches!(b, Block::Fact(..))).count();
                    let facts: Vec<_> = std::iter::once(block)
                        .chain(rest.iter().take(more))
                        .filter_map(|b| match b {
                            Block::Fact(label, value) => Some((lang.say(label), lang.show(value))),
                            _ => None,
                        })
                        .collect();
                    rest = rest.get(more..).unwrap_or_default();
                    text.push_str(&render_facts(lang, &facts, form, columns));
                }
                other => text.push_str(&render_block(other, lang, form, columns)),
            }
        }
        text
    }
}

fn render_block(block: &Block, lang: Lang, form: Form, columns: usize) -> String {
    match block {
        Block::Line { indent, sentence } => {
            let indent = " ".repeat(*indent);
            wrap(&sentence.say(lang), columns, &indent, &indent)
        }
        Block::Title(text) if form == Form::Human => {
            let bold = Style::new().bold();
            let title = wrap(&lang.say(text), columns, "", "");
            format!("{}{}{}\n", bold.render(), title.trim_end(), bold.render_reset())
        }
        Block::Title(text) => wrap(&lang.say(text), columns, "", ""),
        Block::Fact(label, value) => {
            render_facts(lang, &[(lang.say(label), lang.show(value))], form, columns)
        }
        Block::Marked(mark, sentence) if form == Form::Human => {
            let style = mark.style();
            let sign = format!("{}{}{} ", style.render(), mark.sign(), style.render_reset());
            let said = match mark {
                Mark::NotChecked => {
                    lang.say(&crate::text!("not-checked", what = sentence.say(lang)))
                }
                _ => sentence.say(lang),
            };
            let wrapped = wrap(&said, columns, "  ", "  ");
            format!("{sign}{}", wrapped.trim_start())
        }
        Block::Marked(mark, sentence) => {
            wrap(&format!("{} {}", mark.word(lang), sentence.say(lang)), columns, "", "  ")
        }
        Block::Arrow(why, argv) => {
            let command = spoken(lang, argv);
            let line = match why {
                Some(why) if argv.is_empty() => lang.say(why),
                Some(why) => lang.say(&crate::text!("arrow", why = why.clone(), command = command)),
                None => command,
            };
            wrap(&line, columns, "→ ", "  ")
        }
        Block::Table(table) => table.render(lang, form, columns),
        Block::Verbatim(text) => {
            let end = if text.ends_with('\n') { "" } else { "\n" };
            format!("{text}{end}")
        }
        // Only the printer knows whether there is room for it.
        Block::Code(_) => String::new(),
        Block::Blank if form == Form::Human => "\n".to_owned(),
        Block::Blank => String::new(),
    }
}

pub(super) fn render_facts(
    lang: Lang,
    facts: &[(String, String)],
    form: Form,
    columns: usize,
) -> String {
    if form != Form::Human {
        let colon = match lang {
            Lang::Fr => "\u{a0}: ",
            Lang::En => ": ",
        };
        return facts.iter().map(|(label, value)| format!("{label}{colon}{value}\n")).collect();
    }
    let widest = facts.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    let hang = " ".repeat(widest + 4);
    facts
        .iter()
        .map(|(label, value)| {
            let pad = " ".repeat(widest - width(label));
            // An identity or a key is one word: where it does not fit beside its label it stands below.
            if !value.contains(' ') && widest + 4 + width(value) > columns {
                return format!("  {label}\n    {value}\n");
            }
            wrap(value, columns, &format!("  {label}{pad}  "), &hang)
        })
        .collect()
}

/// Columns of a text; ours is NFC without wide characters, names of people may be a column off.
fn width(text: &str) -> usize {
    text.chars().count()
}

/// Returns `text` broken between words, the first line after `first`, the others after `next`. A word
/// longer than a line (an id) stands alone and whole, so that it can be copied.
pub(crate) fn wrap(text: &str, columns: usize, first: &str, next: &str) -> String {
    let mut wrapped = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for paragraph in text.split('\n') {
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            if !empty && width(&line) + 1 + width(word) > columns {
                wrapped.push_str(line.trim_end());
                wrapped.push('\n');
                line = next.to_owned();
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        wrapped.push_str(line.trim_end());
        wrapped.push('\n');
        line = next.to_owned();
        empty = true;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::{Mark, Screen, width, wrap};
    use crate::{language::Lang, output::Form, text};

    #[test]
    fn lines_break_between_words_and_keep_no_break_spaces() {
        let wrapped = wrap("il manque 1\u{a0}h\u{a0}45 au compte", 20, "→ ", "  ");
        assert_eq!(wrapped, "→ il manque 1\u{a0}h\u{a0}45\n  au compte\n");
        assert!(wrapped.lines().all(|line| width(line) <= 20));
    }

    #[test]
    fn a_long_word_stays_whole() {
        assert_eq!(wrap("id abcdefghijkl fin", 8, "", ""), "id\nabcdefghijkl\nfin\n");
    }

    #[test]
    fn plain_facts_are_label_colon_value_and_marks_are_words() {
        let screen = Screen::new()
            .mark(Mark::Good, text!("key-created", alias = "Zoé"))
            .blank()
            .fact(text!("label-profile"), "zoe");
        let plain = screen.render(Lang::En, Form::Plain, 80);
        assert!(plain.contains("Profile: zoe\n"), "{plain}");
        assert!(!plain.contains('✓') && !plain.contains("\n\n"), "{plain}");
        assert!(screen.render(Lang::En, Form::Human, 80).contains('✓'));
    }

    #[test]
    fn plain_is_one_fact_a_line_however_long() {
        let long = "mot ".repeat(60);
        let screen = Screen::new()
            .said(long.clone())
            .mark_said(Mark::Good, long.clone())
            .arrow(Some(text!("person-id", id = long, cite = "x")), &[]);
        for lang in Lang::ALL {
            assert_eq!(screen.render(lang, Form::Plain, 80).lines().count(), 3);
            assert!(screen.render(lang, Form::Human, 80).lines().count() > 9);
        }
    }

    #[test]
    fn what_was_not_checked_says_so_once_in_either_form() {
        let screen = Screen::new().mark(Mark::NotChecked, text!("card-not-label"));
        for (lang, human, plain) in [
            (Lang::Fr, "– Non contrôlé\u{a0}: le label", "non contrôlé\u{a0}: le label"),
            (Lang::En, "– Not checked: the label", "not checked: the label"),
        ] {
            assert!(screen.render(lang, Form::Human, 80).contains(human));
            assert!(screen.render(lang, Form::Plain, 80).starts_with(plain));
        }
    }
}
