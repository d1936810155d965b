//! What a profile may say, checked as a whole, so that a person learns everything at once; and what
//! is allowed but deserves a word.

use hawker_domain::profile::Region;
use hawker_domain::{Environment, ShopId};
use hawker_ports::locations::ShopLocation;
use hawker_ports::profiles::Profile;
use url::{Host, Url};

use super::draft::{Edited, ProfileEdit};
use super::keys;
use crate::problems::FieldProblem;

/// The longest name of a profile, in characters.
pub const DISPLAY_NAME_CHARS_MAX: usize = 80;

/// What is wrong with `edit`, in the order in which its fields stand; for the profile as it is
/// stored, if it is, which has these locations.
pub(super) fn problems(
    edit: &ProfileEdit,
    stored: Option<&Profile>,
    locations: &[ShopLocation],
) -> Vec<FieldProblem> {
    let name = edit.display_name.as_deref();
    let base = text_of(&edit.base_url_override);
    let registered = text_of(&edit.registered_url);
    let location = edit.default_location_id.as_deref().map(str::trim);
    [
        name.and_then(bad_name)
            .map(|message| FieldProblem::new("display_name", message)),
        base.and_then(|url| bad_base_url(url).or_else(|| moved_without_key(url, edit, stored)))
            .map(|message| FieldProblem::new("base_url_override", message)),
        registered
            .and_then(|url| bad_url(url, "https://…/connectors/shopee/webhook/live"))
            .map(|message| FieldProblem::new("registered_url", message)),
        bad_number(edit.partner_id).map(|message| FieldProblem::new("partner_id", message)),
        bad_number(edit.shop.map(|ShopId(id)| id))
            .map(|message| FieldProblem::new("shop_id", message)),
        location
            .filter(|id| !id.is_empty())
            .and_then(|id| bad_location(id, locations))
            .map(|message| FieldProblem::new("default_location_id", message)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The text that is to be stored, if any.
fn text_of(edited: &Edited<String>) -> Option<&str> {
    match edited {
        Edited::To(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        Edited::Kept | Edited::Cleared => None,
    }
}

fn bad_name(name: &str) -> Option<String> {
    let name = name.trim();
    if name.is_empty() {
        return Some("is empty: give the profile a name that tells it apart".to_owned());
    }
    let chars = name.chars().count();
    if chars > DISPLAY_NAME_CHARS_MAX {
        return Some(format!(
            "has {chars} characters: {DISPLAY_NAME_CHARS_MAX} is the most"
        ));
    }
    name.chars()
        .any(char::is_control)
        .then(|| "has a control character: give it in one line".to_owned())
}

/// What is wrong with a URL that must stand for itself.
pub(crate) fn bad_url(text: &str, example: &str) -> Option<String> {
    let is_right = Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    let has_blank = text.chars().any(char::is_whitespace);
    (!is_right || has_blank).then(|| {
        format!("is not a complete http or https URL with a host: write it as in {example}")
    })
}

/// What is wrong with a URL that calls go to, and tokens with them: in clear they go no further than
/// this machine.
fn bad_base_url(text: &str) -> Option<String> {
    const EXAMPLE: &str = "https://partner.shopeemobile.com/api/v2";
    bad_url(text, EXAMPLE).or_else(|| {
        let is_safe =
            Url::parse(text).is_ok_and(|url| url.scheme() == "https" || is_of_this_machine(&url));
        (!is_safe).then(|| {
            format!(
                "is not https: keys and tokens must not travel in clear. Write it as in {EXAMPLE}"
            )
        })
    })
}

/// Whoever may change a profile need not know its keys: the stored ones sign for no other host, and
/// its tokens go to none, unless the partner key comes with the change. This machine is no other.
fn moved_without_key(
    base_url_override: &str,
    edit: &ProfileEdit,
    stored: Option<&Profile>,
) -> Option<String> {
    let stored = stored.filter(|stored| stored.partner_key.is_some())?;
    let url = Url::parse(base_url_override).ok()?;
    let before = stored.base_url_override.as_deref();
    let before = Url::parse(before.unwrap_or_else(|| stored.region.base_url())).ok();
    let place = |url: &Url| {
        (
            url.host().map(|host| host.to_owned()),
            url.port_or_known_default(),
        )
    };
    let is_same = before.is_some_and(|before| place(&before) == place(&url));
    let is_free = is_same || is_of_this_machine(&url);
    let has_key = keys::given(edit.partner_key.as_ref()).is_some();
    (!is_free && !has_key).then(|| {
        "leads to another host: moving to another host needs the partner key again. Give it in the same change"
            .to_owned()
    })
}

fn is_of_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn bad_number(number: Edited<i64>) -> Option<String> {
    match number {
        Edited::To(number) if number <= 0 => Some(format!(
            "is {number}: it is a positive number, as the console shows it"
        )),
        _ => None,
    }
}

fn bad_location(id: &str, locations: &[ShopLocation]) -> Option<String> {
    let mut known = locations.iter().map(|of| of.warehouse.location_id.as_str());
    if known.clone().any(|known| known == id) {
        return None;
    }
    if known.next().is_none() {
        return Some(
            "cannot be chosen: no warehouse of the shop is known. Refresh the locations first"
                .to_owned(),
        );
    }
    Some(format!(
        "`{id}` is none of the shop's warehouses. Refresh the locations if it is new"
    ))
}

/// The environment of the host that a region stands for, where it is not the profile's.
pub(super) fn foreign_host(
    region: Region,
    environment: Environment,
    has_override: bool,
) -> Option<String> {
    let other = region.environment();
    (other != environment && !has_override).then(|| {
        format!(
            "The region {region} leads to the {other} host {}, but this is a {environment} profile: the ids and keys of one world are unknown in the other. Choose a region of the {environment} world.",
            region.base_url()
        )
    })
}

/// Whether an override leads somewhere else than to the path that every call starts with.
pub(super) fn lacks_api_path(base_url_override: &str) -> bool {
    let path = Url::parse(base_url_override.trim()).map(|url| url.path().to_owned());
    path.is_ok_and(|path| !path.trim_end_matches('/').ends_with("/api/v2"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(edit: &ProfileEdit) -> Vec<&'static str> {
        let found = problems(edit, None, &[]).into_iter();
        found.map(|problem| problem.field).collect()
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let edit = ProfileEdit {
            display_name: Some("  ".into()),
            base_url_override: Edited::To("partner.shopeemobile.com/api/v2".into()),
            registered_url: Edited::To("/connectors/shopee/webhook".into()),
            partner_id: Edited::To(0),
            shop: Edited::To(ShopId(-5)),
            default_location_id: Some("SGZ".into()),
            ..ProfileEdit::default()
        };
        assert_eq!(
            fields(&edit),
            [
                "display_name",
                "base_url_override",
                "registered_url",
                "partner_id",
                "shop_id",
                "default_location_id"
            ]
        );
    }

    #[test]
    fn a_url_needs_a_host_and_carries_no_credentials() {
        for good in [
            "http://127.0.0.1:9100/api/v2",
            "https://ops.example.com/a?b=c",
            "https://[::1]/x",
        ] {
            assert_eq!(bad_url(good, ""), None, "{good}");
        }
        for bad in [
            "https://",
            "ftp://host/x",
            "host/x",
            "https://user:secret@host/x",
            "https://a b/x",
            "https://host/a b",
        ] {
            assert!(bad_url(bad, "").is_some(), "{bad}");
        }
    }

    #[test]
    fn calls_go_by_https_unless_they_stay_on_this_machine() {
        for good in [
            "https://proxy.example/api/v2",
            "http://127.8.9.1:9100/api/v2",
            "http://[::1]:9100/api/v2",
            "http://LOCALHOST/api/v2",
        ] {
            assert_eq!(bad_base_url(good), None, "{good}");
        }
        for bad in [
            "http://proxy.example/api/v2",
            "http://10.0.0.1/api/v2",
            "http://localhost.example/api/v2",
            "http://127.0.0.1.example/api/v2",
        ] {
            let said = bad_base_url(bad);
            assert!(said.is_some_and(|said| said.contains("https")), "{bad}");
        }
    }

    #[test]
    fn blanks_around_and_blanks_alone_are_no_problem() {
        let edit = ProfileEdit {
            display_name: Some(" My shop ".into()),
            base_url_override: Edited::To("  ".into()),
            registered_url: Edited::To(" https://ops.example.com/x ".into()),
            default_location_id: Some(" ".into()),
            ..ProfileEdit::default()
        };
        assert_eq!(fields(&edit), Vec::<&str>::new());
    }

    #[test]
    fn eighty_characters_are_a_name_and_one_more_is_not() {
        assert_eq!(bad_name(&"é".repeat(80)), None);
        assert!(bad_name(&"é".repeat(81)).is_some());
        assert!(bad_name("two\nlines").is_some());
    }

    #[test]
    fn a_region_of_the_other_world_is_told_unless_an_override_wins() {
        let told = foreign_host(Region::TestSg, Environment::Live, false);
        assert!(told.is_some_and(|told| told.contains("sandbox host")));
        assert_eq!(foreign_host(Region::TestSg, Environment::Live, true), None);
        assert_eq!(foreign_host(Region::Sg, Environment::Live, false), None);
    }

    #[test]
    fn an_override_without_the_api_path_is_noticed() {
        assert!(lacks_api_path("https://partner.shopeemobile.com"));
        assert!(!lacks_api_path("https://partner.shopeemobile.com/api/v2/"));
    }
}
