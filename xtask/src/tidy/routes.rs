//! Every route of the API is an entry of one table, and every entry says who may use it.
//!
//! A route that is registered anywhere else has no permission that a reader or a test could find,
//! and is open to everybody until somebody notices.

use std::path::Path;

use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprArray, ExprMethodCall, ExprPath, File, ImplItemFn, Item, ItemFn, ItemMod,
    Path as SynPath,
};

use super::checkout::{Checkout, SourceFile};
use super::finding::Finding;
use super::syntax::{expression_names, for_tests, line, parse};

pub const NAME: &str = "routes";

/// The crate whose routes these are. The app only hands a server to it.
const API: &str = "crates/api/src";
const FOLDERS: [&str; 2] = [API, "crates/app/src"];

/// The table, in this file or below the folder of its name.
const TABLE: &str = "ROUTES";
const TABLE_FILE: &str = "crates/api/src/routes.rs";
const TABLE_FOLDER: &str = "crates/api/src/routes";

/// Words by which an entry states who may use it.
const PERMISSIONS: [&str; 4] = ["permission", "Permission", "ApiScope", "public"];

/// What registers a route besides the methods `service` and `route`: functions of `actix_web::web`
/// and attributes of handlers.
const FUNCTIONS: [&str; 2] = ["resource", "scope"];
const ATTRIBUTES: [&str; 8] = [
    "get", "post", "put", "patch", "delete", "head", "route", "routes",
];

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut tables = 0;
    for folder in FOLDERS {
        for file in checkout.files(folder, ".rs")? {
            if is_of_tests(&file.path) {
                continue;
            }
            let syntax = parse(&file)?;
            if is_of_table(&file.path) {
                let entries = entries(&syntax);
                tables += entries.len();
                findings.extend(unstated(&file, &entries));
            } else {
                findings.extend(registered_elsewhere(&file, &syntax));
            }
        }
    }
    if tables == 0 && !checkout.files(API, ".rs")?.is_empty() {
        let sentence =
            format!("has no table `{TABLE}`: list every route there, with who may use it");
        findings.push(Finding::new(NAME, TABLE_FILE, 1, sentence));
    }
    Ok(findings)
}

fn is_of_table(path: &Path) -> bool {
    path == Path::new(TABLE_FILE) || path.starts_with(TABLE_FOLDER)
}

/// Tests may put together services of their own.
fn is_of_tests(path: &Path) -> bool {
    path.components()
        .filter_map(|part| Path::new(part.as_os_str()).file_stem())
        .any(|stem| stem == "tests" || stem == "testing")
}

/// The arrays that tables of this name are made of.
fn entries(syntax: &File) -> Vec<ExprArray> {
    let tables = syntax.items.iter().filter_map(|item| match item {
        Item::Static(item) if item.ident == TABLE => Some(&*item.expr),
        Item::Const(item) if item.ident == TABLE => Some(&*item.expr),
        _ => None,
    });
    tables.filter_map(array).collect()
}

fn array(expression: &Expr) -> Option<ExprArray> {
    match expression {
        Expr::Array(array) => Some(array.clone()),
        Expr::Reference(reference) => array(&reference.expr),
        _ => None,
    }
}

fn unstated(file: &SourceFile, tables: &[ExprArray]) -> Vec<Finding> {
    let entries = tables.iter().flat_map(|table| &table.elems);
    entries
        .filter(|entry| !expression_names(entry, &PERMISSIONS))
        .map(|entry| {
            let sentence = "this route does not say who may use it: give it a `Permission`";
            Finding::new(NAME, &file.path, line(entry), sentence)
        })
        .collect()
}

fn registered_elsewhere(file: &SourceFile, syntax: &File) -> Vec<Finding> {
    let mut reader = Reader { found: Vec::new() };
    reader.visit_file(syntax);
    let finding = |(line, what): (usize, String)| {
        let sentence = format!("{what} registers a route: make it an entry of `{TABLE}`");
        Finding::new(NAME, &file.path, line, sentence)
    };
    reader.found.into_iter().map(finding).collect()
}

struct Reader {
    found: Vec<(usize, String)>,
}

impl Reader {
    fn function(&mut self, path: &SynPath) {
        let names: Vec<_> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if let [.., module, name] = &names[..]
            && module == "web"
            && FUNCTIONS.contains(&name.as_str())
        {
            self.found.push((line(path), format!("`web::{name}`")));
        }
    }

    fn attributes(&mut self, attributes: &[Attribute]) {
        for attribute in attributes {
            let last = attribute.path().segments.last();
            let name = last.map(|last| last.ident.to_string()).unwrap_or_default();
            if ATTRIBUTES.contains(&name.as_str()) {
                self.found.push((line(attribute), format!("`#[{name}]`")));
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
            self.attributes(&item.attrs);
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_expr_path(&mut self, expression: &'ast ExprPath) {
        self.function(&expression.path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = call.method.to_string();
        // The way of a push to its tenant is a route as well, but not one of the web.
        let is_of_the_web = || call.args.iter().any(|one| expression_names(one, &["web"]));
        if name == "service" || (name == "route" && is_of_the_web()) {
            self.found
                .push((line(&call.method), format!("`.{name}(…)`")));
        }
        visit::visit_expr_method_call(self, call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout::fixture::Fixture;

    const TABLE_OF_TWO: &str = r#"//! Routes.
pub static ROUTES: &[Route] = &[
    Route::public(Method::GET, "/health", Endpoint::Health),
    Route::admin(Method::GET, "/admin", Permission::Scope(ApiScope::AuditRead), Endpoint::Audit),
];
"#;

    fn with(files: &[(&str, &str)]) -> Vec<Finding> {
        check(&Fixture::new(files).checkout()).unwrap()
    }

    #[test]
    fn entries_that_say_who_may_use_them_are_fine() {
        assert_eq!(with(&[(TABLE_FILE, TABLE_OF_TWO)]), []);
        let literal = "//! Routes.\nconst ROUTES: [Route; 1] = [Route { path: \"/x\", \
                       permission: everybody() }];\n";
        assert_eq!(with(&[("crates/api/src/routes/table.rs", literal)]), []);
    }

    #[test]
    fn an_entry_without_a_permission_is_found_with_its_line() {
        let table = TABLE_OF_TWO.replace("Route::public(", "Route::of(");
        let found = with(&[(TABLE_FILE, &table)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
    }

    #[test]
    fn an_api_without_the_table_is_found() {
        let found = with(&[("crates/api/src/lib.rs", "//! The API.\n")]);
        assert_eq!(found.len(), 1);
        assert!(found[0].sentence.contains(TABLE));
        assert_eq!(with(&[("crates/domain/src/lib.rs", "//! Rules.\n")]), []);
    }

    #[test]
    fn a_route_that_is_registered_elsewhere_is_found() {
        let handlers = "//! It.\n\
            fn a(config: &mut ServiceConfig) {\n\
                config.service(web::resource(\"/x\"));\n\
                config.route(\"/y\", web::get().to(y));\n\
                let scope = actix_web::web::scope(\"/z\");\n\
            }\n\
            #[get(\"/w\")]\n\
            async fn w() {}\n";
        let lines = |path| {
            let found = with(&[(TABLE_FILE, TABLE_OF_TWO), (path, handlers)]);
            found.iter().map(|one| one.line).collect::<Vec<_>>()
        };
        assert_eq!(lines("crates/api/src/admin/x.rs"), [3, 3, 4, 5, 7]);
        assert_eq!(lines("crates/app/src/serve.rs"), [3, 3, 4, 5, 7]);
        assert_eq!(lines("crates/shopee-emulator/src/http.rs"), [0; 0]);
    }

    #[test]
    fn another_kind_of_route_is_no_business_of_this_rule() {
        let handler = "//! It.\nfn it(state: State) { state.tenants.route(profile) }\n";
        let files = [
            (TABLE_FILE, TABLE_OF_TWO),
            ("crates/api/src/webhook.rs", handler),
        ];
        assert_eq!(with(&files), []);
    }

    #[test]
    fn tests_may_register_what_they_like() {
        let text =
            "//! It.\n#[cfg(test)]\nmod tests {\n fn app() { App::new().route(\"/\", r) }\n}\n";
        let service = "//! It.\nfn app() { App::new().service(web::resource(\"/\")) }\n";
        let files = [
            (TABLE_FILE, TABLE_OF_TWO),
            ("crates/api/src/admin.rs", text),
            ("crates/api/src/admin/tests.rs", service),
            ("crates/api/src/admin/tests/paging.rs", service),
            ("crates/api/src/testing.rs", service),
        ];
        assert_eq!(with(&files), []);
    }
}
