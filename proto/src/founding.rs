//! The founding record of a cité and the rules that it sets: where its identity comes from.
//! A name of a cité is public; names of people are never here.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{Canonical, CodecError, at_most},
    epoch::{KeyEpoch, RoleKeys, SignedKeyEpoch},
    hash::{Use, digest},
    heirs::Heirs,
    ids::{CiteId, NetworkId},
    keys::{KeyError, PublicKey, Purpose, Signature, SigningKey},
    minutes::Minutes,
    text::plain,
};

/// A network of cités. Hours of a test network do not count, and only there may a clock be scaled.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Network {
    /// 1 to 32 characters: lower-case ASCII letters, digits, hyphens.
    pub name: String,
    /// Whether this is a rehearsal.
    pub test: bool,
}

impl Network {
    /// Returns the identity of the network.
    pub fn id(&self) -> NetworkId {
        NetworkId(digest(Use::Network, &[&self.encode()]))
    }
}

impl Canonical for Network {
    const NAME: &'static str = "network";
    const MAX: usize = 64;

    fn bounds(&self) -> Result<(), CodecError> {
        slug_bounds(Self::NAME, &self.name)
    }
}

/// Language of a cité's notices when a reader has no preference.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Language {
    /// French.
    French,
    /// English.
    English,
}

/// The root keys of a cité, kept offline: `threshold` of them sign together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RootKeys {
    /// How many must sign: 1 to the number of keys.
    pub threshold: u8,
    /// 1 to 7 distinct keys.
    pub keys: Vec<PublicKey>,
}

impl RootKeys {
    /// Most keys in a root set: an association's board.
    pub const KEYS_MAX: usize = 7;

    /// Checks that the keys are distinct, and that as many can sign as must.
    pub(crate) fn set_bounds(&self, what: &'static str) -> Result<(), CodecError> {
        let threshold = usize::from(self.threshold);
        let distinct = self
            .keys
            .iter()
            .enumerate()
            .all(|(i, k)| !self.keys.iter().skip(i.saturating_add(1)).any(|l| l == k));
        let fits = threshold >= 1 && threshold <= self.keys.len() && distinct;
        if fits { Ok(()) } else { Err(CodecError::OutOfBounds(what)) }
    }

    /// Checks that at least `threshold` different keys of the set signed `payload` and that no
    /// signature is wrong, repeated or out of order.
    ///
    /// # Errors
    /// [`KeyError`] when a key or signature is not acceptable or too few signed.
    pub fn verify(
        &self,
        purpose: Purpose,
        network: &NetworkId,
        payload: &[u8],
        signatures: &[RootSignature],
    ) -> Result<(), KeyError> {
        let mut signed: u8 = 0;
        let mut last: Option<u8> = None;
        for signature in signatures {
            if last.is_some_and(|last| signature.key <= last) {
                return Err(KeyError::Signature);
            }
            let key = self.keys.get(usize::from(signature.key)).ok_or(KeyError::Key)?;
            key.check()?.verify(purpose, network, payload, &signature.signature)?;
            last = Some(signature.key);
            signed = signed.saturating_add(1);
        }
        if signed >= self.threshold { Ok(()) } else { Err(KeyError::Signature) }
    }
}

/// One signature of a root set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RootSignature {
    /// Place of the key in the set, from 0; strictly rising within a list.
    pub key: u8,
    /// Its signature.
    pub signature: Signature,
}

/// What a cité decided for itself. A number of [`Rules::version`] is used once; every change is an act.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rules {
    /// 1 at founding, one more at every change.
    pub version: u32,
    /// Smallest duration counted, in minutes; every amount is a multiple of it.
    pub step: Minutes,
    /// How far below zero a member may stand.
    pub floor: Minutes,
    /// How far above zero a member may stand.
    pub ceiling: Minutes,
    /// How far below zero the commons may stand. Bounded on purpose: an office paid without limit is
    /// the recorded way in which time banks die.
    pub commons_floor: Minutes,
    /// How many stewards decide together (never more than there are).
    pub approvals: u8,
    /// Most that this cité may owe all others together; `None`: one hour for each active member, at
    /// least 50 h.
    pub deficit_max: Option<Minutes>,
    /// Longest life of a payee's request, in days.
    pub request_days_max: u8,
    /// Length of a card, in days.
    pub card_days: u16,
    /// Hours that a person who joins is asked to promise, for a year.
    pub pledge: Minutes,
    /// Highest allowance of a card: what its holder may be lent elsewhere while this cité cannot be reached.
    pub allowance_max: Minutes,
}

impl Rules {
    /// Longest request in days that any cité may allow: how long a used one is remembered.
    pub const REQUEST_DAYS_MAX: u8 = 90;
    /// Widest floor or ceiling: 10,000 h.
    pub const LIMIT_MAX: Minutes = Minutes(600_000);
}

impl Default for Rules {
    /// The rules proposed to a new cité: quarter hours, from −20 h to +40 h, one steward decides, an hour
    /// may be lent elsewhere.
    fn default() -> Self {
        Self {
            version: 1,
            step: Minutes(15),
            floor: Minutes(1_200),
            ceiling: Minutes(2_400),
            commons_floor: Minutes(6_000),
            approvals: 1,
            deficit_max: None,
            request_days_max: 30,
            card_days: 366,
            pledge: Minutes(0),
            allowance_max: Minutes(60),
        }
    }
}

impl Canonical for Rules {
    const NAME: &'static str = "rules";
    const MAX: usize = 64;

    fn bounds(&self) -> Result<(), CodecError> {
        let fits = self.version >= 1
            && (1..=60).contains(&self.step.0)
            && self.floor <= Self::LIMIT_MAX
            && self.ceiling <= Self::LIMIT_MAX
            && self.commons_floor <= Self::LIMIT_MAX
            && (1..=9).contains(&self.approvals)
            && (1..=Self::REQUEST_DAYS_MAX).contains(&self.request_days_max)
            && (1..=3_660).contains(&self.card_days)
            && self.pledge <= Self::LIMIT_MAX
            && self.allowance_max <= Self::LIMIT_MAX;
        if fits { Ok(()) } else { Err(CodecError::OutOfBounds(Self::NAME)) }
    }
}

/// The founding record: leaf 0 of a log says nothing else. Its digest is the cité.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Founding {
    /// Version of the format: 1.
    pub version: u8,
    /// The network in which the cité is founded.
    pub network: Network,
    /// Short address, as in `42@tisserandes`: lower-case ASCII letters, digits, hyphens, at most 32.
    pub slug: String,
    /// Name for people, at most [`Founding::NAME_MAX`] bytes, plain.
    pub name: String,
    /// Commune or place, at most [`Founding::NAME_MAX`] bytes, plain.
    pub place: String,
    /// Language of the cité.
    pub language: Language,
    /// The root keys.
    pub root: RootKeys,
    /// First key that signs checkpoints.
    pub log_key: PublicKey,
    /// First key that cosigns other logs.
    pub mirror_key: PublicKey,
    /// First key that signs short cards.
    pub card_key: PublicKey,
    /// Key of the node on the network.
    pub network_key: PublicKey,
    /// Rules at founding, version 1.
    pub rules: Rules,
    /// Sixteen random bytes, so that two cités never share an identity.
    pub salt: [u8; 16],
}

impl Founding {
    /// Longest name or place in bytes: a line of a screen beside its label.
    pub const NAME_MAX: usize = 64;

    /// Returns the identity of the cité.
    pub fn id(&self) -> CiteId {
        CiteId(digest(Use::Cite, &[&self.encode()]))
    }

    /// Returns the first keys of the roles.
    pub const fn keys(&self) -> RoleKeys {
        RoleKeys {
            log: self.log_key,
            mirror: self.mirror_key,
            card: self.card_key,
            network: self.network_key,
        }
    }
}

impl Canonical for Founding {
    const NAME: &'static str = "founding record";
    const MAX: usize = 1_024;

    fn bounds(&self) -> Result<(), CodecError> {
        if self.version != 1 {
            return Err(CodecError::Version(Self::NAME));
        }
        self.network.bounds()?;
        slug_bounds(Self::NAME, &self.slug)?;
        plain(Self::NAME, &self.name, Self::NAME_MAX)?;
        plain(Self::NAME, &self.place, Self::NAME_MAX)?;
        at_most(Self::NAME, self.root.keys.len(), RootKeys::KEYS_MAX)?;
        self.rules.bounds()?;
        self.root.set_bounds(Self::NAME)?;
        if self.rules.version == 1 { Ok(()) } else { Err(CodecError::OutOfBounds(Self::NAME)) }
    }
}

/// A founding record with the signatures of its root keys, as received, and the newest key epoch that whoever sends
/// it knows. Leaf 0 of a log has none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedFounding {
    /// The record.
    pub founding: Founding,
    /// Signatures of at least `threshold` root keys over the record's bytes.
    pub signatures: Vec<RootSignature>,
    /// The newest key epoch, once there is one.
    pub epoch: Option<SignedKeyEpoch>,
}

impl Canonical for SignedFounding {
    const NAME: &'static str = "signed founding record";
    // The record, seven signatures and an epoch named by heirs: 2,275 bytes.
    const MAX: usize = 2_304;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.signatures.len(), RootKeys::KEYS_MAX)?;
        self.epoch.as_ref().map_or(Ok(()), Canonical::bounds)?;
        self.founding.bounds()
    }
}

impl SignedFounding {
    /// Signs a record with all `roots`, given in the order of the set.
    pub fn sign(founding: Founding, roots: &[SigningKey]) -> Self {
        let payload = founding.encode();
        let network = founding.network.id();
        let signatures = (0u8..)
            .zip(roots)
            .map(|(key, root)| RootSignature {
                key,
                signature: root.sign(Purpose::Found, &network, &payload),
            })
            .collect();
        Self { founding, signatures, epoch: None }
    }

    /// Returns the keys of an incarnation: the newest one's or the first one's; those between stand in the log.
    pub fn keys_at(&self, incarnation: u32) -> Option<RoleKeys> {
        keys_at(&self.founding, self.epoch.as_ref(), incarnation)
    }

    /// Returns the record as one whose root keys signed it and whose keys are all acceptable.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn verify(&self) -> Result<VerifiedFounding, KeyError> {
        let founding = &self.founding;
        founding.keys().check()?;
        for key in &founding.root.keys {
            key.check()?;
        }
        let (cite, network) = (founding.id(), founding.network.id());
        founding.root.verify(Purpose::Found, &network, &founding.encode(), &self.signatures)?;
        if let Some(epoch) = &self.epoch {
            epoch.verify(cite, &network, &founding.root)?;
        }
        let epoch = self.epoch.clone();
        Ok(VerifiedFounding { cite, network, founding: founding.clone(), epoch })
    }
}

/// A founding record whose signatures were verified; only [`SignedFounding::verify`] makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedFounding {
    cite: CiteId,
    network: NetworkId,
    founding: Founding,
    epoch: Option<SignedKeyEpoch>,
}

impl VerifiedFounding {
    /// Returns the identity of the cité.
    pub const fn cite(&self) -> CiteId {
        self.cite
    }

    /// Returns the identity of its network.
    pub const fn network(&self) -> NetworkId {
        self.network
    }

    /// Returns the record.
    pub const fn founding(&self) -> &Founding {
        &self.founding
    }

    /// Returns the newest incarnation that is known with this record.
    pub fn incarnation(&self) -> u32 {
        self.epoch().map_or(0, |epoch| epoch.incarnation)
    }

    /// Returns the keys of the roles in that incarnation.
    pub fn keys(&self) -> RoleKeys {
        self.epoch().map_or_else(|| self.founding.keys(), |epoch| epoch.keys)
    }

    fn epoch(&self) -> Option<&KeyEpoch> {
        self.epoch.as_ref().map(|signed| &signed.epoch)
    }

    /// Returns the heirs who named the keys of that incarnation; `None` when the root did.
    pub fn heirs(&self) -> Option<&Heirs> {
        self.epoch.as_ref()?.will.as_ref().map(|will| &will.heirs)
    }

    /// Returns the keys of an incarnation: the newest one's or the first one's; those between stand in the log.
    pub fn keys_at(&self, incarnation: u32) -> Option<RoleKeys> {
        keys_at(&self.founding, self.epoch.as_ref(), incarnation)
    }
}

fn keys_at(
    founding: &Founding,
    newest: Option<&SignedKeyEpoch>,
    incarnation: u32,
) -> Option<RoleKeys> {
    match (newest, incarnation) {
        (Some(signed), newest) if newest == signed.epoch.incarnation => Some(signed.epoch.keys),
        (_, 0) => Some(founding.keys()),
        _ => None,
    }
}

/// Checks a short name: 1 to 32 lower-case ASCII letters, digits and hyphens.
pub(crate) fn slug_bounds(what: &'static str, slug: &str) -> Result<(), CodecError> {
    let fits = (1..=32).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(()) } else { Err(CodecError::OutOfBounds(what)) }
}
