//! What this disk knows of a card's holder beyond the card: the log of the card's cité, own, or as an ally's copied here.
//! So a card that was suspended or replaced after it was written is told, with no network.

use ledger::card::Term;
use proto::{
    ids::{CiteId, MemberId},
    membership::{Terms, Validity},
    time::{UnixMillis, UtcDay},
};

use crate::{context::Context, local::LocalLog};

/// What the log says of the holder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct News {
    /// Whether the membership holds.
    pub(super) validity: Validity,
    /// Number of the card in force.
    pub(super) serial: u32,
    /// When the log last said something.
    pub(super) as_of: UnixMillis,
}

impl News {
    /// Returns the news; `None` where this disk has no log of that cité, or one that cannot be read or does not know
    /// the member.
    pub(super) fn of(context: &Context, cite: CiteId, member: MemberId) -> Option<Self> {
        let own = LocalLog::find(&context.paths).ok().flatten()?;
        let log = match own.cite() == cite {
            true => own,
            false => own.copies().into_iter().find(|copy| copy.cite() == cite)?,
        };
        let entries = log.entries().ok()?;
        let fold = log.fold(context, &entries).ok()?;
        let (_, member) = fold.state().member(&member)?;
        let as_of = fold.state().clock()?.time;
        Some(Self { validity: member.validity, serial: member.serial, as_of })
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
    /// Returns how the card stands on a day with what is known here, and as of when.
    pub(super) fn stands(&self, today: UtcDay, news: Option<News>) -> (Term, UnixMillis) {
        match news.filter(|news| news.as_of > self.as_of) {
            None => (Term::of(&self.terms, &self.validity, today), self.as_of),
            Some(news) => {
                let term = match Term::of(&self.terms, &news.validity, today) {
                    Term::Left => Term::Left,
                    _ if self.serial < news.serial => Term::Replaced,
                    term => term,
                };
                (term, news.as_of)
            }
        }
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

    use super::{News, Said};

    #[test]
    fn newer_news_count_and_older_do_not() {
        let today = UtcDay(20_000);
        let (from, until) = (today, today.plus(10));
        let terms = Terms { level: Level::Member, from, until, allowance: Minutes(0) };
        let said = Said { terms, validity: Validity::Good, serial: 2, as_of: UnixMillis(100) };
        let suspended = Validity::Suspended { leaf: 1, until: Some(today) };
        for (validity, serial, as_of, day, expected) in [
            (Validity::Good, 2, 200, today, (Term::Valid, 200)),
            (Validity::Good, 2, 50, today, (Term::Valid, 100)),
            (suspended, 2, 50, today, (Term::Valid, 100)),
            (suspended, 2, 200, today, (Term::Suspended, 200)),
            (suspended, 2, 200, today.plus(1), (Term::Valid, 200)),
            (Validity::Good, 3, 200, today, (Term::Replaced, 200)),
            (Validity::Left { leaf: 3 }, 3, 200, today, (Term::Left, 200)),
            (Validity::Good, 2, 200, today.plus(11), (Term::Expired, 200)),
        ] {
            let news = News { validity, serial, as_of: UnixMillis(as_of) };
            let (term, as_of) = said.stands(day, Some(news));
            assert_eq!((term, as_of.0), expected, "{news:?} on {day:?}");
        }
        assert_eq!(said.stands(today, None), (Term::Valid, UnixMillis(100)));
    }
}
