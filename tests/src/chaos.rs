//! Real nodes of several cités, whose people pay without a pause while everything goes wrong that a seed draws:
//! wires, processes, disks, calls, clocks. In the end all is made whole, and what was acknowledged must be there.
//! Only public interfaces and files are looked at; nothing here reaches into a node.

#![allow(clippy::print_stdout, reason = "a run says what it did")]
#![allow(clippy::indexing_slicing, reason = "nodes are known by their place")]

mod calls;
mod faults;
pub mod ground;
mod plan;
mod table;
mod wires;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

pub use calls::{every_call, some_calls};
pub use plan::Scene;

use crate::{
    outage::{Seen, arrived, everything_holds, pay_meanwhile, sheet},
    processes::{Site, wait_for},
    rights,
};
use faults::Field;
use plan::{Episode, KINDS, Kind, Plan};
use table::Table;

/// Short addresses of the cités.
const SLUGS: [&str; 5] = ["tisserandes", "mariniers", "ruchers", "vignerons", "vergers"];

/// The most cités of a run.
pub const CITES_MAX: usize = SLUGS.len();

/// How long a run goes on.
#[derive(Clone, Copy, Debug)]
pub enum Length {
    /// Until the time is up; the last episode is played to its end.
    Time(Duration),
    /// So many kills, or so many power cuts.
    Faults(u64),
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// What the faults are drawn from.
    pub seed: u64,
    /// Number of cités: 2 to [`CITES_MAX`].
    pub cites: usize,
    /// Which faults.
    pub scene: Scene,
    /// How long.
    pub length: Length,
}

impl Run {
    /// Returns the words that repeat this run.
    pub fn words(&self) -> String {
        let length = match (self.scene, self.length) {
            (Scene::Kills, Length::Faults(count)) => format!("--kills {count}"),
            (Scene::Cuts, Length::Faults(count)) => format!("--cuts {count}"),
            (_, Length::Faults(count)) => format!("--faults {count}"),
            (_, Length::Time(time)) => format!("--seconds {}", time.as_secs()),
        };
        format!("{length} --cites {} --seed {}", self.cites, self.seed)
    }

    /// Plays the run in `place` and says what happened.
    ///
    /// # Panics
    /// When something that was promised is not so.
    pub fn play(&self, place: &Path) {
        println!("chaos {}", self.words());
        let left_out: BTreeMap<Kind, String> = KINDS
            .iter()
            .filter_map(|(kind, _, needs)| Some((*kind, rights::lacking(needs)?)))
            .collect();
        let possible: Vec<Kind> = KINDS
            .iter()
            .map(|(kind, ..)| *kind)
            .filter(|kind| !left_out.contains_key(kind))
            .collect();
        let plan = Plan::new(self.seed, self.cites, self.scene, &possible);
        let mut table = Table::new(left_out);
        table.say_left_out();
        if plan.is_empty() {
            table.print(self);
            return;
        }
        let mut field = Field::found(place, &SLUGS[..self.cites]);
        let sites = std::mem::take(&mut field.sites);
        let mut field = field.start(&sites);
        let seen = pay_meanwhile(&sites, |seen| self.strike(plan, &mut field, seen, &mut table));
        table.acknowledged = (0..self.cites).map(|at| seen.count(at)).sum();
        let asked = Instant::now();
        everything_holds(&sites, field.nodes, &seen);
        strangers_agree(&sites, place);
        table.checked = asked.elapsed();
        table.print(self);
    }

    /// Lets everything go wrong that the plan says, and makes it whole again.
    fn strike(&self, plan: Plan, field: &mut Field<'_>, seen: &Seen, table: &mut Table) {
        let begun = Instant::now();
        for (number, episode) in plan.enumerate() {
            let over = match self.length {
                Length::Time(time) => begun.elapsed() >= time,
                Length::Faults(count) => table.faults() >= count,
            };
            if over {
                break;
            }
            std::thread::sleep(Duration::from_millis(episode.calm_ms));
            self.suffer(&episode, field, table);
            let whole = Instant::now();
            let after = format!("episode {number} of chaos {}: {:?}", self.words(), episode.faults);
            field.mend();
            let signing = whole.elapsed();
            (0..self.cites).for_each(|at| seen.goes_on(at, &after));
            if episode.converges {
                converged(field.all(), &after);
                table.converged(whole.elapsed());
            }
            if self.scene == Scene::All {
                let kinds: Vec<_> = episode.faults.iter().map(|f| (f.kind, f.at)).collect();
                let (signing, whole) = (signing.as_secs_f64(), whole.elapsed().as_secs_f64());
                println!(
                    "{number}: {kinds:?}: signing after {signing:.1} s, whole after {whole:.1} s"
                );
            }
        }
        table.lasted = begun.elapsed();
    }

    fn suffer(&self, episode: &Episode, field: &mut Field<'_>, table: &mut Table) {
        for fault in &episode.faults {
            field.begin(fault);
            table.count(fault.kind);
        }
        std::thread::sleep(Duration::from_millis(episode.lasts_ms));
        for fault in &episode.faults {
            field.end(fault);
        }
    }
}

/// How long the bundle or the audit of what an hour of payments leaves may take on a busy machine.
const AUDIT_MAX: Duration = Duration::from_secs(1_800);

/// Waits until all that was sent so far has arrived.
fn converged(sites: &[Site], after: &str) {
    let sheets = || sites.iter().map(sheet).collect::<Option<Vec<_>>>();
    let before = wait_for(after, sheets);
    wait_for(&format!("what was sent before the end of {after}"), || {
        arrived(sites, &before, &sheets()?).then_some(())
    });
}

/// Makes a bundle of every log with the program and verifies all of them, as a stranger would who trusts the
/// identities of the cités and nothing else.
fn strangers_agree(sites: &[Site], place: &Path) {
    let bundles: Vec<String> = sites
        .iter()
        .map(|site| {
            let file = place.join(&site.house.slug).with_extension("pirate-audit");
            // A bundle replaces no file that is there.
            drop(fs::remove_file(&file));
            let file = file.display().to_string();
            let made = site.home.run_within(AUDIT_MAX, &["audit", "bundle", "-o", &file]);
            assert_eq!(made.code, Some(0), "{made:?}");
            file
        })
        .collect();
    let anchors = place.join("anchors");
    let lines: String = sites.iter().map(|site| format!("cite {}\n", site.house.id)).collect();
    fs::write(&anchors, lines).expect("a run may write");
    let anchors = anchors.display().to_string();
    let mut line = vec!["audit", "verify", "--anchor", &anchors];
    line.extend(bundles.iter().map(String::as_str));
    let verdict = sites[0].home.run_within(AUDIT_MAX, &line);
    assert_eq!(verdict.code, Some(0), "{verdict:?}");
}
