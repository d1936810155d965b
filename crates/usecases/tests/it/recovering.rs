//! Recovering lost pushes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::event::{PushCode, PushContent};
use hawker_domain::ids::ProfileId;
use hawker_domain::order::OrderStatus;
use hawker_domain::schedule::Counts;
use hawker_domain::token::TokenState;
use hawker_domain::{ConnectorName, Environment, ShopId, TenantSlug, Timestamp};
use hawker_ports::marketplace::{AppAccess, Fault, MarketplaceError};
use hawker_ports::profiles::NewProfile;
use hawker_ports::progress::NoProgress;
use hawker_ports::recovery::{LostPush, LostPushPage, LostPushes};
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::testing::examples::{self, SHOP, noon, snapshot};
use hawker_ports::testing::{FakeLostPushes, InMemoryStore, LostPushCall, PlainSealer};
use hawker_ports::tokens::{NewToken, TokenKey};
use hawker_ports::views::{EventFilter, EventSummary, PageRequest, Views as _};
use hawker_ports::{Progress, Sealed, Store as _, StoreError};
use hawker_usecases::RecoverLostPushes;
use hawker_usecases::recover_lost_pushes::{AppFailure, PAGES_PER_RUN, RecoveryError};

use crate::world::{PARTNER, PROFILE, World, sn};

const OTHER_SHOP: ShopId = ShopId(5_000_000_002);

/// Tenants, in the order in which they were named.
struct Tenants(Vec<TenantSlug>);

#[async_trait]
impl TenantDirectory for Tenants {
    async fn tenants(&self) -> Result<Vec<TenantSlug>, StoreError> {
        Ok(self.0.clone())
    }

    async fn tenant_of(&self, _: &ProfileId) -> Result<Option<TenantSlug>, StoreError> {
        Ok(None)
    }
}

/// A queue that is told to end once something was confirmed.
#[derive(Default)]
struct StopsAfterPage(AtomicBool);

impl Progress for StopsAfterPage {
    fn tell(&self, counts: &Counts) {
        if counts.of("confirmed") > 0 {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    fn is_stopping(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A marketplace that does not forget what was confirmed.
struct Forgetless(FakeLostPushes);

#[async_trait]
impl LostPushes for Forgetless {
    async fn lost_pushes(&self, app: &AppAccess) -> Result<LostPushPage, MarketplaceError> {
        let page = self.0.lost_pushes(app).await?;
        Ok(LostPushPage {
            has_more: true,
            ..page
        })
    }

    async fn confirm_lost_pushes(&self, _: &AppAccess, _: i64) -> Result<(), MarketplaceError> {
        Ok(())
    }
}

struct Recovery {
    world: World,
    lost: Arc<FakeLostPushes>,
    tenants: Vec<TenantSlug>,
}

impl Recovery {
    async fn new() -> Self {
        let world = World::with_stock(1000).await;
        let tenants = vec![world.tenant.clone()];
        Self {
            world,
            lost: Arc::default(),
            tenants,
        }
    }

    /// Two tenants that share one app: the usual shop, and another one of a tenant `other`.
    async fn of_two_tenants() -> Self {
        let mut recovery = Self::new().await;
        let other = examples::tenant("other");
        recovery.tenants.push(other.clone());
        recovery.world.store = Arc::new(InMemoryStore::with_tenants(recovery.tenants.clone()));
        let own = recovery.world.tenant.clone();
        recovery.save(&own, examples::profile(PROFILE)).await;
        recovery
            .save(&other, of_shop("prof_other", OTHER_SHOP))
            .await;
        recovery
    }

    fn other(&self) -> &TenantSlug {
        &self.tenants[1]
    }

    async fn save(&self, tenant: &TenantSlug, profile: NewProfile) {
        let mut uow = self.world.store.begin(tenant).await.unwrap();
        uow.profiles().save(&profile, noon()).await.unwrap();
        uow.commit().await.unwrap();
    }

    fn with(&self, lost: Arc<dyn LostPushes>) -> RecoverLostPushes {
        RecoverLostPushes {
            store: self.world.store.clone(),
            tenants: Arc::new(Tenants(self.tenants.clone())),
            lost,
            reader: self.world.pushes.clone(),
            sealer: Arc::new(PlainSealer),
            clock: self.world.clock.clone(),
            ids: self.world.ids.clone(),
            connector: ConnectorName::Shopee,
        }
    }

    async fn run(&self) -> Result<Counts, RecoveryError> {
        self.with(self.lost.clone()).run(&NoProgress).await
    }

    /// The app could not deliver a push of this content.
    fn lose(&self, content: PushContent) -> Vec<u8> {
        let shop = content.shop;
        let code = content.code;
        let body = format!("{}#{code}", content.content_key).into_bytes();
        self.world.pushes.put(body.clone(), content);
        self.lost.lose(PARTNER, lost(shop, code, &body));
        body
    }

    /// The app could not deliver the push of an order.
    fn lose_order(&self, shop: ShopId, number: &str) {
        self.lose(order(shop, number));
    }

    async fn events(&self, tenant: &TenantSlug) -> Vec<EventSummary> {
        let all = PageRequest {
            limit: 500,
            after: None,
        };
        let filter = EventFilter::default();
        let found = self.world.store.events(tenant, &filter, &all).await;
        found.unwrap().rows
    }

    async fn profile_of(&self, tenant: &TenantSlug, event: &EventSummary) -> Option<String> {
        let id = event.id.parse().unwrap();
        let found = self.world.store.event(tenant, id).await.unwrap();
        found.unwrap().profile_id
    }

    /// The bytes that an event came as.
    async fn kept(&self, tenant: &TenantSlug, event: &str) -> Vec<u8> {
        let mut uow = self.world.store.begin(tenant).await.unwrap();
        let found = uow.inbox().signed(event.parse().unwrap()).await.unwrap();
        found.unwrap().push.body
    }

    /// The store refuses what the next so many commits bring.
    fn refuse(&self, commits: usize) {
        for _ in 0..commits {
            self.world.store.fail_next_commit(StoreError::Refused {
                entity: "event",
                cause: "disk".into(),
            });
        }
    }

    /// The profiles of the tenant that is read first cannot be.
    fn hide_first_tenant(&self) {
        self.world.store.fail_next_begin(StoreError::Corrupt {
            entity: "profile",
            id: PROFILE.into(),
            cause: "a broken row".into(),
        });
    }

    fn left(&self) -> usize {
        self.lost.left(PARTNER).len()
    }
}

fn lost(shop: Option<ShopId>, code: i32, body: &[u8]) -> LostPush {
    LostPush {
        shop,
        code,
        lost_at: Some(noon()),
        body: body.to_vec(),
    }
}

fn order(shop: ShopId, number: &str) -> PushContent {
    PushContent {
        code: PushCode::ORDER_STATUS.0,
        shop: Some(shop),
        order_sn: Some(sn(number)),
        content_key: format!("{number}:digest-{shop}-3"),
        is_json: true,
        ..PushContent::default()
    }
}

fn cancelled(shops: Vec<ShopId>, sent_at: Timestamp) -> PushContent {
    PushContent {
        code: PushCode::AUTHORISATION_CANCELLED.0,
        partner_id: Some(PARTNER),
        authorised_shops: shops,
        sent_at: Some(sent_at),
        content_key: format!("2:{sent_at}"),
        is_json: true,
        ..PushContent::default()
    }
}

fn of_shop(id: &str, shop: ShopId) -> NewProfile {
    NewProfile {
        shop: Some(shop),
        ..examples::profile(id)
    }
}

fn at_another_host() -> NewProfile {
    NewProfile {
        base_url_override: Some("https://far.example.com/api/v2".into()),
        ..of_shop("prof_far", OTHER_SHOP)
    }
}

fn unavailable() -> MarketplaceError {
    MarketplaceError::Unavailable {
        endpoint: "push/get_lost_push_message",
        reason: "time-out".into(),
        cause: None,
    }
}

fn failures(result: Result<Counts, RecoveryError>) -> Vec<AppFailure> {
    match result {
        Err(RecoveryError::Apps { failed, .. }) => failed,
        other => panic!("no app failed: {other:?}"),
    }
}

#[tokio::test]
async fn every_order_of_an_outage_arrives_although_no_push_did() {
    let recovery = Recovery::new().await;
    let numbers: Vec<_> = (0..250).map(|number| format!("SN{number:03}")).collect();
    for number in &numbers {
        recovery.lose_order(SHOP, number);
        let snapshot = snapshot(number, OrderStatus::ReadyToShip);
        recovery.world.marketplace.put(snapshot);
    }
    let counts = recovery.run().await.unwrap();
    assert_eq!(counts.of("apps"), 1);
    assert_eq!((counts.of("pages"), counts.of("fetched")), (3, 250));
    assert_eq!((counts.of("stored"), counts.of("confirmed")), (250, 250));
    assert_eq!(recovery.left(), 0);
    recovery.world.work().await;
    for number in &numbers {
        recovery.world.order(number).await;
    }
}

#[tokio::test]
async fn what_came_by_both_roads_is_one_event() {
    let recovery = Recovery::new().await;
    let pushed = recovery.world.push(order(SHOP, "A1"));
    let receive = recovery.world.receive();
    receive
        .run(&recovery.world.tenant, &[pushed])
        .await
        .unwrap();
    recovery.lose_order(SHOP, "A1");
    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("stored"), counts.of("duplicates")), (0, 1));
    assert_eq!(counts.of("confirmed"), 1, "or it would block the queue");
    let [event] = recovery.world.events().await.try_into().unwrap();
    assert_eq!(event.source, "webhook");
}

#[tokio::test]
async fn an_empty_page_is_not_confirmed() {
    let recovery = Recovery::new().await;
    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("pages"), counts.of("fetched")), (1, 0));
    assert_eq!(recovery.lost.calls(LostPushCall::Confirm), 0);
}

#[tokio::test]
async fn nothing_is_confirmed_before_it_is_durable() {
    let recovery = Recovery::new().await;
    recovery.lose_order(SHOP, "A1");
    // As it is, alone, as bytes, and by its digest.
    recovery.refuse(4);
    let [failed] = failures(recovery.run().await).try_into().unwrap();
    assert_eq!(failed.partner_id, PARTNER);
    assert!(failed.why.contains("the store refused"), "{}", failed.why);
    assert_eq!(recovery.lost.calls(LostPushCall::Confirm), 0);
    assert_eq!(recovery.left(), 1);

    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("stored"), recovery.left()), (1, 0));
}

#[tokio::test]
async fn a_message_that_the_store_refuses_is_kept_as_it_came_and_blocks_nothing() {
    let recovery = Recovery::new().await;
    let body = recovery.lose(order(SHOP, "A1"));
    recovery.lose_order(SHOP, "B2");
    // Both together, and then the first alone.
    recovery.refuse(2);
    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("stored"), counts.of("unread")), (2, 1));
    assert_eq!((counts.of("confirmed"), recovery.left()), (2, 0));
    let events = recovery.world.events().await;
    let (read, unread): (Vec<_>, Vec<_>) = events.iter().partition(|event| event.code == 3);
    assert_eq!(read[0].order_sn.as_deref(), Some("B2"));
    assert_eq!((unread[0].code, unread[0].order_sn.as_deref()), (0, None));
    let tenant = &recovery.world.tenant;
    let kept = recovery.kept(tenant, &unread[0].id).await;
    assert_eq!(kept, body);
    let [open] = recovery.world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.error_class, "normalization_failed");
    assert_eq!(open.raw_event_id.as_deref(), Some(&*unread[0].id));
    for part in ["code 3", "disk", &unread[0].id, "hawker orders refresh A1"] {
        assert!(open.message.contains(part), "{part}: {}", open.message);
    }
}

#[tokio::test]
async fn a_message_whose_bytes_are_refused_as_well_is_kept_by_its_digest_and_blocks_nothing() {
    let recovery = Recovery::new().await;
    let body = recovery.lose(order(SHOP, "A1"));
    recovery.lose_order(SHOP, "B2");
    // Both together, the first alone, and its bytes.
    recovery.refuse(3);
    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("stored"), counts.of("unread")), (2, 1));
    assert_eq!((counts.of("confirmed"), recovery.left()), (2, 0));
    let events = recovery.world.events().await;
    let unread = events.iter().find(|event| event.code == 0).unwrap();
    let kept = recovery.kept(&recovery.world.tenant, &unread.id).await;
    let kept = String::from_utf8(kept).unwrap();
    let content = order(SHOP, "A1");
    assert!(kept.starts_with(&format!("{} bytes", body.len())), "{kept}");
    assert!(kept.ends_with(content.digest()), "{kept}");
    assert!(!kept.contains("A1"), "{kept}");
    let [open] = recovery.world.exceptions("open").await.try_into().unwrap();
    for part in ["number and digest", &unread.id, "hawker orders refresh A1"] {
        assert!(open.message.contains(part), "{part}: {}", open.message);
    }
}

#[tokio::test]
async fn a_message_that_is_refused_again_is_kept_once() {
    let recovery = Recovery::new().await;
    recovery.lose_order(SHOP, "A1");
    for _ in 0..2 {
        recovery.refuse(2);
        recovery.lost.lose_next_request(LostPushCall::Confirm);
        failures(recovery.run().await);
    }
    assert_eq!(recovery.world.events().await.len(), 1);
    let [open] = recovery.world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.retry_count, 0);
}

#[tokio::test]
async fn a_commit_that_met_a_conflict_is_repeated() {
    let recovery = Recovery::new().await;
    recovery.lose_order(SHOP, "A1");
    recovery.world.store.fail_next_commit(StoreError::Conflict {
        entity: "event",
        cause: None,
    });
    assert_eq!(recovery.run().await.unwrap().of("stored"), 1);
    assert_eq!(recovery.lost.calls(LostPushCall::Get), 1);
}

#[tokio::test]
async fn a_run_that_ends_between_storing_and_confirming_neither_loses_nor_doubles() {
    let recovery = Recovery::new().await;
    recovery.lose_order(SHOP, "A1");
    recovery.lost.lose_next_request(LostPushCall::Confirm);
    let [failed] = failures(recovery.run().await).try_into().unwrap();
    assert!(failed.why.contains("may be listed again"), "{}", failed.why);
    assert_eq!(recovery.left(), 1);
    assert_eq!(recovery.world.events().await.len(), 1);

    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("stored"), counts.of("duplicates")), (0, 1));
    assert_eq!(recovery.left(), 0);
    assert_eq!(recovery.world.events().await.len(), 1);
}

#[tokio::test]
async fn a_confirmation_whose_reply_is_lost_is_told_and_loses_nothing() {
    let recovery = Recovery::new().await;
    for number in 0..120 {
        recovery.lose_order(SHOP, &format!("SN{number}"));
    }
    recovery.lost.lose_next_reply(LostPushCall::Confirm);
    assert_eq!(failures(recovery.run().await).len(), 1);
    assert_eq!(recovery.left(), 20, "it was confirmed all the same");
    assert_eq!(recovery.world.events().await.len(), 100);
    recovery.run().await.unwrap();
    assert_eq!(recovery.world.events().await.len(), 120);
}

#[tokio::test]
async fn a_page_that_names_no_last_message_is_stored_and_told() {
    let recovery = Recovery::new().await;
    recovery.lose_order(SHOP, "A1");
    recovery.lost.leave_out_ids(true);
    let [failed] = failures(recovery.run().await).try_into().unwrap();
    assert!(
        failed.why.contains("names no last message"),
        "{}",
        failed.why
    );
    assert_eq!(recovery.lost.calls(LostPushCall::Confirm), 0);
    assert_eq!(recovery.world.events().await.len(), 1);
}

#[tokio::test]
async fn pushes_that_are_listed_although_they_were_confirmed_end_the_run_of_their_app() {
    let recovery = Recovery::new().await;
    recovery.lose_order(SHOP, "A1");
    let queue = FakeLostPushes::default();
    for push in recovery.lost.left(PARTNER) {
        queue.lose(PARTNER, push);
    }
    let recover = recovery.with(Arc::new(Forgetless(queue)));
    let [failed] = failures(recover.run(&NoProgress).await).try_into().unwrap();
    assert!(failed.why.contains("listed all the same"), "{}", failed.why);
    assert_eq!(recovery.world.events().await.len(), 1);
}

#[tokio::test]
async fn a_push_of_an_unknown_shop_is_kept_and_does_not_block_the_queue() {
    let recovery = Recovery::new().await;
    recovery.lose_order(OTHER_SHOP, "X1");
    recovery.lose_order(SHOP, "A1");
    let counts = recovery.run().await.unwrap();
    assert_eq!(counts.of("of_unknown_shops"), 1);
    assert_eq!((counts.of("stored"), recovery.left()), (2, 0));
    let events = recovery.world.events().await;
    let of_unknown = events
        .iter()
        .find(|event| event.order_sn.as_deref() == Some("X1"));
    let of_unknown = of_unknown.unwrap();
    let tenant = &recovery.world.tenant;
    assert_eq!(recovery.profile_of(tenant, of_unknown).await, None);
    assert_eq!(of_unknown.outcome.as_deref(), Some("recorded"));
    assert!(recovery.world.open().await.is_empty());
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_kept_and_told() {
    let recovery = Recovery::new().await;
    let body = b"{\"data\": broken";
    recovery.lost.lose(PARTNER, lost(Some(SHOP), 3, body));
    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("stored"), recovery.left()), (1, 0));
    let [event] = recovery.world.events().await.try_into().unwrap();
    assert_eq!((event.code, event.source.as_str()), (3, "poll"));
    assert_eq!(recovery.world.open().await, ["normalization_failed"]);
}

#[tokio::test]
async fn a_lost_push_of_a_profile_that_is_not_in_force_is_skipped() {
    let recovery = Recovery::new().await;
    let tenant = recovery.world.tenant.clone();
    recovery
        .save(&tenant, of_shop("prof_second", OTHER_SHOP))
        .await;
    recovery.lose_order(OTHER_SHOP, "B1");
    recovery.run().await.unwrap();
    let [event] = recovery.world.events().await.try_into().unwrap();
    let profile = recovery.profile_of(&tenant, &event).await;
    assert_eq!(profile.as_deref(), Some("prof_second"));
    assert_eq!(event.outcome.as_deref(), Some("skipped"));
}

#[tokio::test]
async fn two_profiles_of_one_app_are_one_queue() {
    let recovery = Recovery::new().await;
    let tenant = recovery.world.tenant.clone();
    recovery
        .save(&tenant, of_shop("prof_second", OTHER_SHOP))
        .await;
    recovery.lose_order(SHOP, "A1");
    recovery.lose_order(OTHER_SHOP, "B1");
    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("apps"), counts.of("stored")), (1, 2));
    assert_eq!(recovery.lost.calls(LostPushCall::Get), 1);
}

/// One app holds shops of every market, and a host is what one server reaches it by.
#[tokio::test]
async fn profiles_of_one_app_at_different_hosts_are_one_queue() {
    let recovery = Recovery::new().await;
    let tenant = recovery.world.tenant.clone();
    recovery.save(&tenant, at_another_host()).await;
    recovery.lose_order(SHOP, "A1");
    recovery.lose_order(OTHER_SHOP, "B1");
    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("apps"), counts.of("of_unknown_shops")), (1, 0));
    assert_eq!(recovery.lost.calls(LostPushCall::Get), 1);
    for event in recovery.world.events().await {
        let profile = recovery.profile_of(&tenant, &event).await;
        let is_other = event.order_sn.as_deref() == Some("B1");
        let expected = if is_other { "prof_far" } else { PROFILE };
        assert_eq!(profile.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn where_one_host_does_not_answer_that_of_another_profile_is_asked() {
    let recovery = Recovery::new().await;
    let tenant = recovery.world.tenant.clone();
    recovery.save(&tenant, at_another_host()).await;
    recovery.lose_order(SHOP, "A1");
    recovery.lost.fail_next(LostPushCall::Get, unavailable());
    assert_eq!(recovery.run().await.unwrap().of("confirmed"), 1);
    let asked = recovery.lost.asked().into_iter();
    let by: Vec<_> = asked.map(|(_, by)| by.to_string()).collect();
    assert_eq!(by, [PROFILE, "prof_far"]);
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_not_asked_with_another_key() {
    let recovery = Recovery::new().await;
    let newer = NewProfile {
        partner_key: Some(examples::sealed("newer-key")),
        ..of_shop("prof_second", OTHER_SHOP)
    };
    let tenant = recovery.world.tenant.clone();
    recovery.save(&tenant, newer).await;
    recovery.lost.fail_next(LostPushCall::Get, unavailable());
    assert_eq!(failures(recovery.run().await).len(), 1);
    assert_eq!(recovery.lost.calls(LostPushCall::Get), 1);
}

#[tokio::test]
async fn a_tenant_that_cannot_be_read_keeps_no_other_from_its_pushes() {
    let recovery = Recovery::of_two_tenants().await;
    recovery.lose_order(OTHER_SHOP, "B1");
    recovery.hide_first_tenant();
    let Err(RecoveryError::Apps {
        counts,
        failed,
        unread,
    }) = recovery.run().await
    else {
        panic!("somebody is to be told of the tenant");
    };
    assert_eq!((counts.of("confirmed"), failed.len()), (1, 0));
    assert_eq!(recovery.events(recovery.other()).await.len(), 1);
    let [unread] = unread.try_into().unwrap();
    assert_eq!(unread.tenant, recovery.world.tenant);
    assert!(unread.why.contains("a broken row"), "{}", unread.why);
}

#[tokio::test]
async fn what_may_be_meant_for_a_tenant_that_cannot_be_read_stays_in_the_queue() {
    let recovery = Recovery::of_two_tenants().await;
    recovery.lose_order(SHOP, "A1");
    recovery.lose_order(OTHER_SHOP, "B1");
    recovery.hide_first_tenant();
    let [failed] = failures(recovery.run().await).try_into().unwrap();
    assert!(failed.why.contains("1 of 2 pushes"), "{}", failed.why);
    assert_eq!(recovery.left(), 2);
    let [theirs] = recovery.events(recovery.other()).await.try_into().unwrap();
    assert_eq!(theirs.order_sn.as_deref(), Some("B1"), "and nothing else");

    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("stored"), counts.of("duplicates")), (1, 1));
    assert_eq!(
        (recovery.left(), recovery.world.events().await.len()),
        (0, 1)
    );
}

#[tokio::test]
async fn where_no_tenant_can_be_read_nothing_was_done() {
    let recovery = Recovery::new().await;
    recovery.hide_first_tenant();
    let error = recovery.run().await.unwrap_err();
    assert!(matches!(error, RecoveryError::Store(_)), "{error}");
}

#[tokio::test]
async fn each_tenant_is_told_of_its_own_apps_and_of_nothing_that_is_anothers() {
    let recovery = Recovery::of_two_tenants().await;
    let sealed_by_another = Sealed::from_stored("not plain".into());
    let broken = NewProfile {
        partner_id: Some(2_000_002),
        partner_key: Some(sealed_by_another),
        ..of_shop("prof_broken", OTHER_SHOP)
    };
    recovery.save(&recovery.other().clone(), broken).await;
    let without_key = NewProfile {
        partner_id: Some(2_000_002),
        partner_key: None,
        ..of_shop("prof_keyless", SHOP)
    };
    let own = recovery.world.tenant.clone();
    recovery.save(&own, without_key).await;
    recovery.lost.fail_next(LostPushCall::Get, unavailable());
    let told = recovery.run().await.unwrap_err().of_tenants();
    let [(first, to_own), (second, to_other)] = told.try_into().unwrap();
    assert_eq!((&first, &second), (&own, recovery.other()));
    assert!(to_own.contains(&format!("app {PARTNER}")), "{to_own}");
    assert!(to_own.contains("app 2000002"), "{to_own}");
    assert!(!to_own.contains("prof_broken"), "{to_own}");
    assert!(to_other.contains("prof_broken"), "{to_other}");
}

#[tokio::test]
async fn each_message_goes_to_the_tenant_of_its_shop() {
    let recovery = Recovery::of_two_tenants().await;
    recovery.lose_order(SHOP, "A1");
    recovery.lose_order(OTHER_SHOP, "B1");
    let counts = recovery.run().await.unwrap();
    assert_eq!((counts.of("apps"), counts.of("confirmed")), (1, 2));
    let [own] = recovery.world.events().await.try_into().unwrap();
    assert_eq!(own.order_sn.as_deref(), Some("A1"));
    let [theirs] = recovery.events(recovery.other()).await.try_into().unwrap();
    assert_eq!(theirs.order_sn.as_deref(), Some("B1"));
    let profile = recovery.profile_of(recovery.other(), &theirs).await;
    assert_eq!(profile.as_deref(), Some("prof_other"));
}

#[tokio::test]
async fn nothing_is_confirmed_before_every_tenant_has_its_part() {
    let recovery = Recovery::of_two_tenants().await;
    recovery.lose_order(SHOP, "A1");
    recovery.lose_order(OTHER_SHOP, "B1");
    recovery.refuse(4);
    failures(recovery.run().await);
    assert_eq!(recovery.left(), 2);
    assert!(recovery.world.events().await.is_empty());
    let theirs = recovery.events(recovery.other()).await;
    assert_eq!(theirs.len(), 1, "no tenant waits for another");
    recovery.run().await.unwrap();
    assert_eq!(recovery.world.events().await.len(), 1);
    assert_eq!(recovery.events(recovery.other()).await.len(), 1);
    assert_eq!(recovery.left(), 0);
}

#[tokio::test]
async fn an_authorisation_that_was_taken_back_ends_the_pair() {
    let recovery = Recovery::new().await;
    let sent_at = noon() + TimeDelta::hours(1);
    recovery.lose(cancelled(vec![SHOP], sent_at));
    recovery.world.clock.advance(TimeDelta::hours(2));
    recovery.run().await.unwrap();
    assert_eq!(recovery.world.pair().await.state, TokenState::Revoked);
    assert_eq!(recovery.world.open().await, ["token_expired"]);
}

#[tokio::test]
async fn an_authorisation_that_was_given_after_a_lost_push_was_sent_is_not_harmed_by_it() {
    let recovery = Recovery::new().await;
    recovery.lose(cancelled(vec![SHOP], noon() - TimeDelta::hours(1)));
    recovery.world.clock.advance(TimeDelta::hours(2));
    recovery.run().await.unwrap();
    assert_eq!(recovery.world.pair().await.state, TokenState::Active);
}

#[tokio::test]
async fn a_message_about_authorisations_reaches_every_tenant_of_the_app() {
    let recovery = Recovery::of_two_tenants().await;
    let token = NewToken {
        shop: OTHER_SHOP,
        ..examples::token("prof_other", &*recovery.world.ids)
    };
    let mut uow = recovery.world.store.begin(recovery.other()).await.unwrap();
    uow.tokens().keep(&token, noon()).await.unwrap();
    uow.commit().await.unwrap();
    let sent_at = noon() + TimeDelta::hours(1);
    recovery.lose(cancelled(vec![OTHER_SHOP], sent_at));
    recovery.world.clock.advance(TimeDelta::hours(2));
    recovery.run().await.unwrap();

    let key = TokenKey {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        shop: OTHER_SHOP,
    };
    let mut uow = recovery.world.store.begin(recovery.other()).await.unwrap();
    let pair = uow.tokens().find(key).await.unwrap().unwrap();
    assert_eq!(pair.state, TokenState::Revoked);
}

#[tokio::test]
async fn a_tenant_is_not_told_of_the_authorisations_of_others() {
    let recovery = Recovery::of_two_tenants().await;
    recovery.lose(PushContent {
        code: PushCode::AUTHORISATION_EXPIRY.0,
        expiring_shops: vec![SHOP, OTHER_SHOP],
        expires_before: Some(noon() + TimeDelta::days(7)),
        content_key: "12".into(),
        is_json: true,
        ..PushContent::default()
    });
    recovery.run().await.unwrap();
    let open = recovery.world.exceptions("open").await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].cause, format!("authorisation-expiry:{SHOP}"));
}

#[tokio::test]
async fn an_app_whose_key_cannot_be_read_fails_alone() {
    let recovery = Recovery::new().await;
    let sealed_by_another = Sealed::from_stored("not plain".into());
    let broken = NewProfile {
        partner_id: Some(2_000_002),
        partner_key: Some(sealed_by_another),
        ..of_shop("prof_broken", OTHER_SHOP)
    };
    let tenant = recovery.world.tenant.clone();
    recovery.save(&tenant, broken).await;
    recovery.lose_order(SHOP, "A1");
    let Err(RecoveryError::Apps { counts, failed, .. }) = recovery.run().await else {
        panic!("the other app cannot be called");
    };
    assert_eq!((counts.of("apps"), counts.of("stored")), (2, 1));
    let [failed] = failed.try_into().unwrap();
    assert_eq!(failed.partner_id, 2_000_002);
    assert!(failed.why.contains("prof_broken"), "{}", failed.why);
    assert_eq!(recovery.left(), 0);
}

#[tokio::test]
async fn where_one_key_is_not_accepted_that_of_another_profile_is_tried() {
    let recovery = Recovery::new().await;
    let newer = NewProfile {
        partner_key: Some(examples::sealed("newer-key")),
        ..of_shop("prof_second", OTHER_SHOP)
    };
    let tenant = recovery.world.tenant.clone();
    recovery.save(&tenant, newer).await;
    recovery.lose_order(SHOP, "A1");
    let refused = MarketplaceError::Misconfigured {
        endpoint: "push/get_lost_push_message",
        fault: Fault::Sign,
        code: "error_sign".into(),
        message: "Wrong sign.".into(),
        request_id: None,
    };
    recovery.lost.fail_next(LostPushCall::Get, refused);
    assert_eq!(recovery.run().await.unwrap().of("stored"), 1);
    let asked: Vec<_> = recovery
        .lost
        .asked()
        .into_iter()
        .map(|(_, by)| by)
        .collect();
    assert_eq!(asked.len(), 2);
    assert_ne!(asked[0], asked[1]);
}

#[tokio::test]
async fn a_run_fetches_so_many_pages_of_an_app_and_no_more() {
    let recovery = Recovery::new().await;
    let pages = i64::from(PAGES_PER_RUN);
    for number in 0..=pages * 100 {
        recovery.lose_order(SHOP, &format!("SN{number}"));
    }
    let counts = recovery.run().await.unwrap();
    assert_eq!(counts.of("pages"), u64::from(PAGES_PER_RUN));
    assert_eq!((counts.of("unfinished"), recovery.left()), (1, 1));
    assert_eq!(recovery.run().await.unwrap().of("unfinished"), 0);
    assert_eq!(recovery.left(), 0);
}

#[tokio::test]
async fn a_run_that_is_to_end_ends_between_two_pages() {
    let recovery = Recovery::new().await;
    for number in 0..150 {
        recovery.lose_order(SHOP, &format!("SN{number}"));
    }
    let recover = recovery.with(recovery.lost.clone());
    let stopped = recover.run(&StopsAfterPage::default()).await.unwrap_err();
    assert!(
        matches!(stopped, RecoveryError::Stopped { .. }),
        "{stopped}"
    );
    assert_eq!(stopped.counts().of("confirmed"), 100);
    assert_eq!(recovery.left(), 50);
}
