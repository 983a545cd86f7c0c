//! What a member asks for itself, with an answer to the challenge of the node: nobody else can ask it, not even again.

use serde::{Deserialize, Serialize};

use crate::{
    codec::Canonical,
    ids::{CiteId, MemberId, NetworkId, OrderId, RequestId},
    keys::{Purpose, Signature, SigningKey},
    time::UtcDay,
};

/// A private query, answered for the member who signed it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Query {
    /// Own account.
    Account,
    /// Movements of the own account, newest last, at most [`PAGE_MAX`](super::PAGE_MAX). The balances are the reader's to sum up:
    /// a home would have to read all that moved before.
    History {
        /// First leaf wanted: the one behind the last that is known.
        from: u64,
    },
    /// Requests received and sent.
    Requests,
    /// Decline a request received.
    Decline {
        /// The request.
        request: RequestId,
        /// Why, at most [`Body::TEXT_MAX`](crate::body::Body::TEXT_MAX) bytes, plain.
        reason: String,
    },
    /// The own admission with its path and certificate.
    Card,
    /// Members, from number `from` on. Stewards.
    Members {
        /// First number.
        from: u32,
    },
    /// Make an invitation. Stewards.
    Invite {
        /// Last day of the invitation.
        until: UtcDay,
        /// How many persons may use it.
        uses: u16,
    },
    /// Who asked to be admitted. Stewards.
    Applications,
    /// Acts that wait for approvals. Stewards.
    Acts,
    /// What became of a submitted order.
    Order(OrderId),
    /// Remove the application of somebody who is not admitted. Stewards.
    DeclineApplication {
        /// Who applied.
        member: MemberId,
    },
    /// Erase what a member wrote, and the name, for good. Stewards.
    Erase {
        /// Who.
        member: MemberId,
    },
    /// How far the erasure of a member has come, or whom it would concern. Stewards.
    Erasure {
        /// Who.
        member: MemberId,
    },
    /// The short form of the own card, for the device that asks.
    ShortCard,
}

/// A query with the answer to a challenge.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedQuery {
    /// Who asks.
    pub member: MemberId,
    /// Number of the member's key set.
    pub epoch: u32,
    /// The member's device.
    pub lane: u16,
    /// The challenge, as the node gave it.
    pub challenge: [u8; 32],
    /// What is asked.
    pub query: Query,
    /// Signature over [`SignedQuery::payload`].
    pub signature: Signature,
}

impl SignedQuery {
    /// Returns what a member's device signs: home, challenge, who, and the query.
    pub fn payload(
        home: &CiteId,
        challenge: &[u8; 32],
        member: &MemberId,
        query: &Query,
    ) -> Vec<u8> {
        let mut bytes = home.as_bytes().to_vec();
        bytes.extend_from_slice(challenge);
        bytes.extend_from_slice(member.as_bytes());
        bytes.extend_from_slice(&query.encode());
        bytes
    }

    /// Signs a query.
    pub fn sign(
        network: &NetworkId,
        home: &CiteId,
        member: MemberId,
        device: (u32, u16),
        challenge: [u8; 32],
        query: Query,
        key: &SigningKey,
    ) -> Self {
        let payload = Self::payload(home, &challenge, &member, &query);
        let signature = key.sign(Purpose::Desk, network, &payload);
        let (epoch, lane) = device;
        Self { member, epoch, lane, challenge, query, signature }
    }
}
