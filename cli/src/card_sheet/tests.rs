//! A sheet has what it should on it, says it to screen readers, and is always the same.

use super::{Printed, ROWS, Words, pdf};
use crate::qr::QrCode;

fn words() -> Words {
    Words {
        lang: "fr",
        title: "Cartes pirates · Les Tisserandes".to_owned(),
        heading: "CARTE PIRATE".to_owned(),
        code: "Code QR de la carte".to_owned(),
        check: "Pour la contrôler, même hors ligne\u{a0}: pirate carte controler --image photo.png"
            .to_owned(),
    }
}

fn card(number: u32) -> Printed {
    let text = format!("PIRATE:PCARD1{}", "QPZRY9X8GF".repeat(33));
    Printed {
        cite: "Les Tisserandes, Arles".to_owned(),
        member: format!("Membre {number}"),
        level: "Responsable".to_owned(),
        term: "Du 1er avril 2026 au 31 mars 2027".to_owned(),
        code: QrCode::of(&text).expect("it is short"),
        text,
    }
}

fn count(pdf: &[u8], part: &str) -> usize {
    pdf.windows(part.len()).filter(|window| *window == part.as_bytes()).count()
}

#[test]
fn five_cards_stand_on_a_page_and_all_are_tagged() {
    for (cards, pages) in [(1_u32, 1), (5, 1), (6, 2), (12, 3)] {
        let cards: Vec<Printed> = (1..=cards).map(card).collect();
        let sheet = pdf(&words(), &cards);
        assert!(sheet.starts_with(b"%PDF-1."));
        assert_eq!(count(&sheet, "/Type/Page/"), pages);
        assert_eq!(count(&sheet, "/S/Sect"), cards.len());
        assert_eq!(count(&sheet, "/S/Figure"), cards.len());
        assert_eq!(count(&sheet, "/Alt(Code QR de la carte)"), cards.len());
        assert_eq!(count(&sheet, "/Marked true"), 1);
        assert_eq!(count(&sheet, "(Membre 1)"), 1);
        assert!(cards.len().div_ceil(ROWS) == pages);
    }
}

#[test]
fn one_set_of_cards_has_one_file_without_a_date() {
    let sheet = pdf(&words(), &[card(42)]);
    assert_eq!(sheet, pdf(&words(), &[card(42)]));
    assert_eq!(count(&sheet, "Date"), 0);
}

/// Also a cité whose name the faces cannot write is told by its name.
#[test]
fn names_are_told_whole() {
    let sheet = pdf(&words(), &[Printed { cite: "Łódź".to_owned(), ..card(1) }]);
    assert_eq!(count(&sheet, "/ActualText"), 1);
}
