//! Exit codes: what scripts and service managers read. Stable; a number never changes its meaning.
//! Nothing here prints or ends the process.

/// How a command ended, as the number that the shell sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Done, or nothing to do, or verified and witnessed.
    Done,
    /// Failed for a reason without a number of its own; a `P…` code stands on stderr.
    Failed,
    /// Wrong usage: unknown command, flag or value.
    Usage,
    /// `node run` only: please start me again.
    Restart,
    /// Refused by a rule (limit, expired card, missing quorum). The service manager reads the same
    /// number from `node run` as "start me again, upgraded".
    Refused,
    /// The command needs an answer and nobody could give it, or the answer was no.
    NeedsAnswer,
    /// There is no such thing.
    NotFound,
    /// Verified, but not by enough witnesses.
    FewWitnesses,
    /// Witnessed, but by a minority of the known witnesses.
    MinorityOfWitnesses,
    /// Consistent, but nothing was given to anchor it.
    Unanchored,
    /// Two signed histories of one log.
    TwoHistories,
    /// Invalid: a signature, the chain or a rule does not hold.
    Invalid,
    /// The node cannot be reached (`EX_UNAVAILABLE` of BSD sysexits).
    Unreachable,
    /// Try again later (`EX_TEMPFAIL`).
    TryLater,
    /// The key is locked, or rights are missing (`EX_NOPERM`).
    Locked,
    /// Settings are wrong (`EX_CONFIG`).
    Settings,
    /// Ended by Ctrl-C (shell convention: 128 + SIGINT).
    Interrupted,
    /// Ended by SIGTERM (shell convention: 128 + SIGTERM).
    Terminated,
}

impl Exit {
    /// Returns the number that the shell sees.
    pub const fn code(self) -> i32 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Restart => 3,
            Self::Refused => 4,
            Self::NeedsAnswer => 5,
            Self::NotFound => 6,
            Self::FewWitnesses => 10,
            Self::MinorityOfWitnesses => 11,
            Self::Unanchored => 20,
            Self::TwoHistories => 30,
            Self::Invalid => 40,
            Self::Unreachable => 69,
            Self::TryLater => 75,
            Self::Locked => 77,
            Self::Settings => 78,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Returns the exit of an audit's verdict (0, 10, 11, 20, 30, 40), or `None` for another number.
    pub const fn of_verdict(verdict: u8) -> Option<Self> {
        match verdict {
            0 => Some(Self::Done),
            10 => Some(Self::FewWitnesses),
            11 => Some(Self::MinorityOfWitnesses),
            20 => Some(Self::Unanchored),
            30 => Some(Self::TwoHistories),
            40 => Some(Self::Invalid),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn verdicts_exit_with_their_own_number() {
        for verdict in 0..=u8::MAX {
            match Exit::of_verdict(verdict) {
                Some(exit) => assert_eq!(exit.code(), i32::from(verdict)),
                None => assert!(![0, 10, 11, 20, 30, 40].contains(&verdict)),
            }
        }
    }
}
