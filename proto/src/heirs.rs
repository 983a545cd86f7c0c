//! Heirs: who may take up the log of a cité that is silent for good, its keys lost and its people gone. The root
//! names them beforehand; whether they may by now is decided in the ledger and by the mirrors.

use serde::{Deserialize, Serialize};

use crate::{
    act::Act,
    codec::{Canonical, CodecError, at_most},
    entry::RootAct,
    founding::{RootKeys, RootSignature},
    ids::{CiteId, NetworkId},
    keys::{KeyError, Purpose},
};

/// The heirs of a cité: `threshold` of these keys sign together. Each is the root key of another cité, which its
/// people keep on paper.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Heirs {
    /// Their keys, at most [`Heirs::KEYS_MAX`], and how many must sign.
    pub keys: RootKeys,
}

impl Heirs {
    /// Most heirs: a founding record that names keys by five heirs stays below 2.5 KiB.
    pub const KEYS_MAX: usize = 5;
}

impl Canonical for Heirs {
    const NAME: &'static str = "heirs";
    const MAX: usize = 192;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.keys.keys.len(), Self::KEYS_MAX)?;
        self.keys.set_bounds(Self::NAME)
    }
}

/// The act of the root keys that names the heirs, without what whoever holds it knows anyway: so that they can show it
/// to somebody who has nothing of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Will {
    /// Number of the act.
    pub seq: u32,
    /// The heirs.
    pub heirs: Heirs,
    /// Signatures of at least `threshold` root keys over [`RootAct::payload`].
    pub signatures: Vec<RootSignature>,
}

impl Will {
    /// Returns what an act of the root keys names, if it names heirs.
    pub fn of(act: &RootAct) -> Option<Self> {
        let Act::Heirs(heirs) = &act.act else { return None };
        Some(Self { seq: act.seq, heirs: heirs.clone(), signatures: act.signatures.clone() })
    }

    /// Checks that the root keys of a cité named these heirs, once. Whether they named others since stands in the log.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn verify(
        &self,
        cite: CiteId,
        network: &NetworkId,
        root: &RootKeys,
    ) -> Result<(), KeyError> {
        let payload = RootAct::payload(cite, self.seq, &Act::Heirs(self.heirs.clone()));
        root.verify(Purpose::RootAct, network, &payload, &self.signatures)
    }
}

impl Canonical for Will {
    const NAME: &'static str = "will";
    const MAX: usize = 704;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.signatures.len(), RootKeys::KEYS_MAX)?;
        self.heirs.bounds()
    }
}
