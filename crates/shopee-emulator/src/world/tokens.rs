//! Access tokens. Their life is measured on the wall clock, like the platform's.

use std::collections::BTreeMap;

use super::ids::{ShopId, Timestamp};

/// Four hours.
pub const ACCESS_TOKEN_SECONDS: i64 = 4 * 3600;

#[derive(Debug, Default)]
pub(crate) struct Tokens {
    by_text: BTreeMap<String, Token>,
}

#[derive(Debug)]
struct Token {
    shop_id: ShopId,
    /// None: never.
    expires_at: Option<Timestamp>,
}

impl Tokens {
    pub fn fix(&mut self, text: &str, shop_id: ShopId) {
        self.by_text.insert(
            text.to_owned(),
            Token {
                shop_id,
                expires_at: None,
            },
        );
    }

    pub fn issue(&mut self, text: String, shop_id: ShopId, now: Timestamp) {
        let expires_at = Some(now + ACCESS_TOKEN_SECONDS);
        self.by_text.insert(
            text,
            Token {
                shop_id,
                expires_at,
            },
        );
    }

    /// Says whether there was such a token.
    pub fn revoke(&mut self, text: &str) -> bool {
        self.by_text.remove(text).is_some()
    }

    pub fn revoke_all_of(&mut self, shop_id: ShopId) {
        self.by_text.retain(|_, token| token.shop_id != shop_id);
    }

    pub fn opens(&self, text: &str, shop_id: ShopId, now: Timestamp) -> bool {
        self.by_text.get(text).is_some_and(|token| {
            token.shop_id == shop_id && token.expires_at.is_none_or(|end| now < end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_its_own_shop_for_four_hours() {
        let mut tokens = Tokens::default();
        tokens.issue("t".to_owned(), 1, 1000);
        assert!(tokens.opens("t", 1, 1000 + ACCESS_TOKEN_SECONDS - 1));
        assert!(!tokens.opens("t", 1, 1000 + ACCESS_TOKEN_SECONDS));
        assert!(!tokens.opens("t", 2, 1000));
        assert!(!tokens.opens("u", 1, 1000));
    }

    #[test]
    fn a_fixed_token_never_expires_but_can_be_revoked() {
        let mut tokens = Tokens::default();
        tokens.fix("t", 1);
        assert!(tokens.opens("t", 1, i64::MAX));
        assert!(tokens.revoke("t"));
        assert!(!tokens.opens("t", 1, 0));
    }
}
