//! Crates depend on each other only along the arrows of the architecture.
//!
//! The table below is the drawing of `docs/architecture.md` in code: the layers point inwards, and
//! crates of one layer do not know each other. Only `hawker-app` names concrete adapters.

use super::checkout::Checkout;
use super::finding::Finding;

pub const NAME: &str = "arrows";

/// What a crate of the workspace may depend on.
enum Allowed {
    These(&'static [&'static str]),
    Everything,
}

/// A crate, and the crates it may depend on.
const ARROWS: [(&str, Allowed); 14] = [
    ("hawker-domain", Allowed::These(&[])),
    ("hawker-ports", Allowed::These(&["hawker-domain"])),
    (
        "hawker-usecases",
        Allowed::These(&["hawker-domain", "hawker-ports"]),
    ),
    ("hawker-postgres", ADAPTER),
    ("hawker-shopee", ADAPTER),
    ("hawker-crypto", ADAPTER),
    ("hawker-alerting", ADAPTER),
    ("hawker-jobs", INBOUND),
    ("hawker-api", INBOUND),
    ("hawker-dashboard", INBOUND),
    ("hawker-app", Allowed::Everything),
    // It stands in for somebody else's system, so it shares no code with ours.
    ("hawker-shopee-emulator", Allowed::These(&[])),
    ("hawker-tests", Allowed::Everything),
    ("xtask", Allowed::Everything),
];

const ADAPTER: Allowed = Allowed::These(&["hawker-domain", "hawker-ports"]);
const INBOUND: Allowed = Allowed::These(&["hawker-domain", "hawker-ports", "hawker-usecases"]);

/// What tests may use on top: the in-memory adapters, the real database, the other side.
const FOR_TESTS: [&str; 3] = ["hawker-ports", "hawker-postgres", "hawker-shopee-emulator"];

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let ours = |name: &str| {
        checkout
            .packages()
            .iter()
            .any(|package| package.name == name)
    };
    for package in checkout.packages() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
            let sentence = format!(
                "`{}` has no place in the layers: add it to xtask/src/tidy/arrows.rs and to \
                 docs/architecture.md",
                package.name
            );
            findings.push(Finding::new(NAME, &package.manifest, 1, sentence));
            continue;
        };
        let Allowed::These(allowed) = allowed else {
            continue;
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| ours(&dependency.name))
        {
            let name = &*dependency.name;
            if allowed.contains(&name) || (dependency.for_tests && FOR_TESTS.contains(&name)) {
                continue;
            }
            let line = package.line_of(checkout, name)?;
            let sentence = format!(
                "`{}` must not depend on `{name}`: move the code to the layer that may, or put a \
                 trait into `hawker-ports`",
                package.name
            );
            findings.push(Finding::new(NAME, &package.manifest, line, sentence));
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout::fixture::Fixture;

    fn with(name: &str, dependencies: &[&str]) -> Vec<Finding> {
        let manifest = format!(
            "[dependencies]\n{}.workspace = true\n",
            dependencies.join("\n")
        );
        let mut fixture = Fixture::new(&[("crates/it/Cargo.toml", &manifest)]).package(
            name,
            "crates/it/Cargo.toml",
            dependencies,
        );
        for other in [
            "hawker-domain",
            "hawker-ports",
            "hawker-usecases",
            "hawker-postgres",
        ] {
            if other != name {
                fixture = fixture.package(other, "other/Cargo.toml", &[]);
            }
        }
        check(&fixture.checkout()).unwrap()
    }

    #[test]
    fn arrows_that_point_inwards_are_fine() {
        assert_eq!(
            with(
                "hawker-usecases",
                &["hawker-domain", "serde", "hawker-ports"]
            ),
            []
        );
        assert_eq!(with("hawker-usecases", &["dev:hawker-postgres"]), []);
        assert_eq!(with("hawker-app", &["hawker-postgres"]), []);
    }

    #[test]
    fn an_arrow_that_points_outwards_is_found_with_its_line() {
        let found = with("hawker-usecases", &["hawker-postgres"]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
        assert!(
            found[0]
                .sentence
                .contains("must not depend on `hawker-postgres`")
        );
    }

    #[test]
    fn siblings_do_not_know_each_other() {
        assert_eq!(with("hawker-shopee", &["hawker-postgres"]).len(), 1);
    }

    #[test]
    fn a_new_crate_needs_a_place() {
        assert_eq!(with("hawker-news", &[]).len(), 1);
    }
}
