//! What our own crates refuse, in words of people: a slip of the pen, a node that is away, a file of another
//! sort. What only a programmer can act on has no sentence here.

use std::error::Error;

use ledger::{
    audit::AnchorError, backup::BackupError, bundle::BundleError, card::CardError,
    evidence::EvidenceError, proof::ProofError, segments::SegmentsError,
};
use node::{
    client::ClientError,
    config::ConfigError,
    keyfile::KeyFileError,
    network::{AddressError, DialFailure, RequestFailure},
    socket::SocketError,
};
use proto::{
    certificate::CertificateError, codec::CodecError, ids::IdError, keys::KeyError,
    wire::InvitationError,
};

use crate::{
    card_file::CardFileError,
    language::Text,
    mailed::MailedError,
    qr::photo::{PIXELS_MAX, PhotoError},
    sealed::SealError,
    text,
};

/// Returns the sentence for an error of one of our crates, where it has one.
pub(super) fn sentence(error: &(dyn Error + 'static)) -> Option<Text> {
    macro_rules! first {
        ($($sort:ty => $say:expr),* $(,)?) => {
            $(if let Some(error) = error.downcast_ref::<$sort>() { return $say(error); })*
        };
    }
    first! {
        ClientError => call,
        DialFailure => dial,
        RequestFailure => request,
        SocketError => socket,
        AddressError => address,
        InvitationError => |error: &InvitationError| match error {
            InvitationError::Text(why) => typed(why),
            InvitationError::Codec(why) => form(why),
        },
        IdError => typed,
        CodecError => form,
        CardFileError => |error: &CardFileError| Some(match error {
            CardFileError::NotACard => text!("cause-no-card"),
            CardFileError::Damaged => text!("cause-card-changed"),
        }),
        PhotoError => |error: &PhotoError| Some(match error {
            PhotoError::Format => text!("cause-photo-format"),
            PhotoError::TooLarge { .. } => text!("cause-photo-large", most = PIXELS_MAX / 1_000_000),
            PhotoError::Damaged => text!("cause-photo-damaged"),
            PhotoError::NoCode | PhotoError::TooSlow => text!("cause-photo-code"),
        }),
        MailedError => |_: &MailedError| Some(text!("cause-proof-changed")),
        EvidenceError => |_: &EvidenceError| Some(text!("cause-proof-accuses-nobody")),
        CardError => card,
        ProofError => |_: &ProofError| proof(),
        CertificateError => |_: &CertificateError| proof(),
        KeyError => |_: &KeyError| proof(),
        AnchorError => anchor,
        BundleError => bundle,
        BackupError => backup,
        SegmentsError => segments,
        SealError => seal,
        KeyFileError => keys,
        ConfigError => settings,
    }
    None
}

fn call(error: &ClientError) -> Option<Text> {
    match error {
        ClientError::NotRunning { .. } => Some(text!("cause-nobody")),
        ClientError::Unreachable(why) => dial(why),
        ClientError::Timeout => Some(text!("cause-late")),
        ClientError::Busy => Some(text!("cause-busy")),
        ClientError::Request(why) => request(why),
        ClientError::NotAReply(why) => form(why),
        ClientError::Socket(why) => socket(why),
        _ => None,
    }
}

fn dial(error: &DialFailure) -> Option<Text> {
    match error {
        DialFailure::Address(why) => address(why),
        DialFailure::WrongPeer(_) => Some(text!("cause-other-node")),
        DialFailure::Limit => Some(text!("cause-busy")),
        DialFailure::Blocked => Some(text!("cause-blocked")),
        DialFailure::Unreachable => Some(text!("cause-no-node")),
        DialFailure::BadKey | DialFailure::Itself => None,
    }
}

fn request(error: &RequestFailure) -> Option<Text> {
    Some(match error {
        RequestFailure::NotConnected | RequestFailure::Disconnected | RequestFailure::Refused => {
            text!("cause-cut")
        }
        RequestFailure::TooMany => text!("cause-busy"),
        RequestFailure::Timeout => text!("cause-late"),
        RequestFailure::Unsupported | RequestFailure::Malformed => text!("cause-version"),
        RequestFailure::TooLong => return None,
    })
}

fn socket(error: &SocketError) -> Option<Text> {
    Some(match error {
        SocketError::BadPath { .. } | SocketError::NotASocket { .. } => text!("cause-no-socket"),
        SocketError::NameTooLong { .. } => text!("cause-socket-long"),
        SocketError::Running { .. } => text!("cause-in-use"),
        SocketError::NotRunning { .. } => text!("cause-nobody"),
        SocketError::Timeout => text!("cause-late"),
        SocketError::Closed => text!("cause-cut"),
        // The system's own refusal is the next link of the chain.
        SocketError::TooLong | SocketError::Io { .. } => return None,
    })
}

fn address(error: &AddressError) -> Option<Text> {
    Some(match error {
        AddressError::NoPort | AddressError::BadPort => text!("cause-address-port"),
        AddressError::NotTcp => text!("cause-address-tcp"),
        _ => text!("cause-address-form"),
    })
}

fn typed(error: &IdError) -> Option<Text> {
    Some(match error {
        IdError::Mistyped | IdError::Length => text!("cause-mistyped"),
        IdError::OtherSort(_) => text!("cause-other-sort"),
    })
}

fn form(error: &CodecError) -> Option<Text> {
    Some(match error {
        CodecError::Version(_) | CodecError::Kind { .. } => text!("cause-version"),
        _ => text!("cause-form"),
    })
}

fn card(error: &CardError) -> Option<Text> {
    match error {
        CardError::Codec(why) => form(why),
        _ => proof(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of a row of functions of one form")]
fn proof() -> Option<Text> {
    Some(text!("cause-proof"))
}

fn anchor(error: &AnchorError) -> Option<Text> {
    Some(match error {
        AnchorError::Line { line } => text!("cause-anchor-line", line = *line),
        AnchorError::Cite { line } => text!("cause-anchor-cite", line = *line),
        AnchorError::Key { line } => text!("cause-anchor-key", line = *line),
        AnchorError::Empty => text!("cause-anchor-empty"),
        AnchorError::TooLong => return None,
    })
}

fn bundle(error: &BundleError) -> Option<Text> {
    match error {
        BundleError::Io(kind) => super::kind(*kind).map(Text::new),
        BundleError::Digest => Some(text!("cause-changed")),
        BundleError::NotABundle => Some(text!("cause-version")),
        BundleError::Section { .. } => Some(text!("cause-form")),
    }
}

fn backup(error: &BackupError) -> Option<Text> {
    match error {
        BackupError::NotABackup => Some(text!("cause-version")),
        BackupError::Digest => Some(text!("cause-changed")),
        BackupError::Front(why) => form(why),
        BackupError::Bundle(why) => bundle(why),
        BackupError::Founding(_) | BackupError::Root { .. } => proof(),
        BackupError::OtherLog => Some(text!("cause-other-log")),
        BackupError::Segments(why) => segments(why),
        // The system's own refusal is the next link of the chain.
        BackupError::Io(_) | BackupError::Disk(_) | BackupError::Notes(_) => None,
    }
}

fn segments(error: &SegmentsError) -> Option<Text> {
    match error {
        SegmentsError::Damaged { index } => Some(text!("cause-record", index = *index)),
        SegmentsError::Foreign { .. } => Some(text!("cause-other-log")),
        SegmentsError::NoLog => Some(text!("cause-not-found")),
        SegmentsError::AlreadyThere => Some(text!("cause-exists")),
        _ => None,
    }
}

fn seal(error: &SealError) -> Option<Text> {
    Some(match error {
        SealError::Exists => text!("cause-exists"),
        SealError::Absent => text!("cause-not-found"),
        SealError::Open(_) => text!("cause-open"),
        SealError::Passphrase => text!("wrong-passphrase"),
        SealError::Damaged => text!("cause-form"),
        SealError::Io(error) => return super::kind(error.kind()).map(Text::new),
    })
}

fn keys(error: &KeyFileError) -> Option<Text> {
    Some(match error {
        KeyFileError::Missing { .. } => text!("cause-not-found"),
        KeyFileError::AlreadyThere { .. } => text!("cause-exists"),
        KeyFileError::TooWide { .. } => text!("cause-open"),
        KeyFileError::NotOurs { .. } => text!("cause-rights"),
        KeyFileError::Malformed { line, .. } => text!("cause-line", line = *line),
        KeyFileError::Chance(_) => text!("no-chance"),
        KeyFileError::Io { .. } => return None,
    })
}

fn settings(error: &ConfigError) -> Option<Text> {
    Some(match error {
        ConfigError::Form { path, line, source, .. } => {
            // The words of the parser are English, and kept for programs and for `-v`.
            match source.message().split('`').nth(1) {
                Some(name) if source.message().starts_with("unknown field") => {
                    text!("cause-settings-unknown", path = path, line = *line, name = name)
                }
                _ => text!("cause-settings", path = path, line = *line),
            }
        }
        ConfigError::Address { path, line, .. } => {
            text!("cause-settings-address", path = path, line = *line)
        }
        ConfigError::Key { path, line } => {
            text!("cause-settings-key", path = path, line = *line)
        }
        ConfigError::AnnounceTooLong { path, line } | ConfigError::TooMany { path, line, .. } => {
            text!("cause-settings-much", path = path, line = *line)
        }
        ConfigError::Read { .. } | ConfigError::TooLong { .. } => return None,
    })
}
