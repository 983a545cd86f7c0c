//! Connections whose reading is metered: whatever a peer sends passes through its meter.
//! It never closes a connection by itself and never looks at the bytes.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use futures::{AsyncRead, AsyncWrite};
use libp2p::PeerId;
use libp2p::core::muxing::{StreamMuxer, StreamMuxerBox, StreamMuxerEvent, SubstreamBox};
use tokio::time::Sleep;

use super::limits::{CLOSE_WITHIN, Meter};

/// One peer's connection. The meter sits here because here all protocols meet: exchange, gossip,
/// half-sent requests and pings count alike.
pub(super) struct Metered {
    inner: StreamMuxerBox,
    meter: Meter,
    peer: PeerId,
    /// When closing it must be done; set when that begins.
    closed_by: Option<Pin<Box<Sleep>>>,
}

/// One stream of a metered connection.
pub(super) struct MeteredStream {
    inner: SubstreamBox,
    meter: Meter,
    peer: PeerId,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Metered {
    pub(super) fn new(inner: StreamMuxerBox, meter: Meter, peer: PeerId) -> Self {
        Self { inner, meter, peer, closed_by: None }
    }

    fn stream(&self, inner: SubstreamBox) -> MeteredStream {
        MeteredStream { inner, meter: self.meter.clone(), peer: self.peer, pause: None }
    }
}

impl StreamMuxer for Metered {
    type Substream = MeteredStream;
    type Error = <StreamMuxerBox as StreamMuxer>::Error;

    fn poll_inbound(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<MeteredStream, Self::Error>> {
        let stream = ready!(Pin::new(&mut self.inner).poll_inbound(cx))?;
        Poll::Ready(Ok(self.stream(stream)))
    }

    fn poll_outbound(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<MeteredStream, Self::Error>> {
        let stream = ready!(Pin::new(&mut self.inner).poll_outbound(cx))?;
        Poll::Ready(Ok(self.stream(stream)))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let closed = Pin::new(&mut self.inner).poll_close(cx);
        if closed.is_ready() {
            return closed;
        }
        let closed_by =
            self.closed_by.get_or_insert_with(|| Box::pin(tokio::time::sleep(CLOSE_WITHIN)));
        // Whoever gets this drops the connection, and the system closes the socket.
        closed_by.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<StreamMuxerEvent, Self::Error>> {
        Pin::new(&mut self.inner).poll(cx)
    }
}

impl AsyncRead for MeteredStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        loop {
            if let Some(pause) = &mut this.pause {
                ready!(pause.as_mut().poll(cx));
                this.pause = None;
            }
            match this.meter.allowance(&this.peer, Instant::now()) {
                Ok(allowed) => {
                    let (open, _) = buffer.split_at_mut(allowed.min(buffer.len()));
                    let count = ready!(Pin::new(&mut this.inner).poll_read(cx, open))?;
                    this.meter.charge(&this.peer, count, Instant::now());
                    return Poll::Ready(Ok(count));
                }
                Err(wait) => this.pause = Some(Box::pin(tokio::time::sleep(wait))),
            }
        }
    }
}

impl AsyncWrite for MeteredStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures::future::poll_fn;
    use libp2p::core::muxing::StreamMuxerExt as _;

    use super::*;

    /// A connection whose peer reads nothing, so that the last words never get out.
    struct Stuck;

    impl StreamMuxer for Stuck {
        type Substream = futures::io::Cursor<Vec<u8>>;
        type Error = io::Error;

        fn poll_inbound(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<io::Result<Self::Substream>> {
            Poll::Pending
        }

        fn poll_outbound(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<io::Result<Self::Substream>> {
            Poll::Pending
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<StreamMuxerEvent>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_peer_that_reads_nothing_cannot_keep_a_closing_connection() {
        let stuck = StreamMuxerBox::new(Stuck);
        let mut metered = Metered::new(stuck, Meter::new(), PeerId::random());
        let start = Instant::now();
        let closed = poll_fn(|cx| metered.poll_close_unpin(cx));
        let closed = tokio::time::timeout(CLOSE_WITHIN * 20, closed).await.expect("it ends");
        assert_eq!(closed.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
        assert!(start.elapsed() >= CLOSE_WITHIN, "last words had no time");
    }
}
