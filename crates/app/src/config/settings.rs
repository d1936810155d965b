//! The list of settings, and reading them one by one while gathering every problem.

use std::ops::RangeInclusive;
use std::str::FromStr;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{ConfigError, Variables};

/// A setting, as `hawker --help` and the book list it.
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// What it does and what holds when it is unset.
    pub help: &'static str,
    /// Whether it is a secret: then `NAME_FILE` may name a file that holds it, and it is never
    /// shown.
    pub is_secret: bool,
}

const fn setting(name: &'static str, help: &'static str) -> Setting {
    Setting {
        name,
        help,
        is_secret: false,
    }
}

const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting {
        name,
        help,
        is_secret: true,
    }
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    secret(
        "DATABASE_URL",
        "Postgres, for example postgres://hawker:…@db/hawker. Required.",
    ),
    secret(
        "JWT_SECRET",
        "Master secret that keys and tokens are sealed under. Required.",
    ),
    secret(
        "JWT_SECRET_PREVIOUS",
        "Earlier master secrets, separated by commas; they still open what was sealed under them. One that holds a comma itself is given alone.",
    ),
    setting(
        "SECRETS_HKDF_SALT",
        "Salt of the key derivation; hawker.connector.credentials. Set but empty, it is empty.",
    ),
    setting(
        "SECRETS_HKDF_INFO",
        "Info text of the key derivation; aes-256-gcm.v1. Set but empty, it is empty.",
    ),
    setting(
        "SECRETS_HKDF_PREVIOUS_SALT",
        "Salt by which rows taken over from another system were sealed: they open as well, and `hawker keys rotate` moves them. Set but empty, it is empty.",
    ),
    setting(
        "SECRETS_HKDF_PREVIOUS_INFO",
        "Info text of these rows; the one in force where only their salt is set. Set but empty, it is empty.",
    ),
    setting("HOST", "Address to listen on; 127.0.0.1."),
    setting("PORT", "Port to listen on; 9000. 0 takes a free one."),
    setting(
        "PUBLIC_API_BASE_URL",
        "How the marketplace reaches this service, for example https://ops.example.com; callback URLs are derived from it, and no shop can be authorised without it.",
    ),
    setting(
        "SHOPEE_OAUTH_RETURN_URL",
        "Where a seller's browser is sent on to after the authorisation, with env and status added; a page of this service when unset.",
    ),
    secret(
        "SHOPEE_ALERT_WEBHOOK_URL",
        "Where alerts go (n8n webhook); the log when neither this nor Telegram is set.",
    ),
    secret(
        "TELEGRAM_BOT_TOKEN",
        "Token of the Telegram bot that writes alerts, without n8n between; needs TELEGRAM_CHAT_ID.",
    ),
    setting(
        "TELEGRAM_CHAT_ID",
        "Chat that the bot writes to: its number, or the @name of a public one.",
    ),
    setting(
        "TELEGRAM_API_URL",
        "Where the Bot API lives; https://api.telegram.org.",
    ),
    setting(
        "HAWKER_ALERT_GATHER_SECONDS",
        "How long a new cause gathers before it is told, so that a burst is one message; 5.",
    ),
    setting(
        "HAWKER_ALERT_EVERY_MINUTES",
        "No two messages about one cause are closer together; 15.",
    ),
    setting(
        "HAWKER_ALERT_REMIND_HOURS",
        "What is still open is told again after so long; 24. 0: never.",
    ),
    setting(
        "HAWKER_ALERT_CALM_MINUTES",
        "A recovery is told when it has lasted so long; 2.",
    ),
    setting(
        "HAWKER_ALERT_QUIET_HOURS",
        "Hours in which only what cannot wait is told, for example `22:00-07:00 Asia/Singapore`; none when unset.",
    ),
    setting(
        "HAWKER_LOST_PUSH_SCHEDULE",
        "When lost pushes are fetched: a cron expression in UTC, or `off`; `0 * * * *`.",
    ),
    setting(
        "HAWKER_RECONCILE_SCHEDULE",
        "When orders are reconciled: a cron expression in the shop's zone, or `off`; `0 3 * * *`.",
    ),
    setting(
        "HAWKER_ESCROW_SCHEDULE",
        "When missing payouts and releases are looked for: a cron expression in the shop's zone, or `off`; `0 4 * * *`.",
    ),
    setting(
        "HAWKER_HISTORY_DAYS",
        "How many days back the first reconcile run of a shop looks; 30, at most 365.",
    ),
    setting(
        "HAWKER_INBOX_RETENTION_SCHEDULE",
        "When old events are forgotten: a cron expression in UTC, or `off`; `30 18 * * *`.",
    ),
    setting(
        "HAWKER_EVENT_DAYS",
        "How many days an event is kept after it was dealt with; 90, from 45 to 3660.",
    ),
    setting(
        "HAWKER_UNVERIFIED_DAYS",
        "How many days a push is kept that never verified; 30, from 1 to 3660.",
    ),
    setting(
        "DATABASE_POOL",
        "Database connections of this process; 10. Up to 7 more are for pushes alone.",
    ),
    setting("HAWKER_WORKERS", "Workers that bring orders up to date; 4."),
    setting(
        "HAWKER_SHOP_RPS",
        "Calls to the marketplace each second for one shop, of each process; 10.",
    ),
    setting(
        "HAWKER_APP_RPS",
        "Calls to the marketplace each second for one app, of each process; 50.",
    ),
    setting(
        "TOKEN_REFRESH_MARGIN_SECONDS",
        "An access token that ends within so many seconds is renewed before it is used; 300.",
    ),
    setting(
        "LOG_FORMAT",
        "`pretty` or `json`; pretty on a terminal, else json.",
    ),
    setting(
        "RUST_LOG",
        "What is logged, for example `info,hawker_usecases=debug`; info.",
    ),
    setting(
        "SHOPEE_PARTNER_ID",
        "App id. This and the following are read on the first boot only: once there is a profile, it counts, see `hawker profiles`.",
    ),
    secret("SHOPEE_PARTNER_KEY", "App key."),
    secret(
        "SHOPEE_PUSH_PARTNER_KEY",
        "Push key of the console's page “Set Push”.",
    ),
    setting(
        "SHOPEE_SHOP_ID",
        "Shop id; learnt from the authorisation when unset.",
    ),
    setting("SHOPEE_ENVIRONMENT", "`sandbox` or `live`; sandbox."),
    setting(
        "SHOPEE_REGION",
        "Region; TEST_GLOBAL for sandbox, GLOBAL for live.",
    ),
    setting(
        "SHOPEE_API_BASE_URL",
        "API base URL that wins over the region's, /api/v2 included.",
    ),
    setting(
        "SHOPEE_PUSH_URL",
        "Callback URL exactly as registered in the console.",
    ),
    setting(
        "SHOPEE_OAUTH_CALLBACK_URL",
        "Only compared: a warning tells when it differs from what is derived from PUBLIC_API_BASE_URL.",
    ),
    setting(
        "SHOPEE_DEFAULT_LOCATION_ID",
        "Warehouse that is meant where none is named.",
    ),
    setting(
        "SHOPEE_PROFILE_ID",
        "Id of the profile; prof_sandbox or prof_live.",
    ),
    secret(
        "SHOPEE_ACCESS_TOKEN",
        "Access token, where the shop was authorised elsewhere.",
    ),
    secret("SHOPEE_REFRESH_TOKEN", "Its refresh token."),
];

/// Reads settings and gathers what is wrong with them.
pub(super) struct Reader<'a> {
    variables: &'a Variables,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(variables: &'a Variables) -> Self {
        Self {
            variables,
            problems: Vec::new(),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(str::to_owned)
    }

    /// The same, where what is set but blank is an empty text.
    pub(super) fn even_empty(&self, name: &str) -> Option<String> {
        self.variables.get_even_empty(name).map(str::to_owned)
    }

    pub(super) fn parsed<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        self.parsed_by(name, expected, |text| text.parse().ok())
    }

    pub(super) fn parsed_by<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.variables.get(name)?;
        let parsed = parse(text);
        if parsed.is_none() {
            // A key in the place of an id would be told along with it.
            let is = if name.starts_with("SHOPEE_") {
                String::new()
            } else {
                format!(" `{text}`, which is")
            };
            self.problems.push(format!("{name} is{is} not {expected}"));
        }
        parsed
    }

    pub(super) fn parsed_or<T: FromStr>(&mut self, name: &str, expected: &str, default: T) -> T {
        self.parsed(name, expected).unwrap_or(default)
    }

    /// A number from 0 to `max`.
    pub(super) fn number_to(&mut self, name: &str, max: u32, default: u32) -> u32 {
        self.number_within(name, 0..=max, default)
    }

    /// A number of a range.
    pub(super) fn number_within(
        &mut self,
        name: &str,
        range: RangeInclusive<u32>,
        default: u32,
    ) -> u32 {
        let expected = format!("a number from {} to {}", range.start(), range.end());
        let number = self.parsed_or(name, &expected, default);
        if !range.contains(&number) {
            self.problems
                .push(format!("{name} is `{number}`, which is not {expected}"));
        }
        number
    }

    /// An absolute http(s) URL. The value is not repeated in a problem: it may carry a token.
    pub(super) fn url(&mut self, name: &str) -> Option<Url> {
        let text = self.text(name)?;
        self.as_url(name, &text)
    }

    /// The same from `NAME`, or from the file that `NAME_FILE` names.
    pub(super) fn secret_url(&mut self, name: &str) -> Option<Url> {
        let text = self.secret(name)?;
        self.as_url(name, text.expose_secret())
    }

    fn as_url(&mut self, name: &str, text: &str) -> Option<Url> {
        let url = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none() {
            self.problems.push(format!(
                "{name} is not a URL that starts with http:// or https://"
            ));
        }
        url
    }

    /// A secret from `NAME`, or from the file that `NAME_FILE` names.
    pub(super) fn secret(&mut self, name: &str) -> Option<SecretString> {
        let file = format!("{name}_FILE");
        match (self.variables.get(name), self.variables.get(&file)) {
            (Some(_), Some(_)) => {
                self.problems
                    .push(format!("{name} and {file} are both set; keep one of them"));
                None
            }
            (Some(value), None) => Some(value.to_owned().into()),
            (None, Some(path)) => match std::fs::read_to_string(path) {
                Ok(text) if !text.trim().is_empty() => Some(text.trim().to_owned().into()),
                Ok(_) => {
                    self.problems
                        .push(format!("{file} names {path}, which is empty"));
                    None
                }
                Err(error) => {
                    self.problems.push(format!(
                        "{file} names {path}, which cannot be read: {error}"
                    ));
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// `DATABASE_URL`, which must be one of Postgres. It is not repeated in a problem: it carries a
    /// password.
    pub(super) fn database_url(&mut self) -> SecretString {
        const NAME: &str = "DATABASE_URL";
        let url = self.secret(NAME);
        let is_of_postgres = |url: &SecretString| {
            Url::parse(url.expose_secret())
                .is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql"))
        };
        if url.as_ref().is_some_and(|url| !is_of_postgres(url)) {
            self.problems.push(format!(
                "{NAME} is not a URL that starts with postgres:// or postgresql://"
            ));
        }
        self.required(NAME, url)
    }

    /// Secrets separated by commas; where there are several, the text as a whole as well: it may be
    /// one secret that holds commas.
    pub(super) fn secret_list(&mut self, name: &str) -> Vec<SecretString> {
        let Some(list) = self.secret(name) else {
            return Vec::new();
        };
        let whole = list.expose_secret();
        let parts = whole.split(',').map(str::trim);
        let whole = Some(whole).filter(|whole| whole.contains(','));
        parts
            .filter(|part| !part.is_empty())
            .chain(whole)
            .map(|secret| secret.to_owned().into())
            .collect()
    }

    /// Notes a problem.
    pub(super) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// Notes that a setting is missing that another one needs, unless a problem with it is known
    /// already.
    pub(super) fn missing(&mut self, name: &str, because: &str) {
        if !self
            .problems
            .iter()
            .any(|problem| problem.starts_with(name))
        {
            self.problems
                .push(format!("{name} is not set, although {because}"));
        }
    }

    /// Notes that a required secret is missing, unless a problem with it is known already.
    pub(super) fn required(&mut self, name: &str, value: Option<SecretString>) -> SecretString {
        if value.is_none()
            && !self
                .problems
                .iter()
                .any(|problem| problem.starts_with(name))
        {
            self.problems
                .push(format!("{name} is not set (or {name}_FILE)"));
        }
        value.unwrap_or_default()
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        if self.problems.is_empty() {
            Ok(value)
        } else {
            Err(ConfigError {
                problems: self.problems,
            })
        }
    }
}
