//! The field of a run: nodes, their disks, wires and clocks, and what it takes to let each go wrong and to make
//! it whole again, as whoever runs a node would.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use proto::desk::{Call, CopyState, Operator, Reply, Unavailable};

use super::{
    ground,
    plan::{Fault, Kind},
    wires::{self, Wires},
};
use crate::{
    outage::{Nodes, Place},
    processes::{PATIENCE, Site, Traced, wait_seeing},
    rights::{self, Need},
    volume::{self, Disk},
};

/// Size of each node's disk, in bytes. An hour of payments, with copies and proofs, takes less than a gibibyte.
const DISK_BYTES: u64 = 4 * 1_024 * 1_024 * 1_024;

/// How long a node may take to go on with a copy that it had no room for: it looks at its disk, then a home pushes.
const FINDS_ROOM: Duration = Duration::from_secs(25);

/// How wrong a clock may be, in seconds. Nothing between five minutes and six hours ahead: a node that is alone
/// believes that, as it should, and is right again only when that much time has passed.
const WRONG: [i64; 7] =
    [240, -240, -3_600, 7 * 3_600, 3 * 86_400, 10 * 365 * 86_400, -10 * 365 * 86_400];

/// The calls that fail, with which errors. A node may meet each of these at any time.
const CALLS: [&str; 8] = [
    "fdatasync:error=EIO",
    "fdatasync:error=ENOSPC",
    "fsync:error=EIO",
    "pwrite64:error=EIO",
    "pwrite64:error=ENOSPC",
    "openat:error=EIO",
    "rename:error=EIO",
    "ftruncate:error=EIO",
];

/// A field on which nothing runs yet.
pub(super) struct Founded {
    /// The cités, each founded on a disk of its own where that is possible.
    pub(super) sites: Vec<Site>,
    disks: Vec<Option<Disk>>,
    place: PathBuf,
}

/// Everything that may go wrong, in use.
pub(super) struct Field<'a> {
    sites: &'a [Site],
    /// The nodes.
    pub(super) nodes: Nodes<'a>,
    disks: Vec<Option<Disk>>,
    wires: Option<Wires>,
    place: PathBuf,
    traced: BTreeMap<usize, Traced>,
    fillers: BTreeMap<usize, PathBuf>,
}

impl Field<'_> {
    /// Founds the cités.
    pub(super) fn found(place: &Path, slugs: &[&str]) -> Founded {
        let mut disks = Vec::new();
        let mut sites = Vec::new();
        for slug in slugs {
            let at = place.join(format!("{slug}-disk"));
            let beside = place.join(format!("{slug}-file"));
            fs::create_dir_all(&beside).expect("a run may write");
            let disk = match rights::lacking(&[Need::Image]) {
                None => {
                    let disk = Disk::of(&beside, &at, DISK_BYTES);
                    Some(disk.expect("it could be mounted a moment ago"))
                }
                Some(_) => None,
            };
            disks.push(disk);
            sites.push(Site::found(&at, slug));
        }
        Founded { sites, disks, place: place.to_owned() }
    }
}

impl Founded {
    /// Starts all nodes.
    pub(super) fn start(self, sites: &[Site]) -> Field<'_> {
        let Self { disks, place, .. } = self;
        let wires = ground::wires(sites.len());
        let library = volume::clock().ok();
        let places = (0..sites.len()).map(|at| {
            let mut place_of = match &wires {
                None => Place::here(),
                Some(_) => Place {
                    address: format!("{}:4701", wires::address(at)),
                    under: Wires::under(at),
                },
            };
            if let Some(library) = &library {
                set(&place, at, 0);
                place_of.under.extend([
                    "env".to_owned(),
                    format!("LD_PRELOAD={}", library.display()),
                    format!("PIRATE_TEST_CLOCK={}", clock(&place, at).display()),
                ]);
            }
            place_of
        });
        let nodes = Nodes::at(sites, places.collect());
        let (traced, fillers) = (BTreeMap::new(), BTreeMap::new());
        Field { sites, nodes, disks, wires, place, traced, fillers }
    }
}

/// Returns the file with how wrong the clock of a node is.
fn clock(place: &Path, at: usize) -> PathBuf {
    place.join(format!("clock{at}"))
}

/// Says how wrong the clock of a node is from now on, in seconds. In place: the node has the file in its memory.
fn set(place: &Path, at: usize, seconds: i64) {
    use std::os::unix::fs::FileExt as _;
    let file = fs::File::options().create(true).truncate(false).write(true).open(clock(place, at));
    let written = file.and_then(|file| file.write_all_at(&seconds.to_le_bytes(), 0));
    written.expect("a run may write");
}

impl<'a> Field<'a> {
    /// Returns the cités.
    pub(super) const fn all(&self) -> &'a [Site] {
        self.sites
    }

    fn disk(&mut self, at: usize) -> &mut Disk {
        self.disks.get_mut(at).and_then(Option::as_mut).expect("a kind that needs a disk has one")
    }

    /// Lets a fault begin. One that ends by itself has ended when this returns.
    pub(super) fn begin(&mut self, fault: &Fault) {
        let at = fault.at;
        let moment = Duration::from_millis(fault.how * 3 / 10);
        match fault.kind {
            Kind::Loss | Kind::Partition | Kind::OneWay | Kind::Rate => self.wires().begin(fault),
            Kind::Kill => {
                self.nodes.kill(at);
                self.nodes.start(at);
            }
            Kind::KillStarting => {
                self.nodes.kill(at);
                self.nodes.kill_while_starting(at, moment);
                self.nodes.start(at);
            }
            Kind::Pause => self.nodes.running(at).hold(),
            Kind::Cut => {
                self.nodes.running(at).hold();
                self.disk(at).freeze();
                self.nodes.kill(at);
                self.disk(at).back();
                self.nodes.start(at);
            }
            Kind::SuddenCut => {
                self.cut(at);
                self.nodes.start(at);
            }
            Kind::CutStarting => {
                self.cut(at);
                let disk = self.disks.get(at).and_then(Option::as_ref).expect("it has one");
                self.nodes.interrupt_while_starting(at, moment, || disk.cut());
                self.disk(at).freeze();
                self.disk(at).back();
                self.nodes.start(at);
            }
            Kind::FailingCall => {
                let number = usize::try_from(fault.how).expect("below 1,000");
                let call = CALLS.iter().cycle().nth(number).expect("it has no end");
                let nth = 1 + number / 40;
                self.trace(at, &format!("inject={call}:when={nth}"));
            }
            Kind::SlowSync => {
                let us = 1_000 * (100 + fault.how);
                self.trace(at, &format!("inject=fdatasync,fsync:delay_enter={us}"));
            }
            Kind::FullDisk => {
                let filler = self.disk(at).fill();
                self.fillers.insert(at, filler);
            }
            Kind::WrongClock => {
                let number = usize::try_from(fault.how).expect("below 1,000");
                let wrong = WRONG.iter().cycle().nth(number).expect("it has no end");
                // A machine that boots with it, or a clock that is set while the node runs.
                let boots = number % 2 == 0;
                set(&self.place, at, *wrong);
                if boots {
                    self.nodes.kill(at);
                    self.nodes.start(at);
                }
            }
        }
    }

    /// Lets a fault end that does not end by itself.
    pub(super) fn end(&mut self, fault: &Fault) {
        let at = fault.at;
        match fault.kind {
            Kind::Loss | Kind::Partition | Kind::OneWay | Kind::Rate => self.wires().end(fault),
            Kind::Pause => self.nodes.running(at).go_on(),
            Kind::FailingCall | Kind::SlowSync => drop(self.traced.remove(&at)),
            Kind::FullDisk => {
                let filler = self.fillers.remove(&at).expect("it was filled");
                fs::remove_file(filler).expect("it is ours");
            }
            Kind::WrongClock => set(&self.place, at, 0),
            Kind::Kill | Kind::KillStarting | Kind::Cut | Kind::SuddenCut | Kind::CutStarting => {}
        }
    }

    fn wires(&self) -> &Wires {
        self.wires.as_ref().expect("a kind of the network needs wires")
    }

    /// Cuts the power of a node in the middle of whatever it does, and puts the disk back.
    fn cut(&mut self, at: usize) {
        self.disk(at).cut();
        self.nodes.kill(at);
        self.disk(at).freeze();
        self.disk(at).back();
    }

    fn trace(&mut self, at: usize, inject: &str) {
        let log = self.place.join(format!("calls{at}"));
        let folder = self.sites.get(at).expect("it is one of them").home.node();
        let pid = self.nodes.running(at).running.pid;
        let traced = Traced::injecting(pid, inject, Some(&folder), &log);
        self.traced.insert(at, traced);
    }

    /// Starts every node again whose disk failed under it, as its operator is told to, and waits until all sign and hold
    /// the copies that they held.
    pub(super) fn mend(&mut self) {
        for (at, site) in self.sites.iter().enumerate() {
            let mut since = Instant::now();
            wait_seeing(PATIENCE, &format!("{} to sign again", site.house.slug), || {
                let told = site.desk().map_err(|error| error.to_string()).and_then(|mut desk| {
                    desk.call(None, Call::Operator(Operator::Status))
                        .map_err(|error| error.to_string())
                });
                let Reply::Status(status) = told? else { return Err("no status".to_owned()) };
                let closed = status.mirrored.iter().any(|copy| copy.copy != CopyState::Kept);
                if status.signing.is_ok() && !closed {
                    return Ok(());
                }
                let said = self.nodes.running(at).said();
                let seen = format!("{:?}, {:?}\n{said}", status.signing, status.mirrored);
                match status.signing {
                    // Room was made: the node may find it by itself. Whoever was just started may fetch it anew.
                    Ok(()) if since.elapsed() < FINDS_ROOM => {}
                    Ok(()) | Err(Unavailable::CannotWrite) => {
                        self.nodes.kill(at);
                        self.nodes.start(at);
                        since = Instant::now();
                    }
                    Err(Unavailable::Busy | Unavailable::DiskFull | Unavailable::Clock) => {}
                    Err(why) => panic!("{} says no: {why:?}", site.house.slug),
                }
                Err(seen)
            });
        }
    }
}
