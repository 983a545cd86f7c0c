//! A cité's machine: its directory, the address at which its node always listens, and the node while it runs.
//! Nothing here decides whether a case passes.

use std::path::Path;

use super::{Daemon, Home, founded, free_address, text_of, wait_for};

/// The machine of a cité.
pub struct Machine {
    /// Its directory.
    pub home: Home,
    /// Where its node listens, whenever it runs.
    pub address: String,
    node: Option<Daemon>,
}

impl Machine {
    /// Founds the cité `slug` below `dir` and starts its node.
    pub fn found(dir: &Path, slug: &str) -> Self {
        Self::of(founded(dir, slug), free_address())
    }

    /// Starts the node of a home at an address.
    pub fn of(home: Home, address: String) -> Self {
        let mut machine = Self { home, address, node: None };
        machine.start();
        machine
    }

    /// Starts its node and waits until it listens.
    pub fn start(&mut self) {
        self.start_with(&[]);
    }

    /// Starts its node with these words as well.
    pub fn start_with(&mut self, words: &[&str]) {
        let line = [&["--listen", self.address.as_str()], words].concat();
        self.node = Some(Daemon::start(&self.home, &line));
    }

    /// Stops its node as a person does.
    ///
    /// # Panics
    /// When it does not run, or does not stop as it should.
    pub fn stop(&mut self) {
        let stopped = self.node.take().expect("the node runs").stop();
        assert_eq!(stopped.code, Some(0), "{stopped:?}");
    }

    /// Ends its node at once.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        self.node.take().expect("the node runs").kill();
    }

    /// Returns its node.
    ///
    /// # Panics
    /// When it does not run.
    pub fn node(&self) -> &Daemon {
        self.node.as_ref().expect("the node runs")
    }

    /// Returns the text that tells another node, or a newcomer, where this one is.
    pub fn invitation(&self) -> String {
        text_of(&self.home.data(&["member", "invite"]))
    }

    /// Makes this cité know another one and open an account for it, with a line of so much.
    pub fn ally(&self, other: &Self, slug: &str, limit: &str) {
        self.home.data(&["federation", "join", &other.invitation(), "--yes"]);
        let ally = ["federation", "ally", slug, "--limit", limit, "--yes"];
        // While one set of witnesses is still to come, another one waits for it.
        wait_for("an ally", || (self.home.run(&ally).code == Some(0)).then_some(()));
    }
}

/// Founds these cités below `dir`, starts their nodes and makes all of them allies and witnesses of one another.
pub fn allied(dir: &Path, slugs: &[&str]) -> Vec<Machine> {
    let machines: Vec<Machine> = slugs.iter().map(|slug| Machine::found(dir, slug)).collect();
    for here in &machines {
        for (there, slug) in machines.iter().zip(slugs).filter(|(at, _)| at.address != here.address)
        {
            here.ally(there, slug, "100h");
        }
    }
    machines
}
