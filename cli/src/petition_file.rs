//! A petition as a small text file: a heading, then base64 lines of the founding record with the keys that heirs ask
//! for. It goes from heir to heir by mail until enough have signed; whether it holds is checked elsewhere.

use std::{io::Read as _, path::Path};

use proto::{codec::Canonical as _, epoch::SignedKeyEpoch, founding::SignedFounding, heirs::Will};

use crate::{
    codes,
    error::{Failure, file_failure},
    input, mailed, text,
};

/// First line of the file.
const HEADING: &str = "pirate-petition/1";
/// Longest file that is read, in bytes: the longest record in base64, with room for what mail adds.
const FILE_BYTES_MAX: u64 = 16_384;

/// A petition: a record with keys that heirs ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Petition {
    /// The record.
    pub(crate) record: SignedFounding,
}

impl Petition {
    /// Returns the keys that are asked for, with the signatures so far.
    pub(crate) fn epoch(&self) -> &SignedKeyEpoch {
        self.record.epoch.as_ref().expect("only records with an epoch are read or written")
    }

    /// Returns the same, to sign.
    pub(crate) fn epoch_mut(&mut self) -> &mut SignedKeyEpoch {
        self.record.epoch.as_mut().expect("only records with an epoch are read or written")
    }

    /// Returns where the root named the heirs.
    pub(crate) fn will(&self) -> &Will {
        self.epoch().will.as_ref().expect("only petitions are read or written")
    }

    /// Returns how many heirs signed, and how many must.
    pub(crate) fn signed(&self) -> (u64, u64) {
        let have = u64::try_from(self.epoch().signatures.len()).unwrap_or(u64::MAX);
        (have, u64::from(self.will().heirs.keys.threshold))
    }

    /// Reads a petition whose record and will the root signed, and whose signatures so far are right.
    ///
    /// # Errors
    /// P0202, P0001; P0728 when a signature is wrong.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let mut typed = String::new();
        input::open(path)
            .and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut typed))
            .map_err(|error| file_failure(false, path, &error))?;
        let petition = Self::from_text(&typed)
            .ok_or_else(|| Failure::new(codes::USAGE, text!("petition-unreadable", path = path)))?;
        petition.check()?;
        Ok(petition)
    }

    /// Returns the petition of a text, whoever signed it. What stands before the heading is passed over.
    pub fn from_text(text: &str) -> Option<Self> {
        let record = SignedFounding::decode(&mailed::read(HEADING, text).ok()?).ok()?;
        let asks = record.epoch.as_ref().is_some_and(|epoch| epoch.will.is_some());
        asks.then_some(Self { record })
    }

    /// Returns its text.
    pub fn to_text(&self) -> String {
        mailed::write(HEADING, &self.record.encode())
    }

    fn check(&self) -> Result<(), Failure> {
        let bare = SignedFounding { epoch: None, ..self.record.clone() };
        let checked = bare.verify().and_then(|founding| {
            let (cite, network) = (founding.cite(), founding.network());
            self.epoch().verify_so_far(cite, &network, &self.record.founding.root)
        });
        checked
            .map_err(|error| Failure::new(codes::HEIRS, text!("petition-forged")).caused_by(&error))
    }

    /// Writes it in the place of what was there.
    ///
    /// # Errors
    /// P0201.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        mailed::put(path, &self.to_text()).map_err(|error| file_failure(true, path, &error))
    }
}
