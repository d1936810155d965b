//! The stored form: `v1:` + base64(iv ‖ tag ‖ ciphertext).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hawker_ports::{SealError, Sealed};
use ring::aead::{AES_256_GCM, NONCE_LEN};

const VERSION_1: &str = "v1:";
const TAG_LEN: usize = 16;

/// The parts of a sealed secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// Never used twice under one key: drawn at random for each sealing.
    pub iv: [u8; NONCE_LEN],
    /// Proves that neither iv nor ciphertext was altered.
    pub tag: [u8; TAG_LEN],
    /// As long as the secret itself; empty for an empty secret.
    pub ciphertext: Vec<u8>,
}

impl Envelope {
    pub(crate) fn to_stored(&self) -> Sealed {
        debug_assert_eq!(AES_256_GCM.tag_len(), TAG_LEN);
        let bytes = [&self.iv[..], &self.tag[..], &self.ciphertext[..]].concat();
        Sealed::from_stored(format!("{VERSION_1}{}", STANDARD.encode(bytes)))
    }

    pub(crate) fn from_stored(sealed: &Sealed) -> Result<Self, SealError> {
        let encoded = sealed
            .as_stored()
            .strip_prefix(VERSION_1)
            .ok_or(SealError::UnknownVersion)?;
        let bytes = STANDARD
            .decode(encoded.trim_ascii_end())
            .map_err(|_| SealError::Malformed)?;
        let (iv, rest) = bytes.split_first_chunk().ok_or(SealError::Malformed)?;
        let (tag, ciphertext) = rest.split_first_chunk().ok_or(SealError::Malformed)?;
        Ok(Self {
            iv: *iv,
            tag: *tag,
            ciphertext: ciphertext.to_vec(),
        })
    }
}
