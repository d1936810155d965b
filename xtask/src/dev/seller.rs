//! The seller of the demo: follows the link that `hawker oauth start` prints, agrees at the emulator,
//! and comes back to the service, as a browser would.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::json;

use super::http;
use super::shop::{DemoShop, SHOP_ID, TOKEN_SECONDS};
use crate::process;

/// How long the emulator may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Authorises the demo shop. `hawker` is the program with its settings.
pub fn authorise(mut hawker: Command, demo: DemoShop) -> anyhow::Result<()> {
    wait_for(demo.emulator_port)?;
    let tell = |path: &str, what: &serde_json::Value| {
        let answer = http::post(demo.emulator_port, path, what)?;
        answer
            .json()
            .with_context(|| format!("the emulator refuses {path}"))
    };
    // The console knows the URL before the service looks there; what is sold before the shop is
    // authorised waits until it is, because its orders could not be asked for.
    let pushes = json!({ "url": demo.push_url(), "paused": true });
    tell("/_control/pushes", &pushes)?;
    let short_lived = json!({ "access_token_seconds": TOKEN_SECONDS });
    tell("/_control/gateway", &short_lived)?;
    let shop: i64 = SHOP_ID.parse().context("the demo shop's id")?;
    let agreed = json!({ "link": link(&mut hawker)?, "shop_id": shop });
    let agreed = tell("/_control/authorise", &agreed)?;
    let back = agreed["redirect_url"]
        .as_str()
        .context("the emulator names no way back")?;
    come_back(back, demo)?;
    tell("/_control/pushes", &json!({ "paused": false })).map(drop)
}

/// The link, as a person gets it from the terminal.
fn link(hawker: &mut Command) -> anyhow::Result<String> {
    let said = process::output(hawker.args(["oauth", "start", "--env", "sandbox", "--json"]))?;
    let said: serde_json::Value =
        serde_json::from_str(&said).context("`hawker oauth start` does not answer JSON")?;
    let link = said["authorization_url"].as_str();
    link.map(str::to_owned)
        .context("`hawker oauth start` answers no link")
}

/// The way back to the service, with the code.
fn come_back(url: &str, demo: DemoShop) -> anyhow::Result<()> {
    let target = url
        .strip_prefix(&demo.service_url())
        .context("the way back leads somewhere else")?;
    let answer = http::get(demo.service_port, target)?;
    // A page where nothing says where to go on; else the way there.
    ensure!(
        matches!(answer.status, 200 | 302 | 303),
        "the service does not take the shop's authorisation: it answers {}",
        answer.status
    );
    Ok(())
}

fn wait_for(port: u16) -> anyhow::Result<()> {
    let since = Instant::now();
    while http::get(port, "/_control").is_err() {
        if since.elapsed() > START_LIMIT {
            bail!("the emulator does not answer");
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}
