//! Scrubbing: a look at every byte of the logs in a node's directory, a window at a time, before a reader
//! needs them. It says what is not as it was written or signed, changes nothing, and never believes a length,
//! a number or a hash because it stands on the disk.
//!
//! Of each log the records are looked through ([`Scan`]), folded into the tree of RFC 6962, and compared with
//! the roots that were signed and certified; the stored hashes of the tree are compared on the way. What the
//! entries mean is not decided again here: the root of the state stands in each seal, and seals are entries
//! under the root of the tree.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use proto::{
    entry::{Entry, number},
    hash::Hash,
    ids::CiteId,
    order::Head,
};

use crate::{
    disk::{Disk, DiskError},
    guard, mirror,
    notes::Notes,
    segments::{Flaw, Scan, SegmentsError, SegmentsReader},
    sidecars,
    tree::{Frontier, HASH_BYTES},
};

/// How far the guard has signed, within a node's directory.
const GUARD: &str = "guard";

/// Copies of other cités' logs.
const MIRRORS: &str = "mirrors";

/// Which records of a log are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Its entries.
    Entries,
    /// The proofs that its imports rest on.
    Proofs,
}

/// What a scrub saw of one log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Whose log.
    pub cite: CiteId,
    /// Which part of it.
    pub part: Part,
    /// Whether it is a copy of another cité's.
    pub copy: bool,
    /// Good records.
    pub records: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Records under the largest signed root that they were found to give.
    pub proven: u64,
    /// What is wrong, at most 64 of it.
    pub flaws: Vec<Flaw>,
}

/// One log to look at.
#[derive(Clone, Debug)]
struct Plan {
    cite: CiteId,
    part: Part,
    copy: bool,
    dir: String,
    tree: Option<String>,
    /// What was signed or certified, smallest first.
    heads: Vec<Head>,
    /// The file that says what was vouched for is damaged.
    wordless: bool,
}

/// A scrub of all logs in a node's directory.
pub struct Scrub {
    disk: Arc<dyn Disk>,
    /// Somebody else may write meanwhile.
    beside: bool,
    waiting: VecDeque<Plan>,
    now: Option<Look>,
    /// What was found among the entries that were looked at last: their proofs are looked at next.
    imports: Imports,
    reports: Vec<Report>,
}

/// Imports among the entries that were looked at, each of which has a proof.
#[derive(Clone, Copy, Debug, Default)]
struct Imports {
    count: u64,
    /// The first entry that was not looked at. A log goes on while it is read, and proofs of what came since make up for
    /// none that is missing.
    until: u64,
}

impl Scrub {
    /// Begins a scrub of the directory of the node where the cité `own` lives. `beside` says that another
    /// process may write meanwhile: then what it appends later is not looked at.
    ///
    /// # Errors
    /// The disk.
    pub fn begin(disk: Arc<dyn Disk>, own: CiteId, beside: bool) -> Result<Self, DiskError> {
        let mut waiting = own_plans(&disk, own)?;
        // A copy that was deleted is missed, for it was cosigned that it is here.
        let names = [disk.list(MIRRORS)?, disk.list(mirror::RECORDS)?].concat();
        let cites: BTreeSet<CiteId> = names.iter().filter_map(|name| cite_of(name)).collect();
        for cite in cites {
            waiting.extend(copy_plans(disk.as_ref(), cite)?);
        }
        Ok(Self {
            disk,
            beside,
            waiting: waiting.into(),
            now: None,
            imports: Imports::default(),
            reports: Vec::new(),
        })
    }

    /// Returns what was seen of the logs that are done.
    pub fn reports(&self) -> &[Report] {
        &self.reports
    }

    /// Returns how many bytes were read so far.
    pub fn bytes(&self) -> u64 {
        let done = self.reports.iter().map(|report| report.bytes);
        let now = self.now.as_ref().map(|look| look.scan.bytes());
        done.chain(now).fold(0, u64::saturating_add)
    }

    /// Looks at the next window of at most `window` bytes; returns whether there is more.
    ///
    /// # Errors
    /// The disk. It may be tried again: a byte that cannot be read now may be readable later.
    pub fn step(&mut self, window: usize) -> Result<bool, DiskError> {
        let Some(look) = &mut self.now else {
            let Some(plan) = self.waiting.pop_front() else { return Ok(false) };
            self.now = Some(Look::begin(&self.disk, plan, self.beside, self.imports)?);
            return Ok(true);
        };
        if !look.step(self.disk.as_ref(), window)?
            && let Some(look) = self.now.take()
        {
            self.imports = look.imports;
            self.reports.push(look.report());
        }
        Ok(true)
    }
}

/// A look at one log.
struct Look {
    plan: Plan,
    scan: Scan,
    /// Tree over the records from the first one on, as long as none is missing.
    frontier: Frontier,
    heads: VecDeque<Head>,
    proven: u64,
    /// Those found so far among entries; of proofs, those that they are to be of.
    imports: Imports,
    /// Records that are proofs of those, in rising order. The checks of records do not tell proofs from entries of the
    /// same log: what a disk wrote to the wrong file may pass them.
    proofs: u64,
    /// No proof of an entry before this one comes next.
    next: u64,
    /// Hashes of the tree that were compared with those stored.
    compared: u64,
    tree_differs: bool,
}

impl Look {
    fn begin(
        disk: &Arc<dyn Disk>,
        plan: Plan,
        beside: bool,
        imports: Imports,
    ) -> Result<Self, DiskError> {
        // A writer beside this process appends, and what it has not synced is nobody's business.
        let until = match SegmentsReader::open(Arc::clone(disk), &plan.dir, plan.cite.0) {
            _ if !beside => None,
            Ok(reader) => Some(reader.len()),
            Err(SegmentsError::Disk(error)) => return Err(error),
            Err(_) => None,
        };
        let scan = Scan::begin(Arc::clone(disk), &plan.dir, plan.cite.0, until)?;
        let scan = if beside { scan.beside_a_writer() } else { scan };
        let heads = plan.heads.iter().copied().collect();
        let frontier = Frontier::default();
        let imports = if plan.part == Part::Proofs { imports } else { Imports::default() };
        let (proven, proofs, next, compared) = (0, 0, 0, 0);
        Ok(Self {
            plan,
            scan,
            frontier,
            heads,
            proven,
            imports,
            proofs,
            next,
            compared,
            tree_differs: false,
        })
    }

    fn step(&mut self, disk: &dyn Disk, window: usize) -> Result<bool, DiskError> {
        let Self { plan, scan, frontier, heads, proven, imports, proofs, next, .. } = self;
        let entries = plan.part == Part::Entries;
        let mut hashes = Vec::new();
        let mut other = None;
        let more = scan.step(window, &mut |leaf, record| {
            if !entries {
                let of = sidecars::decode(record.payload).ok().map(|sidecar| sidecar.leaf);
                if let Some(of) = of.filter(|of| (*next..imports.until).contains(of)) {
                    *next = of.saturating_add(1);
                    *proofs = proofs.saturating_add(1);
                }
                return;
            }
            let is_import = Entry::kind_of(record.payload) == Some(number::IMPORT);
            if let Some(leaf) = leaf {
                imports.count = imports.count.saturating_add(u64::from(is_import));
                imports.until = leaf.saturating_add(1);
            }
            if leaf != Some(frontier.size()) {
                return;
            }
            frontier.push_stored(record.leaf, &mut hashes);
            while let Some(head) = heads.front().filter(|head| head.size == frontier.size()) {
                match frontier.root() == head.root {
                    true => *proven = head.size,
                    false => other = Some(Flaw::Root { size: head.size }),
                }
                heads.pop_front();
            }
        })?;
        if let Some(flaw) = other {
            scan.note(flaw);
        }
        self.compare_stored(disk, &hashes)?;
        Ok(more)
    }

    /// Compares hashes that became known with those that are stored, as far as some are: what was
    /// appended last may not be written yet.
    fn compare_stored(&mut self, disk: &dyn Disk, hashes: &[Hash]) -> Result<(), DiskError> {
        let Some(name) = self.plan.tree.as_deref().filter(|_| !self.tree_differs) else {
            return Ok(());
        };
        if disk.length(name)?.is_none() {
            return Ok(());
        }
        let mut stored = vec![0; hashes.len().saturating_mul(32)];
        let at = self.compared.saturating_mul(HASH_BYTES);
        let read = disk.read_at(name, at, &mut stored)?;
        let (stored, _) = stored.get(..read).unwrap_or_default().as_chunks::<32>();
        let differs = stored.iter().zip(hashes).position(|(stored, hash)| *stored != hash.0);
        if let Some(position) = differs {
            let position = u64::try_from(position).unwrap_or(u64::MAX);
            self.scan.note(Flaw::Tree { stored: self.compared.saturating_add(position) });
            // One is enough: the whole file is made again.
            self.tree_differs = true;
        }
        let count = u64::try_from(hashes.len()).unwrap_or(u64::MAX);
        self.compared = self.compared.saturating_add(count);
        Ok(())
    }

    /// Returns what was seen.
    fn report(mut self) -> Report {
        // What is damaged in the middle says so itself; whether the end is missing, the heads say.
        let len = self.frontier.size();
        let whole = !self.scan.flaws().iter().any(|flaw| matches!(flaw, Flaw::Records { .. }));
        if let Some(head) = self.heads.back().filter(|_| whole) {
            self.scan.note(Flaw::Short { len, least: head.size });
        }
        let (len, least) = (self.proofs, self.imports.count);
        if self.plan.part == Part::Proofs && len < least && self.scan.flaws().is_empty() {
            self.scan.note(Flaw::Short { len, least });
        }
        if self.plan.wordless {
            self.scan.note(Flaw::Word);
        }
        let Plan { cite, part, copy, .. } = self.plan;
        let (records, bytes) = (self.scan.records(), self.scan.bytes());
        let flaws = self.scan.flaws().to_vec();
        Report { cite, part, copy, records, bytes, proven: self.proven, flaws }
    }
}

/// Returns what is to be looked at of the own log.
fn own_plans(disk: &Arc<dyn Disk>, cite: CiteId) -> Result<Vec<Plan>, DiskError> {
    let signed = guard::signed_last(disk.as_ref(), GUARD)?;
    let notes = Notes::look(Arc::clone(disk));
    let wordless = notes.is_err() || (signed.is_none() && disk.length(GUARD)?.is_some());
    let certified = notes
        .ok()
        .and_then(|notes| notes.newest().map(|certified| certified.certificate.checkpoint.head));
    let heads = in_order([signed, certified]);
    Ok(plans(cite, false, "", "notes/sidecars", heads, wordless))
}

/// Returns what is to be looked at of a copy; nothing where there is none.
fn copy_plans(disk: &dyn Disk, cite: CiteId) -> Result<Vec<Plan>, DiskError> {
    let dir = format!("{MIRRORS}/{}/", cite.0);
    let proofs = format!("{dir}sidecars");
    let (heads, wordless) = match mirror::look(disk, cite) {
        Ok(None) => return Ok(Vec::new()),
        Ok(Some(held)) => {
            let certified = held.certificate.map(|known| known.checkpoint.head);
            let below = |head: &Head| held.head.is_some_and(|held| head.size <= held.size);
            (in_order([certified.filter(below), held.head]), false)
        }
        Err(_) => (Vec::new(), true),
    };
    Ok(plans(cite, true, &dir, &proofs, heads, wordless))
}

fn plans(
    cite: CiteId,
    copy: bool,
    dir: &str,
    proofs: &str,
    heads: Vec<Head>,
    wordless: bool,
) -> Vec<Plan> {
    let entries = Plan {
        cite,
        part: Part::Entries,
        copy,
        dir: format!("{dir}log"),
        tree: Some(format!("{dir}index/tree")),
        heads,
        wordless,
    };
    let proofs = Plan {
        part: Part::Proofs,
        dir: proofs.into(),
        tree: None,
        heads: Vec::new(),
        wordless: false,
        ..entries.clone()
    };
    vec![entries, proofs]
}

fn in_order<const N: usize>(heads: [Option<Head>; N]) -> Vec<Head> {
    // The empty tree is every log's beginning and says nothing.
    let mut heads: Vec<Head> = heads.into_iter().flatten().filter(|head| head.size > 0).collect();
    heads.sort_by_key(|head| head.size);
    heads
}

/// Returns the cité whose copy is in a directory of this name, if it is one: its identity in hexadecimal.
fn cite_of(name: &str) -> Option<CiteId> {
    let mut bytes = [0; 32];
    let digits = name.as_bytes().as_chunks::<2>();
    if digits.0.len() != bytes.len() || !digits.1.is_empty() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.0) {
        *byte = u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(CiteId(Hash(bytes)))
}
