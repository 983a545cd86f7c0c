//! The people whom this wallet paid or asked, by number: `1@mariniers` means somebody also while the Mariniers are
//! off. Only a memory of what their home once answered, and shown as such; an unreadable one is none.

use proto::{
    ids::{CiteId, MemberId},
    time::UtcDay,
};
use serde::{Deserialize, Serialize};

use super::Wallet;
use crate::error::Failure;

/// Where they are kept.
const FILE: &str = "payees.toml";
/// Version of the file.
const VERSION: u32 = 1;
/// Most people who are remembered: far more than anybody pays, and a file that one read takes in. Whoever
/// was named longest ago is forgotten first.
const PAYEES_MAX: usize = 256;

/// Somebody who was paid or asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payee {
    /// The home.
    pub home: CiteId,
    /// The home's short name.
    pub slug: String,
    /// Who it is.
    pub member: MemberId,
    /// The number there.
    pub number: u32,
    /// When the home last said so.
    pub day: UtcDay,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    #[serde(default)]
    payee: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    home: String,
    slug: String,
    member: String,
    number: u32,
    day: u64,
}

impl Line {
    fn of(payee: &Payee) -> Self {
        Self {
            home: payee.home.to_string(),
            slug: payee.slug.clone(),
            member: payee.member.to_string(),
            number: payee.number,
            day: payee.day.0,
        }
    }

    fn read(self) -> Option<Payee> {
        Some(Payee {
            home: self.home.parse().ok()?,
            member: self.member.parse().ok()?,
            slug: self.slug,
            number: self.number,
            day: UtcDay(self.day),
        })
    }
}

impl Wallet {
    /// Returns the people who were paid or asked, the one named last at the end.
    pub fn payees(&self) -> Vec<Payee> {
        let read = || {
            let bytes = self.store.read(FILE).ok().flatten()?;
            let written: Written = toml::from_str(&String::from_utf8(bytes).ok()?).ok()?;
            (written.version == VERSION).then_some(written.payee)
        };
        read().unwrap_or_default().into_iter().filter_map(Line::read).collect()
    }

    /// Remembers who has this number, as the home just said; synced when it returns.
    ///
    /// # Errors
    /// P0201.
    pub fn remember_payee(&self, payee: Payee) -> Result<(), Failure> {
        let mut payees = self.payees();
        if payees.last() == Some(&payee) {
            return Ok(());
        }
        // A number means one person, and a person has one number: what is older is not true any more.
        payees.retain(|known| {
            known.home != payee.home
                || (known.member != payee.member && known.number != payee.number)
        });
        payees.push(payee);
        let from = payees.len().saturating_sub(PAYEES_MAX);
        let lines = payees.iter().skip(from).map(Line::of).collect();
        let written = toml::to_string(&Written { version: VERSION, payee: lines })
            .expect("numbers and strings are always TOML");
        self.store.replace(FILE, written.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proto::{
        hash::Hash,
        ids::{CiteId, MemberId},
        time::UtcDay,
    };

    use super::{FILE, PAYEES_MAX, Payee};
    use crate::wallet::{
        Wallet,
        tests::{context, wallet},
    };

    fn payee(member: u8, number: u32) -> Payee {
        Payee {
            home: CiteId(Hash([3; 32])),
            slug: "mariniers".to_owned(),
            member: MemberId(Hash([member; 32])),
            number,
            day: UtcDay(20_780),
        }
    }

    #[test]
    fn who_was_paid_is_known_at_the_next_start() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let context = context(dir.path());
        let made = wallet(&context);
        assert_eq!(made.payees(), []);
        for one in [payee(1, 1), payee(2, 2)] {
            made.remember_payee(one).expect("the directory is ours");
        }
        // Number 1 is somebody else now, and whoever had it is not found under it any more.
        made.remember_payee(payee(4, 1)).expect("the directory is ours");
        let elsewhere = Payee { home: CiteId(Hash([9; 32])), ..payee(4, 1) };
        made.remember_payee(elsewhere.clone()).expect("the directory is ours");
        drop(made);
        let read = Wallet::load(&context).expect("it was just written");
        assert_eq!(read.payees(), [payee(2, 2), payee(4, 1), elsewhere]);
        // What cannot be read is forgotten, and is no reason to stop.
        std::fs::write(context.paths.wallet().join(FILE), "version = 1\n[[payee").expect("ours");
        assert_eq!(read.payees(), []);
    }

    #[test]
    fn whoever_was_paid_longest_ago_is_forgotten_first() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let made = wallet(&context(dir.path()));
        let many = u32::try_from(PAYEES_MAX).expect("a small number");
        for number in 0..many + 3 {
            let mut id = [0; 32];
            id[..4].copy_from_slice(&number.to_be_bytes());
            let one = Payee { member: MemberId(Hash(id)), ..payee(0, number) };
            made.remember_payee(one).expect("the directory is ours");
        }
        let known = made.payees();
        assert_eq!(known.len(), PAYEES_MAX);
        assert_eq!(known.first().map(|payee| payee.number), Some(3));
        assert_eq!(known.last().map(|payee| payee.number), Some(many + 2));
    }
}
