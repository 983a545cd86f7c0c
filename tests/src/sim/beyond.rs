//! Runs with more faults than the protocol promises to survive: several nodes are without their disks at a time, again
//! and again. Such a network may stand still and lose what it certified. It may not say what is not so.

use super::{
    Sim, Stop,
    checks::{Stands, every_prefix_sums_to_zero},
};

impl Sim {
    /// Looks at what must be so however many nodes were lost. That no log key signed two heads of one size, and that
    /// receipts and certificates prove themselves, was looked at all the time.
    ///
    /// # Panics
    /// When something is not so that must be.
    pub(super) fn check_what_is_left(&mut self) {
        let count = self.rates.cites;
        let signs = |sim: &mut Self, place: usize| {
            let status = if sim.sites[place].runs() { sim.status(place) } else { None };
            status.is_some_and(|status| status.signing.is_ok())
        };
        let signing: Vec<bool> = (0..count).map(|place| signs(self, place)).collect();
        for place in (0..count).filter(|place| signing[*place]) {
            assert!(self.convicted_at(place).is_empty(), "somebody honest is convicted");
        }
        (0..count).for_each(|place| self.stop(place, Stop::Clean));
        for place in (0..count).filter(|place| signing[*place]) {
            let log = Stands::read(std::sync::Arc::clone(&self.sites[place].disk) as _);
            every_prefix_sums_to_zero(&log.entries);
            self.times_are_right(place, &log.entries);
            self.newest_stands(place, &log);
            self.reached.note("a log was true where more was lost than can be spared");
        }
    }

    /// Compares what was said in the incarnation that is in force with what stands.
    fn newest_stands(&self, place: usize, log: &Stands) {
        let site = &self.sites[place];
        let of = (site.house.id, site.incarnation);
        let said = [&self.seen.signed, &self.seen.certified].into_iter().filter_map(|m| m.get(&of));
        for (size, root) in said.flatten() {
            assert_eq!(log.root(*size), Some(root), "a head of {size} leaves of log {place}");
        }
        for one in self.seen.acknowledged.iter().filter(|one| one.place == place) {
            if one.receipt.checkpoint.origin.incarnation == site.incarnation {
                let leaf = usize::try_from(one.receipt.leaf).expect("a small log");
                let stands = log.entries.get(leaf).map(Vec::as_slice);
                assert_eq!(stands, Some(&one.receipt.entry[..]), "{} is at leaf {leaf}", one.order);
            }
        }
    }
}
