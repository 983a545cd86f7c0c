//! A text as a QR code: its modules, and the pictures made of them. Says nothing of what the text means.
//! Every picture has the four light modules around it without which scanners do not find the corners.

pub mod photo;
mod png;
mod svg;
mod terminal;

use qrcode::{Color, EcLevel};

/// Light modules on each side (ISO/IEC 18004, section 6.3.8).
const MARGIN: usize = 4;

/// A text that does not fit a QR code: its largest, of level M, has 2,331 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{bytes} bytes do not fit a QR code")]
pub struct TooLong {
    /// Bytes of the text.
    pub bytes: usize,
}

/// The modules of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QrCode {
    /// Modules of a side, the margin left out.
    side: usize,
    /// Row by row, whether a module is dark.
    dark: Vec<bool>,
}

impl QrCode {
    /// Returns the smallest code of level M: it reads with 15 of 100 modules lost, a fold or a thumb. Capitals, digits
    /// and `$%*+-./: ` take 5.5 bits each, so whoever wants a small code writes in capitals.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn of(text: &str) -> Result<Self, TooLong> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M)
            .map_err(|_| TooLong { bytes: text.len() })?;
        let side = code.width();
        let dark = code.into_colors().into_iter().map(|color| color == Color::Dark).collect();
        Ok(Self { side, dark })
    }

    /// Returns the modules of a side, the margin left out.
    pub const fn side(&self) -> usize {
        self.side
    }

    /// Returns the modules of a side of a picture, both margins included.
    pub const fn side_with_margin(&self) -> usize {
        self.side + 2 * MARGIN
    }

    /// Returns whether a module is dark, counted from the upper left of the margin; everything outside is light.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(MARGIN).filter(|at| *at < self.side);
        let (Some(x), Some(y)) = (inside(x), inside(y)) else { return false };
        self.dark.get(y * self.side + x).copied().unwrap_or_default()
    }

    /// Returns the dark modules as rows of neighbours: `(x, y, length)`, counted from the upper left of the margin.
    pub fn runs(&self) -> Vec<(usize, usize, usize)> {
        let side = self.side_with_margin();
        let mut runs: Vec<(usize, usize, usize)> = Vec::new();
        for y in 0..side {
            for x in (0..side).filter(|x| self.is_dark(*x, y)) {
                match runs.last_mut() {
                    Some((start, row, length)) if *row == y && *start + *length == x => {
                        *length += 1
                    }
                    _ => runs.push((x, y, 1)),
                }
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests;
