//! Rust files as syntax trees, for the rules that look deeper than lines.

use anyhow::Context as _;
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::Visit;
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

fn mentions(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(&group.stream(), word),
        _ => false,
    })
}

/// Whether a type names one of these words anywhere, as `Arc<dyn Marketplace>` names `Marketplace`.
pub fn type_names(ty: &syn::Type, words: &[&str]) -> bool {
    let mut finder = Finder::of(words);
    finder.visit_type(ty);
    finder.found
}

/// Whether an expression names one of these words anywhere: a function, a field, a path's segment.
pub fn expression_names(expression: &syn::Expr, words: &[&str]) -> bool {
    let mut finder = Finder::of(words);
    finder.visit_expr(expression);
    finder.found
}

struct Finder<'a> {
    words: &'a [&'a str],
    found: bool,
}

impl<'a> Finder<'a> {
    fn of(words: &'a [&'a str]) -> Self {
        Self {
            words,
            found: false,
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_ident(&mut self, ident: &'ast Ident) {
        self.found |= self.words.iter().any(|word| ident == word);
    }
}
