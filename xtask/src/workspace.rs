//! Where the checkout lies, and how its `cargo` is called.

use std::env;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use cargo_metadata::{Metadata, MetadataCommand};

/// The checkout that the tools work on.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The workspace of the `cargo xtask` that is running, or the one around the current folder.
    pub fn locate() -> anyhow::Result<Self> {
        let start = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(manifest) => PathBuf::from(manifest),
            None => env::current_dir().context("the current directory is gone")?,
        };
        let metadata = metadata(&start)?;
        Ok(Self {
            root: metadata.workspace_root.into_std_path_buf(),
            target: metadata.target_directory.into_std_path_buf(),
        })
    }

    /// The folder that holds the root `Cargo.toml`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The target directory, which may lie outside the checkout.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// What `cargo` knows about the workspace's own packages.
    pub fn metadata(&self) -> anyhow::Result<Metadata> {
        metadata(&self.root)
    }

    /// `cargo`, in the root of the workspace.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(&self.root);
        forget_this_package(&mut command);
        command
    }

    /// `cargo` for a step among others: on a terminal it shows its progress, in a file only what is
    /// wrong.
    pub fn cargo_step(&self, verb: &str) -> Command {
        let mut command = self.cargo();
        command.arg(verb);
        if !io::stderr().is_terminal() {
            command.arg("--quiet");
        }
        command
    }

    /// A program that a build of this workspace has made.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }
}

fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

fn metadata(start: &Path) -> anyhow::Result<Metadata> {
    MetadataCommand::new()
        .current_dir(start)
        .no_deps()
        .exec()
        .context("cannot read the workspace with `cargo metadata`")
}

/// `cargo run` describes the package that runs in the environment. A `cargo` started from here
/// must not see that description: build scripts which watch it (`ring` has one) would run again
/// each time a build changes between `cargo` and `cargo xtask`.
fn forget_this_package(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        if text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || matches!(
                text,
                "CARGO" | "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "OUT_DIR"
            )
        {
            command.env_remove(name);
        }
    }
}
