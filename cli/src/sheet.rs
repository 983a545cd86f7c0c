//! The public sheet of a cité, whoever gives it: its node, or the log on this machine's disk.
//! What the disk gives is decided anew from the entries; it says how old it is.

use ledger::{proof::verify_founding, state::State};
use proto::{
    act::Mirror,
    certificate::Certificate,
    checkpoint::Checkpoint,
    codec::Canonical as _,
    desk::{Known, PeerSheet, Sheet},
    epoch::RoleKeys,
    founding::{Founding, Rules, SignedFounding, VerifiedFounding},
    ids::CiteId,
    order::Head,
    time::UnixMillis,
    wire::Invitation,
};

use crate::{
    context::Context, entries::short, error::Failure, home_desk::HomeDesk, local::LocalLog,
    own_node::OwnNode, reply,
};

/// Addresses in an invitation at most (`proto::wire`).
const ADDRESSES_MAX: usize = 4;

/// Who gave a sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A node, now.
    Node,
    /// The disk; the last entry is of `last`.
    Disk {
        /// Time of the last entry.
        last: UnixMillis,
    },
}

/// A public sheet.
#[derive(Clone, Debug)]
pub struct CiteSheet {
    /// The founding record.
    pub founding: Founding,
    /// The keys of its roles that are in force: the root may have named others since the founding.
    pub keys: RoleKeys,
    /// The incarnation of its log.
    pub incarnation: u32,
    /// Rules in force.
    pub rules: Rules,
    /// Members.
    pub members: u32,
    /// Stewards among them.
    pub stewards: u32,
    /// The newest head.
    pub head: Head,
    /// The newest signed checkpoint, if one is at hand.
    pub checkpoint: Option<Checkpoint>,
    /// The newest certificate, if one is at hand.
    pub certificate: Option<Certificate>,
    /// Up to here the log survives any recovery.
    pub committed: u64,
    /// Mirrors of the log.
    pub mirrors: Vec<CiteId>,
    /// Cités with an account there.
    pub peers: Vec<PeerSheet>,
    /// Who gave the sheet.
    pub source: Source,
    addresses: Vec<String>,
    now: UnixMillis,
}

impl CiteSheet {
    /// Returns the sheet of the cité that lives here (`None`), or of the one with this short name or
    /// identity; `None` when it is not known here.
    ///
    /// # Errors
    /// P0202, P0204, or what the node says.
    pub fn find(context: &Context, named: Option<&str>) -> Result<Option<Self>, Failure> {
        let own = LocalLog::find(&context.paths)?;
        let asks_own = match (named, &own) {
            (None, _) => true,
            (Some(named), Some(own)) => own.is_called(named.trim()),
            (Some(_), None) => false,
        };
        if let Some(mut node) = OwnNode::find(context)? {
            if asks_own {
                let status = node.status()?;
                let sheet = node.sheet(None)?;
                return Self::of_node(sheet, status.listening).map(Some);
            }
            let cites = node.cites()?;
            let known = named.and_then(|named| known(&cites, named));
            if let Some((record, known)) = known {
                match node.sheet(Some(record.cite())) {
                    Ok(sheet) => return Self::of_node(sheet, known.addresses.clone()).map(Some),
                    // Its home is away: the copy on this disk may still tell.
                    Err(failure) if reply::is_silence(&failure) => {}
                    Err(failure) => return Err(failure),
                }
            }
        }
        let log = match (asks_own, own) {
            (_, None) => return Self::of_home(context, named),
            (true, Some(own)) => own,
            (false, Some(_)) => match LocalLog::named(&context.paths, named) {
                Ok(copy) => copy,
                Err(failure) if failure.code() == crate::codes::NO_SUCH_CITE => return Ok(None),
                Err(failure) => return Err(failure),
            },
        };
        Self::of_log(context, &log).map(Some)
    }

    /// Returns what a member without a node is told by the home.
    fn of_home(context: &Context, named: Option<&str>) -> Result<Option<Self>, Failure> {
        let Some(mut home) = HomeDesk::find(context)? else { return Ok(None) };
        let own = home.wallet.home();
        let of_own = |named: &str| named == home.wallet.slug() || named.parse() == Ok(own);
        let (cite, addresses) = match named.map(str::trim) {
            Some(named) if !of_own(named) => {
                let cites = home.cites()?;
                let Some((record, known)) = known(&cites, named) else { return Ok(None) };
                (record.cite(), known.addresses.clone())
            }
            _ => (own, home.wallet.addresses().to_vec()),
        };
        let sheet = Self::of_node(home.sheet(cite)?, addresses)?;
        // Whoever passes a call on may say anything.
        if sheet.cite() == cite { Ok(Some(sheet)) } else { Err(reply::unexpected()) }
    }

    fn of_node(sheet: Sheet, addresses: Vec<String>) -> Result<Self, Failure> {
        let signed = SignedFounding::decode(&sheet.founding).map_err(|_| reply::unexpected())?;
        let record = signed.verify().map_err(|_| reply::unexpected())?;
        Ok(Self {
            founding: record.founding().clone(),
            keys: record.keys(),
            incarnation: record.incarnation(),
            rules: sheet.rules,
            members: sheet.members,
            stewards: sheet.stewards,
            head: sheet.checkpoint.head,
            checkpoint: Some(sheet.checkpoint),
            certificate: sheet.certificate,
            committed: sheet.committed.size,
            mirrors: sheet.mirrors,
            peers: sheet.peers,
            source: Source::Node,
            addresses,
            now: sheet.now,
        })
    }

    fn of_log(context: &Context, log: &LocalLog) -> Result<Self, Failure> {
        let entries = log.entries()?;
        let record = log.record(&entries)?.0;
        let founding = record.founding().clone();
        let fold = log.fold(context, &entries)?;
        let state = fold.state();
        let last = state.clock().map_or(UnixMillis(0), |clock| clock.time);
        let cite = state.cite();
        Ok(Self {
            rules: cite.map_or_else(|| founding.rules.clone(), |cite| cite.rules.clone()),
            members: cite.map_or(0, |cite| cite.members),
            stewards: cite.map_or(0, |cite| cite.stewards),
            head: state.head(),
            checkpoint: None,
            certificate: log.certified().map(|seal| seal.certificate),
            committed: state.clock().map_or(0, |clock| clock.committed_size),
            mirrors: state.cosigners(),
            peers: peers(state),
            source: Source::Disk { last },
            addresses: Vec::new(),
            now: last,
            founding,
            keys: record.keys(),
            incarnation: record.incarnation(),
        })
    }

    /// Returns the cité.
    pub fn cite(&self) -> CiteId {
        self.founding.id()
    }

    /// Returns the instant that the sheet speaks of.
    pub fn at(&self) -> UnixMillis {
        self.now
    }

    /// Returns the short name of a neighbour, else the beginning of its identity.
    pub fn slug_of(&self, cite: &CiteId) -> String {
        let peer = self.peers.iter().find(|peer| peer.cite == *cite);
        peer.map_or_else(|| short(cite), |peer| peer.slug.clone())
    }

    /// Returns the mirrors with the keys that they cosign with, as the log on this disk says; none when
    /// it is not here.
    pub fn mirrors_with_keys(&self, context: &Context) -> Vec<Mirror> {
        let log = LocalLog::named(&context.paths, Some(&self.cite().to_string()));
        let fold = log.and_then(|log| {
            let entries = log.entries()?;
            log.fold(context, &entries)
        });
        fold.ok()
            .and_then(|fold| fold.state().mirrors().map(|mirrors| mirrors.all()))
            .unwrap_or_default()
    }

    /// Returns how other cités reach this one, when the addresses of its node are known.
    pub fn invitation(&self) -> Option<Invitation> {
        let addresses: Vec<String> = self.addresses.iter().take(ADDRESSES_MAX).cloned().collect();
        (!addresses.is_empty()).then(|| Invitation {
            network: self.founding.network.clone(),
            cite: self.cite(),
            node: self.keys.network,
            addresses,
            token: None,
        })
    }
}

/// Returns the one cité with this short name or identity among those that a node knows; `None` when
/// there is none, or more than one of that name. Anybody may take an ally's short name: one that has an account
/// here is meant before those that have none.
pub fn known<'a>(cites: &'a [Known], named: &str) -> Option<(VerifiedFounding, &'a Known)> {
    match named_so(cites, named).as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// Returns the cités of this short name or identity: those with an account here, or else all.
pub fn named_so<'a>(cites: &'a [Known], named: &str) -> Vec<(VerifiedFounding, &'a Known)> {
    let named = named.trim();
    let fits = |known: &'a Known| {
        let record = verify_founding(&known.founding).ok()?;
        let fits = record.founding().slug == named || named.parse() == Ok(record.cite());
        fits.then_some((record, known))
    };
    let mut found: Vec<_> = cites.iter().filter_map(fits).collect();
    if found.iter().any(|(_, known)| known.account) {
        found.retain(|(_, known)| known.account);
    }
    found
}

fn peers(state: &State) -> Vec<PeerSheet> {
    state.peers().map(|peer| state.peer_sheet(peer, false)).collect()
}
