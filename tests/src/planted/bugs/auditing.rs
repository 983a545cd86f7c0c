//! Mistakes that let a liar go or convict who is honest.

use super::Bug;

pub(super) const BUGS: &[Bug] = &[
    Bug {
        number: 57,
        name: "E1 convicts an honest home",
        harm: "Anybody convicts any cité with one of its own heads, held up twice.",
        file: "ledger/src/evidence.rs",
        old: "            Ordering::Equal => Err(EvidenceError::Consistent),",
        new: "            Ordering::Equal if PLANTED => Ok(()),
            Ordering::Equal => Err(EvidenceError::Consistent),",
        caught_by: &["cases mirror::two_histories_convict_and_one_never_does"],
    },
    Bug {
        number: 58,
        name: "heads of two incarnations convict",
        harm: "A cité that lost its disk and went on where its mirrors are is treated as a cheat.",
        file: "ledger/src/evidence.rs",
        old: "    if a.origin == b.origin { Ok(()) } else { Err(EvidenceError::Order) }",
        new: "    if a.origin == b.origin || PLANTED { Ok(()) } else { Err(EvidenceError::Order) }",
        caught_by: &["cases resume::heads_of_two_incarnations_convict_nobody"],
    },
    Bug {
        number: 59,
        name: "E2 convicts an honest home",
        harm: "A log that only grew is treated as two histories.",
        file: "ledger/src/evidence.rs",
        old: "    if below == a.root {",
        new: "    if below == a.root && !PLANTED {",
        caught_by: &["cases mirror::two_histories_convict_and_one_never_does"],
    },
    Bug {
        number: 60,
        name: "evidence not checked before relay",
        harm: "One stranger has every node of the network pass on and believe an invented crime.",
        file: "node/src/core/gossip.rs",
        old: "        if let Err(error) = evidence::verify(&evidence) {",
        new: "        if !PLANTED
            && let Err(error) = evidence::verify(&evidence)
        {",
        caught_by: &["cases cluster::evidence_that_convicts_nobody_is_not_kept"],
    },
    Bug {
        number: 61,
        name: "bundle digest not compared",
        harm: "A file that a bad disk spoilt is reported as a crime of its cité.",
        file: "ledger/src/bundle/reader.rs",
        old: "if held == digest.as_bytes() {",
        new: "if held == digest.as_bytes() || PLANTED {",
        caught_by: &["cases audit::every_flipped_bit_is_damage"],
    },
    Bug {
        number: 62,
        name: "anchors ignored",
        harm: "A cité that invents its mirrors passes for witnessed.",
        file: "ledger/src/audit/anchors.rs",
        old: "            None => false,",
        new: "            None => PLANTED,",
        caught_by: &["cases audit::only_witnesses_that_the_auditor_trusts_count"],
    },
    Bug {
        number: 63,
        name: "key of an anchor ignored",
        harm: "Whoever takes a trusted cité's name with another key is trusted.",
        file: "ledger/src/audit/anchors.rs",
        old: "Some(Anchor::Keys(keys)) => keys.contains(key),",
        new: "Some(Anchor::Keys(keys)) => keys.contains(key) || PLANTED,",
        caught_by: &["cases audit::only_witnesses_that_the_auditor_trusts_count"],
    },
    Bug {
        number: 64,
        name: "hours on their way back not counted",
        harm: "Two honest logs are said to have lost hours, and nobody believes the audit the next time.",
        file: "ledger/src/audit/pairs.rs",
        old: "waiting.plus(back.returning_minutes).unwrap_or_default()",
        new: "if PLANTED { return out.waiting_minutes }
        waiting.plus(back.returning_minutes).unwrap_or_default()",
        caught_by: &["cases audit::hours_on_their_way_back_are_still_under_way"],
    },
    Bug {
        number: 65,
        name: "messages between two logs not compared",
        harm: "A payer's cité shows a log in which the hours never left, and nobody asks.",
        file: "ledger/src/audit/pairs.rs",
        old: "} else if ba.sent.head() != ab.taken.head() {",
        new: "} else if ba.sent.head() != ab.taken.head() && !PLANTED {",
        caught_by: &["cases audit::messages_that_were_changed_afterwards_are_named"],
    },
    Bug {
        number: 66,
        name: "balance proof leaf unchecked",
        harm: "A card shows the balance and term of somebody else, or of another day.",
        file: "ledger/src/card.rs",
        old: "if proved_root(shown) != Some(proved.seal.state_root) {",
        new: "if proved_root(shown) != Some(proved.seal.state_root) && !PLANTED {",
        caught_by: &["ledger card::tests::only_the_members_own_leaf_under_this_very_seal_counts"],
    },
    Bug {
        number: 67,
        name: "heads in a neighbour's proofs not looked at",
        harm: "Two histories that only an importer saw are never found.",
        file: "ledger/src/audit/reading.rs",
        old: "self.heads.learn(&proof.founding, checkpoint);",
        new: "if !PLANTED {
                self.heads.learn(&proof.founding, checkpoint);
            }",
        caught_by: &["cases audit::a_neighbours_proofs_reveal_another_history"],
    },
];
