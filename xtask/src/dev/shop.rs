//! The demo shop: the settings by which the service and the emulator know each other.
//!
//! All of them are values for a machine of one's own. Commands without the emulator leave alone what
//! the environment sets, so that they serve a real sandbox app as well.

use std::env;
use std::process::Command;

/// The emulator's port when it is free; where it is not, another one is found.
pub const EMULATOR_PORT: u16 = 9100;
/// The service's port when nothing else is asked for.
pub const SERVICE_PORT: u16 = 9000;

pub const PARTNER_ID: &str = "2001887";
pub const PARTNER_KEY: &str = "demo-partner-key-for-this-machine-only";
pub const PUSH_KEY: &str = "demo-push-key-for-this-machine-only";
pub const SHOP_ID: &str = "220099887";
/// The profile that the first boot makes of these settings.
pub const PROFILE: &str = "prof_sandbox";
const MASTER_SECRET: &str = "demo-master-secret-for-this-machine-only";

/// How long an access token of the demo shop lives, in seconds, and how long before its end it is
/// renewed: short enough that whoever watches sees it happen.
pub const TOKEN_SECONDS: u32 = 150;
const TOKEN_MARGIN_SECONDS: u32 = 30;

/// Slots that come while somebody watches, and a history that is as short as the demo's.
const PACE: [(&str, &str); 4] = [
    ("HAWKER_LOST_PUSH_SCHEDULE", "* * * * *"),
    ("HAWKER_RECONCILE_SCHEDULE", "*/2 * * * *"),
    ("HAWKER_ESCROW_SCHEDULE", "* * * * *"),
    ("HAWKER_HISTORY_DAYS", "2"),
];

/// Where the two programs listen.
#[derive(Debug, Clone, Copy)]
pub struct DemoShop {
    pub service_port: u16,
    pub emulator_port: u16,
}

impl Default for DemoShop {
    fn default() -> Self {
        Self {
            service_port: SERVICE_PORT,
            emulator_port: EMULATOR_PORT,
        }
    }
}

impl DemoShop {
    pub fn service_url(self) -> String {
        format!("http://127.0.0.1:{}", self.service_port)
    }

    pub fn emulator_url(self) -> String {
        format!("http://127.0.0.1:{}", self.emulator_port)
    }

    /// Where the shop sends its pushes, exactly as both sides sign it.
    pub fn push_url(self) -> String {
        format!("{}/connectors/shopee/webhook/sandbox", self.service_url())
    }

    fn api_base_url(self) -> String {
        format!("{}/api/v2", self.emulator_url())
    }

    /// Has `hawker` take over where the two programs listen this time: the profile was made the first
    /// time, and the ports may be others by now.
    pub fn move_profile(self, hawker: &mut Command) -> &mut Command {
        hawker
            .args(["profiles", "edit", PROFILE])
            .args(["--base-url", &self.api_base_url()])
            .args(["--registered-url", &self.push_url()])
    }

    /// Gives `hawker` the settings of the demo, whatever the environment says.
    pub fn configure(self, command: &mut Command) {
        for (name, value) in self.settings() {
            command.env(name, value).env_remove(format!("{name}_FILE"));
        }
        Self::hasten(command);
    }

    /// Has jobs run at short slots, where the environment says nothing else.
    pub fn hasten(command: &mut Command) {
        for (name, value) in PACE {
            if env::var_os(name).is_none() {
                command.env(name, value);
            }
        }
    }

    /// Gives `hawker` those settings of the demo that the environment does not have.
    pub fn fill_in(self, command: &mut Command) {
        for (name, value) in self.settings() {
            if env::var_os(name).is_none() && env::var_os(format!("{name}_FILE")).is_none() {
                command.env(name, value);
            }
        }
    }

    fn settings(self) -> [(&'static str, String); 11] {
        [
            ("JWT_SECRET", MASTER_SECRET.to_owned()),
            ("PORT", self.service_port.to_string()),
            ("PUBLIC_API_BASE_URL", self.service_url()),
            (
                "TOKEN_REFRESH_MARGIN_SECONDS",
                TOKEN_MARGIN_SECONDS.to_string(),
            ),
            ("SHOPEE_ENVIRONMENT", "sandbox".to_owned()),
            ("SHOPEE_PARTNER_ID", PARTNER_ID.to_owned()),
            ("SHOPEE_PARTNER_KEY", PARTNER_KEY.to_owned()),
            ("SHOPEE_PUSH_PARTNER_KEY", PUSH_KEY.to_owned()),
            ("SHOPEE_SHOP_ID", SHOP_ID.to_owned()),
            ("SHOPEE_API_BASE_URL", self.api_base_url()),
            ("SHOPEE_PUSH_URL", self.push_url()),
        ]
    }

    /// Gives the emulator the same values, and something to do. It pushes nothing until the shop is
    /// authorised (`seller`).
    pub fn configure_emulator(self, command: &mut Command) {
        command
            .arg("--demo")
            // Another seed, other order numbers: the orders of the last run are in the database.
            .args(["--seed", &std::process::id().to_string()])
            .args(["--port", &self.emulator_port.to_string()])
            .args(["--partner-id", PARTNER_ID])
            .args(["--partner-key", PARTNER_KEY])
            .args(["--push-key", PUSH_KEY])
            .args(["--shop-id", SHOP_ID]);
    }
}
