//! A typed call: an endpoint, what it is asked, and what it replies. Adding one is one small file in
//! [`calls`](crate::calls).

use serde::de::DeserializeOwned;

use super::arguments::Arguments;
use super::endpoint::Endpoint;
use super::reply::Payload;
use crate::wire::{Complaint, Document, Fault, read};

/// A call, with everything that it asks. What it asks is not judged here: limits of the platform are
/// documented where they are, and their breach is the platform's to refuse.
pub trait Call: Sync {
    /// The endpoint.
    const ENDPOINT: Endpoint;
    /// What it replies.
    type Reply: ReadReply;

    /// What it is asked.
    fn arguments(&self) -> Arguments;
}

/// What can be read of a payload.
pub trait ReadReply: Sized {
    /// Reads it.
    fn read(payload: &Payload) -> Result<Self, Complaint>;
}

impl<T: DeserializeOwned> ReadReply for T {
    fn read(payload: &Payload) -> Result<Self, Complaint> {
        match payload {
            // A reply that has no payload says so rather than what serde makes of `null`.
            Payload::Json(json) => read(json).map_err(|complaint| match json.as_str() {
                "null" => Complaint::of("response", &Fault::Missing),
                _ => complaint,
            }),
            Payload::File(_) => Err(Complaint::of(".", &Fault::NotJson)),
        }
    }
}

impl ReadReply for Document {
    fn read(payload: &Payload) -> Result<Self, Complaint> {
        match payload {
            Payload::File(document) => Ok(document.clone()),
            Payload::Json(_) => Err(Complaint::of(".", &Fault::NotFile)),
        }
    }
}

/// A reply that says nothing beyond that the call was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done;

impl<'de> serde::Deserialize<'de> for Done {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}
