//! Shopee Open Platform v2: request signing, the API client, the wire format and its translation
//! to the domain, and the verification and reading of pushes.
//!
//! It can be used by itself: everything that it needs of the outside is a trait of
//! [`hawker_ports`] with an implementation that does nothing, or a value. It keeps no state but its
//! rate limits, which apps rest for the day, and the differences to the clocks of the hosts, and stores
//! nothing. `examples/shop/main.rs` is a whole program.
//!
//! | what | where | port |
//! |---|---|---|
//! | orders and payouts | [`client::ShopeeMarketplace`] | [`Marketplace`](hawker_ports::Marketplace) |
//! | what may have been missed: lost pushes, lists of orders and of released payouts | [`client::ShopeeMarketplace`] | [`LostPushes`](hawker_ports::recovery::LostPushes), [`OrderLister`](hawker_ports::recovery::OrderLister), [`ReleaseLister`](hawker_ports::recovery::ReleaseLister) |
//! | returns, and until when they are to be answered | [`client::ShopeeMarketplace`] | [`ReturnLister`](hawker_ports::returns::ReturnLister) |
//! | the tracking numbers of parcels | [`client::ShopeeMarketplace`] | [`ParcelTracker`](hawker_ports::parcels::ParcelTracker) |
//! | links, codes, tokens | [`client::ShopeeMarketplace`], [`links`] | [`Authoriser`](hawker_ports::authorisation::Authoriser) |
//! | the shop, its warehouses | [`client::ShopeeMarketplace`] | [`ShopDesk`](hawker_ports::shops::ShopDesk) |
//! | the app's push settings | [`client::ShopeeMarketplace`] | [`PushConsole`](hawker_ports::push_console::PushConsole) |
//! | any call, what is left of the limits, how the clocks differ | [`client::ShopeeApi`], [`calls`] | [`CallBudgets`](hawker_ports::calls::CallBudgets), [`ClockSkew`](hawker_ports::calls::ClockSkew) |
//! | pushes | [`push::ShopeePushes`] | [`PushReader`](hawker_ports::pushes::PushReader) |
//!
//! # Calls
//!
//! A call is a value that says what is asked; what comes back has its own type. One HTTP client,
//! built from [`client::http_client_builder`] after a TLS provider was installed, serves all shops.
//! Signing, limits, time-outs, repeats, error classes, metrics, spans and the log come with every
//! call.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use hawker_domain::ShopId;
//! use hawker_ports::Clock;
//! use hawker_ports::metrics::NoMetrics;
//! use hawker_shopee::calls::shop::GetShop;
//! use hawker_shopee::client::{
//!     CallPolicy, Caller, RateLimits, ShopeeApi, http_client_builder,
//! };
//!
//! # async fn example(clock: Arc<dyn Clock>) -> Result<(), Box<dyn std::error::Error>> {
//! let http = http_client_builder().build()?;
//! let api = ShopeeApi::new(
//!     http,
//!     clock,
//!     Arc::new(NoMetrics),
//!     CallPolicy::default(),
//!     RateLimits::default(),
//! );
//!
//! let (partner_key, access_token) = ("shpk…".into(), "…".into());
//! let shop = Caller::app("https://partner.shopeemobile.com/api/v2", 2001887, &partner_key)
//!     .for_shop(ShopId(14701711), &access_token);
//! let about = api.typed(shop, &GetShop, api.deadline()).await?;
//! println!("{:?} until {:?}", *about.reply.shop_name, *about.reply.expire_time);
//! # Ok(())
//! # }
//! ```
//!
//! What goes wrong is a [`MarketplaceError`](hawker_ports::MarketplaceError), whose variants say what
//! to do next: refresh the token, have the shop authorised again, wait, ask an operator. The platform
//! says several of these with one code; [`client::RefusalClass`] tells them apart.
//!
//! # Changes
//!
//! Of a call that changes something, a lost reply does not tell whether it was carried out. It is not
//! repeated then, and the caller is told.
//!
//! ```
//! use hawker_ports::MarketplaceError;
//! use hawker_shopee::calls::order::CancelOrder;
//! use hawker_shopee::client::{Caller, ShopeeApi};
//!
//! async fn cancel(
//!     api: &ShopeeApi,
//!     shop: Caller<'_>,
//!     call: &CancelOrder,
//! ) -> Result<(), MarketplaceError> {
//!     match api.typed(shop, call, api.deadline()).await {
//!         Ok(_) => Ok(()),
//!         // Ask for the order before anything else is done to it.
//!         Err(MarketplaceError::MaybeApplied { reason, .. }) => {
//!             println!("{} may be cancelled: {reason}", call.order);
//!             Ok(())
//!         }
//!         Err(other) => Err(other),
//!     }
//! }
//! ```
//!
//! # Signing
//!
//! Every request carries `sign` in its query: the HMAC of app, path, time and, on behalf of a shop,
//! token and shop. The client does it by itself, and [`links`] for a seller's browser; whoever sends
//! requests in another way signs them by hand.
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
//! Through the port, up to fifty orders are fetched in one call and put into the domain's terms; an
//! order that the platform does not know is left out of the answer, one that cannot be understood
//! comes with its complaint.
//!
//! ```
//! use hawker_domain::OrderSn;
//! use hawker_ports::marketplace::ShopAccess;
//! use hawker_ports::{Marketplace, MarketplaceError};
//! use hawker_shopee::client::ShopeeMarketplace;
//!
//! async fn tell(
//!     shopee: &ShopeeMarketplace,
//!     access: &ShopAccess,
//!     orders: &[OrderSn],
//! ) -> Result<(), MarketplaceError> {
//!     for order in shopee.order_details(access, orders).await? {
//!         match order.snapshot {
//!             Ok(snapshot) => println!("{}: {}", order.order_sn, snapshot.status),
//!             Err(complaint) => println!("{}: {complaint}", order.order_sn),
//!         }
//!     }
//!     Ok(())
//! }
//! ```

pub mod calls;
pub mod client;
pub mod links;
pub mod push;
pub mod sign;
pub mod translate;
pub mod wire;

mod json;
