//! How a card stands with all that is known here: what it says of itself, and what the log of its cité says of its
//! holder, where this disk has that log, its own or an ally's copied here. So a card that was suspended or replaced
//! after it was written is told, with no network.

use ledger::{card::Term, fold::Fold};
use proto::{
    ids::MemberId,
    membership::{Terms, Validity},
    time::UnixMillis,
};

use crate::codes;

/// How far ahead of this machine's clock a home may state something, in milliseconds: as far as a mirror allows a seal.
const AHEAD_MS: u64 = 600_000;

/// How a card stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::commands::card) enum Stands {
    /// By its days, and by whether the membership holds.
    As(Term),
    /// Another card took its place.
    Replaced,
    /// The log on this disk says otherwise: no such member, or another card.
    Contradicted,
    /// Its home said so later than it is now: one of two clocks is wrong.
    Ahead,
    /// Its cité's root has replaced the keys that vouch for it.
    OldKeys,
}

impl Stands {
    /// The card may be used.
    pub(super) const GOOD: Self = Self::As(Term::Valid);

    /// Returns the word for programs.
    pub(in crate::commands::card) const fn word(self) -> &'static str {
        match self {
            Self::As(Term::NotYet) | Self::Ahead => "not_yet",
            Self::As(Term::Valid) => "active",
            Self::As(Term::Expired) => "expired",
            Self::As(Term::Suspended) => "suspended",
            Self::As(Term::Left) => "left",
            Self::Replaced => "replaced",
            Self::Contradicted => "contradicted",
            Self::OldKeys => "old_keys",
        }
    }

    /// Returns the code of a card that may not be used.
    pub(super) const fn code(self) -> Option<codes::Code> {
        match self {
            Self::As(Term::Valid) => None,
            Self::As(Term::NotYet) | Self::Ahead => Some(codes::CARD_NOT_YET),
            Self::As(Term::Expired) => Some(codes::CARD_EXPIRED),
            Self::As(Term::Suspended) => Some(codes::CARD_SUSPENDED),
            Self::As(Term::Left) => Some(codes::CARD_LEFT),
            Self::Replaced => Some(codes::CARD_REPLACED),
            Self::Contradicted => Some(codes::CARD_CONTRADICTED),
            Self::OldKeys => Some(codes::CARD_KEYS),
        }
    }
}

/// What the log of a card's cité says of its holder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct News {
    /// When the log last said something.
    pub(super) as_of: UnixMillis,
    /// Validity, number of the card in force, and its terms; `None` when it knows nobody of that identity.
    pub(super) holder: Option<(Validity, u32, Terms)>,
}

impl News {
    /// Returns what the state of the log says; `None` before the cité is founded.
    pub(super) fn of(fold: &Fold, member: &MemberId) -> Option<Self> {
        let as_of = fold.state().clock()?.time;
        let member = fold.state().member(member);
        let holder = member.map(|(_, member)| (member.validity, member.serial, member.terms));
        Some(Self { as_of, holder })
    }
}

/// What a card says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Said {
    pub(super) terms: Terms,
    pub(super) validity: Validity,
    pub(super) serial: u32,
    /// When its home said so.
    pub(super) as_of: UnixMillis,
}

impl Said {
    /// Returns how the card stands now with what is known here, and as of when.
    pub(super) fn stands(&self, now: UnixMillis, news: Option<News>) -> (Stands, UnixMillis) {
        let today = now.day();
        if self.as_of.since(now) > AHEAD_MS {
            return (Stands::Ahead, self.as_of);
        }
        // Numbers of cards only rise, however the clocks went.
        let newer = |news: &News| {
            let replaced = news.holder.is_some_and(|(_, serial, _)| serial > self.serial);
            news.as_of > self.as_of || replaced
        };
        let Some(news) = news.filter(newer) else {
            return (Stands::As(Term::of(&self.terms, &self.validity, today)), self.as_of);
        };
        let stands = match news.holder {
            None => Stands::Contradicted,
            Some((Validity::Left { .. }, ..)) => Stands::As(Term::Left),
            Some((_, serial, _)) if serial > self.serial => Stands::Replaced,
            Some((validity, serial, terms)) if (serial, terms) == (self.serial, self.terms) => {
                Stands::As(Term::of(&terms, &validity, today))
            }
            Some(_) => Stands::Contradicted,
        };
        (stands, news.as_of)
    }
}

#[cfg(test)]
mod tests {
    use ledger::card::Term;
    use proto::{
        act::Level,
        membership::{Terms, Validity},
        minutes::Minutes,
        time::{UnixMillis, UtcDay},
    };

    use super::{AHEAD_MS, News, Said, Stands};

    #[test]
    fn newer_news_count_and_older_do_not() {
        let today = UtcDay(20_000);
        let (from, until) = (today, today.plus(10));
        let terms = Terms { level: Level::Member, from, until, allowance: Minutes(0) };
        let start = today.start();
        let at = |ms: u64| UnixMillis(start.0 + ms);
        let said = Said { terms, validity: Validity::Good, serial: 2, as_of: at(100) };
        let suspended = Validity::Suspended { leaf: 1, until: Some(today) };
        let other = Terms { level: Level::Steward, ..terms };
        let good = Stands::As(Term::Valid);
        for (holder, as_of, day, expected) in [
            (Some((Validity::Good, 2, terms)), 200, today, (good, 200)),
            (Some((Validity::Good, 2, terms)), 50, today, (good, 100)),
            (Some((suspended, 2, terms)), 50, today, (good, 100)),
            (Some((suspended, 2, terms)), 200, today, (Stands::As(Term::Suspended), 200)),
            (Some((suspended, 2, terms)), 200, today.plus(1), (good, 200)),
            (Some((Validity::Good, 3, terms)), 200, today, (Stands::Replaced, 200)),
            (Some((Validity::Good, 3, terms)), 50, today, (Stands::Replaced, 50)),
            (
                Some((Validity::Left { leaf: 3 }, 3, terms)),
                200,
                today,
                (Stands::As(Term::Left), 200),
            ),
            (
                Some((Validity::Good, 2, terms)),
                200,
                today.plus(11),
                (Stands::As(Term::Expired), 200),
            ),
            // Made up with the key that signs cards: the log of the cité knows better.
            (None, 200, today, (Stands::Contradicted, 200)),
            (None, 50, today, (good, 100)),
            (Some((Validity::Good, 1, terms)), 200, today, (Stands::Contradicted, 200)),
            (Some((Validity::Good, 2, other)), 200, today, (Stands::Contradicted, 200)),
        ] {
            let news = News { as_of: at(as_of), holder };
            let now = UnixMillis(day.start().0 + 1_000);
            let (stands, as_of) = said.stands(now, Some(news));
            assert_eq!((stands, as_of.0 - start.0), expected, "{news:?} on {day:?}");
        }
        assert_eq!(said.stands(at(1_000), None), (good, at(100)));
    }

    /// A home whose clock runs ahead cannot put its cards before all news to come.
    #[test]
    fn a_card_of_later_than_now_holds_no_earlier() {
        let today = UtcDay(20_000);
        let terms = Terms {
            level: Level::Member,
            from: today,
            until: today.plus(10),
            allowance: Minutes(0),
        };
        let as_of = today.plus(1).start();
        let said = Said { terms, validity: Validity::Good, serial: 2, as_of };
        let now = |before: u64| UnixMillis(as_of.0 - before);
        assert_eq!(said.stands(now(AHEAD_MS), None).0, Stands::As(Term::Valid));
        assert_eq!(said.stands(now(AHEAD_MS + 1), None).0, Stands::Ahead);
    }
}
