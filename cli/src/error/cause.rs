//! What a system or one of our crates refused, in words of people. Only the refusals that people meet have
//! sentences; everything else is said as the library says it, in English, because a wrong translation helps
//! nobody.

mod ours;

use std::{error::Error, io};

use ledger::disk;

use crate::{language::Text, text};

/// Returns the sentence for the cause of a failure.
pub(crate) fn of(error: &(dyn Error + 'static)) -> Text {
    let known = chain(error).find_map(|error| match refusal(error).and_then(kind) {
        Some(id) => Some(Text::new(id)),
        None => ours::sentence(error),
    });
    known.unwrap_or_else(|| technical(&words(error)))
}

/// Returns whether the system refused for want of rights.
pub(crate) fn lacks_rights(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|error| refusal(error) == Some(io::ErrorKind::PermissionDenied))
}

/// Returns a cause in the words of the library, said to be that.
pub(crate) fn technical(words: &str) -> Text {
    // Some libraries speak in several lines; a cause is one.
    text!("fail-cause", said = words.lines().map(str::trim).collect::<Vec<_>>().join(" "))
}

/// Returns what the library says of an error and of what caused it, each once.
pub(crate) fn words(error: &(dyn Error + 'static)) -> String {
    chain(error).fold(String::new(), |said, error| {
        let more = error.to_string();
        match said.as_str() {
            "" => more,
            // Most errors name their cause themselves.
            _ if said.contains(&more) => said,
            _ => format!("{said}: {more}"),
        }
    })
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
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
const fn kind(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::NotFound => "cause-not-found",
        io::ErrorKind::PermissionDenied => "cause-rights",
        io::ErrorKind::ReadOnlyFilesystem => "cause-read-only",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "cause-full",
        io::ErrorKind::FileTooLarge => "cause-too-large",
        io::ErrorKind::IsADirectory => "cause-directory",
        io::ErrorKind::NotSeekable => "cause-not-a-file",
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
    use ledger::{audit::AnchorError, backup::BackupError, segments::SegmentsError};
    use node::{
        client::ClientError,
        network::{AddressError, DialFailure, RequestFailure},
        socket::SocketError,
    };
    use proto::{codec::CodecError, ids::IdError, keys::KeyError, wire::InvitationError};

    use super::{of, words};
    use crate::{card_file::CardFileError, language::Lang, sealed::SealError};

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
        let said = Lang::Fr.say(&of(&odd));
        assert!(said.contains("the moon is in the way") && said.contains("en anglais"), "{said}");
    }

    #[test]
    fn the_words_of_a_library_are_said_once() {
        let failure = Failure::Io { kind: io::ErrorKind::StorageFull, errno: Some(28) };
        let disk = DiskError { operation: Operation::Write, file: "log/0".into(), failure };
        assert_eq!(words(&disk), "Write of \"log/0\": no storage space (errno Some(28))");
    }

    #[test]
    fn slips_of_the_pen_and_nodes_that_are_away_are_said_in_the_readers_language() {
        let away = || DialFailure::Unreachable;
        for (error, french) in [
            (&IdError::Mistyped as &(dyn Error + 'static), "mal recopié"),
            (&IdError::Length, "mal recopié"),
            (&InvitationError::Text(IdError::Mistyped), "mal recopié"),
            (&IdError::OtherSort("pinv"), "autre sorte"),
            (&away(), "Aucun nœud"),
            (&DialFailure::Limit, "Trop de demandes"),
            (&DialFailure::Blocked, "bloqué"),
            (&ClientError::Unreachable(away()), "Aucun nœud"),
            (&CardFileError::NotACard, "pirate-card/1"),
            (&CardFileError::Damaged, "coupée"),
            (&AddressError::NoPort, "hôte:port"),
            (&DialFailure::Address(AddressError::Empty), "hôte:port"),
            (&RequestFailure::Timeout, "à temps"),
            (&SocketError::Closed, "coupée"),
            (&CodecError::Version("card"), "autre version"),
            (&CodecError::Malformed("card"), "abîmé"),
            (&KeyError::Signature, "signature"),
            (&AnchorError::Cite { line: 3 }, "Ligne 3"),
            (&SegmentsError::Damaged { index: 7 }, "écriture 7"),
            (&BackupError::NotABackup, "autre version"),
            (&SealError::Exists, "déjà pris"),
            (&SealError::Io(io::ErrorKind::StorageFull.into()), "plein"),
        ] {
            let said = Lang::Fr.say(&of(error));
            assert!(said.contains(french), "{error}: {said}");
        }
    }
}
