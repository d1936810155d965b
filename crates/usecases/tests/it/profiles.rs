//! Adding, showing and changing profiles.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment, ShopId};
use hawker_ports::Store as _;
use hawker_ports::profiles::Profile;
use hawker_ports::testing::examples::{self, sealed};
use hawker_ports::{Sealed, StoreError};
use hawker_usecases::manage_profiles::{
    Edited, ProfileCard, ProfileDraft, ProfileEdit, ProfileError,
};
use secrecy::SecretString;

use crate::operators::{Interrupted, anna, id, usual};
use crate::world::{PROFILE, World};

const SHOPEE: ConnectorName = ConnectorName::Shopee;

fn live(name: &str) -> ProfileDraft {
    ProfileDraft::new(SHOPEE, Environment::Live, name, Region::Sg)
}

async fn edit(world: &World, edit: ProfileEdit) -> Result<ProfileCard, ProfileError> {
    let profiles = world.profiles();
    profiles
        .edit(&world.tenant, &anna(), &usual(), None, edit)
        .await
}

async fn card(world: &World) -> ProfileCard {
    let shown = world.profiles().show(&world.tenant, &usual()).await;
    shown.unwrap().expect("a card")
}

fn fields(world: &World) -> serde_json::Value {
    world.audit().last().expect("an entry").details["fields"].clone()
}

#[tokio::test]
async fn a_card_says_everything_but_the_secrets() {
    let world = World::new().await;
    let text = serde_json::to_string(&card(&world).await).unwrap();
    for secret in [
        "partner-key",
        "push-key",
        "access-token\"",
        "refresh-token\"",
        "plain:",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let card: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(card["env_type"], "sandbox");
    assert_eq!(card["partner_id"], 1_000_001);
    assert_eq!(card["shop_id"], examples::SHOP.0);
    assert_eq!(card["partner_key"]["is_set"], true);
    assert_eq!(card["previous_push_partner_key"]["is_set"], false);
    assert_eq!(card["token"]["state"], "active");
    assert_eq!(
        card["token"]["access_token_expires_at"],
        "2026-01-05T08:00:00Z"
    );
    assert_eq!(
        card["urls"]["push_url"],
        "https://hub.example/connectors/shopee/webhook?env=sandbox&profile_id=prof_sandbox"
    );
    assert_eq!(card["missing"], serde_json::json!([]));
    assert_eq!(
        (card["is_active"].clone(), card["is_in_force"].clone()),
        (true.into(), true.into())
    );
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_told_and_breaks_nothing() {
    let world = World::new().await;
    let foreign = Some(Sealed::from_stored("v1:foreign".into()));
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            partner_key: foreign,
            ..stored
        })
        .await;
    let card = card(&world).await;
    assert!(card.partner_key.is_set && !card.partner_key.is_readable);
    assert_eq!(card.partner_key.fingerprint, None);
    let told = card
        .notices
        .iter()
        .any(|notice| notice.contains("partner key cannot be read"));
    assert!(told, "{:?}", card.notices);
}

#[tokio::test]
async fn a_profile_of_which_nothing_is_known_says_what_is_missing() {
    let world = World::new().await;
    let made = world
        .profiles()
        .create(&world.tenant, &anna(), live(" Main shop "))
        .await
        .unwrap();
    assert_eq!(made.display_name, "Main shop");
    assert_eq!(
        serde_json::to_value(&made.missing).unwrap(),
        serde_json::json!(["partner_id", "partner_key", "shop_id"])
    );
    assert!(made.is_active, "it is the first of its environment");
    assert!(!made.is_in_force, "the sandbox is");
    assert!(!made.accepts_body_only);
    assert_eq!(world.deeds(), ["profile.created"]);
    let second = world
        .profiles()
        .create(&world.tenant, &anna(), live("Other"))
        .await
        .unwrap();
    assert!(!second.is_active);
}

#[tokio::test]
async fn a_profile_is_added_once_under_its_id() {
    let world = World::new().await;
    let id = id("prof_of_a_request");
    let add = async |name: &str| {
        let profiles = world.profiles();
        let draft = live(name);
        profiles
            .create_as(&world.tenant, &anna(), id.clone(), draft)
            .await
    };
    let first = add("Main shop").await.unwrap();
    assert_eq!(first.id, id);
    let again = add(" Main shop ").await.unwrap();
    assert_eq!((&again.id, again.version), (&id, first.version));
    assert_eq!(world.deeds(), ["profile.created"]);
    assert!(matches!(add("Other").await, Err(ProfileError::Taken(of)) if of == id));

    let deleted = Profile {
        is_active: false,
        deleted_at: Some(examples::noon()),
        ..world.stored(id.as_str()).await
    };
    world.put(deleted).await;
    assert!(matches!(add("Main shop").await, Err(ProfileError::Taken(of)) if of == id));
}

#[tokio::test]
async fn missing_public_base_url_is_said_on_the_card() {
    let world = World::new().await;
    let mut profiles = world.profiles();
    profiles.public_api_base_url = None;
    let card = profiles
        .show(&world.tenant, &usual())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(card.urls, None);
    assert!(
        card.notices[0].contains("PUBLIC_API_BASE_URL"),
        "{:?}",
        card.notices
    );
}

#[tokio::test]
async fn a_region_of_the_other_world_is_noticed_and_no_error() {
    let world = World::new().await;
    let change = ProfileEdit {
        region: Some(Region::Sg),
        ..ProfileEdit::default()
    };
    let card = edit(&world, change).await.unwrap();
    assert_eq!(card.base_url, Region::Sg.base_url());
    assert!(
        card.notices
            .iter()
            .any(|notice| notice.contains("live host")),
        "{:?}",
        card.notices
    );
}

#[tokio::test]
async fn only_what_is_named_changes_and_only_its_name_is_written_down() {
    let world = World::new().await;
    let change = ProfileEdit {
        base_url_override: Edited::To(" http://127.0.0.1:9100/api/v2 ".into()),
        partner_key: Some("another-partner-key".into()),
        ..ProfileEdit::default()
    };
    let before = world.stored(PROFILE).await;
    let card = edit(&world, change).await.unwrap();
    assert_eq!(card.base_url, "http://127.0.0.1:9100/api/v2");
    assert_eq!(
        card.partner_key.fingerprint.as_deref(),
        Some("anot…-key·len19")
    );
    let after = world.stored(PROFILE).await;
    assert_eq!(after.push_key, before.push_key);
    assert_eq!(after.registered_url, before.registered_url);
    assert!(after.version > before.version);
    assert_eq!(
        fields(&world),
        serde_json::json!(["base_url_override", "partner_key"])
    );
    let entry = format!("{:?}", world.audit());
    assert!(entry.contains("anna") && !entry.contains("another") && !entry.contains("9100"));
}

#[tokio::test]
async fn a_blank_secret_and_the_same_secret_change_nothing() {
    let world = World::new().await;
    let before = world.stored(PROFILE).await;
    for (partner_key, push_key) in [("  ", ""), ("partner-key", "push-key")] {
        let change = ProfileEdit {
            partner_key: Some(partner_key.into()),
            push_key: Some(push_key.into()),
            ..ProfileEdit::default()
        };
        edit(&world, change).await.unwrap();
    }
    let after = world.stored(PROFILE).await;
    assert_eq!(
        (after.partner_key, after.push_key),
        (before.partner_key, before.push_key)
    );
    assert_eq!(
        (after.previous_push_key, after.version),
        (None, before.version)
    );
    assert_eq!(world.deeds(), Vec::<&str>::new());
}

async fn save_push_key(world: &World, key: &str) {
    let push_key = Some(SecretString::from(key));
    edit(
        world,
        ProfileEdit {
            push_key,
            ..ProfileEdit::default()
        },
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn the_push_key_before_the_last_rotation_stays_however_often_the_new_one_is_given() {
    let world = World::new().await;
    for key in ["rotated", " rotated "] {
        save_push_key(&world, key).await;
    }
    let stored = world.stored(PROFILE).await;
    assert_eq!(stored.push_key, Some(sealed("rotated")));
    assert_eq!(stored.previous_push_key, Some(sealed("push-key")));
    assert_eq!(world.deeds(), ["profile.changed"]);
}

#[tokio::test]
async fn a_push_key_that_cannot_be_read_is_not_kept_as_the_previous_one() {
    let world = World::new().await;
    save_push_key(&world, "second").await;
    let foreign = Some(Sealed::from_stored("v1:foreign".into()));
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            push_key: foreign,
            ..stored
        })
        .await;
    save_push_key(&world, "third").await;
    let stored = world.stored(PROFILE).await;
    assert_eq!(
        stored.previous_push_key,
        Some(sealed("push-key")),
        "the last that can be read"
    );
}

#[tokio::test]
async fn another_partner_key_takes_the_end_of_the_old_one_away() {
    let world = World::new().await;
    let ends = world.now() + TimeDelta::days(90);
    let noted = ProfileEdit {
        partner_key_ends_at: Edited::To(ends),
        ..ProfileEdit::default()
    };
    assert_eq!(
        edit(&world, noted).await.unwrap().partner_key_ends_at,
        Some(ends)
    );
    let other = || Some(SecretString::from("other-key"));
    let silent = ProfileEdit {
        partner_key: other(),
        ..ProfileEdit::default()
    };
    assert_eq!(
        edit(&world, silent).await.unwrap().partner_key_ends_at,
        None
    );
    assert_eq!(
        fields(&world),
        serde_json::json!(["partner_key", "partner_key_expires_at"])
    );
    let same_with_end = ProfileEdit {
        partner_key: other(),
        partner_key_ends_at: Edited::To(ends),
        ..ProfileEdit::default()
    };
    assert_eq!(
        edit(&world, same_with_end)
            .await
            .unwrap()
            .partner_key_ends_at,
        Some(ends)
    );
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_and_nothing_of_it_is_stored() {
    let world = World::new().await;
    let before = world.stored(PROFILE).await;
    let change = ProfileEdit {
        display_name: Some(String::new()),
        base_url_override: Edited::To("localhost".into()),
        partner_id: Edited::To(-1),
        partner_key: Some("would-be-key".into()),
        default_location_id: Some("nowhere".into()),
        ..ProfileEdit::default()
    };
    let refused = edit(&world, change).await.unwrap_err();
    let told = refused.to_string();
    let ProfileError::Invalid { problems } = refused else {
        panic!("{told}")
    };
    let names: Vec<_> = problems.iter().map(|problem| problem.field).collect();
    assert_eq!(
        names,
        [
            "display_name",
            "base_url_override",
            "partner_id",
            "default_location_id"
        ]
    );
    assert!(!told.contains("would-be-key"));
    assert_eq!(world.stored(PROFILE).await.version, before.version);
    assert_eq!(world.deeds(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_change_of_a_version_that_is_gone_is_refused() {
    let world = World::new().await;
    let profiles = world.profiles();
    let version = card(&world).await.version;
    let named = |name: &str| ProfileEdit {
        display_name: Some(name.into()),
        ..ProfileEdit::default()
    };
    let first = profiles
        .edit(
            &world.tenant,
            &anna(),
            &usual(),
            Some(version),
            named("First"),
        )
        .await;
    let first = first.unwrap();
    let second = profiles
        .edit(
            &world.tenant,
            &anna(),
            &usual(),
            Some(version),
            named("Second"),
        )
        .await;
    let Err(ProfileError::Changed {
        current_version, ..
    }) = second
    else {
        panic!("{second:?}")
    };
    assert_eq!(current_version, first.version);
    assert_eq!(card(&world).await.display_name, "First");
}

#[tokio::test]
async fn a_field_that_can_be_empty_is_cleared_and_its_blank_too() {
    let world = World::new().await;
    let change = ProfileEdit {
        registered_url: Edited::To("  ".into()),
        partner_id: Edited::Cleared,
        shop: Edited::Cleared,
        ..ProfileEdit::default()
    };
    let card = edit(&world, change).await.unwrap();
    assert_eq!(
        (card.registered_url, card.partner_id, card.shop),
        (None, None, None)
    );
    assert_eq!(card.token, None, "the pair is the shop's");
}

#[tokio::test]
async fn null_clears_a_value_sets_and_silence_keeps() {
    #[derive(serde::Deserialize)]
    struct Form {
        #[serde(default)]
        partner_id: Edited<i64>,
    }
    let read = |text| serde_json::from_str::<Form>(text).unwrap().partner_id;
    assert_eq!(read("{}"), Edited::Kept);
    assert_eq!(read(r#"{"partner_id":null}"#), Edited::Cleared);
    assert_eq!(read(r#"{"partner_id":7}"#), Edited::To(7));
}

async fn fetch(world: &World, warehouses: &[&str]) {
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let warehouses: Vec<_> = warehouses
        .iter()
        .map(|id| examples::warehouse(id))
        .collect();
    uow.locations()
        .replace(&usual(), &warehouses, world.now())
        .await
        .unwrap();
    uow.commit().await.unwrap();
}

#[tokio::test]
async fn the_default_location_is_one_of_those_that_were_fetched() {
    let world = World::new().await;
    fetch(&world, &["SGA", "SGB"]).await;
    let choose = |id: &str| ProfileEdit {
        default_location_id: Some(id.into()),
        ..ProfileEdit::default()
    };
    let before = card(&world).await;
    assert_eq!(before.default_location_id.as_deref(), Some("SGA"));
    let after = edit(&world, choose("SGB")).await.unwrap();
    assert_eq!(after.default_location_id.as_deref(), Some("SGB"));
    assert_eq!(
        after.default_location_name.as_deref(),
        Some("Warehouse SGB")
    );
    assert!(
        after.version > before.version,
        "whoever reads the card sees that it changed"
    );
    assert_eq!(fields(&world), serde_json::json!(["default_location_id"]));
    let again = edit(&world, choose("SGB")).await.unwrap();
    assert_eq!(again.version, after.version);
    let refused = edit(&world, choose("SGC")).await.unwrap_err().to_string();
    assert!(
        refused.contains("`SGC` is none of the shop's warehouses"),
        "{refused}"
    );
}

#[tokio::test]
async fn another_shop_does_not_inherit_warehouses() {
    let world = World::new().await;
    fetch(&world, &["SGA"]).await;
    let change = ProfileEdit {
        shop: Edited::To(ShopId(77)),
        ..ProfileEdit::default()
    };
    let card = edit(&world, change).await.unwrap();
    assert_eq!((card.default_location_id, card.token), (None, None));
}

#[tokio::test]
async fn the_warehouses_of_another_shop_were_never_fetched() {
    let world = World::new().await;
    let locations = world.locations();
    let of_old_shop = locations.run(&world.tenant, &anna(), &usual()).await;
    assert!(of_old_shop.unwrap().is_single);
    let change = ProfileEdit {
        shop: Edited::To(ShopId(77)),
        ..ProfileEdit::default()
    };
    edit(&world, change).await.unwrap();
    let card = locations.show(&world.tenant, &usual()).await.unwrap();
    assert_eq!((card.is_single, card.fetched_at), (false, None));
    assert_eq!(card.locations, []);
}

#[tokio::test]
async fn a_list_is_paged_oldest_first_and_counted() {
    let world = World::new().await;
    for name in ["One", "Two", "Three"] {
        world.clock.advance(TimeDelta::seconds(1));
        world
            .profiles()
            .create(&world.tenant, &anna(), live(name))
            .await
            .unwrap();
    }
    let profiles = world.profiles();
    let list = async |environment, after: Option<&str>| {
        profiles
            .list(&world.tenant, SHOPEE, environment, after, 2)
            .await
            .unwrap()
    };
    let first = list(None, None).await;
    let names = |page: &hawker_ports::views::Counted<ProfileCard>| -> Vec<String> {
        page.page
            .rows
            .iter()
            .map(|row| row.display_name.clone())
            .collect()
    };
    assert_eq!(
        (names(&first), first.total),
        (vec!["Card shop".into(), "One".into()], 4)
    );
    let second = list(None, first.page.next.as_deref()).await;
    assert_eq!(names(&second), ["Two", "Three"]);
    assert_eq!(second.page.next, None);
    let sandbox = list(Some(Environment::Sandbox), None).await;
    assert_eq!(
        (names(&sandbox), sandbox.total),
        (vec!["Card shop".into()], 1)
    );
    let refused = profiles
        .list(&world.tenant, SHOPEE, None, Some("prof_gone"), 2)
        .await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_profile_that_was_never_there_is_none() {
    let world = World::new().await;
    let profiles = world.profiles();
    assert_eq!(
        profiles
            .show(&world.tenant, &id("prof_gone"))
            .await
            .unwrap(),
        None
    );
    let edited = profiles
        .edit(
            &world.tenant,
            &anna(),
            &id("prof_gone"),
            None,
            ProfileEdit::default(),
        )
        .await;
    assert!(
        matches!(edited, Err(ProfileError::NoSuchProfile(_))),
        "{edited:?}"
    );
}

#[tokio::test]
async fn two_operators_who_change_different_fields_undo_nothing_of_each_other() {
    let world = World::new().await;
    let named = ProfileEdit {
        display_name: Some("Renamed".into()),
        ..ProfileEdit::default()
    };
    let numbered = ProfileEdit {
        partner_id: Edited::To(42),
        partner_key: Some("sealed in between".into()),
        ..ProfileEdit::default()
    };
    let world = Arc::new(world);
    let interrupted = Interrupted::by({
        let world = Arc::clone(&world);
        async move { drop(edit(&world, named).await.unwrap()) }
    });
    let mut profiles = world.profiles();
    profiles.sealer = Arc::new(interrupted.clone());
    let (operator, profile) = (anna(), usual());
    let edited = profiles.edit(&world.tenant, &operator, &profile, None, numbered);
    edited.await.unwrap();
    interrupted.end().await;
    let card = card(&world).await;
    assert_eq!(
        (card.display_name.as_str(), card.partner_id),
        ("Renamed", Some(42))
    );
}

#[tokio::test]
async fn a_location_of_the_old_shop_is_not_chosen_together_with_another_shop() {
    let world = World::new().await;
    fetch(&world, &["SGA", "SGB"]).await;
    let change = ProfileEdit {
        shop: Edited::To(ShopId(77)),
        default_location_id: Some("SGB".into()),
        ..ProfileEdit::default()
    };
    let refused = edit(&world, change).await.unwrap_err().to_string();
    assert!(refused.contains("Refresh the locations first"), "{refused}");
    let card = card(&world).await;
    assert_eq!(
        card.default_location_id.as_deref(),
        Some("SGA"),
        "nothing was stored"
    );
}

/// The fields that are refused of a change that moves the profile there, with this key beside it.
async fn moved(world: &World, to: &str, key: Option<&str>) -> Vec<&'static str> {
    let change = ProfileEdit {
        base_url_override: Edited::To(to.into()),
        partner_key: key.map(Into::into),
        ..ProfileEdit::default()
    };
    match edit(world, change).await {
        Ok(_) => Vec::new(),
        Err(ProfileError::Invalid { problems }) => {
            problems.iter().map(|problem| problem.field).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn stored_keys_follow_nobody_to_another_host_who_does_not_know_them() {
    let world = World::new().await;
    let proxy = "https://proxy.example/api/v2";
    let before = world.stored(PROFILE).await;
    for key in [None, Some("  ")] {
        assert_eq!(moved(&world, proxy, key).await, ["base_url_override"]);
    }
    let after = world.stored(PROFILE).await;
    assert_eq!(
        (after.version, after.base_url_override),
        (before.version, None)
    );
    assert!(moved(&world, proxy, Some("partner-key")).await.is_empty());

    let same_host = "https://proxy.example:443/another/api/v2";
    assert!(moved(&world, same_host, None).await.is_empty());
    let other_port = "https://proxy.example:8443/api/v2";
    assert_eq!(moved(&world, other_port, None).await, ["base_url_override"]);
    assert!(
        moved(&world, "http://[::1]:9100/api/v2", None)
            .await
            .is_empty()
    );
    assert_eq!(moved(&world, proxy, None).await, ["base_url_override"]);
    assert!(
        moved(&world, " ", None).await.is_empty(),
        "the region's own host needs no key"
    );
}
