//! How a push is signed, rightly and in the ways that a receiver must survive.

use serde::Deserialize;

use crate::signing::hmac_hex;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushSigning {
    /// `url|body` under the push key, plain hex: what the platform does.
    #[default]
    UrlAndBody,
    /// The body alone, as `SHA256 <hex>`: a scheme that circulates in documents.
    BodyOnly,
    WrongKey,
    WrongUrl,
    /// As long as no push key has been saved in the console.
    EmptyKey,
    /// `url|body` under the API's key, as older apps have it.
    PartnerKey,
    /// `url|body` under the push key before the last rotation; today's when there was none.
    PreviousKey,
    /// No `Authorization` at all.
    Unsigned,
}

/// The keys of an app, as they are at the time of sending.
#[derive(Clone, Debug, Default)]
pub(crate) struct PushKeys {
    pub push: String,
    pub previous: Option<String>,
    pub partner: String,
}

impl PushSigning {
    /// The value of the `Authorization` header.
    pub(crate) fn authorization(self, keys: &PushKeys, url: &str, body: &[u8]) -> Option<String> {
        let key = keys.push.as_str();
        let over_url = |key: &str, url: &str| hmac_hex(key, &[url.as_bytes(), b"|", body]);
        match self {
            Self::UrlAndBody => Some(over_url(key, url)),
            Self::BodyOnly => Some(format!("SHA256 {}", hmac_hex(key, &[body]))),
            Self::WrongKey => Some(over_url("not_the_push_key", url)),
            Self::WrongUrl => Some(over_url(key, "https://elsewhere.example.com/webhook")),
            Self::EmptyKey => Some(over_url("", url)),
            Self::PartnerKey => Some(over_url(&keys.partner, url)),
            Self::PreviousKey => Some(over_url(keys.previous.as_deref().unwrap_or(key), url)),
            Self::Unsigned => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PushKeys;
    use super::PushSigning::{BodyOnly, EmptyKey, PartnerKey, PreviousKey, UrlAndBody};
    use crate::push::notice::PING_BODY;

    const KEY: &str = "test_push_key_0123456789abcdef";
    const U1: &str = "https://ops.example.com/connectors/shopee/webhook/live";
    const U2: &str =
        "https://ops.example.com/connectors/shopee/webhook?env=live&profile_id=prof_01";
    const B1: &str = r#"{"data":{"items":[],"ordersn":"220810QSK8S7BX","status":"PROCESSED","completed_scenario":"","update_time":1660123127},"shop_id":727720655,"code":3,"timestamp":1660123127}"#;
    const B2: &str = r#"{"msg_id":"0f1e2d3c4b5a69788796a5b4c3d2e1f0","data":{"completed_scenario":null,"items":[],"ordersn":"251214TESTSN01","status":"READY_TO_SHIP","update_time":1765689439},"shop_id":10010,"code":3,"timestamp":1765689440}"#;

    #[test]
    fn pushes_are_signed_as_the_vectors_say() {
        let with_newline = format!("{B1}\n");
        let vectors = [
            (
                UrlAndBody,
                U1,
                B1,
                "703f44aa7345daf23cdd0ac0b3451108eeea5dda2c0e96fe1031c50cf7c681eb",
            ),
            (
                UrlAndBody,
                U2,
                B1,
                "82399cd46b293b19924fa18ce51a5a04895caac7984738ef8dfb61dd30727652",
            ),
            (
                BodyOnly,
                U1,
                B1,
                "SHA256 5bcc88e2455826e130757669508ba0dda39708ddc0739788b3d98cab60aeaab3",
            ),
            (
                UrlAndBody,
                U1,
                B2,
                "935d22682ce27d0cdb2959d3fee2dd0b3404e3b71ff1eee9cd3bd75370512524",
            ),
            (
                BodyOnly,
                U1,
                B2,
                "SHA256 9d3d71c91c8656f6e7403b44ca54336745f06433f431cd7bc3ca8e208227e3d6",
            ),
            (
                UrlAndBody,
                U1,
                PING_BODY,
                "cd091221a70fedeabd6d4662085cea92bd425c84a11bc2f8da1dc27490ad263a",
            ),
            (
                EmptyKey,
                U1,
                PING_BODY,
                "e7d9b41e49289012703bd4b8752faead83dca7ee1ed14daaa73ca555242b306c",
            ),
            (
                UrlAndBody,
                U1,
                "",
                "7ded2a07f2bf613789d606e23958c3147b32315b3dddc18ece587c50627c66e7",
            ),
            (
                UrlAndBody,
                U1,
                &with_newline,
                "f7d202ae126484306b64f9d5f49d248981be08d09ac221584f433f8aeb8f59d3",
            ),
        ];
        for (signing, url, body, expected) in vectors {
            let value = signing.authorization(&keys(), url, body.as_bytes());
            assert_eq!(value.as_deref(), Some(expected), "{signing:?} {url} {body}");
        }
    }

    fn keys() -> PushKeys {
        PushKeys {
            push: KEY.to_owned(),
            ..PushKeys::default()
        }
    }

    #[test]
    fn other_keys_of_the_app_sign_in_the_same_way() {
        let all = PushKeys {
            previous: Some("old".to_owned()),
            partner: "api".to_owned(),
            ..keys()
        };
        let by = |key: &str| PushKeys {
            push: key.to_owned(),
            ..PushKeys::default()
        };
        let body = B1.as_bytes();
        for (signing, key) in [(PartnerKey, "api"), (PreviousKey, "old")] {
            let expected = UrlAndBody.authorization(&by(key), U1, body);
            assert_eq!(signing.authorization(&all, U1, body), expected);
        }
        let unrotated = PreviousKey.authorization(&keys(), U1, body);
        assert_eq!(unrotated, UrlAndBody.authorization(&keys(), U1, body));
    }
}
