//! Which founding record a log is recovered with: the newest that is found here, in a file, or at an ally's node.
//! Only one that the root key of the typed words signed counts; whoever hands it over is not believed.

use std::{io::Read as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger::proof::verify_founding;
use proto::{
    codec::Canonical as _,
    desk::{Call, Reply},
    entry::{Entry, Payload},
    founding::{SignedFounding, VerifiedFounding},
    keys::PublicKey,
    order::Head,
    wire::Invitation,
};

use super::place::Place;
use crate::{
    codes,
    commands::{Args, join::target},
    context::Context,
    error::{Failure, file_failure},
    input,
    local::no_cite_here,
    reply::unexpected,
    text,
    wallet::desk::Desk,
};

/// Longest file that is read, in bytes: an entry in base64 is far below.
const FILE_BYTES_MAX: u64 = 16_384;

/// The record that a log is recovered with.
pub(super) struct Chosen {
    /// The record.
    pub(super) record: VerifiedFounding,
    /// The same, as signed.
    pub(super) signed: SignedFounding,
    /// Place of the typed words' key in its root set.
    pub(super) key: u8,
    /// The newest incarnation that anything here or elsewhere says of this log.
    pub(super) newest: u32,
    /// The newest head of it that the ally's node knows as certified.
    pub(super) certified: Option<Head>,
}

/// Returns the newest record that the root key signed.
///
/// # Errors
/// P0120 when the words are another's, P0705 when no record is found at all, P0202 and P0001 for the file, and
/// why the ally's node does not answer.
pub(super) fn choose(
    context: &Context,
    args: &Args<'_>,
    place: &Place,
    via: Option<&Invitation>,
    root: &PublicKey,
) -> Result<Chosen, Failure> {
    let mut found: Vec<(SignedFounding, Option<Head>)> =
        place.records().map(|signed| (signed, None)).collect();
    if let Some(path) = args.path("record") {
        found.push((read(&path)?, None));
    }
    if let Some(invitation) = via {
        found.extend(told(context, invitation)?);
    } else if found.is_empty() {
        return Err(no_cite_here(&context.paths)
            .because(text!("recover-no-record"))
            .fix(&["pirate", "node", "recover", "--via", "pinv1…"]));
    }
    let here = place.cite();
    let heads: Vec<_> = found.iter().map(|(signed, head)| (signed.founding.id(), *head)).collect();
    let ours = found.into_iter().filter_map(|(signed, _)| {
        let record = signed.verify().ok()?;
        let key = signer(&signed, root)?;
        let fits = here.is_none_or(|cite| cite == record.cite());
        let newest = record.incarnation();
        let of_it = heads.iter().filter(|(cite, _)| *cite == record.cite());
        let certified = of_it.filter_map(|(_, head)| *head).max_by_key(|head| head.size);
        fits.then_some(Chosen { record, signed, key, newest, certified })
    });
    ours.max_by_key(|chosen| chosen.newest).ok_or_else(|| {
        let failure = Failure::new(codes::ROOT_WORDS, text!("recover-other-words"));
        match via {
            Some(_) => failure.because(text!("recover-other-words-via")),
            None => failure,
        }
    })
}

/// Returns the place of a key in the root set, if it signed the record itself: anybody can found a cité and
/// name another's key beside his own.
fn signer(signed: &SignedFounding, root: &PublicKey) -> Option<u8> {
    let keys = &signed.founding.root.keys;
    let signers = signed.signatures.iter().map(|signature| signature.key);
    signers.into_iter().find(|key| keys.get(usize::from(*key)) == Some(root))
}

/// Returns the record in a file: its bytes, or the first entry of a log as `log show 0 --raw` prints it.
fn read(path: &Path) -> Result<SignedFounding, Failure> {
    let mut bytes = Vec::new();
    input::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes))
        .map_err(|error| file_failure(false, path, &error))?;
    record_in(&bytes).ok_or_else(|| {
        Failure::new(codes::USAGE, text!("recover-not-a-record", path = path))
            .because(text!("recover-record-how"))
    })
}

fn record_in(bytes: &[u8]) -> Option<SignedFounding> {
    if let Ok(signed) = SignedFounding::decode(bytes) {
        return Some(signed);
    }
    let entry = STANDARD.decode(bytes.trim_ascii()).ok()?;
    match Entry::decode(&entry).ok()?.payload {
        Payload::Found(signed) => Some(signed),
        _ => None,
    }
}

/// Returns the records that an ally's node knows of cités in its network, each with the newest head that it knows as
/// certified.
fn told(
    context: &Context,
    invitation: &Invitation,
) -> Result<Vec<(SignedFounding, Option<Head>)>, Failure> {
    let _progress = context.progress(text!("recover-asking"));
    let mut desk = Desk::reach(context, &target(invitation))?;
    let Reply::Cites(known) = desk.call_here(Call::Cites)? else { return Err(unexpected()) };
    let network = invitation.network.id();
    let genuine = known.iter().filter(|known| {
        verify_founding(&known.founding).is_ok_and(|record| record.network() == network)
    });
    let signed = |founding| SignedFounding::decode(founding).ok();
    Ok(genuine.filter_map(|known| Some((signed(&known.founding)?, known.certified))).collect())
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use proto::{
        codec::Canonical as _,
        entry::{Entry, Payload},
        founding::SignedFounding,
        time::UnixMillis,
    };

    use super::{record_in, signer};
    use crate::wallet::tests::{home, key};

    #[test]
    fn a_record_is_read_as_it_is_and_as_the_first_entry_of_a_log() {
        let signed = home();
        let payload = Payload::Found(signed.clone());
        let entry = STANDARD.encode(Entry { time: UnixMillis(5), payload }.encode());
        for bytes in [signed.encode(), entry.clone().into_bytes(), format!("{entry}\n").into()] {
            assert_eq!(record_in(&bytes).as_ref(), Some(&signed));
        }
        for wrong in ["", "bonjour", &entry[4..]] {
            assert_eq!(record_in(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_key_that_only_stands_in_the_set_has_not_signed() {
        let (root, other) = (key(1).public(), key(9).public());
        assert_eq!(signer(&home(), &root), Some(0));
        assert_eq!(signer(&home(), &other), None);
        // A stranger founds a cité in which the root of another stands beside his own.
        let mut founding = home().founding;
        founding.root.keys = vec![other, root];
        let forged = SignedFounding::sign(founding, &[key(9)]);
        assert!(forged.verify().is_ok());
        assert_eq!((signer(&forged, &root), signer(&forged, &other)), (None, Some(0)));
    }
}
