//! Cards on paper: an A4 sheet as PDF, five to a page, to be cut out and folded. The front has the QR code, the back
//! the same as text. One set of cards has one file: there is no date in it, and no chance.

mod font;
mod tagged;

use pdf_writer::{Content, types::StructRole};

use crate::qr::QrCode;
use font::Face;
use tagged::{Document, Page};

/// Points of a millimetre.
const MM: f32 = 72.0 / 25.4;
/// A sheet of A4, in points.
const SHEET: (f32, f32) = (210.0 * MM, 297.0 * MM);
/// A card as wallets are made for (ISO/IEC 7810, ID-1), in points.
const CARD: (f32, f32) = (85.6 * MM, 54.0 * MM);
/// Cards on a page: more would leave no room for the marks.
const ROWS: usize = 5;
/// What is left free along the edges of a card.
const EDGE: f32 = 4.0 * MM;
/// Side of the code on a card: modules of two thirds of a millimetre, which any telephone reads.
const CODE: f32 = 46.0 * MM;
/// Length of a mark for the scissors, and how far it stays off the card.
const MARK: f32 = 4.0 * MM;
const MARK_OFF: f32 = 1.0 * MM;

/// The words of a sheet, in the language of whoever prints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words {
    /// Code of the language.
    pub lang: &'static str,
    /// Title of the file.
    pub title: String,
    /// What every card is.
    pub heading: String,
    /// What a code holds, for whoever does not see it.
    pub code: String,
    /// How a card is checked.
    pub check: String,
}

/// A card to be printed; its sentences are in the language of whoever prints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Printed {
    /// Name of the cité, and its place.
    pub cite: String,
    /// Number of the member.
    pub member: String,
    /// Level of the membership.
    pub level: String,
    /// First and last day.
    pub term: String,
    /// What the code holds.
    pub text: String,
    /// The code.
    pub code: QrCode,
}

/// Returns the bytes of a PDF with these cards.
pub fn pdf(words: &Words, cards: &[Printed]) -> Vec<u8> {
    let mut document = Document::new(words.lang, &words.title, SHEET);
    for cards in cards.chunks(ROWS) {
        let mut page = document.page();
        for (row, card) in cards.iter().enumerate() {
            draw(&mut page, words, card, row);
        }
        document = page.end();
    }
    document.finish()
}

/// Draws a card, both sides beside each other; the lower left corner of the front is the origin of its places.
fn draw(page: &mut Page, words: &Words, card: &Printed, row: usize) {
    let left = (SHEET.0 - 2.0 * CARD.0) / 2.0;
    let top = SHEET.1 - (SHEET.1 - ROWS as f32 * CARD.1) / 2.0;
    let bottom = top - (row + 1) as f32 * CARD.1;
    page.drawn(|content| marks(content, left, bottom));
    page.section();
    front(page, words, card, (left, bottom));
    back(page, words, card, (left + CARD.0, bottom));
}

fn front(page: &mut Page, words: &Words, card: &Printed, (left, bottom): (f32, f32)) {
    let (x, room) = (left + EDGE, CARD.0 - CODE - EDGE - 2.0 * MM);
    let mut y = bottom + CARD.1 - EDGE - 6.0;
    page.text(StructRole::H1, Face::Bold, 7.0, (x, y), &words.heading);
    y -= 15.0;
    for line in Face::Bold.wrapped(&card.cite, 9.0, room, 5) {
        page.text(StructRole::P, Face::Bold, 9.0, (x, y), &line);
        y -= 11.0;
    }
    y = bottom + EDGE + 42.0;
    page.text(StructRole::P, Face::Bold, 12.0, (x, y), &card.member);
    y -= 13.0;
    page.text(StructRole::P, Face::Plain, 8.0, (x, y), &card.level);
    for line in Face::Plain.wrapped(&card.term, 8.0, room, 3) {
        y -= 10.0;
        page.text(StructRole::P, Face::Plain, 8.0, (x, y), &line);
    }
    let corner = (left + CARD.0 - CODE - 2.0 * MM, bottom + (CARD.1 - CODE) / 2.0);
    page.figure(&words.code, |content| code(content, &card.code, corner));
}

fn back(page: &mut Page, words: &Words, card: &Printed, (left, bottom): (f32, f32)) {
    let (x, room) = (left + EDGE, CARD.0 - 2.0 * EDGE);
    let mut y = bottom + CARD.1 - EDGE - 6.0;
    for line in Face::Plain.wrapped(&words.check, 7.5, room, 4) {
        page.text(StructRole::P, Face::Plain, 7.5, (x, y), &line);
        y -= 9.5;
    }
    y -= 4.0;
    let lines = Face::Fixed.cut(&card.text, 7.0, room);
    page.text_lines(Face::Fixed, 7.0, (x, y), 9.0, &lines);
}

/// Draws the dark modules as one shape. Rows overlap by a hundredth of a module: where they only touched, screens
/// would show a light hair between them.
fn code(content: &mut Content, code: &QrCode, (left, bottom): (f32, f32)) {
    let side = code.side_with_margin();
    let module = CODE / side as f32;
    // In modules from here on: whole numbers take a third of the room.
    content.save_state().transform([module, 0.0, 0.0, module, left, bottom]);
    for (x, y, length) in code.runs() {
        content.rect(x as f32, (side - 1 - y) as f32, length as f32, 1.01);
    }
    content.fill_nonzero().restore_state();
}

/// Draws the marks for the scissors at the corners, and the dashes along which the card is folded.
fn marks(content: &mut Content, left: f32, bottom: f32) {
    let (right, top) = (left + 2.0 * CARD.0, bottom + CARD.1);
    content.set_line_width(0.4);
    for y in [bottom, top] {
        content.move_to(left - MARK_OFF - MARK, y).line_to(left - MARK_OFF, y);
        content.move_to(right + MARK_OFF, y).line_to(right + MARK_OFF + MARK, y);
        for x in [left, right] {
            let half = MARK / 4.0;
            content.move_to(x, y - half).line_to(x, y + half);
        }
    }
    content.stroke();
    content.set_dash_pattern([2.0, 3.0], 0.0);
    content.move_to(left + CARD.0, bottom).line_to(left + CARD.0, top);
    content.stroke();
    content.set_dash_pattern([], 0.0);
}

#[cfg(test)]
mod tests;
