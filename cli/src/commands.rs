//! Which function runs which command. A command without a line here is in no help page and not accepted.
//! Each command has a file of its own; nothing here does anything itself.

mod ask;
mod audit;
mod backup;
mod balance;
mod card;
mod cite;
mod complain;
mod completion;
mod demo;
mod explain;
mod federation;
mod help;
mod history;
mod join;
mod key;
mod log;
mod member;
mod node;
mod pay;
mod request;
mod status;

use std::{ops::RangeInclusive, path::PathBuf};

use clap::ArgMatches;
use proto::{minutes::Minutes, time::UtcDay};

use crate::{amount, codes, context::Context, dates, error::Failure, output::Done, text};

/// What runs a command.
pub type Handler = fn(&Context, &Args<'_>) -> Result<Done, Failure>;

/// Canonical name and handler of every command that works.
const HANDLERS: &[(&str, Handler)] = &[
    ("audit bundle", audit::bundle::run),
    ("audit verify", audit::verify::run),
    ("audit forks", audit::forks::run),
    ("ask", ask::run),
    ("backup auto", backup::auto::run),
    ("backup check", backup::check::run),
    ("backup create", backup::create::run),
    ("backup restore", backup::restore::run),
    ("balance", balance::run),
    ("card answer", card::answer::run),
    ("card challenge", card::challenge::run),
    ("card check", card::check::run),
    ("card print", card::print::run),
    ("card show", card::show::run),
    ("cite approve", cite::approve::run),
    ("cite close", cite::close::run),
    ("cite found", cite::found::run),
    ("cite heirs", cite::heirs::run),
    ("cite petition", cite::petition::run),
    ("cite show", cite::show::run),
    ("complain", complain::run),
    ("completion", completion::run),
    ("demo", demo::run),
    ("explain", explain::run),
    ("federation ally", federation::ally::run),
    ("federation join", federation::join::run),
    ("federation list", federation::list::run),
    ("help", help::run),
    ("history", history::run),
    ("join", join::run),
    ("key new", key::new::run),
    ("key show", key::show::run),
    ("log list", log::list::run),
    ("log show", log::show::run),
    ("member admit", member::admit::run),
    ("member decline", member::decline::run),
    ("member erase", member::erase::run),
    ("member invite", member::invite::run),
    ("member leave", member::leave::run),
    ("member list", member::list::run),
    ("member renew", member::renew::run),
    ("member resume", member::resume::run),
    ("member suspend", member::suspend::run),
    ("node block", node::block::run),
    ("node clock", node::clock::run),
    ("node inherit", node::inherit::run),
    ("node peers", node::peers::run),
    ("node rebuild", node::rebuild::run),
    ("node migrate", node::migrate::run),
    ("node recover", node::recover::run),
    ("node run", node::run::run),
    ("node scrub", node::scrub::run),
    ("node status", node::status::run),
    ("pay", pay::run),
    ("request decline", request::decline::run),
    ("request list", request::list::run),
    ("request show", request::show::run),
    ("status", status::run),
];

/// Returns what runs the command of this canonical name.
pub fn handler(command: &str) -> Option<Handler> {
    HANDLERS.iter().find(|(name, _)| *name == command).map(|(_, handler)| *handler)
}

/// The arguments of a command, by the ids of its spec, read as what they mean.
#[derive(Clone, Copy, Debug)]
pub struct Args<'a>(&'a ArgMatches);

impl<'a> Args<'a> {
    /// Returns the arguments that clap found.
    pub fn new(matches: &'a ArgMatches) -> Self {
        Self(matches)
    }

    /// Returns whether a flag was given.
    pub fn flag(&self, id: &str) -> bool {
        self.0.get_flag(id)
    }

    /// Returns an argument as it was typed.
    pub fn text(&self, id: &str) -> Option<&'a str> {
        self.0.get_one::<String>(id).map(String::as_str)
    }

    /// Returns an argument that clap made sure of.
    pub fn required(&self, id: &str) -> &'a str {
        self.text(id).expect("the spec says that clap must ask for it")
    }

    /// Returns an argument that may stand several times.
    pub fn list(&self, id: &str) -> Vec<&'a str> {
        self.0.get_many::<String>(id).into_iter().flatten().map(String::as_str).collect()
    }

    /// Returns a path.
    pub fn path(&self, id: &str) -> Option<PathBuf> {
        self.text(id).map(PathBuf::from)
    }

    /// Returns an amount of time.
    ///
    /// # Errors
    /// P0401, P0402, P0403, P0409.
    pub fn minutes(&self, id: &str) -> Result<Option<Minutes>, Failure> {
        self.read(id, |typed| {
            amount::parse(typed).map(Minutes).map_err(|error| error.failure(typed))
        })
    }

    /// Returns a whole number between two.
    ///
    /// # Errors
    /// P0001.
    pub fn number(&self, id: &str, within: RangeInclusive<u64>) -> Result<Option<u64>, Failure> {
        let (least, most) = (within.start().to_string(), within.end().to_string());
        self.read(id, |typed| {
            let digits = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
            let number = typed.parse().ok().filter(|number| within.contains(number));
            number.ok_or_else(|| {
                let message = match digits {
                    true => {
                        text!("usage-number-between", typed = typed, least = &*least, most = &*most)
                    }
                    false => text!("usage-number", typed = typed),
                };
                Failure::new(codes::USAGE, message)
            })
        })
    }

    /// Returns a day.
    ///
    /// # Errors
    /// P0416.
    pub fn day(&self, id: &str) -> Result<Option<UtcDay>, Failure> {
        self.read(id, dates::parse_day)
    }

    /// Returns a span of time (`30s`, `7d`).
    ///
    /// # Errors
    /// P0416.
    pub fn span(&self, id: &str) -> Result<Option<std::time::Duration>, Failure> {
        self.read(id, dates::parse_span)
    }

    /// Returns whole days (`7d`).
    ///
    /// # Errors
    /// P0416.
    pub fn days(&self, id: &str) -> Result<Option<u64>, Failure> {
        self.read(id, dates::parse_days)
    }

    fn read<T>(
        &self,
        id: &str,
        parse: impl Fn(&str) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        self.text(id).map(parse).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::HANDLERS;
    use crate::tree::SPECS;

    #[test]
    fn every_handler_has_its_spec() {
        for (name, _) in HANDLERS {
            assert!(SPECS.iter().any(|spec| spec.en == *name), "{name}");
        }
    }
}
