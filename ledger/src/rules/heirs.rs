//! Rules about heirs: whom the root may name, when what they say counts, and what they may do then. Refusals 100 to
//! 103. How long a cité must have been silent is for its mirrors to see, never for the rules: they know no clock.

use proto::{
    act::Act,
    entry::RootAct,
    epoch::SignedKeyEpoch,
    founding::RootKeys,
    heirs::{Heirs, Will},
    keys::Purpose,
};

use crate::{
    object::{CiteState, HeirsState, Object},
    refusal::Refusal,
    state::{CITE, Effect, Slot, State},
};

/// Names the heirs, in place of those before.
pub(super) fn name(
    state: &State,
    cite: CiteState,
    heirs: &Heirs,
    act: &RootAct,
) -> Result<Effect, Refusal> {
    let before = state.heirs();
    if before.is_some_and(|(_, before)| before.will.heirs == *heirs) {
        return Err(Refusal::HeirsKnown);
    }
    for (place, key) in (1..).zip(&heirs.keys.keys) {
        key.check().map_err(|_| Refusal::HeirKey { place })?;
        if cite.root.keys.contains(key) {
            return Err(Refusal::HeirOneself { place });
        }
    }
    let will = Will::of(act).ok_or(Refusal::Malformed)?;
    let named = Object::Heirs(HeirsState { will, inherited: None });
    let mut effect = Effect { puts: vec![(CITE, Object::Cite(cite))], ..Effect::default() };
    match before {
        Some((slot, _)) => effect.puts.push((slot, named)),
        None => effect.adds.push(named),
    }
    Ok(effect)
}

/// Returns whether the heirs signed an act in place of the root: once they opened the incarnation in force, any of them
/// closes the cité. They chose who runs it together, and only that node can enter what one of them signs.
pub(super) fn sign(state: &State, cite: &CiteState, act: &RootAct, payload: &[u8]) -> bool {
    let Some((_, heirs)) = state.heirs().filter(|(_, heirs)| heirs.inherited.is_some()) else {
        return false;
    };
    let any = RootKeys { threshold: 1, keys: heirs.will.heirs.keys.keys.clone() };
    let signed = any.verify(Purpose::RootAct, &cite.network, payload, &act.signatures);
    act.act == Act::Close && signed.is_ok()
}

/// Returns what a new incarnation changes about the heirs: whether it is theirs.
pub(super) fn resumed(
    state: &State,
    signed: &SignedKeyEpoch,
) -> Result<Option<(Slot, Object)>, Refusal> {
    let named = signed.will.as_ref().map(|will| &will.heirs);
    match (state.heirs(), named) {
        (None, Some(_)) => Err(Refusal::NotTheHeirs),
        (Some((_, heirs)), Some(named)) if heirs.will.heirs != *named => Err(Refusal::NotTheHeirs),
        (Some((slot, heirs)), _) => {
            let inherited = named.map(|_| signed.epoch.incarnation);
            let heirs = HeirsState { inherited, ..heirs.clone() };
            Ok(Some((slot, Object::Heirs(heirs))))
        }
        (None, None) => Ok(None),
    }
}
