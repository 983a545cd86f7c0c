//! Nodes as processes on machines: what they are handed, how they start and stop.

use node::core::Input;

use super::{
    Event, Sim, TICK_MS, mishap,
    site::{Ill, Stop, is_of_the_disk},
};

impl Sim {
    /// Hands a node something, with whatever else reaches it in this very millisecond.
    pub(super) fn hand(&mut self, place: usize, life: u64, input: Input) {
        if let Some(waiting) = &mut self.sites[place].held {
            return waiting.push((life, input));
        }
        let mut inputs = Vec::new();
        let mut next = Some((life, input));
        while let Some((life, input)) = next.take() {
            if self.is_for(place, life, &input) {
                inputs.push(input);
            }
            if let Some(entry) = self.queue.first_entry()
                && entry.key().0 == self.now
                && matches!(entry.get(), Event::Input(to, ..) if *to == place)
                && let Event::Input(_, life, input) = entry.remove()
            {
                next = Some((life, input));
            }
        }
        if !inputs.is_empty() {
            self.handle(place, inputs);
        }
    }

    /// Returns whether this process is still the one that something is for.
    pub(super) fn is_for(&mut self, place: usize, life: u64, input: &Input) -> bool {
        let site = &self.sites[place];
        if !site.runs() || (life != 0 && life != site.life) {
            return false;
        }
        match input {
            // An answer counts while its ask is waited for; in a faulty network also once more.
            Input::Answered { token, .. } => {
                self.open.remove(&(place, site.life, *token)) || self.wires.faulty
            }
            _ => true,
        }
    }

    pub(super) fn handle(&mut self, place: usize, inputs: Vec<Input>) {
        self.inputs += u64::try_from(inputs.len()).expect("few");
        self.trace.handed(self.now, place, &inputs);
        match self.sites[place].handle(self.now, inputs) {
            Some(outputs) => {
                self.trace.did(&outputs);
                outputs.into_iter().for_each(|output| self.carry(place, output));
                if self.notes_astray(place) {
                    self.looks_for_damage(place);
                }
            }
            None => {
                self.reached.note("the power failed inside a call");
                self.notes_astray(place);
                self.stop(place, Stop::PowerCut);
                self.comes_back(place);
            }
        }
    }

    /// Starts a node, or finds that its disk does not let it.
    pub(super) fn start(&mut self, place: usize) {
        if self.sites[place].runs() {
            return;
        }
        self.trace.happened(self.now, place, "starts");
        if let Err(error) = self.sites[place].start(self.seed, self.now) {
            assert!(is_of_the_disk(&error), "a node does not start: {error} {error:?}");
            let site = &self.sites[place];
            if site.disk.is_full() {
                self.reached.note("a node did not start on a full disk");
                self.stop(place, Stop::Killed);
            } else if site.disk.is_off() {
                self.reached.note("the power failed inside a call");
                self.stop(place, Stop::PowerCut);
            } else {
                let rotten = site.ill == Some(Ill::RottedBefore) || site.rotten;
                assert!(rotten, "a node does not start: {error}, {:?}", site.ill);
                self.reached.note("a node did not start on a log that rotted");
                self.replace_disk(place);
            }
            return self.comes_back(place);
        }
        let life = self.sites[place].life;
        let at = format!("127.0.0.1:{}", 17_890 + place);
        self.due(0, Event::Input(place, life, Input::Listening(at)));
        self.due(0, Event::Input(place, life, Input::DiskFree(mishap::FREE)));
        let first = self.chance.below(TICK_MS);
        self.due(first, Event::Tick(place, life));
    }

    /// Stops a node; its connections end at once where its machine still can say so.
    pub(super) fn stop(&mut self, place: usize, how: Stop) {
        self.trace.happened(self.now, place, &format!("stops, {how:?}"));
        let seed = self.chance.below(u64::MAX);
        self.sites[place].stop(how, seed);
        let site = &mut self.sites[place];
        site.held = None;
        if site.ill == Some(Ill::Rots) {
            site.ill = Some(Ill::RottedBefore);
        }
        for other in 0..self.sites.len() {
            self.wires.note(place, other, None);
            let told = how != Stop::PowerCut && self.wires.is_open(place, other);
            if told && self.wires.stands(other, place).is_some() {
                self.disconnect(other, place);
            }
        }
    }

    /// Lets somebody start a node again after a while.
    pub(super) fn comes_back(&mut self, place: usize) {
        let after = 1_000 + self.chance.below(self.rates.lasts_ms);
        self.due(after, Event::Start(place));
    }
}
