//! Whether a change of push settings is acceptable, and whether it came true.

use hawker_ports::push_console::{PushSettings, PushSettingsChange};

use crate::manage_profiles::bad_url;
use crate::problems::FieldProblem;

/// Shops that may be blocked (`blocked_shop_id_list` of `set_app_push_config`).
const BLOCKED_SHOPS_MAX: usize = 500;

/// The highest code that the API knows; newer ones are set in the console.
const CODE_MAX: i32 = 13;

/// What is wrong with a change.
pub(super) fn problems(change: &PushSettingsChange) -> Vec<FieldProblem> {
    let PushSettingsChange {
        callback_url,
        switch_on,
        switch_off,
        blocked_shops,
    } = change;
    let url = callback_url.as_deref();
    let url = url
        .and_then(|url| bad_url(url, "https://…/connectors/shopee/webhook/live"))
        .map(|message| FieldProblem::new("callback_url", message));
    let too_many = blocked_shops
        .as_ref()
        .filter(|shops| shops.len() > BLOCKED_SHOPS_MAX)
        .map(|shops| {
            let message = format!(
                "names {} shops: {BLOCKED_SHOPS_MAX} is the most",
                shops.len()
            );
            FieldProblem::new("blocked_shop_id_list", message)
        });
    let both = switch_on.iter().find(|code| switch_off.contains(code));
    let both = both.map(|code| {
        let message = format!("has code {code}, which is to be switched on as well");
        FieldProblem::new("set_push_config_off", message)
    });
    let nothing = (*change == PushSettingsChange::default()).then(|| {
        FieldProblem::new(
            "callback_url",
            "and everything else is left out: nothing is to change",
        )
    });
    [
        url,
        unknown_code("set_push_config_on", switch_on),
        unknown_code("set_push_config_off", switch_off),
        both,
        too_many,
        nothing,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn unknown_code(field: &'static str, codes: &[i32]) -> Option<FieldProblem> {
    let code = codes.iter().find(|code| !(1..=CODE_MAX).contains(*code))?;
    let message = format!(
        "has code {code}: the API knows 1 to {CODE_MAX}, others are set in the marketplace's console"
    );
    Some(FieldProblem::new(field, message))
}

/// The fields that a change names.
pub(super) fn fields(change: &PushSettingsChange) -> Vec<&'static str> {
    let PushSettingsChange {
        callback_url,
        switch_on,
        switch_off,
        blocked_shops,
    } = change;
    [
        ("callback_url", callback_url.is_some()),
        ("set_push_config_on", !switch_on.is_empty()),
        ("set_push_config_off", !switch_off.is_empty()),
        ("blocked_shop_id_list", blocked_shops.is_some()),
    ]
    .into_iter()
    .filter(|(_, is_named)| *is_named)
    .map(|(name, _)| name)
    .collect()
}

/// Whether the settings are what the change asks for.
pub(super) fn is_as_wanted(settings: &PushSettings, change: &PushSettingsChange) -> bool {
    let PushSettingsChange {
        callback_url,
        switch_on,
        switch_off,
        blocked_shops,
    } = change;
    let is_url = callback_url.is_none() || *callback_url == settings.callback_url;
    let are_on = switch_on
        .iter()
        .all(|code| settings.codes_on.contains(code));
    let are_off = switch_off
        .iter()
        .all(|code| !settings.codes_on.contains(code));
    let are_blocked = blocked_shops.as_ref().is_none_or(|wanted| {
        let sorted = |shops: &[_]| {
            let mut shops = shops.to_vec();
            shops.sort_unstable();
            shops
        };
        sorted(wanted) == sorted(&settings.blocked_shops)
    });
    is_url && are_on && are_off && are_blocked
}
