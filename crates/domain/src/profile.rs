//! Connector profiles: which shop of which marketplace, and where its API and pushes live.

mod activation;
mod completeness;
mod urls;

pub use activation::{ActivationError, activate, can_be_deleted};
pub use completeness::{Missing, missing};
pub use urls::{CallbackUrls, PublicBaseUrl};

use crate::channel::named;
use crate::{Currency, Environment, Zone};

named! {
    /// The region of a Shopee profile. The market part is a label (currency, zone); hosts are few:
    /// one app serves shops of every market (shopee.md §1).
    Region: "region" {
        /// Production, servers near Singapore; the default.
        Global = "GLOBAL",
        /// Production, servers near Mainland China.
        China = "CHINA",
        /// Production, servers near Brazil or the US.
        Brazil = "BRAZIL",
        /// Singapore.
        Sg = "SG",
        /// Malaysia.
        My = "MY",
        /// Indonesia.
        Id = "ID",
        /// Thailand.
        Th = "TH",
        /// Vietnam.
        Vn = "VN",
        /// Philippines.
        Ph = "PH",
        /// Taiwan.
        Tw = "TW",
        /// Sandbox.
        TestGlobal = "TEST_GLOBAL",
        /// Sandbox, Mainland China developers.
        TestChina = "TEST_CHINA",
        /// Sandbox, Brazilian label.
        TestBrazil = "TEST_BRAZIL",
        /// Sandbox, Singapore label.
        TestSg = "TEST_SG",
        /// Sandbox, Malaysian label.
        TestMy = "TEST_MY",
        /// Sandbox, Indonesian label.
        TestId = "TEST_ID",
        /// Sandbox, Thai label.
        TestTh = "TEST_TH",
        /// Sandbox, Vietnamese label.
        TestVn = "TEST_VN",
        /// Sandbox, Philippine label.
        TestPh = "TEST_PH",
        /// Sandbox, Taiwanese label.
        TestTw = "TEST_TW",
    }
}

impl Region {
    /// The base URL of the API, `/api/v2` included and without a slash at the end
    /// (shopee.md §1.2, right-hand column).
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::China => "https://openplatform.shopee.cn/api/v2",
            Self::Brazil => "https://openplatform.shopee.com.br/api/v2",
            Self::Global
            | Self::Sg
            | Self::My
            | Self::Id
            | Self::Th
            | Self::Vn
            | Self::Ph
            | Self::Tw => "https://partner.shopeemobile.com/api/v2",
            Self::TestChina => "https://openplatform.sandbox.test-stable.shopee.cn/api/v2",
            Self::TestGlobal
            | Self::TestBrazil
            | Self::TestSg
            | Self::TestMy
            | Self::TestId
            | Self::TestTh
            | Self::TestVn
            | Self::TestPh
            | Self::TestTw => "https://openplatform.sandbox.test-stable.shopee.sg/api/v2",
        }
    }

    /// The environment that the region's host belongs to.
    pub const fn environment(self) -> Environment {
        match self {
            Self::Global
            | Self::China
            | Self::Brazil
            | Self::Sg
            | Self::My
            | Self::Id
            | Self::Th
            | Self::Vn
            | Self::Ph
            | Self::Tw => Environment::Live,
            _ => Environment::Sandbox,
        }
    }

    /// The zone that the shop lives in: its days and its schedules are told in it. A label without a
    /// market of its own stands for Singapore, where the platform's own day begins (shopee.md §6.5).
    pub const fn zone(self) -> Zone {
        match self {
            Self::My | Self::TestMy => Zone::Asia__Kuala_Lumpur,
            Self::Id | Self::TestId => Zone::Asia__Jakarta,
            Self::Th | Self::TestTh => Zone::Asia__Bangkok,
            Self::Vn | Self::TestVn => Zone::Asia__Ho_Chi_Minh,
            Self::Ph | Self::TestPh => Zone::Asia__Manila,
            Self::Tw | Self::TestTw => Zone::Asia__Taipei,
            Self::China | Self::TestChina => Zone::Asia__Shanghai,
            Self::Brazil | Self::TestBrazil => Zone::America__Sao_Paulo,
            Self::Global | Self::TestGlobal | Self::Sg | Self::TestSg => Zone::Asia__Singapore,
        }
    }

    /// The currency of the market, where the region names one (shopee.md §6.4).
    pub fn currency(self) -> Option<Currency> {
        let code = match self {
            Self::Sg | Self::TestSg => "SGD",
            Self::My | Self::TestMy => "MYR",
            Self::Id | Self::TestId => "IDR",
            Self::Th | Self::TestTh => "THB",
            Self::Vn | Self::TestVn => "VND",
            Self::Ph | Self::TestPh => "PHP",
            Self::Tw | Self::TestTw => "TWD",
            Self::Brazil | Self::TestBrazil => "BRL",
            Self::Global | Self::China | Self::TestGlobal | Self::TestChina => return None,
        };
        code.parse().ok()
    }
}

/// The base URL that calls of a profile go to: the override, trimmed, wins over the region's.
pub fn base_url(region: Region, base_url_override: Option<&str>) -> String {
    base_url_override
        .map(|url| url.trim().trim_end_matches('/'))
        .filter(|url| !url.is_empty())
        .unwrap_or(region.base_url())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_a_test_sibling_on_a_sandbox_host() {
        for region in Region::ALL
            .iter()
            .filter(|region| region.environment() == Environment::Live)
        {
            let sibling: Region = format!("TEST_{region}").parse().unwrap();
            assert_eq!(sibling.environment(), Environment::Sandbox);
            assert!(sibling.base_url().contains("sandbox"), "{sibling}");
            assert!(!region.base_url().contains("sandbox"), "{region}");
        }
    }

    #[test]
    fn a_blank_override_leaves_the_regions_host() {
        assert_eq!(base_url(Region::Sg, Some("  ")), Region::Sg.base_url());
        assert_eq!(
            base_url(Region::Sg, Some(" http://127.0.0.1:1/api/v2/ ")),
            "http://127.0.0.1:1/api/v2"
        );
    }
}
