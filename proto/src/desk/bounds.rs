//! How long calls, replies and cards may be, and what their parts may hold: all words that reach a screen
//! are checked here. Says nothing of who may ask.

use super::{
    ALIAS_MAX, BLOCKED_MAX, BlockedItem, CALL_MAX, CUT_OFF_MAX, Call, CardProof, CardWitness,
    CutOff, Frame, NodeStatus, Operator, Query, REPLY_MAX, Receipt, Reply, SILENT_MAX, Sheet,
};
use crate::{
    body::Body,
    card::ShortCard,
    certificate::{Certificate, EntryProof, PATH_MAX, StateProof},
    codec::{Canonical, CodecError, at_most},
    entry::ENTRY_MAX,
    founding::{SignedFounding, slug_bounds},
    order::ORDER_MAX,
    request::Request,
    text::plain,
    wire::{address_bounds, addresses_bounds, letter_bounds},
};

/// Longest name of a program's version, in bytes.
const VERSION_MAX: usize = 64;

impl Canonical for Query {
    const NAME: &'static str = "query";
    const MAX: usize = 1_024;

    fn bounds(&self) -> Result<(), CodecError> {
        match self {
            Self::Decline { reason, .. } => plain(Self::NAME, reason, Body::TEXT_MAX),
            _ => Ok(()),
        }
    }
}

impl Canonical for Frame {
    const NAME: &'static str = "desk call";
    const MAX: usize = CALL_MAX;

    fn bounds(&self) -> Result<(), CodecError> {
        match &self.call {
            Call::Private(query) => query.query.bounds(),
            Call::Submit { order, body } => {
                at_most(Self::NAME, order.len(), ORDER_MAX)?;
                body.iter().try_for_each(Canonical::bounds)
            }
            Call::Apply { join, alias, .. } => {
                at_most(Self::NAME, join.len(), ORDER_MAX)?;
                plain(Self::NAME, alias, ALIAS_MAX)
            }
            Call::Letter(letter) => letter_bounds(Self::NAME, letter),
            Call::Complain(order) => at_most(Self::NAME, order.len(), ORDER_MAX),
            Call::Request(request) => at_most(Self::NAME, request.len(), Request::SIGNED_MAX),
            Call::Operator(Operator::Connect { addresses, .. }) => {
                addresses_bounds(Self::NAME, addresses)
            }
            Call::Operator(Operator::Block(blocked) | Operator::Lift(blocked)) => {
                blocked.bounds(Self::NAME)
            }
            _ => Ok(()),
        }
    }
}

impl Canonical for Reply {
    const NAME: &'static str = "desk reply";
    const MAX: usize = REPLY_MAX;

    // Only what carries a rule of form of its own, which all words on screens do; lists end with the reply.
    fn bounds(&self) -> Result<(), CodecError> {
        match self {
            Self::Sheet(sheet) => sheet_bounds(sheet),
            Self::Card(card) => card.bounds(),
            Self::Status(status) => status_bounds(status),
            Self::Recorded(receipt) => receipt_bounds(receipt),
            Self::Invitation { addresses, .. } => addresses_bounds(Self::NAME, addresses),
            Self::Cites(cites) => cites.iter().try_for_each(|cite| {
                cite.will.iter().try_for_each(Canonical::bounds)?;
                addresses_bounds(Self::NAME, &cite.addresses)
            }),
            Self::Peers(peers) => peers.iter().try_for_each(|peer| {
                known_slug_bounds(&peer.slug)?;
                addresses_bounds(Self::NAME, &peer.addresses)
            }),
            Self::History(movements) => {
                movements.iter().filter_map(|m| m.body.as_ref()).try_for_each(Canonical::bounds)
            }
            Self::Requests(requests) => requests.iter().try_for_each(|request| {
                request.body.iter().try_for_each(Canonical::bounds)?;
                plain(Self::NAME, &request.reason, Body::TEXT_MAX)
            }),
            Self::Members(members) => {
                members.iter().try_for_each(|m| plain(Self::NAME, &m.alias, ALIAS_MAX))
            }
            Self::Applications(applications) => {
                applications.iter().try_for_each(|a| plain(Self::NAME, &a.alias, ALIAS_MAX))
            }
            Self::Blocked(items) => {
                at_most(Self::NAME, items.len(), BLOCKED_MAX)?;
                items.iter().try_for_each(blocked_item_bounds)
            }
            Self::ShortCard(card) => at_most(Self::NAME, card.len(), ShortCard::SIGNED_MAX),
            Self::Person(_)
            | Self::Challenge(_)
            | Self::Account(_)
            | Self::Acts(_)
            | Self::NotRecorded
            | Self::Done
            | Self::Refused(_)
            | Self::Complaint(_)
            | Self::Request(_)
            | Self::Erasure(_)
            | Self::Unavailable(_) => Ok(()),
        }
    }
}

impl Canonical for CardProof {
    const NAME: &'static str = "card";
    const MAX: usize = EntryProof::MAX + ORDER_MAX + StateProof::BYTES_MAX + 64;

    fn bounds(&self) -> Result<(), CodecError> {
        self.member.bounds(Self::NAME)?;
        match &self.witness {
            CardWitness::Certified(proof) => proof.bounds(),
            CardWitness::HomeOnly {
                founding,
                entry,
                path,
                seal,
                seal_path,
                checkpoint: _,
                leaf: _,
            } => {
                at_most(Self::NAME, founding.len(), SignedFounding::MAX)?;
                at_most(Self::NAME, entry.len(), ENTRY_MAX)?;
                at_most(Self::NAME, path.len(), PATH_MAX)?;
                at_most(Self::NAME, seal.len(), ENTRY_MAX)?;
                at_most(Self::NAME, seal_path.len(), PATH_MAX)
            }
        }
    }
}

fn sheet_bounds(sheet: &Sheet) -> Result<(), CodecError> {
    at_most(Reply::NAME, sheet.founding.len(), SignedFounding::MAX)?;
    sheet.rules.bounds()?;
    sheet.peers.iter().try_for_each(|peer| slug_bounds(Reply::NAME, &peer.slug))?;
    sheet.certificate.iter().try_for_each(Canonical::bounds)?;
    sheet.will.iter().try_for_each(Canonical::bounds)
}

fn status_bounds(status: &NodeStatus) -> Result<(), CodecError> {
    status.sheet.iter().try_for_each(sheet_bounds)?;
    status.listening.iter().try_for_each(|address| address_bounds(Reply::NAME, address))?;
    status.mirrored.iter().try_for_each(|log| known_slug_bounds(&log.slug))?;
    let recovered = status.recovery.iter().flat_map(|recovery| &recovery.mirrors);
    recovered.map(|mirror| &mirror.slug).try_for_each(|slug| known_slug_bounds(slug))?;
    status.cut_off.iter().try_for_each(|CutOff { slug, .. }| known_slug_bounds(slug))?;
    at_most(Reply::NAME, status.watch.silent.len(), SILENT_MAX)?;
    status.watch.silent.iter().try_for_each(|witness| known_slug_bounds(&witness.slug))?;
    plain(Reply::NAME, &status.version, VERSION_MAX)
}

/// Checks the short name of a cité; it is empty where nothing here says it.
fn known_slug_bounds(slug: &str) -> Result<(), CodecError> {
    if slug.is_empty() { Ok(()) } else { slug_bounds(Reply::NAME, slug) }
}

fn blocked_item_bounds(item: &BlockedItem) -> Result<(), CodecError> {
    item.what.bounds(Reply::NAME)?;
    at_most(Reply::NAME, item.cuts_off.len(), CUT_OFF_MAX)?;
    item.cuts_off.iter().try_for_each(|CutOff { slug, .. }| known_slug_bounds(slug))
}

fn receipt_bounds(receipt: &Receipt) -> Result<(), CodecError> {
    at_most(Reply::NAME, receipt.entry.len(), ENTRY_MAX)?;
    at_most(Reply::NAME, receipt.path.len(), PATH_MAX)?;
    at_most(Reply::NAME, receipt.cosignatures.len(), Certificate::COSIGNATURES_MAX)
}
