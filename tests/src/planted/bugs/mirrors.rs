//! Mistakes of mirrors, and in going on in another incarnation.

use super::Bug;

pub(super) const BUGS: &[Bug] = &[
    Bug {
        number: 46,
        name: "mirror cosigns without re-executing",
        harm: "A home that pays itself hours has its log certified.",
        file: "ledger/src/mirror/extend.rs",
        old: "        if head.size > self.size() {
            if extend.from != self.store.len() {",
        new: "        if PLANTED {
            return self.cosign(now, checkpoint, own, mirror_key);
        }
        if head.size > self.size() {
            if extend.from != self.store.len() {",
        caught_by: &["cases mirror::a_mirror_declines_what_does_not_follow"],
    },
    Bug {
        number: 47,
        name: "mirror cosigns an older head",
        harm: "A home whose disk was set back is not told, signs on, and is convicted of two histories.",
        file: "ledger/src/mirror/extend.rs",
        old: "            return Ok(Some(Extended::Ahead(held)));",
        new: "            return Ok((!PLANTED).then_some(Extended::Ahead(held)));",
        caught_by: &[
            "cases mirror::a_home_that_forgot_is_told_so",
            "cases mirror::two_histories_convict_and_one_never_does",
        ],
    },
    Bug {
        number: 48,
        name: "mirror cosigns before it wrote that down",
        harm: "After a power cut it cosigns another history of the same size, and a certificate protects nobody.",
        file: "ledger/src/mirror/extend.rs",
        old: "            self.held.cut = None;
            self.keep()?;",
        new: "            self.held.cut = None;
            if !PLANTED {
                self.keep()?;
            }",
        caught_by: &["cases mirror::a_cosignature_comes_after_what_it_stands_for_is_durable"],
    },
    Bug {
        number: 49,
        name: "state root taken at the home's word",
        harm: "Balances that no entry leads to are proved to members and allies.",
        file: "ledger/src/fold.rs",
        old: "if seal.state_root != expected.state_root {",
        new: "if seal.state_root != expected.state_root && !PLANTED {",
        caught_by: &[
            "cases mirror::a_mirror_declines_what_does_not_follow",
            "cases audit::a_tampered_balance_is_found_at_its_seal",
        ],
    },
    Bug {
        number: 50,
        name: "seal of next year cosigned",
        harm: "One wrong clock stops a log until its time has come.",
        file: "ledger/src/mirror/extend.rs",
        old: "if clock.time.since(now) > SEAL_AHEAD_MAX_MS {",
        new: "if clock.time.since(now) > SEAL_AHEAD_MAX_MS && !PLANTED {",
        caught_by: &["cases mirror::a_seal_may_lie_ten_minutes_ahead"],
    },
    Bug {
        number: 51,
        name: "certificate that a seal names not verified",
        harm: "A home calls entries committed that nobody cosigned, and others take them in.",
        file: "ledger/src/mirror/extend.rs",
        old: "        self.verify_certificate(&named)?;",
        new: "        if !PLANTED {
            self.verify_certificate(&named)?;
        }",
        caught_by: &["cases mirror::a_mirror_declines_what_does_not_follow"],
    },
    Bug {
        number: 52,
        name: "fence not remembered",
        harm: "A mirror that promised to leave an incarnation alone cosigns it after a restart: two logs go on.",
        file: "ledger/src/mirror/fence.rs",
        old: "            self.keep()?;
            self.founding = founding;",
        new: "            if !PLANTED {
                self.keep()?;
            }
            self.founding = founding;",
        caught_by: &["cases resume::a_promise_is_kept"],
    },
    Bug {
        number: 53,
        name: "fence not kept to",
        harm: "Whoever stole a cité's keys goes on having its old incarnation certified.",
        file: "ledger/src/mirror/extend.rs",
        old: "if checkpoint.origin.incarnation < self.held.below {",
        new: "if checkpoint.origin.incarnation < self.held.below && !PLANTED {",
        caught_by: &["cases resume::a_promise_is_kept"],
    },
    Bug {
        number: 54,
        name: "resume quorum one less",
        harm: "A log goes on without hours that were certified.",
        file: "ledger/src/resume.rs",
        old: "if have < set.quorum() {",
        new: "if have.saturating_add(usize::from(PLANTED)) < set.quorum() {",
        caught_by: &["cases resume::every_refusal_of_a_resume_bites"],
    },
    Bug {
        number: 55,
        name: "promise that names another history is ignored",
        harm: "A log goes on without what the mirrors hold, and acknowledged hours are gone.",
        file: "ledger/src/resume.rs",
        old: "if (place.has)(&held.head) { Ok(()) } else { Err(ahead) }",
        new: "if (place.has)(&held.head) || PLANTED { Ok(()) } else { Err(ahead) }",
        caught_by: &["cases resume::every_refusal_of_a_resume_bites"],
    },
    Bug {
        number: 56,
        name: "keys of a new incarnation not signed by the root",
        harm: "Anybody takes over anybody's log.",
        file: "ledger/src/resume.rs",
        old: "    resume.epoch.verify(*cite, network, root).map_err(|_| Refusal::ResumeKeys)?;",
        new: "    if !PLANTED {
        resume.epoch.verify(*cite, network, root).map_err(|_| Refusal::ResumeKeys)?;
    }",
        caught_by: &["cases resume::every_refusal_of_a_resume_bites"],
    },
];
