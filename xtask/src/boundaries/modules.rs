//! Which files of a crate refer to which: the graph behind the checks of rooms and of circles.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context, Result};

use super::paths::{self, Path};
use crate::{files::is_test, rust};

/// The path of a module from the root of its crate, which is the empty path. Each module here has a file of its own.
pub(super) type Module = Vec<String>;

/// One file names something of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) from: Module,
    pub(super) to: Module,
    /// Where, as `file:line`.
    pub(super) at: String,
}

/// Where a file was and what it names.
#[derive(Debug)]
struct File {
    name: String,
    paths: Vec<Path>,
}

/// The references between the files of a crate, outside of tests.
///
/// A name that a module re-exports counts as the file that defines it. A module and those inside of it, `a.rs` and
/// `a/b.rs`, may refer to one another: they are one thing in several files, and such references are left out.
pub(super) fn references(root: &std::path::Path, sources: &str) -> Result<Vec<Reference>> {
    let mut files = BTreeMap::new();
    collect(root, sources, &mut files)?;
    Ok(references_between(&files))
}

/// The modules at the top of a crate.
pub(super) fn rooms(root: &std::path::Path, sources: &str) -> Result<BTreeSet<String>> {
    let mut files = BTreeMap::new();
    collect(root, sources, &mut files)?;
    Ok(files
        .into_keys()
        .filter_map(|module| module.into_iter().next())
        .collect())
}

fn collect(
    root: &std::path::Path,
    sources: &str,
    files: &mut BTreeMap<Module, File>,
) -> Result<()> {
    let mut folders = vec![sources.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(root.join(&folder)).with_context(|| format!("no folder {folder}"))?;
        for entry in entries {
            let entry = entry?;
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push(name);
            } else if let Some(module) = module_of(&name, sources).filter(|_| !is_test(&name)) {
                let source = fs::read_to_string(entry.path())?;
                let tokens = rust::tokens(&source);
                let paths = paths::paths(&rust::code(&tokens));
                files.insert(module, File { name, paths });
            }
        }
    }
    Ok(())
}

/// `server/src/web/mod.rs` is `web`, `server/src/web/forms.rs` is `web::forms`.
fn module_of(file: &str, sources: &str) -> Option<Module> {
    let path = file
        .strip_prefix(sources)?
        .strip_prefix('/')?
        .strip_suffix(".rs")?;
    let mut module: Module = path.split('/').map(str::to_owned).collect();
    if matches!(module.last()?.as_str(), "lib" | "main" | "mod") {
        module.pop();
    }
    Some(module)
}

fn references_between(files: &BTreeMap<Module, File>) -> Vec<Reference> {
    let names = Names::of(files);
    let mut found = Vec::new();
    for (from, file) in files {
        for path in &file.paths {
            let Some(to) = names.file_of(from, path) else {
                continue;
            };
            if !from.starts_with(&to) && !to.starts_with(from) {
                let at = format!("{}:{}", file.name, path.line);
                let from = from.clone();
                found.push(Reference { from, to, at });
            }
        }
    }
    found
}

/// What names mean.
struct Names<'files> {
    files: &'files BTreeMap<Module, File>,
    /// What the name at the end of a path was imported from.
    imported: BTreeMap<Module, Module>,
}

impl<'files> Names<'files> {
    fn of(files: &'files BTreeMap<Module, File>) -> Self {
        let mut names = Self {
            files,
            imported: BTreeMap::new(),
        };
        for (module, file) in files {
            for path in &file.paths {
                let Some(name) = &path.imported_as else {
                    continue;
                };
                if let Some(from) = names.in_crate(module, &path.segments) {
                    let known = [module.clone(), vec![name.clone()]].concat();
                    if known != from {
                        names.imported.insert(known, from);
                    }
                }
            }
        }
        names
    }

    /// The file in which what a path names is defined; `None` for another crate's.
    fn file_of(&self, module: &Module, path: &Path) -> Option<Module> {
        let mut path = match self.in_crate(module, &path.segments) {
            Some(path) => path,
            None if path.imported_as.is_some() => return None,
            // Perhaps it begins with a name that the file has imported.
            None => [module.clone(), path.segments.clone()].concat(),
        };
        // Each step follows one import. Imports in a circle do not compile.
        for _ in 0..self.imported.len() {
            let followed = (1..=path.len()).find_map(|length| {
                let (known, rest) = path.split_at_checked(length)?;
                let from = self.imported.get(known)?;
                let is_file = self.files.contains_key(known);
                (!is_file).then(|| [from, rest].concat())
            });
            match followed {
                Some(followed) if followed != path => path = followed,
                _ => break,
            }
        }
        let lengths = (0..=path.len()).rev();
        let mut prefixes = lengths.filter_map(|length| path.get(..length));
        let file = prefixes.find(|prefix| self.files.contains_key(*prefix))?;
        Some(file.to_vec())
    }

    /// A path of this crate, from the crate's root.
    fn in_crate(&self, module: &Module, segments: &[String]) -> Option<Module> {
        let mut base = module.clone();
        let mut rest = segments;
        let (first, behind) = segments.split_first()?;
        match first.as_str() {
            "crate" => return Some(behind.to_vec()),
            "self" => rest = behind,
            "super" => {
                while let Some(behind) = rest.strip_prefix(&["super".to_owned()]) {
                    base.pop();
                    rest = behind;
                }
            }
            child => {
                let child = [module.clone(), vec![child.to_owned()]].concat();
                self.files.contains_key(&child).then_some(())?;
            }
        }
        Some([&base, rest].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let mut read = BTreeMap::new();
        for (name, source) in files {
            let tokens = rust::tokens(source);
            let file = File {
                name: (*name).to_owned(),
                paths: paths::paths(&rust::code(&tokens)),
            };
            read.insert(module_of(&format!("src/{name}"), "src").unwrap(), file);
        }
        let line =
            |found: &Reference| format!("{} -> {}", found.from.join("::"), found.to.join("::"));
        references_between(&read).iter().map(line).collect()
    }

    #[test]
    fn imports_and_paths_are_references_to_files() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B; use std::fmt;"),
            ("b.rs", "fn b() { super::c::c() }"),
            ("c.rs", ""),
        ];
        assert_eq!(found(&files), ["a -> b", "b -> c"]);
    }

    #[test]
    fn a_name_counts_as_the_file_that_defines_it() {
        let files = [
            ("lib.rs", "pub use a::inner::Thing;"),
            ("a/mod.rs", "mod inner; pub use inner::Thing as Renamed;"),
            ("a/inner.rs", ""),
            ("b.rs", "use crate::Thing; fn b(of: crate::a::Renamed) {}"),
            ("c.rs", "use crate::a; fn c() -> a::Renamed {}"),
        ];
        assert_eq!(
            found(&files),
            ["b -> a::inner", "b -> a::inner", "c -> a", "c -> a::inner"]
        );
    }

    #[test]
    fn a_module_and_what_is_inside_of_it_are_one_thing() {
        let files = [
            ("a.rs", "mod b; use b::c::C; fn a() { b::d() }"),
            ("a/b.rs", "use super::A; mod c;"),
            ("a/b/c.rs", "use crate::a::A;"),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
    }

    #[test]
    fn tests_may_refer_to_what_they_want() {
        let files = [
            ("a.rs", "#[cfg(test)] mod tests { use crate::b::B; }"),
            ("b.rs", "// crate::a::A\nconst B: &str = \"crate::a::A\";"),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
    }
}
