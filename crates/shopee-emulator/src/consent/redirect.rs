//! The way back: what the platform appends to the app's redirect URL, which stays as it was
//! otherwise.

use url::form_urlencoded::Serializer;

use super::link::Link;
use crate::world::{Account, ShopId};

/// After a consent. The code comes first, as in the platform's examples.
pub(crate) fn with_code(link: &Link, code: &str, account: Account) -> String {
    let id = match account {
        Account::Shop(shop_id) => ("shop_id", shop_id),
        Account::Main(account_id) => ("main_account_id", account_id),
    };
    appended(link, Some(code), Some(id))
}

/// After an authorisation was cancelled.
pub(crate) fn after_cancelling(link: &Link, shop_id: ShopId) -> String {
    appended(link, None, Some(("shop_id", shop_id)))
}

/// After the seller said no: nothing but the state that the app sent along.
pub(super) fn declined(link: &Link) -> String {
    appended(link, None, None)
}

fn appended(link: &Link, code: Option<&str>, id: Option<(&str, i64)>) -> String {
    let mut pairs = Serializer::new(String::new());
    if let Some(code) = code {
        pairs.append_pair("code", code);
    }
    if let Some((name, id)) = id {
        pairs.append_pair(name, &id.to_string());
    }
    if let Some(state) = &link.state {
        pairs.append_pair("state", state);
    }
    let pairs = pairs.finish();
    if pairs.is_empty() {
        return link.redirect.clone();
    }
    let (url, fragment) = match link.redirect.split_once('#') {
        Some((url, fragment)) => (url, format!("#{fragment}")),
        None => (link.redirect.as_str(), String::new()),
    };
    let joint = match url.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{url}{joint}{pairs}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::link::Purpose;

    fn link(redirect: &str, state: Option<&str>) -> Link {
        Link {
            purpose: Purpose::Authorise,
            partner_id: 1,
            redirect: redirect.to_owned(),
            state: state.map(str::to_owned),
        }
    }

    #[test]
    fn parameters_join_whatever_query_there_is() {
        let cases = [
            ("https://a.example", "https://a.example?code=c&shop_id=7"),
            (
                "https://a.example/cb?profile_id=p%201",
                "https://a.example/cb?profile_id=p%201&code=c&shop_id=7",
            ),
            ("https://a.example/?", "https://a.example/?code=c&shop_id=7"),
            (
                "https://a.example/?x=1&",
                "https://a.example/?x=1&code=c&shop_id=7",
            ),
            (
                "https://a.example/#top",
                "https://a.example/?code=c&shop_id=7#top",
            ),
        ];
        for (redirect, expected) in cases {
            assert_eq!(
                with_code(&link(redirect, None), "c", Account::Shop(7)),
                expected
            );
        }
    }

    #[test]
    fn a_state_comes_back_escaped_and_a_main_account_by_its_own_name() {
        let link = link("https://a.example", Some("a&b"));
        assert_eq!(
            with_code(&link, "c", Account::Main(7)),
            "https://a.example?code=c&main_account_id=7&state=a%26b"
        );
        assert_eq!(declined(&link), "https://a.example?state=a%26b");
    }
}
