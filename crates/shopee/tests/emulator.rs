//! Recovery and payouts against the emulator: what it loses is found again, what it pays is explained.

use std::sync::{Arc, LazyLock};

use chrono::TimeDelta;
use hawker_domain::completeness::Window;
use hawker_domain::escrow::computed;
use hawker_domain::ids::ProfileId;
use hawker_domain::order::{OrderStatus, ReturnStatus};
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_ports::Marketplace;
use hawker_ports::marketplace::{AppAccess, ShopAccess};
use hawker_ports::metrics::NoMetrics;
use hawker_ports::parcels::{ParcelTracker, Tracking};
use hawker_ports::pushes::PushReader;
use hawker_ports::recovery::{ListedBy, LostPushes, OrderListQuery, OrderLister, ReleaseLister};
use hawker_ports::returns::ReturnLister;
use hawker_ports::testing::FrozenClock;
use hawker_shopee::client::{
    CallPolicy, RateLimits, ShopeeApi, ShopeeMarketplace, http_client_builder,
};
use hawker_shopee::push::ShopeePushes;
use hawker_shopee_emulator::{
    Emulator, EmulatorConfig, MissingEscrows, NewLine, NewOrder, PushPolicy, ReturnOutcome,
    SteppedWall,
};

const TOKEN: &str = "local";

/// An emulator whose clock stands still, and the way to its first shop.
struct Stage {
    emulator: Emulator,
    marketplace: ShopeeMarketplace,
    app: AppAccess,
    shop: ShopAccess,
    now: Timestamp,
}

impl Stage {
    async fn new() -> Self {
        /// TLS needs a provider, even where nothing is encrypted.
        static TLS: LazyLock<bool> = LazyLock::new(|| {
            rustls::crypto::ring::default_provider()
                .install_default()
                .is_ok()
        });
        assert!(*TLS, "another provider was installed");
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().expect("a time");
        let config = EmulatorConfig {
            shop_time: Some(now.timestamp()),
            wall: Arc::new(SteppedWall::at(now.timestamp())),
            ..EmulatorConfig::default()
        };
        let config = config
            .with_token(TOKEN)
            .at_speed(0.0)
            .pushing_to("http://127.0.0.1:9/nobody");
        let (app, shop) = (config.apps[0].clone(), config.shops[0].clone());
        let emulator = Emulator::start(config).await.expect("the emulator");
        emulator.set_push_policy(PushPolicy {
            drop: 1.0,
            dropped_are_lost: true,
            ..PushPolicy::default()
        });
        let api = ShopeeApi::new(
            http_client_builder().no_proxy().build().expect("a client"),
            Arc::new(FrozenClock::at(now)),
            Arc::new(NoMetrics),
            CallPolicy::default(),
            RateLimits::default(),
        );
        let profile = ProfileId::parse("prof_01").expect("a profile id");
        Self {
            marketplace: ShopeeMarketplace::new(Arc::new(api)),
            app: AppAccess {
                profile: profile.clone(),
                base_url: emulator.base_url(),
                partner_id: app.partner_id,
                partner_key: app.partner_key.as_str().into(),
            },
            shop: ShopAccess {
                profile,
                base_url: emulator.base_url(),
                partner_id: app.partner_id,
                partner_key: app.partner_key.as_str().into(),
                shop: ShopId(shop.shop_id),
                access_token: TOKEN.into(),
            },
            emulator,
            now,
        }
    }

    /// An order of one card that was paid.
    fn paid(&self) -> OrderSn {
        let order = NewOrder::of([NewLine::new("POK-OBF-223-NM-EN", 88.into())]);
        let sn = self.emulator.place(order.paid_at_once()).expect("an order");
        number(&sn)
    }

    /// An order that was completed.
    fn completed(&self) -> OrderSn {
        let order = NewOrder::of([NewLine::new("POK-OBF-223-NM-EN", 88.into())]);
        let sn = self.emulator.place(order.paid_at_once()).expect("an order");
        self.emulator.arrange_shipment(&sn).expect("a shipment");
        self.emulator.pick_up(&sn).expect("a parcel");
        self.emulator.complete(&sn).expect("an end");
        number(&sn)
    }

    /// The day around now.
    fn today(&self) -> Window {
        Window {
            from: self.now - TimeDelta::hours(12),
            to: self.now + TimeDelta::hours(12),
        }
    }
}

fn number(sn: &hawker_shopee_emulator::OrderSn) -> OrderSn {
    OrderSn::parse(sn.as_str()).expect("an order number")
}

#[tokio::test]
async fn every_push_that_was_lost_is_found_in_the_queue_page_by_page() {
    let stage = Stage::new().await;
    let mut placed: Vec<OrderSn> = (0..250).map(|_| stage.paid()).collect();
    let lost = usize::try_from(stage.emulator.stats().pushes.lost).expect("a number");
    assert!(lost >= 250, "{lost} pushes were lost");

    let (mut found, mut count, mut sizes) = (Vec::new(), 0, Vec::new());
    loop {
        let page = stage
            .marketplace
            .lost_pushes(&stage.app)
            .await
            .expect("a page");
        assert_eq!(
            page.has_more,
            page.pushes.len() == 100 && count + 100 < lost
        );
        let Some(newest) = page.last_message_id else {
            break;
        };
        count += page.pushes.len();
        sizes.push(page.pushes.len());
        for push in &page.pushes {
            assert_eq!(push.shop, Some(stage.shop.shop));
            assert_eq!(push.lost_at, Some(stage.now));
            let content = ShopeePushes.read(&push.body);
            assert_eq!((content.code, content.shop), (push.code, push.shop));
            found.extend(content.order_sn);
        }
        stage
            .marketplace
            .confirm_lost_pushes(&stage.app, newest)
            .await
            .expect("it is confirmed");
    }
    assert_eq!(count, lost, "each once");
    assert_eq!(sizes.len(), lost.div_ceil(100));
    found.sort();
    found.dedup();
    placed.sort();
    assert_eq!(found, placed);
}

#[tokio::test]
async fn every_order_of_a_window_is_listed_once_with_its_status() {
    let stage = Stage::new().await;
    let mut placed: Vec<OrderSn> = (0..130).map(|_| stage.paid()).collect();
    placed.sort();
    for by in [ListedBy::Created, ListedBy::Updated] {
        let mut query = OrderListQuery {
            by,
            window: stage.today(),
            after: None,
        };
        let (mut listed, mut pages) = (Vec::new(), 0);
        loop {
            let page = stage
                .marketplace
                .list_orders(&stage.shop, &query)
                .await
                .expect("a page");
            pages += 1;
            for order in page.orders {
                assert_eq!(order.status, Some(OrderStatus::ReadyToShip));
                listed.push(order.order_sn);
            }
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(pages, 2);
        listed.sort();
        assert_eq!(listed, placed);
    }
}

#[tokio::test]
async fn a_window_ends_before_the_second_with_which_the_next_begins() {
    let stage = Stage::new().await;
    let order = stage.paid();
    let listed = |window| {
        let query = OrderListQuery {
            by: ListedBy::Created,
            window,
            after: None,
        };
        let (marketplace, shop) = (&stage.marketplace, &stage.shop);
        async move {
            let page = marketplace.list_orders(shop, &query).await.expect("a page");
            let orders = page.orders.into_iter().map(|order| order.order_sn);
            orders.collect::<Vec<_>>()
        }
    };
    let created = stage.emulator.orders()[0].create_time;
    let created = Timestamp::from_timestamp(created, 0).expect("a time");
    let hour = TimeDelta::hours(1);
    let before = Window {
        from: created - hour,
        to: created,
    };
    let after = Window {
        from: created,
        to: created + hour,
    };
    assert_eq!(listed(before).await, []);
    assert_eq!(listed(after).await, [order]);
}

#[tokio::test]
async fn payouts_are_fetched_in_a_batch_whichever_way_the_missing_ones_are_told() {
    let stage = Stage::new().await;
    let unfinished = stage.paid();
    let mut done: Vec<OrderSn> = (0..3).map(|_| stage.completed()).collect();
    done.sort();
    let unknown = OrderSn::parse("260101UNKNOWN1").expect("an order number");
    for missing in [MissingEscrows::Marked, MissingEscrows::Omitted] {
        stage.emulator.set_missing_escrows(missing);
        let mut asked = done.clone();
        asked.extend([unfinished.clone(), unknown.clone()]);
        let fetched = stage.marketplace.escrow_details(&stage.shop, &asked).await;
        let fetched = fetched.expect("payouts");
        let mut numbers: Vec<_> = fetched
            .iter()
            .map(|payout| payout.order_sn.clone())
            .collect();
        numbers.sort();
        assert_eq!(numbers, done);
        for payout in fetched {
            let answer = payout.answer.expect("it is understood");
            assert_eq!(computed(&answer.income), answer.amounts.escrow_amount);
        }
        let none = [unfinished.clone(), unknown.clone()];
        let fetched = stage.marketplace.escrow_details(&stage.shop, &none).await;
        assert!(fetched.expect("no payouts").is_empty());
    }
}

#[tokio::test]
async fn what_was_released_is_listed_with_what_it_came_to() {
    let stage = Stage::new().await;
    let order = stage.completed();
    let page = stage
        .marketplace
        .list_releases(&stage.shop, stage.today(), 1)
        .await;
    let page = page.expect("a page");
    let [release] = &page.releases[..] else {
        panic!("one release: {page:?}");
    };
    assert_eq!(release.order_sn, order);
    assert!(!page.has_more);
    let [payout] = stage
        .marketplace
        .escrow_details(&stage.shop, std::slice::from_ref(&order))
        .await
        .expect("a payout")
        .try_into()
        .expect("one payout");
    let amounts = payout.answer.expect("it is understood").amounts;
    assert_eq!(release.payout, Some(amounts.escrow_amount));
}

#[tokio::test]
async fn a_return_is_listed_with_its_deadline_until_it_is_over() {
    let stage = Stage::new().await;
    let order = stage.completed();
    let sn = order.as_str().into();
    stage
        .emulator
        .open_return(&sn, &[], "Damaged")
        .expect("a return");
    let only = async || {
        let page = stage
            .marketplace
            .list_returns(&stage.shop, stage.today(), 1)
            .await
            .expect("a page");
        assert!(!page.has_more);
        let [only] = page.returns.try_into().expect("one return");
        only
    };
    let open = only().await;
    assert_eq!(
        (open.order_sn, open.status),
        (order, ReturnStatus::Requested)
    );
    assert!(open.needs_seller);
    let opened_at = stage.emulator.order(&sn).expect("it").returns[0].opened_at;
    let due_at = Timestamp::from_timestamp(opened_at + 2 * 86_400, 0);
    assert_eq!(open.due_at, due_at);

    stage
        .emulator
        .close_return(&sn, ReturnOutcome::Closed)
        .expect("an end");
    let over = only().await;
    assert_eq!(
        (over.status, over.needs_seller, over.due_at),
        (ReturnStatus::Closed, false, None)
    );
}

#[tokio::test]
async fn a_parcel_has_its_number_once_the_courier_names_it() {
    let stage = Stage::new().await;
    let order = NewOrder::of([NewLine::new("CARD", 88.into())]);
    let sn = stage
        .emulator
        .place(order.paid_at_once().tracked_later())
        .expect("an order");
    stage.emulator.arrange_shipment(&sn).expect("arranged");
    let package = || stage.emulator.order(&sn).expect("it").packages[0].clone();
    let number = package().package_number.to_string();
    let asked = [number.clone(), "OFG0".to_owned()];
    let told = async || {
        stage
            .marketplace
            .tracking_numbers(&stage.shop, &asked)
            .await
            .expect("an answer")
    };
    assert_eq!(told().await, []);
    stage.emulator.assign_tracking(&sn).expect("a number");
    let expected = Tracking {
        package_number: number,
        tracking_number: package().tracking_number.expect("a number"),
        is_pushed: false,
    };
    assert_eq!(told().await, [expected]);
}
