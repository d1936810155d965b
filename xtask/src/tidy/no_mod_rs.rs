//! A module is `name.rs` with its children in `name/`: a file's name says what is in it.

use super::checkout::Checkout;
use super::finding::Finding;

pub const NAME: &str = "no-mod-rs";

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let files = checkout.rust_files()?;
    Ok(files
        .iter()
        .filter(|file| file.path.file_name().is_some_and(|name| name == "mod.rs"))
        .map(|file| {
            let folder = file.path.parent().unwrap_or(&file.path).display();
            Finding::new(
                NAME,
                &file.path,
                1,
                format!("move this file to `{folder}.rs`"),
            )
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout::fixture::Fixture;

    #[test]
    fn a_module_named_after_its_content_is_fine() {
        let fixture = Fixture::new(&[("crates/it/src/order.rs", ""), ("tests/it/main.rs", "")]);
        assert_eq!(check(&fixture.checkout()).unwrap(), []);
    }

    #[test]
    fn a_mod_rs_is_found_and_told_where_to_go() {
        let fixture = Fixture::new(&[("crates/it/src/order/mod.rs", "")]);
        let found = check(&fixture.checkout()).unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].sentence.contains("crates/it/src/order.rs"));
    }
}
