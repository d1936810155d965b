//! The commands about profiles and their connection, for a person and for a program.

use std::path::PathBuf;

use hawker_shopee_emulator::PartnerApp;
use hawker_tests::{Bench, Ended, run};
use serde_json::{Value, json};

const SANDBOX: &str = "prof_sandbox";

async fn ended(bench: &Bench, arguments: &[&str]) -> Ended {
    let settings = bench.settings.clone().without("RUST_LOG");
    run(&settings, arguments).await
}

async fn succeeds(bench: &Bench, arguments: &[&str]) -> String {
    let ended = ended(bench, arguments).await;
    assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
    ended.stdout
}

async fn json(bench: &Bench, arguments: &[&str]) -> Value {
    let told = succeeds(bench, &[arguments, &["--json"]].concat()).await;
    serde_json::from_str(&told).expect("JSON")
}

/// A command that has to fail with this exit code; what it says of it.
async fn fails(bench: &Bench, code: i32, arguments: &[&str]) -> String {
    let ended = ended(bench, arguments).await;
    assert_eq!(ended.code, code, "{arguments:?}: {ended:#?}");
    assert!(ended.stderr.starts_with("hawker: "), "{ended:?}");
    ended.stderr
}

/// A secret in a file, removed with this value.
struct SecretFile(PathBuf);

impl SecretFile {
    fn of(name: &str, secret: &str) -> Self {
        let name = format!("{name}-{}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, format!("{secret}\n")).expect("a file");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path of characters")
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_made_changed_activated_and_deleted() {
    let bench = Bench::without_service().await;
    let key = "partner-key-out-of-a-file-0a1b2c3d4e5f";
    let file = SecretFile::of("partner-key", key);
    let create = ["profiles", "create", "--env", "live", "--name", "Branch"];
    let create = [&create[..], &["--region", "SG", "--partner-id", "77"]].concat();
    let create = [
        &create[..],
        &["--shop-id", "88", "--partner-key-file", file.path()],
    ];
    let created = json(&bench, &create.concat()).await;
    assert_eq!(created["missing"], json!([]));
    let id = created["id"].as_str().unwrap();
    let version = created["version"].to_string();

    let edit = ["profiles", "edit", id, "--if-version", &version];
    let edited = json(&bench, &[&edit[..], &["--name", "Renamed"]].concat()).await;
    assert_eq!(edited["display_name"], "Renamed");
    let late = fails(&bench, 1, &[&edit[..], &["--name", "Late"]].concat()).await;
    assert!(late.contains("changed by somebody else"), "{late}");
    let shown = succeeds(&bench, &["profiles", "show", id]).await;
    let fingerprint = edited["partner_key"]["fingerprint"].as_str().unwrap();
    for word in ["Renamed", "live", fingerprint, "no push key"] {
        assert!(shown.contains(word), "{word} is not in\n{shown}");
    }
    assert!(!shown.contains(key), "{shown}");

    assert_eq!(
        json(&bench, &["profiles", "activate", id]).await["is_active"],
        true
    );
    let refused = fails(&bench, 1, &["profiles", "delete", id]).await;
    assert!(refused.contains("activate another one"), "{refused}");
    let switched = json(&bench, &["profiles", "switch", "live"]).await;
    assert_eq!(switched["active_environment"], "live");
    succeeds(&bench, &["profiles", "switch", "sandbox"]).await;
    succeeds(&bench, &["profiles", "activate", "prof_live"]).await;
    let unready = fails(&bench, 1, &["profiles", "switch", "live"]).await;
    assert!(
        unready.contains("not fully configured: missing"),
        "{unready}"
    );
    succeeds(&bench, &["profiles", "delete", id]).await;
    fails(&bench, 4, &["profiles", "show", id]).await;
    let listed = succeeds(&bench, &["profiles", "list"]).await;
    assert!(listed.contains(SANDBOX) && !listed.contains(id), "{listed}");

    let subject = format!("profile:{id}");
    let audit = json(&bench, &["audit", "list", "--subject", &subject]).await;
    let rows = audit["rows"]
        .as_array()
        .unwrap_or_else(|| panic!("{audit:#}"));
    let mut actions: Vec<_> = rows.iter().map(|row| &row["action"]).collect();
    actions.reverse();
    let deeds = ["created", "changed", "activated", "deleted"];
    let deeds = deeds.map(|deed| json!(format!("profile.{deed}")));
    assert_eq!(actions, deeds.iter().collect::<Vec<_>>());
    let of_one = ["audit", "list", "--action", "profile.deleted"];
    assert!(succeeds(&bench, &of_one).await.contains(&subject));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_does_not_work_says_where_it_ends() {
    let bench = Bench::without_service().await;
    let report = json(&bench, &["connection", "test"]).await;
    assert_eq!(report["is_ok"], true, "{report:#}");
    let status = json(&bench, &["oauth", "status"]).await;
    assert_eq!(status["status"], "valid");
    assert_eq!(status["profile_id"], SANDBOX);

    let file = SecretFile::of("wrong-key", "a-partner-key-with-a-typing-error-1234");
    let edit = ["profiles", "edit", SANDBOX, "--partner-key-file"];
    succeeds(&bench, &[&edit[..], &[file.path()]].concat()).await;
    let failed = ended(&bench, &["connection", "test"]).await;
    assert_eq!(failed.code, 1, "{failed:#?}");
    assert!(failed.stdout.contains("FAILED"), "{failed:#?}");
    assert!(failed.stderr.contains("does not work: app"), "{failed:#?}");
    let right = SecretFile::of("right-key", &PartnerApp::default().partner_key);
    succeeds(&bench, &[&edit[..], &[right.path()]].concat()).await;
    let report = json(&bench, &["connection", "test"]).await;
    assert_eq!(report["is_ok"], true, "{report:#}");

    let other = ["--env", "live"];
    let failed = ended(&bench, &[&["connection", "test"], &other[..]].concat()).await;
    assert_eq!(failed.code, 1, "{failed:#?}");
    let refused = fails(&bench, 1, &[&["oauth", "start"], &other[..]].concat()).await;
    assert!(refused.contains("complete the profile first"), "{refused}");
    let status = succeeds(&bench, &[&["oauth", "status"], &other[..]].concat()).await;
    assert!(status.contains("not authorised"), "{status}");
}
