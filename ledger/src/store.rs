//! A log on a disk: segments (the truth), the tree's hashes and the snapshot (rebuildable), opened and
//! extended together. A home and a mirror each have one; whether to sign is not decided here.

use std::{collections::BTreeMap, sync::Arc};

use proto::{
    entry::{Entry, Payload, number},
    hash::{Hash, tree_leaf},
    order::Head,
};

use crate::{
    disk::{Disk, DiskError},
    fold::{Fault, FaultKind, Fold},
    keybook::KeyBook,
    replay::{self, BATCH},
    segments::{Record, Segments, SegmentsError, SegmentsReader},
    snapshot::{self, Beside, SNAPSHOT_EVERY},
    tree::{self, TreeError, TreeFile},
};

/// Why a log on a disk could not be opened, read or extended.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The segments refused.
    #[error(transparent)]
    Segments(#[from] SegmentsError),
    /// The tree's file refused.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// An entry of the log does not follow from those before it.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What was read back from the disk is not what was written.
    #[error("what was read back is not what was written")]
    ReadBack,
}

/// Names of the parts of a log within its directory.
#[derive(Clone, Debug)]
struct Names {
    segments: String,
    tree: String,
    snapshot: String,
}

impl Names {
    /// `dir` is empty for the node's own log, `mirrors/<cité>/` for another's.
    fn within(dir: &str) -> Self {
        Self {
            segments: format!("{dir}log"),
            tree: format!("{dir}index/tree"),
            snapshot: format!("{dir}index/snapshot"),
        }
    }
}

/// A log on a disk, with its only writer.
pub struct Store {
    disk: Arc<dyn Disk>,
    names: Names,
    segments: Segments,
    tree: TreeFile,
    snapshot_at: u64,
}

/// A log as it was opened: everything replayed up to its last seal.
pub struct OpenedStore {
    /// The log.
    pub store: Store,
    /// State and tree after the last seal.
    pub fold: Fold,
    /// Keys of its members.
    pub book: KeyBook,
    /// What the snapshot held besides the state, brought up to date.
    pub beside: Beside,
}

impl Store {
    /// Makes an empty log in `dir`.
    ///
    /// # Errors
    /// [`StoreError`], also when there is a log already.
    pub fn create(disk: Arc<dyn Disk>, dir: &str, identity: Hash) -> Result<Self, StoreError> {
        let names = Names::within(dir);
        disk.create_dir(&format!("{dir}index"))?;
        let segments = Segments::create_new(Arc::clone(&disk), &names.segments, identity)?;
        let tree = TreeFile::create(Arc::clone(&disk), &names.tree)?;
        Ok(Self { disk, names, segments, tree, snapshot_at: 0 })
    }

    /// Opens the log in `dir` and replays it. Entries behind the last seal, which were never promised to
    /// anybody, are cut.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(disk: Arc<dyn Disk>, dir: &str, identity: Hash) -> Result<OpenedStore, StoreError> {
        Self::open_cut(disk, dir, identity, last_seal)
    }

    /// Opens the copy of a log in `dir`, cuts it to the `size` leaves that were vouched for, and replays
    /// it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_at(
        disk: Arc<dyn Disk>,
        dir: &str,
        identity: Hash,
        size: u64,
    ) -> Result<OpenedStore, StoreError> {
        Self::open_cut(disk, dir, identity, |log| Ok(size.min(log.len())))
    }

    fn open_cut(
        disk: Arc<dyn Disk>,
        dir: &str,
        identity: Hash,
        keep: impl FnOnce(&SegmentsReader) -> Result<u64, StoreError>,
    ) -> Result<OpenedStore, StoreError> {
        let names = Names::within(dir);
        disk.create_dir(&format!("{dir}index"))?;
        let (mut segments, _) = Segments::open(Arc::clone(&disk), &names.segments, identity)?;
        let size = keep(segments.reader())?;
        if size < segments.len() {
            segments.truncate_to(size)?;
        }
        let (tree, fold, beside) = start(&disk, &names, segments.reader())?;
        let snapshot_at = fold.frontier().size();
        let store = Self { disk, names, segments, tree, snapshot_at };
        let book = KeyBook::of(fold.state());
        let mut opened = OpenedStore { store, fold, book, beside };
        opened.catch_up()?;
        Ok(opened)
    }

    /// Returns a view of the entries.
    pub fn reader(&self) -> &SegmentsReader {
        self.segments.reader()
    }

    /// Returns the number of entries.
    pub fn len(&self) -> u64 {
        self.segments.len()
    }

    /// Returns whether there is no entry yet.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Returns whether the newest file of entries still has its name: what is written to one that was deleted is gone
    /// when it is closed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_there(&self) -> Result<bool, StoreError> {
        Ok(self.segments.is_there()?)
    }

    /// Returns the disk.
    pub const fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Makes entries durable and reads them back; the tree is extended by what was read.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    pub fn append(&mut self, records: &[Record<'_>]) -> Result<(), StoreError> {
        let from = self.segments.append(records)?;
        self.segments.sync()?;
        for leaf in self.segments.read_back(from)?.leaves() {
            self.tree.push(*leaf)?;
        }
        Ok(())
    }

    /// Returns an entry.
    ///
    /// # Errors
    /// [`StoreError`] when there is none, or it is damaged.
    pub fn entry(&self, leaf: u64) -> Result<Entry, StoreError> {
        let bytes = self.segments.reader().read(leaf)?;
        Entry::decode(&bytes).map_err(|error| Fault { leaf, kind: FaultKind::Codec(error) }.into())
    }

    /// Returns the path of a leaf under the tree of `size` leaves.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn path(&self, leaf: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
        Ok(tree::inclusion_proof(&self.tree, leaf, size)?)
    }

    /// Returns what head the log would have behind leaves with these hashes, and the path of one of its leaves there.
    /// Nothing is written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn path_beyond(
        &self,
        more: impl Iterator<Item = Hash>,
        leaf: u64,
    ) -> Result<(Head, Vec<Hash>), StoreError> {
        Ok(tree::path_beyond(&self.tree, self.len(), more, leaf)?)
    }

    /// Returns the root of the tree at a size.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn root_at(&self, size: u64) -> Result<Hash, StoreError> {
        Ok(tree::root_at(&self.tree, size)?)
    }

    /// Returns the opening of the tree of `larger` leaves at `smaller`, for evidence.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn opening(&self, smaller: u64, larger: u64) -> Result<Vec<Hash>, StoreError> {
        Ok(tree::opening(&self.tree, smaller, larger)?)
    }

    /// Returns the head of the tree, computed from what was read back.
    pub fn head(&self) -> Head {
        self.tree.head()
    }

    /// Returns the entries in a file of segments that are damaged.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn missing(&self, segment: usize) -> Result<Vec<u64>, StoreError> {
        Ok(self.segments.missing(segment)?)
    }

    /// Returns whether `entry` stands at a leaf under a head of this log, whatever the log itself holds there.
    /// A damaged tree proves nothing.
    pub fn proves(&self, leaf: u64, entry: &[u8], head: &Head) -> bool {
        proves(&self.tree, leaf, entry, head)
    }

    /// Writes a damaged file of segments anew, with what of `fetched` is [proved](Self::proves) under `head` in
    /// the place of what is damaged; without a head nothing is. Returns whether it is whole now.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    pub fn mend(
        &mut self,
        segment: usize,
        fetched: &BTreeMap<u64, Vec<u8>>,
        head: Option<&Head>,
        in_place: bool,
    ) -> Result<bool, StoreError> {
        let proves = |leaf, entry: &[u8]| head.is_some_and(|head| self.proves(leaf, entry, head));
        let proved = fetched.iter().filter(|(leaf, entry)| proves(**leaf, entry));
        let proved = proved.map(|(leaf, entry)| (*leaf, entry.clone())).collect();
        Ok(self.segments.mend(segment, &proved, in_place)?)
    }

    /// Returns incarnation and size of the log in `dir` as its snapshot has it, if there is one.
    ///
    /// # Errors
    /// [`DiskError`].
    pub(crate) fn snapshot_place(
        disk: &dyn Disk,
        dir: &str,
    ) -> Result<Option<(u32, u64)>, DiskError> {
        let snapshot = snapshot::read(disk, &Names::within(dir).snapshot)?;
        Ok(snapshot.map(|(state, _)| {
            let incarnation = state.mirrors().map_or(0, |mirrors| mirrors.incarnation);
            (incarnation, state.head().size)
        }))
    }

    /// Returns whether an import stands at a leaf, or what cannot be read.
    pub fn may_be_import(&self, leaf: u64) -> bool {
        let is_import = |entry: Vec<u8>| Entry::kind_of(&entry) == Some(number::IMPORT);
        leaf < self.len() && self.segments.read(leaf).map_or(true, is_import)
    }

    /// Returns whether enough was appended for a new snapshot.
    pub fn snapshot_due(&self) -> bool {
        self.len().saturating_sub(self.snapshot_at) >= SNAPSHOT_EVERY
    }

    /// Writes a snapshot of a state that stands at this log's end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn snapshot(&mut self, fold: &Fold, beside: Beside) -> Result<(), StoreError> {
        self.tree.sync()?;
        snapshot::write(self.disk.as_ref(), &self.names.snapshot, fold.state(), beside)?;
        self.snapshot_at = self.len();
        Ok(())
    }
}

/// Returns the size of the log up to and with its last seal.
fn last_seal(log: &SegmentsReader) -> Result<u64, StoreError> {
    let mut size = log.len();
    while let Some(last) = size.checked_sub(1) {
        let entry = Entry::decode(&log.read(last)?);
        if matches!(entry, Ok(Entry { payload: Payload::Seal(_), .. })) {
            return Ok(size);
        }
        size = last;
    }
    Ok(0)
}

/// Returns tree, fold and more at the snapshot, or at nothing when the snapshot cannot be read or does not fit the log's
/// own tree.
fn start(
    disk: &Arc<dyn Disk>,
    names: &Names,
    log: &SegmentsReader,
) -> Result<(TreeFile, Fold, Beside), StoreError> {
    if let Ok(Some(kept)) = at_snapshot(disk, names, log) {
        return Ok(kept);
    }
    let tree = TreeFile::create(Arc::clone(disk), &names.tree)?;
    Ok((tree, Fold::default(), Beside::default()))
}

fn at_snapshot(
    disk: &Arc<dyn Disk>,
    names: &Names,
    log: &SegmentsReader,
) -> Result<Option<(TreeFile, Fold, Beside)>, StoreError> {
    let Some((state, beside)) = snapshot::read(disk.as_ref(), &names.snapshot)? else {
        return Ok(None);
    };
    let head = state.head();
    let mut tree = TreeFile::open(Arc::clone(disk), &names.tree)?;
    if head.size > log.len() || tree.truncate(head.size).is_err() || tree.head() != head {
        return Ok(None);
    }
    // Tree and snapshot may both be another log's.
    if let Some(last) = head.size.checked_sub(1)
        && !proves(&tree, last, &log.read(last)?, &head)
    {
        return Ok(None);
    }
    let fold = Fold::at(state, tree.frontier().clone(), beside.earlier.clone());
    Ok(fold.map(|fold| (tree, fold, beside)))
}

fn proves(tree: &TreeFile, leaf: u64, entry: &[u8], head: &Head) -> bool {
    tree::inclusion_proof(tree, leaf, head.size).is_ok_and(|path| {
        tree::verify_inclusion(tree_leaf(entry), leaf, head.size, &path, head.root).is_ok()
    })
}

impl OpenedStore {
    /// Replays what lies behind the snapshot; just before the last entry, a seal, notes what can be proved
    /// under it.
    fn catch_up(&mut self) -> Result<(), StoreError> {
        let Self { store, fold, book, beside } = self;
        let from = fold.frontier().size();
        let Some(last) = store.len().checked_sub(1).filter(|last| from <= *last) else {
            return Ok(());
        };
        let mut records = store.segments.reader().records(from)?;
        let tree = &mut store.tree;
        let mut at = from;
        replay::replay_all(fold, book, || -> Result<_, StoreError> {
            let mut batch = Vec::new();
            while at < last && batch.len() < BATCH {
                let Some(record) = records.next_record()? else { break };
                tree.push(record.leaf)?;
                batch.push(record.payload.to_vec());
                at = at.saturating_add(1);
            }
            Ok(batch)
        })?;
        let before = fold.state_mut().freeze();
        let seal = store.segments.reader().read(last)?;
        store.tree.push(tree_leaf(&seal))?;
        replay::fold(fold, replay::prepare(book, &[seal]))?;
        beside.mirrors = before.prove_mirrors();
        beside.before = before.unlike(fold.state());
        Ok(())
    }
}
