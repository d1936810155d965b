//! What the rules look at: the packages with their dependencies, and the files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cargo_metadata::{DependencyKind, Metadata};

/// A checkout, seen by the rules.
#[derive(Debug, Clone)]
pub struct Checkout {
    root: PathBuf,
    packages: Vec<Package>,
}

/// One package of the workspace.
#[derive(Debug, Clone)]
pub struct Package {
    pub name: String,
    /// Its manifest, relative to the root.
    pub manifest: PathBuf,
    pub dependencies: Vec<Dependency>,
}

/// One dependency of a package, of this workspace or from elsewhere.
#[derive(Debug, Clone)]
pub struct Dependency {
    pub name: String,
    /// Whether only tests and examples see it.
    pub for_tests: bool,
}

/// A text file of the checkout.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Relative to the root, with `/`.
    pub path: PathBuf,
    pub text: String,
}

impl Checkout {
    pub fn new(root: impl Into<PathBuf>, packages: Vec<Package>) -> Self {
        Self {
            root: root.into(),
            packages,
        }
    }

    pub fn from_metadata(metadata: &Metadata) -> Self {
        let root = metadata.workspace_root.as_std_path();
        let packages = metadata
            .workspace_packages()
            .into_iter()
            .map(|package| Package {
                name: package.name.to_string(),
                manifest: relative(root, package.manifest_path.as_std_path()),
                dependencies: package
                    .dependencies
                    .iter()
                    .map(|dependency| Dependency {
                        name: dependency.name.clone(),
                        for_tests: dependency.kind == DependencyKind::Development,
                    })
                    .collect(),
            });
        Self::new(root, packages.collect())
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// A file's text, or none when there is no such file.
    pub fn read(&self, path: impl AsRef<Path>) -> anyhow::Result<Option<String>> {
        let path = self.root.join(path);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// All files below a folder with this ending, in the order of their paths; none when there is
    /// no such folder.
    pub fn files(&self, folder: &str, ending: &str) -> anyhow::Result<Vec<SourceFile>> {
        let mut paths = Vec::new();
        collect(&self.root.join(folder), ending, &mut paths)?;
        paths.sort();
        paths
            .into_iter()
            .map(|path| {
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                Ok(SourceFile {
                    path: relative(&self.root, &path),
                    text,
                })
            })
            .collect()
    }

    /// All Rust files of the workspace's packages.
    pub fn rust_files(&self) -> anyhow::Result<Vec<SourceFile>> {
        let mut files = Vec::new();
        for folder in ["crates", "tests", "xtask"] {
            files.extend(self.files(folder, ".rs")?);
        }
        Ok(files)
    }
}

impl Package {
    /// The line of the manifest that names a dependency, for a finding.
    pub fn line_of(&self, checkout: &Checkout, dependency: &str) -> anyhow::Result<usize> {
        let manifest = checkout.read(&self.manifest)?.unwrap_or_default();
        let names_it = |line: &str| {
            line.strip_prefix(dependency)
                .is_some_and(|rest| rest.starts_with(['.', ' ', '=', ']']))
        };
        Ok(manifest
            .lines()
            .position(names_it)
            .map_or(1, |index| index + 1))
    }
}

fn relative(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_path_buf()
}

/// Walks a folder; what builds leave behind is nobody's source.
fn collect(folder: &Path, ending: &str, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot list {}", folder.display()))?
            .path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                collect(&path, ending, paths)?;
            }
        } else if path.to_string_lossy().ends_with(ending) {
            paths.push(path);
        }
    }
    Ok(())
}

/// Checkouts for the tests of the rules.
#[cfg(test)]
pub mod fixture {
    use super::*;

    /// A checkout on disk that lasts as long as the value.
    pub struct Fixture {
        folder: tempfile::TempDir,
        packages: Vec<Package>,
    }

    impl Fixture {
        pub fn new(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for (path, text) in files {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Self {
                folder,
                packages: Vec::new(),
            }
        }

        /// Adds a package; a dependency written `dev:name` is for tests only.
        #[must_use]
        pub fn package(mut self, name: &str, manifest: &str, dependencies: &[&str]) -> Self {
            let dependencies = dependencies.iter().map(|name| Dependency {
                name: name.trim_start_matches("dev:").to_owned(),
                for_tests: name.starts_with("dev:"),
            });
            self.packages.push(Package {
                name: name.to_owned(),
                manifest: manifest.into(),
                dependencies: dependencies.collect(),
            });
            self
        }

        pub fn root(&self) -> &Path {
            self.folder.path()
        }

        pub fn checkout(&self) -> Checkout {
            Checkout::new(self.folder.path(), self.packages.clone())
        }
    }
}
