//! Compresses files in advance with the strongest settings, so that the server only has to choose one.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

/// File types to compress. Images and fonts are already compressed.
const WORTHWHILE: [&str; 6] = ["css", "js", "json", "svg", "wasm", "webmanifest"];

/// Writes `NAME.br` and `NAME.gz` beside each file that becomes smaller.
pub(super) fn folder(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            self::folder(&path)?;
        } else if is_worthwhile(&path) {
            file(&path).with_context(|| format!("cannot compress {}", path.display()))?;
        }
    }
    Ok(())
}

fn is_worthwhile(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| WORTHWHILE.contains(&extension))
}

fn file(path: &Path) -> Result<()> {
    let content = fs::read(path)?;
    for (suffix, compressed) in [("br", brotli(&content)?), ("gz", gzip(&content)?)] {
        if compressed.len() < content.len() {
            fs::write(with_suffix(path, suffix), compressed)?;
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let best = BrotliEncoderParams {
        quality: 11,
        size_hint: content.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &best)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_text_is_smaller_and_keeps_its_name() {
        let text = "a { color: inherit; }\n".repeat(100);
        assert!(brotli(text.as_bytes()).unwrap().len() < 100);
        assert!(gzip(text.as_bytes()).unwrap().len() < 200);
        assert_eq!(with_suffix(Path::new("a.css"), "br"), Path::new("a.css.br"));
        assert!(!is_worthwhile(Path::new("logo.png")));
    }
}
