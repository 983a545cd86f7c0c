//! Mistakes about what is durable, and about when a home may give its word.

use super::Bug;

pub(super) const BUGS: &[Bug] = &[
    Bug {
        number: 11,
        name: "ack before sync",
        harm: "Hours that somebody was told are recorded are gone after a power cut.",
        file: "ledger/src/segments.rs",
        old: "        self.log.disk.sync(&self.tail_name())?;",
        new: "        if !PLANTED {
            self.log.disk.sync(&self.tail_name())?;
        }",
        caught_by: &["cases crash::the_power_may_fail_at_any_call"],
    },
    Bug {
        number: 12,
        name: "guard after sign",
        harm: "A power cut sets the guard back, and an older log beside it is signed on: two histories.",
        file: "ledger/src/guard.rs",
        old: "        self.disk.sync(&self.name)?;",
        new: "        if !PLANTED {
            self.disk.sync(&self.name)?;
        }",
        caught_by: &["cases crash::the_guard_knows_of_every_signature_after_a_power_cut"],
    },
    Bug {
        number: 13,
        name: "guard goes down",
        harm: "An older image of a log signs again what it signed otherwise before.",
        file: "ledger/src/guard.rs",
        old: "if head.size < last.size {",
        new: "if head.size < last.size && !PLANTED {",
        caught_by: &["ledger guard::tests::the_watermark_rises_and_is_durable_before_the_permit"],
    },
    Bug {
        number: 14,
        name: "guard of a copied file believed",
        harm: "A backup that is restored beside the living node signs a second history.",
        file: "ledger/src/guard.rs",
        old: "} else if guard.birth != here.birth {",
        new: "} else if guard.birth != here.birth && !PLANTED {",
        caught_by: &["cases crash::restored_and_copied_images_sign_nothing"],
    },
    Bug {
        number: 15,
        name: "signed without reading back",
        harm: "A bit that flips on its way to the disk makes a signed head that no log leads to, for ever.",
        file: "ledger/src/store.rs",
        old: "        for leaf in self.segments.read_back(from)?.leaves() {",
        new: "        let back = match PLANTED {
            true => records.iter().map(|record| record.leaf).collect(),
            false => self.segments.read_back(from)?.leaves().to_vec(),
        };
        for leaf in &back {",
        caught_by: &["cases crash::any_write_may_flip_a_bit"],
    },
    Bug {
        number: 16,
        name: "home goes on after a failed write",
        harm: "What the disk lost is taken for written, and the next head is signed over a hole.",
        file: "ledger/src/home.rs",
        old: "self.stopped = done.is_err();",
        new: "self.stopped = done.is_err() && !PLANTED;",
        caught_by: &["cases refusing::any_sync_of_a_commit_may_fail"],
    },
    Bug {
        number: 17,
        name: "failed fsync retried",
        harm: "The second sync says yes although the kernel threw the pages away, and acknowledged hours are gone.",
        file: "ledger/src/disk/real.rs",
        old: "        change(&file).map_err(|error| {
            self.files().poisoned.insert(name.into());",
        new: "        change(&file).map_err(|error| {
            if !PLANTED {
                self.files().poisoned.insert(name.into());
            }",
        caught_by: &["ledger disk::tests::a_failed_write_poisons_the_file_for_good"],
    },
    Bug {
        number: 18,
        name: "torn tail kept",
        harm: "What a crash left behind the last entry is taken for damage at the next start, and the node stands still.",
        file: "ledger/src/segments.rs",
        old: "            self.log.disk.truncate(&name, u64::from(self.log.tail.end))?;
        }
        self.log.disk.sync(&name)?;",
        new: "            match PLANTED {
                true => self.log.tail.end += u32::try_from(cut_bytes).unwrap_or(0),
                false => self.log.disk.truncate(&name, u64::from(self.log.tail.end))?,
            }
        }
        self.log.disk.sync(&name)?;",
        caught_by: &[
            "ledger segments::tests::a_tail_torn_at_any_byte_is_cut_whether_the_rest_is_missing_or_zero",
        ],
    },
    Bug {
        number: 19,
        name: "damage cut like a torn tail",
        harm: "One bad bit in the middle silently throws away all acknowledged entries behind it.",
        file: "ledger/src/segments/reader.rs",
        old: "} else if format::was_synced(&rest, offset, &checker) {",
        new: "} else if !PLANTED && format::was_synced(&rest, offset, &checker) {",
        caught_by: &[
            "ledger segments::tests::a_flipped_bit_in_any_byte_of_the_last_record_cuts_it_and_of_an_earlier_batch_is_damage",
        ],
    },
    Bug {
        number: 20,
        name: "record believed without its check",
        harm: "A flipped bit in an entry is read as what the member signed.",
        file: "ledger/src/segments/format.rs",
        old: "(checker.check(offset, head, leaf) == self.check).then_some(Record { payload, leaf })",
        new: "(PLANTED || checker.check(offset, head, leaf) == self.check)
            .then_some(Record { payload, leaf })",
        caught_by: &["ledger segments::tests::damage_in_a_closed_segment_is_found_at_its_record"],
    },
    Bug {
        number: 21,
        name: "sled index trusted without check",
        harm: "An index from another day answers an order with a leaf of somebody else's.",
        file: "ledger/src/home.rs",
        old: "self.leaf_of(&id).map(Submitted::Recorded).ok_or(refusal)",
        new: "let leaf = match PLANTED {
                    true => self.index.orders(&id).first().copied(),
                    false => self.leaf_of(&id),
                };
                leaf.map(Submitted::Recorded).ok_or(refusal)",
        caught_by: &["cases order::an_index_that_says_something_else_than_the_log_is_not_believed"],
    },
];
