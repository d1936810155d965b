//! Payouts: orders that are due in `connector_order`, what was captured in `shopee_escrow`.
//!
//! `escrow_due_at` is queue and lease in one: a claim moves it to the end of its lease, and a report
//! counts only while it stands there.

use async_trait::async_trait;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Escrow, EscrowAmounts};
use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::escrow::{DueEscrow, EscrowRepository};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::fault::{Fault, read};
use crate::text::storable_json_text;
use crate::unit_of_work::PgUnitOfWork;

const ESCROW: &str = "escrow";

#[async_trait]
impl EscrowRepository for PgUnitOfWork {
    async fn claim_due(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueEscrow>, StoreError> {
        let done = claim_due(self.enter()?, now, lease_until, at_most).await;
        self.leave(ESCROW, done)
    }

    async fn keep(&mut self, escrows: &[Escrow]) -> Result<(), StoreError> {
        let done = keep(self.enter()?, escrows).await;
        self.leave(ESCROW, done)
    }

    async fn find(&mut self, order: &OrderKey) -> Result<Option<Escrow>, StoreError> {
        let done = find(self.enter()?, order).await;
        self.leave(ESCROW, done)
    }

    async fn finish(&mut self, claimed: &[DueEscrow]) -> Result<(), StoreError> {
        let done = report(self.enter()?, claimed, None).await;
        self.leave(ESCROW, done)
    }

    async fn postpone(
        &mut self,
        claimed: &[DueEscrow],
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let done = report(self.enter()?, claimed, Some(until)).await;
        self.leave(ESCROW, done)
    }

    async fn rest(
        &mut self,
        profile: &ProfileId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let done = rest(self.enter()?, profile, now, until).await;
        self.leave(ESCROW, done)
    }
}

/// An order becomes due when it is written, so its currency is known; what somebody made due by hand
/// before that waits until it is.
async fn claim_due(
    connection: &mut PgConnection,
    now: Timestamp,
    lease_until: Timestamp,
    at_most: u32,
) -> Result<Vec<DueEscrow>, Fault> {
    let mut claimed = sqlx::query!(
        r#"
        UPDATE connector_order AS known
        SET escrow_due_at = $2
        FROM (
            SELECT id, escrow_due_at FROM connector_order
            WHERE escrow_due_at <= $1 AND currency IS NOT NULL
            ORDER BY escrow_due_at, id
            LIMIT $3
            FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE known.id = due.id
        RETURNING known.id, known.connector, known.environment, known.order_sn, known.profile_id,
                  known.currency AS "currency!",
                  coalesce(known.marketplace_updated_at, known.created_at) AS "completed_at!",
                  known.escrow_due_at AS "leased_until!", due.escrow_due_at AS "due_since!"
        "#,
        now,
        lease_until,
        i64::from(at_most),
    )
    .fetch_all(connection)
    .await?;
    claimed.sort_by(|a, b| (a.due_since, &a.id).cmp(&(b.due_since, &b.id)));
    claimed
        .into_iter()
        .map(|row| {
            let malformed = |what: &str| Fault::corrupt("order", &row.id, what);
            Ok(DueEscrow {
                sync: read("order", &row.id, &row.id)?,
                key: OrderKey {
                    connector: read("order", &row.id, &row.connector)?,
                    environment: read("order", &row.id, &row.environment)?,
                    order_sn: OrderSn::parse(&row.order_sn)
                        .ok_or_else(|| malformed("the order number is malformed"))?,
                },
                profile: ProfileId::parse(&row.profile_id)
                    .ok_or_else(|| malformed("the profile's id is malformed"))?,
                currency: read("order", &row.id, &row.currency)?,
                completed_at: row.completed_at,
                leased_until: row.leased_until,
            })
        })
        .collect()
}

/// Payouts to be kept.
#[derive(Default)]
struct Escrows {
    environment: Vec<&'static str>,
    ordersn: Vec<String>,
    escrow_amount: Vec<Decimal>,
    original_price: Vec<Decimal>,
    seller_discount: Vec<Decimal>,
    shopee_discount: Vec<Decimal>,
    voucher_from_seller: Vec<Decimal>,
    voucher_from_shopee: Vec<Decimal>,
    commission_fee: Vec<Decimal>,
    service_fee: Vec<Decimal>,
    seller_transaction_fee: Vec<Decimal>,
    actual_shipping_fee: Vec<Decimal>,
    seller_lost_compensation: Vec<Decimal>,
    buyer_total_amount: Vec<Decimal>,
    currency: Vec<String>,
    escrow_release_time: Vec<Option<Timestamp>>,
    raw_escrow_payload: Vec<String>,
    fetched_at: Vec<Timestamp>,
}

impl Escrows {
    fn push(&mut self, escrow: &Escrow) {
        let Escrow {
            key,
            currency,
            amounts,
            released_at,
            payload,
            fetched_at,
        } = escrow;
        let EscrowAmounts {
            escrow_amount,
            original_price,
            seller_discount,
            shopee_discount,
            voucher_from_seller,
            voucher_from_shopee,
            commission_fee,
            service_fee,
            seller_transaction_fee,
            actual_shipping_fee,
            seller_lost_compensation,
            buyer_total_amount,
        } = *amounts;
        self.environment.push(key.environment.as_str());
        self.ordersn.push(key.order_sn.to_string());
        self.escrow_amount.push(escrow_amount);
        self.original_price.push(original_price);
        self.seller_discount.push(seller_discount);
        self.shopee_discount.push(shopee_discount);
        self.voucher_from_seller.push(voucher_from_seller);
        self.voucher_from_shopee.push(voucher_from_shopee);
        self.commission_fee.push(commission_fee);
        self.service_fee.push(service_fee);
        self.seller_transaction_fee.push(seller_transaction_fee);
        self.actual_shipping_fee.push(actual_shipping_fee);
        self.seller_lost_compensation.push(seller_lost_compensation);
        self.buyer_total_amount.push(buyer_total_amount);
        self.currency.push(currency.to_string());
        self.escrow_release_time.push(*released_at);
        self.raw_escrow_payload
            .push(storable_json_text(payload).into_owned());
        self.fetched_at.push(*fetched_at);
    }
}

/// The payload goes in as text: numbers keep every digit that they came with.
async fn keep(connection: &mut PgConnection, escrows: &[Escrow]) -> Result<(), Fault> {
    if escrows.is_empty() {
        return Ok(());
    }
    let mut columns = Escrows::default();
    for escrow in escrows {
        columns.push(escrow);
    }
    sqlx::query!(
        r#"
        INSERT INTO shopee_escrow AS known (
            environment, ordersn, escrow_amount, original_price, seller_discount, shopee_discount,
            voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
            seller_transaction_fee, actual_shipping_fee, seller_lost_compensation,
            buyer_total_amount, currency, escrow_release_time, raw_escrow_payload, fetched_at,
            created_at
        )
        SELECT DISTINCT ON (environment, ordersn)
            environment, ordersn, escrow_amount, original_price, seller_discount, shopee_discount,
            voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
            seller_transaction_fee, actual_shipping_fee, seller_lost_compensation,
            buyer_total_amount, currency, escrow_release_time, raw_escrow_payload::jsonb,
            fetched_at, fetched_at
        FROM UNNEST(
            $1::text[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[],
            $7::numeric[], $8::numeric[], $9::numeric[], $10::numeric[], $11::numeric[],
            $12::numeric[], $13::numeric[], $14::numeric[], $15::text[], $16::timestamptz[],
            $17::text[], $18::timestamptz[]
        ) AS captured (
            environment, ordersn, escrow_amount, original_price, seller_discount, shopee_discount,
            voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
            seller_transaction_fee, actual_shipping_fee, seller_lost_compensation,
            buyer_total_amount, currency, escrow_release_time, raw_escrow_payload, fetched_at
        )
        ORDER BY environment, ordersn, fetched_at DESC
        ON CONFLICT (environment, ordersn) DO UPDATE
        SET escrow_amount = excluded.escrow_amount,
            original_price = excluded.original_price,
            seller_discount = excluded.seller_discount,
            shopee_discount = excluded.shopee_discount,
            voucher_from_seller = excluded.voucher_from_seller,
            voucher_from_shopee = excluded.voucher_from_shopee,
            commission_fee = excluded.commission_fee,
            service_fee = excluded.service_fee,
            seller_transaction_fee = excluded.seller_transaction_fee,
            actual_shipping_fee = excluded.actual_shipping_fee,
            seller_lost_compensation = excluded.seller_lost_compensation,
            buyer_total_amount = excluded.buyer_total_amount,
            currency = excluded.currency,
            escrow_release_time =
                coalesce(excluded.escrow_release_time, known.escrow_release_time),
            raw_escrow_payload = excluded.raw_escrow_payload,
            fetched_at = excluded.fetched_at
        WHERE known.fetched_at <= excluded.fetched_at
        "#,
        &columns.environment as _,
        &columns.ordersn,
        &columns.escrow_amount,
        &columns.original_price,
        &columns.seller_discount,
        &columns.shopee_discount,
        &columns.voucher_from_seller,
        &columns.voucher_from_shopee,
        &columns.commission_fee,
        &columns.service_fee,
        &columns.seller_transaction_fee,
        &columns.actual_shipping_fee,
        &columns.seller_lost_compensation,
        &columns.buyer_total_amount,
        &columns.currency,
        &columns.escrow_release_time as _,
        &columns.raw_escrow_payload,
        &columns.fetched_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn find(connection: &mut PgConnection, order: &OrderKey) -> Result<Option<Escrow>, Fault> {
    let row = sqlx::query!(
        r#"
        SELECT escrow_amount, original_price, seller_discount, shopee_discount,
               voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
               seller_transaction_fee, actual_shipping_fee, seller_lost_compensation,
               buyer_total_amount, currency, escrow_release_time,
               raw_escrow_payload::text AS "payload!", fetched_at
        FROM shopee_escrow
        WHERE environment = $1 AND ordersn = $2
        "#,
        order.environment.as_str(),
        order.order_sn.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Escrow {
            key: order.clone(),
            currency: read(ESCROW, order.order_sn.as_str(), &row.currency)?,
            amounts: EscrowAmounts {
                escrow_amount: row.escrow_amount,
                original_price: row.original_price,
                seller_discount: row.seller_discount,
                shopee_discount: row.shopee_discount,
                voucher_from_seller: row.voucher_from_seller,
                voucher_from_shopee: row.voucher_from_shopee,
                commission_fee: row.commission_fee,
                service_fee: row.service_fee,
                seller_transaction_fee: row.seller_transaction_fee,
                actual_shipping_fee: row.actual_shipping_fee,
                seller_lost_compensation: row.seller_lost_compensation,
                buyer_total_amount: row.buyer_total_amount,
            },
            released_at: row.escrow_release_time,
            payload: row.payload,
            fetched_at: row.fetched_at,
        })
    })
    .transpose()
}

/// Ends claims. The rows are locked in the order of their numbers, as whoever writes orders does.
async fn report(
    connection: &mut PgConnection,
    claimed: &[DueEscrow],
    due_at: Option<Timestamp>,
) -> Result<(), Fault> {
    if claimed.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = claimed.iter().map(|claim| claim.sync.to_string()).collect();
    let leased_until: Vec<Timestamp> = claimed.iter().map(|claim| claim.leased_until).collect();
    sqlx::query!(
        r#"
        UPDATE connector_order AS known
        SET escrow_due_at = $3
        FROM (
            SELECT held.id
            FROM connector_order AS held
            JOIN UNNEST($1::text[], $2::timestamptz[]) AS claim (id, leased_until)
              ON held.id = claim.id AND held.escrow_due_at = claim.leased_until
            ORDER BY held.order_sn
            FOR UPDATE OF held
        ) AS reported
        WHERE known.id = reported.id
        "#,
        &ids,
        &leased_until,
        due_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn rest(
    connection: &mut PgConnection,
    profile: &ProfileId,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"
        UPDATE connector_order AS known
        SET escrow_due_at = $3
        FROM (
            SELECT id FROM connector_order
            WHERE profile_id = $1 AND escrow_due_at <= $2
            FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE known.id = due.id
        "#,
        profile.as_str(),
        now,
        until,
    )
    .execute(connection)
    .await?;
    Ok(())
}
