//! Requests and answers: whose turn it is, who waits, and why there is no answer.
//! It never reads a frame and never asks twice by itself.

use std::io;
use std::time::Instant;

use libp2p::PeerId;
use libp2p::request_response::{self, InboundFailure, InboundRequestId, Message, OutboundFailure};

use super::actor::{Actor, ResponseChannel};
use super::limits;
use super::{Event, PeerKey, ReplyTo, RequestFailure};

impl Actor {
    pub(super) fn request(&mut self, key: &PeerKey, frame: Vec<u8>, token: u64) {
        let id = key.peer_id();
        let Some((id, peer)) = id.and_then(|id| self.peers.get_mut(&id).map(|peer| (id, peer)))
        else {
            return self.request_failed(token, RequestFailure::NotConnected);
        };
        if too_long(&frame) {
            return self.request_failed(token, RequestFailure::TooLong);
        }
        if peer.waiting.len() >= limits::WAITING_PER_PEER_MAX {
            return self.request_failed(token, RequestFailure::TooMany);
        }
        peer.waiting.push_back((token, frame));
        self.send_waiting(id);
    }

    /// Sends as many waiting requests as an honest peer answers at a time.
    pub(super) fn send_waiting(&mut self, id: PeerId) {
        let mut under_way = self.sent.values().filter(|(peer, _)| *peer == id).count();
        while under_way < limits::OUTBOUND_PER_PEER_MAX
            && let Some(peer) = self.peers.get_mut(&id)
            && let Some((token, frame)) = peer.waiting.pop_front()
        {
            let request = self.swarm.behaviour_mut().exchange.send_request(&id, frame);
            self.sent.insert(request, (id, token));
            self.swarm.behaviour_mut().gate.spoke(&id);
            under_way += 1;
        }
    }

    pub(super) fn request_failed(&mut self, token: u64, why: RequestFailure) {
        self.backlog.push_back(Event::RequestFailed { token, why });
    }

    pub(super) fn respond(&mut self, ReplyTo(reply): ReplyTo, frame: Vec<u8>) {
        let Some((peer, _, channel)) = self.asked.remove(&reply) else {
            return;
        };
        self.swarm.behaviour_mut().gate.spoke(&peer);
        if too_long(&frame) {
            // Dropping the channel closes the stream: the peer sees a refusal.
            tracing::error!(bytes = frame.len(), "an answer above the limit was not sent");
        } else if self.swarm.behaviour_mut().exchange.send_response(channel, frame).is_err() {
            tracing::debug!("an answer came too late");
        }
    }

    pub(super) fn on_exchange(&mut self, event: request_response::Event<Vec<u8>, Vec<u8>>) {
        match event {
            request_response::Event::Message { peer, message, .. } => match message {
                Message::Request { request_id, request, channel } => {
                    self.on_request(peer, request_id, request, channel);
                }
                Message::Response { request_id, response } => {
                    self.swarm.behaviour_mut().gate.spoke(&peer);
                    if let Some((_, token)) = self.sent.remove(&request_id) {
                        self.backlog.push_back(Event::Response { token, frame: response });
                    }
                    self.send_waiting(peer);
                }
            },
            request_response::Event::OutboundFailure { peer, request_id, error, .. } => {
                if let Some((_, token)) = self.sent.remove(&request_id) {
                    self.request_failed(token, request_failure(&error));
                }
                self.send_waiting(peer);
            }
            request_response::Event::InboundFailure { peer, request_id, error, .. } => {
                // Longer than it may be, or with something behind it: what the codec refuses.
                if matches!(&error, InboundFailure::Io(error) if error.kind() == io::ErrorKind::InvalidData)
                {
                    let now = Instant::now();
                    self.meter.usage.said(&peer, now);
                    self.meter.usage.was_wrong(&peer, now);
                }
                self.asked.retain(|_, (_, id, _)| *id != request_id);
            }
            request_response::Event::ResponseSent { .. } => {}
        }
    }

    fn on_request(
        &mut self,
        id: PeerId,
        request: InboundRequestId,
        frame: Vec<u8>,
        channel: ResponseChannel,
    ) {
        let now = Instant::now();
        self.meter.cost(&id, limits::MESSAGE_COST_BYTES, now);
        self.meter.usage.said(&id, now);
        let Some(peer) = self.peers.get(&id).map(|peer| peer.key) else {
            return;
        };
        let at_work = self.asked.values().filter(|(asker, _, _)| *asker == id).count();
        if at_work >= limits::INBOUND_PER_PEER_MAX {
            // Dropping the channel closes the stream.
            tracing::debug!(%peer, "a request above the limit was closed");
            return;
        }
        self.swarm.behaviour_mut().gate.spoke(&id);
        let reply = self.next_reply;
        self.next_reply += 1;
        self.asked.insert(reply, (id, request, channel));
        self.backlog.push_back(Event::Request { peer, frame, reply_to: ReplyTo(reply) });
    }
}

fn too_long(frame: &[u8]) -> bool {
    u32::try_from(frame.len()).map_or(true, |length| length > limits::FRAME_BYTES_MAX)
}

fn request_failure(error: &OutboundFailure) -> RequestFailure {
    match error {
        OutboundFailure::DialFailure => RequestFailure::NotConnected,
        OutboundFailure::Timeout => RequestFailure::Timeout,
        OutboundFailure::ConnectionClosed => RequestFailure::Disconnected,
        OutboundFailure::UnsupportedProtocols => RequestFailure::Unsupported,
        OutboundFailure::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            RequestFailure::Malformed
        }
        OutboundFailure::Io(_) => RequestFailure::Refused,
    }
}
