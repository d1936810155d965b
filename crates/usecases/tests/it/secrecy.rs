//! Nothing of a secret leaves but its fingerprint.

use hawker_domain::event::PushContent;
use hawker_ports::Store as _;
use hawker_ports::profiles::Profile;
use hawker_ports::testing::examples::{self, sealed};
use hawker_ports::tokens::NewToken;
use hawker_usecases::manage_profiles::ProfileEdit;
use serde::Serialize;

use crate::operators::{anna, usual};
use crate::world::{PROFILE, World};

const SECRETS: [&str; 6] = [
    "partner-secret-0123456789",
    "push-secret-of-today-0123",
    "push-secret-of-yesterday-0",
    "access-secret-0123456789",
    "refresh-secret-0123456789",
    "another-secret-0123456789",
];

/// A world whose every secret is known.
async fn with_known_secrets() -> World {
    let world = World::new().await;
    let secret = |place: usize| Some(sealed(SECRETS[place]));
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            partner_key: secret(0),
            push_key: secret(1),
            previous_push_key: secret(2),
            ..stored
        })
        .await;
    let token = NewToken {
        access_token: sealed(SECRETS[3]),
        refresh_token: sealed(SECRETS[4]),
        ..examples::token(PROFILE, &*world.ids)
    };
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.tokens().keep(&token, world.now()).await.unwrap();
    uow.commit().await.unwrap();
    world.desk.put_info(examples::SHOP, examples::shop_info());
    world
}

fn text(shown: &(impl Serialize + std::fmt::Debug)) -> String {
    format!("{} {shown:?}", serde_json::to_string(shown).unwrap())
}

#[tokio::test]
async fn no_card_and_no_entry_of_the_log_holds_a_secret() {
    let world = with_known_secrets().await;
    let (tenant, anna, usual) = (&world.tenant, anna(), usual());
    let push = world.push(PushContent {
        content_key: "a".into(),
        ..PushContent::default()
    });
    world.receive().run(tenant, &[push]).await.unwrap();
    let event = world.events().await[0].id.parse().unwrap();
    let change = ProfileEdit {
        partner_key: Some(SECRETS[5].into()),
        push_key: Some(SECRETS[5].into()),
        ..ProfileEdit::default()
    };

    let profiles = world.profiles();
    let card = profiles.show(tenant, &usual).await.unwrap();
    assert!(
        text(&card).contains("part…6789·len25"),
        "the fingerprint is there"
    );
    let shown = [
        text(&card),
        text(
            &profiles
                .list(tenant, hawker_domain::ConnectorName::Shopee, None, None, 9)
                .await
                .unwrap(),
        ),
        text(&world.diagnose().run(tenant, &anna, &usual).await.unwrap()),
        text(&world.connection().run(tenant, &anna, &usual).await.unwrap()),
        text(&world.locations().run(tenant, &anna, &usual).await.unwrap()),
        text(&world.push_settings().show(tenant, &usual).await.unwrap()),
        text(&world.signatures().run(tenant, event).await.unwrap()),
        text(
            &profiles
                .edit(tenant, &anna, &usual, None, change)
                .await
                .unwrap(),
        ),
        format!("{:?}", world.audit()),
    ];
    for shown in shown {
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(!shown.contains("plain:"), "a sealed secret in {shown}");
    }
}
