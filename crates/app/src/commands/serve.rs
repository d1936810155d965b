//! `hawker serve`.

use crate::config::{Config, Variables};
use crate::serve;

pub(crate) async fn serve(variables: &Variables) -> anyhow::Result<()> {
    let config = Config::read(variables)?;
    let service = serve::Service::start(&config)?;
    serve::asked_to_stop().await;
    service.stop().await;
    Ok(())
}
