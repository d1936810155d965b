//! Which profile a push is for, and whether it is genuine.

use hawker_domain::TenantSlug;
use hawker_domain::event::{KeySlot, PushContent, Verdict};
use hawker_domain::profile::{CallbackUrls, PublicBaseUrl};
use hawker_ports::Sealer;
use hawker_ports::inbox::UnverifiedEvent;
use hawker_ports::profiles::ReceivingProfile;
use hawker_ports::pushes::{PushReader, ReceivedPush, SignatureTrial, VerificationCandidates};
use hawker_ports::sealing::fingerprint;
use hawker_ports::{SealError, Sealed};
use secrecy::SecretString;

/// The profiles of a tenant with their keys open.
pub(crate) struct Keyring {
    entries: Vec<Entry>,
}

struct Entry {
    profile: ReceivingProfile,
    push_key: Option<SecretString>,
    previous_push_key: Option<SecretString>,
    partner_key: Option<SecretString>,
    /// A key is stored that could not be opened: what verifies with none of the others may still be
    /// genuine.
    has_unreadable_key: bool,
    urls: Vec<String>,
}

/// How a push looks by the keys and URLs of one profile.
pub(crate) struct Examined<'a> {
    pub(crate) profile: &'a ReceivingProfile,
    /// Every way in which it may have been signed, those that the profile does not accept included.
    pub(crate) trial: SignatureTrial,
    /// The fingerprints of the keys that were tried.
    pub(crate) keys: Vec<(KeySlot, String)>,
    /// A key is stored that could not be opened, and was not tried.
    pub(crate) has_unreadable_key: bool,
}

/// What was found out about a push.
pub(super) struct Judgement<'a> {
    pub(super) content: PushContent,
    pub(super) verdict: Verdict,
    pub(super) profile: Option<&'a ReceivingProfile>,
    /// A profile for which it may be genuine all the same: a key of its cannot be opened.
    pub(super) in_doubt_for: Option<&'a ReceivingProfile>,
}

/// Whom a push is for, and whether it is genuine.
struct Found<'a> {
    entry: &'a Entry,
    verdict: Verdict,
    in_doubt_for: Option<&'a ReceivingProfile>,
}

impl Keyring {
    pub(crate) fn open(
        profiles: Vec<ReceivingProfile>,
        sealer: &dyn Sealer,
        public_api_base_url: Option<&PublicBaseUrl>,
    ) -> Self {
        let open = |profile: &ReceivingProfile, what: &str, sealed: &Option<Sealed>| {
            let opened: Result<SecretString, SealError> = sealer.open(sealed.as_ref()?);
            opened
                .inspect_err(|error| {
                    tracing::error!(profile_id = %profile.id, key = what, %error, "a key cannot be opened");
                })
                .ok()
        };
        let entries = profiles
            .into_iter()
            .map(|profile| {
                let stored = [
                    &profile.push_key,
                    &profile.previous_push_key,
                    &profile.partner_key,
                ];
                let push_key = open(&profile, "push key", stored[0]);
                let previous_push_key = open(&profile, "previous push key", stored[1]);
                let partner_key = open(&profile, "partner key", stored[2]);
                let opened = [&push_key, &previous_push_key, &partner_key];
                let is_unreadable = |(stored, opened): (&Option<Sealed>, &Option<SecretString>)| {
                    stored.is_some() && opened.is_none()
                };
                let has_unreadable_key = stored.into_iter().zip(opened).any(is_unreadable);
                Entry {
                    has_unreadable_key,
                    push_key,
                    previous_push_key,
                    partner_key,
                    urls: callback_urls(&profile, public_api_base_url),
                    profile,
                }
            })
            .collect();
        Self { entries }
    }

    /// The profiles, active ones first.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = &ReceivingProfile> {
        self.entries.iter().map(|entry| &entry.profile)
    }

    pub(super) fn judge(&self, push: &ReceivedPush, reader: &dyn PushReader) -> Judgement<'_> {
        let content = reader.read(&push.body);
        let Some(found) = self.addressee(push, &content, reader) else {
            return Judgement {
                content,
                verdict: Verdict::NoKey,
                profile: None,
                in_doubt_for: None,
            };
        };
        let Found {
            entry,
            verdict,
            in_doubt_for,
        } = found;
        let profile = if verdict.is_genuine() {
            self.of_shop(&entry.profile, &content)
        } else {
            &entry.profile
        };
        // Some pushes name no shop; then it is the profile's.
        let shop = content.shop.or(profile.shop);
        Judgement {
            content: PushContent { shop, ..content },
            verdict,
            profile: Some(profile),
            in_doubt_for,
        }
    }

    /// Looks at a push by the keys of the profile that it is for.
    pub(crate) fn examine(
        &self,
        push: &ReceivedPush,
        reader: &dyn PushReader,
    ) -> Option<Examined<'_>> {
        let found = self.addressee(push, &reader.read(&push.body), reader)?;
        Some(found.entry.examine(push, reader))
    }

    /// The same by the keys of every profile.
    pub(crate) fn examine_by_all(
        &self,
        push: &ReceivedPush,
        reader: &dyn PushReader,
    ) -> impl Iterator<Item = Examined<'_>> {
        self.entries
            .iter()
            .map(move |entry| entry.examine(push, reader))
    }

    /// One app has one URL for all of its shops: a genuine push is for the profile of the shop that
    /// it names, whichever profile its URL names.
    fn of_shop<'a>(
        &'a self,
        addressee: &'a ReceivingProfile,
        content: &PushContent,
    ) -> &'a ReceivingProfile {
        let is_of_shop = |profile: &&ReceivingProfile| {
            profile.environment == addressee.environment
                && content.shop.is_some()
                && profile.shop == content.shop
        };
        if is_of_shop(&addressee) {
            return addressee;
        }
        self.profiles().find(is_of_shop).unwrap_or(addressee)
    }

    /// Of those whom a push may be for, the one with whose keys it verifies, else the first.
    fn addressee(
        &self,
        push: &ReceivedPush,
        content: &PushContent,
        reader: &dyn PushReader,
    ) -> Option<Found<'_>> {
        let mut first = None;
        let mut in_doubt_for = None;
        for entry in self.candidates(push, content) {
            let verdict = entry.verdict(push, reader);
            if verdict.is_genuine() {
                return Some(Found {
                    entry,
                    verdict,
                    in_doubt_for: None,
                });
            }
            if entry.has_unreadable_key {
                in_doubt_for.get_or_insert(&entry.profile);
            }
            first.get_or_insert((entry, verdict));
        }
        let (entry, verdict) = first?;
        Some(Found {
            entry,
            verdict,
            in_doubt_for,
        })
    }

    /// Whom a push may be for. The profile that the URL names; else, among those of the URL's
    /// environment, the one of the shop that the push names, those of the app that it names, every
    /// one where it names neither (code 12, shopee.md §4.2), and the active one where nobody is who
    /// it names. The active one comes first.
    fn candidates(&self, push: &ReceivedPush, content: &PushContent) -> Vec<&Entry> {
        if let Some(named) = &push.profile {
            let is_named = |entry: &&Entry| entry.profile.id == *named;
            return self.entries.iter().filter(is_named).collect();
        }
        let of_environment = || {
            let entries = self.entries.iter();
            entries.filter(|entry| entry.profile.environment == push.environment)
        };
        let meant: Vec<_> = match (content.shop, content.partner_id) {
            (Some(shop), _) => of_environment()
                .find(|entry| entry.profile.shop == Some(shop))
                .into_iter()
                .collect(),
            (None, Some(_)) => of_environment()
                .filter(|entry| entry.profile.partner_id == content.partner_id)
                .collect(),
            (None, None) => of_environment().collect(),
        };
        if !meant.is_empty() {
            return meant;
        }
        let active = of_environment().find(|entry| entry.profile.is_active);
        active.into_iter().collect()
    }
}

/// A profile whose keys cannot all be opened and for which one of these pushes may be genuine.
pub(super) fn unreadable_keys<'a>(judged: &[Judgement<'a>]) -> Option<&'a ReceivingProfile> {
    judged
        .iter()
        .filter(|judgement| !judgement.verdict.is_genuine() && !judgement.content.is_ping)
        .find_map(|judgement| judgement.in_doubt_for)
}

impl Entry {
    fn verdict(&self, push: &ReceivedPush, reader: &dyn PushReader) -> Verdict {
        let candidates = self.candidates(self.profile.accepts_body_only);
        reader.verify(&candidates, &push.body, push.authorization.as_deref())
    }

    fn candidates(&self, accepts_body_only: bool) -> VerificationCandidates<'_> {
        VerificationCandidates {
            push_key: self.push_key.as_ref(),
            previous_push_key: self.previous_push_key.as_ref(),
            partner_key: self.partner_key.as_ref(),
            urls: &self.urls,
            accepts_body_only,
        }
    }

    fn examine(&self, push: &ReceivedPush, reader: &dyn PushReader) -> Examined<'_> {
        let candidates = self.candidates(true);
        let slots = [
            (KeySlot::Push, &self.push_key),
            (KeySlot::PreviousPush, &self.previous_push_key),
            (KeySlot::Partner, &self.partner_key),
        ];
        Examined {
            profile: &self.profile,
            trial: reader.explain(&candidates, &push.body, push.authorization.as_deref()),
            keys: slots
                .into_iter()
                .filter_map(|(slot, key)| Some((slot, fingerprint(key.as_ref()?))))
                .collect(),
            has_unreadable_key: self.has_unreadable_key,
        }
    }
}

/// The ways in which a push that was kept may be addressed: to the profile that it was kept for,
/// and to the one that its environment and shop name by now.
pub(crate) fn addressed(tenant: &TenantSlug, kept: &UnverifiedEvent) -> [ReceivedPush; 2] {
    let push = ReceivedPush {
        tenant: tenant.clone(),
        environment: kept.environment,
        profile: kept.profile.clone(),
        body: kept.body.clone(),
        authorization: kept.signature.clone(),
        event_id: kept.delivery_id.clone(),
        received_at: kept.received_at,
    };
    let addressed_anew = ReceivedPush {
        profile: None,
        ..push.clone()
    };
    [push, addressed_anew]
}

/// The URLs that may be registered for a profile: the one that is recorded, verbatim, and the
/// documented forms. Never what a request says of itself: a proxy rewrites that.
fn callback_urls(
    profile: &ReceivingProfile,
    public_api_base_url: Option<&PublicBaseUrl>,
) -> Vec<String> {
    let mut urls: Vec<String> = profile.registered_url.iter().cloned().collect();
    if let Some(base) = public_api_base_url {
        let documented = CallbackUrls::of(base, profile.environment, &profile.id).push_forms;
        urls.extend(
            documented
                .into_iter()
                .filter(|url| profile.registered_url.as_ref() != Some(url)),
        );
    }
    urls
}
