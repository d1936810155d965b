//! The admin API over a store in memory.

mod alerts;
mod connecting;
mod environments;
mod exceptions;
mod jobs;
mod listings;
mod orders;
mod payouts;
mod profiles;
mod repeating;

use hawker_domain::api_access::ApiScope;
use serde_json::{Value, json};

use crate::testing::{Answer, Request, Server};

pub(super) const CONNECTOR: &str = "/admin/dashboard/connectors/shopee";
pub(super) const PROFILES: &str = "/admin/dashboard/connectors/shopee/profiles";

/// A server, and a token that may do everything.
pub(super) struct Admin {
    pub(super) server: Server,
    pub(super) token: String,
}

impl Admin {
    pub(super) fn new() -> Self {
        let server = Server::start();
        let token = server.world.token(ApiScope::ALL);
        Self { server, token }
    }

    pub(super) fn get(&self, target: &str) -> Answer {
        self.server.ask(&self.token, "GET", target)
    }

    pub(super) fn post(&self, target: &str) -> Answer {
        self.server.ask(&self.token, "POST", target)
    }

    pub(super) fn send(&self, method: &str, target: &str, body: &Value) -> Answer {
        self.server.tell(&self.token, method, target, body)
    }

    pub(super) fn request(&self, method: &str, target: &str) -> Request {
        Request::new(method, target).by(&self.token)
    }

    /// Creates a profile with everything that calls need but a token; answers its id.
    pub(super) fn profile(&self, environment: &str, name: &str) -> String {
        let body = json!({
            "env_type": environment,
            "display_name": name,
            "partner_id": 1_000_001,
            "shop_id": 5_000_000_001_i64,
            "partner_key": "partner-key-of-the-live-app",
            "push_partner_key": "push-key-of-the-live-app",
        });
        let answer = self.send("POST", PROFILES, &body);
        assert_eq!(answer.status, 201, "{answer:?}");
        text(&answer.json()["id"])
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
