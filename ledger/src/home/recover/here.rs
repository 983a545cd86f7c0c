//! The log of a home that recovers, as far as it is here. Decides nothing about what it may go on with.

use std::{cmp::Ordering, sync::Arc};

use proto::{
    checkpoint::Checkpoint,
    codec::Bytes,
    entry::{Entry, Payload},
    founding::VerifiedFounding,
    hash::Hash,
    wire::Extend,
};

use super::super::{
    HomeError,
    open::{LOG, SIDECARS},
};
use crate::{
    disk::Disk,
    fold::Fold,
    mirror::check_imports,
    replay,
    segments::{Record, SegmentsError},
    sidecars::Sidecars,
    store::{OpenedStore, Store, StoreError},
};

/// The log and the proofs of its imports.
pub(super) struct Here {
    pub(super) opened: OpenedStore,
    pub(super) sidecars: Sidecars,
}

impl Here {
    pub(super) fn open(
        disk: &Arc<dyn Disk>,
        identity: Hash,
        size: Option<u64>,
    ) -> Result<Self, HomeError> {
        disk.create_dir(LOG).map_err(StoreError::from)?;
        let opened = match size {
            Some(size) => Store::open_at(Arc::clone(disk), "", identity, size),
            None => match Store::open(Arc::clone(disk), "", identity) {
                Err(StoreError::Segments(SegmentsError::NoLog)) => {
                    drop(Store::create(Arc::clone(disk), "", identity)?);
                    Store::open(Arc::clone(disk), "", identity)
                }
                opened => opened,
            },
        }?;
        let is_import = |leaf| opened.store.may_be_import(leaf);
        let sidecars = Sidecars::open(Arc::clone(disk), SIDECARS, identity, &is_import)
            .map_err(StoreError::from)?;
        Ok(Self { opened, sidecars })
    }

    /// Returns whether the log key that entries themselves name signed a checkpoint, for the record may have keys of a
    /// later incarnation only; `None` while they have not reached its incarnation.
    pub(super) fn log_key_signed(fold: &Fold, checkpoint: &Checkpoint) -> Option<bool> {
        let mirrors = fold.state().mirrors()?;
        match mirrors.incarnation.cmp(&checkpoint.origin.incarnation) {
            Ordering::Less => None,
            Ordering::Greater => Some(false),
            Ordering::Equal => {
                let log_key = mirrors.log_key.check();
                Some(log_key.is_ok_and(|log_key| checkpoint.verify(&log_key).is_ok()))
            }
        }
    }

    /// Re-executes a chunk and makes it durable; returns whether all of it follows and leads to the checkpoint.
    pub(super) fn take(
        &mut self,
        extend: &Extend,
        founding: &VerifiedFounding,
    ) -> Result<bool, HomeError> {
        let Self { opened, sidecars } = self;
        let begins = |bytes: &Bytes| match Entry::decode(bytes) {
            Ok(Entry { payload: Payload::Found(signed), .. }) => {
                signed.founding.id() == founding.cite()
            }
            _ => false,
        };
        if extend.from == 0 && !extend.entries.first().is_some_and(begins) {
            return Ok(false);
        }
        if check_imports(extend.from, &extend.entries, &extend.sidecars, founding).is_err() {
            return Ok(false);
        }
        let entries: Vec<Vec<u8>> = extend.entries.iter().map(|entry| entry.to_vec()).collect();
        let prepared = replay::prepare(&mut opened.book, &entries);
        let hashes: Vec<Hash> = prepared.iter().flatten().map(|entry| entry.leaf_hash).collect();
        if replay::fold(&mut opened.fold, prepared).is_err() {
            return Ok(false);
        }
        let (head, promised) = (opened.fold.head(), extend.checkpoint.head);
        let leads_there = head.size < promised.size || head == promised;
        // Where the incarnation is reached its log key is known, long before all of it is here.
        if !leads_there || Self::log_key_signed(&opened.fold, &extend.checkpoint) == Some(false) {
            return Ok(false);
        }
        let written = entries.iter().zip(hashes);
        let records: Vec<Record<'_>> =
            written.map(|(payload, leaf)| Record { payload, leaf }).collect();
        sidecars.keep(&extend.sidecars).map_err(StoreError::from)?;
        opened.store.append(&records)?;
        Ok(true)
    }
}
