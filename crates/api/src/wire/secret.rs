//! Secrets that come in. They go into a type that does not print, and they never come out again.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{FieldError, Kind, Problem};

/// A secret in a body.
#[derive(Clone)]
pub(crate) struct SecretField(pub(crate) SecretString);

impl<'de> Deserialize<'de> for SecretField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretString::from(text)))
    }
}

impl fmt::Debug for SecretField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretField(..)")
    }
}

impl PartialSchema for SecretField {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .write_only(true)
            .build()
            .into()
    }
}

impl ToSchema for SecretField {}

/// A secret without which there is nothing to do.
pub(crate) fn required_secret(field: &str, secret: SecretField) -> Result<SecretString, Problem> {
    let SecretField(secret) = secret;
    if secret.expose_secret().trim().is_empty() {
        let message = "it is blank".to_owned();
        let detail = format!("`{field}`: {message}. Send what the marketplace gave you.");
        let field = field.to_owned();
        return Err(
            Problem::new(Kind::Invalid, detail).with_errors(vec![FieldError { field, message }])
        );
    }
    Ok(secret)
}
