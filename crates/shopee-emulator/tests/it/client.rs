//! A signed caller, written against the platform's documents and not against the emulator.

use hawker_shopee_emulator::signing::{public_base, shop_base, sign};
use hawker_shopee_emulator::{Emulator, EmulatorConfig, PartnerApp, Shop, ShopId};
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

pub const TOKEN: &str = "59777174636562737266615546704c6d";

#[derive(Clone)]
pub struct Caller {
    client: reqwest::Client,
    origin: String,
    pub partner_id: i64,
    pub partner_key: String,
    pub shop_id: ShopId,
    pub token: String,
    /// Seconds by which this caller's clock is off.
    pub clock_error: i64,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
    headers: HeaderMap,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    pub fn message(&self) -> String {
        self.json()["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The `response` of a successful answer.
    pub fn response(&self) -> Value {
        let json = self.json();
        assert_eq!(json["error"], "", "{}", self.text);
        json["response"].clone()
    }
}

/// An emulator that takes [`TOKEN`], with its shop clock standing still.
pub async fn emulator() -> Emulator {
    Emulator::start(EmulatorConfig::default().with_token(TOKEN).at_speed(0.0))
        .await
        .unwrap()
}

impl Caller {
    pub fn of(emulator: &Emulator) -> Self {
        let app = PartnerApp::default();
        Self {
            client: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            origin: emulator.origin(),
            partner_id: app.partner_id,
            partner_key: app.partner_key,
            shop_id: Shop::default().shop_id,
            token: TOKEN.to_owned(),
            clock_error: 0,
        }
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.try_get(path, query).await.unwrap()
    }

    pub async fn try_get(&self, path: &str, query: &[(&str, &str)]) -> reqwest::Result<Answer> {
        let request = self.client.get(format!("{}{path}", self.origin));
        send(request.query(&self.of_shop(path)).query(query)).await
    }

    /// A POST on behalf of the shop.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let request = self.client.post(format!("{}{path}", self.origin));
        send(request.query(&self.of_shop(path)).json(&body))
            .await
            .unwrap()
    }

    /// As signed for the app alone; a body makes it a POST.
    pub async fn public(&self, path: &str, body: Option<Value>) -> Answer {
        self.try_public(path, &[], body).await.unwrap()
    }

    pub async fn try_public(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> reqwest::Result<Answer> {
        let timestamp = now() + self.clock_error;
        let all = self.common(timestamp, &public_base(self.partner_id, path, timestamp));
        let url = format!("{}{path}", self.origin);
        let request = match body {
            None => self.client.get(url),
            Some(body) => self.client.post(url).json(&body),
        };
        send(request.query(&all).query(query)).await
    }

    /// A link for a seller: `path` is that of `auth_partner` or `cancel_auth_partner`.
    pub fn link(&self, path: &str, redirect: &str) -> String {
        let timestamp = now() + self.clock_error;
        let mut all = self.common(timestamp, &public_base(self.partner_id, path, timestamp));
        all.push(("redirect", redirect.to_owned()));
        let url = Url::parse_with_params(&format!("{}{path}", self.origin), all);
        url.unwrap().into()
    }

    /// A link of the login page.
    pub fn login_link(&self, redirect: &str, state: &str) -> String {
        let partner_id = self.partner_id.to_string();
        let all = [
            ("partner_id", partner_id.as_str()),
            ("auth_type", "seller"),
            ("redirect_uri", redirect),
            ("response_type", "code"),
            ("state", state),
        ];
        let url = Url::parse_with_params(&format!("{}/auth", self.origin), all);
        url.unwrap().into()
    }

    /// What a browser does with a link, or with the form of its page.
    pub async fn browse(&self, link: &str, form: Option<&[(&str, &str)]>) -> Answer {
        let request = match form {
            None => self.client.get(link),
            Some(form) => {
                let body = Serializer::new(String::new()).extend_pairs(form).finish();
                let kind = "application/x-www-form-urlencoded";
                self.client
                    .post(link)
                    .header("Content-Type", kind)
                    .body(body)
            }
        };
        send(request).await.unwrap()
    }

    pub async fn unsigned(&self, path_and_query: &str) -> Answer {
        send(self.client.get(format!("{}{path_and_query}", self.origin)))
            .await
            .unwrap()
    }

    /// The control API.
    pub async fn control(&self, path: &str, body: Option<Value>) -> Answer {
        let url = format!("{}/_control{path}", self.origin);
        let request = match body {
            None => self.client.get(url),
            Some(body) => self.client.post(url).json(&body),
        };
        send(request).await.unwrap()
    }

    pub async fn details(&self, sns: &[&str], fields: &str) -> Answer {
        let path = "/api/v2/order/get_order_detail";
        let list = sns.join(",");
        self.get(
            path,
            &[
                ("order_sn_list", &list),
                ("response_optional_fields", fields),
            ],
        )
        .await
    }

    fn of_shop(&self, path: &str) -> Vec<(&'static str, String)> {
        let timestamp = now() + self.clock_error;
        let base = shop_base(self.partner_id, path, timestamp, &self.token, self.shop_id);
        let mut all = self.common(timestamp, &base);
        all.push(("access_token", self.token.clone()));
        all.push(("shop_id", self.shop_id.to_string()));
        all
    }

    fn common(&self, timestamp: i64, base: &str) -> Vec<(&'static str, String)> {
        vec![
            ("partner_id", self.partner_id.to_string()),
            ("timestamp", timestamp.to_string()),
            ("sign", sign(&self.partner_key, base)),
        ]
    }
}

async fn send(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let answer = request.send().await?;
    Ok(Answer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        text: answer.text().await?,
    })
}

pub fn now() -> i64 {
    use hawker_shopee_emulator::{SystemWall, WallClock};
    SystemWall.now()
}

/// The value of a parameter in the query of a URL.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    let pairs = url.query_pairs();
    pairs
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .next()
}
