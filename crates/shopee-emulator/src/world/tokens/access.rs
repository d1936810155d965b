//! Access tokens: what each opens, and until when.

use std::collections::BTreeMap;

use crate::world::consent::Grantee;
use crate::world::ids::{ShopId, Timestamp};

#[derive(Debug, Default)]
pub(crate) struct AccessTokens {
    by_text: BTreeMap<String, BTreeMap<Grantee, End>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Set up by hand: no refresh and no authorisation ends it.
    Never,
    At(Timestamp),
}

impl AccessTokens {
    pub fn fix(&mut self, text: &str, shop_id: ShopId) {
        let opened = self.by_text.entry(text.to_owned()).or_default();
        opened.insert(Grantee::Shop(shop_id), End::Never);
    }

    pub fn issue(&mut self, text: &str, grantees: &[Grantee], expires_at: Timestamp) {
        let opened = self.by_text.entry(text.to_owned()).or_default();
        opened.extend(
            grantees
                .iter()
                .map(|grantee| (*grantee, End::At(expires_at))),
        );
    }

    pub fn opens(&self, text: &str, grantee: Grantee, now: Timestamp) -> bool {
        let end = self
            .by_text
            .get(text)
            .and_then(|opened| opened.get(&grantee));
        match end {
            None => false,
            Some(End::Never) => true,
            Some(End::At(end)) => now < *end,
        }
    }

    /// What was issued so far opens no longer than that. Fixed tokens stay.
    pub fn retire(&mut self, grantee: Grantee, at: Timestamp) {
        for opened in self.by_text.values_mut() {
            if let Some(End::At(end)) = opened.get_mut(&grantee) {
                *end = at.min(*end);
            }
        }
    }

    /// As if four hours had passed, for fixed tokens, too.
    pub fn expire(&mut self, grantee: Grantee, at: Timestamp) {
        for opened in self.by_text.values_mut() {
            if let Some(end) = opened.get_mut(&grantee) {
                *end = End::At(at);
            }
        }
    }

    /// Says whether there was such a token.
    pub fn revoke(&mut self, text: &str) -> bool {
        self.by_text.remove(text).is_some()
    }

    /// Forgets them, fixed ones included.
    pub fn revoke_all_of(&mut self, grantee: Grantee) {
        for opened in self.by_text.values_mut() {
            opened.remove(&grantee);
        }
        self.by_text.retain(|_, opened| !opened.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: Grantee = Grantee::Shop(1);

    #[test]
    fn a_token_opens_its_own_shop_until_its_end() {
        let mut tokens = AccessTokens::default();
        tokens.issue("t", &[SHOP], 1000);
        assert!(tokens.opens("t", SHOP, 999));
        assert!(!tokens.opens("t", SHOP, 1000));
        assert!(!tokens.opens("t", Grantee::Shop(2), 0));
        assert!(!tokens.opens("t", Grantee::Merchant(1), 0));
        assert!(!tokens.opens("u", SHOP, 0));
    }

    #[test]
    fn a_fixed_token_outlives_everything_but_its_revocation_and_its_expiry() {
        let mut tokens = AccessTokens::default();
        tokens.fix("t", 1);
        tokens.retire(SHOP, 0);
        assert!(tokens.opens("t", SHOP, i64::MAX));
        tokens.expire(SHOP, 5);
        assert!(!tokens.opens("t", SHOP, 5));
        tokens.fix("u", 1);
        assert!(tokens.revoke("u"));
        assert!(!tokens.opens("u", SHOP, 0));
    }
}
