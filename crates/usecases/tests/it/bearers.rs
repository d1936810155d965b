//! Bearer tokens of the API.

use chrono::TimeDelta;
use hawker_domain::api_access::ApiScope;
use hawker_domain::ids::ApiTokenId;
use hawker_ports::testing::examples;
use hawker_usecases::ApiBearers;
use hawker_usecases::api_bearers::MakeTokenError;
use secrecy::{ExposeSecret as _, SecretString};

use crate::world::World;

fn bearers(world: &World) -> ApiBearers {
    ApiBearers {
        tokens: world.store.clone(),
        store: world.store.clone(),
        mint: world.mint.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    }
}

const READ: &[ApiScope] = &[ApiScope::ConnectorsRead];

#[tokio::test]
async fn a_token_is_recognised_as_its_tenant_and_scopes() {
    let world = World::new().await;
    let bearers = bearers(&world);
    let scopes = [
        ApiScope::EventsRead,
        ApiScope::ConnectorsRead,
        ApiScope::EventsRead,
    ];
    let (token, secret) = bearers
        .make(&world.tenant, " phone ", &scopes, None)
        .await
        .unwrap();
    assert!(secret.expose_secret().starts_with("hwk_"));
    assert_eq!(secret.expose_secret().len(), 68);
    assert!(secret.expose_secret().ends_with(&token.hint) && token.hint.len() == 4);
    let bearer = bearers
        .authenticate(&secret)
        .await
        .unwrap()
        .expect("somebody");
    assert_eq!(
        (bearer.id, bearer.tenant, bearer.name.as_str()),
        (token.id, world.tenant.clone(), "phone")
    );
    assert_eq!(
        bearer.scopes,
        [ApiScope::ConnectorsRead, ApiScope::EventsRead]
    );
    let listed = bearers.list(&world.tenant).await.unwrap();
    assert_eq!(
        (listed.len(), listed[0].last_used_at),
        (1, Some(world.now()))
    );
}

#[tokio::test]
async fn whoever_bears_an_unknown_token_is_nobody() {
    let world = World::new().await;
    let bearers = bearers(&world);
    let (_, secret) = bearers
        .make(&world.tenant, "phone", READ, None)
        .await
        .unwrap();
    let cut = &secret.expose_secret()[..67];
    for text in ["", "hwk_", cut, "nonsense"] {
        let bearer = bearers
            .authenticate(&SecretString::from(text))
            .await
            .unwrap();
        assert_eq!(bearer, None, "{text}");
    }
}

#[tokio::test]
async fn a_revoked_bearer_is_nobody_from_the_next_request_on() {
    let world = World::new().await;
    let bearers = bearers(&world);
    let (token, secret) = bearers
        .make(&world.tenant, "phone", READ, None)
        .await
        .unwrap();
    assert!(
        !bearers
            .revoke(&world.tenant, ApiTokenId::of(99))
            .await
            .unwrap()
    );
    assert!(
        !bearers
            .revoke(&examples::tenant("other"), token.id)
            .await
            .unwrap()
    );
    assert!(bearers.authenticate(&secret).await.unwrap().is_some());
    assert!(bearers.revoke(&world.tenant, token.id).await.unwrap());
    assert!(
        bearers.revoke(&world.tenant, token.id).await.unwrap(),
        "twice is as once"
    );
    assert_eq!(bearers.authenticate(&secret).await.unwrap(), None);
}

#[tokio::test]
async fn making_and_revoking_a_token_stand_in_the_audit_log_and_the_token_does_not() {
    let world = World::new().await;
    let bearers = bearers(&world);
    let (token, secret) = bearers
        .make(&world.tenant, "phone", READ, None)
        .await
        .unwrap();
    let is_known = bearers.revoke(&world.tenant, ApiTokenId::of(99)).await;
    assert!(!is_known.unwrap());
    assert_eq!(world.deeds(), ["api_token.made"]);
    assert!(bearers.revoke(&world.tenant, token.id).await.unwrap());
    assert_eq!(world.deeds(), ["api_token.made", "api_token.revoked"]);
    let entries = world.audit();
    for entry in &entries {
        assert_eq!(entry.subject, format!("api_token:{}", token.id));
        assert_eq!(entry.actor.as_str(), "terminal");
    }
    assert_eq!(entries[0].details["name"], "phone");
    assert!(!format!("{entries:?}").contains(secret.expose_secret()));
}

#[tokio::test]
async fn a_bearer_is_nobody_once_the_token_has_ended() {
    let world = World::new().await;
    let bearers = bearers(&world);
    let ends = world.now() + TimeDelta::days(1);
    let (_, secret) = bearers
        .make(&world.tenant, "phone", READ, Some(ends))
        .await
        .unwrap();
    assert!(bearers.authenticate(&secret).await.unwrap().is_some());
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(bearers.authenticate(&secret).await.unwrap(), None);
}

#[tokio::test]
async fn a_token_without_name_scopes_or_future_is_not_made() {
    let world = World::new().await;
    let bearers = bearers(&world);
    let refused = bearers
        .make(&world.tenant, " ", &[], Some(world.now()))
        .await;
    let Err(MakeTokenError::Invalid { problems }) = refused else {
        panic!("{refused:?}")
    };
    let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["name", "scopes", "expires_at"]);
    assert!(bearers.list(&world.tenant).await.unwrap().is_empty());
}
