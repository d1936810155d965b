//! What a person sees of an app's push settings.

use hawker_domain::event::PushCode;
use hawker_domain::{ShopId, Timestamp};
use hawker_ports::push_console::{PushSettings, PushStatus};
use serde::Serialize;

/// An app's push settings, by the marketplace's names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PushSettingsCard {
    /// Where pushes go; one URL for all shops of the app.
    pub callback_url: Option<String>,
    /// How the marketplace judges our answers: `Normal`, `Warning`, `Suspended` or whatever else.
    pub live_push_status: String,
    /// Since when nothing is pushed.
    pub suspended_time: Option<Timestamp>,
    /// Codes that are pushed. The API knows codes up to 13 only; newer ones are set in the console.
    pub push_config_on_list: Vec<i32>,
    /// Codes that are not.
    pub push_config_off_list: Vec<i32>,
    /// Shops that nothing is pushed for.
    pub blocked_shop_id_list: Vec<ShopId>,
    /// The callback URL that pushes of the profile are verified with.
    pub registered_url: Option<String>,
    /// What deserves attention, in words.
    pub notices: Vec<String>,
}

impl PushSettingsCard {
    pub(super) fn of(settings: PushSettings, registered_url: Option<&str>) -> Self {
        let notices = notices(&settings, registered_url);
        let PushSettings {
            callback_url,
            status,
            suspended_at,
            codes_on,
            codes_off,
            blocked_shops,
        } = settings;
        Self {
            callback_url,
            live_push_status: status.as_str().to_owned(),
            suspended_time: suspended_at,
            push_config_on_list: codes_on,
            push_config_off_list: codes_off,
            blocked_shop_id_list: blocked_shops,
            registered_url: registered_url.map(str::to_owned),
            notices,
        }
    }
}

fn notices(settings: &PushSettings, registered_url: Option<&str>) -> Vec<String> {
    let mut notices = Vec::new();
    match &settings.status {
        PushStatus::Normal => {}
        PushStatus::Warning => notices.push(
            "The marketplace warns: fewer than 70 % of its pushes were answered well within six hours. See that this installation is reached.".to_owned(),
        ),
        PushStatus::Suspended => notices.push(
            "The marketplace pushes nothing any more: fewer than 30 % of its pushes were answered well. See that this installation is reached, then save the push settings in the console again.".to_owned(),
        ),
        PushStatus::Other(status) => notices.push(format!(
            "The marketplace calls the state of its pushes `{status}`, which this version does not know."
        )),
    }
    match (settings.callback_url.as_deref(), registered_url) {
        (None, _) => notices.push(
            "No callback URL is set: nothing is pushed. Set it to the push URL of the profile.".to_owned(),
        ),
        (Some(at), Some(registered)) if at != registered => notices.push(format!(
            "The marketplace pushes to {at}, but {registered} is noted as registered: pushes are signed over the former. Note that one in the profile."
        )),
        (Some(_), _) => {}
    }
    if settings.codes_off.contains(&PushCode::ORDER_STATUS.0) {
        notices.push(
            "Code 3 (order status) is switched off: new orders are not pushed. Switch it on."
                .to_owned(),
        );
    }
    notices
}
