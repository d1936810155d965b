//! Types are nouns of the trade, and tests are sentences.
//!
//! `OrderManager` says nothing that `Order` does not; `test_cancel` says less than
//! `a_cancelled_order_releases_its_stock`.

use syn::visit::{self, Visit};
use syn::{Ident, ImplItemFn, ItemEnum, ItemFn, ItemStruct, ItemTrait, ItemType};

use super::checkout::Checkout;
use super::finding::Finding;
use super::syntax::{line, parse};

pub const NAME: &str = "words";

/// Endings that stand where a name should.
const EMPTY_ENDINGS: [&str; 6] = ["Manager", "Helper", "Util", "Utils", "Data", "Info"];

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in checkout.rust_files()? {
        let mut reader = Reader { found: Vec::new() };
        reader.visit_file(&parse(&file)?);
        let found = reader.found.into_iter();
        findings.extend(found.map(|(line, text)| Finding::new(NAME, &file.path, line, text)));
    }
    Ok(findings)
}

struct Reader {
    found: Vec<(usize, String)>,
}

impl Reader {
    fn type_name(&mut self, name: &Ident) {
        let text = name.to_string();
        if let Some(ending) = EMPTY_ENDINGS.iter().find(|ending| text.ends_with(**ending)) {
            let sentence =
                format!("`{text}`: say what it is instead of `{ending}`, with a noun of the trade");
            self.found.push((line(name), sentence));
        }
    }

    fn function_name(&mut self, name: &Ident) {
        if name.to_string().starts_with("test_") {
            let sentence = format!("`{name}`: name the test with a sentence about behaviour");
            self.found.push((line(name), sentence));
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.type_name(&item.ident);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        self.type_name(&item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.type_name(&item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast ItemType) {
        self.type_name(&item.ident);
        visit::visit_item_type(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function_name(&item.sig.ident);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function_name(&item.sig.ident);
        visit::visit_impl_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout::fixture::Fixture;

    fn with(text: &str) -> Vec<Finding> {
        let fixture = Fixture::new(&[("crates/it/src/lib.rs", text)]);
        check(&fixture.checkout()).unwrap()
    }

    #[test]
    fn names_of_the_trade_are_fine() {
        assert_eq!(
            with("struct EscrowRelease; enum Metadata {}\nfn attest_order() {}\n"),
            []
        );
    }

    #[test]
    fn empty_words_are_found_with_their_line() {
        let found = with("struct Order;\nstruct OrderManager;\ntype ShopInfo = Order;\n");
        assert_eq!(
            found.iter().map(|finding| finding.line).collect::<Vec<_>>(),
            [2, 3]
        );
    }

    #[test]
    fn a_test_prefix_is_found_inside_modules_too() {
        let found = with("mod tests {\n    fn test_cancel() {}\n}\n");
        assert_eq!(found[0].line, 2);
    }
}
