//! One message to one app, and the bytes that are sent for it.

use serde::Serialize;
use serde_json::Value;

use super::news::of_change;
use super::notice::{Notice, PING_BODY, Subject};
use super::settings::{MessageIds, PushSettings};
use super::signing::{PushKeys, PushSigning};
use crate::world::{Change, Timestamp};

/// Where a push goes and by which keys it can be signed, as registered at the time of sending.
#[derive(Clone, Debug)]
pub(crate) struct Addressee {
    pub url: String,
    pub keys: PushKeys,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub partner_id: i64,
    pub code: i64,
    pub subject: Subject,
    pub data: Value,
    pub msg_id: String,
    /// Signed otherwise than the settings say.
    pub signing: Option<PushSigning>,
    /// Somebody else sends it: once, whatever becomes of it.
    pub forged: bool,
    /// Attempts made so far.
    pub attempts: usize,
}

#[derive(Serialize)]
struct EnvelopeWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_id: Option<&'a str>,
    data: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    shop_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_id: Option<i64>,
    code: i64,
    timestamp: Timestamp,
}

impl Message {
    pub fn of_change(change: &Change, partner_id: i64, settings: &PushSettings) -> Self {
        let (code, data) = of_change(change, settings.scenario_is_null);
        Self::new(partner_id, code, Subject::Shop(change.shop_id), data)
    }

    /// Most notices are one message; a long list of authorisations that end is several.
    pub fn of_notice(notice: &Notice, partner_id: i64) -> Vec<Self> {
        let contents = notice.contents(partner_id).into_iter();
        contents
            .map(|(code, data, subject)| Self::new(partner_id, code, subject, data))
            .collect()
    }

    fn new(partner_id: i64, code: i64, subject: Subject, data: Value) -> Self {
        Self {
            partner_id,
            code,
            subject,
            data,
            msg_id: String::new(),
            signing: None,
            forged: false,
            attempts: 0,
        }
    }

    /// The bytes of an attempt; the envelope's timestamp is the time of sending.
    pub fn body(&self, ids: MessageIds, sent_at: Timestamp) -> String {
        if self.code == 0 && self.data.is_null() {
            return PING_BODY.to_owned();
        }
        let msg_id = match ids {
            MessageIds::Stable | MessageIds::PerAttempt => Some(self.msg_id.as_str()),
            MessageIds::Empty => Some(""),
            MessageIds::Absent => None,
        };
        let (shop_id, partner_id) = match self.subject {
            Subject::Shop(id) => (Some(id), None),
            Subject::Partner(id) => (None, Some(id)),
            Subject::Nobody => (None, None),
        };
        let wire = EnvelopeWire {
            msg_id,
            data: &self.data,
            shop_id,
            partner_id,
            code: self.code,
            timestamp: sent_at,
        };
        // Plain data with text keys: serialising it cannot fail.
        serde_json::to_string(&wire).unwrap_or_default()
    }

    pub fn shop_id(&self) -> Option<i64> {
        match self.subject {
            Subject::Shop(id) => Some(id),
            Subject::Partner(_) | Subject::Nobody => None,
        }
    }
}
