//! Secrets at rest: partner keys, push keys and tokens are stored only in sealed form.
//!
//! [`RingSealer`] implements [`hawker_ports::Sealer`]. A secret is sealed with AES-256-GCM under a
//! key that HKDF-SHA256 derives from the installation's master secret (`JWT_SECRET`), and stored as
//! `v1:` followed by base64 of `iv ‖ tag ‖ ciphertext` (12, 16 and as many bytes as the secret has;
//! the tag stands *before* the ciphertext). Rotating the master secret needs no pause: the ring
//! opens what any of its secrets sealed, seals under the first, and says of each stored secret
//! whether it still has to be sealed anew.
//!
//! [`RingMint`] implements [`hawker_ports::sealing::TokenMint`]: tokens of our own, of which only a
//! digest is stored.
//!
//! Nothing in this crate prints a secret; what a person may see of one is its [`fingerprint`].
//!
//! ```
//! use hawker_crypto::{KeyDerivation, RingSealer, fingerprint};
//! use hawker_ports::Sealer;
//! use secrecy::{ExposeSecret, SecretString};
//!
//! let new = SecretString::from("the master secret in force, 32 characters or more");
//! let old = SecretString::from("the master secret before the last rotation");
//! let sealer = RingSealer::new(&new, &[old], &KeyDerivation::default())?;
//!
//! let partner_key = SecretString::from("shpk0123456789abcdef");
//! let sealed = sealer.seal(&partner_key)?;
//! assert!(sealed.as_stored().starts_with("v1:"));
//! assert!(sealer.is_in_force(&sealed)?);
//! assert_eq!(sealer.open(&sealed)?.expose_secret(), partner_key.expose_secret());
//! assert_eq!(fingerprint(&partner_key), "shpk…cdef·len20");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod derivation;
mod envelope;
mod mint;
mod sealer;

pub use derivation::{KeyDerivation, MASTER_SECRET_CHARS_ADVISED, is_short_master_secret};
pub use hawker_ports::sealing::fingerprint;
pub use mint::RingMint;
pub use sealer::{KeyRingError, RingSealer};
