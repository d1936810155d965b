use hawker_domain::event::{KeySlot, PushContent, SignatureScheme, Tracking, Verdict};
use hawker_domain::{OrderSn, ShopId};
use hawker_ports::pushes::{
    PushReader, SignatureHeader, SignatureTrial, TriedSignature, VerificationCandidates,
};
use secrecy::SecretString;

use super::{ShopeePushes, verify_body_only_sha256};
use crate::sign::hmac_sha256_hex;

mod content;
mod verification;

/// Shopee's own sample of the order status push.
const B1: &str = r#"{"data":{"items":[],"ordersn":"220810QSK8S7BX","status":"PROCESSED","completed_scenario":"","update_time":1660123127},"shop_id":727720655,"code":3,"timestamp":1660123127}"#;

/// The shape of a live push.
const B2: &str = r#"{"msg_id":"0f1e2d3c4b5a69788796a5b4c3d2e1f0","data":{"completed_scenario":null,"items":[],"ordersn":"251214TESTSN01","status":"READY_TO_SHIP","update_time":1765689439},"shop_id":10010,"code":3,"timestamp":1765689440}"#;

/// The ping when a callback URL is registered.
const B0: &str = r#"{"code":0,"data":{"verify_info":"This is a Verification message.Please respond in the certain format."}}"#;

fn read(body: &str) -> PushContent {
    ShopeePushes.read(body.as_bytes())
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}
