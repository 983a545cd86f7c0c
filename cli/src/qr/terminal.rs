//! A code in half blocks, two rows of modules a line, on a light ground that it brings along: a dark terminal would
//! turn light and dark round, and many scanners read no such code.

use super::QrCode;

/// Black on white, said in full: the sixteen colours of a terminal are whatever its theme says they are.
const INK_ON_PAPER: &str = "\u{1b}[38;2;0;0;0;48;2;255;255;255m";
const RESET: &str = "\u{1b}[0m";

impl QrCode {
    /// Returns the columns and lines of a screen that the code takes.
    pub const fn on_screen(&self) -> (usize, usize) {
        (self.side_with_margin(), self.side_with_margin().div_ceil(2))
    }

    /// Returns the lines that paint it. Without their colours they must not be shown.
    pub fn painted(&self) -> String {
        let (columns, lines) = self.on_screen();
        let mut painted = String::with_capacity(lines * (columns * 3 + 40));
        for line in 0..lines {
            painted.push_str(INK_ON_PAPER);
            for x in 0..columns {
                // The last line may lie half below the code; what is there is light.
                painted.push(match (self.is_dark(x, 2 * line), self.is_dark(x, 2 * line + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            painted.push_str(RESET);
            painted.push('\n');
        }
        painted
    }
}
