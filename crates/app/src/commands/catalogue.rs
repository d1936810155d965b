//! `hawker catalogue`.

use std::sync::Arc;

use anyhow::Context as _;
use hawker_domain::catalogue::Sku;
use hawker_domain::money::parse_amount;
use hawker_domain::{Money, TenantSlug};
use hawker_usecases::AddVariants;
use hawker_usecases::add_variants::{AddVariantsError, Place, VariantToAdd};

use crate::cli::CatalogueCommand;
use crate::config::{Variables, database_url};
use crate::exit::Missing;
use crate::output::{self, line};
use crate::system::system;
use crate::wiring;

pub(crate) async fn catalogue(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: CatalogueCommand,
) -> anyhow::Result<()> {
    let CatalogueCommand::Add {
        sku,
        title,
        price,
        currency,
        stock,
        location,
        create_location,
    } = command;
    let currency = currency.parse()?;
    let variant = VariantToAdd {
        sku: Sku::parse(&sku).with_context(|| format!("`{sku}` cannot be a SKU"))?,
        title,
        price: price
            .map(|text| {
                anyhow::Ok(Money {
                    amount: parse_amount(&text)?,
                    currency,
                })
            })
            .transpose()?,
        stock: vec![(location.clone(), stock)],
    };
    let place = create_location.then(|| Place {
        code: location.clone(),
        name: location.clone(),
        priority: 0,
    });
    let (clock, ids) = system();
    let store = Arc::new(wiring::store_for_command(&database_url(variables)?)?);
    let add = AddVariants { store, clock, ids };
    let added = add
        .run(
            tenant,
            place.as_slice(),
            &[variant],
            "operator",
            "opening stock",
        )
        .await;
    if let Err(AddVariantsError::UnknownPlace(name)) = added {
        let missing = Missing {
            what: "stock location",
            name,
        };
        return Err(anyhow::Error::new(missing)
            .context("nothing was added (--create-location adds the place too)"));
    }
    let is_new = added?.added == 1;
    if json {
        return output::json(&serde_json::json!({ "sku": sku, "added": is_new }));
    }
    let text = if is_new {
        format!("{sku} is in the catalogue; orders that waited for it are released.")
    } else {
        format!("{sku} was in the catalogue already; nothing was changed.")
    };
    Ok(line(&text)?)
}
