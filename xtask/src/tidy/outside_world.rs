//! Each technology is named only by the crates that are there for it.
//!
//! So a change of database, HTTP client or web framework stays in one place, and the rules of the
//! trade stay free of all of them.

use super::checkout::Checkout;
use super::finding::Finding;

pub const NAME: &str = "outside-world";

/// A third-party crate and who may name it.
struct Technology {
    name: &'static str,
    crates: &'static [&'static str],
    /// Whether everybody's tests may use it all the same.
    free_in_tests: bool,
}

const TECHNOLOGIES: [Technology; 11] = [
    Technology {
        name: "sqlx",
        crates: &["hawker-postgres"],
        free_in_tests: false,
    },
    Technology {
        name: "reqwest",
        crates: &[
            "hawker-shopee",
            "hawker-alerting",
            "hawker-shopee-emulator",
            "hawker-app",
        ],
        free_in_tests: false,
    },
    Technology {
        name: "ring",
        crates: &["hawker-shopee", "hawker-crypto", "hawker-shopee-emulator"],
        free_in_tests: false,
    },
    Technology {
        name: "actix-web",
        crates: &[
            "hawker-api",
            "hawker-dashboard",
            "hawker-app",
            "hawker-shopee-emulator",
        ],
        free_in_tests: true,
    },
    Technology {
        name: "utoipa",
        crates: &["hawker-api"],
        free_in_tests: false,
    },
    Technology {
        name: "utoipa-swagger-ui",
        crates: &["hawker-api"],
        free_in_tests: false,
    },
    Technology {
        name: "askama",
        crates: &["hawker-dashboard"],
        free_in_tests: false,
    },
    Technology {
        name: "tokio",
        crates: &[
            "hawker-postgres",
            "hawker-shopee",
            "hawker-crypto",
            "hawker-alerting",
            "hawker-jobs",
            "hawker-api",
            "hawker-dashboard",
            "hawker-app",
            "hawker-shopee-emulator",
        ],
        free_in_tests: true,
    },
    Technology {
        name: "clap",
        crates: &["hawker-app", "hawker-shopee-emulator"],
        free_in_tests: false,
    },
    Technology {
        name: "tracing-subscriber",
        crates: &["hawker-app", "hawker-shopee-emulator"],
        free_in_tests: true,
    },
    Technology {
        name: "anyhow",
        crates: &["hawker-app", "hawker-shopee-emulator"],
        free_in_tests: true,
    },
];

/// Packages outside the product, which may use whatever serves them.
const FREE: [&str; 2] = ["hawker-tests", "xtask"];

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in checkout.packages() {
        if FREE.contains(&&*package.name) {
            continue;
        }
        for dependency in &package.dependencies {
            let Some(technology) = TECHNOLOGIES.iter().find(|one| one.name == dependency.name)
            else {
                continue;
            };
            let free = dependency.for_tests && technology.free_in_tests;
            if free || technology.crates.contains(&&*package.name) {
                continue;
            }
            let sentence = format!(
                "`{}` must not use `{}`, which belongs to {}: put what is needed behind a trait \
                 of `hawker-ports`",
                package.name,
                technology.name,
                technology.crates.join(", ")
            );
            let line = package.line_of(checkout, technology.name)?;
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
        let manifest = "[package]\n\n[dependencies]\nsqlx = { workspace = true }\n";
        let fixture = Fixture::new(&[("crates/it/Cargo.toml", manifest)]).package(
            name,
            "crates/it/Cargo.toml",
            dependencies,
        );
        check(&fixture.checkout()).unwrap()
    }

    #[test]
    fn a_technology_at_home_is_fine() {
        assert_eq!(with("hawker-postgres", &["sqlx", "tokio"]), []);
        assert_eq!(with("hawker-tests", &["sqlx", "reqwest"]), []);
        assert_eq!(with("hawker-usecases", &["serde", "dev:tokio"]), []);
    }

    #[test]
    fn a_technology_abroad_is_found_with_its_line() {
        let found = with("hawker-usecases", &["sqlx"]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 4);
        assert!(found[0].sentence.contains("belongs to hawker-postgres"));
        assert_eq!(with("hawker-domain", &["tokio"]).len(), 1);
        assert_eq!(with("hawker-api", &["dev:sqlx"]).len(), 1);
    }
}
