//! Products and SKUs.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::catalogue::{Sku, SkuIndex};
use hawker_domain::ids::VariantId;
use hawker_ports::StoreError;
use hawker_ports::catalogue::{CatalogueRepository, NewVariant};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::fault::{Fault, read};
use crate::text::stored;
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl CatalogueRepository for PgUnitOfWork {
    async fn resolve(&mut self, skus: &[Sku]) -> Result<SkuIndex, StoreError> {
        let done = resolve(self.enter()?, skus).await;
        self.leave("catalogue", done)
    }

    async fn add_variants(
        &mut self,
        variants: &[NewVariant],
        now: Timestamp,
    ) -> Result<Vec<(VariantId, bool)>, StoreError> {
        let done = add_variants(self.enter()?, variants, now).await;
        self.leave("variant", done)
    }
}

async fn resolve(connection: &mut PgConnection, skus: &[Sku]) -> Result<SkuIndex, Fault> {
    let texts: Vec<String> = skus.iter().map(ToString::to_string).collect();
    let known = carriers(connection, &texts).await?;
    skus.iter()
        .filter_map(|sku| known.get(sku.as_str()).map(|id| Ok((sku.clone(), *id))))
        // A SKU that was asked for twice is still carried once.
        .collect::<Result<BTreeMap<_, _>, Fault>>()
        .map(|pairs| pairs.into_iter().collect())
}

/// The variants that carry these SKUs, by SKU.
async fn carriers(
    connection: &mut PgConnection,
    skus: &[String],
) -> Result<HashMap<String, VariantId>, Fault> {
    sqlx::query!(
        "SELECT sku, id FROM product_variant WHERE sku = ANY ($1)",
        skus
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| Ok((row.sku, read("variant", &row.id, &row.id)?)))
    .collect()
}

/// Products to be added.
#[derive(Default)]
struct Products {
    id: Vec<String>,
    title: Vec<String>,
}

/// Variants to be added.
#[derive(Default)]
struct Variants {
    id: Vec<String>,
    product_id: Vec<String>,
    sku: Vec<String>,
}

/// Prices of variants that were added.
#[derive(Default)]
struct Prices {
    variant_id: Vec<String>,
    currency: Vec<String>,
    amount: Vec<Decimal>,
}

async fn add_variants(
    connection: &mut PgConnection,
    variants: &[NewVariant],
    now: Timestamp,
) -> Result<Vec<(VariantId, bool)>, Fault> {
    let skus: Vec<String> = variants
        .iter()
        .map(|variant| variant.sku.to_string())
        .collect();
    let known = carriers(connection, &skus).await?;
    // In one order for everybody who adds, each SKU once.
    let missing: BTreeMap<&str, &NewVariant> = variants
        .iter()
        .rev()
        .filter(|variant| !known.contains_key(variant.sku.as_str()))
        .map(|variant| (variant.sku.as_str(), variant))
        .collect();
    if missing.is_empty() {
        return answer(variants, &known, &HashSet::new());
    }
    let missing: Vec<&NewVariant> = missing.into_values().collect();
    let products = products_by_title(connection, &missing, now).await?;
    let added = insert(connection, &missing, &products, now).await?;
    price(connection, &missing, &added, now).await?;
    // Whoever was faster with a SKU carries it.
    let carriers = carriers(connection, &skus).await?;
    answer(variants, &carriers, &added)
}

/// For each variant the one that carries its SKU; added counts for the first that asked.
fn answer(
    variants: &[NewVariant],
    carriers: &HashMap<String, VariantId>,
    added: &HashSet<String>,
) -> Result<Vec<(VariantId, bool)>, Fault> {
    let mut told = HashSet::new();
    variants
        .iter()
        .map(|variant| {
            let sku = variant.sku.as_str();
            let carrier = *carriers
                .get(sku)
                .ok_or_else(|| Fault::corrupt("variant", sku, "it was removed meanwhile"))?;
            let is_added = added.contains(sku) && told.insert(sku);
            Ok((carrier, is_added))
        })
        .collect()
}

/// The product of each title, added where there is none.
async fn products_by_title(
    connection: &mut PgConnection,
    variants: &[&NewVariant],
    now: Timestamp,
) -> Result<HashMap<String, String>, Fault> {
    let titles: Vec<String> = variants
        .iter()
        .map(|variant| stored(&variant.title))
        .collect();
    let mut products: HashMap<String, String> = sqlx::query!(
        r#"SELECT title, min(id) AS "id!" FROM product WHERE title = ANY ($1) GROUP BY title"#,
        &titles,
    )
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .map(|row| (row.title, row.id))
    .collect();

    let mut new = Products::default();
    for (variant, title) in variants.iter().zip(titles) {
        if let Entry::Vacant(place) = products.entry(title) {
            new.id.push(variant.product.to_string());
            new.title.push(place.key().clone());
            place.insert(variant.product.to_string());
        }
    }
    if !new.id.is_empty() {
        sqlx::query!(
            "INSERT INTO product (id, title, created_at, updated_at)
             SELECT id, title, $3, $3 FROM UNNEST($1::text[], $2::text[]) AS product (id, title)",
            &new.id,
            &new.title,
            now,
        )
        .execute(connection)
        .await?;
    }
    Ok(products)
}

/// Answers the SKUs that were added.
async fn insert(
    connection: &mut PgConnection,
    variants: &[&NewVariant],
    products: &HashMap<String, String>,
    now: Timestamp,
) -> Result<HashSet<String>, Fault> {
    let mut columns = Variants::default();
    for variant in variants {
        let title = stored(&variant.title);
        columns.id.push(variant.variant.to_string());
        columns
            .product_id
            .push(products.get(&title).cloned().unwrap_or_default());
        columns.sku.push(variant.sku.to_string());
    }
    let added = sqlx::query_scalar!(
        "INSERT INTO product_variant (id, product_id, sku, created_at, updated_at)
         SELECT id, product_id, sku, $4, $4
         FROM UNNEST($1::text[], $2::text[], $3::text[]) AS variant (id, product_id, sku)
         ON CONFLICT (sku) DO NOTHING
         RETURNING sku",
        &columns.id,
        &columns.product_id,
        &columns.sku,
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(added.into_iter().collect())
}

async fn price(
    connection: &mut PgConnection,
    variants: &[&NewVariant],
    added: &HashSet<String>,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut columns = Prices::default();
    for variant in variants
        .iter()
        .filter(|variant| added.contains(variant.sku.as_str()))
    {
        if let Some(price) = &variant.price {
            columns.variant_id.push(variant.variant.to_string());
            columns.currency.push(price.currency.to_string());
            columns.amount.push(price.amount);
        }
    }
    if columns.amount.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO variant_price (variant_id, currency, amount, updated_at)
         SELECT variant_id, currency, amount, $4
         FROM UNNEST($1::text[], $2::text[], $3::numeric[]) AS price (variant_id, currency, amount)",
        &columns.variant_id,
        &columns.currency,
        &columns.amount,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
