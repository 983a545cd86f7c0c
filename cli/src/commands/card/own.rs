//! The own card in its short form: asked of the home, checked here, and made into pictures and sheets.

use std::path::Path;

use proto::{
    card::{ShortCard, ShortCardError, SignedShortCard, VerifiedShortCard},
    desk::{Query, Reply},
    founding::Founding,
    membership::Terms,
};

use crate::{
    card_sheet::{self, Printed, Words},
    codes,
    entries::level,
    error::Failure,
    language::{Lang, Text},
    qr::QrCode,
    reply::unexpected,
    text,
    wallet::session::Session,
};

/// A short card as its home signed it, and as it was checked.
#[derive(Clone, Debug)]
pub(super) struct Short {
    pub(super) signed: SignedShortCard,
    pub(super) card: VerifiedShortCard,
}

impl Short {
    /// Returns the own card for this device, as the home states it now.
    ///
    /// # Errors
    /// P0506 without a card that holds, P0311 for one that is not ours; why the home could not be asked.
    pub(super) fn of(session: &mut Session<'_>) -> Result<Self, Failure> {
        let Reply::ShortCard(bytes) = session.private(Query::ShortCard)? else {
            return Err(unexpected());
        };
        let signed = SignedShortCard::decode(&bytes).map_err(|_| unexpected())?;
        let failure = || {
            Failure::new(codes::PROOF_FAILED, text!("card-forged")).because(text!("reply-not-kept"))
        };
        let mut verified = signed.clone().verify(session.wallet.founding());
        if matches!(verified, Err(ShortCardError::UnknownKeys { .. })) && session.learn_record()? {
            verified = signed.clone().verify(session.wallet.founding());
        }
        let card = verified.map_err(|error| failure().caused_by(&error))?;
        let ours = card.card().member == session.wallet.member()
            && card.card().holder == session.key().public();
        if ours { Ok(Self { signed, card }) } else { Err(failure()) }
    }

    fn stated(&self) -> &ShortCard {
        self.card.card()
    }

    /// Returns its text as a code: all short cards fit one.
    pub(super) fn code(&self) -> QrCode {
        QrCode::of(&self.signed.to_text()).expect("a short card has at most 373 characters")
    }

    fn number(&self) -> Text {
        text!("card-number", number = self.stated().number.to_string())
    }

    fn term(&self) -> Text {
        let Terms { from, until, .. } = self.stated().terms;
        text!("card-from-to", from = from, until = until)
    }

    /// Returns it as it is printed.
    pub(super) fn printed(&self, lang: Lang, cite: &Founding) -> Printed {
        Printed {
            cite: lang.say(&place(cite)),
            member: lang.say(&self.number()),
            level: lang.say(&level(self.stated().terms.level)),
            term: lang.say(&self.term()),
            text: self.signed.to_text(),
            code: self.code(),
        }
    }
}

/// Returns the name and place of a cité.
fn place(cite: &Founding) -> Text {
    text!("cite-with-place", name = cite.name.as_str(), place = cite.place.as_str())
}

/// Returns a sheet of cards of one cité.
pub(super) fn sheet(lang: Lang, cite: &Founding, cards: &[Short]) -> Vec<u8> {
    let words = Words {
        lang: lang.tag(),
        title: lang.say(&text!("card-heading", cite = cite.name.as_str())),
        heading: lang.say(&text!("card-sheet-heading")),
        code: lang.say(&text!("card-picture")),
        check: lang.say(&text!("card-sheet-check")),
    };
    let printed: Vec<Printed> = cards.iter().map(|card| card.printed(lang, cite)).collect();
    card_sheet::pdf(&words, &printed)
}

/// As what a short card is written, by the end of the file's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Picture {
    Svg,
    Png,
    Pdf,
}

impl Picture {
    /// Returns what the name of a file asks for; `None`: the whole card, as text.
    pub(super) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "svg" => Some(Self::Svg),
            "png" => Some(Self::Png),
            "pdf" => Some(Self::Pdf),
            _ => None,
        }
    }

    /// Returns the bytes of the file.
    pub(super) fn bytes(self, lang: Lang, cite: &Founding, short: &Short) -> Vec<u8> {
        match self {
            Self::Png => short.code().png(),
            Self::Pdf => sheet(lang, cite, std::slice::from_ref(short)),
            Self::Svg => {
                let title = lang.say(&text!("card-heading", cite = cite.name.as_str()));
                let parts = [short.number(), short.term()].map(|part| lang.say(&part));
                let said = lang.say(&text!("card-picture"));
                let words = format!("{said}. {}. {}", parts.join(", "), short.signed.to_text());
                short.code().svg(&title, &words).into_bytes()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Picture;

    #[test]
    fn the_end_of_a_name_says_what_is_written() {
        for (name, picture) in [
            ("carte.svg", Some(Picture::Svg)),
            ("a.b/CARTE.PNG", Some(Picture::Png)),
            ("carte.pdf", Some(Picture::Pdf)),
            ("carte.pirate-card", None),
            ("carte", None),
            (".png", None),
        ] {
            assert_eq!(Picture::of(Path::new(name)), picture, "{name}");
        }
    }
}
