//! Who is convicted here: a place for each cité that matters to this one, which nobody takes from it, and few for
//! all others, because anybody can found cités and have them sign two histories.

use std::collections::BTreeMap;

use proto::{
    evidence::{Evidence, Party},
    time::UnixMillis,
};

/// Evidence kept against cités that do not matter here: 4 KiB each, so 512 KiB. In memory only: whoever has an
/// account with one keeps it, and tells it again.
pub(crate) const OTHERS_MAX: usize = 128;

/// Of these taken in, and so told to everybody, in a minute: as many as a peer hands over at one hello. An inventor has
/// each node pass on 32 KiB a minute at most.
pub(crate) const OTHERS_PER_MINUTE: u8 = 8;

const MINUTE_MS: u64 = 60_000;

/// To whom a cité matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Matters {
    /// To nobody known here.
    ToNobody,
    /// To a cité whose log is copied here: it has an account there.
    ToAnAlly,
    /// To this cité.
    Here,
}

/// Pieces taken in since some moment.
#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    since: UnixMillis,
    taken: u8,
}

/// The evidence that convicts, one piece for each cité in each role: against the key in force, whatever came before.
#[derive(Debug, Default)]
pub(crate) struct Convicted {
    by_party: BTreeMap<Party, Evidence>,
    /// Those of them that did not matter here when they came, the oldest first.
    others: Vec<Party>,
    to_nobody: Minute,
    to_an_ally: Minute,
}

impl Convicted {
    /// Returns whether a key is convicted.
    pub(crate) fn contains(&self, party: &Party) -> bool {
        self.by_party.contains_key(party)
    }

    /// Returns all evidence.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Party, &Evidence)> {
        self.by_party.iter()
    }

    /// Returns whether evidence against a cité that matters so much may be taken in now, and counts it.
    pub(crate) fn has_turn(&mut self, now: UnixMillis, matters: Matters) -> bool {
        // Each sort by itself: inventions that nobody has an account with leave the others their turns.
        let minute = match matters {
            Matters::Here => return true,
            Matters::ToAnAlly => &mut self.to_an_ally,
            Matters::ToNobody => &mut self.to_nobody,
        };
        if now.since(minute.since) >= MINUTE_MS || now < minute.since {
            *minute = Minute { since: now, taken: 0 };
        }
        let free = minute.taken < OTHERS_PER_MINUTE;
        minute.taken += u8::from(free);
        free
    }

    /// Keeps evidence that convicts a key in force. Returns whose evidence gave way to it, which may be the same: of
    /// those that do not matter here the oldest goes, and first one that matters to nobody.
    pub(crate) fn keep(
        &mut self,
        party: Party,
        evidence: Evidence,
        matters: impl Fn(&Party) -> Matters,
    ) -> Option<Party> {
        // A root that names a key to convict it, and another one, has no more places for that.
        self.by_party.retain(|known, _| !known.is_same_role(&party));
        self.by_party.insert(party, evidence);
        // Who had no account here when it came may have one now.
        self.others.retain(|other| matters(other) != Matters::Here && !other.is_same_role(&party));
        if matters(&party) == Matters::Here {
            return None;
        }
        self.others.push(party);
        if self.others.len() <= OTHERS_MAX {
            return None;
        }
        let least = self.others.iter().enumerate().min_by_key(|(_, other)| matters(other));
        let gone = self.others.remove(least.map(|(place, _)| place)?);
        self.by_party.remove(&gone);
        Some(gone)
    }

    /// Takes in what the disk kept.
    pub(crate) fn read(&mut self, kept: BTreeMap<Party, Evidence>) {
        self.by_party = kept;
    }
}

#[cfg(test)]
mod tests {
    use proto::{
        checkpoint::{Checkpoint, Origin},
        codec::Bytes,
        hash::Hash,
        ids::{CiteId, NetworkId},
        keys::{PublicKey, Signature},
        order::Head,
    };

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000);

    fn cite(sort: u8, number: usize) -> Party {
        let mut bytes = [sort; 32];
        bytes[1] = u8::try_from(number % 256).expect("a byte");
        bytes[2] = u8::try_from(number / 256).expect("a byte");
        Party::Log { cite: CiteId(Hash(bytes)), key: PublicKey([7; 32]) }
    }

    fn matters(party: &Party) -> Matters {
        let sort = party.cite().as_bytes()[0];
        [Matters::ToNobody, Matters::ToAnAlly, Matters::Here][usize::from(sort)]
    }

    fn evidence(party: Party) -> Evidence {
        let cite = party.cite();
        let origin = Origin { network: NetworkId(Hash([7; 32])), cite, incarnation: 0 };
        let checkpoint = Checkpoint {
            origin,
            head: Head::empty(),
            signature: Signature { r: [0; 32], s: [0; 32] },
        };
        let founding = Bytes::from(Vec::new());
        Evidence::SameSize { founding, first: checkpoint, second: checkpoint }
    }

    /// Invariant A4.
    #[test]
    fn who_matters_here_gives_way_to_nobody() {
        let mut convicted = Convicted::default();
        let mut keep = |cite| convicted.keep(cite, evidence(cite), matters);
        assert!((0..300).all(|number| keep(cite(2, number)).is_none()));
        assert!((0..OTHERS_MAX / 2).all(|number| keep(cite(1, number)).is_none()));
        let gone: Vec<_> = (0..OTHERS_MAX).filter_map(|number| keep(cite(0, number))).collect();
        // The oldest stranger gives way, never one with whom an ally has an account.
        assert_eq!(gone.len(), OTHERS_MAX / 2);
        assert_eq!(gone.first(), Some(&cite(0, 0)));
        assert!((OTHERS_MAX / 2..OTHERS_MAX).all(|number| keep(cite(1, number)).is_some()));
        assert_eq!(keep(cite(0, 999)), Some(cite(0, 999)), "no place is left for a stranger");
        assert_eq!(convicted.all().count(), 300 + OTHERS_MAX);
    }

    /// Only the newest key of a cité has a place, so that a root cannot take all by naming and convicting keys.
    #[test]
    fn a_cite_has_one_place_in_each_role() {
        let mut convicted = Convicted::default();
        let Party::Log { cite, .. } = cite(2, 1) else { unreachable!("a log") };
        for number in 0..=255 {
            let key = PublicKey([number; 32]);
            for party in [Party::Log { cite, key }, Party::Mirror { cite, key }] {
                assert_eq!(convicted.keep(party, evidence(party), matters), None);
                assert!(convicted.contains(&party));
            }
        }
        assert_eq!(convicted.all().count(), 2);
    }

    #[test]
    fn each_sort_has_its_own_turns() {
        let mut convicted = Convicted::default();
        let mut turns =
            |now, matters| (0..100).filter(|_| convicted.has_turn(now, matters)).count();
        let most = usize::from(OTHERS_PER_MINUTE);
        assert_eq!(turns(NOW, Matters::ToNobody), most);
        assert_eq!(turns(NOW, Matters::ToAnAlly), most);
        assert_eq!(turns(NOW, Matters::Here), 100);
        assert_eq!(turns(NOW.plus(MINUTE_MS - 1), Matters::ToNobody), 0);
        assert_eq!(turns(NOW.plus(MINUTE_MS), Matters::ToNobody), most);
    }
}
