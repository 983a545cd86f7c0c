//! The last door before a terminal: what a screen would not show as itself is spelt out. Texts from outside
//! are plain when they come in (`proto::text`); this holds for file names, for arguments, for what a check forgot.

use std::borrow::Cow;

use proto::text::is_plain;

/// Returns `text` as one line that looks like what it holds: `<U+001B>` for an escape, as `less` writes it.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    spelt(text, is_plain)
}

/// Returns lines that look like what they hold; line ends and tabs stay.
pub(super) fn visible_lines(text: &str) -> Cow<'_, str> {
    spelt(text, |character| is_plain(character) || matches!(character, '\n' | '\r' | '\t'))
}

fn spelt(text: &str, shown: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&shown) {
        return Cow::Borrowed(text);
    }
    let spelt = text.chars().fold(String::new(), |mut spelt, character| {
        if shown(character) {
            spelt.push(character);
        } else {
            spelt.push_str(&format!("<U+{:04X}>", u32::from(character)));
        }
        spelt
    });
    Cow::Owned(spelt)
}

#[cfg(test)]
mod tests {
    use proto::{hash::Hash, ids::CiteId};

    use super::{visible, visible_lines};
    use crate::{
        error::Failure,
        language::{Lang, Value},
        output::{Form, Mark, Screen, Table},
        text,
    };

    /// Clears the screen, writes a line of its own, turns writing round, and says nothing at all.
    const HOSTILE: &str = "Zoé\u{1b}[2J\n✓ admise\u{202e}\u{200b}";
    const SHOWN: &str = "Zoé<U+001B>[2J<U+000A>✓ admise<U+202E><U+200B>";

    #[test]
    fn what_a_screen_does_not_show_is_spelt_out() {
        assert_eq!(visible(HOSTILE), SHOWN);
        assert_eq!(visible("l’été\u{a0}: 1\u{202f}h"), "l’été\u{a0}: 1\u{202f}h");
        assert_eq!(visible_lines("a\tb\r\nc\u{1b}"), "a\tb\r\nc<U+001B>");
    }

    #[test]
    fn no_value_brings_an_escape_or_a_line_of_its_own_to_a_screen() {
        let mut table = Table::new(vec![text!("label-name"), text!("label-identity")]);
        let id = CiteId(Hash([1; 32]));
        let long = Value::Long { short: HOSTILE.to_owned(), whole: format!("{HOSTILE}{id}") };
        table.row(vec![HOSTILE.into(), long]);
        let failure = Failure::new(crate::codes::USAGE, text!("key-created", alias = HOSTILE))
            .fix(&["pirate", "key", "show", HOSTILE]);
        let fix = failure.fixes().pop().expect("it was given");
        let screen = Screen::new()
            .title(text!("key-created", alias = HOSTILE))
            .line(text!("key-created", alias = text!("key-created", alias = HOSTILE)))
            .mark(Mark::Good, text!("key-created", alias = HOSTILE))
            .fact(text!("label-name"), HOSTILE)
            .arrow(None, &fix.argv)
            .table(table);
        for lang in Lang::ALL {
            let plain = screen.render(lang, Form::Plain, 80);
            assert!(!plain.contains(['\u{1b}', '\u{202e}', '\u{200b}']), "{plain:?}");
            assert_eq!(plain.lines().count(), 7, "{plain}");
            assert_eq!(plain.matches(SHOWN).count(), 7, "{plain}");
            // What the program itself writes for colours is all that is left for people.
            let human = screen.render(lang, Form::Human, 80);
            assert!(!human.contains("[2J\n") && human.contains("<U+001B>[2J"), "{human:?}");
            assert!(!human.contains(['\u{202e}', '\u{200b}']) && !human.contains("\u{1b}[2J"));
        }
    }
}
