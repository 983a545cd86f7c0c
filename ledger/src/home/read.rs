//! Reading a home's log: where an order stands, proofs, and what moved an account. Everything that is
//! shown comes from what is durable.

use std::collections::BTreeSet;

use proto::{
    certificate::EntryProof,
    codec::Bytes,
    desk::Standing,
    entry::{Entry, Import, Outcome, Payload},
    hash::Hash,
    ids::{Account, CiteId, MemberId, OrderId},
    minutes::Balance,
    order::Statement,
    stream::{Content, StreamMessage},
    time::UnixMillis,
    wire::{CHUNK_BYTES_MAX, CHUNK_ENTRIES_MAX},
};

use crate::{
    fold::Entered,
    home::{Home, HomeError},
    index::Note,
    refusal::Refusal,
    store::StoreError,
};

/// One movement of a member's account, as the log tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountMovement {
    /// Leaf of the log.
    pub leaf: u64,
    /// When it was entered.
    pub time: UnixMillis,
    /// The order behind it.
    pub order: OrderId,
    /// The account on the other side.
    pub with: Account,
    /// The member of another cité, when the other side is one.
    pub abroad: Option<MemberId>,
    /// What it changed.
    pub change: Balance,
    /// Commitment to its text.
    pub body: Option<Hash>,
}

/// Returns the order that an entry carries, if it carries one.
pub fn order_of(entry: &Entry) -> Option<OrderId> {
    match &entry.payload {
        Payload::Order(order) | Payload::Export { order, .. } => Some(order.id()),
        _ => None,
    }
}

impl Home {
    /// Returns the leaf of an order that is in the log.
    pub fn leaf_of(&self, order: &OrderId) -> Option<u64> {
        self.index
            .orders(order)
            .into_iter()
            .find(|leaf| self.entry(*leaf).is_ok_and(|entry| order_of(&entry) == Some(*order)))
    }

    /// Returns whether it can be told now if an order is in the log: neither the index nor the log failed to be read.
    pub fn can_tell_of(&self, order: &OrderId) -> bool {
        let mut leaves = self.index.orders(order).into_iter();
        let reads = leaves.all(|leaf| leaf >= self.store.len() || self.entry(leaf).is_ok());
        reads && !self.index.has_failed()
    }

    /// Returns an entry.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn entry(&self, leaf: u64) -> Result<Entry, StoreError> {
        self.store.entry(leaf)
    }

    /// Returns an entry's bytes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn entry_bytes(&self, leaf: u64) -> Result<Vec<u8>, StoreError> {
        Ok(self.store.reader().read(leaf)?)
    }

    /// Returns the next chunk of entries under the newest checkpoint, from a leaf on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn chunk(&self, from: u64, until: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let left = usize::try_from(until.saturating_sub(from)).unwrap_or(usize::MAX);
        if left == 0 {
            return Ok(Vec::new());
        }
        let count = left.min(CHUNK_ENTRIES_MAX);
        Ok(self.store.reader().read_range(from, count, CHUNK_BYTES_MAX)?)
    }

    /// Returns the path of a leaf under the tree of `size` leaves.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn path(&self, leaf: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
        self.store.path(leaf, size)
    }

    /// Returns the root of this log at a size.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn root_at(&self, size: u64) -> Result<Hash, StoreError> {
        self.store.root_at(size)
    }

    /// Returns the largest size that is committed: named by a certified seal.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn committed_size(&self) -> Result<u64, StoreError> {
        let Some(last) = self.certified_size().checked_sub(1) else { return Ok(0) };
        match self.entry(last)?.payload {
            Payload::Seal(seal) => Ok(seal.certified_size),
            _ => Ok(0),
        }
    }

    /// Returns the proof of an entry for those who do not trust this home; `None` until it is committed.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn prove(&self, leaf: u64) -> Result<Option<EntryProof>, HomeError> {
        if leaf >= self.committed_size()? {
            return Ok(None);
        }
        let Some(certified) = self.notes.newest() else { return Ok(None) };
        let size = certified.certificate.checkpoint.head.size;
        let last = size.saturating_sub(1);
        Ok(Some(EntryProof {
            founding: self.founding.clone(),
            entry: Bytes::from(self.entry_bytes(leaf)?),
            leaf,
            path: self.path(leaf, size)?,
            seal: Bytes::from(self.entry_bytes(last)?),
            seal_path: self.path(last, size)?,
            certificate: certified.certificate.clone(),
            mirrors: certified.mirrors.clone(),
        }))
    }

    /// Returns the proof that an import of this log rests on.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn sidecar(&self, leaf: u64) -> Result<Option<EntryProof>, HomeError> {
        Ok(self.sidecars.get(leaf).map_err(StoreError::from)?)
    }

    /// Returns the leaf that says the message with a counter on the stream to a cité.
    pub fn message_leaf(&self, to: CiteId, counter: u64) -> Option<u64> {
        self.index.message(&to, counter).into_iter().find(|leaf| {
            self.entry(*leaf)
                .ok()
                .and_then(|entry| entry.message(self.cite()))
                .is_some_and(|message| message.to == to && message.counter == counter)
        })
    }

    /// Returns how far an entry has come.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn standing(&self, leaf: u64) -> Result<Standing, StoreError> {
        if leaf < self.committed_size()? {
            return self.standing_abroad(leaf);
        }
        let of = u8::try_from(self.cosigners().len()).unwrap_or(u8::MAX);
        let size = self.sealed.checkpoint.head.size;
        let have = if leaf < self.certified_size() {
            self.certificate().map_or(0, |certificate| certificate.cosignatures.len())
        } else {
            self.cosignatures(size).len()
        };
        Ok(match u8::try_from(have).unwrap_or(u8::MAX) {
            0 => Standing::Recorded,
            have => Standing::Witnessed { have, of },
        })
    }

    /// Returns how far a committed entry has come at the other cité, if it goes to one.
    fn standing_abroad(&self, leaf: u64) -> Result<Standing, StoreError> {
        let Some(message) = self.entry(leaf)?.message(self.cite()) else {
            return Ok(Standing::Committed);
        };
        if let Some(reason) = self.index.returned(&message.to, message.counter) {
            return Ok(Standing::Returned(reason));
        }
        let open = self.durable.is_open(message.to, message.counter);
        Ok(if open { Standing::Committed } else { Standing::Arrived })
    }

    /// Returns the leaves that moved a member's account, in order, from a leaf on and at most so many.
    pub fn account_leaves(&self, member: &MemberId, from: u64, most: usize) -> Vec<u64> {
        self.durable
            .member(member)
            .map(|(_, member)| self.index.account(member.number, from, most))
            .unwrap_or_default()
    }

    /// Returns the last leaf that moved a member's account.
    pub fn last_account_leaf(&self, member: &MemberId) -> Option<u64> {
        let (_, member) = self.durable.member(member)?;
        self.index.account_last(member.number)
    }

    /// Returns what an entry moved on a member's account; `None` when it moved nothing there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn movement(
        &self,
        leaf: u64,
        member: &MemberId,
    ) -> Result<Option<AccountMovement>, StoreError> {
        let entry = self.entry(leaf)?;
        let time = entry.time;
        let of = |order, with, abroad, change, body| {
            Some(AccountMovement { leaf, time, order, with, abroad, change, body })
        };
        Ok(match &entry.payload {
            Payload::Order(order) => {
                let Statement::Pay(pay) = &order.order().statement else { return Ok(None) };
                let (payer, amount) = (order.order().author, pay.minutes.as_balance());
                let body = order.order().body;
                if payer == *member {
                    amount.negated().and_then(|out| of(order.id(), pay.payee, None, out, body))
                } else if pay.payee == Account::Member(*member) {
                    of(order.id(), Account::Member(payer), None, amount, body)
                } else {
                    None
                }
            }
            Payload::Export { header, order } => {
                let Statement::Export(export) = &order.order().statement else { return Ok(None) };
                let out = export.minutes.as_balance().negated();
                let with = Account::Peer(header.peer);
                out.filter(|_| order.order().author == *member).and_then(|out| {
                    of(order.id(), with, Some(export.payee), out, order.order().body)
                })
            }
            Payload::Import(import) => self.imported(leaf, time, import, member)?,
            _ => None,
        })
    }

    fn imported(
        &self,
        leaf: u64,
        time: UnixMillis,
        import: &Import,
        member: &MemberId,
    ) -> Result<Option<AccountMovement>, StoreError> {
        let from = import.message.from;
        let with = Account::Peer(from);
        Ok(match (&import.message.content, import.outcome) {
            (Content::Transfer(transfer), Outcome::Taken) if transfer.payee == *member => {
                Some(AccountMovement {
                    leaf,
                    time,
                    order: transfer.order,
                    with,
                    abroad: Some(transfer.payer),
                    change: transfer.minutes.as_balance(),
                    body: transfer.body,
                })
            }
            (Content::Return { counter, .. }, _) => {
                let Some(export) = self.message_leaf(from, *counter) else { return Ok(None) };
                self.movement(export, member)?.and_then(|out| {
                    let change = out.change.negated()?;
                    Some(AccountMovement { leaf, time, change, ..out })
                })
            }
            (Content::Farewell, _) => self.refunded(leaf, time, import, member)?,
            _ => None,
        })
    }

    /// Returns what a cité's last message gave back to a member: the hours of all transfers to it that it never took
    /// in, in one movement. Its order and text are those of the first.
    fn refunded(
        &self,
        leaf: u64,
        time: UnixMillis,
        import: &Import,
        member: &MemberId,
    ) -> Result<Option<AccountMovement>, StoreError> {
        let mut refunded: Option<AccountMovement> = None;
        for (_, export) in self.never_taken(&import.message, &[]) {
            let Some(out) = self.movement(export, member)? else { continue };
            let Some(change) = out.change.negated() else { continue };
            refunded = match refunded {
                None => Some(AccountMovement { leaf, time, change, ..out }),
                Some(before) => {
                    before.change.plus(change).map(|change| AccountMovement { change, ..before })
                }
            };
        }
        Ok(refunded)
    }

    /// Returns counter and leaf of everything that was sent to a cité behind what it took in, as its last message
    /// says: nothing of that came back before. `notes` are of entries that the index does not have yet.
    fn never_taken(&self, farewell: &StreamMessage, notes: &[Note]) -> Vec<(u64, u64)> {
        let to = farewell.from;
        let sent = self.tentative.state().peer(&to).map_or(0, |(_, peer)| peer.sent);
        let first = farewell.received.saturating_add(1);
        let noted = |wanted| {
            notes.iter().find_map(|note| match note {
                Note::Message { peer, counter, leaf } if (*peer, *counter) == (to, wanted) => {
                    Some(*leaf)
                }
                _ => None,
            })
        };
        let leaf = |counter| noted(counter).or_else(|| self.message_leaf(to, counter));
        (first..=sent).filter_map(|counter| Some((counter, leaf(counter)?))).collect()
    }

    /// Enters a durable batch into the index.
    pub(crate) fn note_in_index(&mut self, batch: &[Entered]) -> Result<(), HomeError> {
        let mut notes = Vec::new();
        for Entered { leaf, bytes, .. } in batch {
            if let Ok(entry) = Entry::decode(bytes) {
                self.notes_of(*leaf, &entry, &mut notes);
            }
        }
        let next = batch.last().map_or(0, |entered| entered.leaf.saturating_add(1));
        self.index.write(&notes, next)?;
        Ok(())
    }

    /// Collects what the index keeps about an entry.
    pub(crate) fn notes_of(&self, leaf: u64, entry: &Entry, notes: &mut Vec<Note>) {
        if let Payload::Import(Import { message, .. }) = &entry.payload
            && message.content == Content::Farewell
        {
            self.notes_of_refunds(leaf, message, notes);
        }
        let state = self.tentative.state();
        let mut account = |member: &MemberId| {
            if let Some((_, member)) = state.member(member) {
                notes.push(Note::Account { number: member.number, leaf });
            }
        };
        match &entry.payload {
            Payload::Order(order) => {
                if let Statement::Pay(pay) = &order.order().statement {
                    account(&order.order().author);
                    if let Account::Member(payee) = &pay.payee {
                        account(payee);
                    }
                }
            }
            Payload::Export { order, .. } => account(&order.order().author),
            Payload::Import(import) => match &import.message.content {
                Content::Transfer(transfer) if import.outcome == Outcome::Taken => {
                    account(&transfer.payee);
                }
                Content::Return { counter, .. } => {
                    let export = self.message_leaf(import.message.from, *counter);
                    let export = export.and_then(|leaf| self.entry(leaf).ok());
                    if let Some(Entry { payload: Payload::Export { order, .. }, .. }) = export {
                        account(&order.order().author);
                    }
                }
                Content::Transfer(_) | Content::Ack | Content::Farewell => {}
            },
            _ => {}
        }
        if let Payload::Import(Import { message, .. }) = &entry.payload
            && let Content::Return { counter, reason } = message.content
        {
            notes.push(Note::Returned { peer: message.from, counter, reason });
        }
        if let Some(order) = order_of(entry) {
            notes.push(Note::Order { order, leaf });
        }
        if let Some(message) = entry.message(self.cite()) {
            notes.push(Note::Message { peer: message.to, counter: message.counter, leaf });
        }
    }

    /// Collects what the index keeps about transfers that come back because the other cité is closed.
    fn notes_of_refunds(&self, leaf: u64, farewell: &StreamMessage, notes: &mut Vec<Note>) {
        let mut payers = BTreeSet::new();
        for (counter, export) in self.never_taken(farewell, notes) {
            let Ok(Entry { payload: Payload::Export { order, .. }, .. }) = self.entry(export)
            else {
                continue;
            };
            let payer = self.tentative.state().member(&order.order().author);
            payers.extend(payer.map(|(_, member)| member.number));
            let reason = Refusal::CiteClosed.number();
            notes.push(Note::Returned { peer: farewell.from, counter, reason });
        }
        notes.extend(payers.into_iter().map(|number| Note::Account { number, leaf }));
    }
}
