//! The platform's replies: as its specifications have them, and as nobody would have them.
//!
//! The specifications are not part of this project. They are looked for in the folder that
//! `SHOPEE_SPECS` names, else beside the workspace; where there are none, the tests that need them say
//! that they were skipped.

mod conformity;
mod every;
mod robustness;
mod samples;
mod specifications;
