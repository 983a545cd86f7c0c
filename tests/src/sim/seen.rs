//! What anybody saw in a run: every checkpoint that was signed and left its node, every certificate, every receipt.
//! It is kept apart from the nodes, so that no node can talk itself out of what it said.

use std::collections::{BTreeMap, BTreeSet};

use proto::{
    certificate::Certificate,
    checkpoint::Checkpoint,
    codec::Canonical as _,
    desk::{Receipt, Reply},
    hash::{Hash, tree_leaf},
    ids::{CiteId, OrderId},
    keys::{PublicKey, VerifyingKey},
    order::Head,
    wire::{Answer, Ask, Extend, Gossip},
};

use ledger::tree::verify_inclusion;

/// The least that makes a certificate: a quorum of two or three mirrors.
const COSIGN_LEAST: usize = 2;

/// A log in one incarnation.
pub(super) type Log = (CiteId, u32);

/// An order whose receipt was returned.
pub(super) struct Acknowledged {
    pub(super) place: usize,
    pub(super) order: OrderId,
    pub(super) receipt: Receipt,
}

/// What anybody saw.
#[derive(Default)]
pub(super) struct Seen {
    /// Who is of bad will.
    doubted: Option<CiteId>,
    /// Log keys.
    log_keys: BTreeMap<Log, VerifyingKey>,
    /// Mirror keys, old and new.
    mirror_keys: BTreeMap<CiteId, Vec<VerifyingKey>>,
    /// Roots that were signed, by size.
    pub(super) signed: BTreeMap<Log, BTreeMap<u64, Hash>>,
    /// Heads that a quorum cosigned.
    pub(super) certified: BTreeMap<Log, BTreeMap<u64, Hash>>,
    /// Who cosigned the certificate of a log of so many leaves.
    pub(super) cosigners: BTreeMap<(Log, u64), BTreeSet<CiteId>>,
    /// Who cosigned a certificate of a log, with which key.
    vouched: BTreeSet<(CiteId, CiteId, PublicKey)>,
    /// Heads that a home called committed, by its place.
    pub(super) committed: Vec<(usize, Head)>,
    pub(super) acknowledged: Vec<Acknowledged>,
}

impl Seen {
    /// Notes which keys a cité has in an incarnation.
    pub(super) fn knows(&mut self, log: Log, log_key: PublicKey, mirror_key: PublicKey) {
        self.log_keys.insert(log, log_key.check().expect("a key of ours"));
        let keys = self.mirror_keys.entry(log.0).or_default();
        keys.push(mirror_key.check().expect("a key of ours"));
    }

    /// Expects of a cité no more that it signs one history, or takes in what it is sent.
    pub(super) const fn doubts(&mut self, cite: CiteId) {
        self.doubted = Some(cite);
    }

    /// Returns whether a cité may do what it likes.
    pub(super) fn is_doubted(&self, cite: &CiteId) -> bool {
        self.doubted == Some(*cite)
    }

    /// Returns all mirror keys that a cité had.
    pub(super) fn mirror_keys(&self) -> impl Iterator<Item = (CiteId, PublicKey)> {
        self.mirror_keys
            .iter()
            .flat_map(|(cite, keys)| keys.iter().map(|key| (*cite, key.public())))
    }

    /// Returns whether a mirror cosigned a certificate of a log with a key.
    pub(super) fn vouched(&self, log: CiteId, mirror: CiteId, key: PublicKey) -> bool {
        self.vouched.contains(&(log, mirror, key))
    }

    /// Notes a checkpoint if its log key signed it.
    ///
    /// # Panics
    /// When that key signed another one of this size.
    pub(super) fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        let log = (checkpoint.origin.cite, checkpoint.origin.incarnation);
        let Some(key) = self.log_keys.get(&log) else { return };
        let Head { size, root } = checkpoint.head;
        let known = self.signed.entry(log).or_default();
        if known.get(&size) == Some(&root) || checkpoint.verify(key).is_err() {
            return;
        }
        let first = known.insert(size, root);
        let honest = self.doubted != Some(log.0);
        assert!(first.is_none() || !honest, "two heads of size {size} of {log:?}");
    }

    /// Notes a certificate if as many cosigned it as any set of mirrors asks for in a run. Whether they were enough of
    /// those who had to is asked in the end.
    fn certificate(&mut self, certificate: &Certificate) -> bool {
        self.checkpoint(&certificate.checkpoint);
        let Checkpoint { origin, head, .. } = certificate.checkpoint;
        let known = self.certified.entry((origin.cite, origin.incarnation)).or_default();
        if known.get(&head.size) == Some(&head.root) {
            return false;
        }
        let genuine = certificate.cosignatures.iter().filter_map(|cosignature| {
            let keys = self.mirror_keys.get(&cosignature.mirror)?;
            let by = |key: &&VerifyingKey| cosignature.verify(&certificate.checkpoint, key).is_ok();
            Some((origin.cite, cosignature.mirror, keys.iter().find(by)?.public()))
        });
        let genuine: Vec<_> = genuine.collect();
        if genuine.len() < COSIGN_LEAST {
            return false;
        }
        let log = (origin.cite, origin.incarnation);
        let by = genuine.iter().map(|(_, mirror, _)| *mirror).collect();
        self.cosigners.insert((log, head.size), by);
        self.vouched.extend(genuine);
        let first = known.insert(head.size, head.root);
        assert_eq!(first, None, "two certified heads of size {} of {origin:?}", head.size);
        true
    }

    fn extend(&mut self, extend: &Extend) -> bool {
        self.checkpoint(&extend.checkpoint);
        extend.certificate.as_ref().is_some_and(|known| self.certificate(known))
    }

    /// Notes what an ask says; returns whether it shows a certificate that nobody saw before.
    pub(super) fn ask(&mut self, ask: &Ask) -> bool {
        match ask {
            Ask::Extend(extend) => self.extend(extend),
            Ask::Deliver(delivery) => self.certificate(&delivery.proof.certificate),
            _ => false,
        }
    }

    /// Notes what an answer says; returns the same.
    pub(super) fn answer(&mut self, answer: &Answer) -> bool {
        match answer {
            Answer::Entries(Some(extend)) => self.extend(extend),
            Answer::Holds { head: Some(head), .. } => {
                self.checkpoint(head);
                false
            }
            Answer::Fenced { certificate: Some(known), .. } => self.certificate(known),
            Answer::Proof(Some(proof)) => self.certificate(&proof.certificate),
            _ => false,
        }
    }

    /// Notes what gossip says; returns the same.
    pub(super) fn gossip(&mut self, frame: &[u8]) -> bool {
        match Gossip::decode(frame) {
            Ok(Gossip::Certificate { certificate, .. }) => self.certificate(&certificate),
            _ => false,
        }
    }

    /// Notes what a desk replies; returns the same.
    pub(super) fn reply(&mut self, reply: &Reply) -> bool {
        match reply {
            Reply::Recorded(receipt) => {
                self.checkpoint(&receipt.checkpoint);
                false
            }
            Reply::Sheet(sheet) => {
                self.checkpoint(&sheet.checkpoint);
                let known = sheet.certificate.as_ref();
                known.is_some_and(|known| self.certificate(known))
            }
            _ => false,
        }
    }

    /// Keeps a receipt.
    ///
    /// # Panics
    /// When it does not prove itself, or proves something else.
    pub(super) fn acknowledges(&mut self, place: usize, order: OrderId, receipt: Receipt) {
        let Receipt { entry, leaf, path, checkpoint, .. } = &receipt;
        let entered = proto::entry::Entry::decode(entry).expect("an entry");
        assert_eq!(ledger::home::order_of(&entered), Some(order), "the receipt is of this order");
        let Head { size, root } = checkpoint.head;
        verify_inclusion(tree_leaf(entry), *leaf, size, path, root)
            .expect("a receipt proves itself");
        let log = (checkpoint.origin.cite, checkpoint.origin.incarnation);
        let signed = self.signed.get(&log).and_then(|known| known.get(&size));
        assert_eq!(signed, Some(&root), "the log key signed the checkpoint of a receipt");
        self.acknowledged.push(Acknowledged { place, order, receipt });
    }
}
