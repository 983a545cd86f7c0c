//! The numbered errors, warnings and verdicts: one line each; their pages are in `catalogue/*/codes.ftl`.
//! A number is never reused; a code that is not in this list cannot be written in a command.

use crate::exit::Exit;

/// A numbered error, warning or verdict. Made only in this file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    name: &'static str,
    exit: Exit,
    helps: &'static str,
}

impl Code {
    /// Returns the name as people see it: `P0405`, `W0101`, `V30`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Returns the exit that goes with it ([`Exit::Done`] for warnings).
    pub const fn exit(self) -> Exit {
        self.exit
    }

    /// Returns the command that helps most of those who meet this code, in canonical English: what its line
    /// below names, else its page.
    pub fn fix(self) -> Vec<String> {
        let (first, rest) = match self.helps {
            "" => ("explain", self.name),
            line => line.split_once(' ').unwrap_or((line, "")),
        };
        let words = ["pirate", first].into_iter().chain(rest.split_whitespace());
        words.map(str::to_owned).collect()
    }

    /// Returns the code called `name`, in any capitals.
    pub fn find(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|code| code.name.eq_ignore_ascii_case(name.trim()))
    }

    /// Returns the id of its page in the catalogues.
    pub fn page(self) -> String {
        format!("code-{}", self.name.to_lowercase())
    }
}

macro_rules! codes {
    ($($constant:ident $name:literal $exit:ident $($helps:literal)?;)*) => {
        $(
            #[doc = concat!("`", $name, "`; see its page in the catalogues.")]
            pub const $constant: Code =
                Code { name: $name, exit: Exit::$exit, helps: concat!($($helps)?) };
        )*
        /// Every code, in the order of its number within its family.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

// Behind the exit, what a person types next: without the name of the program, `…` for what only the person
// knows. As first word, and behind `help`, it stands for the command that failed. Without it, the page of the code
// helps most.
codes! {
    // P00: how the command was asked.
    USAGE "P0001" Usage "help …";
    NEEDS_ANSWER "P0002" NeedsAnswer "… --yes";
    DECLINED "P0003" NeedsAnswer "…";
    NO_SUCH_CODE "P0004" NotFound "explain --list";
    INTERRUPTED "P0005" Interrupted "…";
    TERMINATED "P0006" Terminated "…";
    BUG "P0099" Failed "--version";
    // P01: keys.
    NO_IDENTITY "P0101" NotFound "key new";
    IDENTITY_EXISTS "P0102" Refused "key show";
    WRONG_PASSPHRASE "P0103" Locked "key new --restore --profile …";
    KEY_FILE_OPEN "P0104" Locked "key show";
    KEY_FILE_DAMAGED "P0105" Failed "key new --restore";
    UNKNOWN_WORD "P0106" Usage "key new --restore";
    WORDS_DO_NOT_FIT "P0107" Usage "key new --restore";
    WORDS_COUNT "P0108" Usage "key new --restore";
    PASSPHRASE_FILE "P0109" Settings "… --passphrase-file …";
    PASSPHRASES_DIFFER "P0110" Usage "…";
    WORDS_NOT_KEPT "P0111" NeedsAnswer "key new --words-output …";
    WORDS_TWO_LANGUAGES "P0112" Usage "key new --restore --words-lang fr";
    PROFILE_NAME "P0113" Usage "… --profile …";
    PASSPHRASE_SHORT "P0114" Usage "…";
    KEY_REPLACED "P0115" Refused "key new --restore --profile …";
    UNKNOWN_DEVICE "P0116" Refused "key show";
    SIGNATURE_REFUSED "P0117" Refused "key show";
    NOT_YOU "P0118" Locked "key show";
    PASSPHRASE_FILE_OPEN "P0119" Locked "… --passphrase-file …";
    ROOT_WORDS "P0120" Locked "help node recover";
    // P02: storage.
    CANNOT_WRITE "P0201" Failed "help …";
    CANNOT_READ "P0202" Failed "help …";
    NO_HOME "P0203" Settings "… --home …";
    LEDGER_DAMAGED "P0204" Settings "node scrub";
    LEDGER_LOCKED "P0205" TryLater "node status";
    RESTORED_IMAGE "P0206" Refused "node recover";
    NODE_CANNOT_WRITE "P0207" TryLater "node status";
    NODE_DISK_FULL "P0208" TryLater "node status";
    WALLET_DAMAGED "P0209" Failed "join …";
    WALLET_BUSY "P0210" TryLater "… --timeout 60s";
    NOTHING_LOST "P0211" Refused "node run";
    RECOVERING "P0212" TryLater "node status";
    BACKUP_DAMAGED "P0213" Failed "backup check …";
    HOME_RESTORED "P0214" TryLater "explain P0214";
    NO_RIGHTS "P0215" Locked "… --home …";
    NO_SUCH_FILE "P0216" NotFound "help …";
    NO_PLACE_ASIDE "P0217" TryLater "node status";
    OTHER_LOG_CERTIFIED "P0218" Refused "node recover --via …";
    LATER_FORMAT "P0219" Settings "--version";
    // P03: network.
    NODE_ABSENT "P0301" Unreachable "… --node …";
    NO_ANSWER_IN_TIME "P0302" TryLater "… --timeout 60s";
    OFFLINE_ASKED "P0303" Unreachable "…";
    NODE_REFUSES_MESSAGE "P0304" Failed "--version";
    ADDRESS "P0305" Usage "help …";
    HOME_UNREACHABLE "P0306" TryLater "status";
    LOCAL_ONLY "P0307" Locked "node status";
    MAILBOX_FULL "P0308" TryLater "request list";
    TEST_ONLY "P0309" Settings "demo";
    ORDER_WAITS "P0310" TryLater "balance";
    PROOF_FAILED "P0311" Invalid;
    NO_WITNESS "P0312" TryLater "federation list";
    COMPLAINTS_FULL "P0313" TryLater "complain";
    NOTHING_TO_COMPLAIN "P0314" NotFound "balance";
    NOT_TO_BLOCK "P0315" Usage "node peers --top";
    BLOCKED_FULL "P0316" Refused "node block --list";
    NODE_WAKING "P0317" TryLater "…";
    // P04: payments.
    AMOUNT_AMBIGUOUS "P0401" Usage "help …";
    AMOUNT_UNREADABLE "P0402" Usage "help …";
    AMOUNT_TOO_LARGE "P0403" Usage "help …";
    NO_SUCH_MEMBER "P0404" NotFound "help …";
    BELOW_LIMIT "P0405" Refused "balance";
    TO_ONESELF "P0406" Refused "card show";
    AMOUNT_ZERO "P0407" Refused "help …";
    ABOVE_LIMIT "P0408" Refused "cite show";
    AMOUNT_NEGATIVE "P0409" Refused "help …";
    ORDER_REFUSED "P0410" Refused "status";
    REQUEST_EXPIRED "P0412" Refused "pay … …";
    REQUEST_USED "P0413" Refused "history";
    NO_SUCH_REQUEST "P0414" NotFound "request list";
    REQUEST_UNREADABLE "P0415" Usage "request list";
    DATE_UNREADABLE "P0416" Usage "help …";
    LINE_FULL "P0417" Refused "federation list";
    WRONG_NETWORK "P0418" Refused "status";
    WRONG_HOME "P0419" Refused "status";
    ORDER_OVERTAKEN "P0420" Refused "history";
    ORDER_MISSING "P0421" Refused "balance";
    ORDER_TERM "P0422" Refused "…";
    OTHER_HISTORY "P0423" Refused "balance";
    ALREADY_RECORDED "P0424" Refused "history";
    NOT_A_STEP "P0425" Refused "cite show";
    TOO_MUCH "P0426" Refused "help …";
    REQUEST_FORGED "P0427" Refused "request list";
    REQUEST_MISMATCH "P0428" Refused "request list";
    REQUEST_TOO_LONG "P0429" Refused "… --expires 7d";
    NOT_ALLIED "P0430" Refused "federation list";
    TOO_MANY_OPEN "P0431" Refused "federation list";
    DEFICIT "P0432" Refused "federation list";
    STREAM "P0433" Refused "node status";
    PAYEE_UNREADABLE "P0434" Usage "help …";
    TEXT_TOO_LONG "P0435" Usage "help …";
    TEXT_NOT_PLAIN "P0436" Usage "help …";
    PAYEE_LEFT "P0437" Refused "help …";
    // P05: cards.
    CARD_EXPIRED "P0501" Refused "card show -o …";
    CARD_INVALID "P0502" Invalid "card check …";
    CARD_UNREADABLE "P0503" Usage "help card check";
    CARD_NEWS_OLD "P0504" FewWitnesses "card show -o …";
    CARD_NOT_YET "P0505" Refused "card check …";
    NO_CARD "P0506" Refused "card show";
    PHOTO "P0507" Usage "card check …";
    CARD_KEYS "P0508" Refused "card check …";
    CARD_HOLDER "P0509" Refused "card challenge";
    CARD_SUSPENDED "P0510" Refused "card check …";
    CARD_LEFT "P0511" Refused "card check …";
    CARD_REPLACED "P0512" Refused "card check …";
    CARD_CONTRADICTED "P0513" Refused "card check …";
    // P06: the machine.
    CLOCK "P0601" TryLater "node clock";
    SETTINGS "P0602" Settings "help node run";
    PORT_TAKEN "P0603" Settings "node run --listen 0.0.0.0:0";
    DEMO "P0604" Failed "demo --keep …";
    NODE_ENDED "P0605" Restart "node run";
    DEVICE_CLOCK "P0606" TryLater "status";
    // P07: rules of the cité.
    NOT_STEWARD "P0701" Refused "cite show";
    NO_SUCH_CITE "P0702" NotFound "federation list";
    NO_SUCH_ACT "P0703" NotFound "cite approve";
    INVITATION "P0704" Refused "join …";
    NO_CITE_HERE "P0705" NotFound "cite found";
    CITE_EXISTS "P0706" Refused "cite show";
    NOT_ADMITTED "P0707" Refused "join …";
    ALREADY_APPROVED "P0708" Refused "cite approve";
    ACTS_PENDING "P0709" Refused "cite approve";
    RULES_VERSION "P0710" Refused "cite show";
    ALREADY_MEMBER "P0711" Refused "member list";
    JOIN_UNUSABLE "P0712" Refused "join …";
    CARD_TERM "P0713" Refused "cite show";
    PEER_EXISTS "P0714" Refused "federation list";
    ONESELF "P0715" Refused "federation list";
    PEER_RECORD "P0716" Refused "federation list";
    TOO_MANY_PEERS "P0717" Refused "federation list";
    MIRROR_KEY "P0718" Refused "federation list";
    LINE_TOO_HIGH "P0719" Refused "federation list";
    MIRRORS_PENDING "P0720" Refused "cite approve";
    ROOT_ACT "P0721" Refused "log list";
    RULES_UNCHANGED "P0722" Refused "cite show";
    TOO_MANY_MEMBERS "P0723" Refused "cite found";
    OTHER_CITE "P0724" Refused "join … --profile …";
    RULES_NOT_ACCEPTED "P0725" NeedsAnswer "join … --accept-charter";
    RESUME "P0726" Refused "node status";
    CITE_CLOSED "P0727" Refused "federation list";
    HEIRS "P0728" Refused "cite heirs";
    OTHER_NETWORK "P0730" Refused "status";
    NO_SUCH_APPLICATION "P0731" NotFound "member list --state applied";
    INVITATION_UNREADABLE "P0732" Usage "help …";
    NODE_WITHOUT_CITE "P0733" Settings "cite found";
    JOIN_DECLINED "P0734" Refused "join …";
    ADMISSION_PROPOSED "P0735" Refused "cite approve --list";
    ACT_PROPOSED "P0736" Refused "cite approve --list";
    SUSPENDED "P0737" Refused "status";
    MEMBER_LEFT "P0738" Refused "member list";
    SUSPENSION "P0739" Refused "member list";
    LAST_STEWARD "P0740" Refused "member list";
    // P08: audit input.
    NOT_A_BUNDLE "P0801" Invalid "audit bundle";
    BUNDLE_DAMAGED "P0802" Invalid "audit bundle";
    ANCHOR_UNREADABLE "P0803" Usage "cite show --anchor";
    NO_SUCH_ENTRY "P0804" NotFound "log list";
    PROVES_NOTHING "P0805" Invalid "audit forks …";
    // Warnings.
    WORDS_NOT_CHECKED "W0101" Done;
    TEST_LOCK "W0102" Done;
    DISK_SLOW "W0201" Done;
    TEST_NETWORK "W0301" Done;
    ORDERS_WAIT "W0302" Done "balance";
    WAITED_IN_VAIN "W0303" Done "history";
    ALLY_BLOCKED "W0304" Done "node block --list";
    WITNESS_SILENT "W0305" Done "node peers";
    MANY_INVALID "W0306" Done "node peers --top";
    ORDERS_GONE "W0307" Done "history";
    UNCONFIRMED "W0308" Done "node peers";
    PASSED_ON "W0309" Done "federation list";
    MEMORY_HIGH "W0601" Done "node peers --top";
    // Verdicts of an audit.
    VERIFIED "V0" Done;
    FEW_WITNESSES "V10" FewWitnesses;
    MINORITY_OF_WITNESSES "V11" MinorityOfWitnesses;
    UNANCHORED "V20" Unanchored "cite show --anchor";
    TWO_HISTORIES "V30" TwoHistories;
    INVALID "V40" Invalid;
}

#[cfg(test)]
mod tests {
    use super::{ALL, Code};
    use crate::language::Lang;

    #[test]
    fn every_code_has_its_page_in_both_languages() {
        for code in ALL {
            for lang in Lang::ALL {
                let page = code.page();
                assert!(lang.has(&page), "{lang:?} lacks {page}");
                for part in ["cause", "todo"] {
                    assert!(lang.attribute(&page, part).is_some(), "{lang:?} lacks {page}.{part}");
                }
            }
        }
    }

    #[test]
    fn numbers_are_used_once() {
        for (place, code) in ALL.iter().enumerate() {
            assert!(ALL.iter().skip(place + 1).all(|other| other.name() != code.name()));
            assert_eq!(Code::find(&code.name().to_lowercase()), Some(*code));
        }
    }
}
