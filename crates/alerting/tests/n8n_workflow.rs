//! The workflow in `deploy/n8n` and the page about alerts say of each kind of alert what the sinks say.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};

use hawker_alerting::sign_of;
use hawker_domain::alert::NoticeKind;
use hawker_domain::exception::ErrorClass;
use serde_json::{Value, json};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// As they were documented first; whoever reads a chat knows them.
const DOCUMENTED: [(&str, &str); 8] = [
    ("signature_mismatch", "🛑"),
    ("sku_not_found", "⚠️"),
    ("medusa_workflow_failed", "🔥"),
    ("escrow_fetch_failed", "💸"),
    ("sdk_transient", "🔁"),
    ("token_expired", "🔑"),
    ("retry_exhausted", "☠️"),
    ("unknown", "❓"),
];

fn read(path: &str) -> String {
    let path = format!("{ROOT}/{path}");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn workflow() -> Value {
    serde_json::from_str(&read("deploy/n8n/shopee-alert-formatter.json")).expect("JSON")
}

/// The one node of a type.
fn node<'a>(workflow: &'a Value, of_type: &str) -> &'a Value {
    let nodes = workflow["nodes"].as_array().expect("nodes");
    let mut found = nodes.iter().filter(|node| node["type"] == of_type);
    match (found.next(), found.next()) {
        (Some(node), None) => node,
        _ => panic!("one {of_type} is to be there"),
    }
}

fn code(workflow: &Value) -> &str {
    let code = &node(workflow, "n8n-nodes-base.code")["parameters"]["jsCode"];
    code.as_str().expect("code")
}

/// The map from classes to signs that the code begins with.
fn signs_in(code: &str) -> BTreeMap<String, String> {
    let (_, map) = code.split_once("const emoji = ({").expect("the map begins");
    let (map, _) = map.split_once("});").expect("the map ends");
    let entries = map.lines().map(str::trim).filter(|line| !line.is_empty());
    entries
        .map(|line| {
            let (class, sign) = line.split_once(": ").expect("a class and a sign");
            let sign = sign.trim_end_matches(',').trim_matches('\'');
            (class.to_owned(), sign.to_owned())
        })
        .collect()
}

fn signs_of_classes() -> BTreeMap<String, String> {
    ErrorClass::ALL
        .iter()
        .map(|class| (class.to_string(), sign_of(*class).to_owned()))
        .collect()
}

#[test]
fn the_documented_signs_are_as_they_were() {
    let signs = signs_of_classes();
    for (class, sign) in DOCUMENTED {
        assert_eq!(signs.get(class).map(String::as_str), Some(sign), "{class}");
    }
}

#[test]
fn the_workflow_has_the_sign_of_every_class() {
    assert_eq!(signs_in(code(&workflow())), signs_of_classes());
}

#[test]
fn the_workflow_knows_every_kind_of_message() {
    let workflow = workflow();
    for kind in NoticeKind::ALL
        .iter()
        .map(|kind| kind.as_str())
        .chain(["test"])
    {
        let entry = format!("\n  {kind}: ");
        assert!(code(&workflow).contains(&entry), "{kind} has no headline");
    }
}

#[test]
fn the_workflow_goes_from_the_webhook_by_the_formatter_to_telegram() {
    let workflow = workflow();
    let webhook = node(&workflow, "n8n-nodes-base.webhook");
    assert_eq!(webhook["parameters"]["httpMethod"], "POST");
    assert_eq!(webhook["parameters"]["path"], "shopee-alert");
    // Only when Telegram has it, Hawker hears that it is delivered.
    assert_eq!(webhook["parameters"]["responseMode"], "lastNode");
    let formatter = node(&workflow, "n8n-nodes-base.code");
    let telegram = node(&workflow, "n8n-nodes-base.telegram");
    assert_eq!(telegram["parameters"]["text"], "={{ $json.text }}");
    let options = &telegram["parameters"]["additionalFields"];
    assert_eq!(options["parse_mode"], "Markdown");

    let next = |from: &Value| {
        let name = from["name"].as_str().expect("a name");
        let branches = workflow["connections"][name]["main"].as_array();
        let first = branches.and_then(|branches| branches.first()?.as_array());
        let targets = first.map(Vec::as_slice).unwrap_or_default();
        let targets: Vec<_> = targets.iter().map(|to| to["node"].clone()).collect();
        targets
    };
    assert_eq!(next(webhook), [formatter["name"].clone()]);
    assert_eq!(next(formatter), [telegram["name"].clone()]);
    assert_eq!(next(telegram), [Value::Null; 0]);
}

#[test]
fn the_workflow_carries_no_credentials_and_is_not_active_before_somebody_looked() {
    let workflow = workflow();
    for node in workflow["nodes"].as_array().expect("nodes") {
        assert!(node.get("credentials").is_none(), "{node}");
    }
    assert_eq!(workflow["active"], false);
}

#[test]
fn the_page_shows_the_sign_of_every_class() {
    let page = read("docs/alerts.md");
    for (class, sign) in signs_of_classes() {
        let row = format!("| `{class}` | {sign} |");
        assert!(page.contains(&row), "docs/alerts.md lacks the row: {row}");
    }
}

/// What the workflow's code makes of payloads, where there is something that runs it; one line for each.
fn formatted(payloads: &[Value]) -> Option<Vec<String>> {
    const RUN: &str = "
        const { code, payloads } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        const format = new Function('$input', code);
        const texts = payloads.map((body) =>
            format({ first: () => ({ json: { body } }) })[0].json.text);
        process.stdout.write(JSON.stringify(texts));
    ";
    let node = Command::new("node")
        .args(["-e", RUN])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut node = match node {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        node => node.expect("node starts"),
    };
    let given = json!({ "code": code(&workflow()), "payloads": payloads }).to_string();
    let mut stdin = node.stdin.take().expect("its input");
    stdin.write_all(given.as_bytes()).expect("it reads");
    drop(stdin);
    let answered = node.wait_with_output().expect("it ends");
    assert!(answered.status.success(), "{answered:?}");
    Some(serde_json::from_slice(&answered.stdout).expect("texts"))
}

fn payload(kind: &str, more: Value) -> Value {
    let mut payload = json!({
        "connector": "shopee",
        "error_class": "sku_not_found",
        "message": "No variant has the SKU *A_B* [1] `x`.",
        "exception_id": "cex_1",
        "occurred_at": "2025-11-21T02:41:07Z",
        "details": { "kind": kind, "environment": "live", "tenant": "default" },
    });
    let more: serde_json::Map<_, _> = serde_json::from_value(more).expect("members");
    payload.as_object_mut().expect("an object").extend(more);
    payload
}

#[test]
fn the_code_of_the_workflow_writes_the_documented_message() {
    let mut many = payload("reminder", json!({ "error_class": "of_tomorrow" }));
    many["details"] = json!({
        "kind": "reminder", "environment": "live", "tenant": "acme", "orders": ["A1", "A2"],
        "due_at": "2025-11-22T10:00:00+00:00",
    });
    let payloads = [
        payload(
            "opened",
            json!({ "ordersn": "251121K7M2XW9P", "raw_event_id": "srev_1" }),
        ),
        many,
        payload("recovered", json!({})),
        payload("test", json!({ "details": { "kind": "test" } })),
        payload("full moon", json!({ "message": "_".repeat(9000) })),
    ];
    let Some(texts) = formatted(&payloads) else {
        println!("skipped: node is not installed, so the workflow's code is not run");
        return;
    };
    let message = r"Message: No variant has the SKU \*A\_B\* \[1] \`x\`.";
    let end = "Exception: `cex_1`\nAt: 2025-11-21T02:41:07Z";
    let event = "Exception: `cex_1`\nRaw event: `srev_1`\nAt: 2025-11-21T02:41:07Z";
    let expected = [
        format!(
            "⚠️ *Shopee connector failure*\n`sku_not_found` (live)\nOrder: `251121K7M2XW9P`\n{message}\n{event}"
        ),
        format!(
            "⏳ ❓ *Shopee connector failure: still open*\n`of_tomorrow` (live, acme)\nOrders: `A1`, `A2`\n\
             {message}\nDue: 2025-11-22T10:00:00+00:00\n{end}"
        ),
        format!("✅ *Shopee connector failure: over*\n`sku_not_found` (live)\n{message}\n{end}"),
        format!("🔔 *Hawker: a test*\n`sku_not_found`\n{message}\n{end}"),
    ];
    assert_eq!(texts[..4], expected);
    // Telegram counts after the backslashes are parsed.
    let long = texts[4].replace('\\', "");
    assert!(
        long.starts_with("⚠️ *Shopee connector failure*\n"),
        "{long}"
    );
    assert!(long.encode_utf16().count() < 4096);
}
