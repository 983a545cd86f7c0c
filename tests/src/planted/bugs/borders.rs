//! Mistakes about hours that cross a border.

use super::Bug;

pub(super) const BUGS: &[Bug] = &[
    Bug {
        number: 35,
        name: "cursor skipped",
        harm: "A message that got lost on the way is never asked for, and its hours are gone.",
        file: "ledger/src/rules/border.rs",
        old: "if message.counter != expected {",
        new: "if message.counter < expected || (message.counter != expected && !PLANTED) {",
        caught_by: &[
            "cases rules::border::cursors",
            "cases border::each_message_is_taken_in_once_and_in_turn",
        ],
    },
    Bug {
        number: 36,
        name: "import twice",
        harm: "One payment from abroad is credited as often as its proof is brought.",
        file: "ledger/src/rules/border.rs",
        old: "peer.received = message.counter;",
        new: "if !PLANTED {
        peer.received = message.counter;
    }",
        caught_by: &[
            "cases rules::border::cursors",
            "cases border::each_message_is_taken_in_once_and_in_turn",
        ],
    },
    Bug {
        number: 37,
        name: "line checked after import",
        harm: "A cité owes more than its line by one payment of any size.",
        file: "ledger/src/rules/border.rs",
        old: "check_line(peer, time, transfer.minutes)?;",
        new: "check_line(peer, time, if PLANTED { Minutes(0) } else { transfer.minutes })?;",
        caught_by: &[
            "cases rules::border::line",
            "cases border::a_cite_that_mints_hours_costs_others_no_more_than_their_lines",
        ],
    },
    Bug {
        number: 38,
        name: "return not counted",
        harm: "What a cité could still send back is forgotten, and it owes more than its line when it does.",
        file: "ledger/src/rules/border.rs",
        old: "        .and_then(|owed| owed.plus(peer.open_minutes))",
        new: "        .and_then(|owed| if PLANTED { Some(owed) } else { owed.plus(peer.open_minutes) })",
        caught_by: &["cases rules::border::line"],
    },
    Bug {
        number: 39,
        name: "line that nobody renewed counts",
        harm: "A cité that nobody knows any more may still owe what was trusted to it years ago.",
        file: "ledger/src/rules/border.rs",
        old: "let line = peer.line_on(time.day());",
        new: "let line = if PLANTED { peer.line } else { peer.line_on(time.day()) };",
        caught_by: &["cases rules::border::decay"],
    },
    Bug {
        number: 40,
        name: "returned transfer stays open",
        harm: "One payment comes back twice, and the payer gains hours.",
        file: "ledger/src/rules/border.rs",
        old: "    effect.puts.push((payer, Object::Account(account)));
    effect.removes.push(slot);",
        new: "    effect.puts.push((payer, Object::Account(account)));
    if !PLANTED {
        effect.removes.push(slot);
    }",
        caught_by: &["cases rules::border::exports"],
    },
    Bug {
        number: 41,
        name: "deficit not looked at",
        harm: "Members of one cité spend abroad what it can never give back.",
        file: "ledger/src/rules/border.rs",
        old: "check_deficit(state, cite, export.minutes)?;",
        new: "if !PLANTED {
        check_deficit(state, cite, export.minutes)?;
    }",
        caught_by: &["cases rules::border::deficit"],
    },
    Bug {
        number: 42,
        name: "import of what is not committed",
        harm: "Hours are credited that the payer's log can still lose.",
        file: "ledger/src/proof.rs",
        old: "if proof.leaf >= seal.certified_size {",
        new: "if proof.leaf >= seal.certified_size && !PLANTED {",
        caught_by: &["cases border::nothing_is_proved_before_it_is_committed"],
    },
    Bug {
        number: 43,
        name: "mirrors believed that a proof brings along",
        harm: "A cité that lies to its mirrors certifies itself with keys of its own and pays with hours that no log has.",
        file: "ledger/src/proof.rs",
        old: "if proved_root(&proof.mirrors) != Some(seal.state_root) {",
        new: "if proved_root(&proof.mirrors) != Some(seal.state_root) && !PLANTED {",
        caught_by: &["cases border::mirrors_that_only_the_proof_names_certify_nothing"],
    },
    Bug {
        number: 44,
        name: "import that says something else than its proof",
        harm: "A home credits a thousand hours on the proof of one.",
        file: "ledger/src/mirror/imports.rs",
        old: "&& says.as_ref() == Some(&import.message)",
        new: "&& (says.as_ref() == Some(&import.message) || PLANTED)",
        caught_by: &["cases audit::hours_from_nowhere_are_found_at_their_import"],
    },
    Bug {
        number: 45,
        name: "account for a cité of another network",
        harm: "Hours of a test arrive where they count.",
        file: "ledger/src/rules/acts.rs",
        old: "if other.network() != cite.network {",
        new: "if other.network() != cite.network && !PLANTED {",
        caught_by: &["cases rules::acts::neighbours"],
    },
];
