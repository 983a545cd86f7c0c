//! Hours on their way between cités: delivering this log's stream messages when they are committed, and
//! taking in those of others. What an import says is proved; whom to rely on besides is this home's taste.

use std::{collections::BTreeMap, sync::Arc};

use ledger::{
    disk::{Disk, DiskError},
    home::Unproved,
    notes::read_file,
    object::MirrorsState,
    proof::{self, ProvedEntry},
    refusal::Refusal,
    store::StoreError,
};
use proto::{
    act::{Act, Mirror},
    certificate::EntryProof,
    codec::{Bytes, Canonical, CodecError, at_most},
    entry::{Entry, Payload},
    evidence::Party,
    founding::SignedFounding,
    ids::CiteId,
    order::Statement,
    stream::{Content, StreamMessage},
    time::UnixMillis,
    wire::{Answer, Ask, Delivery, decline},
};
use serde::{Deserialize, Serialize};

use super::{
    Asked, Core, PeerKey, ReplyTo, Writer, erasing::writers, neighbours::NEIGHBOURS_MAX,
    writer::Waiting,
};

/// How long a cité that declined or did not answer is left alone, in milliseconds: its own copy of this
/// log may be one push behind.
const TRY_AGAIN_MS: u64 = 1_000;

/// How long a cité that has not opened an account is left alone before it is asked again.
const ASK_OPENING_MS: u64 = 3_000;

/// How long the proof of an opening is good for what it says of mirrors, in milliseconds: a day.
const ASK_MIRRORS_AGAIN_MS: u64 = 86_400_000;

const OPENINGS: &str = "notes/openings";

/// What is known of the stream to one cité.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// The last message that it said it took in, once it said so.
    cursor: Option<u64>,
    under_way: bool,
    not_before: UnixMillis,
    opening_not_before: UnixMillis,
}

#[derive(Default, Serialize, Deserialize)]
struct File {
    opened: BTreeMap<CiteId, MirrorsState>,
}

impl Canonical for File {
    const NAME: &'static str = "file of openings";
    // With two sets of seven mirrors each: 1,200 bytes at most.
    const MAX: usize = NEIGHBOURS_MAX * 1_200;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.opened.len(), NEIGHBOURS_MAX)
    }
}

/// The cités that are proved to have opened an account for this one, and their mirrors as that proof has them.
pub(crate) struct Openings {
    disk: Arc<dyn Disk>,
    file: File,
}

impl Openings {
    /// Opens what was proved; a file that cannot be read is begun anew, for proofs can be asked again.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> Result<Self, DiskError> {
        let bytes = read_file(disk.as_ref(), OPENINGS)?;
        let file = bytes.and_then(|bytes| File::decode(&bytes).ok()).unwrap_or_default();
        Ok(Self { disk, file })
    }

    /// Returns whether a cité opened an account for this one.
    pub(crate) fn contains(&self, cite: &CiteId) -> bool {
        self.file.opened.contains_key(cite)
    }

    /// Returns the mirrors of a cité's log that its home proved last.
    pub(crate) fn mirrors(&self, cite: &CiteId) -> Option<&MirrorsState> {
        self.file.opened.get(cite)
    }

    fn add(&mut self, cite: CiteId, mirrors: &MirrorsState) -> Result<(), DiskError> {
        if self.file.opened.get(&cite) == Some(mirrors) {
            return Ok(());
        }
        self.file.opened.insert(cite, mirrors.clone());
        self.disk.replace(OPENINGS, &self.file.encode())
    }
}

impl Core {
    /// Delivers the next committed message to every connected cité that has not taken it in yet.
    pub(crate) fn deliver_all(&mut self, now: UnixMillis) {
        if !matches!(self.writer, Writer::Signing(_)) {
            return;
        }
        // A cité that is closed takes in nothing more; one that is closed itself still has its last message to say.
        let closed = self.state().is_closed();
        let peers: Vec<(CiteId, u64)> = self
            .state()
            .peers()
            .filter(|peer| closed || !self.state().has_ended(&peer.cite))
            .map(|peer| (peer.cite, peer.sent))
            .collect();
        for (cite, sent) in peers {
            self.ask_opening(now, cite);
            let stream = self.deliveries.entry(cite).or_default();
            if sent > 0 && !stream.under_way && stream.not_before <= now {
                // While the cursor is not known the first message that may be missing is offered; the
                // answer tells the cursor.
                let next = match stream.cursor {
                    Some(cursor) => cursor.saturating_add(1),
                    None => self.first_doubtful(cite, sent),
                };
                if next <= sent {
                    self.deliver(now, cite, next);
                }
            }
        }
    }

    /// Returns the first message to a cité that it may not have: the first open transfer, else the last.
    fn first_doubtful(&self, cite: CiteId, sent: u64) -> u64 {
        self.state().opens(cite, sent).map(|(_, open)| open.counter).next().unwrap_or(sent)
    }

    fn deliver(&mut self, now: UnixMillis, cite: CiteId, counter: u64) {
        let Some(peer) = self.neighbours.node_of(&cite) else { return };
        let Writer::Signing(home) = &self.writer else { return };
        let Some(leaf) = home.message_leaf(cite, counter) else {
            tracing::error!(counter, "a message of this log cannot be found");
            return;
        };
        let Ok(Some(proof)) = home.prove(leaf) else { return };
        let body = Entry::decode(&proof.entry).ok().and_then(|entry| match &entry.payload {
            Payload::Export { order, .. } => self.shelf.body(&order.id()),
            _ => None,
        });
        let ask = Ask::Deliver(Box::new(Delivery { proof, body }));
        let under_way = self.ask(now, peer, &ask, Asked::Deliver(cite));
        self.deliveries.entry(cite).or_default().under_way = under_way;
    }

    /// Takes in what a cité answered to a delivery.
    pub(crate) fn was_delivered(&mut self, now: UnixMillis, cite: CiteId, answer: Option<Answer>) {
        let stream = self.deliveries.entry(cite).or_default();
        stream.under_way = false;
        match answer {
            Some(Answer::Cursor { received }) => stream.cursor = Some(received),
            Some(Answer::Declined { reason: decline::OUT_OF_TURN, at }) => {
                // The same place twice means that it cannot go on by itself: leave it alone a while.
                if stream.cursor == Some(at) {
                    stream.not_before = now.plus(TRY_AGAIN_MS);
                }
                stream.cursor = Some(at);
            }
            Some(Answer::Declined { reason, at }) => {
                tracing::debug!(reason, at, "a delivery was declined");
                stream.not_before = now.plus(TRY_AGAIN_MS);
            }
            _ => stream.not_before = now.plus(TRY_AGAIN_MS),
        }
    }

    /// Forgets what was assumed about a cité whose connection broke.
    pub(crate) fn deliver_again(&mut self, cite: &CiteId) {
        self.deliveries.remove(cite);
    }

    /// Takes in a message of another cité; the answer waits for the commit.
    pub(crate) fn delivered(&mut self, now: UnixMillis, delivery: Delivery, reply_to: ReplyTo) {
        match self.take_delivery(now, delivery) {
            Ok(from) => self.waiting.push(Waiting::Delivery { reply_to, from }),
            Err((reason, at)) => self.answer(reply_to, &Answer::Declined { reason, at }),
        }
    }

    fn take_delivery(&mut self, now: UnixMillis, delivery: Delivery) -> Result<CiteId, (u16, u64)> {
        if self.cannot_write().is_some() {
            return Err((decline::CANNOT_WRITE, 0));
        }
        let Delivery { proof, body } = delivery;
        let proved = proof::verify(&proof).map_err(|error| {
            tracing::debug!(%error, "a delivery proves nothing");
            (decline::NOT_COMMITTED, 0)
        })?;
        let source = proved.founding().cite();
        if proved.founding().network() != self.network() {
            return Err((decline::NOT_COMMITTED, 0));
        }
        let message = proved.entry().message(source).ok_or((decline::NOT_COMMITTED, 0))?;
        self.compare(now, &proof.founding, proof.certificate.checkpoint);
        self.convict_false_witnesses(now, &proof.certificate);
        self.check_taste(source, &proved)?;
        let Writer::Signing(home) = &mut self.writer else {
            return Err((decline::CANNOT_WRITE, 0));
        };
        if !home.has_proofs() {
            return Err((decline::CANNOT_WRITE, 0));
        }
        let received = home.state().peer(&source).map_or(0, |(_, peer)| peer.received);
        if message.counter <= received {
            return self.prove_again(&message, proof).map(|()| source);
        }
        match home.import(now, message.clone(), &proved, proof) {
            Ok(_) => {}
            Err(Refusal::OutOfTurn { expected }) => {
                return Err((decline::OUT_OF_TURN, expected.saturating_sub(1)));
            }
            Err(refusal) => {
                tracing::debug!(number = refusal.number(), "a delivery was refused");
                return Err((decline::NOT_COMMITTED, 0));
            }
        }
        self.keep_delivered_body(&message, body);
        Ok(source)
    }

    /// Takes what proves a message that was taken in before, where the disk damaged its proof and no mirror may have that,
    /// and keeps it durably; has whoever delivers go on with the next such message. It begins anew with each connection, and
    /// comes again where it could not be kept.
    fn prove_again(
        &mut self,
        message: &StreamMessage,
        proof: EntryProof,
    ) -> Result<(), (u16, u64)> {
        let Writer::Signing(home) = &mut self.writer else { return Ok(()) };
        let failed = |error: StoreError| tracing::error!(%error, "an import cannot be read");
        let unproved = home.unproved(message.from).map_err(failed).unwrap_or_default();
        let this = unproved.iter().find(|it| it.counter == message.counter);
        if let Some(Unproved { leaf, .. }) = this {
            match home.prove_again(*leaf, proof, &self.founding) {
                Ok(true) => {
                    tracing::warn!(leaf, from = %message.from, "an import was proved once more")
                }
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(%error, "what proves an import once more cannot be kept");
                    return Err((decline::CANNOT_WRITE, 0));
                }
            }
        }
        let is_next = |it: &&Unproved| this.is_none_or(|this| it.counter > this.counter);
        match unproved.iter().find(is_next) {
            Some(next) => Err((decline::OUT_OF_TURN, next.counter.saturating_sub(1))),
            None => Ok(()),
        }
    }

    /// This home's own taste: if it mirrors the source it imports only what it cosigned itself; otherwise
    /// at least one cosignature must be an ally's. A convicted source is not believed.
    fn check_taste(&self, source: CiteId, proved: &ProvedEntry) -> Result<(), (u16, u64)> {
        // Heirs may sign at any time, and name an ally who lies as their mirror.
        if !self.counts(proved.founding()) {
            return Err((decline::NOT_COMMITTED, 0));
        }
        // By its number it would be somebody else's, whose text lies here: no rule lets it in, but witnesses may.
        if let Payload::Export { order, .. } = &proved.entry().payload
            && order.order().home != source
        {
            return Err((decline::NOT_COMMITTED, 0));
        }
        let signer = Party::Log { cite: source, key: proved.mirrors().log_key };
        if self.convicted.contains(&signer) {
            return Err((decline::FROZEN, 0));
        }
        let own = self.cite();
        if proved.mirrors().names(&own) {
            let head = proved.checkpoint().head;
            let cosigned = self.mirrors.get(&source).is_some_and(|log| log.vouches_for(&head));
            return if cosigned { Ok(()) } else { Err((decline::NOT_COMMITTED, 0)) };
        }
        // By the key that the account was opened with, or that its root named since: the source chose the keys in
        // its mirror sets, and may name an ally with a key of its own beside the ally's.
        let ally = proved.signers().iter().any(|mirror| {
            let peer = self.state().peer(&mirror.cite);
            let Mirror { cite, key } = *mirror;
            peer.is_some_and(|(_, peer)| peer.mirror_key == key)
                && !self.convicted.contains(&Party::Mirror { cite, key })
        });
        if ally { Ok(()) } else { Err((decline::NO_ALLY, 0)) }
    }

    fn keep_delivered_body(&self, message: &StreamMessage, body: Option<proto::body::Body>) {
        let Content::Transfer(transfer) = &message.content else { return };
        let body = body.filter(|body| transfer.body == Some(body.commitment()));
        let writers = writers((message.from, transfer.payer), transfer.request.as_ref());
        if let Err(error) = self.keep_text(&transfer.order, &writers, body.as_ref()) {
            tracing::warn!(%error, "the text of a payment from abroad was not kept");
        }
    }

    /// Asks a cité to prove that it opened an account for this one; and once a day, and after each start, again: the
    /// proof has its mirrors, who are asked for when its heirs come.
    fn ask_opening(&mut self, now: UnixMillis, cite: CiteId) {
        let towards = self.cite();
        let Some(peer) = self.neighbours.node_of(&cite) else { return };
        let stream = self.deliveries.entry(cite).or_default();
        if stream.opening_not_before <= now {
            let proved = self.openings.contains(&cite);
            let wait = if proved { ASK_MIRRORS_AGAIN_MS } else { ASK_OPENING_MS };
            stream.opening_not_before = now.plus(wait);
            self.ask(now, peer, &Ask::Opening { towards }, Asked::Opening(cite));
        }
    }

    /// Proves to another cité that this one opened an account for it, once that is committed. To its own node alone:
    /// the proof holds an order of a steward.
    pub(crate) fn opening(&self, peer: &PeerKey, towards: &CiteId) -> Answer {
        let itself = self.neighbours.cite_of(peer) == Some(*towards);
        let proof = self.home().filter(|_| itself).and_then(|home| {
            let (_, peer) = home.state().peer(towards)?;
            home.prove(peer.opened).ok().flatten()
        });
        Answer::Proof(proof.map(Box::new))
    }

    /// Takes in the proof that a cité opened an account for this one.
    pub(crate) fn was_opened(&mut self, cite: CiteId, proof: &proto::certificate::EntryProof) {
        let Ok(proved) = proof::verify(proof) else { return };
        if proved.founding().cite() == cite
            && opens(proved.entry(), self.cite())
            && self.counts(proved.founding())
            && let Err(error) = self.openings.add(cite, proved.mirrors())
        {
            tracing::warn!(%error, "the opening of an ally was not kept");
        }
    }
}

/// Returns whether an entry opens an account for `own`, or completes an act that the cité itself names
/// as the one that does: a false opening would only make hours wait that it can send back.
fn opens(entry: &Entry, own: CiteId) -> bool {
    let Payload::Order(order) = &entry.payload else { return false };
    match &order.order().statement {
        Statement::Act(Act::PeerOpen(open)) => opened_cite(&open.founding) == Some(own),
        Statement::Approve(_) => true,
        _ => false,
    }
}

fn opened_cite(founding: &Bytes) -> Option<CiteId> {
    SignedFounding::decode(founding).ok().map(|signed| signed.founding.id())
}
