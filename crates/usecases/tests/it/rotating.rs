//! Sealing secrets anew.

use std::sync::Arc;

use hawker_domain::TenantSlug;
use hawker_ports::profiles::Profile;
use hawker_ports::testing::{RotatingSealer, examples};
use hawker_ports::{SealError, Sealed, Sealer, Store, StoreError, UnitOfWork};
use hawker_usecases::RotateKeys;
use hawker_usecases::rotate_keys::Rotated;
use secrecy::{ExposeSecret as _, SecretString};

use crate::world::{PROFILE, World};

fn rotate(world: &World, sealer: &Arc<RotatingSealer>) -> RotateKeys {
    RotateKeys {
        store: world.store.clone(),
        sealer: sealer.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    }
}

async fn rotated(world: &World, sealer: &Arc<RotatingSealer>) -> Rotated {
    let rotated = rotate(world, sealer)
        .run(&world.tenant, None, &mut |_| ())
        .await;
    rotated.unwrap()
}

async fn with_profiles(count: u32) -> World {
    let world = World::new().await;
    for n in 0..count {
        let profile = Profile {
            push_key: Some(examples::sealed(&format!("key-of-{n}"))),
            ..examples::blank_profile(&format!("prof_{n:04}"))
        };
        world.put(profile).await;
    }
    world
}

#[tokio::test]
async fn every_secret_is_sealed_under_the_key_in_force_and_says_the_same() {
    let world = World::new().await;
    let version = world.stored(PROFILE).await.version;
    let sealer = Arc::new(RotatingSealer::at(1));
    let first = rotated(&world, &sealer).await;
    assert_eq!(
        (first.seen, first.resealed),
        (4, 4),
        "two keys and two tokens"
    );
    sealer.forget_before(1);
    let stored = world.stored(PROFILE).await;
    let opened = sealer.open(stored.push_key.as_ref().unwrap()).unwrap();
    assert_eq!(opened.expose_secret(), "push-key");
    let token = sealer.open(&world.pair().await.refresh_token).unwrap();
    assert_eq!(token.expose_secret(), "refresh-token");
    assert_eq!(stored.version, version, "it is no change of the profile");
    let second = rotated(&world, &sealer).await;
    assert_eq!((second.seen, second.resealed), (4, 0));
    let deeds = ["keys.rotation_begun", "keys.rotated", "keys.rotated"];
    assert_eq!(world.deeds(), deeds);
    let resealed = |at: usize| world.audit()[at].details["resealed"].clone();
    assert_eq!((resealed(1), resealed(2)), (4.into(), 0.into()));
}

#[tokio::test]
async fn it_goes_on_where_it_was_broken_off() {
    let world = with_profiles(250).await;
    let sealer = Arc::new(RotatingSealer::at(1));
    let mut batches = Vec::new();
    let rotate = rotate(&world, &sealer);
    let whole = rotate
        .run(&world.tenant, None, &mut |so_far: &Rotated| {
            batches.push(so_far.clone());
        })
        .await;
    assert_eq!(whole.unwrap().resealed, 254);
    let seen: Vec<_> = batches.iter().map(|so_far| so_far.seen).collect();
    assert_eq!(seen, [100, 200, 254]);
    sealer.set_generation(2);
    let rest = rotate
        .run(&world.tenant, batches[0].last.clone(), &mut |_| ())
        .await
        .unwrap();
    assert_eq!((rest.seen, rest.resealed), (154, 154));
    let again = rotate.run(&world.tenant, None, &mut |_| ()).await.unwrap();
    assert_eq!(
        (again.seen, again.resealed),
        (254, 100),
        "what is done is skipped"
    );
}

#[tokio::test]
async fn a_walk_that_was_broken_off_leaves_a_trace() {
    let world = with_profiles(250).await;
    let rotate = rotate(&world, &Arc::new(RotatingSealer::at(1)));
    let mut first_batch = |_: &Rotated| panic!("broken off");
    let walk = rotate.run(&world.tenant, None, &mut first_batch);
    let broken_off = std::panic::AssertUnwindSafe(walk);
    let ended = futures_util::FutureExt::catch_unwind(broken_off).await;
    assert!(ended.is_err());
    assert_eq!(world.deeds(), ["keys.rotation_begun"]);
}

#[tokio::test]
async fn what_no_key_opens_is_named_and_left_as_it_is() {
    let world = World::new().await;
    let foreign = Some(Sealed::from_stored("v1:foreign".into()));
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            push_key: foreign.clone(),
            ..stored
        })
        .await;
    let sealer = Arc::new(RotatingSealer::at(1));
    let rotated = rotated(&world, &sealer).await;
    assert_eq!((rotated.seen, rotated.resealed), (4, 3));
    let [place] = rotated.unreadable.as_slice() else {
        panic!("{:?}", rotated.unreadable)
    };
    assert_eq!(
        (place.column, place.row.as_str()),
        ("connector_profile.push_partner_key_encrypted", PROFILE)
    );
    assert_eq!(world.stored(PROFILE).await.push_key, foreign);
}

/// Seals, but somebody saves the push key between the reading and the writing.
struct Overtaken {
    sealer: RotatingSealer,
    store: Arc<dyn Store>,
    tenant: TenantSlug,
}

impl Sealer for Overtaken {
    fn seal(&self, secret: &SecretString) -> Result<Sealed, SealError> {
        if secret.expose_secret() == "push-key" {
            futures_util::FutureExt::now_or_never(self.save())
                .expect("memory does not wait")
                .unwrap();
        }
        self.sealer.seal(secret)
    }

    fn open(&self, sealed: &Sealed) -> Result<SecretString, SealError> {
        self.sealer.open(sealed)
    }

    fn is_in_force(&self, sealed: &Sealed) -> Result<bool, SealError> {
        self.sealer.is_in_force(sealed)
    }
}

impl Overtaken {
    async fn save(&self) -> Result<(), StoreError> {
        let mut uow: Box<dyn UnitOfWork> = self.store.begin(&self.tenant).await?;
        let id = examples::profile_id(PROFILE);
        let stored = uow.profiles().find(&id).await?.expect("the profile");
        let saved = Some(self.sealer.seal(&"saved-meanwhile".into()).expect("sealed"));
        uow.profiles()
            .put(
                &Profile {
                    push_key: saved,
                    ..stored
                },
                examples::noon(),
            )
            .await?;
        uow.commit().await
    }
}

#[tokio::test]
async fn a_secret_that_is_saved_at_the_same_moment_wins() {
    let world = World::new().await;
    let sealer = Overtaken {
        sealer: RotatingSealer::at(1),
        store: world.store.clone(),
        tenant: world.tenant.clone(),
    };
    let rotate = RotateKeys {
        sealer: Arc::new(sealer),
        ..rotate(&world, &Arc::default())
    };
    let rotated = rotate.run(&world.tenant, None, &mut |_| ()).await.unwrap();
    assert_eq!(
        (rotated.seen, rotated.resealed, rotated.saved_meanwhile),
        (4, 3, 1)
    );
    let stored = world.stored(PROFILE).await.push_key.unwrap();
    assert_eq!(stored.as_stored(), "plain1:saved-meanwhile");
}
