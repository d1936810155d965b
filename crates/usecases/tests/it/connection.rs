//! Testing a profile's connection.

use std::collections::BTreeSet;
use std::time::Duration;

use hawker_domain::token::TokenState;
use hawker_domain::{ConnectorName, Environment};
use hawker_ports::marketplace::{Fault, MarketplaceError};
use hawker_ports::profiles::Profile;
use hawker_ports::shops::ShopDetails;
use hawker_ports::testing::{AuthCall, DeskCall, examples};
use hawker_ports::{Sealed, Store as _};
use hawker_usecases::test_connection::{Check, ConnectionReport, Outcome, TestConnectionError};

use crate::operators::{anna, id, usual};
use crate::world::{PROFILE, World};

const FAULTS: [Fault; 10] = [
    Fault::Host,
    Fault::Sign,
    Fault::PartnerId,
    Fault::PartnerKeyExpired,
    Fault::Permission,
    Fault::IpAllowList,
    Fault::Clock,
    Fault::AppSuspended,
    Fault::ShopUnusable,
    Fault::Other,
];

async fn tested(world: &World) -> ConnectionReport {
    let report = world
        .connection()
        .run(&world.tenant, &anna(), &usual())
        .await;
    report.unwrap()
}

fn check<'a>(report: &'a ConnectionReport, name: &str) -> &'a Check {
    let found = report.checks.iter().find(|check| check.name == name);
    found.expect("the check")
}

fn outcomes(report: &ConnectionReport) -> String {
    let told = report.checks.iter().map(|check| {
        let mark = match check.outcome {
            Outcome::Passed => '+',
            Outcome::Failed => '!',
            Outcome::Skipped => '-',
        };
        format!("{mark}{}", check.name)
    });
    told.collect::<Vec<_>>().join(" ")
}

fn misconfigured(fault: Fault) -> MarketplaceError {
    MarketplaceError::Misconfigured {
        endpoint: "public/get_shops_by_partner",
        fault,
        code: "error_of_the_test".into(),
        message: "Says the test.".into(),
        request_id: Some("req-1".into()),
    }
}

#[tokio::test]
async fn a_good_connection_passes_every_check_in_order() {
    let world = World::new().await;
    world.desk.put_info(examples::SHOP, examples::shop_info());
    let report = tested(&world).await;
    assert!(report.is_ok);
    assert_eq!(
        outcomes(&report),
        "+settings +secrets +host +clock +app +token +shop"
    );
    let shop = &check(&report, "shop").message;
    assert!(
        shop.contains("Card shop (SG)") && shop.contains("until 2027-01-05"),
        "{shop}"
    );
    assert_eq!(world.deeds(), ["connection.tested"]);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["profile_id"], PROFILE);
    assert_eq!(json["checks"][0]["outcome"], "passed");
}

#[tokio::test]
async fn each_fault_has_its_own_words_and_fails_the_check_that_it_belongs_to() {
    let world = World::new().await;
    let mut told = BTreeSet::new();
    for fault in FAULTS {
        world
            .authoriser
            .fail_next(AuthCall::AuthorisedShops, misconfigured(fault));
        let report = tested(&world).await;
        let expected = match fault {
            Fault::Host => "+settings +secrets !host -clock -app -token -shop",
            Fault::Clock => "+settings +secrets +host !clock -app -token -shop",
            _ => "+settings +secrets +host -clock !app -token -shop",
        };
        assert_eq!(outcomes(&report), expected, "{fault:?}");
        let failed = report.failed().next().expect("a failed check");
        assert_eq!(failed.request_id.as_deref(), Some("req-1"));
        assert!(
            failed.message.contains("error_of_the_test: Says the test."),
            "{failed:?}"
        );
        assert!(
            told.insert(failed.message.clone()),
            "{fault:?} says nothing of its own"
        );
    }
}

#[tokio::test]
async fn the_difference_between_the_clocks_is_told_as_it_was_measured() {
    let world = World::new().await;
    world.desk.put_info(examples::SHOP, examples::shop_info());
    for (skew_s, words, is_to_be_set) in [
        (None, "did not tell the marketplace's own", false),
        (Some(0), "The clocks agree to the second.", false),
        (Some(1), "clock is 1 second behind", false),
        (Some(120), "clock is 120 seconds behind", false),
        (Some(-120), "clock is 120 seconds ahead", false),
        (Some(-121), "clock is 121 seconds ahead", true),
        (Some(300), "clock is 300 seconds behind", true),
    ] {
        world.skew.set(skew_s);
        let report = tested(&world).await;
        assert!(report.is_ok, "{skew_s:?}: {report:?}");
        let told = &check(&report, "clock").message;
        assert!(told.contains(words), "{skew_s:?}: {told}");
        assert_eq!(told.contains("by NTP"), is_to_be_set, "{skew_s:?}: {told}");
    }
}

#[tokio::test]
async fn a_clock_that_calls_have_to_be_corrected_for_fails_and_stops_no_other_check() {
    let world = World::new().await;
    world.desk.put_info(examples::SHOP, examples::shop_info());
    for (skew_s, words) in [
        (301, "301 seconds behind"),
        (-301, "301 seconds ahead"),
        (i64::MIN, "9223372036854775808 seconds ahead"),
    ] {
        world.skew.set(Some(skew_s));
        let report = tested(&world).await;
        assert_eq!(
            outcomes(&report),
            "+settings +secrets +host !clock +app +token +shop"
        );
        let told = &check(&report, "clock").message;
        for part in [words, "by NTP", "corrected time"] {
            assert!(told.contains(part), "{told}");
        }
    }
}

#[tokio::test]
async fn a_refusal_for_where_it_came_from_may_be_somebody_elses() {
    let world = World::new().await;
    world
        .authoriser
        .fail_next(AuthCall::AuthorisedShops, misconfigured(Fault::IpAllowList));
    let report = tested(&world).await;
    let told = &check(&report, "app").message;
    assert!(told.contains("a proxy or firewall in between"), "{told}");
}

#[tokio::test]
async fn a_wrong_key_is_to_be_compared_with_the_console_of_its_world() {
    let world = World::new().await;
    for (environment, console) in [
        (Environment::Sandbox, "test app"),
        (Environment::Live, "live app"),
    ] {
        let profile = Profile {
            environment,
            partner_id: Some(5),
            partner_key: Some(examples::sealed("k")),
            shop: Some(examples::SHOP),
            ..examples::blank_profile("prof_two")
        };
        world.put(profile).await;
        world
            .authoriser
            .fail_next(AuthCall::AuthorisedShops, misconfigured(Fault::Sign));
        let connection = world.connection();
        let report = connection
            .run(&world.tenant, &anna(), &id("prof_two"))
            .await
            .unwrap();
        let told = &check(&report, "app").message;
        assert!(
            told.contains(&format!(
                "Compare the partner key with the console of the {console}"
            )),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_named() {
    let world = World::new().await;
    let away = MarketplaceError::Unavailable {
        endpoint: "public/get_shops_by_partner",
        reason: "connection refused".into(),
        cause: None,
    };
    world.authoriser.fail_next(AuthCall::AuthorisedShops, away);
    let report = tested(&world).await;
    let told = &check(&report, "host").message;
    assert!(
        told.contains("sandbox") && told.contains("connection refused"),
        "{told}"
    );
}

#[tokio::test]
async fn too_many_calls_are_no_fault_of_the_settings() {
    let world = World::new().await;
    let endpoint = "public/get_shops_by_partner";
    let retry_after = Some(Duration::from_secs(7));
    let limited = MarketplaceError::RateLimited {
        endpoint,
        retry_after,
    };
    world
        .authoriser
        .fail_next(AuthCall::AuthorisedShops, limited);
    let report = tested(&world).await;
    assert!(
        check(&report, "app")
            .message
            .contains("Test again in 7 seconds")
    );
}

#[tokio::test]
async fn what_is_missing_is_named_and_the_app_is_tried_without_a_shop() {
    let world = World::new().await;
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            shop: None,
            ..stored.clone()
        })
        .await;
    let report = tested(&world).await;
    assert_eq!(
        outcomes(&report),
        "!settings +secrets +host +clock +app -token -shop"
    );
    assert!(
        check(&report, "settings")
            .message
            .contains("missing shop_id")
    );
    assert!(!report.is_ok);
    world
        .put(Profile {
            partner_key: None,
            ..stored
        })
        .await;
    let report = tested(&world).await;
    assert_eq!(
        outcomes(&report),
        "!settings -secrets -host -clock -app -token -shop"
    );
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_named_and_an_unreadable_push_key_stops_no_call() {
    let world = World::new().await;
    world.desk.put_info(examples::SHOP, examples::shop_info());
    let foreign = || Some(Sealed::from_stored("v1:foreign".into()));
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            push_key: foreign(),
            ..stored.clone()
        })
        .await;
    let report = tested(&world).await;
    assert_eq!(
        outcomes(&report),
        "+settings !secrets +host +clock +app +token +shop"
    );
    assert!(check(&report, "secrets").message.contains("push key"));
    world
        .put(Profile {
            partner_key: foreign(),
            ..stored
        })
        .await;
    let report = tested(&world).await;
    assert_eq!(
        outcomes(&report),
        "+settings !secrets -host -clock -app -token -shop"
    );
    assert!(
        check(&report, "secrets")
            .message
            .contains("JWT_SECRET_PREVIOUS")
    );
}

#[tokio::test]
async fn a_shop_that_took_its_authorisation_back_fails_the_token() {
    let world = World::new().await;
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let withdrawn = uow.tokens().withdraw(
        ConnectorName::Shopee,
        Environment::Sandbox,
        &[examples::SHOP],
        world.now() + chrono::TimeDelta::seconds(1),
        TokenState::Revoked,
        "the seller said so",
    );
    assert_eq!(withdrawn.await.unwrap(), [examples::SHOP]);
    uow.commit().await.unwrap();
    let report = tested(&world).await;
    assert_eq!(
        outcomes(&report),
        "+settings +secrets +host +clock +app !token -shop"
    );
    let told = &check(&report, "token").message;
    assert!(
        told.contains("the seller said so") && told.contains("hawker oauth start"),
        "{told}"
    );
    assert!(world.desk.asked().is_empty(), "no call was made for it");
}

#[tokio::test]
async fn a_banned_shop_answers_and_fails() {
    let world = World::new().await;
    let banned = ShopDetails {
        status: "BANNED".into(),
        ..examples::shop_info()
    };
    world.desk.put_info(examples::SHOP, banned);
    let report = tested(&world).await;
    assert_eq!(
        outcomes(&report),
        "+settings +secrets +host +clock +app +token !shop"
    );
    assert!(check(&report, "shop").message.contains("BANNED"));
}

#[tokio::test]
async fn a_refusal_of_the_shop_call_is_told_with_its_request_id() {
    let world = World::new().await;
    world
        .desk
        .fail_next(DeskCall::ShopDetails, misconfigured(Fault::Permission));
    let report = tested(&world).await;
    let shop = check(&report, "shop");
    assert_eq!(shop.request_id.as_deref(), Some("req-1"));
    assert!(shop.message.contains("API permission"), "{shop:?}");
}

#[tokio::test]
async fn a_profile_that_is_not_there_is_not_tested() {
    let world = World::new().await;
    let tested = world
        .connection()
        .run(&world.tenant, &anna(), &id("prof_gone"))
        .await;
    assert!(
        matches!(tested, Err(TestConnectionError::NoSuchProfile(_))),
        "{tested:?}"
    );
}
