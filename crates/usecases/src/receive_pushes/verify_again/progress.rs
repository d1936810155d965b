//! How far judging again has come, so that nothing is read while no key changes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use hawker_domain::Timestamp;
use hawker_domain::ids::EventId;
use hawker_ports::Sealed;
use hawker_ports::profiles::ReceivingProfile;

/// How far the search through the unverified events of a tenant has come. The start is as good as
/// any: it is kept only so that nothing is read when no key was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The keys and URLs that it goes by.
    pub(super) keys: u64,
    pub(super) stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing was looked at yet.
    #[default]
    Start,
    /// Everything up to an event was looked at.
    Looking {
        after: Option<EventId>,
        is_last_look: bool,
    },
    /// Everything was looked at, and is to be looked at once more.
    Settling { until: Timestamp },
    /// Nothing is to be done until a key or URL changes.
    Through,
}

impl Progress {
    /// After which event to go on looking with these keys, and whether for the last time; `None`
    /// when there is nothing to look for.
    pub(super) fn place(self, keys: u64, now: Timestamp) -> Option<(Option<EventId>, bool)> {
        match self.stage {
            Stage::Start => Some((None, false)),
            _ if self.keys != keys => Some((None, false)),
            Stage::Looking {
                after,
                is_last_look,
            } => Some((after, is_last_look)),
            Stage::Settling { until } => (now >= until).then_some((None, true)),
            Stage::Through => None,
        }
    }
}

/// Changes with everything that decides how a push is judged.
pub(super) fn fingerprint(profiles: &[ReceivingProfile]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for profile in profiles {
        let ReceivingProfile {
            id,
            environment,
            partner_id,
            shop,
            is_in_force: _,
            is_active,
            registered_url,
            accepts_body_only,
            push_key,
            previous_push_key,
            partner_key,
            has_open_mismatch: _,
        } = profile;
        let keys = [push_key, previous_push_key, partner_key]
            .map(|key| key.as_ref().map(Sealed::as_stored));
        let shop = shop.map(|shop| shop.0);
        (id.as_str(), environment.as_str(), partner_id, shop).hash(&mut hasher);
        (is_active, registered_url, accepts_body_only, keys).hash(&mut hasher);
    }
    hasher.finish()
}
