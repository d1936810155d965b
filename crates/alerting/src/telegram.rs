//! The Telegram sink: a bot that writes to one chat, directly.
//!
//! The bot's token is part of the URL that is called, so no URL leaves this file: not in an error, not
//! in the log, not in what `Debug` shows. Telegram's limits are kept from both sides: no more than
//! [`PACE`] allows is handed over, and when it asks to be left alone it is not asked until then.

mod message;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use hawker_domain::alert::Alert;
use hawker_ports::alerts::{AlertSink, SinkError};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::n8n::TIME_OUT;

/// Where the Bot API is.
pub const TELEGRAM_API: &str = "https://api.telegram.org";

/// Telegram takes at most 20 messages a minute for a group from a bot (core.telegram.org/bots/faq).
pub const PACE: Duration = Duration::from_secs(3);

/// How long Telegram is left alone that asks for it without saying how long.
const THROTTLE_DEFAULT: Duration = Duration::from_secs(30);

/// No answer that says anything is longer.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// How much of what Telegram says of a refusal is logged.
const DESCRIPTION_CHARS_MAX: usize = 300;

/// Why a bot cannot be a sink. The token is never in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TelegramSettingError {
    /// Telegram is called by HTTP.
    #[error("the base URL of the Bot API must begin with https:// or http://")]
    NotHttp,
    /// It has another form.
    #[error(
        "the token of a Telegram bot looks like 123456789:AAE…, as @BotFather gave it; this one has another form"
    )]
    Token,
    /// It names no chat.
    #[error(
        "`{0}` names no Telegram chat: it is a number such as -1001234567890, or the @name of a public channel"
    )]
    Chat(String),
}

/// A chat, as Telegram is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatName(String);

impl ChatName {
    /// The number of a chat (negative for groups and channels), or the `@name` of a public one.
    pub fn parse(text: &str) -> Result<Self, TelegramSettingError> {
        let text = text.trim();
        let is_name = text.strip_prefix('@').is_some_and(|name| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
        if is_name || text.parse::<i64>().is_ok_and(|number| number != 0) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TelegramSettingError::Chat(text.chars().take(60).collect()))
        }
    }
}

/// Writes alerts to a chat.
pub struct TelegramSink {
    client: reqwest::Client,
    base: Url,
    token: SecretString,
    chat: ChatName,
    /// Telegram asked not to be called before.
    resting: Mutex<Option<Instant>>,
}

/// What Telegram answers (core.telegram.org/bots/api#making-requests).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AnswerWire {
    ok: bool,
    description: String,
    parameters: ParametersWire,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ParametersWire {
    /// Seconds.
    retry_after: Option<u64>,
    /// Where the chat went: a group became a supergroup.
    migrate_to_chat_id: Option<i64>,
}

impl TelegramSink {
    /// A sink that writes to `chat` as the bot with `token`. `base` is [`TELEGRAM_API`], or a Bot API
    /// server of one's own. `client` must not follow redirects: nobody else may see the token.
    pub fn try_new(
        client: reqwest::Client,
        base: Url,
        token: SecretString,
        chat: ChatName,
    ) -> Result<Self, TelegramSettingError> {
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(TelegramSettingError::NotHttp);
        }
        if !is_token(token.expose_secret()) {
            return Err(TelegramSettingError::Token);
        }
        Ok(Self {
            client,
            base,
            token,
            chat,
            resting: Mutex::new(None),
        })
    }

    /// The method's URL, a secret as a whole.
    fn send_message(&self) -> Url {
        let mut url = self.base.clone();
        let bot = format!("bot{}", self.token.expose_secret());
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend([bot.as_str(), "sendMessage"]);
        }
        url
    }

    /// For how much longer Telegram wants to be left alone.
    fn rest(&self) -> Option<Duration> {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let until = (*resting)?;
        let rest = until.saturating_duration_since(Instant::now());
        (!rest.is_zero()).then_some(rest)
    }

    fn throttled(&self, after: Duration) -> SinkError {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        *resting = Instant::now().checked_add(after);
        SinkError::Throttled { after }
    }

    /// Says in the log what is to be mended: the error has the status alone.
    fn tell_refusal(&self, status: StatusCode, answer: &AnswerWire) {
        let said = answer.description.replace(self.token.expose_secret(), "…");
        let said: String = said.chars().take(DESCRIPTION_CHARS_MAX).collect();
        tracing::warn!(
            event = "telegram.refused",
            status = status.as_u16(),
            said,
            moved_to_chat = answer.parameters.migrate_to_chat_id,
        );
    }
}

#[async_trait]
impl AlertSink for TelegramSink {
    fn name(&self) -> &'static str {
        "telegram"
    }

    fn pace(&self) -> Duration {
        PACE
    }

    async fn deliver(&self, alert: &Alert) -> Result<(), SinkError> {
        if let Some(after) = self.rest() {
            return Err(SinkError::Throttled { after });
        }
        let request = self
            .client
            .post(self.send_message())
            .timeout(TIME_OUT)
            .json(&json!({
                "chat_id": self.chat.0,
                "text": message::html(&alert.payload),
                "parse_mode": "HTML",
                "link_preview_options": { "is_disabled": true },
            }));
        let answer = request
            .send()
            .await
            .map_err(|error| SinkError::Unreachable(error.without_url().into()))?;
        let status = answer.status();
        let header = retry_after(&answer);
        let Some(said) = read(answer).await else {
            // The head says what happened; only what Telegram says about it is lost.
            return if status.is_success() {
                Ok(())
            } else {
                Err(SinkError::Refused {
                    status: status.as_u16(),
                })
            };
        };
        if status == StatusCode::TOO_MANY_REQUESTS {
            let after = said.parameters.retry_after.map(Duration::from_secs);
            return Err(self.throttled(after.or(header).unwrap_or(THROTTLE_DEFAULT)));
        }
        // Somebody else who answers every request with success is not Telegram.
        if status.is_success() && said.ok {
            return Ok(());
        }
        self.tell_refusal(status, &said);
        Err(SinkError::Refused {
            status: status.as_u16(),
        })
    }
}

/// The shape that a token is given out in: the bot's number, a colon, and letters that need no escaping.
fn is_token(text: &str) -> bool {
    text.split_once(':').is_some_and(|(bot, key)| {
        !bot.is_empty()
            && bot.bytes().all(|byte| byte.is_ascii_digit())
            && key.len() >= 20
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    })
}

fn retry_after(answer: &Response) -> Option<Duration> {
    let value = answer.headers().get(reqwest::header::RETRY_AFTER)?;
    let seconds = value.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What was answered; says nothing where it is no JSON, `None` where it ends early or never.
async fn read(mut answer: Response) -> Option<AnswerWire> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Some(serde_json::from_slice(&body).unwrap_or_default())
}

impl fmt::Debug for TelegramSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelegramSink")
            .field("chat", &self.chat)
            .finish_non_exhaustive()
    }
}
