//! How an authorisation ended, in one word for a page, and what the word means to a person.

/// What `?status=` may say on the way back to the operator, and what it means.
pub const STATUSES: &[(&str, &str)] = &[
    ("connected", "The shop is authorised; its orders flow."),
    (
        "invalid_state",
        "This way back was not asked for here, or for another profile. Start the authorisation again.",
    ),
    (
        "state_used",
        "This way back was used before. If the shop is not connected, start the authorisation again.",
    ),
    (
        "state_expired",
        "It took too long to come back. Start the authorisation again.",
    ),
    (
        "denied",
        "The seller did not agree, or the marketplace sent no code. Nothing was changed.",
    ),
    (
        "code_rejected",
        "The marketplace did not accept its own code: it is good for ten minutes and a single use. Start the authorisation again.",
    ),
    (
        "shop_mismatch",
        "Another shop was authorised than the one of the profile; nothing was kept, except new pairs of other shops that are known here. Sign in with the account of the profile's shop, or change the shop of the profile.",
    ),
    (
        "not_configured",
        "The profile is not fully configured. Complete it, then start the authorisation again.",
    ),
    (
        "unavailable",
        "The marketplace or the database could not be reached. Start the authorisation again in a few minutes.",
    ),
    (
        "in_doubt",
        "The marketplace's answer was lost, and the code may be used up. Start the authorisation again.",
    ),
    (
        "error",
        "It did not work for another reason, which the log names. Test the connection of the profile.",
    ),
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hawker_domain::ShopId;
    use hawker_domain::ids::ProfileId;
    use hawker_domain::profile::Missing;
    use hawker_ports::marketplace::MarketplaceError;
    use hawker_ports::{SealError, StoreError};

    use super::super::ComeBackError;
    use super::*;

    #[test]
    fn every_status_is_explained_once() {
        let mut words: Vec<_> = STATUSES.iter().map(|(word, _)| *word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), STATUSES.len());
    }

    #[test]
    fn every_failure_has_a_status_that_is_explained() {
        let profile = ProfileId::parse("prof_1").unwrap();
        let error = || {
            Arc::new(MarketplaceError::Malformed {
                endpoint: "auth/token/get",
                reason: "no token".into(),
            })
        };
        let failures = [
            ComeBackError::InvalidState,
            ComeBackError::StateUsed,
            ComeBackError::StateExpired,
            ComeBackError::Denied,
            ComeBackError::NoSuchProfile(profile.clone()),
            ComeBackError::NotConfigured {
                profile: profile.clone(),
                missing: vec![Missing::PartnerKey],
            },
            ComeBackError::SecretsUnreadable {
                profile: profile.clone(),
                cause: SealError::NoKeyOpens,
            },
            ComeBackError::NamesNoShop,
            ComeBackError::ShopMismatch {
                profile,
                expected: ShopId(1),
                given: vec![ShopId(2)],
                kept: Vec::new(),
            },
            ComeBackError::CodeRejected(error()),
            ComeBackError::Unavailable(error()),
            ComeBackError::InDoubt(error()),
            ComeBackError::Marketplace(error()),
            ComeBackError::Store(Arc::new(StoreError::Poisoned)),
            ComeBackError::Store(Arc::new(StoreError::Unavailable("away".into()))),
        ];
        for failure in failures {
            let status = failure.status();
            assert!(status != "connected", "{failure}");
            assert!(STATUSES.iter().any(|(word, _)| *word == status), "{status}");
        }
    }
}
