//! What the URL of a push says: which world it is for, and which profile.

use actix_web::HttpRequest;
use actix_web::web::Query;
use hawker_domain::Environment;
use hawker_domain::ids::ProfileId;
use utoipa::IntoParams;

/// The parameters, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(crate) struct TargetQuery {
    /// Which environment the push is for, where the path does not say.
    #[param(value_type = Option<crate::wire::EnvironmentWire>)]
    env: Option<String>,
    /// Which profile the push is for.
    profile_id: Option<String>,
}

/// Where a push is meant to go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) environment: Environment,
    pub(super) profile: Option<ProfileId>,
}

impl Target {
    /// Reads the query; `None` where it names an environment that does not exist.
    pub(super) fn of_query(request: &HttpRequest) -> Option<Self> {
        Self::parse(None, request.query_string())
    }

    /// Reads a path that ends in an environment, and the query; `None` where they name one that does not exist.
    pub(super) fn of_path(request: &HttpRequest) -> Option<Self> {
        let path = request.match_info().as_str();
        let path = path.strip_suffix('/').unwrap_or(path);
        let named = path.rsplit_once('/').map(|(_, named)| named);
        Self::parse(named, request.query_string())
    }

    /// The environment of the path counts before that of the query; without either it is the
    /// sandbox, as with the first form of the URL. A profile that cannot be one is as good as none:
    /// the push is kept, and verified against nothing.
    fn parse(path_environment: Option<&str>, query: &str) -> Option<Self> {
        let query = Query::<Vec<(String, String)>>::from_query(query)
            .map(Query::into_inner)
            .unwrap_or_default();
        let first_of = |name: &str| {
            let value = query
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.trim());
            value.filter(|value| !value.is_empty())
        };
        let environment = match path_environment.or_else(|| first_of("env")) {
            Some(name) => name.parse().ok()?,
            None => Environment::Sandbox,
        };
        Some(Self {
            environment,
            profile: first_of("profile_id").and_then(ProfileId::parse),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(environment: Environment, profile: Option<&str>) -> Target {
        let profile = profile.and_then(ProfileId::parse);
        Target {
            environment,
            profile,
        }
    }

    #[test]
    fn path_and_query_name_the_environment_and_the_profile() {
        use Environment::{Live, Sandbox};
        for (path, query, expected) in [
            (None, "", Some(target(Sandbox, None))),
            (Some("live"), "", Some(target(Live, None))),
            (Some("sandbox"), "", Some(target(Sandbox, None))),
            (None, "env=live", Some(target(Live, None))),
            (None, "env=", Some(target(Sandbox, None))),
            (
                None,
                "env=live&profile_id=scp_1",
                Some(target(Live, Some("scp_1"))),
            ),
            (
                None,
                "profile_id=scp_1&env=live",
                Some(target(Live, Some("scp_1"))),
            ),
            (
                Some("live"),
                "profile_id=scp_1",
                Some(target(Live, Some("scp_1"))),
            ),
            (Some("live"), "env=sandbox", Some(target(Live, None))),
            (None, "env=live&env=sandbox", Some(target(Live, None))),
            (None, "profile_id=a%20b", Some(target(Sandbox, None))),
            (None, "profile_id=%ff%00", Some(target(Sandbox, None))),
            (None, "profile_id=", Some(target(Sandbox, None))),
            (None, "&&=&%%%", Some(target(Sandbox, None))),
            (Some("production"), "", None),
            (Some("LIVE"), "", None),
            (None, "env=moon", None),
        ] {
            assert_eq!(Target::parse(path, query), expected, "{path:?} {query:?}");
        }
    }
}
