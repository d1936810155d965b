//! Nobody talks to the network while a transaction is open.
//!
//! A marketplace that answers slowly would hold rows and a connection for as long as it likes. The
//! rule reads the use cases: a gateway is a field or parameter whose type names one of the network
//! ports, or the use case through which every call on behalf of a shop goes; a call of one, directly
//! or through a function of the same file, must not happen between `begin` and the end of the unit of
//! work. Sleeping counts as well: whoever sleeps holds the rows just as long.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{
    Block, Field, FnArg, ImplItem, ImplItemFn, Item, ItemFn, ItemMod, Pat, PatType, Signature,
    TraitItem,
};

use super::checkout::Checkout;
use super::finding::Finding;
use super::syntax::{for_tests, parse, type_names};
use super::units_of_work::{Met, walk};

pub const NAME: &str = "no-gateway-in-uow";

/// The ports behind which there is a network or a wait, and the use case that stands before them.
const GATEWAYS: [&str; 12] = [
    "Marketplace",
    "OrderLister",
    "ReleaseLister",
    "ReturnLister",
    "ParcelTracker",
    "LostPushes",
    "Authoriser",
    "ShopDesk",
    "PushConsole",
    "AlertSink",
    "Sleeper",
    "ShopTokens",
];

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let network_calls = network_calls(checkout)?;
    for file in checkout.files("crates/usecases/src", ".rs")? {
        let mut reader = Reader::new(&network_calls);
        reader.visit_file(&parse(&file)?);
        for (line, call) in reader.forbidden_calls() {
            let sentence = format!(
                "`{call}` reaches the network while a unit of work is open: commit or drop it \
                 before, and open another one for the answer"
            );
            findings.push(Finding::new(NAME, &file.path, line, sentence));
        }
    }
    Ok(findings)
}

/// The methods of the gateways that wait for an answer; the others, such as a name, only look.
fn network_calls(checkout: &Checkout) -> anyhow::Result<BTreeSet<String>> {
    let mut calls = BTreeSet::new();
    for folder in ["crates/ports/src", "crates/usecases/src"] {
        for file in checkout.files(folder, ".rs")? {
            for item in parse(&file)?.items {
                calls.extend(waiting(item));
            }
        }
    }
    Ok(calls)
}

/// The names of the asynchronous methods, if the item is a gateway's.
fn waiting(item: Item) -> Vec<String> {
    let signatures: Vec<Signature> = match item {
        Item::Trait(port) if GATEWAYS.iter().any(|gateway| port.ident == gateway) => {
            let methods = port.items.into_iter().filter_map(|item| match item {
                TraitItem::Fn(method) => Some(method.sig),
                _ => None,
            });
            methods.collect()
        }
        Item::Impl(block) if block.trait_.is_none() && type_names(&block.self_ty, &GATEWAYS) => {
            let methods = block.items.into_iter().filter_map(|item| match item {
                ImplItem::Fn(method) => Some(method.sig),
                _ => None,
            });
            methods.collect()
        }
        _ => Vec::new(),
    };
    signatures
        .into_iter()
        .filter(|signature| signature.asyncness.is_some())
        .map(|signature| signature.ident.to_string())
        .collect()
}

struct Reader<'a> {
    network_calls: &'a BTreeSet<String>,
    /// Names of fields and parameters that are gateways.
    gateways: BTreeSet<String>,
    /// Each function of the file, with what happens in it.
    functions: Vec<(String, Vec<Met>)>,
}

impl<'a> Reader<'a> {
    fn new(network_calls: &'a BTreeSet<String>) -> Self {
        Self {
            network_calls,
            gateways: BTreeSet::new(),
            functions: Vec::new(),
        }
    }

    fn function(&mut self, signature: &Signature, body: &Block) {
        for input in &signature.inputs {
            if let FnArg::Typed(PatType { pat, ty, .. }) = input
                && let (Pat::Ident(name), true) = (&**pat, type_names(ty, &GATEWAYS))
            {
                self.gateways.insert(name.ident.to_string());
            }
        }
        self.functions
            .push((signature.ident.to_string(), walk(signature, body)));
    }

    fn forbidden_calls(&self) -> Vec<(usize, String)> {
        let reaching = self.reaching();
        let mut found = Vec::new();
        for (_, met) in &self.functions {
            for met in met {
                if let Met::Called {
                    receiver,
                    method,
                    line,
                    open: true,
                } = met
                    && self.reaches(receiver.as_deref(), method, &reaching)
                {
                    let receiver = receiver.as_deref().unwrap_or("…");
                    found.push((*line, format!("{receiver}.{method}")));
                }
            }
        }
        found
    }

    fn reaches(&self, receiver: Option<&str>, method: &str, reaching: &BTreeSet<&str>) -> bool {
        let gateway = receiver.is_some_and(|name| self.gateways.contains(name));
        (gateway && self.network_calls.contains(method))
            || (receiver == Some("self") && reaching.contains(method))
    }

    /// The functions of this file that call a gateway, directly or through each other.
    fn reaching(&self) -> BTreeSet<&str> {
        let mut reaching = BTreeSet::new();
        loop {
            let before = reaching.len();
            for (name, met) in &self.functions {
                let calls = |met: &Met| match met {
                    Met::Called {
                        receiver, method, ..
                    } => self.reaches(receiver.as_deref(), method, &reaching),
                    Met::Begun { .. } | Met::Closed { .. } => false,
                };
                if met.iter().any(calls) {
                    reaching.insert(name.as_str());
                }
            }
            if reaching.len() == before {
                return reaching;
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if let (Some(name), true) = (&field.ident, type_names(&field.ty, &GATEWAYS)) {
            self.gateways.insert(name.to_string());
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
        let text = format!(
            "//! It.\nstruct Ship {{ store: Arc<dyn Store>, marketplace: Arc<dyn Marketplace> }}\n\
             impl Ship {{\n\
             async fn ask(&self) {{ self.marketplace.order_details().await }}\n\
             async fn run(&self) {{\n{body}\n}}\n}}\n"
        );
        let ports = "trait Marketplace { async fn order_details(&self); fn name(&self); }";
        let fixture = Fixture::new(&[
            ("crates/ports/src/marketplace.rs", ports),
            ("crates/usecases/src/ship.rs", &text),
        ]);
        check(&fixture.checkout()).unwrap()
    }

    #[test]
    fn talking_between_two_units_of_work_is_fine() {
        let body = "let mut uow = self.store.begin(t).await?;\nuow.commit().await?;\n\
                    self.marketplace.order_details().await;\n\
                    let mut uow = self.store.begin(t).await?;\nuow.commit().await?;";
        assert_eq!(with(body), []);
    }

    #[test]
    fn asking_a_gateway_for_its_name_is_fine() {
        let body = "let mut uow = self.store.begin(t).await?;\nself.marketplace.name();\n\
                    uow.commit().await?;";
        assert_eq!(with(body), []);
    }

    #[test]
    fn talking_inside_a_unit_of_work_is_found_with_its_line() {
        let body = "let mut uow = self.store.begin(t).await?;\n\
                    self.marketplace.order_details().await;\nuow.commit().await?;";
        let found = with(body);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 7);
    }

    #[test]
    fn talking_through_another_function_is_found_too() {
        let body =
            "let mut uow = self.store.begin(t).await?;\nself.ask().await;\nuow.commit().await?;";
        assert_eq!(with(body).len(), 1);
    }

    #[test]
    fn asking_for_a_list_inside_a_unit_of_work_is_found_whoever_gives_it() {
        for (port, call) in [
            ("OrderLister", "list_orders"),
            ("ReleaseLister", "list_releases"),
            ("LostPushes", "lost_pushes"),
        ] {
            let ports = format!("trait {port} {{ async fn {call}(&self); }}");
            let text = format!(
                "//! It.\nstruct Look {{ lists: Arc<dyn {port}> }}\nimpl Look {{\n\
                 async fn run(&self) {{\nlet mut uow = self.store.begin(t).await?;\n\
                 self.lists.{call}().await;\nuow.commit().await?;\n}}\n}}\n"
            );
            let fixture = Fixture::new(&[
                ("crates/ports/src/recovery.rs", &ports),
                ("crates/usecases/src/look.rs", &text),
            ]);
            let found = check(&fixture.checkout()).unwrap();
            assert_eq!(found.len(), 1, "{port}");
            assert_eq!(found[0].line, 6, "{port}");
        }
    }

    #[test]
    fn talking_through_the_use_case_that_holds_the_tokens_is_found() {
        let look = "//! It.\nstruct Look { tokens: Arc<ShopTokens> }\nimpl Look {\n\
                    async fn run(&self) {\nlet mut uow = self.store.begin(t).await?;\n\
                    self.tokens.access(t).await;\nuow.commit().await?;\n}\n}\n";
        let tokens = "//! It.\nimpl ShopTokens { pub async fn access(&self) {} }\n";
        let fixture = Fixture::new(&[
            ("crates/usecases/src/tokens.rs", tokens),
            ("crates/usecases/src/look.rs", look),
        ]);
        let found = check(&fixture.checkout()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 6);
    }
}
