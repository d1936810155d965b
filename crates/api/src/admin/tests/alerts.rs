use hawker_ports::alerts::SinkError;
use serde_json::json;

use super::Admin;

const TEST: &str = "/admin/alerts/test";

#[test]
fn a_test_alert_goes_to_every_sink_and_what_each_said_is_told() {
    let admin = Admin::new();
    let taken = admin.post(TEST);
    let sink = json!({ "sink": "recording", "is_ok": true, "error": null });
    assert_eq!(
        taken.json(),
        json!({ "is_ok": true, "sinks": [sink] }),
        "{taken:?}"
    );
    assert_eq!(admin.server.world.sink.delivered().len(), 1);

    admin
        .server
        .world
        .sink
        .fail_next(SinkError::Refused { status: 404 });
    let refused = admin.post(TEST);
    let sink = json!({
        "sink": "recording", "is_ok": false, "error": "the alert sink answered 404",
    });
    assert_eq!(
        refused.json(),
        json!({ "is_ok": false, "sinks": [sink] }),
        "{refused:?}"
    );
    let log = admin
        .get("/admin/dashboard/audit?action=alerts.tested")
        .json();
    let entries = log["items"].as_array().expect("entries");
    assert_eq!(entries.len(), 2, "{log:#}");
    assert_eq!(entries[0]["subject"], "alerts");
    assert_eq!(
        entries[0]["details"],
        json!({ "taken": [], "failed": ["recording"] })
    );
}
