//! Tenants. A tenant is one merchant's world: a Postgres schema with a role of its own.

use std::fmt;
use std::str::FromStr;

/// The short name of a tenant. It becomes part of a schema name and a role name, so only this type
/// may reach dynamic SQL: `[a-z][a-z0-9_]{0,39}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantSlug(String);

/// Why a text is not a tenant's short name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a tenant name: use a-z, 0-9 and _, a letter first, 40 characters at most")]
pub struct ParseTenantSlugError(String);

impl TenantSlug {
    /// The tenant of an installation that serves a single merchant.
    pub fn default_tenant() -> Self {
        Self("default".to_owned())
    }

    /// The short name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The Postgres schema that holds everything of this tenant.
    pub fn schema(&self) -> String {
        format!("tenant_{}", self.0)
    }

    /// The Postgres role that has rights in that schema and nowhere else.
    pub fn role(&self) -> String {
        format!("hawker_tenant_{}", self.0)
    }
}

impl FromStr for TenantSlug {
    type Err = ParseTenantSlugError;

    fn from_str(text: &str) -> Result<Self, ParseTenantSlugError> {
        let letter_first = text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if letter_first && plain && text.len() <= 40 {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseTenantSlugError(text.chars().take(60).collect()))
        }
    }
}

impl fmt::Display for TenantSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_leave_its_quotes_is_refused() {
        for text in [
            "",
            "1shop",
            "Shop",
            "a-b",
            "a\"b",
            "a b",
            "a;drop",
            &"a".repeat(41),
        ] {
            assert!(text.parse::<TenantSlug>().is_err(), "{text} was accepted");
        }
        assert_eq!(
            "cards_sg".parse::<TenantSlug>().map(|slug| slug.schema()),
            Ok("tenant_cards_sg".into())
        );
    }
}
