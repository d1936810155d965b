//! The URLs at which a marketplace reaches this installation, derived and never stored.
//!
//! Both documented forms stay valid for ever: the query is part of what a push signs (shopee.md
//! §4.3), and whichever form an operator registered must go on working.

use crate::Environment;
use crate::ids::ProfileId;

/// `PUBLIC_API_BASE_URL`: how the marketplace reaches this installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicBaseUrl(String);

impl PublicBaseUrl {
    /// Takes `url` without the slashes at its end; `None` for a blank.
    pub fn new(url: &str) -> Option<Self> {
        let url = url.trim().trim_end_matches('/');
        (!url.is_empty()).then(|| Self(url.to_owned()))
    }

    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The URLs of one Shopee profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackUrls {
    /// Where pushes go: to be registered in the console. `?env=…&profile_id=…`.
    pub push: String,
    /// The same by environment alone: `/webhook/<env>`.
    pub push_by_environment: String,
    /// Every form of the push URL that may be registered; the first is [`push`](Self::push).
    pub push_forms: Vec<String>,
    /// Where a seller's browser comes back to: `/oauth/callback/<env>?profile_id=…`.
    pub oauth: String,
    /// The same by environment alone: `/oauth/callback/<env>`.
    pub oauth_by_environment: String,
}

impl CallbackUrls {
    /// The URLs of a profile.
    pub fn of(base: &PublicBaseUrl, environment: Environment, profile: &ProfileId) -> Self {
        let connector = format!("{}/connectors/shopee", base.as_str());
        let webhook = format!("{connector}/webhook");
        let callback = format!("{connector}/oauth/callback/{environment}");
        let push = format!("{webhook}?env={environment}&profile_id={profile}");
        let push_by_environment = format!("{webhook}/{environment}");
        let mut push_forms = vec![
            push.clone(),
            push_by_environment.clone(),
            format!("{webhook}/{environment}?profile_id={profile}"),
        ];
        // The oldest form means the sandbox.
        if environment == Environment::Sandbox {
            push_forms.push(webhook);
        }
        Self {
            push,
            push_by_environment,
            push_forms,
            oauth: format!("{callback}?profile_id={profile}"),
            oauth_by_environment: callback,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(base: &str, environment: Environment) -> CallbackUrls {
        let base = PublicBaseUrl::new(base).unwrap();
        CallbackUrls::of(&base, environment, &ProfileId::parse("prof_01").unwrap())
    }

    #[test]
    fn both_documented_forms_are_derived() {
        let urls = urls("https://ops.example.com/", Environment::Live);
        assert_eq!(
            urls.push,
            "https://ops.example.com/connectors/shopee/webhook?env=live&profile_id=prof_01"
        );
        assert_eq!(
            urls.push_by_environment,
            "https://ops.example.com/connectors/shopee/webhook/live"
        );
        assert_eq!(
            urls.oauth,
            "https://ops.example.com/connectors/shopee/oauth/callback/live?profile_id=prof_01"
        );
        assert_eq!(
            urls.oauth_by_environment,
            "https://ops.example.com/connectors/shopee/oauth/callback/live"
        );
    }

    #[test]
    fn only_the_sandbox_answers_to_the_bare_webhook_path() {
        let bare = "https://ops.example.com/connectors/shopee/webhook".to_owned();
        let of = |environment| urls("https://ops.example.com", environment).push_forms;
        assert!(of(Environment::Sandbox).contains(&bare));
        assert!(!of(Environment::Live).contains(&bare));
    }

    #[test]
    fn a_blank_base_url_is_none() {
        assert_eq!(PublicBaseUrl::new("  "), None);
    }
}
