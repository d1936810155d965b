//! Where the browser is sent on to.

use url::Url;

use super::Standing;

/// The parameters that we answer with; older values of them in the URL give way.
const OURS: [&str; 3] = ["env", "status", "profile_id"];

/// `SHOPEE_OAUTH_RETURN_URL`: a page of the operator's that learns how an authorisation went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnUrl(Url);

/// Why a text is no URL to return to.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no URL to return to: an absolute http(s) URL is, for example https://ops.example.com/connectors/shopee"
)]
pub struct ReturnUrlError(String);

impl ReturnUrl {
    /// Reads an absolute URL of http or https.
    pub fn parse(text: &str) -> Result<Self, ReturnUrlError> {
        Url::parse(text.trim())
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .map(Self)
            .ok_or_else(|| ReturnUrlError(text.trim().chars().take(200).collect()))
    }

    /// The URL with where the authorisation stands in its query.
    pub(super) fn with(&self, standing: &Standing) -> String {
        let mut url = self.0.clone();
        let others: Vec<(String, String)> = self
            .0
            .query_pairs()
            .filter(|(name, _)| !OURS.contains(&name.as_ref()))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let mut query = url.query_pairs_mut();
        query.clear().extend_pairs(others);
        query.append_pair("env", standing.environment.as_str());
        query.append_pair("status", standing.status);
        if let Some(profile) = &standing.profile {
            query.append_pair("profile_id", profile.as_str());
        }
        drop(query);
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use hawker_domain::Environment;
    use hawker_domain::ids::ProfileId;

    use super::*;

    fn sent_to(url: &str) -> String {
        let standing = Standing {
            status: "connected",
            environment: Environment::Live,
            profile: ProfileId::parse("prof_1"),
        };
        ReturnUrl::parse(url).expect("a URL").with(&standing)
    }

    #[test]
    fn the_query_of_the_setting_stays_and_ours_is_added() {
        let ours = "env=live&status=connected&profile_id=prof_1";
        for (setting, expected) in [
            (
                "https://ops.example.com/shopee",
                format!("https://ops.example.com/shopee?{ours}"),
            ),
            (
                " https://a.example/?tab=x ",
                format!("https://a.example/?tab=x&{ours}"),
            ),
            (
                "https://a.example/?status=old&tab=x",
                format!("https://a.example/?tab=x&{ours}"),
            ),
            (
                "http://localhost:3000/#/shops",
                format!("http://localhost:3000/?{ours}#/shops"),
            ),
        ] {
            assert_eq!(sent_to(setting), expected);
        }
    }

    #[test]
    fn only_an_absolute_url_of_the_web_is_one() {
        for text in [
            "",
            "/shopee",
            "ops.example.com",
            "javascript:alert(1)",
            "file:///etc",
        ] {
            assert!(ReturnUrl::parse(text).is_err(), "{text}");
        }
    }
}
