//! Mistakes of nodes and of what people see.

use super::Bug;

pub(super) const BUGS: &[Bug] = &[
    Bug {
        number: 68,
        name: "challenge reusable",
        harm: "A node that passed on a member's question asks it again and reads the account.",
        file: "node/src/core/challenges.rs",
        old: "            && !self.answered.contains(challenge)",
        new: "            && (PLANTED || !self.answered.contains(challenge))",
        caught_by: &["cases desks::a_private_query_is_answered_once_and_in_time"],
    },
    Bug {
        number: 69,
        name: "clock not doubted at start",
        harm: "A machine whose battery died writes next year into the log, and nothing can follow it.",
        file: "node/src/core/clock.rs",
        old: "Word::None if now.since(from) > CLOCK_JUMP_MAX_MS => Some(Doubt::Jumped { from }),",
        new: "Word::None if now.since(from) > CLOCK_JUMP_MAX_MS && !PLANTED => Some(Doubt::Jumped { from }),",
        caught_by: &["cases clock::alone_a_jump_of_more_than_six_hours_needs_somebodys_word"],
    },
    Bug {
        number: 70,
        name: "one ally speaks for all clocks",
        harm: "An ally that lies about the time has a home write a false one, or stops it.",
        file: "node/src/core/clock.rs",
        old: "let most = |votes: usize| votes.saturating_mul(2) > allies.len();",
        new: "let most = |votes: usize| votes.saturating_mul(2) > allies.len() || (PLANTED && votes > 0);",
        caught_by: &["cases clock::after_a_jump_one_ally_cannot_speak_for_all"],
    },
    Bug {
        number: 71,
        name: "letters' share off",
        harm: "One person fills a mailbox, and nobody else can ask for hours.",
        file: "node/src/core/mailbox.rs",
        old: "        if beyond {",
        new: "        if beyond && !PLANTED {",
        caught_by: &["cases letters::whoever_floods_a_mailbox_leaves_room_for_others"],
    },
    Bug {
        number: 72,
        name: "entries for whoever asks",
        harm: "Everybody on the network reads who paid whom.",
        file: "node/src/core/push.rs",
        old: "asker == *log || mirrors.is_some_and(is_mirror)",
        new: "asker == *log || mirrors.is_some_and(is_mirror) || PLANTED",
        caught_by: &["cases cluster::entries_go_only_to_mirrors_and_to_the_home"],
    },
    Bug {
        number: 73,
        name: "convicted cité still believed",
        harm: "A cité that cheated goes on paying with hours that it does not have.",
        file: "node/src/core/border.rs",
        old: "if self.convicted.contains(&signer) {",
        new: "if self.convicted.contains(&signer) && !PLANTED {",
        caught_by: &["cases cluster::what_a_convicted_cite_sent_before_is_not_taken_in"],
    },
    Bug {
        number: 74,
        name: "certificate of strangers is enough",
        harm: "A cité that invents mirrors nobody knows pays with hours that no honest node looked at.",
        file: "node/src/core/border.rs",
        old: "if ally { Ok(()) } else { Err((decline::NO_ALLY, 0)) }",
        new: "if ally || PLANTED { Ok(()) } else { Err((decline::NO_ALLY, 0)) }",
        caught_by: &["cases cluster::hours_that_no_ally_witnessed_wait_until_one_did"],
    },
    Bug {
        number: 75,
        name: "false receipt believed",
        harm: "A home says recorded, shows an entry of its own making, and forgets the payment.",
        file: "cli/src/wallet/receipt.rs",
        old: "    check_checkpoint(home, checkpoint).map_err(|_| ReceiptError::Checkpoint)?;",
        new: "    if !PLANTED {
        check_checkpoint(home, checkpoint).map_err(|_| ReceiptError::Checkpoint)?;
    }",
        caught_by: &[
            "cli wallet::receipt::tests::a_true_receipt_is_believed_and_a_changed_one_is_not",
        ],
    },
    Bug {
        number: 76,
        name: "a control character shown",
        harm: "A file's name clears a steward's screen and writes what it likes there.",
        file: "cli/src/output/visible.rs",
        old: "    if text.chars().all(&shown) {",
        new: "    if text.chars().all(&shown) || PLANTED {",
        caught_by: &[
            "cli output::visible::tests::no_value_brings_an_escape_or_a_line_of_its_own_to_a_screen",
        ],
    },
];
