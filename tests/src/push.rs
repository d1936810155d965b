//! Pushes made by hand: their bodies, their signatures, and posting them as the marketplace does.

use hawker_shopee_emulator::signing::hmac_hex;
use hawker_shopee_emulator::{Order, PartnerApp, Shop};
use serde_json::json;

/// What a service answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Answer {
    /// What the marketplace counts as success: 2xx and nothing in the body.
    pub fn counts(&self) -> bool {
        (200..300).contains(&self.status) && self.body.is_empty()
    }
}

/// The body of an order status push of the first shop, as of `update_time`.
pub fn order_push(order_sn: &str, status: &str, update_time: i64) -> String {
    json!({
        "data": {
            "items": [], "ordersn": order_sn, "status": status,
            "completed_scenario": "", "update_time": update_time,
        },
        "shop_id": Shop::default().shop_id,
        "code": 3,
        "timestamp": update_time,
    })
    .to_string()
}

/// The push that tells how an order stands now; `timestamp` is the time of sending.
pub fn push_of(order: &Order, timestamp: i64) -> String {
    json!({
        "data": {
            "items": [], "ordersn": order.order_sn, "status": order.status.as_str(),
            "completed_scenario": "", "update_time": order.update_time,
        },
        "shop_id": order.shop_id,
        "code": 3,
        "timestamp": timestamp,
    })
    .to_string()
}

/// The platform's signature over a URL and a body, by the push key of the first app.
pub fn signature(url: &str, body: &str) -> String {
    signature_by(&PartnerApp::default().push_key, url, body)
}

/// The same by another key.
pub fn signature_by(key: &str, url: &str, body: &str) -> String {
    hmac_hex(key, &[url.as_bytes(), b"|", body.as_bytes()])
}

/// Posts `body`; `Err` is a connection that failed.
pub async fn post(
    client: &reqwest::Client,
    url: &str,
    body: impl Into<reqwest::Body>,
    authorization: Option<&str>,
) -> Result<Answer, reqwest::Error> {
    let mut request = client.post(url).header("content-type", "application/json");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    answer(request.body(body)).await
}

/// Sends a request and reads its answer.
pub async fn answer(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let answer = request.send().await?;
    Ok(Answer {
        status: answer.status().as_u16(),
        body: answer.text().await?,
    })
}
