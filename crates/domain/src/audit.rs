//! The audit log: who did what to which thing, and when. Never a secret, not even a part of one.

use serde::{Deserialize, Serialize};

use crate::ids::AuditId;
use crate::{IdSource, Timestamp};

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actor(String);

impl Actor {
    /// A bearer token of the API, by its name and id.
    pub fn api_token(name: &str, id: crate::ids::ApiTokenId) -> Self {
        Self(format!("api-token:{id} ({name})"))
    }

    /// Somebody at a terminal of the server.
    pub fn terminal() -> Self {
        Self("terminal".to_owned())
    }

    /// A seller's browser that came back from the marketplace.
    pub fn seller() -> Self {
        Self("seller".to_owned())
    }

    /// Hawker itself.
    pub fn hawker() -> Self {
        Self("hawker".to_owned())
    }

    /// As it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, as `<thing>.<deed>`, for example `profile.changed`.
    pub action: &'static str,
    /// To which thing, for example `profile:prof_live`.
    pub subject: String,
    /// What else tells: names of changed fields, results; never their values where these are secret.
    pub details: serde_json::Map<String, serde_json::Value>,
}

impl AuditEntry {
    /// An entry without details.
    pub fn new(
        actor: &Actor,
        action: &'static str,
        subject: String,
        now: Timestamp,
        ids: &dyn IdSource,
    ) -> Self {
        Self {
            id: AuditId::fresh(ids),
            at: now,
            actor: actor.clone(),
            action,
            subject,
            details: serde_json::Map::new(),
        }
    }

    /// The same with one detail more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}
