//! The texts of the QR codes on a photo: PNG or JPEG, turned, small, noisy or a little out of focus.
//! A photo may come from anybody: its size is looked at before it is unpacked, and reading it has an end.

use std::{io::Cursor, sync::mpsc, thread, time::Duration};

use png::Transformations;
use rqrr::PreparedImage;
use zune_core::{colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

/// Most pixels of a photo: what a telephone makes, with 96 MB at most while it is unpacked.
pub const PIXELS_MAX: u64 = 24_000_000;
/// Longest photo in bytes: a PNG of that many pixels.
pub const BYTES_MAX: u64 = 48 * 1_024 * 1_024;
/// Bytes that the reader of a PNG may take beside the pixels: colour tables and the rest of its head.
const HEAD_BYTES_MAX: usize = 8 * 1_024 * 1_024;
/// How long a photo is looked at. A page full of corners takes for ever; a photo of a card a thousandth of this.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Longest sides at which a code is looked for, the quickest first: a card fills a quarter of a photo, or less.
const SIDES: [usize; 4] = [900, 500, 1_800, 6_000];
/// Longest side of a picture that is also looked at twice as large: modules of a few hard pixels are found only so.
const SMALL: usize = 1_000;

/// Why a photo says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// Neither PNG nor JPEG.
    #[error("neither a PNG nor a JPEG picture")]
    Format,
    /// More pixels than are unpacked.
    #[error("{pixels} pixels, at most {PIXELS_MAX} are read")]
    TooLarge {
        /// Pixels that it says it has.
        pixels: u64,
    },
    /// The picture is cut or damaged.
    #[error("the picture is cut or damaged")]
    Damaged,
    /// No QR code was found, or none that can be read.
    #[error("no QR code can be read on the picture")]
    NoCode,
    /// Looking for one took longer than is waited.
    #[error("no QR code was found within {} seconds", TIME_MAX.as_secs())]
    TooSlow,
}

/// Returns the texts on a photo, at least one.
///
/// # Errors
/// [`PhotoError`].
pub fn texts(photo: Vec<u8>) -> Result<Vec<String>, PhotoError> {
    let (sender, receiver) = mpsc::channel();
    // A thread of its own: whoever draws a picture to keep us busy, or to make a library fall over, gets no further.
    let reading = thread::Builder::new().name("photo".to_owned()).spawn(move || {
        let read = Grey::of(&photo).and_then(|picture| picture.texts());
        // Nobody listens any more once the time is over.
        let _ = sender.send(read);
    });
    if reading.is_err() {
        return Err(PhotoError::TooSlow);
    }
    receiver.recv_timeout(TIME_MAX).unwrap_or_else(|error| match error {
        mpsc::RecvTimeoutError::Timeout => Err(PhotoError::TooSlow),
        mpsc::RecvTimeoutError::Disconnected => Err(PhotoError::NoCode),
    })
}

/// A picture without colours: a byte a pixel, row by row.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Grey {
    fn of(photo: &[u8]) -> Result<Self, PhotoError> {
        match photo {
            [0x89, b'P', b'N', b'G', ..] => Self::of_png(photo),
            [0xff, 0xd8, 0xff, ..] => Self::of_jpeg(photo),
            _ => Err(PhotoError::Format),
        }
    }

    fn of_png(photo: &[u8]) -> Result<Self, PhotoError> {
        let damaged = |_| PhotoError::Damaged;
        let limits = png::Limits { bytes: HEAD_BYTES_MAX };
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(photo), limits);
        let head = decoder.read_header_info().map_err(damaged)?;
        fits(u64::from(head.width), u64::from(head.height))?;
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        let mut reader = decoder.read_info().map_err(damaged)?;
        let size = reader.output_buffer_size().ok_or(PhotoError::Damaged)?;
        let mut pixels = vec![0; size];
        let frame = reader.next_frame(&mut pixels).map_err(damaged)?;
        let (width, height) = (whole(frame.width), whole(frame.height));
        let samples = frame.color_type.samples();
        if frame.line_size != width * samples {
            return Err(PhotoError::Damaged);
        }
        if samples > 1 {
            pixels = pixels.chunks_exact(samples).map(grey_of).collect();
        }
        Self::whole(width, height, pixels)
    }

    fn of_jpeg(photo: &[u8]) -> Result<Self, PhotoError> {
        let options = DecoderOptions::new_safe().jpeg_set_out_colorspace(ColorSpace::Luma);
        let mut decoder = JpegDecoder::new_with_options(Cursor::new(photo), options);
        decoder.decode_headers().map_err(|_| PhotoError::Damaged)?;
        let (width, height) = decoder.dimensions().ok_or(PhotoError::Damaged)?;
        let counted = |side: usize| u64::try_from(side).unwrap_or(u64::MAX);
        fits(counted(width), counted(height))?;
        let pixels = decoder.decode().map_err(|_| PhotoError::Damaged)?;
        Self::whole(width, height, pixels)
    }

    fn whole(width: usize, height: usize, mut pixels: Vec<u8>) -> Result<Self, PhotoError> {
        let size = width * height;
        if size == 0 || pixels.len() < size {
            return Err(PhotoError::Damaged);
        }
        pixels.truncate(size);
        Ok(Self { width, height, pixels })
    }

    /// Returns the texts of the first size at which there are any.
    fn texts(&self) -> Result<Vec<String>, PhotoError> {
        let longest = self.width.max(self.height);
        let mut tried = Vec::new();
        for side in SIDES {
            let factor = longest.div_ceil(side);
            if tried.contains(&factor) {
                continue;
            }
            tried.push(factor);
            let texts = self.smaller(factor).codes();
            if !texts.is_empty() {
                return Ok(texts);
            }
        }
        let texts = if longest <= SMALL { self.twice().codes() } else { Vec::new() };
        if texts.is_empty() { Err(PhotoError::NoCode) } else { Ok(texts) }
    }

    fn codes(&self) -> Vec<String> {
        let at = |x, y| self.pixels.get(y * self.width + x).copied().unwrap_or(u8::MAX);
        let mut prepared = PreparedImage::prepare_from_greyscale(self.width, self.height, at);
        let grids = prepared.detect_grids();
        grids.iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
    }

    /// Returns the picture at twice its size, the pixels between two being their mean.
    fn twice(&self) -> Self {
        let at = |x: usize, y: usize| {
            let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
            u16::from(self.pixels.get(y * self.width + x).copied().unwrap_or(u8::MAX))
        };
        let (width, height) = (2 * self.width, 2 * self.height);
        let mean = |place: usize| {
            let (x, y) = (place % width, place / width);
            let (left, above) = (x / 2, y / 2);
            let (right, below) = (x.div_ceil(2), y.div_ceil(2));
            let sum = at(left, above) + at(right, above) + at(left, below) + at(right, below);
            u8::try_from(sum / 4).unwrap_or(u8::MAX)
        };
        Self { width, height, pixels: (0..width * height).map(mean).collect() }
    }

    /// Returns the picture with squares of `factor` pixels each made one: the mean of them, which also takes noise out.
    fn smaller(&self, factor: usize) -> Self {
        let (width, height) = (self.width / factor, self.height / factor);
        if factor <= 1 || width == 0 || height == 0 {
            return self.clone();
        }
        let area = u32::try_from(factor * factor).unwrap_or(u32::MAX);
        let mut pixels = Vec::with_capacity(width * height);
        let mut sums = vec![0_u32; width];
        for rows in self.pixels.chunks_exact(self.width * factor) {
            sums.fill(0);
            for row in rows.chunks_exact(self.width) {
                for (sum, square) in sums.iter_mut().zip(row.chunks_exact(factor)) {
                    *sum += square.iter().copied().map(u32::from).sum::<u32>();
                }
            }
            pixels.extend(sums.iter().map(|sum| u8::try_from(sum / area).unwrap_or(u8::MAX)));
        }
        Self { width, height, pixels }
    }
}

/// Refuses a picture by what its head says, before anything is unpacked.
fn fits(width: u64, height: u64) -> Result<(), PhotoError> {
    let pixels = width.saturating_mul(height);
    if pixels > PIXELS_MAX { Err(PhotoError::TooLarge { pixels }) } else { Ok(()) }
}

fn whole(side: u32) -> usize {
    usize::try_from(side).unwrap_or(usize::MAX)
}

/// Returns how light a pixel is, on white where it lets light through.
fn grey_of(samples: &[u8]) -> u8 {
    let (light, alpha) = match *samples {
        [grey] => (u32::from(grey), u8::MAX),
        [grey, alpha] => (u32::from(grey), alpha),
        [red, green, blue] => (luma(red, green, blue), u8::MAX),
        [red, green, blue, alpha, ..] => (luma(red, green, blue), alpha),
        [] => (255, u8::MAX),
    };
    let alpha = u32::from(alpha);
    u8::try_from((light * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}

/// ITU-R BT.601, in whole numbers.
fn luma(red: u8, green: u8, blue: u8) -> u32 {
    (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1_000
}
