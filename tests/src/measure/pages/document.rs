//! What there is to ask for, as the service's own document tells it: a list, a filter or an order that
//! nothing measures is a failure and not a gap that nobody sees.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::lists::Case;

/// What is asked for with GET and is neither a list nor anything of the database that grows.
const NO_LISTS: [(&str, &str); 14] = [
    ("/connectors/shopee/oauth/callback", "a seller comes back"),
    (
        "/connectors/shopee/oauth/callback/{env}",
        "a seller comes back",
    ),
    ("/health", "a probe"),
    ("/healthz", "a probe"),
    ("/readyz", "a probe"),
    ("/version", "a probe"),
    ("/metrics", "kept in memory"),
    ("/openapi.json", "a document"),
    ("/docs", "a document"),
    ("/docs/{file}", "a document"),
    ("/admin/dashboard/whoami", "what the token says"),
    (
        "/admin/dashboard/connectors/shopee/oauth/start",
        "makes a link",
    ),
    (
        "/admin/dashboard/connectors/shopee/profiles/{id}/push-config",
        "asks the marketplace",
    ),
    (
        "/admin/dashboard/events/{id}/signature",
        "computes a signature",
    ),
];

/// Parameters that choose no rows. `totals` asks for what a whole report comes to, which is as much work as
/// the report has rows, and for that reason is no part of its pages.
const NO_FILTERS: [&str; 3] = ["limit", "after", "totals"];

/// What the document has and no case covers.
pub(super) fn uncovered(document: &Value, cases: &[Case]) -> Vec<String> {
    let mut covered: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for case in cases {
        let names = case.query.iter().map(|(name, _)| *name);
        covered.entry(case.route).or_default().extend(names);
    }
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut missing = Vec::new();
    for (path, operations) in paths {
        let Some(get) = operations.get("get") else {
            continue;
        };
        if NO_LISTS.iter().any(|(known, _)| known == path) {
            continue;
        }
        let Some(filters) = covered.get(path.as_str()) else {
            missing.push(format!("GET {path}"));
            continue;
        };
        let parameters = get["parameters"].as_array().into_iter().flatten();
        let names = parameters
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| parameter["name"].as_str());
        let unused = names.filter(|name| !NO_FILTERS.contains(name) && !filters.contains(name));
        missing.extend(unused.map(|name| format!("GET {path}?{name}=…")));
    }
    missing
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::measure::pages::cursor::Paging;

    fn case(query: Vec<(&'static str, String)>) -> Case {
        Case {
            route: "/admin/orders",
            path: "/admin/orders".to_owned(),
            query,
            paging: Paging::Whole,
            tables: "connector_order",
        }
    }

    #[test]
    fn a_new_list_and_a_new_filter_are_noticed() {
        let parameter = |name: &str| json!({"in": "query", "name": name});
        let document = json!({"paths": {
            "/admin/orders": {"get": {"parameters": [parameter("held"), parameter("limit")]}},
            "/admin/returns": {"get": {}, "post": {}},
            "/admin/alerts/test": {"post": {}},
            "/health": {"get": {}},
        }});
        let none = uncovered(&document, &[case(Vec::new())]);
        assert_eq!(none, ["GET /admin/orders?held=…", "GET /admin/returns"]);
        let all = uncovered(&document, &[case(vec![("held", "true".to_owned())])]);
        assert_eq!(all, ["GET /admin/returns"]);
    }
}
