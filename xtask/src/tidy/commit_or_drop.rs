//! A unit of work is committed, or says that it only reads.
//!
//! Dropping one rolls back without a word, which is right for reading and a lost write otherwise.
//! So a `begin` without a `commit` needs the comment `// read only` on its line or the one above.

use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, ItemMod, Signature};

use super::checkout::Checkout;
use super::finding::Finding;
use super::syntax::{for_tests, parse};
use super::units_of_work::{Met, walk};

pub const NAME: &str = "commit-or-drop";

const COMMENT: &str = "// read only";

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in checkout.files("crates/usecases/src", ".rs")? {
        let mut reader = Reader::default();
        reader.visit_file(&parse(&file)?);
        let lines: Vec<&str> = file.text.lines().collect();
        for (line, name) in reader.found {
            let nearby = &lines[line.saturating_sub(2)..line.min(lines.len())];
            if !nearby.iter().any(|text| text.contains(COMMENT)) {
                let sentence = format!(
                    "`{name}` is begun and never committed: commit it, or say `{COMMENT}` here"
                );
                findings.push(Finding::new(NAME, &file.path, line, sentence));
            }
        }
    }
    Ok(findings)
}

#[derive(Default)]
struct Reader {
    found: Vec<(usize, String)>,
}

impl Reader {
    fn function(&mut self, signature: &Signature, body: &Block) {
        let met = walk(signature, body);
        for (index, one) in met.iter().enumerate() {
            let Met::Begun { name, line } = one else {
                continue;
            };
            let closed = met[index + 1..]
                .iter()
                .take_while(
                    |later| !matches!(later, Met::Begun { name: other, .. } if other == name),
                )
                .any(|later| matches!(later, Met::Closed { name: other } if other == name));
            if !closed {
                self.found.push((*line, name.clone()));
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !for_tests(&item.attrs) {
            self.function(&item.sig, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout::fixture::Fixture;

    fn with(body: &str) -> Vec<Finding> {
        let text = format!("//! It.\nasync fn run() {{\n{body}\n}}\n");
        let fixture = Fixture::new(&[("crates/usecases/src/it.rs", &text)]);
        check(&fixture.checkout()).unwrap()
    }

    #[test]
    fn a_committed_unit_of_work_is_fine() {
        assert_eq!(
            with("let mut uow = store.begin(t).await?;\nuow.commit().await"),
            []
        );
    }

    #[test]
    fn reading_is_fine_when_it_says_so() {
        assert_eq!(
            with("// read only\nlet mut uow = store.begin(t).await?;\nuow.orders();"),
            []
        );
        assert_eq!(
            with("let mut uow = store.begin(t).await?; // read only"),
            []
        );
    }

    #[test]
    fn a_unit_of_work_that_nobody_commits_is_found() {
        let body = "let mut uow = store.begin(t).await?;\nuow.orders();\n\
                    let mut uow = store.begin(t).await?;\nuow.commit().await";
        let found = with(body);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
    }
}
