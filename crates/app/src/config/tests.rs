//! Settings: documented names, every problem at once, nothing secret shown.

use secrecy::ExposeSecret as _;

use super::*;

fn variables(pairs: &[(&str, &str)]) -> Variables {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn problems<T>(result: Result<T, ConfigError>) -> Vec<String> {
    result.err().map(|error| error.problems).unwrap_or_default()
}

#[test]
fn it_listens_on_port_9000_of_the_loopback_unless_told_otherwise() {
    let set = [("DATABASE_URL", "postgres://x"), ("JWT_SECRET", "s")];
    let config = Config::read(&variables(&set)).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:9000");
}

#[test]
fn every_problem_is_reported_at_once() {
    let set = [
        ("PORT", "many"),
        ("PUBLIC_API_BASE_URL", "ops.example.com"),
        ("JWT_SECRET", "  "),
    ];
    let problems = problems(Config::read(&variables(&set)));
    let names = ["DATABASE_URL", "JWT_SECRET", "PORT", "PUBLIC_API_BASE_URL"];
    for name in names {
        assert!(
            problems.iter().any(|problem| problem.starts_with(name)),
            "{name} is not in {problems:?}"
        );
    }
    assert_eq!(problems.len(), names.len());
}

#[test]
fn a_secret_may_come_from_a_file_but_not_from_two_places() {
    let path = std::env::temp_dir().join(format!("hawker-config-{}", std::process::id()));
    std::fs::write(&path, "from-file\n").unwrap();
    let file = path.to_str().unwrap();
    let from_file = variables(&[("DATABASE_URL", "postgres://x"), ("JWT_SECRET_FILE", file)]);
    assert_eq!(
        Config::read(&from_file).unwrap().jwt_secret.expose_secret(),
        "from-file"
    );
    let twice = [
        ("DATABASE_URL", "postgres://x"),
        ("JWT_SECRET_FILE", file),
        ("JWT_SECRET", "s"),
    ];
    assert_eq!(problems(Config::read(&variables(&twice))).len(), 1);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_wrong_url_is_not_repeated_because_it_may_carry_a_token() {
    let set = [
        ("DATABASE_URL", "x"),
        ("JWT_SECRET", "s"),
        ("SHOPEE_ALERT_WEBHOOK_URL", "hunter2"),
    ];
    let problems = problems(Config::read(&variables(&set)));
    assert!(!problems.concat().contains("hunter2"), "{problems:?}");
}

#[test]
fn without_a_partner_id_there_is_no_shop_to_set_up() {
    assert!(ShopConfig::read(&variables(&[])).unwrap().is_none());
    let shop = ShopConfig::read(&variables(&[("SHOPEE_PARTNER_ID", "2001887")]))
        .unwrap()
        .unwrap();
    assert_eq!(
        (shop.profile_id.as_str(), shop.region),
        ("prof_sandbox", Region::TestGlobal)
    );
}

#[test]
fn every_setting_that_is_read_is_listed() {
    let sources = [include_str!("../config.rs"), include_str!("../logging.rs")].concat();
    let quoted = sources.split('"').skip(1).step_by(2);
    let is_name = |text: &&str| {
        text.len() > 3
            && text
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    for name in quoted.filter(is_name) {
        assert!(
            SETTINGS.iter().any(|setting| setting.name == name),
            "{name} is not listed"
        );
    }
}
