//! The three faces of a sheet, of the fourteen that every reader of PDF brings along: nothing is embedded. They write
//! French and its neighbours (Windows-1252); what they cannot is written by its base letter, and told to readers whole.

use pdf_writer::Name;
use unicode_normalization::UnicodeNormalization as _;

/// A face.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Face {
    /// Helvetica.
    Plain,
    /// Helvetica, bold.
    Bold,
    /// Courier.
    Fixed,
}

/// Widths of Helvetica from the space to `~`, in thousandths of its size (Adobe's metrics of the base fonts).
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/// How much wider the bold face is than the plain one, at most.
const BOLD: f32 = 1.12;
/// Width of a letter of Courier, in thousandths.
const FIXED: f32 = 600.0;

impl Face {
    pub(super) const ALL: [Self; 3] = [Self::Plain, Self::Bold, Self::Fixed];

    /// Returns the name by which pages call it, and its own.
    pub(super) const fn names(self) -> (Name<'static>, Name<'static>) {
        match self {
            Self::Plain => (Name(b"P"), Name(b"Helvetica")),
            Self::Bold => (Name(b"B"), Name(b"Helvetica-Bold")),
            Self::Fixed => (Name(b"F"), Name(b"Courier")),
        }
    }

    /// Returns the width of a text in points, never too small.
    pub(super) fn width(self, text: &str, size: f32) -> f32 {
        let of = |character: char| match self {
            Self::Fixed => FIXED,
            Self::Plain => plain_width(character),
            Self::Bold => plain_width(character) * BOLD,
        };
        text.chars().map(of).sum::<f32>() * size / 1_000.0
    }

    /// Returns a text in lines of at most `room` points, broken between words; the last of at most `lines` ends in `…`
    /// where there is more.
    pub(super) fn wrapped(self, text: &str, size: f32, room: f32, lines: usize) -> Vec<String> {
        let mut wrapped: Vec<String> = vec![String::new()];
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let line = wrapped.last().map_or("", String::as_str);
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            match wrapped.last_mut() {
                Some(line) if line.is_empty() || self.width(&longer, size) <= room => {
                    *line = longer
                }
                _ => wrapped.push(word.to_owned()),
            }
        }
        let more = wrapped.len() > lines;
        wrapped.truncate(lines);
        for line in &mut wrapped {
            *line = self.shortened(line, size, room);
        }
        if let Some(last) = wrapped.last_mut().filter(|last| more && !last.ends_with('…')) {
            *last = self.shortened(&format!("{last} …"), size, room);
        }
        wrapped
    }

    fn shortened(self, line: &str, size: f32, room: f32) -> String {
        if self.width(line, size) <= room {
            return line.to_owned();
        }
        let mut short = line.trim_end_matches(['…', ' ']).to_owned();
        while !short.is_empty() && self.width(&format!("{short}…"), size) > room {
            short.pop();
        }
        short + "…"
    }

    /// Returns one long word in lines of at most `room` points, cut wherever they end.
    pub(super) fn cut(self, word: &str, size: f32, room: f32) -> Vec<String> {
        let mut lines: Vec<String> = vec![String::new()];
        for character in word.chars() {
            let mut longer = lines.last().cloned().unwrap_or_default();
            longer.push(character);
            match lines.last_mut() {
                Some(line) if line.is_empty() || self.width(&longer, size) <= room => {
                    *line = longer
                }
                _ => lines.push(character.to_string()),
            }
        }
        lines
    }
}

fn plain_width(character: char) -> f32 {
    let base = base(character);
    let place = u32::from(base).checked_sub(32).and_then(|place| usize::try_from(place).ok());
    place.and_then(|place| WIDTHS.get(place)).map_or(1_000.0, |width| f32::from(*width))
}

/// Returns the first letter of which a character is made: `e` of `é`.
fn base(character: char) -> char {
    match character {
        'Œ' | 'Æ' => 'W',
        'œ' | 'æ' => 'm',
        '’' | '‘' => '\'',
        '\u{a0}' | '\u{202f}' => ' ',
        '–' | '·' => '0',
        other => other.nfkd().next().unwrap_or(other),
    }
}

/// Returns a text in the bytes of Windows-1252, and whether they say all of it.
pub(super) fn encoded(text: &str) -> (Vec<u8>, bool) {
    let mut whole = true;
    let bytes = text.nfc().map(|character| {
        byte(character).unwrap_or_else(|| {
            whole = false;
            byte(base(character)).unwrap_or(b'?')
        })
    });
    (bytes.collect(), whole)
}

/// The characters from 0x80 to 0x9f; what is not defined there is a blank here.
const SPECIAL: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

fn byte(character: char) -> Option<u8> {
    match character {
        ' '..='~' | '\u{a0}'..='ÿ' => u8::try_from(u32::from(character)).ok(),
        '\u{202f}' => Some(0xa0),
        '\u{2212}' => Some(b'-'),
        other => {
            let mut special = (0x80_u8..).zip(SPECIAL.chars());
            special.find(|(_, special)| *special == other).map(|(byte, _)| byte)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Face, encoded};

    #[test]
    fn french_is_written_whole_and_the_rest_by_its_letters() {
        let of = |text: &str| encoded(text);
        assert_eq!(of("Œuvrière n° 3"), (b"\x8cuvri\xe8re n\xb0 3".to_vec(), true));
        assert_eq!(of("l’été – 1\u{202f}h"), (b"l\x92\xe9t\xe9 \x96 1\xa0h".to_vec(), true));
        assert_eq!(of("Łódź, e\u{301}"), (b"?\xf3dz, \xe9".to_vec(), false));
        assert_eq!(of("Žižkov"), (b"\x8ei\x9ekov".to_vec(), true));
        assert_eq!(of("時間"), (b"??".to_vec(), false));
    }

    #[test]
    fn lines_stay_within_their_room() {
        let name = "Les Tisserandes et les Bâtelières réunies de la Haute-Auvergne";
        for (room, lines) in [(90.0, 3), (60.0, 5), (40.0, 2), (200.0, 1)] {
            let wrapped = Face::Bold.wrapped(name, 9.0, room, lines);
            assert!(wrapped.len() <= lines);
            assert!(wrapped.iter().all(|line| Face::Bold.width(line, 9.0) <= room), "{wrapped:?}");
        }
        assert_eq!(Face::Plain.wrapped("Arles", 9.0, 90.0, 3), ["Arles"]);
        assert!(Face::Bold.wrapped(name, 9.0, 60.0, 2)[1].ends_with('…'));
        let cut = Face::Fixed.cut(&"Q".repeat(100), 7.0, 210.0);
        assert_eq!(cut.iter().map(String::len).collect::<Vec<_>>(), [50, 50]);
    }
}
