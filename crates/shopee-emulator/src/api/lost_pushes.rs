//! `GET push/get_lost_push_message` and `POST push/confirm_consumed_lost_push_message`: signed
//! for the app alone, and moved forward by confirmation only.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use crate::push::LostMessage;
use crate::shared::Shared;
use crate::sync::lock;

#[derive(Deserialize)]
struct ConfirmWire {
    last_message_id: i64,
}

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::LostPushes, request, &[], lost_pushes).await
}

pub(super) async fn confirm(
    shared: web::Data<Shared>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    answer(
        shared,
        Endpoint::ConfirmLostPushes,
        request,
        &body,
        confirm_consumed,
    )
    .await
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every endpoint")]
fn lost_pushes(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let now = call.shared.clock.now();
    let (page, more) = lock(&call.shared.outbox)
        .lost
        .page(call.caller.partner_id, now);
    let last_message_id = page.last().map_or(0, |message| message.id);
    let messages: Vec<Value> = page.into_iter().map(entry).collect();
    Ok(Reply::Enveloped(json!({
        "push_message_list": messages,
        "has_next_page": more,
        "last_message_id": last_message_id,
    })))
}

fn confirm_consumed(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let ConfirmWire { last_message_id } = serde_json::from_slice(call.body)
        .map_err(|_| ApiError::wrong_parameters("last_message_id is missing or invalid"))?;
    lock(&call.shared.outbox)
        .lost
        .confirm(call.caller.partner_id, last_message_id);
    Ok(Reply::Done)
}

/// The envelope travels as text; partner-level pushes name no shop.
fn entry(message: LostMessage) -> Value {
    let LostMessage {
        shop_id,
        code,
        lost_at,
        envelope,
        ..
    } = message;
    let mut entry = json!({ "code": code, "timestamp": lost_at, "data": envelope });
    if let Some(shop_id) = shop_id {
        entry["shop_id"] = json!(shop_id);
    }
    entry
}
