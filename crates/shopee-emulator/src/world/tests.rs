//! The life cycle, as a table and as stories.

mod cancelling;
mod ending;
mod living;
mod splitting;
#[expect(
    clippy::needless_pass_by_value,
    reason = "stories read better without ampersands"
)]
mod story;
mod table;
