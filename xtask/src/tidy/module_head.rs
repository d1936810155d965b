//! Every module starts by saying what it is for (`//!`).
//!
//! The head is where a reader learns the purpose and the invariants before the first item.

use std::path::Path;

use super::checkout::Checkout;
use super::finding::Finding;

pub const NAME: &str = "module-head";

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let files = checkout.rust_files()?;
    let headless = |text: &str| {
        text.lines()
            .find(|line| !line.trim().is_empty())
            .is_none_or(|line| !line.starts_with("//!"))
    };
    Ok(files
        .iter()
        .filter(|file| is_module(&file.path) && headless(&file.text))
        .map(|file| {
            let sentence = "has no head: start the file with `//!` and what it is for";
            Finding::new(NAME, &file.path, 1, sentence)
        })
        .collect())
}

/// The modules of crates and tools. Tests that were moved out of their module belong to it and are
/// explained by its head.
fn is_module(path: &Path) -> bool {
    let has = |name: &str| path.components().any(|part| part.as_os_str() == name);
    has("src") && !has("tests.rs") && !has("tests")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout::fixture::Fixture;

    fn with(text: &str) -> usize {
        at("crates/it/src/order.rs", text)
    }

    fn at(path: &str, text: &str) -> usize {
        let fixture = Fixture::new(&[(path, text)]);
        check(&fixture.checkout()).unwrap().len()
    }

    #[test]
    fn a_module_with_a_head_is_fine() {
        assert_eq!(with("//! Orders.\n\npub struct Order;\n"), 0);
    }

    #[test]
    fn the_tests_of_a_module_need_none() {
        assert_eq!(at("crates/it/src/order/tests.rs", "use super::*;\n"), 0);
        assert_eq!(
            at("crates/it/src/order/tests/paying.rs", "use super::*;\n"),
            0
        );
        assert_eq!(at("tests/tests/shipping.rs", "fn it() {}\n"), 0);
    }

    #[test]
    fn a_module_without_a_head_is_found() {
        assert_eq!(with("/// An order.\npub struct Order;\n"), 1);
        assert_eq!(with(""), 1);
    }
}
