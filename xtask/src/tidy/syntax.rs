//! Rust files as syntax trees, for the rules that look deeper than lines.

use anyhow::Context as _;
use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Attribute, Meta};

use super::checkout::SourceFile;

/// Parses a file; what does not parse is an error that names it.
pub fn parse(file: &SourceFile) -> anyhow::Result<syn::File> {
    syn::parse_file(&file.text).with_context(|| {
        format!(
            "{} is not Rust that these rules understand",
            file.path.display()
        )
    })
}

/// The line, from 1, at which something starts.
pub fn line(thing: &impl Spanned) -> usize {
    thing.span().start().line
}

/// Whether an item exists only for tests: `#[cfg(test)]`, `#[test]`, `#[tokio::test]` and the like.
pub fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_test = attribute
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "test");
        let cfg_test = attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, Meta::List(inner) if mentions(&inner.tokens, "test"));
        cfg_test || is_test
    })
}

fn mentions(tokens: &proc_macro2::TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == word,
        proc_macro2::TokenTree::Group(group) => mentions(&group.stream(), word),
        _ => false,
    })
}

/// Whether a type names one of these words anywhere, as `Arc<dyn Marketplace>` names `Marketplace`.
pub fn type_names(ty: &syn::Type, words: &[&str]) -> bool {
    struct Finder<'a> {
        words: &'a [&'a str],
        found: bool,
    }
    impl<'ast> syn::visit::Visit<'ast> for Finder<'_> {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.found |= self.words.iter().any(|word| ident == word);
        }
    }
    let mut finder = Finder {
        words,
        found: false,
    };
    syn::visit::Visit::visit_type(&mut finder, ty);
    finder.found
}
