//! Whether a terminal shows a QR code whole and in its colours. Half of one, or one whose light is dark, is no use to
//! anybody: then the text beside it is what is left, and a sentence says why.

use crate::{language::Text, qr::QrCode, text};

/// Lines that the shell takes below a result.
const PROMPT: usize = 1;

/// What of a terminal there is for a picture, where colours are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Columns.
    pub(super) columns: usize,
    /// Lines; `None` where nobody says how many there are.
    pub(super) lines: Option<usize>,
}

/// Returns the painted code, or what to say instead. Without colours it is left out: in the terminal's own, light
/// modules would be dark on most screens, and which they are cannot be asked.
pub(super) fn shown(code: &QrCode, room: Option<Room>) -> Result<String, Text> {
    let Some(room) = room else { return Err(text!("qr-without-colours")) };
    let (columns, lines) = code.on_screen();
    let fits = columns <= room.columns && room.lines.is_none_or(|all| lines + PROMPT <= all);
    if fits {
        return Ok(code.painted());
    }
    Err(text!("qr-too-small", columns = columns, lines = lines + PROMPT))
}

#[cfg(test)]
mod tests {
    use super::Room;
    use crate::{
        language::Lang,
        output::{Form, Screen},
        qr::QrCode,
    };

    #[test]
    fn a_code_is_shown_whole_and_in_colours_or_not_at_all() {
        let request = QrCode::of(&format!("PIRATE:PPAY1{}", "Q".repeat(110))).expect("short");
        let card = QrCode::of(&format!("PIRATE:PCARD1{}", "Q".repeat(334))).expect("short");
        let room = |columns, lines| Some(Room { columns, lines });
        for (code, room, painted) in [
            // What a payee shows fits the terminal that everybody has.
            (&request, room(80, Some(24)), true),
            (&request, room(80, Some(23)), false),
            (&request, room(44, None), false),
            (&card, room(80, Some(24)), false),
            (&card, room(80, Some(36)), true),
            (&card, room(80, None), true),
            (&card, None, false),
        ] {
            for lang in Lang::ALL {
                let screen = Screen::new().code(code.clone()).fitted(room);
                let said = screen.render(lang, Form::Human, 80);
                assert_eq!(said.contains("48;2;255;255;255"), painted, "{room:?}: {said}");
                assert!(painted || said.contains("QR"), "{said}");
            }
        }
    }
}
