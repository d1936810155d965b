//! Shopee Open Platform v2: request signing, the API client, the wire format and its translation
//! to the domain, and the verification and reading of pushes.
//!
//! This crate implements two ports: [`client::ShopeeMarketplace`] is a
//! [`Marketplace`](hawker_ports::Marketplace), [`push::ShopeePushes`] is a
//! [`PushReader`](hawker_ports::pushes::PushReader). It keeps no state but its rate limits and the
//! difference to the platform's clock, and stores nothing.
//!
//! # Signing
//!
//! Every request carries `sign` in its query: the HMAC of app, path, time and, on behalf of a shop,
//! token and shop. The client does it by itself; a link for a seller's browser is signed by hand.
//!
//! ```
//! use hawker_shopee::sign::{Identity, sign};
//!
//! let key = "test_partner_key_0123456789abcdef".into();
//! let path = "/api/v2/shop/auth_partner";
//! assert_eq!(
//!     sign(&key, 2001887, path, 1655714431, Identity::Public),
//!     "bef10fe18a2ec6e9d5d68cebd255bc5394835300a97f99336cd7e3679949ebb9"
//! );
//! ```
//!
//! # Pushes
//!
//! A push is signed over the callback URL as it was registered and the body as it came.
//!
//! ```
//! use hawker_domain::event::{KeySlot, SignatureScheme, Verdict};
//! use hawker_ports::pushes::{PushReader, VerificationCandidates};
//! use hawker_shopee::push::ShopeePushes;
//!
//! let body = br#"{"data":{"items":[],"ordersn":"220810QSK8S7BX","status":"PROCESSED","completed_scenario":"","update_time":1660123127},"shop_id":727720655,"code":3,"timestamp":1660123127}"#;
//! let authorization = "703f44aa7345daf23cdd0ac0b3451108eeea5dda2c0e96fe1031c50cf7c681eb";
//!
//! let push_key = "test_push_key_0123456789abcdef".into();
//! let verdict = ShopeePushes.verify(
//!     &VerificationCandidates {
//!         push_key: Some(&push_key),
//!         urls: &["https://ops.example.com/connectors/shopee/webhook/live".to_owned()],
//!         ..VerificationCandidates::default()
//!     },
//!     body,
//!     Some(authorization),
//! );
//! assert_eq!(
//!     verdict,
//!     Verdict::Genuine { scheme: SignatureScheme::UrlBody, key: KeySlot::Push }
//! );
//!
//! let content = ShopeePushes.read(body);
//! assert_eq!(content.order_sn.unwrap().as_str(), "220810QSK8S7BX");
//! ```
//!
//! # Orders
//!
//! One HTTP client, built from [`client::http_client_builder`] after a TLS provider was installed,
//! serves all shops. Up to fifty orders are fetched in one call; an order that the platform does
//! not know is left out of the answer, one that cannot be understood comes with its complaint.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use hawker_domain::OrderSn;
//! use hawker_ports::metrics::NoMetrics;
//! use hawker_ports::marketplace::ShopAccess;
//! use hawker_ports::{Clock, Marketplace};
//! use hawker_shopee::client::{
//!     CallPolicy, RateLimits, ShopeeApi, ShopeeMarketplace, http_client_builder,
//! };
//!
//! # async fn example(
//! #     clock: Arc<dyn Clock>,
//! #     access: ShopAccess,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let http = http_client_builder().build()?;
//! let api = ShopeeApi::new(
//!     http,
//!     clock,
//!     Arc::new(NoMetrics),
//!     CallPolicy::default(),
//!     RateLimits::default(),
//! );
//! let shopee = ShopeeMarketplace::new(Arc::new(api));
//!
//! let orders: Vec<_> = OrderSn::parse("220810QSK8S7BX").into_iter().collect();
//! for order in shopee.order_details(&access, &orders).await? {
//!     match order.snapshot {
//!         Ok(snapshot) => println!("{}: {}", order.order_sn, snapshot.status),
//!         Err(complaint) => println!("{}: {complaint}", order.order_sn),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Another endpoint
//!
//! Describe it as a [`client::Endpoint`], give its reply a struct in [`wire`], call it through
//! [`client::ShopeeApi::call`]. Signing, limits, time-outs, retries, error classes, metrics and the
//! log come with it.

pub mod client;
pub mod push;
pub mod sign;
pub mod translate;
pub mod wire;

mod json;
