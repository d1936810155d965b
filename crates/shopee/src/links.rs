//! Where a seller's browser is sent (shopee.md §1.1, §2.2, §3.1): to authorise the app, to take that
//! back, or to the login page.
//!
//! A signed link dies five minutes after it was made, so it is made when it is followed and never
//! stored. It carries no `state`: what is to come back has to stand in the query of `redirect`, whose
//! domain has to be the one that is registered in the platform's console.

use hawker_domain::Timestamp;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::Fault;
use url::Url;

use crate::client::Caller;
use crate::client::target::{signed, url_of};
use crate::sign::Identity;

/// API hosts and the login pages that belong to them; the last one is the sandbox of old.
const LOGIN_PAGES: [(&str, &str); 6] = [
    ("partner.shopeemobile.com", "https://open.shopee.com/auth"),
    ("openplatform.shopee.cn", "https://open.shopee.cn/auth"),
    (
        "openplatform.shopee.com.br",
        "https://open.shopee.com.br/auth",
    ),
    (
        "openplatform.sandbox.test-stable.shopee.sg",
        "https://open.sandbox.test-stable.shopee.com/auth",
    ),
    (
        "openplatform.sandbox.test-stable.shopee.cn",
        "https://open.sandbox.test-stable.shopee.cn/auth",
    ),
    (
        "partner.test-stable.shopeemobile.com",
        "https://open.sandbox.test-stable.shopee.com/auth",
    ),
];

/// Who is asked to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// Somebody who sells.
    Seller,
    /// Somebody who supplies sellers.
    Supplier,
    /// Somebody else.
    User,
}

/// The signed link by which a seller authorises the app, good for five minutes from `now` on, by the
/// platform's clock.
///
/// ```
/// use hawker_shopee::client::Caller;
/// use hawker_shopee::links::authorisation_link;
///
/// let key = "test_partner_key_0123456789abcdef".into();
/// let app = Caller::app("https://partner.shopeemobile.com/api/v2", 2001887, &key);
/// let now = "2022-06-20T08:40:31Z".parse()?;
/// let link = authorisation_link(&app, "https://ops.example.com/callback?nonce=7", now)?;
/// assert_eq!(
///     link.as_str(),
///     "https://partner.shopeemobile.com/api/v2/shop/auth_partner?partner_id=2001887\
///      &timestamp=1655714431&sign=bef10fe18a2ec6e9d5d68cebd255bc5394835300a97f99336cd7e3679949ebb9\
///      &redirect=https%3A%2F%2Fops.example.com%2Fcallback%3Fnonce%3D7"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn authorisation_link(
    app: &Caller<'_>,
    redirect: &str,
    now: Timestamp,
) -> Result<Url, MarketplaceError> {
    signed_link(
        app,
        "/shop/auth_partner",
        "shop.auth_partner",
        redirect,
        now,
    )
}

/// The same to take an authorisation back.
pub fn cancellation_link(
    app: &Caller<'_>,
    redirect: &str,
    now: Timestamp,
) -> Result<Url, MarketplaceError> {
    signed_link(
        app,
        "/shop/cancel_auth_partner",
        "shop.cancel_auth_partner",
        redirect,
        now,
    )
}

/// The login page, whose link is not signed, does not die, and brings `state` back. A base URL of
/// one's own, a stand-in of the platform, is taken to have its login page at `/auth`.
///
/// ```
/// use hawker_shopee::links::{AccountKind, login_page};
///
/// let link = login_page(
///     "https://openplatform.shopee.cn/api/v2",
///     2001887,
///     "https://ops.example.com/callback",
///     AccountKind::Seller,
///     Some("7"),
/// )?;
/// assert_eq!(
///     link.as_str(),
///     "https://open.shopee.cn/auth?partner_id=2001887&auth_type=seller\
///      &redirect_uri=https%3A%2F%2Fops.example.com%2Fcallback&response_type=code&state=7"
/// );
/// # Ok::<(), hawker_ports::MarketplaceError>(())
/// ```
pub fn login_page(
    base_url: &str,
    partner_id: i64,
    redirect: &str,
    account: AccountKind,
    state: Option<&str>,
) -> Result<Url, MarketplaceError> {
    const NAME: &str = "login_page";
    let redirect = web_address(redirect, NAME)?;
    let api = url_of(base_url, "", NAME)?;
    let page = LOGIN_PAGES
        .iter()
        .find(|(host, _)| api.host_str() == Some(host))
        .and_then(|(_, page)| Url::parse(page).ok());
    let mut page = page.unwrap_or_else(|| {
        let mut own = api;
        own.set_path("/auth");
        own.set_query(None);
        own.set_fragment(None);
        own
    });
    let auth_type = match account {
        AccountKind::Seller => "seller",
        AccountKind::Supplier => "supplier",
        AccountKind::User => "user",
    };
    page.query_pairs_mut()
        .append_pair("partner_id", &partner_id.to_string())
        .append_pair("auth_type", auth_type)
        .append_pair("redirect_uri", redirect.as_str())
        .append_pair("response_type", "code")
        .extend_pairs(state.map(|state| ("state", state)));
    Ok(page)
}

fn signed_link(
    app: &Caller<'_>,
    path: &str,
    name: &'static str,
    redirect: &str,
    now: Timestamp,
) -> Result<Url, MarketplaceError> {
    let redirect = web_address(redirect, name)?;
    let url = url_of(app.base_url, path, name)?;
    let mut link = signed(&url, app, Identity::Public, now.timestamp());
    link.query_pairs_mut()
        .append_pair("redirect", redirect.as_str());
    Ok(link)
}

/// Where a seller comes back to. What is none would be the platform's to refuse, in front of the
/// seller.
fn web_address(redirect: &str, name: &'static str) -> Result<Url, MarketplaceError> {
    Url::parse(redirect)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| MarketplaceError::Misconfigured {
            endpoint: name,
            fault: Fault::Other,
            code: "invalid_redirect".to_owned(),
            message: "the address that the seller comes back to is not a web address".to_owned(),
            request_id: None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hawker_domain::profile::Region;
    use secrecy::SecretString;

    const REDIRECT: &str = "https://ops.example.com/callback/live?profile_id=prof_01&nonce=n%201";

    fn key() -> SecretString {
        "test_partner_key_0123456789abcdef".into()
    }

    fn now() -> Timestamp {
        Timestamp::from_timestamp(1_655_714_431, 0).unwrap()
    }

    fn query(url: &Url, name: &str) -> Option<String> {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    #[test]
    fn both_signed_links_carry_the_documented_signature_and_the_way_back_whole() {
        let key = key();
        let app = Caller::app("https://partner.shopeemobile.com/api/v2", 2_001_887, &key);
        for (link, path, sign) in [
            (
                authorisation_link(&app, REDIRECT, now()).unwrap(),
                "/api/v2/shop/auth_partner",
                "bef10fe18a2ec6e9d5d68cebd255bc5394835300a97f99336cd7e3679949ebb9",
            ),
            (
                cancellation_link(&app, REDIRECT, now()).unwrap(),
                "/api/v2/shop/cancel_auth_partner",
                "8b866d1ef78169e992f2f51b5456287b3a25043a8d4e714eb52a8cb504c73990",
            ),
        ] {
            assert_eq!(link.path(), path);
            for (name, expected) in [
                ("partner_id", "2001887"),
                ("timestamp", "1655714431"),
                ("sign", sign),
                ("redirect", REDIRECT),
            ] {
                assert_eq!(query(&link, name).as_deref(), Some(expected), "{path}");
            }
        }
    }

    #[test]
    fn behind_a_base_url_of_ones_own_the_whole_path_is_signed() {
        let key = key();
        let app = Caller::app(" http://127.0.0.1:9100/shopee/api/v2/ ", 2_001_887, &key);
        let link = authorisation_link(&app, REDIRECT, now()).unwrap();
        let path = "/shopee/api/v2/shop/auth_partner";
        assert_eq!(link.path(), path);
        let expected =
            crate::sign::sign(&key, 2_001_887, path, now().timestamp(), Identity::Public);
        assert_eq!(query(&link, "sign"), Some(expected));
    }

    #[test]
    fn every_region_has_a_login_page() {
        for region in Region::ALL {
            let page =
                login_page(region.base_url(), 1, REDIRECT, AccountKind::Seller, None).unwrap();
            assert!(
                page.host_str().unwrap().starts_with("open."),
                "{region}: {page}"
            );
            assert_eq!(page.path(), "/auth");
            assert_eq!(query(&page, "state"), None);
        }
    }

    #[test]
    fn a_stand_in_has_its_login_page_on_its_own_host() {
        let page = login_page(
            "http://127.0.0.1:9100/api/v2",
            1,
            REDIRECT,
            AccountKind::User,
            Some("a b"),
        )
        .unwrap();
        assert!(page.as_str().starts_with("http://127.0.0.1:9100/auth?"));
        assert_eq!(query(&page, "auth_type").as_deref(), Some("user"));
        assert_eq!(query(&page, "state").as_deref(), Some("a b"));
        assert_eq!(query(&page, "redirect_uri").as_deref(), Some(REDIRECT));
    }

    #[test]
    fn what_is_no_web_address_is_told_before_a_seller_sees_it() {
        let key = key();
        let fault = |base_url, redirect| {
            let app = Caller::app(base_url, 1, &key);
            match authorisation_link(&app, redirect, now()) {
                Err(MarketplaceError::Misconfigured { fault, .. }) => fault,
                other => panic!("not refused: {other:?}"),
            }
        };
        assert_eq!(fault("nonsense", REDIRECT), Fault::Host);
        assert_eq!(fault("https://host/api/v2", "/callback"), Fault::Other);
        assert_eq!(
            fault("https://host/api/v2", "javascript:void"),
            Fault::Other
        );
    }
}
