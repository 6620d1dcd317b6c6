//! The logo of a company.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits,
    imageops::FilterType,
};
use uuid::Uuid;

/// The id of a logo. Another logo of the same company has another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogoId(Uuid);

impl LogoId {
    pub(crate) fn new(id: Uuid) -> Self {
        Self(id)
    }

    pub(crate) fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl std::fmt::Display for LogoId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The largest file that a logo is read from, in bytes.
pub const MOST_LOGO_BYTES: usize = 2 * 1024 * 1024;

/// The largest width and height of the picture in the file, in pixels.
pub const MOST_LOGO_SIDE: u32 = 4_096;

/// The width and the height that a logo has at most, in pixels: twice what pages show, for sharp screens.
const KEPT: (u32, u32) = (480, 96);

/// The memory for the pixels of one file: a picture of the largest size with four bytes a pixel. The decoders of JPEG and WebP may take
/// as much again for their work.
const MOST_MEMORY: u64 = 4 * 4_096 * 4_096;

/// A picture that pages show: PNG, at most 480 x 96 pixels. The picture is made anew from the pixels of a file, so that nothing else
/// of the file, such as the place of a photograph, reaches other people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo(Vec<u8>);

/// The reason why a file is no logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLogo {
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
    /// The file or its picture is too large.
    #[error("a logo is at most 2 MiB and 4096 x 4096 pixels")]
    TooLarge,
    /// The file is no picture, or a damaged one.
    #[error("a logo is a picture in the format PNG, JPEG or WebP")]
    NoPicture,
}

impl Logo {
    /// Reads a file. This takes up to a second of a processor's time and two hundred megabytes: do not call this where requests run.
    pub fn from_file(file: &[u8]) -> Result<Self, InvalidLogo> {
        if file.is_empty() {
            return Err(InvalidLogo::Empty);
        }
        if file.len() > MOST_LOGO_BYTES {
            return Err(InvalidLogo::TooLarge);
        }
        let picture = read(file)?;
        let (width, height) = KEPT;
        let kept = if picture.width() > width || picture.height() > height {
            picture.resize(width, height, FilterType::Triangle)
        } else {
            picture
        };
        let mut png = Cursor::new(Vec::new());
        let pixels = DynamicImage::ImageRgba8(kept.into_rgba8());
        let written = pixels.write_to(&mut png, ImageFormat::Png);
        written.map_err(|_failed| InvalidLogo::NoPicture)?;
        Ok(Self(png.into_inner()))
    }

    pub(crate) fn from_stored(png: Vec<u8>) -> Self {
        Self(png)
    }

    /// The picture as a PNG file.
    pub fn as_png(&self) -> &[u8] {
        &self.0
    }

    /// The picture as a PNG file.
    pub fn into_png(self) -> Vec<u8> {
        self.0
    }
}

fn read(file: &[u8]) -> Result<DynamicImage, InvalidLogo> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_LOGO_SIDE);
    limits.max_image_height = Some(MOST_LOGO_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let reader = ImageReader::new(Cursor::new(file)).with_guessed_format();
    let mut reader = reader.map_err(|_failed| InvalidLogo::NoPicture)?;
    reader.limits(limits);
    turned(reader).map_err(|error| match error {
        ImageError::Limits(_) => InvalidLogo::TooLarge,
        _ => InvalidLogo::NoPicture,
    })
}

/// The picture as a camera has seen it: a photograph may say in the file how it is turned.
fn turned(reader: ImageReader<Cursor<&[u8]>>) -> Result<DynamicImage, ImageError> {
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use image::RgbaImage;

    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let pixel = image::Rgba([12, 120, 110, 255]);
        let picture = DynamicImage::ImageRgba8(RgbaImage::from_pixel(width, height, pixel));
        let picture = DynamicImage::ImageRgb8(picture.into_rgb8());
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    fn sides(logo: &Logo) -> (u32, u32) {
        let picture = image::load_from_memory_with_format(logo.as_png(), ImageFormat::Png);
        let picture = picture.unwrap();
        (picture.width(), picture.height())
    }

    #[test]
    fn each_format_becomes_a_small_png() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let large = Logo::from_file(&file(960, 96, format)).unwrap();
            assert_eq!(sides(&large), (480, 48), "{format:?}");
            let high = Logo::from_file(&file(100, 400, format)).unwrap();
            assert_eq!(sides(&high), (24, 96), "{format:?}");
            let small = Logo::from_file(&file(20, 10, format)).unwrap();
            assert_eq!(sides(&small), (20, 10), "{format:?}");
        }
    }

    #[test]
    fn nothing_but_the_pixels_is_kept() {
        let mut png = file(10, 10, ImageFormat::Png);
        png.extend_from_slice(b"<script>alert(1)</script>");
        let logo = Logo::from_file(&png).unwrap();
        assert!(!String::from_utf8_lossy(logo.as_png()).contains("script"));
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        assert_eq!(Logo::from_file(b""), Err(InvalidLogo::Empty));
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>";
        for no_picture in [&svg[..], b"GIF89a", b"\x89PNG\r\n\x1a\n", b"BM....", b"\0"] {
            assert_eq!(Logo::from_file(no_picture), Err(InvalidLogo::NoPicture));
        }
        let mut cut = file(200, 200, ImageFormat::Png);
        cut.truncate(60);
        assert_eq!(Logo::from_file(&cut), Err(InvalidLogo::NoPicture));
        let wide = file(MOST_LOGO_SIDE + 1, 1, ImageFormat::Png);
        assert_eq!(Logo::from_file(&wide), Err(InvalidLogo::TooLarge));
        let long = vec![0; MOST_LOGO_BYTES + 1];
        assert_eq!(Logo::from_file(&long), Err(InvalidLogo::TooLarge));
    }

    #[test]
    fn the_largest_picture_is_read() {
        let pixel = image::Rgba([12, 120, 110, 200]);
        let most = RgbaImage::from_pixel(MOST_LOGO_SIDE, MOST_LOGO_SIDE, pixel);
        let mut file = Cursor::new(Vec::new());
        most.write_to(&mut file, ImageFormat::Png).unwrap();
        assert_eq!(sides(&Logo::from_file(file.get_ref()).unwrap()), (96, 96));
    }
}
