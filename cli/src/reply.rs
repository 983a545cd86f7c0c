//! What a node's "no" or silence means to a person: code, exit and the command that helps.
//! Decides nothing and asks nothing again.

use node::{client::ClientError, network::DialFailure};
use proto::{
    desk::{BLOCKED_MAX, Unavailable},
    keys::PublicKey,
};
use serde_json::json;

use crate::{
    codes,
    error::{Failure, cause},
    exit::Exit,
    keyring::unhex,
    text,
};

/// Returns what to tell when a node cannot answer a call.
pub fn unavailable(why: Unavailable) -> Failure {
    match why {
        Unavailable::Busy => Failure::new(codes::NO_ANSWER_IN_TIME, text!("reply-busy"))
            .fix_for(text!("fix-more-time"), &["pirate", "…", "--timeout", "60s"]),
        Unavailable::Waking => {
            Failure::new(codes::NODE_WAKING, text!("reply-waking")).fix(&["pirate", "…"])
        }
        Unavailable::HomeUnreachable => {
            Failure::new(codes::HOME_UNREACHABLE, text!("reply-home-unreachable")).fix(&[
                "pirate",
                "federation",
                "list",
            ])
        }
        Unavailable::Restored => Failure::new(codes::HOME_RESTORED, text!("reply-restored")),
        Unavailable::Recovering => Failure::new(codes::RECOVERING, text!("reply-recovering")),
        Unavailable::CannotWrite => {
            Failure::new(codes::NODE_CANNOT_WRITE, text!("reply-cannot-write"))
                .fix(&["pirate", "node", "status"])
        }
        Unavailable::DiskFull => Failure::new(codes::NODE_DISK_FULL, text!("reply-disk-full"))
            .fix(&["pirate", "node", "status"]),
        Unavailable::Malformed => {
            Failure::new(codes::NODE_REFUSES_MESSAGE, text!("reply-malformed"))
                .fix(&["pirate", "--version"])
        }
        Unavailable::NotYou => {
            Failure::new(codes::NOT_YOU, text!("reply-not-you")).fix(&["pirate", "key", "show"])
        }
        Unavailable::StewardsOnly => Failure::new(codes::NOT_STEWARD, text!("reply-stewards-only")),
        Unavailable::LocalOnly => Failure::new(codes::LOCAL_ONLY, text!("reply-local-only")),
        Unavailable::Invitation => Failure::new(codes::INVITATION, text!("reply-invitation")),
        Unavailable::MailboxFull => Failure::new(codes::MAILBOX_FULL, text!("reply-mailbox-full")),
        Unavailable::NotAWitness => Failure::new(codes::NO_WITNESS, text!("reply-not-a-witness")),
        Unavailable::ComplaintsFull => {
            Failure::new(codes::COMPLAINTS_FULL, text!("reply-complaints-full"))
        }
        Unavailable::Applied => Failure::new(codes::NOT_ADMITTED, text!("reply-applied")),
        Unavailable::Declined => Failure::new(codes::JOIN_DECLINED, text!("reply-join-declined")),
        Unavailable::NoCard => {
            Failure::new(codes::NO_CARD, text!("reply-no-card")).fix(&["pirate", "card", "show"])
        }
        Unavailable::Proposed => {
            Failure::new(codes::ADMISSION_PROPOSED, text!("reply-admission-proposed"))
        }
        Unavailable::BlockedFull => {
            Failure::new(codes::BLOCKED_FULL, text!("reply-blocked-full", most = BLOCKED_MAX))
        }
        Unavailable::TestOnly => Failure::new(codes::TEST_ONLY, text!("reply-test-only")),
        Unavailable::NoCite => Failure::new(codes::NODE_WITHOUT_CITE, text!("reply-no-cite")),
        Unavailable::Clock => Failure::new(codes::CLOCK, text!("reply-clock")),
    }
}

/// Returns what to tell when `place` (a socket or addresses) gave no reply. Ends with 69 when nobody
/// is there, with 75 when somebody might answer later.
pub fn no_reply(error: &ClientError, place: &str) -> Failure {
    match error {
        ClientError::NotRunning { .. } => {
            Failure::new(codes::NODE_ABSENT, text!("reply-nobody", place = place))
                .fix_for(text!("fix-run-node"), &["pirate", "node", "run"])
        }
        ClientError::Unreachable(DialFailure::WrongPeer(key)) => {
            other_node(&key.to_string(), place)
        }
        ClientError::Unreachable(why) => {
            Failure::new(codes::NODE_ABSENT, text!("reply-nobody", place = place)).caused_by(why)
        }
        ClientError::Timeout => late(place),
        ClientError::Busy => unavailable(Unavailable::Busy),
        ClientError::Socket(_) if cause::lacks_rights(error) => {
            Failure::new(codes::NO_RIGHTS, text!("cannot-read", path = place)).caused_by(error)
        }
        ClientError::Request(_) | ClientError::Socket(_) => {
            Failure::new(codes::NO_ANSWER_IN_TIME, text!("reply-late", place = place))
                .caused_by(error)
        }
        ClientError::TooLong | ClientError::NotAReply(_) | ClientError::OtherAnswer => {
            unexpected().caused_by(error)
        }
        ClientError::Network(_) | ClientError::System(_) | ClientError::Chance(_) => {
            Failure::new(codes::NODE_ABSENT, text!("reply-nobody", place = place)).caused_by(error)
        }
    }
}

/// Returns that `place` gave no answer in the time that there was.
pub fn late(place: &str) -> Failure {
    Failure::new(codes::NO_ANSWER_IN_TIME, text!("reply-late", place = place))
        .fix_for(text!("fix-more-time"), &["pirate", "…", "--timeout", "60s"])
}

/// Returns that another node than the one that was called answers at `place`. Who means that one names its
/// key: any node passes calls on to their home.
fn other_node(key: &str, place: &str) -> Failure {
    let failure = Failure::new(codes::NODE_ABSENT, text!("reply-other-node", place = place))
        .because(text!("reply-other-key", key = key))
        .data(json!({ "node": key }));
    // Of several addresses nobody says which one it was.
    if place.contains(',') {
        return failure;
    }
    let through = format!("{key}@{place}");
    failure.fix_for(text!("fix-through-node"), &["pirate", "…", "--node", &through])
}

/// Returns the key of the node that answers in the place of the one that was called, where a failure says so.
pub fn other_key(failure: &Failure) -> Option<PublicKey> {
    let key = failure.value("node")?;
    key.as_str().and_then(unhex::<32>).map(PublicKey)
}

/// Returns what to tell when a reply answers something else.
pub fn unexpected() -> Failure {
    Failure::new(codes::NODE_REFUSES_MESSAGE, text!("reply-unexpected"))
        .fix(&["pirate", "--version"])
}

/// Returns whether a failure only means "not now": what was asked may still be done.
pub fn is_silence(failure: &Failure) -> bool {
    matches!(failure.exit(), Exit::Unreachable | Exit::TryLater)
}

/// Returns whether the rules refused: what was asked is not and will not be done.
pub fn is_no(failure: &Failure) -> bool {
    failure.value("refusal").is_some()
}

/// Returns whether a failure is the refusal of this number.
pub fn is_refusal(failure: &Failure, number: u16) -> bool {
    failure.value("refusal").is_some_and(|own| *own == number)
}

#[cfg(test)]
mod tests {
    use node::{
        client::ClientError,
        network::{DialFailure, PeerKey},
    };
    use proto::desk::Unavailable;

    use super::{is_silence, no_reply, unavailable};
    use crate::{codes, language::Lang};

    #[test]
    fn whoever_meets_another_node_learns_how_to_go_through_it() {
        let other = || ClientError::Unreachable(DialFailure::WrongPeer(PeerKey([7; 32])));
        let failure = no_reply(&other(), "192.0.2.7:17890");
        assert_eq!(failure.code(), codes::NODE_ABSENT);
        let through = format!("{}@192.0.2.7:17890", "07".repeat(32));
        assert_eq!(failure.fixes()[0].argv, ["pirate", "…", "--node", &through]);
        for lang in Lang::ALL {
            let said = failure.details().iter().map(|d| lang.say(d)).collect::<String>();
            assert!(said.contains(&"07".repeat(32)), "{said}");
        }
        // Which of several addresses it was is not known, so no command is made up.
        let failure = no_reply(&other(), "192.0.2.7:17890, 192.0.2.8:17890");
        assert_eq!(failure.fixes()[0].argv, ["pirate", "…", "--node", "…"]);
    }

    #[test]
    fn every_silence_of_a_node_has_its_exit() {
        use Unavailable::{
            Applied, Busy, CannotWrite, Clock, ComplaintsFull, Declined, DiskFull, HomeUnreachable,
            Invitation, LocalOnly, MailboxFull, Malformed, NoCard, NoCite, NotAWitness, NotYou,
            Proposed, Recovering, Restored, StewardsOnly, TestOnly, Waking,
        };
        for (why, exit, again) in [
            (Busy, 75, true),
            (Waking, 75, true),
            (HomeUnreachable, 75, true),
            (Restored, 75, true),
            (Recovering, 75, true),
            (CannotWrite, 75, true),
            (DiskFull, 75, true),
            (MailboxFull, 75, true),
            (Clock, 75, true),
            (NotAWitness, 75, true),
            (ComplaintsFull, 75, true),
            (Malformed, 1, false),
            (NotYou, 77, false),
            (StewardsOnly, 4, false),
            (LocalOnly, 77, false),
            (Invitation, 4, false),
            (Applied, 4, false),
            (Declined, 4, false),
            (Proposed, 4, false),
            (NoCard, 4, false),
            (TestOnly, 78, false),
            (NoCite, 78, false),
        ] {
            let failure = unavailable(why);
            assert_eq!((failure.exit().code(), is_silence(&failure)), (exit, again), "{why:?}");
            for lang in Lang::ALL {
                assert!(lang.say(failure.message()).len() > 10, "{why:?}");
            }
        }
    }
}
