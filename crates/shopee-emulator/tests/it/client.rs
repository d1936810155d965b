//! A signed caller, written against the platform's documents and not against the emulator.

use hawker_shopee_emulator::signing::{public_base, shop_base, sign};
use hawker_shopee_emulator::{Emulator, EmulatorConfig, PartnerApp, Shop, ShopId};
use serde_json::Value;

pub const TOKEN: &str = "59777174636562737266615546704c6d";

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
}

impl Answer {
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
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
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
        let timestamp = now() + self.clock_error;
        let base = shop_base(self.partner_id, path, timestamp, &self.token, self.shop_id);
        let mut all = self.common(timestamp, &base);
        all.push(("access_token", self.token.clone()));
        all.push(("shop_id", self.shop_id.to_string()));
        all.extend(query.iter().map(|(key, value)| (*key, (*value).to_owned())));
        send(
            self.client
                .get(format!("{}{path}", self.origin))
                .query(&all),
        )
        .await
    }

    /// As signed for the app alone; a body makes it a POST.
    pub async fn public(&self, path: &str, body: Option<Value>) -> Answer {
        let timestamp = now();
        let all = self.common(timestamp, &public_base(self.partner_id, path, timestamp));
        let url = format!("{}{path}", self.origin);
        let request = match body {
            None => self.client.get(url),
            Some(body) => self.client.post(url).json(&body),
        };
        send(request.query(&all)).await.unwrap()
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
        text: answer.text().await?,
    })
}

pub fn now() -> i64 {
    use hawker_shopee_emulator::{SystemWall, WallClock};
    SystemWall.now()
}
