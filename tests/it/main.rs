//! End to end: the real service, a real Postgres, and the marketplace's stand-in.

mod adversity;
mod alerts;
mod cancelling;
mod command_line;
mod crash;
mod demo;
mod drain;
mod environments;
mod escrow;
mod faults;
mod flood;
mod held;
mod life;
mod malformed;
mod operations;
mod runbook;
mod secrets;
mod shipping;
mod signatures;
mod specifications;
mod webhook;
