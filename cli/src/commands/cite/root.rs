//! Acts of the root keys, signed with the words of the cité; for its closing also with those of an heir who took it up.

use proto::{
    act::Act,
    desk::Sheet,
    entry::RootAct,
    founding::{RootSignature, SignedFounding},
    keys::{PublicKey, Purpose, SigningKey},
};

use crate::{codes, error::Failure, text};

/// Returns an act of a node's cité, signed by the key of the typed words.
///
/// # Errors
/// P0120 when they are another's, or when more must sign.
pub(super) fn signed(
    signed: &SignedFounding,
    sheet: &Sheet,
    act: Act,
    key: &SigningKey,
) -> Result<RootAct, Failure> {
    let founding = &signed.founding;
    let (cite, network) = (founding.id(), founding.network.id());
    let seq = sheet.root_seq.saturating_add(1);
    let payload = RootAct::payload(cite, seq, &act);
    let sign = |place| {
        let signature = key.sign(Purpose::RootAct, &network, &payload);
        vec![RootSignature { key: place, signature }]
    };
    let will = sheet.will.as_ref().filter(|_| sheet.inherited.is_some() && act == Act::Close);
    if let Some(heir) = will.and_then(|will| place(&will.heirs.keys.keys, key)) {
        return Ok(RootAct { cite, seq, act, signatures: sign(heir) });
    }
    let place = place(&founding.root.keys, key)
        .ok_or_else(|| Failure::new(codes::ROOT_WORDS, text!("recover-other-words")))?;
    let signatures = sign(place);
    // A board must sign together, and this version asks for one key.
    founding.root.verify(Purpose::RootAct, &network, &payload, &signatures).map_err(|error| {
        let need = u64::from(founding.root.threshold);
        Failure::new(codes::ROOT_WORDS, text!("recover-threshold", need = need)).caused_by(&error)
    })?;
    Ok(RootAct { cite, seq, act, signatures })
}

fn place(keys: &[PublicKey], key: &SigningKey) -> Option<u8> {
    let mut keys = (0_u8..).zip(keys);
    keys.find(|(_, other)| **other == key.public()).map(|(place, _)| place)
}
