//! What is written into a code comes out of its pictures again: as drawn, and as somebody photographs them.

use proptest::prelude::*;

use super::{
    QrCode,
    photo::{PIXELS_MAX, PhotoError, texts},
};

/// As long as a short card, and of its characters.
fn card() -> String {
    let letters = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    let body: String = (0..340).map(|at| letters.as_bytes()[at * 7 % 32]).map(char::from).collect();
    format!("PIRATE:PCARD1{body}")
}

/// A photograph: a picture on a grey desk, turned, sized, blurred and noisy.
#[derive(Clone, Copy, Debug)]
struct Shot {
    /// Degrees.
    turned: f64,
    /// Pixels of a module.
    scale: f64,
    /// Half the side of the square that each pixel is the mean of.
    blur: usize,
    /// Most that a pixel is off.
    noise: u8,
}

impl Shot {
    /// Returns the photo as a PNG of grey pixels.
    fn of(self, code: &QrCode) -> Vec<u8> {
        let side = code.side_with_margin();
        let pixels = (side as f64 * self.scale * 1.5) as usize;
        let (sine, cosine) = self.turned.to_radians().sin_cos();
        let middle = pixels as f64 / 2.0;
        let sharp: Vec<u8> = (0..pixels * pixels)
            .map(|at| {
                let (x, y) = ((at % pixels) as f64 - middle, (at / pixels) as f64 - middle);
                let u = (x * cosine + y * sine) / self.scale + side as f64 / 2.0;
                let v = (y * cosine - x * sine) / self.scale + side as f64 / 2.0;
                let inside = |at: f64| at >= 0.0 && at < side as f64;
                match inside(u) && inside(v) {
                    false => 150,
                    true if code.is_dark(u as usize, v as usize) => 35,
                    true => 225,
                }
            })
            .collect();
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let near = |at: usize| at.saturating_sub(self.blur)..(at + self.blur + 1).min(pixels);
        let taken: Vec<u8> = (0..pixels * pixels)
            .map(|at| {
                let square = near(at / pixels)
                    .flat_map(|y| near(at % pixels).map(move |x| y * pixels + x))
                    .map(|at| u32::from(sharp[at]));
                let (sum, count) =
                    square.fold((0, 0), |(sum, count), pixel| (sum + pixel, count + 1));
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let noise = i64::try_from(random >> 40).unwrap_or(0)
                    % (2 * i64::from(self.noise) + 1)
                    - i64::from(self.noise);
                u8::try_from((i64::from(sum / count) + noise).clamp(0, 255)).unwrap_or(0)
            })
            .collect();
        grey_png(pixels, &taken)
    }
}

fn grey_png(side: usize, pixels: &[u8]) -> Vec<u8> {
    let side = u32::try_from(side).expect("a small picture");
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("it goes into memory");
    writer.write_image_data(pixels).expect("it goes into memory");
    writer.finish().expect("it goes into memory");
    bytes
}

#[test]
fn codes_are_as_small_as_was_measured() {
    // Bytes, side in modules, columns and lines of a screen.
    for (text, side, screen) in [
        (card(), 61, (69, 35)),
        (format!("PIRATE:PPAY1{}", "Q".repeat(110)), 37, (45, 23)),
        (format!("PIRATE:PMEMB1{}", "Q".repeat(58)), 33, (41, 21)),
    ] {
        let code = QrCode::of(&text).expect("it is short");
        assert_eq!((code.side(), code.on_screen()), (side, screen), "{}", text.len());
    }
    assert_eq!(QrCode::of(&"é".repeat(2_000)), Err(super::TooLong { bytes: 4_000 }));
}

#[test]
fn a_terminal_gets_its_light_ground_and_margin() {
    let code = QrCode::of("PIRATE:PPAY1").expect("it is short");
    let painted = code.painted();
    let (columns, lines) = code.on_screen();
    assert_eq!(painted.lines().count(), lines);
    for line in painted.lines() {
        let modules = line
            .strip_prefix("\u{1b}[38;2;0;0;0;48;2;255;255;255m")
            .and_then(|line| line.strip_suffix("\u{1b}[0m"))
            .expect("every line sets its colours and gives them back");
        assert_eq!(modules.chars().count(), columns);
        assert!(modules.starts_with("    ") && modules.ends_with("    "), "{modules:?}");
    }
    let light = |line: Option<&str>| line.is_some_and(|line| !line.contains(['█', '▀', '▄']));
    assert!(light(painted.lines().next()) && light(painted.lines().nth(1)));
}

#[test]
fn a_drawing_has_words_and_the_same_modules() {
    let code = QrCode::of("PIRATE:PCARD1").expect("it is short");
    let svg = code.svg("Carte n° 42 <b>", "Valable jusqu’au \"31 mars\" & après\u{1b}");
    assert!(svg.contains("<title id=\"title\">Carte n° 42 &lt;b&gt;</title>"), "{svg}");
    assert!(svg.contains("jusqu’au &quot;31 mars&quot; &amp; après</desc>"), "{svg}");
    let dark: usize = code.runs().iter().map(|(_, _, length)| length).sum();
    assert_eq!(dark, code.dark.iter().filter(|dark| **dark).count());
    assert_eq!(svg.matches("v1h-").count(), code.runs().len());
}

#[test]
fn one_text_has_one_picture() {
    let code = QrCode::of(&card()).expect("it is short");
    assert_eq!(code.png(), code.png());
    assert_eq!(texts(code.png()), Ok(vec![card()]));
}

#[test]
fn photos_of_a_card_are_read() {
    let code = QrCode::of(&card()).expect("it is short");
    let plain = Shot { turned: 0.0, scale: 6.0, blur: 0, noise: 0 };
    for shot in [
        plain,
        Shot { turned: 7.0, ..plain },
        Shot { turned: 90.0, ..plain },
        Shot { turned: 203.0, ..plain },
        Shot { scale: 3.3, ..plain },
        Shot { scale: 11.7, turned: 14.0, ..plain },
        Shot { noise: 60, ..plain },
        Shot { blur: 1, ..plain },
        Shot { turned: -11.0, scale: 8.4, blur: 2, noise: 30 },
    ] {
        assert_eq!(texts(shot.of(&code)), Ok(vec![card()]), "{shot:?}");
    }
}

#[test]
fn what_is_no_photo_of_a_code_says_why() {
    assert_eq!(texts(b"GIF89a".to_vec()), Err(PhotoError::Format));
    assert_eq!(texts(Vec::new()), Err(PhotoError::Format));
    assert_eq!(texts(grey_png(64, &[200; 64 * 64])), Err(PhotoError::NoCode));
    let whole = QrCode::of("PIRATE").expect("it is short").png();
    for cut in [4, 20, 40, whole.len() / 2] {
        assert_eq!(texts(whole[..cut].to_vec()), Err(PhotoError::Damaged), "{cut}");
    }
}

/// A head that promises more than there is: refused by what it says, with nothing taken for it.
#[test]
fn a_picture_that_is_too_large_is_not_unpacked() {
    for (width, height) in [(6_000_u32, 4_001_u32), (u32::MAX >> 1, u32::MAX >> 1)] {
        let mut bytes = Vec::new();
        let encoder = png::Encoder::new(&mut bytes, width, height);
        drop(encoder.write_header().expect("a head is small"));
        let pixels = u64::from(width) * u64::from(height);
        assert!(pixels > PIXELS_MAX);
        assert_eq!(texts(bytes), Err(PhotoError::TooLarge { pixels }));
    }
    // A JPEG of 65,535 by 65,535.
    let head = [
        0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0xff, 0xff, 0xff, 0xff, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8,
        1, 1, 0, 0, 63, 0,
    ];
    let refused = texts(head.to_vec());
    assert!(
        matches!(refused, Err(PhotoError::TooLarge { .. } | PhotoError::Damaged)),
        "{refused:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn every_text_comes_back(text in "[A-Z0-9:]{1,400}|\\PC{1,120}") {
        let code = QrCode::of(&text).expect("it is short");
        prop_assert_eq!(texts(code.png()), Ok(vec![text]));
    }

    #[test]
    fn damaged_pictures_end_without_a_fall(
        at in 0_usize..2_000, byte: u8, cut in 0_usize..2_000, kind in 0_usize..2
    ) {
        let code = QrCode::of("PIRATE:PCARD1QQQQ").expect("it is short");
        let mut picture = [code.png(), JPEG.to_vec()][kind].clone();
        let place = at % picture.len();
        picture[place] = byte;
        picture.truncate(picture.len() - cut % (picture.len() / 2));
        let _ = texts(picture);
    }
}

/// The code of `PIRATE:PCARD1` as a JPEG, made once with another program.
const JPEG: &[u8] = include_bytes!("code.jpg");

#[test]
fn a_jpeg_of_another_program_is_read() {
    assert_eq!(texts(JPEG.to_vec()), Ok(vec!["PIRATE:PCARD1".to_owned()]));
}
