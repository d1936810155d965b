//! Looking at what the service made of it all, and waiting until it has.

use hawker_domain::OrderSn;
use hawker_ports::views::{
    Backlog, EventDetail, EventFilter, EventSummary, ExceptionFilter, ExceptionSummary,
    OrderDetail, PageRequest, Views as _,
};

use crate::{Bench, assert_agrees, until};

/// All rows that a page may have; no test makes more of what it lists.
const EVERYTHING: PageRequest = PageRequest {
    limit: 500,
    after: None,
};

impl Bench {
    /// Waits until no push is under way and nothing is due or being worked on.
    pub async fn settled(&self) {
        self.emulator.idle().await;
        self.rests(|backlog| backlog.due == 0 && backlog.leased == 0)
            .await;
    }

    /// Waits until nothing is left to do, not even later.
    pub async fn finished(&self) {
        self.emulator.idle().await;
        self.rests(|backlog| (backlog.due, backlog.leased, backlog.waiting) == (0, 0, 0))
            .await;
    }

    /// Waits until the backlog is such.
    async fn rests(&self, is_so: impl Fn(&Backlog) -> bool) {
        let rests = async || is_so(&self.backlog().await).then_some(());
        until("the service to come to rest", rests, async || {
            let pending = EventFilter {
                processed: Some(false),
                ..EventFilter::default()
            };
            format!(
                "{:#?}\n{:#?}\n{:#?}",
                self.backlog().await,
                self.events(pending).await,
                self.open_exceptions().await
            )
        })
        .await;
    }

    /// Waits until the service rests, and asserts that we hold what the shop holds.
    pub async fn agrees(&self) {
        self.settled().await;
        assert_agrees(self).await;
    }

    /// Waits until we say so of an order.
    pub async fn until_order(&self, number: &str, is_so: impl Fn(&OrderDetail) -> bool) {
        let looked = async || self.order(number).await.filter(|order| is_so(order));
        until(
            &format!("order {number} to be so"),
            async || looked().await.map(drop),
            async || {
                format!(
                    "{:#?}\n{:#?}",
                    self.order(number).await,
                    self.open_exceptions().await
                )
            },
        )
        .await;
    }

    /// Waits until so many exceptions of a class are open.
    pub async fn until_open(&self, class: &str, number: usize) {
        let is_so = async || {
            let open = self.open_classes().await;
            (open.iter().filter(|known| *known == class).count() == number).then_some(())
        };
        until(
            &format!("{number} open exceptions of the class {class}"),
            is_so,
            async || format!("{:#?}", self.open_exceptions().await),
        )
        .await;
    }

    /// How much work waits.
    pub async fn backlog(&self) -> Backlog {
        let (clock, _) = hawker_app::system();
        self.store
            .backlog(&self.tenant, clock.now())
            .await
            .expect("the backlog")
    }

    /// An order as an operator sees it.
    pub async fn order(&self, number: &str) -> Option<OrderDetail> {
        let number = OrderSn::parse(number).expect("an order number");
        self.store
            .order(&self.tenant, &number)
            .await
            .expect("the order")
    }

    /// An order that is there.
    pub async fn known_order(&self, number: &str) -> OrderDetail {
        let order = self.order(number).await;
        order.unwrap_or_else(|| panic!("there is no order {number}"))
    }

    /// What happened to an order, without the parcels' own small steps: whether these come one by
    /// one depends on which push is worked on first.
    pub async fn steps(&self, number: &str) -> Vec<String> {
        let order = self.known_order(number).await;
        let steps = order.timeline.into_iter().map(|entry| entry.step);
        steps.filter(|step| step != "shipment_updated").collect()
    }

    /// Events, newest first.
    pub async fn events(&self, filter: EventFilter) -> Vec<EventSummary> {
        self.store
            .events(&self.tenant, &filter, &EVERYTHING)
            .await
            .expect("events")
            .rows
    }

    /// The newest event, whole.
    pub async fn newest_event(&self) -> EventDetail {
        let events = self.events(EventFilter::default()).await;
        let id = events.first().expect("an event").id.clone();
        self.event(&id).await
    }

    /// An event, whole.
    pub async fn event(&self, id: &str) -> EventDetail {
        let id = id.parse().expect("an event id");
        let event = self.store.event(&self.tenant, id).await;
        event.expect("the event").expect("it is there")
    }

    /// Open exceptions, newest first.
    pub async fn open_exceptions(&self) -> Vec<ExceptionSummary> {
        self.exceptions(Some("open")).await
    }

    /// Exceptions of a status, or all, newest first.
    pub async fn exceptions(&self, status: Option<&str>) -> Vec<ExceptionSummary> {
        let filter = ExceptionFilter {
            status: status.map(str::to_owned),
            ..ExceptionFilter::default()
        };
        self.store
            .exceptions(&self.tenant, &filter, &EVERYTHING)
            .await
            .expect("exceptions")
            .rows
    }

    /// The classes of the open exceptions, sorted.
    pub async fn open_classes(&self) -> Vec<String> {
        let open = self.open_exceptions().await;
        let mut classes: Vec<_> = open
            .into_iter()
            .map(|exception| exception.error_class)
            .collect();
        classes.sort();
        classes
    }

    /// Waits until nothing is left to be told of what is open, nor of what is over; answers the
    /// payloads of all alerts, oldest first.
    pub async fn told_alerts(&self) -> Vec<serde_json::Value> {
        const LEFT: &str = "SELECT
            (SELECT count(*) FROM tenant_default.connector_exception
             WHERE status = 'open' AND told_in IS NULL)
            + (SELECT count(*) FROM tenant_default.connector_alert_thread WHERE due_at <= now())";
        until(
            "everything to be told",
            async || (self.count(LEFT).await == 0).then_some(()),
            async || format!("{:#?}", self.open_exceptions().await),
        )
        .await;
        self.alerts().await
    }

    /// The payloads of all alerts, oldest first.
    pub async fn alerts(&self) -> Vec<serde_json::Value> {
        sqlx::query_scalar("SELECT payload FROM tenant_default.connector_alert ORDER BY id")
            .fetch_all(self.store.pool())
            .await
            .expect("alerts")
    }

    /// What a query counts.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(self.store.pool())
            .await
            .expect("a count")
    }

    /// Runs a statement of an operator; answers how many rows it changed.
    pub async fn execute(&self, statement: &'static str) -> u64 {
        sqlx::query(statement)
            .execute(self.store.pool())
            .await
            .expect("the statement runs")
            .rows_affected()
    }

    /// Pieces of a SKU over all places: on hand and reserved.
    pub async fn stock(&self, sku: &str) -> (i64, i64) {
        sqlx::query_as(
            "SELECT coalesce(sum(l.on_hand), 0)::bigint, coalesce(sum(l.reserved), 0)::bigint
             FROM tenant_default.product_variant v
             JOIN tenant_default.stock_level l ON l.variant_id = v.id
             WHERE v.sku = $1",
        )
        .bind(sku)
        .fetch_one(self.store.pool())
        .await
        .expect("the stock")
    }
}
