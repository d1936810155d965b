//! The pages that a seller sees, filled into templates. Every value is escaped on its way in.

use super::link::{Link, Purpose};
use super::redirect;
use crate::world::{AUTHORISATION_DAYS_MAX, OpenShop, Standing, World};

const FRAME: &str = include_str!("templates/frame.html");
const AUTHORISE: &str = include_str!("templates/authorise.html");
const CANCEL: &str = include_str!("templates/cancel.html");
const DECLINED: &str = include_str!("templates/declined.html");
const SHOP: &str = include_str!("templates/shop.html");
const SHOP_BOX: &str = include_str!("templates/shop_box.html");
const PROBLEM: &str = include_str!("templates/problem.html");

/// The main account that the page proposes.
const MAIN_ACCOUNT_ID: i64 = 1_000_888;

/// The question to the seller. `action` is where the answer goes: the link itself.
pub(super) fn consent(world: &World, link: &Link, action: &str, problem: &str) -> String {
    let (template, title) = match link.purpose {
        Purpose::Authorise => (AUTHORISE, "Authorise an app"),
        Purpose::Cancel => (CANCEL, "Cancel an authorisation"),
    };
    let shops: Vec<&OpenShop> = world
        .shops
        .iter()
        .filter(|shop| shop.shop.partner_id == link.partner_id)
        .filter(|shop| match link.purpose {
            Purpose::Authorise => shop.standing != Standing::Banned,
            Purpose::Cancel => shop.standing != Standing::Unlinked,
        })
        .collect();
    let problem = if problem.is_empty() {
        Filled::default()
    } else {
        fill(PROBLEM, &[("problem", text(problem))])
    };
    let main_account = MAIN_ACCOUNT_ID.to_string();
    let days = AUTHORISATION_DAYS_MAX.to_string();
    let partner = link.partner_id.to_string();
    let content = fill(
        template,
        &[
            ("action", text(action)),
            ("partner_id", text(&partner)),
            ("redirect_host", text(&host_of(&link.redirect))),
            ("shops", choices(&shops, SHOP)),
            ("shop_boxes", choices(&shops, SHOP_BOX)),
            ("main_account_id", text(&main_account)),
            ("days", text(&days)),
            ("problem", problem),
        ],
    );
    framed(title, content)
}

/// After "Cancel": nothing was agreed to.
pub(super) fn declined(link: &Link) -> String {
    let back = redirect::declined(link);
    let content = fill(DECLINED, &[("back", text(&back))]);
    framed("Nothing was changed", content)
}

fn framed(title: &str, content: Filled) -> String {
    fill(FRAME, &[("title", text(title)), ("content", content)]).0
}

/// One copy of the template for each shop; the first is chosen.
fn choices(shops: &[&OpenShop], template: &str) -> Filled {
    let filled = shops.iter().enumerate().map(|(index, shop)| {
        let id = shop.shop.shop_id.to_string();
        let standing = match shop.standing {
            Standing::Linked => "authorised",
            Standing::Unlinked => "not authorised yet",
            Standing::Banned => "banned",
            Standing::Frozen => "frozen",
        };
        let values = [
            ("id", text(&id)),
            ("name", text(&shop.shop.name)),
            ("region", text(shop.shop.region.code())),
            ("standing", text(standing)),
            ("checked", text(if index == 0 { "checked" } else { "" })),
        ];
        fill(template, &values).0
    });
    Filled(filled.collect())
}

fn host_of(url: &str) -> String {
    url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Markup that is safe to stand in a page.
#[derive(Clone, Debug, Default)]
struct Filled(String);

fn text(value: &str) -> Filled {
    let escaped = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;");
    Filled(escaped)
}

/// Puts values in the places of `{{name}}`, in one pass: what is put in is not looked at again.
fn fill(template: &str, values: &[(&str, Filled)]) -> Filled {
    let mut page = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        page.push_str(value.map_or("", |(_, Filled(value))| value));
        rest = after;
    }
    page.push_str(rest);
    Filled(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_never_looked_at_as_templates() {
        let values = [("a", text("<b>\"{{b}}\"</b>")), ("b", text("never"))];
        let filled = fill("<i>{{a}}</i>{{unknown}}", &values).0;
        assert_eq!(filled, "<i>&lt;b&gt;&quot;{{b}}&quot;&lt;/b&gt;</i>");
    }
}
