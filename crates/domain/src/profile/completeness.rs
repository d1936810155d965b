//! What a profile lacks before the marketplace can be called for it.

use crate::channel::named;

named! {
    /// Something that a profile must have before its shop can be called for. The names are the
    /// documented ones.
    Missing: "setting of a profile" {
        /// The app's id.
        PartnerId = "partner_id",
        /// The app's key.
        PartnerKey = "partner_key",
        /// The shop.
        ShopId = "shop_id",
    }
}

/// What is missing, in the order in which a person fills it in.
pub fn missing(has_partner_id: bool, has_partner_key: bool, has_shop: bool) -> Vec<Missing> {
    [
        (has_partner_id, Missing::PartnerId),
        (has_partner_key, Missing::PartnerKey),
        (has_shop, Missing::ShopId),
    ]
    .into_iter()
    .filter(|(is_there, _)| !is_there)
    .map(|(_, what)| what)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        assert_eq!(missing(true, true, true), []);
        assert_eq!(
            missing(true, false, false),
            [Missing::PartnerKey, Missing::ShopId]
        );
    }
}
