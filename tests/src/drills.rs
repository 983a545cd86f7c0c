//! Drills: every bad day of the runbook, played with the program on real directories by the commands that a person
//! types, in the order in which they would. `docs/runbook.md` has a heading for each; a house test compares.

mod allies;
mod clocks;
mod copies;
mod disks;
mod ends;
mod erasing;
mod floods;
mod losses;
mod machines;
mod members;
mod play;

use std::path::Path;

pub use play::{Played, Verdict, holds, play, played_inside};

use crate::rights::Need;

/// The page that says what to do on each of these days.
pub const PAGE: &str = "docs/runbook.md";

/// One bad day.
pub struct Drill {
    /// Its name, as it stands on the page and is typed.
    pub name: &'static str,
    /// What is shown, in a few words.
    pub shows: &'static str,
    /// What a machine must be able to do for it.
    needs: &'static [Need],
    /// Plays it in a folder of its own; panics when something is not as the page says.
    act: fn(&Path),
}

const fn drill(
    name: &'static str,
    shows: &'static str,
    needs: &'static [Need],
    act: fn(&Path),
) -> Drill {
    Drill { name, shows, needs, act }
}

/// All drills, in the order of the page.
pub const DRILLS: &[Drill] = &[
    drill("kill", "a killed node is started, and nothing is missing", &[], machines::kill),
    drill("index", "a lost index is rebuilt from the log", &[], machines::index),
    drill("damage", "a damaged log is mended from a witness", &[], machines::damage),
    drill("no-start", "a log that does not open comes back from witnesses", &[], losses::no_start),
    drill("lost-disk", "a lost disk comes back from witnesses", &[], losses::lost_disk),
    drill("backup", "a backup is restored and one log is not signed twice", &[], losses::backup),
    drill("clone", "a copy of a machine signs nothing", &[], copies::clone),
    drill("old-image", "an older image signs nothing, then goes on", &[], copies::old_image),
    drill(
        "rolled-back",
        "a machine set back whole is told by its allies",
        &[],
        copies::rolled_back,
    ),
    drill(
        "keys-stolen",
        "stolen keys are replaced, and sign nothing more",
        &[],
        copies::keys_stolen,
    ),
    drill("fork", "two histories are noticed, frozen and proved", &[], copies::fork),
    drill("disk-full", "a full disk is said, and payments wait", &[Need::Memory], disks::full),
    drill(
        "disk-fails",
        "a disk that fails stops the yes, not the log",
        &[Need::Image],
        disks::fails,
    ),
    drill(
        "clock-wrong",
        "a clock that allies do not believe signs nothing",
        &[Need::Preload],
        clocks::wrong,
    ),
    drill("clock-alone", "a node that was off for a week asks a person", &[], clocks::alone),
    drill("ally-away", "hours wait for an ally that is away", &[], allies::away),
    drill("line-full", "hours over a line come back to who paid", &[], allies::line_full),
    drill("witness-dead", "a witness that is gone for good is replaced", &[], allies::witness_dead),
    drill(
        "complain",
        "witnesses bring an order home that the home does not take",
        &[],
        allies::complain,
    ),
    drill("attack", "whoever floods a node is seen, blocked, and stays so", &[], floods::attack),
    drill(
        "alarm",
        "a witness that is silent for an hour is an alarm, until it is back",
        &[Need::Preload],
        clocks::silence,
    ),
    drill("stolen", "a member's device is stolen, and stops spending", &[], members::stolen),
    drill("erase", "somebody's name and texts are gone here and elsewhere", &[], erasing::erase),
    drill("heirs", "heirs take up a cité that is lost with its words", &[], ends::heirs),
    drill("close", "a cité closes, and every hour on its way ends", &[], ends::close),
    drill("upgrade", "a program says what it would change before it runs", &[], machines::upgrade),
];

/// Returns the drill of this name.
pub fn named(name: &str) -> Option<&'static Drill> {
    DRILLS.iter().find(|drill| drill.name == name)
}
