//! Whether things stay as cheap as they were: what a push and an order cost while the database has more and
//! more events, and while there are more and more tenants; and whether the inbox can be kept small meanwhile.

mod events;
mod orders;
mod retention;
mod server;
mod silent;
mod tenants;

use super::ground::Ground;
use super::section::Section;

/// Measures it.
pub async fn growth(ground: &Ground) -> anyhow::Result<Section> {
    let mut section = Section::new(
        "growth",
        "what a push and an order cost as everything grows",
    );
    events::measure(ground, &mut section).await?;
    tenants::measure(ground, &mut section).await?;
    retention::measure(ground, &mut section).await?;
    Ok(section)
}
