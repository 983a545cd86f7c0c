//! Doors of the files of a ledger: what a disk may give back changed. A log that opens is a beginning of the
//! one that was written; everything else is refused, or rebuilt.

use std::sync::Arc;

use ledger::{
    bundle::LogFiles,
    disk::Disk,
    guard::{Guard, Opened, Seat},
    home::{Recovering, given_up, tell},
    mirror::{MirrorLog, Refill},
    notes::Notes,
    segments::{Record, Segments, SegmentsReader},
    sidecars::Sidecars,
    snapshot::{self, Beside},
    store::Store,
};
use proto::{
    hash::{Hash, Use, digest},
    ids::{Account, CiteId},
    minutes::Minutes,
    order::{Head, Pay, SignedOrder, Statement},
};

use super::{Door, Entered, Heap, values::example};
use crate::{
    disk::FaultyDisk,
    news::{HOME, MIRROR, News},
    people::House,
};

/// The whole disk in memory, which is made anew for every input, and what values take.
const HEAP: Heap = Heap { ahead: 5 * 1_024 * 1_024, times: 16 };

/// What is made anew for every input costs as much as many values.
const COST: usize = 20;

/// Zeros of the space reserved ahead that are left behind a log's records, in bytes.
const RESERVED_LEFT: usize = 64;

/// Returns the doors.
pub(super) fn doors() -> Vec<Door> {
    let mut news = News::allied();
    let order = unsent(&mut news);
    let village = &news.world.villages[HOME];
    let home = Image::of(&village.disk, village.house.id);
    let mirror = Image::of(&news.world.villages[MIRROR].mirror_disk, village.house.id);
    let mut doors = of_home(&home);
    doors.extend(of_mirror(&mirror));
    doors.push(complaints(&mirror, &news, order));
    doors.push(silence(&mirror));
    doors.push(refilled(&mirror));
    doors.push(sidecar(&home));
    doors.extend(fetched(&home, &village.house));
    doors.push(given_up_note(&home));
    doors.push(state_snapshot());
    doors
}

/// A disk as it stands durably, and the cité whose log is on it.
struct Image {
    disk: FaultyDisk,
    /// With what was not synced, which the caches are.
    live: Arc<FaultyDisk>,
    cite: CiteId,
}

impl Image {
    fn of(live: &Arc<FaultyDisk>, cite: CiteId) -> Self {
        Self { disk: live.image(), live: Arc::clone(live), cite }
    }

    /// Returns what a file holds but for most of the zeros reserved behind it.
    fn written(&self, name: &str) -> Vec<u8> {
        let mut bytes = self.live.contents(name);
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        bytes.truncate(bytes.len().min(end + RESERVED_LEFT));
        bytes
    }

    /// Returns the door of one of its files; `read` opens what the file belongs to.
    fn door(
        &self,
        (door, name): (&str, &str),
        forms: &[&str],
        read: impl Fn(Arc<dyn Disk>, CiteId) -> bool + Send + Sync + 'static,
    ) -> Door {
        let (base, cite, file) = (self.disk.image(), self.cite, name.to_owned());
        Door {
            name: door.to_owned(),
            forms: forms.iter().map(ToString::to_string).collect(),
            seeds: vec![self.written(name)],
            heap: HEAP,
            cost: COST,
            enter: Box::new(move |bytes| {
                let disk = Arc::new(base.image());
                disk.replace(&file, bytes).expect("a disk without faults");
                if read(disk, cite) { Entered::Read } else { Entered::Refused }
            }),
        }
    }
}

/// Returns the entries of a log, as far as they can be read.
fn entries(store: &Store) -> Vec<Vec<u8>> {
    (0..store.len()).map_while(|leaf| store.reader().read(leaf).ok()).collect()
}

/// Opens a home's log as its home does, and fails unless it is a beginning of what was written.
fn opens(disk: Arc<dyn Disk>, dir: &str, cite: CiteId, written: &[Vec<u8>]) -> bool {
    let Ok(opened) = Store::open(disk, dir, cite.0) else { return false };
    let found = entries(&opened.store);
    assert!(written.starts_with(&found), "{} entries that nobody wrote", found.len());
    found.len() == written.len()
}

fn of_home(home: &Image) -> Vec<Door> {
    let open = Store::open(Arc::new(home.disk.image()), "", home.cite.0).expect("a sound log");
    let written = entries(&open.store);
    let again = written.clone();
    let segment = ("segment-of-a-log", "log/00000000.seg");
    vec![
        home.door(segment, &[], move |disk, cite| {
            // Once for those who only read, before the home cuts what was torn.
            let read =
                LogFiles::own(Arc::clone(&disk)).map(|log| log.write(std::io::sink(), |_| ()));
            opens(disk, "", cite, &again) && matches!(read, Ok(Ok(_)))
        }),
        home.door(("kept-checkpoint", "index/checkpoint"), &["kept checkpoint"], |disk, _| {
            let Ok(log) = LogFiles::own(disk) else { return false };
            log.write(std::io::sink(), |_| ()).is_ok()
        }),
        home.door(
            ("file-of-certificates", "notes/certificates"),
            &["file of certificates"],
            |disk, _| {
                let seen = LogFiles::own(Arc::clone(&disk)).is_ok();
                let Ok(notes) = Notes::open(disk) else { return false };
                seen && notes.newest().is_some() && notes.evidence().is_ok()
            },
        ),
        home.door(("guard", "guard"), &[], move |disk, cite| {
            let seat = Seat::of(disk.as_ref(), "log/00000000.seg", cite.0, 0);
            let seat = seat.expect("a disk without faults");
            let root =
                |size: u64| Ok::<_, ledger::disk::DiskError>((size == 0).then_some(Hash::ZERO));
            let opened = Guard::open(disk, "guard", seat, root).expect("a disk without faults");
            // Any answer about the file will do; a false head is told by its digest.
            !matches!(opened, Opened::Distrusted(ledger::guard::Distrust::Damaged))
        }),
    ]
}

/// Returns the doors of the notes beside a log that is fetched: whatever they say, no more is gone on with than is here.
fn fetched(home: &Image, house: &House) -> [Door; 2] {
    let live = Arc::new(home.disk.image());
    let [own, good, floor] = [3_u64, 3, 0].map(u64::to_le_bytes);
    live.create_dir("notes")
        .and_then(|()| live.replace("notes/fetched", &[own, good, floor].concat()))
        .and_then(|()| tell(live.as_ref(), Some(Head::empty())))
        .expect("a disk without faults");
    let beside = Image::of(&live, home.cite);
    let opened = || {
        let (signed, [log_key, ..]) = (house.founding_at(1), house.role_keys(1));
        move |disk: Arc<dyn Disk>, _: CiteId| {
            let index = std::env::temp_dir();
            let recovering = Recovering::open(disk, &index, signed.clone(), log_key.clone());
            recovering.is_ok_and(|recovering| recovering.good() <= recovering.len())
        }
    };
    [
        beside.door(("fetched", "notes/fetched"), &["note of a fetched log"], opened()),
        beside.door(("told", "notes/told"), &["note of what was told"], opened()),
    ]
}

fn of_mirror(mirror: &Image) -> Vec<Door> {
    let dir = format!("mirrors/{}/", mirror.cite.0);
    let held = format!("notes/cosigned/{}", mirror.cite.0);
    let segment = format!("{dir}log/00000000.seg");
    let opened = |disk: Arc<dyn Disk>, cite: CiteId| {
        let read = LogFiles::copy_of(Arc::clone(&disk), cite);
        let wrote = read.is_ok_and(|log| log.write(std::io::sink(), |_| ()).is_ok());
        matches!(MirrorLog::open(disk, cite), Ok(Some(_))) && wrote
    };
    vec![
        mirror.door(
            ("record-of-what-was-cosigned", &held),
            &["record of what was cosigned"],
            opened,
        ),
        mirror.door(("segment-of-a-copy", &segment), &[], opened),
    ]
}

/// A payment to the commons of which the home never hears.
fn unsent(news: &mut News) -> SignedOrder {
    let village = &mut news.world.villages[HOME];
    let clock = *village.home.state().clock().expect("founded");
    let committed = village.home.state().recent(clock.committed_size);
    let seen = committed.map_or_else(Head::empty, |recent| recent.head);
    let pay = Pay { payee: Account::Commons, minutes: Minutes(15), request: None };
    // The mirror holds all that this one signed before.
    village.wallets[0].sign(seen, Statement::Pay(pay))
}

/// The complaints that a mirror keeps beside its copy: what it cannot read it begins anew.
fn complaints(mirror: &Image, news: &News, order: SignedOrder) -> Door {
    let disk = Arc::new(mirror.disk.image());
    let opened = MirrorLog::open(Arc::clone(&disk) as Arc<dyn Disk>, mirror.cite);
    let mut log = opened.expect("a disk without faults").expect("a copy");
    let own = news.world.villages[MIRROR].house.id;
    log.complain(news.world.now, order, own).expect("a valid order");
    drop(log);
    let file = format!("mirrors/{}/complaints", mirror.cite.0);
    Image::of(&disk, mirror.cite).door(
        ("file-of-complaints", &file),
        &["file of complaints"],
        |disk, cite| {
            let opened = MirrorLog::open(disk, cite).expect("a disk without faults");
            opened.is_some_and(|log| log.complaints().0 > 0)
        },
    )
}

/// How long a home was silent whose heirs ask: what cannot be read is begun anew.
fn silence(mirror: &Image) -> Door {
    let disk = Arc::new(mirror.disk.image());
    let file = format!("mirrors/{}/silence", mirror.cite.0);
    let watched = [9_u64, 7].map(u64::to_le_bytes).concat();
    disk.replace(&file, &watched).expect("a disk without faults");
    Image::of(&disk, mirror.cite).door(
        ("file-of-silence", &file),
        &["file of silence"],
        |disk, cite| {
            let opened = MirrorLog::open(disk, cite).expect("a disk without faults");
            opened.is_some_and(|log| log.silent_ms().is_some())
        },
    )
}

/// How much of a copy that is fetched anew lay there before: whatever it says, nothing is gone back to that is not here.
fn refilled(mirror: &Image) -> Door {
    let (dir, disk) = (format!("mirrors/{}/", mirror.cite.0), Arc::new(mirror.disk.image()));
    let shared = Arc::clone(&disk) as Arc<dyn Disk>;
    drop(Store::open_at(shared, &dir, mirror.cite.0, 12).expect("a sound copy, which is cut"));
    let file = format!("{dir}fetched");
    disk.replace(&file, &1_u64.to_le_bytes()).expect("a disk without faults");
    Image::of(&disk, mirror.cite).door(
        ("note-of-a-refill", &file),
        &["note of a copy that is fetched anew"],
        |disk, cite| {
            let refill = Refill::begin(disk, cite).expect("a disk without faults");
            let (here, _) = refill.progress();
            let (left, _) = refill.give_up().expect("a disk without faults").progress();
            assert!(left < here, "{left} of {here} are left of what was given up");
            left > 0
        },
    )
}

/// What a recovery gave up of the own log: whatever the note says, less stayed than there was.
fn given_up_note(home: &Image) -> Door {
    let live = Arc::new(home.disk.image());
    let (kept, of) = (3_u64.to_le_bytes(), 5_u64.to_le_bytes());
    live.create_dir("damaged/01")
        .and_then(|()| live.replace("damaged/01/given-up", &[kept, of].concat()))
        .expect("a disk without faults");
    Image::of(&live, home.cite).door(
        ("given-up", "damaged/01/given-up"),
        &["note of a branch that was given up"],
        |disk, _| {
            let told = given_up(disk.as_ref()).expect("a disk without faults");
            assert!(told.iter().all(|own| own.kept < own.of), "{told:?}");
            !told.is_empty()
        },
    )
}

/// What stands in a record of the file of proofs: the record itself is right, its content is the input.
fn sidecar(home: &Image) -> Door {
    let reader = SegmentsReader::open(Arc::new(home.disk.image()), "notes/sidecars", home.cite.0);
    let reader = reader.expect("the home took imports in");
    let seeds = (0..reader.len()).map(|record| reader.read(record).expect("a sound file"));
    let seeds: Vec<Vec<u8>> = seeds.collect();
    let cite = home.cite;
    Door {
        name: "sidecar".to_owned(),
        forms: vec!["sidecar".to_owned()],
        seeds,
        heap: HEAP,
        cost: 4,
        enter: Box::new(move |bytes| {
            let disk: Arc<FaultyDisk> = Arc::new(FaultyDisk::new(1));
            disk.create_dir("notes/sidecars").expect("a disk without faults");
            let mut segments = Segments::create_new(disk.clone(), "notes/sidecars", cite.0)
                .expect("a disk without faults");
            if segments.append(&[Record::of(bytes)]).is_err() {
                return Entered::Refused;
            }
            segments.sync().expect("a disk without faults");
            drop(segments);
            let opened = Sidecars::open(disk, "notes/sidecars", cite.0, &|_| true);
            let leaf = bytes.first_chunk().map_or(0, |leaf| u64::from_le_bytes(*leaf));
            match opened.map(|sidecars| sidecars.get(leaf)) {
                Ok(Ok(Some(_))) => Entered::Read,
                _ => Entered::Refused,
            }
        }),
    }
}

/// What stands in a snapshot behind its digest, which is put right: what is read is written again.
fn state_snapshot() -> Door {
    const FILE: &str = "index/snapshot";
    let disk = FaultyDisk::new(1);
    let mut state = example().fold.state().clone();
    let mirrors = state.prove(ledger::state::MIRRORS);
    let beside = Beside { mirrors, ..Beside::default() };
    snapshot::write(&disk, FILE, &state, beside).expect("a disk without faults");
    Door {
        name: "snapshot".to_owned(),
        forms: vec!["snapshot".to_owned()],
        seeds: vec![disk.contents(FILE)[32..].to_vec()],
        heap: HEAP,
        cost: 4,
        enter: Box::new(|bytes| {
            let disk = FaultyDisk::new(1);
            let file = [digest(Use::Disk, &[bytes]).as_bytes(), bytes].concat();
            disk.replace(FILE, &file).expect("a disk without faults");
            let read = snapshot::read(&disk, FILE).expect("a disk without faults");
            let Some((mut state, beside)) = read else { return Entered::Refused };
            // What a home looks at before it believes the rest.
            let _ = (state.head(), state.sum(), state.root(), state.cosigners());
            snapshot::write(&disk, FILE, &state, beside).expect("a disk without faults");
            assert!(disk.contents(FILE) == file, "two snapshots of one state");
            Entered::Read
        }),
    }
}
