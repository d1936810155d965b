//! What holds for whatever arrives: nothing panics, what is refused is refused with a reason, and what
//! is understood is exact to the last digit.

mod damage;
mod money;
mod payouts;
mod pushes;
mod translations;
