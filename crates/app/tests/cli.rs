//! The program as a shell sees it, as far as that needs no database: help, exit codes, and what it
//! says of settings.

use std::process::{Child, Command, Output, Stdio};

const SECRETS: [(&str, &str); 4] = [
    ("JWT_SECRET", "hunter2-master"),
    ("SHOPEE_PARTNER_KEY", "hunter2-partner"),
    ("SHOPEE_PUSH_PARTNER_KEY", "hunter2-push"),
    ("SHOPEE_ACCESS_TOKEN", "hunter2-token"),
];

/// Nobody listens there.
const NO_DATABASE: &str = "postgres://hawker:hunter2-password@127.0.0.1:1/hawker";

fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_hawker"))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

fn hawker(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let child = start(arguments, variables);
    child.wait_with_output().expect("it ends")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn help_lists_commands_settings_and_exit_codes() {
    let help = hawker(&["--help"], &[]);
    assert_eq!(help.status.code(), Some(0));
    let text = stdout(&help);
    let commands = [
        "serve",
        "migrate",
        "seed",
        "profiles",
        "oauth",
        "connection",
        "events",
        "orders",
        "reconcile",
        "completeness",
        "escrow",
        "exceptions",
        "jobs",
        "alerts",
        "catalogue",
        "api-token",
        "keys",
        "audit",
    ];
    for word in commands {
        assert!(text.contains(word), "{word} is not in\n{text}");
    }
    for setting in hawker_app::config::SETTINGS {
        assert!(
            text.contains(setting.name),
            "{} is not in the help",
            setting.name
        );
    }
    for code in ["0  done", "2  ", "3  ", "4  ", "5  "] {
        assert!(text.contains(code), "{code}");
    }
}

#[test]
fn every_command_explains_itself() {
    let commands: &[&[&str]] = &[
        &["profiles"],
        &["profiles", "list"],
        &["profiles", "show"],
        &["profiles", "create"],
        &["profiles", "edit"],
        &["profiles", "activate"],
        &["profiles", "delete"],
        &["profiles", "switch"],
        &["oauth", "start"],
        &["oauth", "exchange"],
        &["oauth", "status"],
        &["oauth", "resend-code"],
        &["connection", "test"],
        &["events", "signature"],
        &["events", "verify-again"],
        &["api-token", "create"],
        &["api-token", "list"],
        &["api-token", "revoke"],
        &["keys", "rotate"],
        &["keys", "status"],
        &["audit", "list"],
        &["serve"],
        &["migrate"],
        &["seed"],
        &["events"],
        &["events", "list"],
        &["events", "show"],
        &["events", "retry"],
        &["orders", "list"],
        &["orders", "show"],
        &["orders", "refresh"],
        &["reconcile"],
        &["completeness"],
        &["escrow", "show"],
        &["escrow", "sync"],
        &["escrow", "report"],
        &["exceptions", "list"],
        &["exceptions", "groups"],
        &["exceptions", "show"],
        &["exceptions", "retry"],
        &["exceptions", "assign"],
        &["exceptions", "note"],
        &["exceptions", "snooze"],
        &["exceptions", "resolve"],
        &["exceptions", "wont-fix"],
        &["jobs", "list"],
        &["jobs", "run"],
        &["jobs", "history"],
        &["alerts", "test"],
        &["catalogue"],
        &["catalogue", "add"],
    ];
    for command in commands {
        let help = hawker(&[*command, &["--help"]].concat(), &[]);
        assert_eq!(help.status.code(), Some(0), "{command:?}");
        assert!(stdout(&help).contains("Usage: hawker"), "{command:?}");
    }
    assert!(stdout(&hawker(&["--version"], &[])).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_command_line_that_makes_no_sense_is_code_2() {
    let nonsense: &[&[&str]] = &[
        &["profiles", "switch", "production"],
        &["profiles", "create", "--env", "live", "--name", "Live"],
        &["profiles", "edit", "prof_live", "--region", "MARS"],
        &["profiles", "edit", "prof_live", "--partner-key", "hunter2"],
        &[
            "profiles",
            "edit",
            "prof_live",
            "--partner-key-ends",
            "soon",
        ],
        &["oauth", "start", "--env", "live", "--profile", "prof_live"],
        &["oauth", "exchange", "--code", "x"],
        &[
            "oauth",
            "exchange",
            "--shop-id",
            "1",
            "--main-account-id",
            "2",
        ],
        &["reconcile", "--from", "yesterday"],
        &["escrow", "report", "--from", "2026-11-01"],
        &["jobs", "run", "everything"],
        &["exceptions", "resolve"],
        &["api-token", "create", "--name", "me"],
        &[
            "api-token",
            "create",
            "--name",
            "me",
            "--scope",
            "everything",
        ],
        &[],
        &["fly"],
        &["orders"],
        &["orders", "list", "--limit", "0"],
        &["orders", "list", "--limit", "501"],
        &["events", "list", "--pending", "--processed"],
        &["--tenant", "Not A Name", "orders", "list"],
        &["events", "list", "--source", "nope"],
        &["orders", "list", "--sync", "nope"],
    ];
    for arguments in nonsense {
        let ended = hawker(arguments, &[]);
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}");
        assert!(stdout(&ended).is_empty(), "{arguments:?}");
    }
}

#[test]
fn every_problem_with_the_settings_is_told_at_once_and_is_code_3() {
    let wrong = [
        ("PORT", "many"),
        ("HOST", "localhost"),
        ("DATABASE_POOL", "-1"),
        ("HAWKER_WORKERS", "two"),
        ("PUBLIC_API_BASE_URL", "ops.example.com"),
        ("SHOPEE_ALERT_WEBHOOK_URL", "hunter2-path"),
        ("SHOPEE_OAUTH_RETURN_URL", "hunter2-page"),
        ("TOKEN_REFRESH_MARGIN_SECONDS", "14400"),
        ("JWT_SECRET_FILE", "/nowhere/secret"),
    ];
    for command in ["serve", "seed"] {
        let ended = hawker(&[command], &wrong);
        assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
        let said = stderr(&ended);
        for (name, _) in wrong {
            assert!(said.contains(name), "{name} is not in\n{said}");
        }
        assert!(said.contains("DATABASE_URL"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_name_that_is_not_known_is_answered_with_the_names_that_are() {
    let filters: [(&[&str], &str); 7] = [
        (&["profiles", "switch", "nope"], "sandbox, live"),
        (
            &["jobs", "run", "nope"],
            "lost-push-recovery, reconcile-daily, escrow-backstop-daily, inbox-retention",
        ),
        (
            &["jobs", "history", "--state", "nope"],
            "queued, running, done, failed, panicked, timed_out",
        ),
        (
            &["exceptions", "groups", "--class", "nope"],
            "signature_mismatch, sku_not_found",
        ),
        (
            &["api-token", "create", "--name", "me", "--scope", "nope"],
            "connectors:read, connectors:write, events:read, events:write, orders:read, orders:write",
        ),
        (
            &["events", "list", "--source", "nope"],
            "webhook, poll, reconcile, manual",
        ),
        (
            &["orders", "list", "--sync", "nope"],
            "pending, created, failed",
        ),
    ];
    for (arguments, known) in filters {
        let said = stderr(&hawker(arguments, &[]));
        assert!(said.contains(known), "{said}");
    }
}

#[test]
fn a_database_url_of_something_else_is_code_3_and_is_not_repeated() {
    let unusable = [
        "mysql://hawker:hunter2@127.0.0.1/hawker",
        "hunter2",
        "postgres://hawker:hunter2@127.0.0.1/hawker?sslmode=maybe",
    ];
    for url in unusable {
        for command in [&["orders", "list"] as &[&str], &["migrate"]] {
            let ended = hawker(command, &[("DATABASE_URL", url)]);
            let said = stderr(&ended);
            assert_eq!(ended.status.code(), Some(3), "{url} {command:?}: {said}");
            assert!(said.contains("DATABASE_URL"), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}

#[test]
fn commands_that_only_look_need_only_the_database() {
    for command in ["orders", "events", "exceptions", "audit", "api-token"] {
        let ended = hawker(&[command, "list"], &[]);
        assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
        let said = stderr(&ended);
        assert!(said.contains("DATABASE_URL"), "{said}");
        assert!(!said.contains("JWT_SECRET"), "{said}");
    }
}

#[test]
fn a_database_that_cannot_be_reached_is_code_5() {
    let variables = [&SECRETS[..], &[("DATABASE_URL", NO_DATABASE)]].concat();
    let absent = "cex_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let commands: [&[&str]; 23] = [
        &["reconcile"],
        &["completeness"],
        &["escrow", "show", "2404098R48U37H"],
        &["escrow", "sync", "2404098R48U37H"],
        &["orders", "refresh", "2404098R48U37H"],
        &["jobs", "run", "lost-push-recovery"],
        &["jobs", "history"],
        &["exceptions", "groups"],
        &["exceptions", "note", absent, "--text", "a note"],
        &["profiles", "list"],
        &["profiles", "switch", "live"],
        &["oauth", "start"],
        &["oauth", "status"],
        &["connection", "test"],
        &["api-token", "list"],
        &["keys", "status"],
        &["keys", "rotate"],
        &["seed"],
        &["orders", "list"],
        &["events", "list", "--json"],
        &["exceptions", "list"],
        &["migrate"],
        &["catalogue", "add", "--sku", "A", "--title", "A"],
    ];
    // All at once: each of them waits a moment for the database to come back.
    let running = commands.map(|command| (command, start(command, &variables)));
    for (command, running) in running {
        let ended = running.wait_with_output().expect("it ends");
        let said = stderr(&ended);
        assert_eq!(ended.status.code(), Some(5), "{command:?}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
        assert!(stdout(&ended).is_empty(), "{command:?}");
    }
}

#[test]
fn a_secret_may_come_from_a_file() {
    let path = std::env::temp_dir().join(format!("hawker-cli-{}", std::process::id()));
    std::fs::write(&path, format!("{NO_DATABASE}\n")).unwrap();
    let file = path.to_str().unwrap();
    let ended = hawker(&["orders", "list"], &[("DATABASE_URL_FILE", file)]);
    assert_eq!(ended.status.code(), Some(5), "{}", stderr(&ended));
    let both = [("DATABASE_URL_FILE", file), ("DATABASE_URL", NO_DATABASE)];
    let ended = hawker(&["orders", "list"], &both);
    assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn what_cannot_be_meant_is_told_in_words() {
    let variables = [("DATABASE_URL", NO_DATABASE)];
    let ended = hawker(&["events", "show", "42"], &variables);
    assert_eq!(ended.status.code(), Some(1));
    assert!(stderr(&ended).contains("srev_"), "{}", stderr(&ended));
    let ended = hawker(
        &[
            "catalogue",
            "add",
            "--sku",
            "A",
            "--title",
            "A",
            "--price",
            "cheap",
        ],
        &variables,
    );
    assert_eq!(ended.status.code(), Some(1), "{}", stderr(&ended));
}

#[test]
fn what_is_wrong_with_the_shop_is_told_when_it_is_to_be_seeded() {
    let variables = [
        ("DATABASE_URL", NO_DATABASE),
        ("JWT_SECRET", "hunter2-master"),
        ("SHOPEE_REGION", "MARS"),
        ("SHOPEE_SHOP_ID", "mine"),
    ];
    let ended = hawker(&["seed"], &variables);
    assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
    for name in ["SHOPEE_REGION", "SHOPEE_SHOP_ID"] {
        assert!(stderr(&ended).contains(name), "{}", stderr(&ended));
    }
}

#[test]
fn standard_input_holds_one_secret() {
    let variables = [
        ("DATABASE_URL", NO_DATABASE),
        ("JWT_SECRET", "hunter2-master"),
    ];
    let both = [
        "profiles",
        "edit",
        "prof_live",
        "--partner-key-file",
        "-",
        "--push-key-file",
        "-",
    ];
    let ended = hawker(&both, &variables);
    assert_eq!(ended.status.code(), Some(1), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("one secret"), "{}", stderr(&ended));
    // Nobody types anything there.
    let ended = hawker(&both[..5], &variables);
    assert_eq!(ended.status.code(), Some(1), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("it is empty"), "{}", stderr(&ended));
}
