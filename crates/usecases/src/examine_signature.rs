//! The signature lab: show how a stored push was judged, and how it would be judged now, with every
//! scheme, URL and key that comes into question. It changes nothing, and nothing of a key or a
//! signature is in the answer but the keys' fingerprints.

mod hints;
mod report;

use hawker_domain::TenantSlug;
use hawker_domain::event::EventSource;
use hawker_domain::ids::EventId;
use hawker_ports::StoreError;
use hawker_ports::inbox::SignedEvent;

use crate::receive_pushes::{Examined, Keyring, ReceivePushes, addressed};

pub use report::{CandidateCard, HeaderCard, SignatureReport};

/// Examines signatures.
pub struct ExamineSignature {
    /// They are judged as pushes that come now are.
    pub pushes: ReceivePushes,
}

/// How a push looks now.
#[derive(Default)]
struct Findings<'a> {
    /// By the keys of the profiles that it may be for, the one that it was kept for first.
    examined: Vec<Examined<'a>>,
    /// By the keys of another profile, if it is that one's.
    elsewhere: Option<Examined<'a>>,
}

impl ExamineSignature {
    /// How the push was and would be judged; `None` when there is no such event.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        event: EventId,
    ) -> Result<Option<SignatureReport>, StoreError> {
        let Self { pushes } = self;
        let mut uow = pushes.store.begin(tenant).await?; // read only
        let stored = uow.inbox().signed(event).await?;
        let profiles = uow.profiles().receiving(pushes.connector).await?;
        drop(uow);
        let Some(stored) = stored else {
            return Ok(None);
        };
        if stored.source != EventSource::Webhook {
            return Ok(Some(SignatureReport::of(&stored, &Findings::default())));
        }
        let base = pushes.public_api_base_url.as_ref();
        let keyring = Keyring::open(profiles, &*pushes.sealer, base);
        let findings = self.examine(tenant, &stored, &keyring);
        Ok(Some(SignatureReport::of(&stored, &findings)))
    }

    fn examine<'a>(
        &self,
        tenant: &TenantSlug,
        stored: &SignedEvent,
        keyring: &'a Keyring,
    ) -> Findings<'a> {
        let reader = &*self.pushes.reader;
        let [kept, anew] = addressed(tenant, &stored.push);
        let mut examined: Vec<_> = keyring.examine(&kept, reader).into_iter().collect();
        let anew = keyring.examine(&anew, reader);
        let is_there = |of: &Examined<'_>| examined.iter().any(|it| it.profile.id == of.profile.id);
        let anew = anew.filter(|of| !is_there(of));
        examined.extend(anew);
        let is_explained = examined.iter().any(Examined::matches);
        let others = keyring.examine_by_all(&kept, reader);
        let elsewhere = others.filter(|_| !is_explained).find(Examined::matches);
        Findings {
            examined,
            elsewhere,
        }
    }
}

impl Examined<'_> {
    /// Whether it was signed in any way that was tried.
    fn matches(&self) -> bool {
        self.trial.tried.iter().any(|tried| tried.matches)
    }
}
