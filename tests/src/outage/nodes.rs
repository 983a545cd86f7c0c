//! The nodes of all cités, each a process that is started, held, killed and started again where it was. What
//! they say is kept, for whoever looks whether one of them panicked.

#![allow(clippy::indexing_slicing, reason = "cités are known by their place")]

use std::{mem, time::Duration};

use crate::processes::{Daemon, Site, Starting, free_address};

/// Where a node runs.
pub struct Place {
    /// The address at which it listens, known to all others.
    pub address: String,
    /// The words of the program that starts it, if it does not start by itself. That program must become the
    /// node (`exec`).
    pub under: Vec<String>,
}

impl Place {
    /// Returns a place on this machine where nobody listens.
    pub fn here() -> Self {
        Self { address: free_address(), under: Vec::new() }
    }
}

/// The nodes and how they are started.
pub struct Nodes<'a> {
    sites: &'a [Site],
    places: Vec<Place>,
    running: Vec<Option<Daemon>>,
    /// What those said that run no more.
    said: Vec<String>,
}

impl<'a> Nodes<'a> {
    /// Starts all.
    pub fn new(sites: &'a [Site]) -> Self {
        Self::at(sites, sites.iter().map(|_| Place::here()).collect())
    }

    /// Starts all, each at its place.
    pub fn at(sites: &'a [Site], places: Vec<Place>) -> Self {
        let running = sites.iter().map(|_| None).collect();
        let mut nodes = Self { sites, places, running, said: Vec::new() };
        (0..sites.len()).for_each(|place| nodes.start(place));
        nodes
    }

    fn args(&self, place: usize) -> Vec<String> {
        let mut args = vec!["--listen".to_owned(), self.places[place].address.clone()];
        for (at, other) in self.sites.iter().enumerate().filter(|(at, _)| *at != place) {
            args.extend(["--bootstrap".to_owned(), other.invitation(&self.places[at].address)]);
        }
        args
    }

    /// Starts one and waits until it listens.
    pub fn start(&mut self, place: usize) {
        let args = self.args(place);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (under, home) = (&self.places[place].under, &self.sites[place].home);
        self.running[place] = Some(Daemon::start_under(under, home, &args));
    }

    /// Ends one at once.
    pub fn kill(&mut self, place: usize) {
        let node = self.running[place].take().expect("it runs");
        self.said.push(node.kill());
    }

    /// Starts a node and kills it wherever in its start it is then.
    pub fn kill_while_starting(&mut self, place: usize, after: Duration) {
        self.interrupt_while_starting(place, after, || ());
    }

    /// Starts a node, lets something happen wherever in its start it is then, and kills it.
    pub fn interrupt_while_starting(
        &mut self,
        place: usize,
        after: Duration,
        happens: impl FnOnce(),
    ) {
        let args = self.args(place);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (under, home) = (&self.places[place].under, &self.sites[place].home);
        let starting = Starting::begin_under(under, home, &args);
        std::thread::sleep(after);
        happens();
        self.said.push(starting.kill());
    }

    /// Returns one that runs.
    ///
    /// # Panics
    /// When it does not run.
    pub fn running(&self, place: usize) -> &Daemon {
        self.running[place].as_ref().expect("it runs")
    }

    /// Stops all cleanly and returns what each process ever said.
    ///
    /// # Panics
    /// When one does not end as it should.
    pub fn stop(mut self) -> Vec<String> {
        for node in self.running.iter_mut().filter_map(Option::take) {
            let stopped = node.stop();
            assert_eq!(stopped.code, Some(0), "{}", stopped.err);
            self.said.push(stopped.err);
        }
        mem::take(&mut self.said)
    }
}
