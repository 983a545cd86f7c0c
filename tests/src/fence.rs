//! A model of fence and resume: home, mirrors, promises, resumes and changes of mirrors, small enough that every
//! order of events can be tried. Each rule names the function that it stands for; none calls it.

pub mod explore;
pub mod moves;
pub mod properties;
pub mod state;
pub mod view;
pub mod worlds;

/// Mirrors as a set of bits; those that lie are only counted.
pub type Mask = u8;

/// A set of mirrors of the modelled log.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    /// Its honest mirrors.
    pub honest: Mask,
    /// How many of it sign whatever is asked of them, and promise whatever helps.
    pub liars: u32,
}

impl Set {
    /// Returns how many of the set certify, or promise; `MirrorSet::quorum` of that many mirrors.
    pub const fn quorum(&self) -> u32 {
        let mirrors = self.honest.count_ones() + self.liars;
        let faulty = mirrors.saturating_sub(1) / 3;
        (mirrors + faulty + 2) / 2
    }
}

/// Whoever writes the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Home {
    /// Signs one history in each incarnation and names only certificates that exist. It may be lost at any instant,
    /// and goes on from any checkpoint it ever signed.
    Honest,
    /// Signs any histories, but names only certificates that exist.
    Forking,
    /// Signs any histories with the keys of any incarnation, and names what it likes.
    Lying,
}

/// A rule, to be left out, or put in: what fails then shows what the rule is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Nothing: the rules as built.
    None,
    /// A quorum is one less than `MirrorSet::quorum` says.
    QuorumLess,
    /// A mirror forgets its promise: `MirrorLog::promise` keeps nothing.
    FenceForgotten,
    /// A promise counts whatever its mirror holds: `resume::check_fence` without `FenceAhead`.
    AheadIgnored,
    /// A mirror cosigns a second history: `MirrorLog::compare` finds nothing.
    ForkSigned,
    /// A mirror believes what a seal names as certified: `MirrorLog::check_named` asks for nothing.
    NamedBelieved,
    /// A mirror promises a second set of keys of one incarnation: `MirrorLog::fence` without `other_keys`.
    KeysMixed,
    /// A mirror that cuts its copy back holds nothing any more: `MirrorLog::cut_to` as first built.
    CutForgets,
    /// A home that was restored from an older image signs on: `Dormant::start` without the guard.
    RestoredSigns,
    /// The first seal of an incarnation names its base as certified: `rules::resumed` as once planned.
    BaseNamed,
    /// New mirrors are in force at the seal that names their entry as certified: `State::change_mirrors` as once
    /// planned.
    AtCertified,
    /// Pending mirrors that a seal names as certified are replaced all the same: `acts::mirror_set` as first built.
    PendingReplaced,
    /// A resume does not show the certificate that the seal under its base names: `resume::check` as first built, without
    /// `ResumeNamed`.
    NamedUnshown,
}

/// What is explored.
#[derive(Clone, Debug)]
pub struct World {
    /// A word for it.
    pub name: &'static str,
    /// Who writes.
    pub home: Home,
    /// How many mirrors are honest, over all sets: at most four.
    pub honest: usize,
    /// The first set is in force at first, and the log may name the others.
    pub sets: Vec<Set>,
    /// Numbers of the incarnations, one for each set of keys that the root named, in rising order, from 0 on.
    pub runs: Vec<u8>,
    /// Most checkpoints that are signed after the founding one, over all incarnations and histories.
    pub checkpoints: usize,
    /// Whether a set is chosen at most once, over all histories: a smaller space.
    pub chosen_once: bool,
    /// What is other than built.
    pub change: Change,
}

impl World {
    /// Returns the same world with another rule.
    pub fn but(mut self, change: Change) -> Self {
        self.change = change;
        self
    }

    /// Returns whether enough of a set did something.
    pub fn suffices(&self, set: usize, did: Mask) -> bool {
        let set = self.sets[set];
        let less = u32::from(self.change == Change::QuorumLess);
        (set.honest & did).count_ones() + set.liars + less >= set.quorum()
    }
}
