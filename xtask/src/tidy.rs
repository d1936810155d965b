//! The rules of this repository that neither the compiler nor clippy knows.
//!
//! Each rule is one file here, with its reason, and with a passing and a failing example as tests.
//! A rule answers findings; each finding says where it is and how to mend it.

pub mod checkout;
pub mod finding;

mod architecture_page;
mod arrows;
mod commit_or_drop;
mod lints_inherited;
mod migrations;
mod module_head;
mod no_gateway_in_uow;
mod no_mod_rs;
mod outside_world;
mod routes;
mod syntax;
mod units_of_work;
mod words;

pub use checkout::Checkout;
pub use finding::Finding;

/// One rule: its name, what it is for, and the check.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub name: &'static str,
    pub about: &'static str,
    pub check: fn(&Checkout) -> anyhow::Result<Vec<Finding>>,
}

/// All rules, in the order in which they report.
pub const RULES: [Rule; 11] = [
    Rule {
        name: arrows::NAME,
        about: "crates depend on each other only along the arrows of docs/architecture.md",
        check: arrows::check,
    },
    Rule {
        name: outside_world::NAME,
        about: "each technology is named only by the crates that are there for it",
        check: outside_world::check,
    },
    Rule {
        name: lints_inherited::NAME,
        about: "every package inherits the lints of the workspace",
        check: lints_inherited::check,
    },
    Rule {
        name: architecture_page::NAME,
        about: "docs/architecture.md names every crate, and no crate that is gone",
        check: architecture_page::check,
    },
    Rule {
        name: module_head::NAME,
        about: "every module starts by saying what it is for",
        check: module_head::check,
    },
    Rule {
        name: no_mod_rs::NAME,
        about: "a module is `name.rs`, with its children in `name/`",
        check: no_mod_rs::check,
    },
    Rule {
        name: words::NAME,
        about: "types are nouns of the trade, tests are sentences",
        check: words::check,
    },
    Rule {
        name: migrations::NAME,
        about: "migrations have sortable names, never change, and lock no table for long",
        check: migrations::check,
    },
    Rule {
        name: no_gateway_in_uow::NAME,
        about: "nobody talks to the network while a transaction is open",
        check: no_gateway_in_uow::check,
    },
    Rule {
        name: commit_or_drop::NAME,
        about: "a unit of work is committed, or says that it only reads",
        check: commit_or_drop::check,
    },
    Rule {
        name: routes::NAME,
        about: "every route of the API is an entry of ROUTES and says who may use it",
        check: routes::check,
    },
];
