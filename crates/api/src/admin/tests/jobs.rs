use hawker_ports::testing::examples::noon;
use serde_json::{Value, json};

use super::{Admin, text};
use crate::testing::Answer;

const RECONCILE: &str = "/admin/jobs/reconcile-daily/runs";

/// A shop whose profile is in force.
fn shop() -> (Admin, String) {
    let admin = Admin::new();
    let profile = admin.profile("sandbox", "Shop");
    admin.server.world.authorise(&profile);
    (admin, profile)
}

fn asked(admin: &Admin, body: &Value) -> Value {
    let answer = admin.send("POST", RECONCILE, body);
    assert_eq!(answer.status, 202, "{answer:?}");
    let run = admin.get(&format!(
        "/admin/jobs/runs/{}",
        text(&answer.json()["run_id"])
    ));
    assert_eq!(run.status, 200, "{run:?}");
    run.json()
}

fn field(refused: &Answer) -> String {
    assert!(refused.is_problem(422, "validation-failed"), "{refused:?}");
    text(&refused.json()["errors"][0]["field"])
}

#[test]
fn each_job_tells_when_it_runs_for_whom_and_how_it_went() {
    let (admin, profile) = shop();
    asked(&admin, &json!({}));
    let last = asked(admin_later(&admin), &json!({}));
    let jobs = admin.get("/admin/jobs");
    assert_eq!(jobs.status, 200, "{jobs:?}");
    let jobs = jobs.json();
    let of = |name: &str| {
        let items = jobs["items"].as_array().expect("items");
        let job = items.iter().find(|job| job["job"] == name);
        job.unwrap_or_else(|| panic!("{name}: {jobs}")).clone()
    };
    let recovery = of("lost-push-recovery");
    assert_eq!(recovery["schedule"], "0 * * * *");
    assert_eq!(recovery["scopes"][0]["profile_id"], json!(null));
    assert_eq!(recovery["scopes"][0]["last_run"], json!(null));
    let reconcile = of("reconcile-daily");
    let scope = &reconcile["scopes"][0];
    assert_eq!(
        (&scope["profile_id"], &scope["zone"]),
        (&json!(profile), &json!("Asia/Singapore"))
    );
    assert!(scope["next_slot"].is_string(), "{scope}");
    assert_eq!(scope["last_run"]["id"], last["id"], "{scope}");
    let backstop = of("escrow-backstop-daily");
    assert_eq!(
        (&backstop["schedule"], &backstop["scopes"][0]["next_slot"]),
        (&json!(null), &json!(null))
    );
}

/// A minute later: two runs of one moment would be one.
fn admin_later(admin: &Admin) -> &Admin {
    admin
        .server
        .world
        .clock
        .advance(chrono::TimeDelta::minutes(1));
    admin
}

#[test]
fn a_run_is_asked_for_with_days_of_the_shop_or_with_moments() {
    let (admin, profile) = shop();
    let day = (noon() - chrono::TimeDelta::days(3)).date_naive();
    let run = asked(&admin, &json!({ "from": day, "to": day }));
    assert_eq!(
        (&run["profile_id"], &run["trigger"], &run["state"]),
        (&json!(profile), &json!("manual"), &json!("queued")),
        "{run}"
    );
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc() - chrono::TimeDelta::hours(8);
    let moment = |name: &str| {
        let told = text(&run["arguments"][name]);
        told.parse::<chrono::DateTime<chrono::Utc>>()
            .expect("a moment")
    };
    assert_eq!(moment("from"), midnight);
    assert_eq!(moment("to"), midnight + chrono::TimeDelta::days(1));
    let log = admin.get("/admin/dashboard/audit?action=job.asked");
    assert_eq!(log.json()["total"], 1);
}

#[test]
fn a_run_that_cannot_be_is_refused_by_name() {
    let (admin, profile) = shop();
    let post =
        |job: &str, body: Value| admin.send("POST", &format!("/admin/jobs/{job}/runs"), &body);
    let recovery = "lost-push-recovery";
    let (day, before) = ("2025-01-02", "2025-01-01");
    for (job, body, wrong) in [
        ("reconcile-daily", json!({ "from": day }), "to"),
        ("reconcile-daily", json!({ "to": day }), "from"),
        (
            "reconcile-daily",
            json!({ "from": day, "to": before }),
            "to",
        ),
        (
            "reconcile-daily",
            json!({ "from": "soon", "to": day }),
            "from",
        ),
        (recovery, json!({ "from": before, "to": day }), "from"),
        (recovery, json!({ "profile_id": profile }), "profile_id"),
    ] {
        let refused = post(job, body.clone());
        assert_eq!(field(&refused), wrong, "{job} {body}");
    }
    let unknown = post("make-coffee", json!({}));
    assert!(unknown.is_problem(404, "not-found"), "{unknown:?}");
    let nobody = post("reconcile-daily", json!({ "profile_id": "prof_gone" }));
    assert!(nobody.is_problem(404, "not-found"), "{nobody:?}");
    assert_eq!(admin.get("/admin/jobs/runs").json()["items"], json!([]));
}

#[test]
fn runs_are_listed_in_parts_by_job_and_by_how_they_stand() {
    let (admin, _) = shop();
    for day in 1..=3 {
        let window = json!({
            "from": format!("2025-12-0{day}T00:00:00Z"),
            "to": format!("2025-12-0{day}T12:00:00Z"),
        });
        asked(admin_later(&admin), &window);
    }
    let recovery = admin.send("POST", "/admin/jobs/lost-push-recovery/runs", &json!({}));
    assert_eq!(recovery.status, 202, "{recovery:?}");
    let first = admin
        .get("/admin/jobs/runs?job=reconcile-daily&limit=2")
        .json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2), "{first}");
    let rest = format!("job=reconcile-daily&limit=2&after={}", text(&first["next"]));
    let rest = admin.get(&format!("/admin/jobs/runs?{rest}")).json();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1), "{rest}");
    assert_eq!(rest["next"], json!(null));
    assert_eq!(
        admin.get("/admin/jobs/runs?state=done").json()["items"],
        json!([])
    );
    assert_eq!(field(&admin.get("/admin/jobs/runs?state=lazy")), "state");
    let other = admin.server.world.token_of("cards");
    let theirs = admin
        .server
        .ask(&other, "GET", "/admin/jobs/runs?job=reconcile-daily");
    assert_eq!(theirs.json()["items"], json!([]));
    let run = format!("/admin/jobs/runs/{}", text(&first["items"][0]["id"]));
    let hidden = admin.server.ask(&other, "GET", &run);
    assert!(hidden.is_problem(404, "not-found"), "{hidden:?}");
}

/// However many runs another profile, or another job, has had since.
#[test]
fn the_last_run_of_each_scope_is_told_whatever_ran_since() {
    let (admin, _) = shop();
    let recovery = admin.send("POST", "/admin/jobs/lost-push-recovery/runs", &json!({}));
    assert_eq!(recovery.status, 202, "{recovery:?}");
    let rare = admin.profile("sandbox", "Rarely");
    let once = asked(&admin, &json!({ "profile_id": rare }));
    for _ in 0..201 {
        asked(admin_later(&admin), &json!({}));
    }
    let jobs = admin.get("/admin/jobs").json();
    let items = jobs["items"].as_array().expect("items");
    let last = items.iter().flat_map(|job| {
        let scopes = job["scopes"].as_array().expect("scopes");
        scopes.iter().map(|scope| &scope["last_run"]["id"])
    });
    let last: Vec<_> = last.collect();
    assert!(last.contains(&&once["id"]), "{jobs}");
    assert!(last.contains(&&recovery.json()["run_id"]), "{jobs}");
}
