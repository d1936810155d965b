//! `cargo xtask tidy`: the rules of this repository.

use std::process::ExitCode;

use anyhow::bail;

use crate::console::{self, Paint};
use crate::steps::Step;
use crate::tidy::{Checkout, RULES};
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show the rules instead of checking them
    #[arg(long)]
    list: bool,
}

pub fn run(workspace: &Workspace, args: &Args) -> anyhow::Result<ExitCode> {
    if args.list {
        let paint = Paint::for_stdout();
        for rule in RULES {
            console::result(format_args!(
                "{} {}",
                paint.bold(format!("{:<18}", rule.name)),
                rule.about
            ));
        }
        return Ok(ExitCode::SUCCESS);
    }
    step(workspace)?;
    console::progress(format_args!("all {} rules hold", RULES.len()));
    Ok(ExitCode::SUCCESS)
}

/// Checks all rules and prints what they found.
pub fn step(workspace: &Workspace) -> anyhow::Result<Step> {
    let checkout = Checkout::from_metadata(&workspace.metadata()?);
    let mut count = 0;
    for rule in RULES {
        for finding in (rule.check)(&checkout)? {
            count += 1;
            console::result(finding);
        }
    }
    match count {
        0 => Ok(Step::Passed),
        1 => bail!("tidy has 1 finding"),
        _ => bail!("tidy has {count} findings"),
    }
}
