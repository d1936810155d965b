//! Exceptions about pairs that were good for nothing are over once the pairs are good again. An
//! authorisation resolves them itself; a pair that comes by another path, by hand for example, does not.

use hawker_domain::exception::ErrorClass;
use hawker_domain::token::TokenState;
use hawker_ports::profiles::Profile;

use super::Standing;
use super::countdown::{Open, Over};
use crate::tokens::STATES;

/// What is over of every profile with nothing but good pairs.
pub(super) fn over(standing: &Standing, open: &Open) -> Vec<Over> {
    let mut over = Vec::new();
    for profile in standing
        .in_use()
        .filter(|profile| is_good(standing, profile))
    {
        let environment = profile.environment;
        let is_open = |key: &&str| open.contains(&(environment.to_string(), (*key).to_owned()));
        over.extend(STATES.into_iter().filter(is_open).map(|key| Over {
            environment,
            profile: profile.id.clone(),
            class: ErrorClass::TokenExpired,
            key: key.to_owned(),
        }));
    }
    over
}

fn is_good(standing: &Standing, profile: &Profile) -> bool {
    let is_its = |through: Option<&Profile>| through.is_some_and(|found| found.id == profile.id);
    standing
        .tokens
        .iter()
        .filter(|token| {
            is_its(standing.keeper(token))
                || is_its(standing.of_shop(token.key.environment, token.key.shop))
        })
        .all(|token| token.state == TokenState::Active)
}
