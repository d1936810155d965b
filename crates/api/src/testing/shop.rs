//! What happened at the shop of a test: orders that were worked on, exceptions, payouts.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Adjustment, Escrow, EscrowAmounts, Income};
use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::ExceptionId;
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_domain::retry::RetryPolicy;
use hawker_domain::{ConnectorName, Currency, Environment, TenantSlug, Timestamp};
use hawker_ports::Store as _;
use hawker_ports::testing::RecordingMetrics;
use hawker_ports::testing::examples::{SKU, noon, order_sn, profile_id, push, sku, snapshot};
use hawker_usecases::add_variants::{Place, VariantToAdd};
use hawker_usecases::{AddVariants, RefreshOrders};
use rust_decimal::Decimal;

use super::World;
use super::world::done;

impl World {
    /// The card that the orders are of, with stock.
    pub(crate) fn stock(&self) {
        let add = AddVariants {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        let place = Place {
            code: "main".into(),
            name: "Main".into(),
            priority: 0,
        };
        let card = VariantToAdd {
            sku: sku(SKU),
            title: "Card".into(),
            price: None,
            stock: vec![("main".into(), 100)],
        };
        let tenant = TenantSlug::default_tenant();
        let (places, cards) = ([place], [card]);
        let added = add.run(&tenant, &places, &cards, "test", "opening stock");
        done(added).expect("added");
    }

    /// An order of the sandbox profile came in and was worked on.
    pub(crate) fn order(&self, profile: &str, number: &str, status: OrderStatus) {
        self.apply(profile, snapshot(number, status));
    }

    fn apply(&self, profile: &str, snapshot: OrderSnapshot) {
        let number = snapshot.order_sn.to_string();
        self.store_event(push(profile, &number, noon(), &*self.ids));
        self.marketplace.put(snapshot);
        let refresh = RefreshOrders {
            store: self.store.clone(),
            marketplace: self.marketplace.clone(),
            tokens: Arc::new(self.tokens()),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: Arc::new(RecordingMetrics::default()),
            retry: RetryPolicy::ORDER,
        };
        done(refresh.run(&TenantSlug::default_tenant())).expect("a store");
    }

    /// Orders of a profile cannot go on for want of a SKU; answers the exceptions.
    pub(crate) fn lack_sku(&self, profile: &str, sku: &str, numbers: &[&str]) -> Vec<String> {
        self.lack_sku_in(Environment::Sandbox, profile, sku, numbers)
    }

    /// The same in this environment.
    pub(crate) fn lack_sku_in(
        &self,
        environment: Environment,
        profile: &str,
        sku: &str,
        numbers: &[&str],
    ) -> Vec<String> {
        let raised: Vec<_> = numbers
            .iter()
            .map(|number| RaisedException {
                id: ExceptionId::fresh(&*self.ids),
                subject: Subject {
                    connector: ConnectorName::Shopee,
                    environment,
                    profile: Some(profile_id(profile)),
                    shop: None,
                    order_sn: Some(order_sn(number)),
                    event: None,
                },
                cause: Cause {
                    class: ErrorClass::SkuNotFound,
                    key: format!("sku:{sku}"),
                    message: format!("No variant has the SKU {sku}: add it."),
                    due_at: None,
                },
                occurrences: 1,
            })
            .collect();
        done(async {
            let mut uow = self.begin().await;
            uow.exceptions().raise(&raised, noon()).await.expect("kept");
            uow.commit().await.expect("committed");
        });
        raised.iter().map(|one| one.id.to_string()).collect()
    }

    /// Payouts were captured.
    pub(crate) fn capture(&self, escrows: &[Escrow]) {
        done(async {
            let mut uow = self.begin().await;
            uow.escrow().keep(escrows).await.expect("kept");
            uow.commit().await.expect("committed");
        });
    }

    async fn begin(&self) -> Box<dyn hawker_ports::UnitOfWork> {
        let tenant = TenantSlug::default_tenant();
        self.store.begin(&tenant).await.expect("a store")
    }
}

/// What is paid out for an order, released at noon: 88.00 less 1.87 and 1.76, of which the formula
/// explains all but the cents that are `unexplained`.
pub(crate) fn escrow(number: &str, fetched_at: Timestamp, unexplained: i64) -> Escrow {
    let amount = |cents| Decimal::new(cents, 2);
    let parts = [
        ("original_cost_of_goods_sold", 8_800),
        ("commission_fee", 187),
        ("seller_transaction_fee", 176),
        ("service_fee", 0),
    ];
    let parts = parts.map(|(name, cents)| (name.to_owned(), amount(cents)));
    let amounts = EscrowAmounts {
        escrow_amount: amount(8_437 + unexplained),
        original_price: amount(8_800),
        seller_discount: Decimal::ZERO,
        shopee_discount: Decimal::ZERO,
        voucher_from_seller: Decimal::ZERO,
        voucher_from_shopee: Decimal::ZERO,
        commission_fee: amount(187),
        service_fee: Decimal::ZERO,
        seller_transaction_fee: amount(176),
        actual_shipping_fee: Decimal::ZERO,
        seller_lost_compensation: Decimal::ZERO,
        buyer_total_amount: amount(8_800),
    };
    let income = Income {
        parts: parts.into(),
        ..Income::default()
    };
    let key = OrderKey {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        order_sn: order_sn(number),
    };
    let mut escrow = Escrow::captured(key, Currency::SGD, amounts, income, "{}".into(), fetched_at);
    escrow.released_at = Some(noon());
    escrow
}

/// The same a day later, after 2.00 were taken back.
pub(crate) fn adjusted(mut escrow: Escrow) -> Escrow {
    escrow.fetched_at += TimeDelta::days(1);
    escrow.income.adjustments.push(Adjustment {
        amount: Decimal::new(-200, 2),
        at: Some(escrow.fetched_at),
        currency: None,
        reason: "=SUM(\"parcel\", overweight)".to_owned(),
    });
    escrow
}
