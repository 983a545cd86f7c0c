//! Whole shells over loopback: they meet, ask, answer and gossip.
//! Nothing here sleeps: every step waits for an event, and time is only the bound of failure.

mod blocked;
mod calls;
mod crowds;
mod hostile;

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::timeout;

use super::ally::Pace;
use super::limits::FRAME_BYTES_MAX;
use super::*;

/// Far more than any step takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

const NETWORK: [u8; 32] = [0xc1; 32];

/// Quick enough for a test, slow enough to tell a pause from none.
const HURRIED: Pace = Pace {
    redial_first: Duration::from_millis(20),
    redial_last: Duration::from_millis(200),
    idle: Duration::from_secs(60),
    handshake: Duration::from_secs(10),
    quiet: Duration::from_secs(10),
};

struct Node {
    network: Network,
    address: String,
    /// Events that nobody waited for yet.
    seen: VecDeque<Event>,
}

impl Node {
    async fn start(seed: u8) -> Self {
        Self::start_with(seed, NETWORK, "127.0.0.1:0", HURRIED).await
    }

    async fn start_with(seed: u8, network: [u8; 32], listen: &str, pace: Pace) -> Self {
        let settings =
            Settings { seed: [seed; 32].into(), network, listen: vec![listen.into()], mdns: false };
        let network = actor::start(settings, pace).expect("loopback can be listened on");
        let mut node = Self { network, address: String::new(), seen: VecDeque::new() };
        node.address = node
            .until(|event| match event {
                Event::Listening { address } => Some(address.clone()),
                _ => None,
            })
            .await;
        node
    }

    fn me(&self) -> PeerKey {
        self.network.me
    }

    async fn tell(&self, command: Command) {
        self.network.commands.send(command).await.expect("the shell runs");
    }

    async fn dial(&self, address: &str) {
        self.tell(Command::Dial { addresses: vec![address.into()] }).await;
    }

    async fn ask(&self, peer: PeerKey, frame: &[u8], token: u64) {
        self.tell(Command::Request { peer, frame: frame.into(), token }).await;
    }

    async fn set_peers(&self, peers: &[(PeerKey, &str)]) {
        let peers = peers.iter().map(|(key, at)| (*key, vec![(*at).to_owned()])).collect();
        self.tell(Command::SetPeers { peers }).await;
    }

    /// Returns what `pick` finds in the first event that suits it, be it past or to come.
    async fn until<T>(&mut self, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        for position in 0..self.seen.len() {
            if let Some(found) = self.seen.get(position).and_then(&mut pick) {
                self.seen.remove(position);
                return found;
            }
        }
        loop {
            let event = timeout(PATIENCE, self.network.events.recv()).await;
            let event = event.unwrap_or_else(|_| panic!("no such event, only {:?}", self.seen));
            let event = event.expect("the shell runs");
            match pick(&event) {
                Some(found) => return found,
                None => self.seen.push_back(event),
            }
        }
    }

    async fn until_event(&mut self, wanted: Event) {
        self.until(|event| (*event == wanted).then_some(())).await;
    }

    async fn until_request(&mut self) -> (PeerKey, Vec<u8>, ReplyTo) {
        self.until(|event| match event {
            Event::Request { peer, frame, reply_to } => Some((*peer, frame.clone(), *reply_to)),
            _ => None,
        })
        .await
    }

    async fn until_gossip(&mut self) -> (PeerKey, MessageId, Vec<u8>) {
        self.until(|event| match event {
            Event::Gossip { peer, id, frame } => Some((*peer, *id, frame.clone())),
            _ => None,
        })
        .await
    }

    async fn until_dial_failed(&mut self) -> DialFailure {
        self.until(|event| match event {
            Event::DialFailed { why, .. } => Some(*why),
            _ => None,
        })
        .await
    }
}

/// Returns two connected nodes; the first one called.
async fn pair() -> (Node, Node) {
    let (mut a, mut b) = (Node::start(1).await, Node::start(2).await);
    a.dial(&b.address).await;
    a.until_event(Event::Connected { peer: b.me() }).await;
    b.until_event(Event::Connected { peer: a.me() }).await;
    (a, b)
}

#[tokio::test]
async fn both_sides_ask_and_answer() {
    let (mut a, mut b) = pair().await;
    let longest = vec![0x5a; usize::try_from(FRAME_BYTES_MAX).expect("fits in memory")];
    a.ask(b.me(), &longest, 7).await;
    let (peer, frame, reply_to) = b.until_request().await;
    assert_eq!(peer, a.me());
    assert_eq!(frame, longest);
    b.tell(Command::Respond { reply_to, frame: longest.clone() }).await;
    a.until_event(Event::Response { token: 7, frame: longest }).await;

    b.ask(a.me(), b"", 8).await;
    let (peer, frame, reply_to) = a.until_request().await;
    assert_eq!((peer, frame), (b.me(), Vec::new()));
    a.tell(Command::Respond { reply_to, frame: b"late but here".to_vec() }).await;
    b.until_event(Event::Response { token: 8, frame: b"late but here".to_vec() }).await;
}

#[tokio::test]
async fn gossip_passes_on_only_what_was_accepted() {
    let (mut a, mut b) = pair().await;
    let mut c = Node::start(3).await;
    // A and B are allies, C is a stranger to B: both ways of passing on are used.
    a.set_peers(&[(b.me(), &b.address)]).await;
    b.set_peers(&[(a.me(), &a.address)]).await;
    c.dial(&b.address).await;
    a.until_event(Event::Subscribed { peer: b.me() }).await;
    b.until_event(Event::Subscribed { peer: c.me() }).await;
    c.until_event(Event::Subscribed { peer: b.me() }).await;

    let verdicts = [Verdict::Accept, Verdict::Reject, Verdict::Ignore, Verdict::Accept];
    for (number, verdict) in (0_u8..).zip(verdicts) {
        let frame = vec![number; 100];
        a.tell(Command::Publish { frame: frame.clone() }).await;
        let (peer, id, heard) = b.until_gossip().await;
        assert_eq!((peer, &heard), (a.me(), &frame));
        let digest = proto::hash::digest(proto::hash::Use::Gossip, &[&frame]);
        assert_eq!(&id.0, digest.as_bytes(), "the id is the digest of the bytes");
        b.tell(Command::Judge { id, peer, verdict }).await;
    }
    // Messages travel in order, so a rejected one would have come between these two.
    for number in [0, 3] {
        let (peer, id, heard) = c.until_gossip().await;
        assert_eq!((peer, heard), (b.me(), vec![number; 100]));
        c.tell(Command::Judge { id, peer, verdict: Verdict::Accept }).await;
    }
    // The other direction: from the stranger through B to its ally.
    c.tell(Command::Publish { frame: b"from c".to_vec() }).await;
    let (peer, id, _) = b.until_gossip().await;
    assert_eq!(peer, c.me());
    b.tell(Command::Judge { id, peer, verdict: Verdict::Accept }).await;
    let (peer, _, heard) = a.until_gossip().await;
    assert_eq!((peer, heard), (b.me(), b"from c".to_vec()));
}

#[tokio::test]
async fn own_frames_above_the_limit_are_not_sent() {
    let (mut a, mut b) = pair().await;
    let too_long = vec![0; usize::try_from(FRAME_BYTES_MAX).expect("fits in memory") + 1];
    a.ask(b.me(), &too_long, 1).await;
    a.until_event(Event::RequestFailed { token: 1, why: RequestFailure::TooLong }).await;
    // An answer above the limit is a refusal to the one who asked.
    a.ask(b.me(), b"question", 2).await;
    let (_, _, reply_to) = b.until_request().await;
    b.tell(Command::Respond { reply_to, frame: too_long }).await;
    a.until_event(Event::RequestFailed { token: 2, why: RequestFailure::Refused }).await;
    // And nobody who is not connected is asked.
    a.ask(PeerKey::from_seed(&[9; 32]), b"question", 3).await;
    a.until_event(Event::RequestFailed { token: 3, why: RequestFailure::NotConnected }).await;
    a.ask(PeerKey([0xff; 32]), b"question", 4).await;
    a.until_event(Event::RequestFailed { token: 4, why: RequestFailure::NotConnected }).await;
}

#[tokio::test]
async fn own_requests_take_their_turn_and_a_flood_fails_at_once() {
    let (mut a, mut b) = pair().await;
    let places = limits::OUTBOUND_PER_PEER_MAX + limits::WAITING_PER_PEER_MAX;
    let all = u64::try_from(places).expect("a small number");
    for token in 0..all + 3 {
        a.ask(b.me(), &token.to_le_bytes(), token).await;
    }
    for token in all..all + 3 {
        a.until_event(Event::RequestFailed { token, why: RequestFailure::TooMany }).await;
    }
    for _ in 0..all {
        let (_, frame, reply_to) = b.until_request().await;
        b.tell(Command::Respond { reply_to, frame }).await;
    }
    for token in 0..all {
        a.until_event(Event::Response { token, frame: token.to_le_bytes().to_vec() }).await;
    }
}
