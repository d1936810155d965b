//! The architecture page names every crate, and none that is gone.
//!
//! A map that misses a street is still a map; one that shows streets which do not exist misleads.

use std::collections::BTreeSet;

use super::checkout::Checkout;
use super::finding::Finding;

pub const NAME: &str = "architecture-page";

const PAGE: &str = "docs/architecture.md";
const PREFIX: &str = "crates/";

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let Some(page) = checkout.read(PAGE)? else {
        return Ok(Vec::new());
    };
    let existing: BTreeSet<String> = checkout
        .packages()
        .iter()
        .filter_map(|package| {
            let folder = package.manifest.parent()?.to_str()?;
            folder.starts_with(PREFIX).then(|| folder.to_owned())
        })
        .collect();
    let mut findings = Vec::new();
    let mut named = BTreeSet::new();
    for (index, line) in page.lines().enumerate() {
        for folder in folders_in(line) {
            if !existing.contains(&folder) {
                let sentence = format!("names `{folder}`, which does not exist: mend the page");
                findings.push(Finding::new(NAME, PAGE, index + 1, sentence));
            }
            named.insert(folder);
        }
    }
    for missing in existing.difference(&named) {
        let sentence = format!("does not name `{missing}`: say what that crate is for");
        findings.push(Finding::new(NAME, PAGE, 1, sentence));
    }
    Ok(findings)
}

/// The crate folders that a line names, such as `crates/domain`.
fn folders_in(line: &str) -> impl Iterator<Item = String> {
    line.match_indices(PREFIX).filter_map(|(at, _)| {
        let rest = &line[at + PREFIX.len()..];
        let belongs = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let name: String = rest.chars().take_while(|c| belongs(*c)).collect();
        (!name.is_empty()).then(|| format!("{PREFIX}{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout::fixture::Fixture;

    fn with(page: &str) -> Vec<Finding> {
        let fixture = Fixture::new(&[(PAGE, page)])
            .package("hawker-domain", "crates/domain/Cargo.toml", &[])
            .package("hawker-ports", "crates/ports/Cargo.toml", &[])
            .package("xtask", "xtask/Cargo.toml", &[]);
        check(&fixture.checkout()).unwrap()
    }

    #[test]
    fn a_page_that_names_every_crate_is_fine() {
        assert_eq!(
            with("| `crates/domain` | rules |\n| `crates/ports/src` | traits |\n"),
            []
        );
    }

    #[test]
    fn a_missing_and_a_vanished_crate_are_found() {
        let found = with("`crates/domain`\nand `crates/gone`.\n");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].line, 2);
        assert!(found[1].sentence.contains("does not name `crates/ports`"));
    }

    #[test]
    fn without_a_page_there_is_nothing_to_say() {
        assert_eq!(check(&Fixture::new(&[]).checkout()).unwrap(), []);
    }
}
