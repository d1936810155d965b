//! Short words for the steps of a payout, and one to keep.

use hawker_domain::Currency;
use hawker_domain::escrow::{Escrow, EscrowAmounts, Income, VersionCause};
use hawker_domain::order::{OrderSnapshot, OrderStatus, Plan};
use rust_decimal::Decimal;

use super::bench::{Bench, LEASE, key};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::escrow::DueEscrow;
use crate::testing::examples::{SKU, after_noon, profile_id, snapshot};

/// With the card that the orders are of.
pub(super) async fn with_card(fixture: &dyn StoreFixture) -> Result<Bench, StoreError> {
    let bench = Bench::new(fixture).await?;
    bench.add_variant(SKU).await?;
    Ok(bench)
}

pub(super) async fn complete(
    bench: &Bench,
    number: &str,
    seconds: i64,
) -> Result<Plan, StoreError> {
    let completed = OrderSnapshot {
        updated_at: after_noon(seconds),
        ..snapshot(number, OrderStatus::Completed)
    };
    bench.refresh(completed, seconds).await
}

/// A payout in Singapore dollars that was fetched so many seconds after noon, and of which the formula
/// explains all but what it is less than 84.37.
pub(super) fn captured(number: &str, cents: i64, seconds: i64) -> Escrow {
    let amount = |hundredths| Decimal::new(hundredths, 2);
    let amounts = EscrowAmounts {
        escrow_amount: amount(cents),
        original_price: amount(9_500),
        seller_discount: amount(700),
        shopee_discount: amount(-1),
        voucher_from_seller: amount(57),
        voucher_from_shopee: amount(293),
        commission_fee: amount(140),
        service_fee: amount(99),
        seller_transaction_fee: amount(173),
        actual_shipping_fee: amount(199),
        seller_lost_compensation: Decimal::new(1, 6),
        buyer_total_amount: amount(8_649),
    };
    let payload = format!(r#"{{"escrow_amount": {}}}"#, amount(cents));
    Escrow::captured(
        key(number),
        Currency::SGD,
        amounts,
        income(),
        payload,
        after_noon(seconds),
    )
}

/// Parts of which the formula makes 84.37, and some that it does not know.
pub(super) fn income() -> Income {
    let parts = [
        ("original_cost_of_goods_sold", Decimal::new(8_800, 2)),
        ("commission_fee", Decimal::new(140, 2)),
        ("service_fee", Decimal::new(99, 2)),
        ("seller_transaction_fee", Decimal::new(173, 2)),
        ("buyer_paid_shipping_fee", Decimal::new(248, 2)),
        ("actual_shipping_fee", Decimal::new(199, 2)),
        ("seller_lost_compensation", Decimal::new(1, 6)),
        ("final_shipping_fee", Decimal::new(-49, 2)),
        (
            "buyer_payment_info.shopee_coins_redeemed",
            Decimal::new(-1, 1),
        ),
    ];
    Income {
        parts: parts.map(|(name, amount)| (name.to_owned(), amount)).into(),
        ..Income::default()
    }
}

pub(super) async fn claim(
    bench: &Bench,
    seconds: i64,
    at_most: u32,
) -> Result<Vec<DueEscrow>, StoreError> {
    let now = after_noon(seconds);
    let mut uow = bench.begin().await?;
    let claimed = uow.escrow().claim_due(now, now + LEASE, at_most).await?;
    uow.commit().await?;
    Ok(claimed)
}

pub(super) async fn finish(bench: &Bench, claimed: &[DueEscrow]) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.escrow().finish(claimed).await?;
    uow.commit().await
}

pub(super) async fn postpone(bench: &Bench, claimed: &[DueEscrow], seconds: i64) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.escrow().postpone(claimed, after_noon(seconds)).await?;
    uow.commit().await
}

pub(super) async fn rest(bench: &Bench, profile: &str, seconds: i64, until: i64) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.escrow()
        .rest(&profile_id(profile), after_noon(seconds), after_noon(until))
        .await?;
    uow.commit().await
}

/// Answers what keeping came to.
pub(super) async fn keep(
    bench: &Bench,
    escrows: &[Escrow],
) -> Result<Vec<Option<VersionCause>>, StoreError> {
    let mut uow = bench.begin().await?;
    let causes = uow.escrow().keep(escrows).await?;
    uow.commit().await?;
    Ok(causes)
}

pub(super) async fn find(bench: &Bench, number: &str) -> Result<Option<Escrow>, StoreError> {
    let mut uow = bench.begin().await?;
    uow.escrow().find(&key(number)).await
}

pub(super) fn numbers(claimed: &[DueEscrow]) -> Vec<&str> {
    let numbers = claimed.iter().map(|claim| claim.key.order_sn.as_str());
    numbers.collect()
}
