//! Inbound events: hints that an order may have changed, and where they came from.

use crate::channel::named;
use crate::ids::{EventId, OrderSn, ProfileId, ShopId};
use crate::{ConnectorName, Environment, IdSource, Timestamp};

named! {
    /// By which road an event came.
    EventSource: "event source" {
        /// The marketplace pushed it.
        Webhook = "webhook",
        /// We fetched it from the marketplace's queue of lost pushes.
        Poll = "poll",
        /// A reconcile run found the order.
        Reconcile = "reconcile",
        /// An operator asked for it.
        Manual = "manual",
    }
}

impl EventSource {
    /// Whether what comes by this road is believed without a signature: we fetched it ourselves
    /// over the signed API, or a person of ours asked for it.
    pub const fn is_trusted_by_itself(self) -> bool {
        !matches!(self, Self::Webhook)
    }

    /// Whether it is the marketplace that speaks, at once or out of its queue of lost pushes, and not
    /// we who asked.
    pub const fn is_push(self) -> bool {
        matches!(self, Self::Webhook | Self::Poll)
    }
}

named! {
    /// What became of an event.
    EventOutcome: "event outcome" {
        /// The order was brought up to date.
        Applied = "applied",
        /// The order already was as the marketplace says.
        Unchanged = "unchanged",
        /// Stored and acknowledged; nothing is done for this code.
        Recorded = "recorded",
        /// Stored for an environment or profile that is not active; a retry processes it.
        Skipped = "skipped",
        /// Its signature matched no key; never processed.
        Unverified = "unverified",
        /// The operator was told (an authorisation that runs out).
        Alerted = "alerted",
    }
}

named! {
    /// How a push proved that it is genuine.
    SignatureScheme: "signature scheme" {
        /// The platform's own: HMAC over `url|body`, plain hex.
        UrlBody = "url_body",
        /// The older documents': HMAC over the body, `SHA256 <hex>`.
        BodyOnly = "body_only",
    }
}

named! {
    /// Which of a profile's keys matched.
    KeySlot: "key slot" {
        /// The push key in force.
        Push = "push",
        /// The push key before the last rotation.
        PreviousPush = "previous_push",
        /// The partner key; older apps sign with it.
        Partner = "partner",
    }
}

/// Shopee's push codes. The set is open (shopee.md §4.6): any number is stored and survived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PushCode(pub i32);

impl PushCode {
    /// The ping that is sent when a callback URL is registered.
    pub const VERIFICATION: Self = Self(0);
    /// `shop_authorization_push`: a seller authorised the app.
    pub const AUTHORISED: Self = Self(1);
    /// `shop_authorization_canceled_push`: an authorisation was taken back or ended.
    pub const AUTHORISATION_CANCELLED: Self = Self(2);
    /// `order_status_push`.
    pub const ORDER_STATUS: Self = Self(3);
    /// `order_trackingno_push`.
    pub const TRACKING_NUMBER: Self = Self(4);
    /// `open_api_authorization_expiry`: names the shops whose authorisation ends within a week.
    pub const AUTHORISATION_EXPIRY: Self = Self(12);

    /// Whether the code says that an order may have changed, so that its snapshot is fetched.
    pub const fn concerns_an_order(self) -> bool {
        matches!(self, Self::ORDER_STATUS | Self::TRACKING_NUMBER)
    }

    /// The platform's name of the code, where it is a known one.
    pub const fn name(self) -> &'static str {
        match self.0 {
            0 => "verification",
            1 => "shop_authorization",
            2 => "shop_authorization_canceled",
            3 => "order_status",
            4 => "order_trackingno",
            5 => "shopee_updates",
            6 | 16 => "violation_item",
            7 => "item_promotion",
            8 => "reserved_stock_change",
            9 => "promotion_update",
            10 => "webchat",
            11 | 38 => "video_upload",
            12 => "open_api_authorization_expiry",
            13 => "brand_register_result",
            15 => "shipping_document_status",
            18..=21 => "consignment",
            22 => "item_price_update",
            23..=25 => "booking",
            27 => "item_scheduled_publish_failed",
            28 => "shop_penalty_update",
            29 => "return_updates",
            30 => "package_fulfillment_status",
            31 | 33..=36 => "fulfilled_by_shopee",
            37 => "courier_delivery_binding_status",
            47 => "package_info",
            _ => "unknown",
        }
    }
}

/// What a push says, as far as we use it. Everything is optional: a push is only a hint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushContent {
    /// The code; 0 where none was readable.
    pub code: i32,
    /// Whether it is the ping that is sent when a callback URL is registered: a code of 0 or an
    /// empty body, not merely an unreadable one.
    pub is_ping: bool,
    /// The shop, where the envelope names one.
    pub shop: Option<ShopId>,
    /// The app (partner id), where the envelope names one: codes 1 and 2 do instead of a shop
    /// (shopee.md §4.2).
    pub partner_id: Option<i64>,
    /// The marketplace's own id of the message (`msg_id`), opaque, where it sent one.
    pub message_id: Option<String>,
    /// The order it is about.
    pub order_sn: Option<OrderSn>,
    /// `update_time` of `data`: a snapshot older than that comes from a replica that lags behind.
    pub updated_at: Option<Timestamp>,
    /// Code 4, and what we asked for in its place: the parcel and its tracking number.
    pub tracking: Option<Tracking>,
    /// When the platform sent it, by its own clock; changes with a retry.
    pub sent_at: Option<Timestamp>,
    /// Codes 1 and 2: the shops whose authorisation was given or taken back, as far as the push names
    /// any (shopee.md §4.6: one documented form of code 2 names none).
    pub authorised_shops: Vec<ShopId>,
    /// Code 12: the shops whose authorisation runs out.
    pub expiring_shops: Vec<ShopId>,
    /// Code 12: before when it runs out.
    pub expires_before: Option<Timestamp>,
    /// The order, and a hex digest over shop, code and the meaning of `data`, without the time of
    /// sending: a retry, a lost push and a reconcile hit of one change share it (shopee.md §4.8).
    pub content_key: String,
    /// Whether the body is JSON that a Postgres `json` value can hold.
    pub is_json: bool,
}

impl PushContent {
    /// What tells it apart without a word of what it says: the digest of its key.
    pub fn digest(&self) -> &str {
        self.content_key
            .rsplit_once(':')
            .map_or(self.content_key.as_str(), |(_, digest)| digest)
    }

    /// The id of the delivery by what it says of itself, for where no header names one (shopee.md §4.8).
    /// It names the order before the message: what comes together lies together.
    pub fn delivery_id(&self) -> Option<String> {
        let Self { code, order_sn, .. } = self;
        let id = self.message_id.as_ref()?;
        Some(match order_sn {
            Some(order_sn) => format!("msg:{code}:{order_sn}:{id}"),
            None => format!("msg:{code}:{id}"),
        })
    }
}

/// A parcel's tracking number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracking {
    /// Shopee's `package_number`; blank where the push named none.
    pub package_number: String,
    /// The courier's number.
    pub tracking_number: String,
    /// Whether a push told it. Such a number takes the place of another one; one that we asked for
    /// only fills a gap.
    pub is_pushed: bool,
}

/// Whether and how a push was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The signature matched.
    Genuine {
        /// By this scheme.
        scheme: SignatureScheme,
        /// With this key.
        key: KeySlot,
    },
    /// It matched nothing that was tried.
    Mismatch,
    /// There was nothing to try: the profile is not known or has no key yet.
    NoKey,
}

impl Verdict {
    /// Whether the push may be acted upon.
    pub const fn is_genuine(self) -> bool {
        matches!(self, Self::Genuine { .. })
    }
}

/// An event as it is about to be stored.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile, where one was recognised.
    pub profile: Option<ProfileId>,
    /// By which road it came.
    pub source: EventSource,
    /// When we received it.
    pub received_at: Timestamp,
    /// The bytes as they came; the signature is over them.
    pub body: Vec<u8>,
    /// The signature header as it came.
    pub signature: Option<String>,
    /// `None` where no signature is expected (`source` is trusted by itself).
    pub verdict: Option<Verdict>,
    /// The marketplace's id of this delivery: a header, else the message id.
    pub delivery_id: Option<String>,
    /// What it says.
    pub content: PushContent,
    /// What is to be done with it.
    pub disposition: Disposition,
}

/// What is to be done with an event that is being stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// The order it names is to be brought up to date.
    Due,
    /// Nothing more: it is finished as it is stored.
    Finished(EventOutcome),
    /// It waits for a person; nothing is tried by itself.
    Parked,
}

impl Disposition {
    /// What is to be done with a push: nothing with one that is not genuine, nothing more with one
    /// for a profile that is not in force, and a person has to look at a genuine one that does not
    /// say what it must.
    pub fn of_push(content: &PushContent, verdict: Verdict, is_in_force: bool) -> Self {
        let code = PushCode(content.code);
        if !verdict.is_genuine() {
            Self::Parked
        } else if content.is_ping {
            Self::Finished(EventOutcome::Recorded)
        } else if code == PushCode::VERIFICATION {
            // No ping, and yet no code that can be read.
            Self::Parked
        } else if !is_in_force {
            Self::Finished(EventOutcome::Skipped)
        } else if code == PushCode::AUTHORISATION_EXPIRY {
            Self::Finished(EventOutcome::Alerted)
        } else if !code.concerns_an_order() {
            Self::Finished(EventOutcome::Recorded)
        } else if content.order_sn.is_some() {
            Self::Due
        } else {
            Self::Parked
        }
    }
}

impl Disposition {
    /// What is to be done with a push that we fetched ourselves from the marketplace's queue of lost
    /// ones: as with a genuine push, but one that belongs to no profile of ours is only kept.
    pub fn of_lost(content: &PushContent, is_known: bool, is_in_force: bool) -> Self {
        if is_known {
            let genuine = Verdict::Genuine {
                scheme: SignatureScheme::UrlBody,
                key: KeySlot::Push,
            };
            Self::of_push(content, genuine, is_in_force)
        } else {
            Self::Finished(EventOutcome::Recorded)
        }
    }
}

impl NewEvent {
    /// Whether the event may be acted upon, and therefore takes part in the search for duplicates.
    pub fn is_trusted(&self) -> bool {
        self.source.is_trusted_by_itself() || self.verdict.is_some_and(Verdict::is_genuine)
    }

    /// A hint of our own that an order may have changed: a reconcile hit or an operator's request.
    pub fn own_hint(
        key: &crate::channel::OrderKey,
        profile: ProfileId,
        source: EventSource,
        now: Timestamp,
        ids: &dyn IdSource,
    ) -> Self {
        let id = EventId::fresh(ids);
        Self {
            id,
            connector: key.connector,
            environment: key.environment,
            profile: Some(profile),
            source,
            received_at: now,
            body: Vec::new(),
            signature: None,
            verdict: None,
            delivery_id: None,
            content: PushContent {
                code: PushCode::ORDER_STATUS.0,
                order_sn: Some(key.order_sn.clone()),
                // Every request of a person counts: nothing else can share this key.
                content_key: format!("{source}:{id}"),
                ..PushContent::default()
            },
            disposition: Disposition::Due,
        }
    }

    /// The tracking number of a parcel that we asked for, because no push told it.
    pub fn own_tracking(
        key: &crate::channel::OrderKey,
        profile: ProfileId,
        tracking: Tracking,
        now: Timestamp,
        ids: &dyn IdSource,
    ) -> Self {
        let hint = Self::own_hint(key, profile, EventSource::Reconcile, now, ids);
        Self {
            content: PushContent {
                code: PushCode::TRACKING_NUMBER.0,
                tracking: Some(tracking),
                ..hint.content
            },
            ..hint
        }
    }
}
