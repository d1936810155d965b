//! What operators use, wired to a world.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ProfileId;
use hawker_domain::profile::PublicBaseUrl;
use hawker_ports::profiles::Profile;
use hawker_ports::testing::{FixedBudget, PlainSealer, examples};
use hawker_ports::{SealError, Sealed, Sealer, Store as _};
use hawker_usecases::{
    DiagnoseProfile, ExamineSignature, ManageProfiles, ManagePushSettings, TestConnection,
};
use secrecy::SecretString;

use crate::world::{PROFILE, World};

pub const BASE: &str = "https://hub.example";

pub fn anna() -> Actor {
    Actor::from_stored("anna".into())
}

pub fn id(text: &str) -> ProfileId {
    examples::profile_id(text)
}

pub fn usual() -> ProfileId {
    id(PROFILE)
}

/// A sealer at whose first seal somebody else comes in between, as far as they get.
#[derive(Clone)]
pub struct Interrupted(Arc<Mutex<Meanwhile>>);

enum Meanwhile {
    NotYet(BoxFuture<'static, ()>),
    Waiting(BoxFuture<'static, ()>),
    Done,
}

impl Interrupted {
    pub fn by(somebody: impl Future<Output = ()> + Send + 'static) -> Self {
        let not_yet = Meanwhile::NotYet(Box::pin(somebody));
        Self(Arc::new(Mutex::new(not_yet)))
    }

    /// Lets whoever came in between go on to the end.
    pub async fn end(&self) {
        let meanwhile = std::mem::replace(&mut *self.0.lock().unwrap(), Meanwhile::Done);
        match meanwhile {
            Meanwhile::NotYet(_) => panic!("nothing was sealed"),
            Meanwhile::Waiting(somebody) => somebody.await,
            Meanwhile::Done => {}
        }
    }
}

impl Sealer for Interrupted {
    fn seal(&self, secret: &SecretString) -> Result<Sealed, SealError> {
        let mut meanwhile = self.0.lock().unwrap();
        if let Meanwhile::NotYet(_) = &*meanwhile
            && let Meanwhile::NotYet(mut somebody) =
                std::mem::replace(&mut *meanwhile, Meanwhile::Done)
            && (&mut somebody).now_or_never().is_none()
        {
            *meanwhile = Meanwhile::Waiting(somebody);
        }
        PlainSealer.seal(secret)
    }

    fn open(&self, sealed: &Sealed) -> Result<SecretString, SealError> {
        PlainSealer.open(sealed)
    }

    fn is_in_force(&self, sealed: &Sealed) -> Result<bool, SealError> {
        PlainSealer.is_in_force(sealed)
    }
}

impl World {
    pub fn profiles(&self) -> ManageProfiles {
        ManageProfiles {
            store: self.store.clone(),
            sealer: Arc::new(PlainSealer),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            public_api_base_url: PublicBaseUrl::new(BASE),
        }
    }

    pub fn connection(&self) -> TestConnection {
        TestConnection {
            tokens: Arc::new(self.tokens()),
            authoriser: self.authoriser.clone(),
            skew: self.skew.clone(),
            desk: self.desk.clone(),
            sealer: Arc::new(PlainSealer),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    pub fn diagnose(&self) -> DiagnoseProfile {
        DiagnoseProfile {
            store: self.store.clone(),
            budgets: Arc::new(FixedBudget::default()),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    pub fn push_settings(&self) -> ManagePushSettings {
        ManagePushSettings {
            tokens: Arc::new(self.tokens()),
            console: self.console.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    pub fn signatures(&self) -> ExamineSignature {
        ExamineSignature {
            pushes: self.receive(),
        }
    }

    /// The profile as it is stored.
    pub async fn stored(&self, profile: &str) -> Profile {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        let found = uow.profiles().find(&id(profile)).await.unwrap();
        found.expect("the profile")
    }

    /// Changes what is stored, past every use case.
    pub async fn put(&self, profile: Profile) {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        uow.profiles().put(&profile, self.now()).await.unwrap();
        uow.commit().await.unwrap();
    }

    /// The deeds of the audit log, oldest first.
    pub fn deeds(&self) -> Vec<&'static str> {
        self.audit().iter().map(|entry| entry.action).collect()
    }

    pub fn audit(&self) -> Vec<AuditEntry> {
        self.store.audit_log(&self.tenant).unwrap()
    }
}
