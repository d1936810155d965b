//! Reading and changing the push settings of an app.

use hawker_domain::ShopId;
use hawker_ports::Store as _;
use hawker_ports::marketplace::MarketplaceError;
use hawker_ports::profiles::Profile;
use hawker_ports::push_console::{PushSettings, PushSettingsChange, PushStatus};
use hawker_ports::testing::{ConsoleCall, examples};
use hawker_ports::watches::Watch;
use hawker_usecases::push_settings::{PushSettingsCard, PushSettingsError};

use crate::operators::{anna, id, usual};
use crate::world::{PARTNER, PROFILE, World};

const URL: &str = "https://hub.example/connectors/shopee/webhook/sandbox";

fn to(url: &str) -> PushSettingsChange {
    PushSettingsChange {
        callback_url: Some(url.into()),
        ..PushSettingsChange::default()
    }
}

async fn change(
    world: &World,
    change: PushSettingsChange,
) -> Result<PushSettingsCard, PushSettingsError> {
    world
        .push_settings()
        .change(&world.tenant, &anna(), &usual(), change)
        .await
}

async fn watch(world: &World) -> Option<Watch> {
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.watches().find(&usual()).await.unwrap()
}

async fn registered(world: &World) -> Option<String> {
    world.stored(PROFILE).await.registered_url
}

fn away() -> MarketplaceError {
    MarketplaceError::Unavailable {
        endpoint: "push/get_app_push_config",
        reason: "time-out".into(),
        cause: None,
    }
}

#[tokio::test]
async fn the_settings_are_shown_with_what_deserves_attention_and_kept_as_seen() {
    let world = World::new().await;
    let settings = PushSettings {
        callback_url: Some("https://elsewhere.example/hook".into()),
        status: PushStatus::Suspended,
        suspended_at: Some(world.now()),
        codes_off: vec![3],
        ..world.console.settings(PARTNER)
    };
    world.console.put(PARTNER, settings);
    let card = world
        .push_settings()
        .show(&world.tenant, &usual())
        .await
        .unwrap();
    assert_eq!(card.live_push_status, "Suspended");
    assert_eq!(card.suspended_time, Some(world.now()));
    let told = card.notices.join(" ");
    for part in ["pushes nothing any more", "elsewhere.example", "Code 3"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(
        watch(&world).await.and_then(|watch| watch.push_status),
        Some(PushStatus::Suspended)
    );
}

#[tokio::test]
async fn a_status_that_nobody_knows_is_shown_as_it_is() {
    let world = World::new().await;
    let status = PushStatus::Other("Sleepy".into());
    world.console.put(
        PARTNER,
        PushSettings {
            status,
            ..world.console.settings(PARTNER)
        },
    );
    let card = world
        .push_settings()
        .show(&world.tenant, &usual())
        .await
        .unwrap();
    assert_eq!(card.live_push_status, "Sleepy");
    assert!(
        card.notices
            .iter()
            .any(|notice| notice.contains("`Sleepy`"))
    );
}

#[tokio::test]
async fn a_url_that_was_taken_is_the_registered_one_of_every_profile_of_the_app() {
    let world = World::new().await;
    let of_the_app = Profile {
        partner_id: Some(PARTNER),
        ..examples::blank_profile("prof_same_app")
    };
    world.put(of_the_app).await;
    world
        .put(Profile {
            partner_id: Some(5),
            ..examples::blank_profile("prof_other_app")
        })
        .await;
    let card = change(&world, to(&format!(" {URL} "))).await.unwrap();
    assert_eq!(card.callback_url.as_deref(), Some(URL));
    assert_eq!(card.registered_url.as_deref(), Some(URL));
    assert_eq!(
        world
            .stored("prof_same_app")
            .await
            .registered_url
            .as_deref(),
        Some(URL)
    );
    assert_eq!(world.stored("prof_other_app").await.registered_url, None);
    let entry = world.audit().remove(0);
    assert_eq!(entry.action, "push_settings.changed");
    assert_eq!(entry.details["fields"], serde_json::json!(["callback_url"]));
    let registered_for = serde_json::json!(["prof_same_app", PROFILE]);
    assert_eq!(entry.details["registered_for"], registered_for);
    let version = world.stored(PROFILE).await.version;
    change(&world, to(URL)).await.unwrap();
    assert_eq!(
        world.stored(PROFILE).await.version,
        version,
        "it was so already"
    );
}

#[tokio::test]
async fn a_url_that_was_refused_is_not_registered() {
    let world = World::new().await;
    let before = registered(&world).await;
    let refusal = MarketplaceError::Refused {
        endpoint: "push/set_app_push_config",
        code: "error_param".into(),
        message: "Callback url verify failed".into(),
        request_id: None,
    };
    world.console.fail_next(ConsoleCall::Change, refusal);
    let refused = change(&world, to(URL)).await;
    assert!(
        matches!(refused, Err(PushSettingsError::Marketplace(_))),
        "{refused:?}"
    );
    assert_eq!(registered(&world).await, before);
    assert_eq!(world.deeds(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_looked_at_and_not_repeated() {
    let world = World::new().await;
    world.console.lose_reply_to_next_change();
    let card = change(&world, to(URL)).await.unwrap();
    assert_eq!(card.registered_url.as_deref(), Some(URL));
    assert_eq!(world.console.calls(ConsoleCall::Change), 1);
}

#[tokio::test]
async fn a_change_that_never_arrived_is_told_so() {
    let world = World::new().await;
    let before = registered(&world).await;
    world.console.lose_next_change();
    let lost = change(&world, to(URL)).await;
    assert!(
        matches!(lost, Err(PushSettingsError::NotApplied)),
        "{lost:?}"
    );
    assert_eq!(world.console.calls(ConsoleCall::Change), 1);
    assert_eq!(registered(&world).await, before);
    assert_eq!(world.audit()[0].details["is_applied"], false);
}

#[tokio::test]
async fn a_change_that_could_not_be_looked_at_is_registered_and_told_so() {
    let world = World::new().await;
    world.console.fail_next(ConsoleCall::Read, away());
    let unseen = change(&world, to(URL)).await;
    assert!(
        matches!(unseen, Err(PushSettingsError::NotSeen(_))),
        "{unseen:?}"
    );
    assert_eq!(registered(&world).await.as_deref(), Some(URL));
}

#[tokio::test]
async fn a_lost_change_that_cannot_be_looked_at_stays_in_doubt() {
    let world = World::new().await;
    let before = registered(&world).await;
    world.console.lose_reply_to_next_change();
    world.console.fail_next(ConsoleCall::Read, away());
    let lost = change(&world, to(URL)).await;
    let is_in_doubt = matches!(
        lost,
        Err(PushSettingsError::Marketplace(
            MarketplaceError::MaybeApplied { .. }
        ))
    );
    assert!(is_in_doubt, "{lost:?}");
    assert_eq!(registered(&world).await, before);
    assert_eq!(
        world.audit()[0].details["is_applied"],
        serde_json::Value::Null
    );
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_change_is_told_and_nothing_is_asked_of_the_marketplace() {
    let world = World::new().await;
    let wrong = PushSettingsChange {
        callback_url: Some("hub.example/webhook".into()),
        switch_on: vec![3, 29],
        switch_off: vec![3],
        blocked_shops: Some((0..501).map(ShopId).collect()),
    };
    let Err(PushSettingsError::Invalid { problems }) = change(&world, wrong).await else {
        panic!("it was accepted");
    };
    let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
    assert_eq!(
        fields,
        [
            "callback_url",
            "set_push_config_on",
            "set_push_config_off",
            "blocked_shop_id_list"
        ]
    );
    let nothing = change(&world, PushSettingsChange::default()).await;
    assert!(
        matches!(nothing, Err(PushSettingsError::Invalid { .. })),
        "{nothing:?}"
    );
    assert_eq!(world.console.calls(ConsoleCall::Change), 0);
}

#[tokio::test]
async fn codes_are_switched_and_shops_blocked_without_touching_the_url() {
    let world = World::new().await;
    let before = registered(&world).await;
    let wanted = PushSettingsChange {
        switch_on: vec![3, 4],
        blocked_shops: Some(vec![ShopId(9)]),
        ..PushSettingsChange::default()
    };
    let card = change(&world, wanted).await.unwrap();
    assert_eq!(card.push_config_on_list, [3, 4]);
    assert_eq!(card.blocked_shop_id_list, [ShopId(9)]);
    assert_eq!(
        (registered(&world).await, card.registered_url),
        (before.clone(), before)
    );
}

#[tokio::test]
async fn a_profile_without_a_key_or_without_itself_has_no_settings() {
    let world = World::new().await;
    world.put(examples::blank_profile("prof_empty")).await;
    let settings = world.push_settings();
    let blocked = settings
        .show(&world.tenant, &id("prof_empty"))
        .await
        .unwrap_err();
    assert!(
        blocked
            .to_string()
            .contains("missing partner_id, partner_key"),
        "{blocked}"
    );
    let gone = settings.show(&world.tenant, &id("prof_gone")).await;
    assert!(
        matches!(gone, Err(PushSettingsError::NoSuchProfile(_))),
        "{gone:?}"
    );
}
