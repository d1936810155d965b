//! Sealers that hide nothing, and tokens that can be foreseen.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use secrecy::{ExposeSecret, SecretString};

use crate::sealing::{Digest, TokenMint};
use crate::{SealError, Sealed, Sealer};

const PREFIX: &str = "plain:";

/// Marks a secret as sealed without encrypting it, so that a test can tell which of both it sees.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainSealer;

impl Sealer for PlainSealer {
    fn seal(&self, secret: &SecretString) -> Result<Sealed, SealError> {
        Ok(Sealed::from_stored(format!(
            "{PREFIX}{}",
            secret.expose_secret()
        )))
    }

    /// What [`PlainSealer::seal`] made is opened, anything else is taken for another key's work.
    fn open(&self, sealed: &Sealed) -> Result<SecretString, SealError> {
        let secret = sealed
            .as_stored()
            .strip_prefix(PREFIX)
            .ok_or(SealError::NoKeyOpens)?;
        Ok(secret.into())
    }

    /// There is one key, and it is in force.
    fn is_in_force(&self, sealed: &Sealed) -> Result<bool, SealError> {
        self.open(sealed).map(|_| true)
    }
}

/// A [`PlainSealer`] with a key for each generation. The key of generation 0 is the one of
/// [`PlainSealer`], so that what [`sealed`](super::examples::sealed) makes is its work.
#[derive(Debug, Default)]
pub struct RotatingSealer {
    in_force: AtomicU32,
    oldest: AtomicU32,
}

impl RotatingSealer {
    /// One that seals under the key of this generation and opens what older ones sealed.
    pub const fn at(generation: u32) -> Self {
        Self {
            in_force: AtomicU32::new(generation),
            oldest: AtomicU32::new(0),
        }
    }

    /// From now on the key of this generation is in force. Keys of later ones open nothing.
    pub fn set_generation(&self, generation: u32) {
        self.in_force.store(generation, Ordering::SeqCst);
    }

    /// From now on keys before this generation are not in the ring.
    pub fn forget_before(&self, generation: u32) {
        self.oldest.store(generation, Ordering::SeqCst);
    }

    /// The generation and the secret, if a key of the ring opens it.
    fn read<'a>(&self, sealed: &'a Sealed) -> Result<(u32, &'a str), SealError> {
        let opened = sealed.as_stored().split_once(':');
        let (key, secret) = opened.ok_or(SealError::Malformed)?;
        let generation = match key.strip_prefix("plain") {
            Some("") => Some(0),
            Some(generation) => generation.parse().ok(),
            None => None,
        };
        let oldest = self.oldest.load(Ordering::SeqCst);
        let ring = oldest..=self.in_force.load(Ordering::SeqCst);
        let generation = generation.filter(|generation| ring.contains(generation));
        Ok((generation.ok_or(SealError::NoKeyOpens)?, secret))
    }
}

impl Sealer for RotatingSealer {
    fn seal(&self, secret: &SecretString) -> Result<Sealed, SealError> {
        let key = match self.in_force.load(Ordering::SeqCst) {
            0 => String::new(),
            generation => generation.to_string(),
        };
        Ok(Sealed::from_stored(format!(
            "plain{key}:{}",
            secret.expose_secret()
        )))
    }

    fn open(&self, sealed: &Sealed) -> Result<SecretString, SealError> {
        self.read(sealed).map(|(_, secret)| secret.into())
    }

    fn is_in_force(&self, sealed: &Sealed) -> Result<bool, SealError> {
        let (generation, _) = self.read(sealed)?;
        Ok(generation == self.in_force.load(Ordering::SeqCst))
    }
}

/// Tokens that count up, and digests that anybody can compute.
#[derive(Debug, Default)]
pub struct PlainMint(AtomicU64);

impl TokenMint for PlainMint {
    fn mint(&self, prefix: &str) -> Result<SecretString, SealError> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(format!("{prefix}{number:064x}").into())
    }

    /// FNV-1a, four times from different starts: equal texts have equal digests, and different ones
    /// that a test makes up do not. Proves nothing against anybody.
    fn digest(&self, bytes: &[u8]) -> Digest {
        const START: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        let mut digest = [0; 32];
        for (lane, out) in (0_u64..).zip(digest.chunks_exact_mut(8)) {
            let start = START ^ lane.wrapping_mul(PRIME);
            let hash = bytes.iter().fold(start, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
            });
            out.copy_from_slice(&hash.to_be_bytes());
        }
        Digest(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_key_sealed_is_opened_until_the_key_is_forgotten() {
        let sealer = RotatingSealer::default();
        let secret = SecretString::from("partner-key");
        let old = sealer.seal(&secret).unwrap();
        assert_eq!(old, PlainSealer.seal(&secret).unwrap());
        sealer.set_generation(1);
        assert_eq!(sealer.is_in_force(&old), Ok(false));
        assert_eq!(sealer.open(&old).unwrap().expose_secret(), "partner-key");
        let new = sealer.seal(&secret).unwrap();
        assert_eq!(sealer.is_in_force(&new), Ok(true));
        sealer.forget_before(1);
        assert_eq!(sealer.is_in_force(&old), Err(SealError::NoKeyOpens));
        assert_eq!(
            RotatingSealer::default().open(&new).err(),
            Some(SealError::NoKeyOpens)
        );
    }

    #[test]
    fn tokens_differ_and_their_digests_with_them() {
        let mint = PlainMint::default();
        let tokens = [(); 3].map(|()| mint.mint("hwk_").unwrap());
        let texts = tokens.each_ref().map(SecretString::expose_secret);
        for text in texts {
            assert_eq!(text.len(), "hwk_".len() + 64);
        }
        let digests = texts.map(|text| mint.digest(text.as_bytes()));
        assert!(digests[0] != digests[1] && digests[1] != digests[2] && digests[0] != digests[2]);
        assert_eq!(mint.digest(texts[0].as_bytes()), digests[0]);
    }
}
