//! A small client of the admin API, with a bearer token of its own.

use hawker_app::config::Config;
use hawker_app::wiring::Adapters;
use hawker_domain::api_access::ApiScope;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::Bench;

/// Where the profiles of the connector are.
const PROFILES: &str = "/admin/dashboard/connectors/shopee/profiles";

/// The profile of [`Bench`]'s shop.
pub const PROFILE: &str = "prof_sandbox";

/// What the API answered.
#[derive(Clone, Debug)]
pub struct Told {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: String,
}

impl Told {
    /// The body as JSON; null where there is none.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Somebody who uses the admin API of a service.
#[derive(Clone)]
pub struct Admin {
    http: reqwest::Client,
    origin: String,
    token: String,
}

impl Admin {
    /// Makes a token with these scopes, as `hawker api-token create` does.
    pub async fn new(bench: &Bench, origin: &str, scopes: &[ApiScope]) -> Self {
        let config = Config::read(&bench.settings.variables()).expect("settings");
        let bearers = Adapters::for_command(&config)
            .expect("the adapters")
            .api_bearers();
        let (_, token) = bearers
            .make(&bench.tenant, "test", scopes, None)
            .await
            .expect("a token");
        Self {
            http: bench.http.clone(),
            origin: origin.to_owned(),
            token: token.expose_secret().to_owned(),
        }
    }

    /// The same person at another service.
    #[must_use]
    pub fn at(&self, origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            ..self.clone()
        }
    }

    /// The token, as text.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Asks for a path.
    pub async fn get(&self, path: &str) -> Told {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts JSON; `Value::Null` for no body.
    pub async fn post(&self, path: &str, body: &Value) -> Told {
        self.send(with_body(self.request(Method::POST, path), body))
            .await
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: &Value) -> Told {
        self.send(with_body(self.request(Method::PATCH, path), body))
            .await
    }

    /// Deletes something.
    pub async fn delete(&self, path: &str) -> Told {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Tests the connection of the bench's profile; answers the report.
    pub async fn connection_report(&self) -> Value {
        let told = self
            .post(&of_profile("test-connection"), &Value::Null)
            .await;
        assert_eq!(told.status, 200, "{told:?}");
        told.json()
    }

    /// The diagnostics of the bench's profile.
    pub async fn diagnostics(&self) -> Value {
        let told = self.get(&of_profile("diagnostics")).await;
        assert_eq!(told.status, 200, "{told:?}");
        told.json()
    }

    /// A request with the token, for headers of one's own.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.origin);
        self.http.request(method, url).bearer_auth(&self.token)
    }

    /// Sends a request that was made by [`Admin::request`].
    pub async fn send(&self, request: RequestBuilder) -> Told {
        told(request).await
    }
}

/// The path of something of the bench's profile.
pub fn of_profile(what: &str) -> String {
    format!("{PROFILES}/{PROFILE}/{what}")
}

/// Sends a request and reads its answer, headers included.
pub async fn told(request: RequestBuilder) -> Told {
    let answer = request.send().await.expect("an answer");
    Told {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: answer.text().await.expect("a body"),
    }
}

fn with_body(request: RequestBuilder, body: &Value) -> RequestBuilder {
    if body.is_null() {
        return request;
    }
    request
        .header("content-type", "application/json")
        .body(body.to_string())
}
