//! Request signing (shopee.md §2): lowercase hex of HMAC-SHA256 over a base string without
//! separators, under the partner key *as text*. The key is neither hex-decoded nor stripped of its
//! `shpk`.
//!
//! The path that is signed is the path of the final URL, `/api/v2/…`, whatever host or override
//! the call goes to; queries and bodies are not signed.

use std::fmt;

use hawker_domain::ShopId;
use ring::hmac;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

/// On whose behalf a request is signed.
#[derive(Clone, Copy, Debug)]
pub enum Identity<'a> {
    /// The app itself: authorisation, lost pushes, push configuration.
    Public,
    /// One shop.
    Shop {
        /// The shop.
        shop: ShopId,
        /// Its access token.
        access_token: &'a SecretString,
    },
    /// One merchant: a main account with several shops.
    Merchant {
        /// The merchant.
        merchant_id: i64,
        /// Its access token.
        access_token: &'a SecretString,
    },
}

/// The `sign` of a request: `path` is the path of its final URL, `timestamp` in seconds since 1970.
pub fn sign(
    partner_key: &SecretString,
    partner_id: i64,
    path: &str,
    timestamp: i64,
    identity: Identity<'_>,
) -> String {
    hmac_sha256_hex(
        partner_key,
        base_string(partner_id, path, timestamp, identity).as_bytes(),
    )
}

/// What is signed. It holds the access token, so it is wiped when dropped.
fn base_string(
    partner_id: i64,
    path: &str,
    timestamp: i64,
    identity: Identity<'_>,
) -> Zeroizing<String> {
    let subject: (&str, &dyn fmt::Display) = match &identity {
        Identity::Public => ("", &""),
        Identity::Shop { shop, access_token } => (access_token.expose_secret(), shop),
        Identity::Merchant {
            merchant_id,
            access_token,
        } => (access_token.expose_secret(), merchant_id),
    };
    let (access_token, id) = subject;
    Zeroizing::new(format!("{partner_id}{path}{timestamp}{access_token}{id}"))
}

/// Lowercase hex of HMAC-SHA256 under a key that is taken as text.
pub(crate) fn hmac_sha256_hex(key: &SecretString, message: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret().as_bytes());
    hex::encode(hmac::sign(&key, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTNER_ID: i64 = 2_001_887;
    const TIMESTAMP: i64 = 1_655_714_431;
    const ACCESS_TOKEN: &str = "59777174636562737266615546704c6d";

    fn key() -> SecretString {
        SecretString::from("test_partner_key_0123456789abcdef")
    }

    fn check(path: &str, identity: Identity<'_>, base: &str, expected: &str) {
        assert_eq!(
            base_string(PARTNER_ID, path, TIMESTAMP, identity).as_str(),
            base
        );
        assert_eq!(
            sign(&key(), PARTNER_ID, path, TIMESTAMP, identity),
            expected,
            "{path}"
        );
    }

    #[test]
    fn calls_of_the_app_are_signed_over_id_path_and_time() {
        for (path, expected) in [
            (
                "/api/v2/auth/token/get",
                "0c212acc232b9af44093a3f982a47b546c9edf3d005ebf999580c3e5978e0336",
            ),
            (
                "/api/v2/auth/access_token/get",
                "cd438687e4f2b82442d63ff6755775d7eef146415f46ee0aa46cf4810a52dffd",
            ),
            (
                "/api/v2/shop/auth_partner",
                "bef10fe18a2ec6e9d5d68cebd255bc5394835300a97f99336cd7e3679949ebb9",
            ),
            (
                "/api/v2/push/get_lost_push_message",
                "fc343ee24594f6d958aa45a96618836cb28dc7f876aab16806672abdf1f499fa",
            ),
            (
                "/api/v2/shop/cancel_auth_partner",
                "8b866d1ef78169e992f2f51b5456287b3a25043a8d4e714eb52a8cb504c73990",
            ),
        ] {
            check(
                path,
                Identity::Public,
                &format!("2001887{path}1655714431"),
                expected,
            );
        }
    }

    #[test]
    fn calls_of_a_shop_are_signed_over_token_and_shop_as_well() {
        let access_token = &SecretString::from(ACCESS_TOKEN);
        for (path, expected) in [
            (
                "/api/v2/order/get_order_detail",
                "5b3c2c4f101472c8d5c51e19226ee5a5c990357c3f1208d24e9b635368a08a40",
            ),
            (
                "/api/v2/shop/get_shop_info",
                "fae2453506d0e74461bff5acf9985e736a81491c37c1c77537598bc991c034fc",
            ),
        ] {
            check(
                path,
                Identity::Shop {
                    shop: ShopId(14_701_711),
                    access_token,
                },
                &format!("2001887{path}1655714431{ACCESS_TOKEN}14701711"),
                expected,
            );
        }
    }

    #[test]
    fn calls_of_a_merchant_are_signed_over_token_and_merchant() {
        check(
            "/api/v2/global_product/get_category",
            Identity::Merchant {
                merchant_id: 1_000_000,
                access_token: &SecretString::from(ACCESS_TOKEN),
            },
            "2001887/api/v2/global_product/get_category165571443159777174636562737266615546704c6d1000000",
            "62544c740af14c344566670b4faa497dd435b46f72dfd7d27f964b041436b72d",
        );
    }

    #[test]
    fn a_partner_key_is_text_and_keeps_its_prefix() {
        let digits = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab";
        let signed = |key: &str| {
            sign(
                &SecretString::from(key),
                PARTNER_ID,
                "/api/v2/auth/token/get",
                TIMESTAMP,
                Identity::Public,
            )
        };
        assert_eq!(
            signed(&format!("shpk{digits}")),
            "bd390eac568974dc3d463bbab0e323099802d6a226d73b8579e7225f431c6ad2"
        );
        assert_eq!(
            signed(digits),
            "9d8e5fddfe61f7f9c2c16cc8fd5cf0be4d5098cf9b064dcebe15c7c19522c5b6",
            "the vector for a key that lost its prefix"
        );
        let decoded = hmac::Key::new(hmac::HMAC_SHA256, &hex::decode(digits).unwrap());
        let signed_with_decoded = hmac::sign(&decoded, b"2001887/api/v2/auth/token/get1655714431");
        assert_eq!(
            hex::encode(signed_with_decoded),
            "95e553aab9f872fea28879091071320ea1d33d845ac9c18f1c8e432f223ec23a",
            "the vector for a key that was decoded, which is not what is sent"
        );
    }

    #[test]
    fn any_text_is_signed_as_other_implementations_do() {
        assert_eq!(
            hmac_sha256_hex(
                &SecretString::from("test_partner_key"),
                b"/api/v2/auth/token/get123456test_partner_idtest_shop_idtest_main_account_id"
            ),
            "37c864bd9821ff5f2c2f46b2faca14eb1811a718d1fdc6dcf383cba7c74bf9e9"
        );
    }
}
