//! Connections whose reading is metered, and which close in time. Whatever a peer sends passes through its meter and
//! that of its address, before yamux reads it: what nobody may read yet waits in the sender's machine.
//! It never closes a connection by itself and never looks at the bytes.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use futures::{AsyncRead, AsyncWrite};
use libp2p::PeerId;
use libp2p::core::UpgradeInfo;
use libp2p::core::muxing::{StreamMuxer, StreamMuxerBox, StreamMuxerEvent, SubstreamBox};
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade};
use libp2p::yamux;
use tokio::time::Sleep;

use super::limits::{CLOSE_WITHIN, Meter};
use super::places::Prefixes;

/// Yamux over a connection whose reading is metered. The meter sits here because here all protocols meet: exchange,
/// gossip, half-sent requests and pings count alike, and so does what yamux would keep for whoever reads it later.
#[derive(Clone)]
pub(super) struct MeteredYamux {
    pub(super) yamux: yamux::Config,
    pub(super) meter: Meter,
    pub(super) peer: PeerId,
    pub(super) from: Prefixes,
}

impl MeteredYamux {
    fn over<C>(self, inner: C) -> (yamux::Config, MeteredSocket<C>) {
        let Self { yamux, meter, peer, from } = self;
        (yamux, MeteredSocket { inner, meter, peer, from, pause: None })
    }
}

impl UpgradeInfo for MeteredYamux {
    type Info = <yamux::Config as UpgradeInfo>::Info;
    type InfoIter = <yamux::Config as UpgradeInfo>::InfoIter;

    fn protocol_info(&self) -> Self::InfoIter {
        self.yamux.protocol_info()
    }
}

impl<C> InboundConnectionUpgrade<C> for MeteredYamux
where
    C: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    type Output = yamux::Muxer<MeteredSocket<C>>;
    type Error = io::Error;
    type Future = <yamux::Config as InboundConnectionUpgrade<MeteredSocket<C>>>::Future;

    fn upgrade_inbound(self, inner: C, info: Self::Info) -> Self::Future {
        let (yamux, socket) = self.over(inner);
        yamux.upgrade_inbound(socket, info)
    }
}

impl<C> OutboundConnectionUpgrade<C> for MeteredYamux
where
    C: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    type Output = yamux::Muxer<MeteredSocket<C>>;
    type Error = io::Error;
    type Future = <yamux::Config as OutboundConnectionUpgrade<MeteredSocket<C>>>::Future;

    fn upgrade_outbound(self, inner: C, info: Self::Info) -> Self::Future {
        let (yamux, socket) = self.over(inner);
        yamux.upgrade_outbound(socket, info)
    }
}

/// What a peer sends, as fast as its meter lets it.
pub(super) struct MeteredSocket<C> {
    inner: C,
    meter: Meter,
    peer: PeerId,
    from: Prefixes,
    pause: Option<Pin<Box<Sleep>>>,
}

impl<C: AsyncRead + Unpin> AsyncRead for MeteredSocket<C> {
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
            match this.meter.allowance(&this.peer, this.from, Instant::now()) {
                Ok(allowed) => {
                    let (open, _) = buffer.split_at_mut(allowed.min(buffer.len()));
                    let count = ready!(Pin::new(&mut this.inner).poll_read(cx, open))?;
                    let now = Instant::now();
                    this.meter.charge(&this.peer, this.from, count, now);
                    this.meter.usage.read(&this.peer, count, now);
                    return Poll::Ready(Ok(count));
                }
                Err(wait) => this.pause = Some(Box::pin(tokio::time::sleep(wait))),
            }
        }
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for MeteredSocket<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let count = ready!(Pin::new(&mut this.inner).poll_write(cx, buffer))?;
        this.meter.usage.wrote(&this.peer, count, Instant::now());
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

/// One peer's connection, which is closed in time whether or not the peer reads.
pub(super) struct ClosedInTime {
    inner: StreamMuxerBox,
    /// When closing it must be done; set when that begins.
    closed_by: Option<Pin<Box<Sleep>>>,
}

impl ClosedInTime {
    pub(super) fn new(inner: StreamMuxerBox) -> Self {
        Self { inner, closed_by: None }
    }
}

impl StreamMuxer for ClosedInTime {
    type Substream = SubstreamBox;
    type Error = <StreamMuxerBox as StreamMuxer>::Error;

    fn poll_inbound(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<SubstreamBox, Self::Error>> {
        Pin::new(&mut self.inner).poll_inbound(cx)
    }

    fn poll_outbound(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<SubstreamBox, Self::Error>> {
        Pin::new(&mut self.inner).poll_outbound(cx)
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
        let mut metered = ClosedInTime::new(stuck);
        let start = Instant::now();
        let closed = poll_fn(|cx| metered.poll_close_unpin(cx));
        let closed = tokio::time::timeout(CLOSE_WITHIN * 20, closed).await.expect("it ends");
        assert_eq!(closed.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
        assert!(start.elapsed() >= CLOSE_WITHIN, "last words had no time");
    }
}
