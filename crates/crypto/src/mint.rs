//! Tokens of our own: random, shown once, and recognised by their digest from then on.

use std::fmt::Write as _;

use hawker_ports::SealError;
use hawker_ports::sealing::{Digest, TokenMint};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

/// 256 bits: no guess will ever hit one, so that a plain digest of it is enough to store.
const RANDOM_BYTES: usize = 32;

/// Mints from the operating system's randomness; the digest is SHA-256.
#[derive(Debug)]
pub struct RingMint {
    random: SystemRandom,
}

impl RingMint {
    /// A mint.
    pub fn new() -> Self {
        Self {
            random: SystemRandom::new(),
        }
    }
}

impl Default for RingMint {
    fn default() -> Self {
        Self::new()
    }
}

impl TokenMint for RingMint {
    fn mint(&self, prefix: &str) -> Result<SecretString, SealError> {
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        self.random
            .fill(bytes.as_mut())
            .map_err(|_| SealError::Failed)?;
        // As large as it becomes: growing would leave a part of the token behind in memory.
        let mut token = String::with_capacity(prefix.len() + 2 * RANDOM_BYTES);
        token.push_str(prefix);
        for byte in *bytes {
            write!(token, "{byte:02x}").map_err(|_| SealError::Failed)?;
        }
        Ok(token.into())
    }

    fn digest(&self, bytes: &[u8]) -> Digest {
        let mut value = [0; 32];
        value.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Digest(value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_token_is_its_prefix_and_64_hexadecimal_digits() {
        let token = RingMint::new().mint("hwk_").unwrap();
        let digits = token.expose_secret().strip_prefix("hwk_").unwrap();
        assert_eq!(digits.len(), 64);
        assert!(digits.bytes().all(|b| b.is_ascii_hexdigit()), "{digits}");
        assert!(!digits.bytes().any(|b| b.is_ascii_uppercase()), "{digits}");
    }

    #[test]
    fn no_token_is_given_out_twice() {
        let mint = RingMint::new();
        let tokens: BTreeSet<_> = (0..1_000)
            .map(|_| mint.mint("").unwrap().expose_secret().to_owned())
            .collect();
        assert_eq!(tokens.len(), 1_000);
    }

    /// FIPS 180-4, the example of one block.
    #[test]
    fn the_digest_is_sha_256() {
        let digest = RingMint::new().digest(b"abc");
        let shown = digest.0.iter().fold(String::new(), |mut shown, byte| {
            write!(shown, "{byte:02x}").unwrap();
            shown
        });
        assert_eq!(
            shown,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_token_is_not_printed() {
        let token = RingMint::new().mint("hwk_").unwrap();
        let shown = format!("{token:?} {:?}", RingMint::new());
        assert!(!shown.contains(token.expose_secret()), "{shown}");
        assert!(!shown.contains("hwk_"), "{shown}");
    }
}
