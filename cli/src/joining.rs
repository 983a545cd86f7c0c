//! Who somebody is in a cité, and the order that asks it for a membership. Who one is follows from the secret alone:
//! the recovery words bring back the account, not only the keys.

use proto::{
    founding::Rules,
    hash::{Use, digest},
    ids::{CiteId, NetworkId, OrderId},
    order::{Head, Join, MemberRecord, Order, Rank, RankedKey, SignedOrder, Statement},
    time::UtcDay,
};

use crate::keyring::{Identity, LABEL_DEVICE_NEXT, LABEL_WORDS};

/// Returns who this identity is in the cité `home`, member or not.
pub(crate) fn record(identity: &Identity, home: CiteId) -> MemberRecord {
    let ranked = |rank, key| RankedKey { rank, key };
    MemberRecord {
        salt: identity.salt(home),
        keys: vec![
            ranked(Rank::Device, identity.device_key().public()),
            ranked(Rank::Words, identity.key(LABEL_WORDS).public()),
        ],
        next_key: digest(Use::NextKey, &[&identity.key(LABEL_DEVICE_NEXT).public().0]),
        home,
    }
}

/// Returns the first order of this device in the cité `home`, which makes the member. It accepts these rules and is
/// good until the end of a day.
pub(crate) fn order(
    identity: &Identity,
    network: NetworkId,
    home: CiteId,
    rules: &Rules,
    valid_until: UtcDay,
) -> SignedOrder {
    let record = record(identity, home);
    Order {
        author: record.id(),
        epoch: 0,
        network,
        home,
        lane: 0,
        seq: 1,
        prev: OrderId::NONE,
        seen: Head::empty(),
        valid_until,
        statement: Statement::Join(Join { record, rules: rules.version, pledge: rules.pledge }),
        body: None,
    }
    .sign(&identity.device_key())
}

#[cfg(test)]
mod tests {
    use proto::{
        founding::Rules,
        minutes::Minutes,
        order::Statement,
        time::{UnixMillis, UtcDay},
    };
    use zeroize::Zeroizing;

    use super::order;
    use crate::{keyring::Identity, language::Lang, wallet::tests::home};

    fn identity(byte: u8, alias: &str) -> Identity {
        Identity::new(Zeroizing::new([byte; 16]), Lang::Fr, alias.to_owned(), UnixMillis(0))
    }

    #[test]
    fn the_same_words_are_the_same_person_in_a_cite_and_nobody_in_another() {
        let founding = home().verify().expect("it is well signed");
        let here = founding.cite();
        let mut there = here;
        there.0.0[0] ^= 1;
        let id = |byte, alias, cite, day| {
            let (network, rules) = (founding.network(), Rules::default());
            order(&identity(byte, alias), network, cite, &rules, UtcDay(day)).order().author
        };
        assert_eq!(id(7, "Zoé", here, 20_780), id(7, "another device", here, 20_999));
        assert_ne!(id(7, "Zoé", here, 20_780), id(8, "Zoé", here, 20_780));
        let one = identity(7, "Zoé");
        assert_ne!(one.salt(here), one.salt(there));
    }

    #[test]
    fn a_joining_is_the_first_order_of_its_own_device() {
        let identity = identity(7, "Zoé");
        let founding = home().verify().expect("it is well signed");
        let rules = Rules { version: 3, pledge: Minutes(600), ..Rules::default() };
        let (network, cite) = (founding.network(), founding.cite());
        let signed = order(&identity, network, cite, &rules, UtcDay(20_780));
        let key = identity.device_key().verifying();
        let order = signed.verify(&key).expect("the device signed it").order().clone();
        let Statement::Join(join) = order.statement else { panic!("it joins") };
        assert_eq!((join.rules, join.pledge), (3, Minutes(600)));
        assert_eq!((join.record.id(), join.record.home), (order.author, cite));
        assert_eq!((order.epoch, order.lane, order.seq), (0, 0, 1));
        assert_eq!(join.record.device_key(), Some(identity.device_key().public()));
    }
}
