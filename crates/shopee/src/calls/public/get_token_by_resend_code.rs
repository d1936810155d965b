//! `POST public/get_token_by_resend_code` (shopee.md §3.4): the token pair that was lost, for a code
//! that the platform's support gives out. Live only.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::TokenWire;
use crate::client::{Arguments, Call, Endpoint};

/// Exchanges a resend code.
#[derive(Clone, Debug)]
pub struct GetTokenByResendCode {
    /// The code.
    pub resend_code: SecretString,
}

impl Call for GetTokenByResendCode {
    const ENDPOINT: Endpoint = Endpoint::post(
        "public.get_token_by_resend_code",
        "/public/get_token_by_resend_code",
    )
    .of_the_app()
    .flat()
    .once();
    type Reply = TokenWire;

    fn arguments(&self) -> Arguments {
        Arguments::default().with_body(json!({"resend_code": self.resend_code.expose_secret()}))
    }
}
