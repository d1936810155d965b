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
pub const ACCESS_TOKEN: &str = "demo-access-token";
const MASTER_SECRET: &str = "demo-master-secret-for-this-machine-only";

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

    /// Gives `hawker` the settings of the demo, whatever the environment says.
    pub fn configure(self, command: &mut Command) {
        for (name, value) in self.settings() {
            command.env(name, value).env_remove(format!("{name}_FILE"));
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

    fn settings(self) -> [(&'static str, String); 10] {
        [
            ("JWT_SECRET", MASTER_SECRET.to_owned()),
            ("PORT", self.service_port.to_string()),
            ("SHOPEE_ENVIRONMENT", "sandbox".to_owned()),
            ("SHOPEE_PARTNER_ID", PARTNER_ID.to_owned()),
            ("SHOPEE_PARTNER_KEY", PARTNER_KEY.to_owned()),
            ("SHOPEE_PUSH_PARTNER_KEY", PUSH_KEY.to_owned()),
            ("SHOPEE_SHOP_ID", SHOP_ID.to_owned()),
            ("SHOPEE_ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
            (
                "SHOPEE_API_BASE_URL",
                format!("{}/api/v2", self.emulator_url()),
            ),
            ("SHOPEE_PUSH_URL", self.push_url()),
        ]
    }

    /// Gives the emulator the same values, and something to do.
    pub fn configure_emulator(self, command: &mut Command) {
        command
            .arg("--demo")
            // Another seed, other order numbers: the orders of the last run are in the database.
            .args(["--seed", &std::process::id().to_string()])
            .args(["--port", &self.emulator_port.to_string()])
            .args(["--partner-id", PARTNER_ID])
            .args(["--partner-key", PARTNER_KEY])
            .args(["--push-key", PUSH_KEY])
            .args(["--shop-id", SHOP_ID])
            .args(["--access-token", ACCESS_TOKEN])
            .args(["--push-url", &self.push_url()]);
    }
}
