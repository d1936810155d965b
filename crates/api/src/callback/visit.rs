//! What a seller's browser brings back in the URL.

use hawker_domain::ShopId;
use hawker_domain::ids::ProfileId;
use secrecy::SecretString;
use url::form_urlencoded;
use utoipa::IntoParams;

/// What the URL says; it has no `Debug`, as it holds a nonce and a code. Whatever is missing or cannot be read is left out: what follows from that is
/// for the use case to say.
#[derive(Default)]
pub(super) struct Visit {
    pub(super) profile: Option<ProfileId>,
    pub(super) nonce: Option<String>,
    pub(super) code: Option<SecretString>,
    pub(super) shop: Option<ShopId>,
    pub(super) main_account: Option<i64>,
}

/// The parameters, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(crate) struct VisitQuery {
    /// The profile that the shop is authorised for.
    profile_id: Option<String>,
    /// What our link carried; good for one use.
    nonce: Option<String>,
    /// The marketplace's code; good for ten minutes and one use. Missing when the seller declined.
    code: Option<String>,
    /// The shop that was authorised.
    shop_id: Option<i64>,
    /// The main account that was authorised, instead of a shop.
    main_account_id: Option<i64>,
}

impl Visit {
    /// Reads the query, in any order. The marketplace appends its own parameters to our URL, and not
    /// always with `&` where there is a `?` already.
    pub(super) fn of(query: &str) -> Self {
        let query = query.replace('?', "&");
        let mut visit = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            match name.as_ref() {
                "profile_id" => keep_first(&mut visit.profile, ProfileId::parse(value)),
                "nonce" => keep_first(&mut visit.nonce, Some(value.to_owned())),
                "code" => keep_first(&mut visit.code, Some(SecretString::from(value))),
                "shop_id" => keep_first(&mut visit.shop, value.parse().ok().map(ShopId)),
                "main_account_id" => keep_first(&mut visit.main_account, value.parse().ok()),
                _ => {}
            }
        }
        visit
    }
}

/// Ours come first in the URL; what somebody appended does not replace them.
fn keep_first<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_parameters_come_in_any_order_and_behind_a_second_question_mark() {
        for query in [
            "profile_id=prof_1&nonce=n1&code=c%201&shop_id=7",
            "code=c%201&shop_id=7&nonce=n1&profile_id=prof_1",
            "profile_id=prof_1&nonce=n1?code=c%201&shop_id=7",
            "profile_id=prof_1?nonce=n1?code=c+1?shop_id=7&unknown=x",
            "profile_id=prof_1&nonce=n1&code=c%201&shop_id=7&nonce=n2&code=c2",
        ] {
            let visit = Visit::of(query);
            assert_eq!(
                visit.profile.as_ref().map(ProfileId::as_str),
                Some("prof_1"),
                "{query}"
            );
            assert_eq!(visit.nonce.as_deref(), Some("n1"), "{query}");
            assert_eq!(
                visit.code.as_ref().map(SecretString::expose_secret),
                Some("c 1"),
                "{query}"
            );
            assert_eq!(visit.shop, Some(ShopId(7)), "{query}");
        }
    }

    #[test]
    fn what_is_blank_or_unreadable_is_left_out() {
        for query in [
            "",
            "?&&=&%%%",
            "code=&nonce=%20&shop_id=&profile_id=",
            "shop_id=seven&profile_id=no%20profile&main_account_id=1e9",
        ] {
            let visit = Visit::of(query);
            assert!(visit.profile.is_none() && visit.nonce.is_none(), "{query}");
            assert!(visit.code.is_none() && visit.shop.is_none(), "{query}");
            assert!(visit.main_account.is_none(), "{query}");
        }
    }

    #[test]
    fn a_main_account_comes_instead_of_a_shop() {
        let visit = Visit::of("nonce=n&code=c&main_account_id=1");
        assert_eq!((visit.main_account, visit.shop), (Some(1), None));
    }
}
