//! Every package inherits the lints of the workspace: without these two lines a package has none.

use super::checkout::Checkout;
use super::finding::Finding;

pub const NAME: &str = "lints-inherited";

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in checkout.packages() {
        let manifest = checkout.read(&package.manifest)?.unwrap_or_default();
        let mut section = manifest
            .lines()
            .map(str::trim)
            .skip_while(|line| *line != "[lints]")
            .skip(1);
        let inherits = section
            .by_ref()
            .take_while(|line| !line.starts_with('['))
            .any(|line| line.replace(' ', "") == "workspace=true");
        let short = manifest
            .lines()
            .any(|line| line.replace(' ', "") == "lints.workspace=true");
        if !inherits && !short {
            let sentence = "inherits no lints: add `[lints]` with `workspace = true`";
            findings.push(Finding::new(NAME, &package.manifest, 1, sentence));
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout::fixture::Fixture;

    fn with(manifest: &str) -> usize {
        let fixture = Fixture::new(&[("crates/it/Cargo.toml", manifest)]).package(
            "it",
            "crates/it/Cargo.toml",
            &[],
        );
        check(&fixture.checkout()).unwrap().len()
    }

    #[test]
    fn a_package_with_the_lints_of_the_workspace_is_fine() {
        assert_eq!(
            with("[package]\nname = \"it\"\n\n[lints]\nworkspace = true\n"),
            0
        );
    }

    #[test]
    fn a_package_without_them_is_found() {
        assert_eq!(with("[package]\nname = \"it\"\n"), 1);
        assert_eq!(with("[lints]\n\n[dependencies]\nworkspace = true\n"), 1);
    }
}
