//! From a master secret, which a person chose, to a key, which a cipher needs.

use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::hkdf;
use ring::hkdf::HKDF_SHA256;

/// A master secret below this length is accepted, but whoever starts the service should be warned:
/// HKDF spreads what is in the secret, it adds nothing to it.
pub const MASTER_SECRET_CHARS_ADVISED: usize = 32;

/// What HKDF mixes into the key besides the master secret.
///
/// Neither part is secret, and either may be empty. With other values nothing that was sealed before
/// can be opened, unless the ring also opens by the earlier ones
/// ([`RingSealer::also_opening`](crate::RingSealer::also_opening)): so rows of an older system are
/// taken over beside our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDerivation {
    /// Keeps keys of this purpose apart from whatever else is derived from the same secret.
    pub salt: String,
    /// Names what the key is for.
    pub info: String,
}

impl KeyDerivation {
    /// The salt, unless set otherwise.
    pub const SALT: &'static str = "hawker.connector.credentials";
    /// The info, unless set otherwise.
    pub const INFO: &'static str = "aes-256-gcm.v1";

    /// The key for `secret`. The secret must not be blank; the caller has seen to that.
    pub(crate) fn key(&self, secret: &str) -> Result<LessSafeKey, ring::error::Unspecified> {
        let info = [self.info.as_bytes()];
        hkdf::Salt::new(HKDF_SHA256, self.salt.as_bytes())
            .extract(secret.as_bytes())
            .expand(&info, &AES_256_GCM)
            .map(UnboundKey::from)
            .map(LessSafeKey::new)
    }
}

impl Default for KeyDerivation {
    fn default() -> Self {
        Self {
            salt: Self::SALT.to_owned(),
            info: Self::INFO.to_owned(),
        }
    }
}

/// Whether a master secret is shorter than [`MASTER_SECRET_CHARS_ADVISED`].
pub fn is_short_master_secret(secret: &secrecy::SecretString) -> bool {
    use secrecy::ExposeSecret;
    secret.expose_secret().trim().chars().count() < MASTER_SECRET_CHARS_ADVISED
}
