//! Frames on a stream of the exchange: a length, the bytes, the end of the stream.
//! It never interprets the bytes and never makes room for bytes that have not arrived.

use std::io;

use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use libp2p::{StreamProtocol, request_response};

use super::limits::FRAME_BYTES_MAX;

/// Reads and writes frames of at most [`FRAME_BYTES_MAX`] bytes, requests and answers alike:
/// `u32` little endian, then that many bytes, then the end of the stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameCodec;

impl request_response::Codec for FrameCodec {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io).await
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        frame: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &frame).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        frame: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &frame).await
    }
}

/// Returns the one frame of `io`. Errors: `InvalidData` for a length above the limit (before any
/// byte of the body is read) or for bytes after the frame, `UnexpectedEof` for a cut frame.
async fn read<T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    io.read_exact(&mut length).await?;
    let length = bounded(u32::from_le_bytes(length)).ok_or(io::ErrorKind::InvalidData)?;
    // The limit of `take` is one byte more than announced: so bytes after the frame show up here,
    // and the frame ends only with the stream. `read_to_end` grows with what has arrived.
    let mut frame = Vec::new();
    let taken = io.take(u64::from(length) + 1).read_to_end(&mut frame).await?;
    match u32::try_from(taken) {
        Ok(taken) if taken == length => Ok(frame),
        Ok(taken) if taken < length => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Writes one frame; the caller closes the stream after it. Error: `InvalidInput` above the limit.
async fn write<T: AsyncWrite + Unpin + Send>(io: &mut T, frame: &[u8]) -> io::Result<()> {
    let length = u32::try_from(frame.len()).ok().and_then(bounded);
    let length = length.ok_or(io::ErrorKind::InvalidInput)?;
    io.write_all(&length.to_le_bytes()).await?;
    io.write_all(frame).await
}

/// Returns the length if a frame may have it, read or written.
fn bounded(length: u32) -> Option<u32> {
    (length <= FRAME_BYTES_MAX).then_some(length)
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use futures::executor::block_on;
    use futures::io::Cursor;

    use super::*;

    fn written(frame: &[u8]) -> Vec<u8> {
        let mut io = Cursor::new(Vec::new());
        block_on(write(&mut io, frame)).expect("the frame is within the limit");
        io.into_inner()
    }

    fn read_all(bytes: &[u8]) -> io::Result<Vec<u8>> {
        block_on(read(&mut Cursor::new(bytes)))
    }

    /// Announces a body, then serves zeroes until `left` is used up, counting what was asked for.
    struct Zeroes {
        left: usize,
        largest_read: usize,
    }

    impl AsyncRead for Zeroes {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            self.largest_read = self.largest_read.max(buffer.len());
            let count = buffer.len().min(self.left);
            self.left -= count;
            buffer.iter_mut().take(count).for_each(|byte| *byte = 0);
            Poll::Ready(Ok(count))
        }
    }

    #[test]
    fn frames_up_to_the_limit_come_back() {
        let most = usize::try_from(FRAME_BYTES_MAX).expect("a frame fits in memory");
        for length in [0, 1, 255, 65_536, most] {
            let frame = vec![0xa5; length];
            assert_eq!(read_all(&written(&frame)).expect("what was written reads"), frame);
        }
        let refused = block_on(write(&mut Cursor::new(Vec::new()), &vec![0; most + 1]));
        assert_eq!(refused.expect_err("one byte too many").kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_long_length_is_refused_before_the_body() {
        for length in [FRAME_BYTES_MAX + 1, u32::MAX] {
            let mut cursor = Cursor::new(length.to_le_bytes().to_vec());
            let error = block_on(read(&mut cursor)).expect_err("the length is above the limit");
            // Had it tried to read the body, the error would be about the end of the stream.
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn every_cut_and_every_extra_byte_is_an_error() {
        let whole = written(b"four hours of gardening");
        for cut in 0..whole.len() {
            let error = read_all(whole.get(..cut).expect("a prefix")).expect_err("a cut frame");
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "cut at {cut}");
        }
        let mut longer = whole;
        longer.push(0);
        let error = read_all(&longer).expect_err("a byte after the frame");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn memory_follows_what_arrived_and_not_what_was_announced() {
        let mut zeroes = Zeroes { left: 1_000, largest_read: 0 };
        let mut announced = Cursor::new(FRAME_BYTES_MAX.to_le_bytes()).chain(&mut zeroes);
        let error = block_on(read(&mut announced)).expect_err("the body is cut after 1,000 bytes");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(zeroes.largest_read <= 4_096, "asked for {} bytes at once", zeroes.largest_read);
    }
}
