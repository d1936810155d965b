//! A client that knows nothing of the API but the OpenAPI document that the service hands out.
//!
//! It finds an operation by its id, puts each value where the document says that this name belongs
//! (path, query, header or body), sends only what the request's schema allows, and believes an answer
//! only if the document knows its status, its content type and, by its schema, its body.

use std::sync::{Arc, Mutex, PoisonError};

use hawker_tests::{Settings, run};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};

/// Where an operation may stand in a path of the document.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// All scopes that there are.
pub const ALL_SCOPES: [&str; 7] = [
    "connectors:write",
    "events:write",
    "orders:write",
    "escrow:write",
    "exceptions:write",
    "jobs:write",
    "audit:read",
];

/// The client of a service.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    origin: String,
    document: Arc<Value>,
    bearer: Option<String>,
    answers: Arc<Mutex<Vec<String>>>,
}

/// An operation of the document.
pub struct Operation<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its method.
    pub method: Method,
    /// Its path, with the names of its variable parts in braces.
    pub path: &'a str,
    /// What the document says of it.
    pub described: &'a Value,
}

/// A request that is being put together.
pub struct Call<'a> {
    client: &'a Client,
    operation: Operation<'a>,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Map<String, Value>,
    is_checked: bool,
}

/// An answer that the document knows.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as it came.
    pub text: String,
}

/// Makes a token for the API by command; answers its id and the token.
pub async fn api_token(settings: &Settings, scopes: &[&str]) -> (String, String) {
    let mut arguments = vec!["api-token", "create", "--name", "tests", "--json"];
    for scope in scopes {
        arguments.extend(["--scope", scope]);
    }
    let made = run(settings, &arguments).await;
    assert_eq!(made.code, 0, "{made:#?}");
    let made = made.json();
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    (text("id"), text("token"))
}

impl Client {
    /// Reads the document of the service at `origin`.
    pub async fn at(origin: &str) -> Self {
        let http = hawker_app::wiring::http_client().expect("a client");
        let document = http.get(format!("{origin}/openapi.json"));
        let document = document.send().await.expect("an answer");
        let document = document.json().await.expect("the document");
        Self {
            http,
            origin: origin.to_owned(),
            document: Arc::new(document),
            bearer: None,
            answers: Arc::default(),
        }
    }

    /// The same for a bearer of this token.
    #[must_use]
    pub fn bearing(&self, token: &str) -> Self {
        Self {
            bearer: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// A bearer of a new token with these scopes.
    pub async fn with_scopes(&self, settings: &Settings, scopes: &[&str]) -> Self {
        let (_, token) = api_token(settings, scopes).await;
        self.bearing(&token)
    }

    /// A client of the service at `origin` that may do everything.
    pub async fn of_everything(settings: &Settings, origin: &str) -> Self {
        let client = Self::at(origin).await;
        client.with_scopes(settings, &ALL_SCOPES).await
    }

    /// The origin of its service.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Every operation of the document.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.document["paths"].as_object().expect("paths");
        let mut operations = Vec::new();
        for (path, item) in paths {
            for method in METHODS {
                if let Some(described) = item.get(method) {
                    operations.push(Operation {
                        id: described["operationId"].as_str().expect("an id"),
                        method: method.to_uppercase().parse().expect("a method"),
                        path,
                        described,
                    });
                }
            }
        }
        operations
    }

    /// A call of the operation with this id.
    pub fn call(&self, id: &str) -> Call<'_> {
        let operations = self.operations().into_iter();
        let operation = operations.into_iter().find(|operation| operation.id == id);
        let operation = operation.unwrap_or_else(|| panic!("the document knows no {id}"));
        Call {
            client: self,
            path: operation.path.to_owned(),
            operation,
            query: Vec::new(),
            headers: Vec::new(),
            body: Map::new(),
            is_checked: true,
        }
    }

    /// All answers so far, of this client and of those that were made of it: heads and bodies.
    pub fn answers(&self) -> Vec<String> {
        let answers = self.answers.lock();
        answers.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is wrong with a value by a schema of the document; nothing when it fits.
    pub fn misfits(&self, schema: &Value, value: &Value) -> Vec<String> {
        // References lead into the document, so the schema is put beside its components.
        let mut whole = schema.clone();
        whole["components"] = self.document["components"].clone();
        let validator = jsonschema::draft202012::new(&whole).expect("a schema");
        let errors = validator.iter_errors(value);
        errors
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect()
    }

    /// A schema of the document, with the reference followed if it is one.
    fn followed<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => {
                let place = reference.trim_start_matches('#');
                self.document.pointer(place).expect("a schema")
            }
            None => schema,
        }
    }
}

impl Call<'_> {
    /// Puts a value where its name belongs. A parameter wins over a field of the body.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let Some(place) = self.place_of(name) else {
            return self.with_field(name, value);
        };
        let text = value.as_str().map_or(value.to_string(), str::to_owned);
        match place.as_str() {
            "path" => self.path = self.path.replace(&format!("{{{name}}}"), &text),
            "query" => self.query.push((name.to_owned(), text)),
            "header" => self.headers.push((name.to_owned(), text)),
            other => panic!("{name} belongs into {other}"),
        }
        self
    }

    fn place_of(&self, name: &str) -> Option<String> {
        let parameters = self.operation.described["parameters"].as_array()?;
        let parameter = parameters.iter().find(|of| of["name"] == name)?;
        parameter["in"].as_str().map(str::to_owned)
    }

    fn with_field(mut self, name: &str, value: Value) -> Self {
        let (client, id) = (self.client, self.operation.id);
        let schema = client.followed(self.body_schema());
        let is_known = schema["properties"].get(name).is_some();
        assert!(is_known || !self.is_checked, "{id} knows no {name}");
        self.body.insert(name.to_owned(), value);
        self
    }

    /// Fills the variable parts of the path that are left: `id` where a thing is named by its id, and
    /// names of things that may be there elsewhere.
    #[must_use]
    pub fn somewhere(mut self, id: &str) -> Self {
        for (part, name) in [
            ("{id}", id),
            ("{sn}", "2404098R48U37H"),
            ("{batch}", "xret_00000000000000000000000000"),
            ("{job}", "reconcile-daily"),
        ] {
            self.path = self.path.replace(part, name);
        }
        self
    }

    /// Sends whatever it is given, whether the document allows it or not.
    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.is_checked = false;
        self
    }

    fn body_schema(&self) -> &Value {
        &self.operation.described["requestBody"]["content"]["application/json"]["schema"]
    }

    /// Sends it, and answers what the document knows as an answer to it.
    pub async fn send(self) -> Reply {
        let place = format!("{} {}", self.operation.method, self.path);
        assert!(!self.path.contains('{'), "{place}: a part is missing");
        let Self { client, .. } = self;
        let url = format!("{}{}", client.origin, self.path);
        let mut request = client.http.request(self.operation.method.clone(), url);
        request = request.query(&self.query);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(bearer) = &client.bearer {
            request = request.bearer_auth(bearer);
        }
        if self.operation.described.get("requestBody").is_some() {
            let body = Value::Object(self.body.clone());
            let misfits = client.misfits(self.body_schema(), &body);
            let is_allowed = misfits.is_empty() || !self.is_checked;
            assert!(is_allowed, "{place} is not to be sent: {misfits:?}");
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let reply = Reply {
            status: answer.status(),
            headers: answer.headers().clone(),
            text: answer.text().await.expect("a text"),
        };
        self.assert_known(&place, &reply);
        let mut answers = client
            .answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        answers.push(format!("{place} {:?} {}", reply.headers, reply.text));
        reply
    }

    /// Sends it; answers the body of an answer that says that it went well.
    pub async fn ok(self) -> Value {
        let id = self.operation.id.to_owned();
        let reply = self.send().await;
        assert!(reply.status.is_success(), "{id}: {reply:#?}");
        reply.json()
    }

    fn assert_known(&self, place: &str, reply: &Reply) {
        let responses = &self.operation.described["responses"];
        let described = responses.get(reply.status.as_str());
        let described = described.unwrap_or_else(|| panic!("{place} is not to answer {reply:#?}"));
        let Some(content) = described["content"].as_object() else {
            assert_eq!(reply.text, "", "{place}");
            return;
        };
        let given = reply.header("content-type").split(';').next();
        let given = given.unwrap_or_default();
        let content = content.get(given).or_else(|| content.get("*/*"));
        let content = content.unwrap_or_else(|| panic!("{place} is not to answer {given}"));
        if given.ends_with("json") {
            let misfits = self.client.misfits(&content["schema"], &reply.json());
            assert!(misfits.is_empty(), "{place}: {misfits:?} in {reply:#?}");
        }
    }
}

impl Reply {
    /// Its body; `null` for an empty one.
    pub fn json(&self) -> Value {
        if self.text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }

    /// A header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a text"))
    }

    /// The problem that it tells, with this status and of this kind.
    pub fn problem(&self, status: u16, kind: &str) -> Value {
        let problem = self.json();
        assert_eq!(self.status.as_u16(), status, "{self:#?}");
        let kind = format!("urn:hawker:problem:{kind}");
        assert_eq!(problem["type"], json!(kind), "{self:#?}");
        problem
    }
}
