//! What a system refused, in words of people. Only the refusals that people meet have sentences; everything
//! else is said as the library says it, in English, because a wrong translation helps nobody.

use std::{error::Error, io};

use ledger::disk;
use node::{client::ClientError, network::DialFailure};
use proto::{ids::IdError, wire::InvitationError};

use crate::{card_file::CardFileError, language::Text, text};

/// Returns the sentence for the cause of a failure.
pub(crate) fn of(error: &(dyn Error + 'static)) -> Text {
    let mut link = Some(error);
    while let Some(error) = link {
        if let Some(id) = refusal(error).and_then(sentence).or_else(|| ours(error)) {
            return Text::new(id);
        }
        link = error.source();
    }
    text!("fail-cause", said = error.to_string())
}

/// Returns the sentence for what people themselves cause or meet: a slip of the pen, a node that is away.
fn ours(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let dialled = match error.downcast_ref::<ClientError>() {
        Some(ClientError::Unreachable(why)) => Some(why),
        _ => error.downcast_ref::<DialFailure>(),
    };
    let typed = match error.downcast_ref::<InvitationError>() {
        Some(InvitationError::Text(why)) => Some(why),
        _ => error.downcast_ref::<IdError>(),
    };
    match (dialled, typed, error.downcast_ref::<CardFileError>()) {
        (Some(DialFailure::Unreachable), ..) => Some("cause-no-node"),
        (Some(DialFailure::WrongPeer(_)), ..) => Some("cause-other-node"),
        (_, Some(IdError::Mistyped), _) => Some("cause-mistyped"),
        (_, Some(IdError::OtherSort(_)), _) => Some("cause-other-sort"),
        (_, _, Some(CardFileError::NotACard)) => Some("cause-no-card"),
        (_, _, Some(CardFileError::Damaged)) => Some("cause-card-changed"),
        _ => None,
    }
}

/// Returns the kind of refusal that an error is, where a system made it.
fn refusal(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return Some(error.kind());
    }
    let failure = match error.downcast_ref::<disk::DiskError>() {
        Some(error) => error.failure,
        None => *error.downcast_ref::<disk::Failure>()?,
    };
    match failure {
        disk::Failure::Io { kind, .. } => Some(kind),
        disk::Failure::Held(_) => Some(io::ErrorKind::ResourceBusy),
        disk::Failure::Poisoned | disk::Failure::BadName => None,
    }
}

/// Returns the sentence of a kind of refusal.
const fn sentence(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::NotFound => "cause-not-found",
        io::ErrorKind::PermissionDenied => "cause-rights",
        io::ErrorKind::ReadOnlyFilesystem => "cause-read-only",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "cause-full",
        io::ErrorKind::FileTooLarge => "cause-too-large",
        io::ErrorKind::IsADirectory => "cause-directory",
        io::ErrorKind::NotADirectory => "cause-no-directory",
        io::ErrorKind::AlreadyExists => "cause-exists",
        io::ErrorKind::ResourceBusy => "cause-in-use",
        io::ErrorKind::InvalidData => "cause-not-text",
        io::ErrorKind::UnexpectedEof => "cause-ends-early",
        io::ErrorKind::ConnectionRefused => "cause-nobody",
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => "cause-cut",
        io::ErrorKind::TimedOut => "cause-late",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "cause-no-way",
        io::ErrorKind::AddrInUse => "cause-port",
        io::ErrorKind::AddrNotAvailable => "cause-address",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::{error::Error, io};

    use ledger::disk::{DiskError, Failure, Operation};
    use node::{client::ClientError, network::DialFailure};
    use proto::{ids::IdError, wire::InvitationError};

    use super::of;
    use crate::card_file::CardFileError;
    use crate::language::Lang;

    #[test]
    fn what_a_system_refuses_is_said_in_the_readers_language() {
        for (kind, french, english) in [
            (io::ErrorKind::StorageFull, "plein", "full"),
            (io::ErrorKind::PermissionDenied, "droits", "rights"),
            (io::ErrorKind::NotFound, "pas", "not"),
        ] {
            let alone = io::Error::from(kind);
            let failure = Failure::Io { kind, errno: Some(5) };
            let disk = DiskError { operation: Operation::Write, file: "log/0".into(), failure };
            for text in [of(&alone), of(&disk)] {
                assert!(Lang::Fr.say(&text).contains(french), "{kind}: {}", Lang::Fr.say(&text));
                assert!(Lang::En.say(&text).contains(english), "{kind}: {}", Lang::En.say(&text));
            }
        }
    }

    #[test]
    fn what_has_no_sentence_is_said_as_it_is() {
        let odd = io::Error::other("the moon is in the way");
        assert!(Lang::Fr.say(&of(&odd)).contains("the moon is in the way"));
    }

    #[test]
    fn slips_of_the_pen_and_nodes_that_are_away_are_said_in_the_readers_language() {
        let away = || DialFailure::Unreachable;
        for (error, french) in [
            (&IdError::Mistyped as &(dyn Error + 'static), "mal recopié"),
            (&InvitationError::Text(IdError::Mistyped), "mal recopié"),
            (&IdError::OtherSort("pinv"), "autre sorte"),
            (&away(), "Aucun nœud"),
            (&ClientError::Unreachable(away()), "Aucun nœud"),
            (&CardFileError::NotACard, "pirate-card/1"),
            (&CardFileError::Damaged, "coupée"),
        ] {
            let said = Lang::Fr.say(&of(error));
            assert!(said.contains(french), "{error}: {said}");
        }
        // What has no sentence is said as the library says it.
        let said = Lang::Fr.say(&of(&IdError::Length));
        assert!(said.contains("not 32 bytes"), "{said}");
    }
}
