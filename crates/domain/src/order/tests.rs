//! The rules of orders, by example, by the whole status matrix and by properties.

mod facts;
mod holding;
mod life;
mod lines;
mod matrix;
mod parcels;
mod properties;
mod returns;
mod stale;
mod stock;
mod support;
mod tasks;
