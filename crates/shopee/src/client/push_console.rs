//! The [`PushConsole`] port: the app's push settings (shopee.md §4.7).

use async_trait::async_trait;
use hawker_domain::ShopId;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::AppAccess;
use hawker_ports::push_console::{PushConsole, PushSettings, PushSettingsChange, PushStatus};

use super::call::Call;
use super::marketplace::ShopeeMarketplace;
use crate::calls::push::{GetAppPushConfig, PushConfigWire, SetAppPushConfig};
use crate::wire::{Field, List};

/// What the platform says of settings that it took over.
const SUCCESS: &str = "success";

#[async_trait]
impl PushConsole for ShopeeMarketplace {
    async fn push_settings(&self, app: &AppAccess) -> Result<PushSettings, MarketplaceError> {
        let deadline = self.api.deadline();
        let answer = self.api.typed(app.into(), &GetAppPushConfig, deadline);
        Ok(settings(answer.await?.reply))
    }

    async fn change_push_settings(
        &self,
        app: &AppAccess,
        change: &PushSettingsChange,
    ) -> Result<(), MarketplaceError> {
        let PushSettingsChange {
            callback_url,
            switch_on,
            switch_off,
            blocked_shops,
        } = change;
        let call = SetAppPushConfig {
            callback_url: callback_url.clone(),
            switch_on: switch_on.clone(),
            switch_off: switch_off.clone(),
            blocked_shops: blocked_shops
                .as_ref()
                .map(|shops| shops.iter().map(|shop| shop.0).collect()),
        };
        let deadline = self.api.deadline();
        let answer = self.api.typed(app.into(), &call, deadline).await?;
        let result = answer.reply.and_then(|reply| reply.result.0);
        match result {
            Some(result) if !result.eq_ignore_ascii_case(SUCCESS) => {
                Err(MarketplaceError::Refused {
                    endpoint: SetAppPushConfig::ENDPOINT.name,
                    code: result,
                    message: "the platform did not take the settings over".to_owned(),
                    request_id: answer.request_id,
                })
            }
            _ => Ok(()),
        }
    }
}

fn settings(wire: PushConfigWire) -> PushSettings {
    PushSettings {
        callback_url: wire.callback_url.0,
        status: status(wire.live_push_status.as_deref().unwrap_or_default()),
        suspended_at: *wire.suspended_time,
        codes_on: codes(&wire.push_config_on_list),
        codes_off: codes(&wire.push_config_off_list),
        blocked_shops: wire
            .blocked_shop_id
            .iter()
            .filter_map(|id| id.map(ShopId))
            .collect(),
    }
}

fn codes(list: &List<Field<i64>>) -> Vec<i32> {
    list.iter()
        .filter_map(|code| i32::try_from((**code)?).ok())
        .collect()
}

/// The platform's table capitalises its words, its sample does not. A word that is not known stays
/// as it is.
fn status(word: &str) -> PushStatus {
    [
        PushStatus::Normal,
        PushStatus::Warning,
        PushStatus::Suspended,
    ]
    .into_iter()
    .find(|known| known.as_str().eq_ignore_ascii_case(word))
    .unwrap_or_else(|| PushStatus::parse(word))
}
