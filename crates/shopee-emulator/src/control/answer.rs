//! Answers of the control API: JSON, and plain words when something is refused.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError, web};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::consent::ConsentError;
use crate::scenario::UnknownScenario;
use crate::world::WorldError;

#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("the body cannot be read: {0}")]
    Body(#[source] serde_json::Error),
    #[error("there is no verb {0:?}; GET /_control lists them")]
    UnknownVerb(String),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("no life has been planned: POST /_control/life first")]
    NoLife,
    #[error(transparent)]
    Scenario(#[from] UnknownScenario),
    #[error("there is nothing here; GET /_control says what there is")]
    NoSuchPath,
    #[error("no callback URL is registered, or pushes are unsigned")]
    CannotSign,
    #[error(transparent)]
    World(#[from] WorldError),
    #[error(transparent)]
    Consent(ConsentError),
}

impl From<ConsentError> for Refusal {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::World(error) => Self::World(error),
            other => Self::Consent(other),
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        use WorldError::{UnknownApp, UnknownOrder, UnknownPackage, UnknownReturn, UnknownShop};
        match self {
            Self::Body(_) | Self::Missing(_) => StatusCode::BAD_REQUEST,
            Self::World(
                UnknownShop(_) | UnknownApp(_) | UnknownOrder(_) | UnknownPackage(_)
                | UnknownReturn(_),
            )
            | Self::UnknownVerb(_)
            | Self::Scenario(_)
            | Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::World(_) | Self::Consent(_) | Self::CannotSign | Self::NoLife => {
                StatusCode::CONFLICT
            }
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({ "error": self.to_string() }))
    }
}

pub type Answer = Result<HttpResponse, Refusal>;

#[expect(clippy::unnecessary_wraps, reason = "the last word of every handler")]
pub fn told(value: &impl Serialize) -> Answer {
    Ok(HttpResponse::Ok().json(value))
}

pub fn done() -> Answer {
    told(&json!({}))
}

/// Reads a body whatever its content type says; an empty one counts as `{}`.
pub fn read<T: DeserializeOwned>(body: &web::Bytes) -> Result<T, Refusal> {
    let text: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(text).map_err(Refusal::Body)
}

pub async fn no_such_path() -> Answer {
    Err(Refusal::NoSuchPath)
}
