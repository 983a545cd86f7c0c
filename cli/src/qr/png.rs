//! A code as a PNG picture of one bit a pixel: nothing in it but the pixels, so that one text has one picture.

use png::{BitDepth, ColorType, Encoder};

use super::QrCode;

/// Pixels of a side of a module: a card of 69 modules is 552 pixels, 47 mm at the 300 dots an inch of a printer.
const SCALE: usize = 8;

impl QrCode {
    /// Returns the bytes of the picture.
    pub fn png(&self) -> Vec<u8> {
        let side = self.side_with_margin();
        let mut bytes = Vec::new();
        let pixels = u32::try_from(side * SCALE).expect("a code has at most 185 modules a side");
        let mut encoder = Encoder::new(&mut bytes, pixels, pixels);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::One);
        // Eight pixels of one module are one byte: that is why the scale is 8.
        let row = |y: usize| (0..side).map(move |x| if self.is_dark(x, y) { 0 } else { u8::MAX });
        let rows = (0..side).flat_map(|y| std::iter::repeat_n(y, SCALE));
        let data: Vec<u8> = rows.flat_map(row).collect();
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&data))
            .expect("a picture of this size goes into memory");
        bytes
    }
}
