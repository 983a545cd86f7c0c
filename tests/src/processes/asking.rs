//! What people and programs ask of a home, over and over: how its node is, who has how many hours, whether
//! witnesses confirmed. Each waits as long as any step may take; nothing here decides whether a case passes.

use serde_json::Value;

use super::{Home, wait_for};

impl Home {
    /// Returns what `node status` says, also where it says that something is wrong.
    ///
    /// # Panics
    /// When it says nothing that a program can read.
    pub fn status(&self) -> Value {
        let said = self.run(&["node", "status", "--json"]);
        let read: Result<Value, _> = serde_json::from_str(&said.out);
        read.unwrap_or_else(|error| panic!("{error}: {said:?}"))["data"].clone()
    }

    /// Returns whether `node status` has an alert with this code.
    pub fn has_alert(&self, code: &str) -> bool {
        let status = self.status();
        let alerts = status["alerts"].as_array().expect("alerts are a list");
        alerts.iter().any(|alert| alert["code"] == code)
    }

    /// Waits for an alert with this code.
    pub fn until_alert(&self, code: &str) {
        wait_for(&format!("an alert {code}"), || self.has_alert(code).then_some(()));
    }

    /// Waits for a node that signs.
    pub fn until_it_signs(&self) {
        wait_for("a node that signs", || (self.status()["signing"] == true).then_some(()));
    }

    /// Returns the balance of this home's person, in minutes.
    pub fn balance(&self) -> i64 {
        self.data(&["balance"])["minutes"].as_i64().expect("minutes are a number")
    }

    /// Waits until this home's person has so many minutes.
    pub fn until_balance(&self, minutes: i64, what: &str) {
        wait_for(what, || (self.balance() == minutes).then_some(()));
    }

    /// Pays, again while what it takes is not there yet: an account for another cité, say.
    pub fn pays(&self, line: &[&str]) {
        let line = [&["pay"], line, &["--yes"]].concat();
        wait_for("a payment", || (self.run(&line).code == Some(0)).then_some(()));
    }

    /// Returns how many entries this cité's log has, as its checkpoint says.
    pub fn size(&self) -> u64 {
        let sheet = self.data(&["cite", "show"]);
        sheet["checkpoint"]["size"].as_u64().expect("a size is a number")
    }

    /// Waits until witnesses confirmed everything that is in a cité's log now.
    pub fn until_confirmed(&self) {
        let size = self.size();
        wait_for("witnesses", || {
            (self.data(&["cite", "show"])["certified"].as_u64() >= Some(size)).then_some(())
        });
    }
}
