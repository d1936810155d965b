//! Settings: documented names, every problem at once, nothing secret shown.

use hawker_domain::Environment;
use secrecy::ExposeSecret as _;

use super::*;

mod alerts_and_schedules;

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
fn nothing_that_is_set_for_a_shop_is_repeated_because_it_may_be_a_key() {
    let set = [
        ("SHOPEE_PARTNER_ID", "hunter2"),
        ("SHOPEE_SHOP_ID", "hunter2"),
        ("SHOPEE_REGION", "hunter2"),
        ("SHOPEE_ENVIRONMENT", "hunter2"),
        ("SHOPEE_PROFILE_ID", "hunter 2"),
    ];
    let problems = problems(ShopConfig::read(&variables(&set)));
    for (name, _) in set {
        let is_told = |problem: &String| problem.starts_with(&format!("{name} is not "));
        assert!(problems.iter().any(is_told), "{name}: {problems:?}");
    }
    assert!(!problems.concat().contains("hunter"), "{problems:?}");
}

/// The settings with these beside the required ones.
fn with(more: &[(&str, &str)]) -> Config {
    let required = [
        ("DATABASE_URL", "postgres://x"),
        ("JWT_SECRET", "a master secret of one's own"),
    ];
    let set: Vec<_> = required.iter().chain(more).copied().collect();
    Config::read(&variables(&set)).unwrap()
}

#[test]
fn the_webhook_of_alerts_may_come_from_a_file() {
    let path = std::env::temp_dir().join(format!("hawker-webhook-{}", std::process::id()));
    std::fs::write(&path, "https://n8n.example/webhook/x\n").unwrap();
    let file = path.to_str().unwrap();
    let url = with(&[("SHOPEE_ALERT_WEBHOOK_URL_FILE", file)])
        .alerts
        .webhook_url;
    assert_eq!(url.unwrap().path(), "/webhook/x");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_salt_that_is_set_but_empty_is_empty() {
    let usual = KeyDerivation::default();
    assert_eq!(with(&[]).derivation, usual);
    let unsalted = with(&[("SECRETS_HKDF_SALT", "")]).derivation;
    assert_eq!((unsalted.salt.as_str(), &unsalted.info), ("", &usual.info));
    assert!(with(&[]).derivation_previous.is_none());
    let previous = with(&[("SECRETS_HKDF_PREVIOUS_SALT", " ")]).derivation_previous;
    assert_eq!(previous, Some(unsalted));
}

#[test]
fn what_was_sealed_by_the_previous_derivation_or_under_a_secret_with_a_comma_opens() {
    use hawker_ports::Sealer as _;
    let older = with(&[
        ("JWT_SECRET", "an older one, with a comma"),
        ("SECRETS_HKDF_SALT", ""),
        ("SECRETS_HKDF_INFO", "shopee/v1"),
    ]);
    let older = crate::wiring::sealer(&older).unwrap();
    let sealed = older.seal(&"partner-key".into()).unwrap();
    let ours = with(&[
        ("JWT_SECRET_PREVIOUS", "an older one, with a comma"),
        ("SECRETS_HKDF_PREVIOUS_SALT", ""),
        ("SECRETS_HKDF_PREVIOUS_INFO", "shopee/v1"),
    ]);
    let ours = crate::wiring::sealer(&ours).unwrap();
    assert_eq!(ours.open(&sealed).unwrap().expose_secret(), "partner-key");
    assert!(!ours.is_in_force(&sealed).unwrap());
    let without = with(&[("JWT_SECRET_PREVIOUS", "an older one, with a comma")]);
    let without = crate::wiring::sealer(&without).unwrap();
    assert!(without.open(&sealed).is_err());
}

#[test]
fn an_environment_that_says_nothing_of_a_shop_describes_an_empty_sandbox() {
    let empty = ShopConfig::read(&variables(&[])).unwrap();
    assert_eq!(empty.environment, Environment::Sandbox);
    assert!(empty.profile_id.is_none() && empty.region.is_none());
    assert!(empty.partner_id.is_none() && empty.partner_key.is_none());
}

#[test]
fn what_is_wrong_with_the_shop_keeps_no_service_from_starting() {
    let set = [
        ("DATABASE_URL", "postgres://x"),
        ("JWT_SECRET", "s"),
        ("SHOPEE_REGION", "MARS"),
        ("SHOPEE_PROFILE_ID", "not an id"),
    ];
    let config = Config::read(&variables(&set)).unwrap();
    assert_eq!(problems(config.shop).len(), 2);
}

#[test]
fn a_callback_url_that_is_not_the_derived_one_is_noticed() {
    let base = PublicBaseUrl::new("https://ops.example.com").unwrap();
    let foreign = |url: &str| {
        let shop = ShopConfig::read(&variables(&[("SHOPEE_OAUTH_CALLBACK_URL", url)])).unwrap();
        shop.foreign_callback_url(&base).is_some()
    };
    let derived = "https://ops.example.com/connectors/shopee/oauth/callback/sandbox";
    assert!(!foreign(derived));
    assert!(!foreign(&format!("{derived}?profile_id=prof_sandbox")));
    assert!(foreign("https://elsewhere.example.com/callback"));
}

#[test]
fn a_token_is_renewed_five_minutes_before_its_end_unless_told_otherwise() {
    let set = [("DATABASE_URL", "postgres://x"), ("JWT_SECRET", "s")];
    let margin = |text: Option<&str>| {
        let own = text.map(|text| ("TOKEN_REFRESH_MARGIN_SECONDS", text));
        let set: Vec<_> = set.into_iter().chain(own).collect();
        Config::read(&variables(&set)).map(|config| config.token_refresh_margin.num_seconds())
    };
    assert_eq!(margin(None).unwrap(), 300);
    assert_eq!(margin(Some("60")).unwrap(), 60);
    for wrong in ["-1", "soon", "14400"] {
        let problems = problems(margin(Some(wrong)));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("from 0 to 3600"), "{problems:?}");
    }
}

#[test]
fn callback_urls_are_derived_from_the_public_address_without_its_slash() {
    let set = [
        ("DATABASE_URL", "postgres://x"),
        ("JWT_SECRET", "s"),
        ("PUBLIC_API_BASE_URL", "https://ops.example.com/"),
    ];
    let base = Config::read(&variables(&set)).unwrap().public_base_url();
    assert_eq!(base.unwrap().as_str(), "https://ops.example.com");
}

#[test]
fn every_setting_that_is_read_is_listed() {
    let sources = [
        include_str!("../config.rs"),
        include_str!("shop.rs"),
        include_str!("../logging.rs"),
    ]
    .concat();
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

#[test]
fn the_book_explains_every_status_of_the_way_back() {
    let book = include_str!("../../../../docs/operations.md");
    for (word, meaning) in hawker_usecases::authorise_shop::STATUSES {
        let row = format!("| `{word}` | {meaning} |");
        assert!(book.contains(&row), "{row}");
    }
}

/// The rows of the table of settings in the book: name, whether it is secret, help.
fn documented() -> Vec<(String, bool, String)> {
    let book = include_str!("../../../../docs/operations.md");
    let rows = book
        .lines()
        .skip_while(|line| !line.starts_with("| variable |"));
    rows.skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [name, is_secret, help] = cells[..] else {
                panic!("{line}");
            };
            let plain = |text: &str| text.replace('`', "");
            (plain(name), is_secret == "yes", plain(help))
        })
        .collect()
}

#[test]
fn the_book_lists_the_settings_as_the_help_does() {
    let settings: Vec<_> = SETTINGS
        .iter()
        .map(|setting| {
            let Setting {
                name,
                help,
                is_secret,
            } = setting;
            ((*name).to_owned(), *is_secret, help.replace('`', ""))
        })
        .collect();
    assert_eq!(documented(), settings);
}
