//! Joins the parts of the stylesheet in the order of `style/order.txt`.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

const ORDER: &str = "order.txt";

/// All parts in one text. A missing part, or a part that the order does not list, is an error.
pub(super) fn concatenate(folder: &Path) -> Result<String> {
    let order = folder.join(ORDER);
    let listed =
        fs::read_to_string(&order).with_context(|| format!("cannot read {}", order.display()))?;
    let names = names(&listed);
    if let Some(forgotten) = parts(folder, folder)?
        .iter()
        .find(|part| !names.contains(&part.as_str()))
    {
        bail!("style/{ORDER} does not list {forgotten}");
    }
    let mut text = String::new();
    for name in names {
        let part = fs::read_to_string(folder.join(name))
            .with_context(|| format!("style/{ORDER} lists {name}, which cannot be read"))?;
        text.push_str(&part);
        text.push('\n');
    }
    Ok(text)
}

/// The paths, one on each line. Blank lines and lines that begin with `#` do not count.
fn names(order: &str) -> Vec<&str> {
    order
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// Every stylesheet below the folder, except the public files, which are copied unchanged.
fn parts(root: &Path, folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let relative = path.strip_prefix(root)?;
        if path.is_dir() && relative != Path::new("public") {
            found.append(&mut parts(root, &path)?);
        } else if path.extension().is_some_and(|extension| extension == "css") {
            found.push(relative.to_string_lossy().into_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_one_path_a_line() {
        assert_eq!(
            names("# first\ntokens.css\n\n components/card.css \n"),
            ["tokens.css", "components/card.css"]
        );
    }

    #[test]
    fn a_part_that_the_order_forgets_is_an_error() {
        let folder = std::env::temp_dir().join(format!("latchkey-style-{}", std::process::id()));
        fs::create_dir_all(folder.join("public")).unwrap();
        fs::write(folder.join("a.css"), "a{}").unwrap();
        fs::write(folder.join("public/error.css"), "b{}").unwrap();
        fs::write(folder.join(ORDER), "a.css\n").unwrap();
        assert_eq!(concatenate(&folder).unwrap(), "a{}\n");
        fs::write(folder.join(ORDER), "").unwrap();
        assert!(
            concatenate(&folder)
                .unwrap_err()
                .to_string()
                .contains("a.css")
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
