//! How alerts are told, and where they go.

use std::time::Duration;

use chrono::NaiveTime;
use hawker_alerting::{ChatName, TELEGRAM_API};
use hawker_domain::Zone;
use hawker_domain::alert::{AlertPolicy, QuietHours};
use secrecy::SecretString;
use url::Url;

use super::settings::Reader;

/// Where alerts go, and how patiently.
pub struct AlertConfig {
    /// `SHOPEE_ALERT_WEBHOOK_URL`; whoever knows it can post there, so that no more of it than its
    /// origin is told.
    pub webhook_url: Option<Url>,
    /// `TELEGRAM_BOT_TOKEN`, `TELEGRAM_CHAT_ID` and `TELEGRAM_API_URL`.
    pub telegram: Option<TelegramConfig>,
    /// `HAWKER_ALERT_…`.
    pub policy: AlertPolicy,
}

/// A bot and the chat that it writes to.
pub struct TelegramConfig {
    /// Its token.
    pub token: SecretString,
    /// The chat.
    pub chat: ChatName,
    /// Where the Bot API lives.
    pub base: Url,
}

const GATHER_SECONDS: u32 = 5;
const EVERY_MINUTES: u32 = 15;
const REMIND_HOURS: u32 = 24;
const CALM_MINUTES: u32 = 2;
const AN_HOUR: u32 = 3_600;
const A_DAY: u32 = 1_440;
const A_MONTH: u32 = 720;

impl AlertConfig {
    pub(super) fn read(read: &mut Reader<'_>) -> Self {
        let seconds = |number: u32| Duration::from_secs(number.into());
        let minutes = |number: u32| Duration::from_mins(number.into());
        let remind = read.number_to("HAWKER_ALERT_REMIND_HOURS", A_MONTH, REMIND_HOURS);
        Self {
            webhook_url: read.secret_url("SHOPEE_ALERT_WEBHOOK_URL"),
            telegram: telegram(read),
            policy: AlertPolicy {
                gather: seconds(read.number_to(
                    "HAWKER_ALERT_GATHER_SECONDS",
                    AN_HOUR,
                    GATHER_SECONDS,
                )),
                at_most_every: minutes(read.number_to(
                    "HAWKER_ALERT_EVERY_MINUTES",
                    A_DAY,
                    EVERY_MINUTES,
                )),
                remind_every: (remind > 0).then(|| Duration::from_hours(remind.into())),
                calm: minutes(read.number_to("HAWKER_ALERT_CALM_MINUTES", A_DAY, CALM_MINUTES)),
                quiet: read.parsed_by(
                    "HAWKER_ALERT_QUIET_HOURS",
                    "two times of the day and a zone, for example 22:00-07:00 Asia/Singapore",
                    quiet_hours,
                ),
            },
        }
    }
}

/// Both the token and the chat, or neither.
fn telegram(read: &mut Reader<'_>) -> Option<TelegramConfig> {
    let token = read.secret("TELEGRAM_BOT_TOKEN");
    let chat = read.parsed_by(
        "TELEGRAM_CHAT_ID",
        "the number of a chat, or the @name of a public one",
        |text| ChatName::parse(text).ok(),
    );
    let base = read.url("TELEGRAM_API_URL");
    match (token, chat) {
        (Some(token), Some(chat)) => Some(TelegramConfig {
            token,
            chat,
            base: base.or_else(|| Url::parse(TELEGRAM_API).ok())?,
        }),
        (None, None) => None,
        (Some(_), None) => {
            read.missing("TELEGRAM_CHAT_ID", "TELEGRAM_BOT_TOKEN is set");
            None
        }
        (None, Some(_)) => {
            read.missing("TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID is set");
            None
        }
    }
}

/// `22:00-07:00 Asia/Singapore`.
fn quiet_hours(text: &str) -> Option<QuietHours> {
    let (hours, zone) = text.trim().split_once(' ')?;
    let (from, to) = hours.split_once('-')?;
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    let quiet = QuietHours {
        from: time(from)?,
        to: time(to)?,
        zone: zone.trim().parse::<Zone>().ok()?,
    };
    (quiet.from != quiet.to).then_some(quiet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_two_times_and_a_zone() {
        let quiet = quiet_hours("22:00-07:30 Asia/Singapore").unwrap();
        assert_eq!(quiet.zone, Zone::Asia__Singapore);
        assert_eq!(quiet.to.to_string(), "07:30:00");
        for nonsense in [
            "22:00-07:00",
            "22-7 Asia/Singapore",
            "22:00-22:00 UTC",
            "22:00-07:00 Atlantis",
        ] {
            assert_eq!(quiet_hours(nonsense), None, "{nonsense}");
        }
    }
}
