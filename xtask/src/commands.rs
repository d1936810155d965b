//! The subcommands of `cargo xtask`, one file each.

pub mod bench;
pub mod ci;
pub mod deny;
pub mod dev;
pub mod hawker;
pub mod postgres;
pub mod prepare;
pub mod prove;
pub mod test;
pub mod tidy;
