//! What this machine knows of a card's cité and of its holder: from the wallet, from the log on its disk, and from the
//! copies of allies' logs beside it. Each is opened once; what cannot be read is not known.

use ledger::fold::Fold;
use node::core::known_record;
use proto::{
    founding::{Founding, Network, VerifiedFounding},
    ids::{CiteId, MemberId},
};

use super::news::News;
use crate::{
    context::Context,
    local::LocalLog,
    wallet::{Seen, Wallet},
};

/// How the cité of a card is known here. A cité that is not has to be compared by its identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Known {
    /// The holder of this wallet, or of this machine, is at home there.
    Own,
    /// The stewards opened an account for it: so says the log on this disk.
    Account,
    /// Not at all, as far as can be read here.
    #[default]
    No,
}

impl Known {
    /// Returns the word for programs.
    pub(super) const fn neutral(self) -> Option<&'static str> {
        match self {
            Self::Own => Some("own"),
            Self::Account => Some("account"),
            Self::No => None,
        }
    }
}

/// See the top of the file.
#[derive(Default)]
pub(super) struct Here {
    /// The network of the wallet, or of the log.
    pub(super) network: Option<Network>,
    /// The newest founding record of the cité that is known.
    pub(super) record: Option<VerifiedFounding>,
    /// How the cité is known.
    pub(super) known: Known,
    /// What the log of the cité says of the holder, where this disk has it.
    pub(super) news: Option<News>,
    /// The wallet, the record of the log, and its state: what a namesake is looked for in.
    pub(super) wallet: Option<Seen>,
    pub(super) own: Option<Founding>,
    pub(super) fold: Option<Fold>,
}

/// A log as far as it can be read.
struct Read {
    record: Option<VerifiedFounding>,
    fold: Option<Fold>,
}

impl Read {
    fn of(context: &Context, log: &LocalLog) -> Self {
        let entries = log.entries().ok();
        let record = entries.as_ref().and_then(|entries| Some(log.record(entries).ok()?.0));
        let fold = entries.as_ref().and_then(|entries| log.fold(context, entries).ok());
        Self { record, fold }
    }
}

impl Here {
    /// Looks for all that is known of a cité, and of one of its members.
    pub(super) fn look(context: &Context, cite: CiteId, member: MemberId) -> Self {
        let wallet = Wallet::look(context).ok().flatten();
        let log = LocalLog::find(&context.paths).ok().flatten();
        let own = log.as_ref().and_then(|log| Some(log.founding().ok()?.founding));
        let read = log.as_ref().map(|log| Read::of(context, log));
        let (record, fold) = read.map_or((None, None), |read| (read.record, read.fold));
        let home = wallet.as_ref().filter(|wallet| wallet.home() == cite);
        let home = home.map(|wallet| wallet.founding().clone());
        let is_log = log.as_ref().is_some_and(|log| log.cite() == cite);
        let copy = log
            .as_ref()
            .filter(|_| !is_log)
            .and_then(|log| log.copies().into_iter().find(|copy| copy.cite() == cite));
        let copy = copy.map(|copy| Read::of(context, &copy));
        let heard = log.as_ref().filter(|_| !is_log);
        let heard = heard.and_then(|log| known_record(log.disk().as_ref(), cite).ok().flatten());
        let known = match &fold {
            _ if home.is_some() || is_log => Known::Own,
            Some(fold) if fold.state().peer(&cite).is_some() => Known::Account,
            _ => Known::No,
        };
        let theirs =
            if is_log { fold.as_ref() } else { copy.as_ref().and_then(|copy| copy.fold.as_ref()) };
        let news = theirs.and_then(|fold| News::of(fold, &member));
        // Whoever has not heard of newer keys believes the old ones: a wallet hears of them with its next order, and the
        // log beside it has them already. Of the same keys the first counts.
        let in_log = record.filter(|_| is_log);
        let records = [home, in_log, copy.and_then(|copy| copy.record), heard];
        let record = records
            .into_iter()
            .flatten()
            .reduce(|best, next| if next.incarnation() > best.incarnation() { next } else { best });
        let network = wallet.as_ref().map(|wallet| wallet.network().clone());
        let network = network.or_else(|| own.as_ref().map(|own| own.network.clone()));
        Self { network, record, known, news, wallet, own, fold }
    }

    /// Returns whether the root of the cité is known to have replaced the keys of an incarnation.
    pub(super) fn is_past(&self, incarnation: u32) -> bool {
        self.record.as_ref().is_some_and(|known| known.incarnation() > incarnation)
    }

    /// Returns another cité that is known here under the short or the long name of one that is not.
    pub(super) fn namesake(&self, of: &Founding) -> Option<CiteId> {
        if self.known != Known::No {
            return None;
        }
        let same = |slug: &str, name: &str| {
            [(slug, &of.slug), (name, &of.name)]
                .iter()
                .any(|(known, shown)| known.trim().to_lowercase() == shown.trim().to_lowercase())
        };
        let wallet = self.wallet.as_ref();
        if let Some(wallet) = wallet.filter(|wallet| same(wallet.slug(), wallet.home_name())) {
            return Some(wallet.home());
        }
        if let Some(own) = self.own.as_ref().filter(|own| same(&own.slug, &own.name)) {
            return Some(own.id());
        }
        let state = self.fold.as_ref()?.state();
        // Of a cité with an account, the log knows the short name alone.
        state.peers().find(|peer| same(&peer.slug, &peer.slug)).map(|peer| peer.cite)
    }
}
