//! More tenants for a shop's database.

use hawker_domain::TenantSlug;
use hawker_postgres::PgStore;
use hawker_postgres::migrate::{Silent as Untold, create_tenant};
use sqlx::PgConnection;

use crate::PROFILE;
use crate::measure::dataset::{Tenant, Tenants};
use crate::measure::ground::run;
use crate::measure::shop::add_card;

/// The first ones of a database.
pub(super) fn first(database: &str, count: usize) -> Tenants {
    Tenants {
        database: database.to_owned(),
        each: (0..count).map(tenant).collect(),
    }
}

fn slug(number: usize) -> String {
    format!("shop{number}")
}

fn tenant(number: usize) -> Tenant {
    match number {
        0 => Tenant::first(),
        _ => Tenant {
            schema: format!("tenant_{}", slug(number)),
            profile: format!("prof_{number}"),
        },
    }
}

/// A tenant with the first one's profile, keys and tokens under names of its own, and with the card in stock.
pub(super) async fn add(
    store: &PgStore,
    connection: &mut PgConnection,
    number: usize,
) -> anyhow::Result<()> {
    let slug: TenantSlug = slug(number).parse()?;
    create_tenant(store, &slug, &Untold).await?;
    let Tenant { schema, profile } = tenant(number);
    for (table, changed, of) in [
        ("connector_profile", format!("'id', '{profile}'"), "id"),
        (
            "connector_token",
            format!("'profile_id', '{profile}'"),
            "profile_id",
        ),
        ("connector_active_environment", String::new(), ""),
    ] {
        // A shop is seeded with a profile for each environment; the live one stands still.
        let of = match of {
            "" => String::new(),
            column => format!("WHERE first.{column} = '{PROFILE}'"),
        };
        run(
            connection,
            &format!(
                "INSERT INTO {schema}.{table} \
                 SELECT (jsonb_populate_record(NULL::{schema}.{table}, \
                     to_jsonb(first) || jsonb_build_object({changed}))).* \
                 FROM tenant_default.{table} AS first {of}"
            ),
        )
        .await?;
    }
    add_card(store, &slug).await
}
