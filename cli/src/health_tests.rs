//! What a recovery does not get over by itself is said with its number and what helps.

use proto::desk::{Obstacle, OwnBranch, RecoverySheet};

use super::{given_up, of_recovery};
use crate::language::Lang;

#[test]
fn what_a_recovery_does_not_get_over_has_a_number_and_what_helps() {
    let sheet = |obstacle| RecoverySheet {
        incarnation: 1,
        entries: 9,
        signed: 9,
        held: 9,
        promised: 1,
        needed: 1,
        mirrors: Vec::new(),
        obstacle,
    };
    assert_eq!(of_recovery(&sheet(None)).len(), 1);
    let cases = [
        (Obstacle::NoPlace, "P0217", "node/damaged/", &["pirate", "explain", "P0217"][..]),
        (
            Obstacle::Certified { size: 7 },
            "P0218",
            "7",
            &["pirate", "node", "recover", "--via", "…"],
        ),
    ];
    for (obstacle, code, says, fix) in cases {
        let alerts = of_recovery(&sheet(Some(obstacle)));
        let alert = alerts.iter().find(|alert| alert.code.name() == code).expect(code);
        assert!(alert.error && alert.fix == fix, "{alert:?}");
        for lang in [Lang::Fr, Lang::En] {
            assert!(lang.say(&alert.message).contains(says), "{}", lang.say(&alert.message));
        }
    }
}

#[test]
fn what_gave_way_is_counted_and_where_it_lies_is_said() {
    let own = OwnBranch { kept: 9, of: 12, number: 1 };
    for lang in [Lang::Fr, Lang::En] {
        let said = lang.say(&given_up(&own));
        let numbers = said.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        assert!(numbers.eq(["9", "3", "01"]) && said.contains("node/damaged/01"), "{said}");
    }
}
