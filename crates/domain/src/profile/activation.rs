//! Which profile of an environment is in use: at most one, and never a deleted one.

use crate::ids::ProfileId;

/// Why a profile was not activated, or not deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActivationError {
    /// There is no such profile (any more).
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// Another profile has to be activated first.
    #[error("profile `{0}` is the active one of its environment: activate another one first")]
    IsActive(ProfileId),
}

/// Among the `(id, is active)` pairs of one environment's profiles, those that change when `chosen`
/// becomes the active one, with what they become. Nothing changes when it is already.
pub fn activate(
    profiles: &[(ProfileId, bool)],
    chosen: &ProfileId,
) -> Result<Vec<(ProfileId, bool)>, ActivationError> {
    if !profiles.iter().any(|(id, _)| id == chosen) {
        return Err(ActivationError::NoSuchProfile(chosen.clone()));
    }
    let changes = profiles
        .iter()
        .map(|(id, was_active)| (id, *was_active, id == chosen))
        .filter(|(_, was_active, becomes)| was_active != becomes);
    // The one that gives way comes first: there are never two, not even within a transaction.
    let mut changes: Vec<_> = changes
        .map(|(id, _, becomes)| (id.clone(), becomes))
        .collect();
    changes.sort_by_key(|(_, becomes)| *becomes);
    Ok(changes)
}

/// Whether a profile may be deleted: not while it is the active one.
pub fn can_be_deleted(id: &ProfileId, is_active: bool) -> Result<(), ActivationError> {
    if is_active {
        return Err(ActivationError::IsActive(id.clone()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ProfileId {
        ProfileId::parse(text).unwrap()
    }

    #[test]
    fn the_profile_that_gives_way_does_so_first() {
        let profiles = [(id("a"), false), (id("b"), true), (id("c"), false)];
        assert_eq!(
            activate(&profiles, &id("a")).unwrap(),
            [(id("b"), false), (id("a"), true)]
        );
    }

    #[test]
    fn activating_the_active_profile_changes_nothing() {
        assert_eq!(activate(&[(id("a"), true)], &id("a")).unwrap(), []);
    }

    #[test]
    fn an_unknown_profile_is_not_activated() {
        assert_eq!(
            activate(&[(id("a"), true)], &id("b")),
            Err(ActivationError::NoSuchProfile(id("b")))
        );
    }

    #[test]
    fn the_active_profile_is_not_deleted() {
        assert!(can_be_deleted(&id("a"), true).is_err());
        assert!(can_be_deleted(&id("a"), false).is_ok());
    }
}
