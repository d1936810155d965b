use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "one table, a row for each refusal")]
fn every_documented_refusal_has_its_class() {
    use RefusalClass::*;
    for (code, message, class) in [
        (
            "invalid_acceess_token",
            "Invalid access_token.",
            TokenInvalid,
        ),
        ("common.invalid_access_token", "", TokenInvalid),
        ("error_access_token", "", TokenInvalid),
        ("common.error_auth", "Invalid access_token.", TokenInvalid),
        ("error_auth", "Invalid refresh_token.", Reauthorise),
        ("error_auth", "Invalid partner_id or shopid.", Reauthorise),
        ("refresh_token_expired", "", Reauthorise),
        ("error_shop_refresh_token", "", Reauthorise),
        ("error_merchant_refresh_token", "", Reauthorise),
        ("shop_access_expired", "", Reauthorise),
        ("partner_shop_no_link", "", Reauthorise),
        ("shop_no_linked", "", Reauthorise),
        ("shop_banned", "", Misconfigured),
        ("error_kyc_auth", "", Misconfigured),
        ("error_seller_under_penalty", "", Misconfigured),
        ("error_sign", "Wrong sign.", Misconfigured),
        (
            "invalid_partner_id",
            "Invalid partner_id, please have a check.",
            Misconfigured,
        ),
        ("error_partner_key_expired", "", Misconfigured),
        ("error_api_permission", "", Misconfigured),
        ("error_api_call_restricted", "", Misconfigured),
        ("error_ashop_api_permission", "", Misconfigured),
        (
            "source_ip_undeclared",
            "Request Source IP (192.0.2.1) is undeclared.",
            Misconfigured,
        ),
        ("api_suspended", "", Misconfigured),
        ("error_auth", "No permission to current api.", Misconfigured),
        ("error_auth", "partner_id is invalid", Misconfigured),
        (
            "error_auth",
            "The App is deleted, and you'll be unable to…",
            Misconfigured,
        ),
        (
            "error_param",
            "Permission denied. This API is currently offline…",
            Misconfigured,
        ),
        ("error_param", "Invalid partner_id.", Misconfigured),
        ("error_param", "Timestamp is expired.", Clock),
        ("error_rate_limit", "Too many requests.", Throttled),
        (
            "error_limit",
            "…has reached the daily API call limit, …",
            DailyQuota,
        ),
        ("error_limit", "Can not cancel this order", Business),
        ("order.error_limit", "batch reach limit 50", Business),
        ("error_server", "", Transient),
        ("error_network", "Inner http call failed", Transient),
        ("error_inner", "", Transient),
        ("error_system_busy", "", Transient),
        ("internal_error_server", "", Transient),
        ("logistics.error_timeout", "", Transient),
        ("logistics.error_third_party_server", "", Transient),
        ("error_data", "parse data failed", Transient),
        (
            "error_data",
            "The return you queried doesn't exist.",
            Business,
        ),
        (
            "error_not_found",
            "Wrong parameters, detail: the order is not found.",
            NotFound,
        ),
        ("common.error_not_found", "", NotFound),
        ("order_not_found", "", NotFound),
        ("error_item_not_found", "", NotFound),
        ("income_not_found", "", NotFound),
        (
            "error_param",
            "The information you queried is not found.",
            NotFound,
        ),
        ("error_param", "page_size must be 100 or less.", Business),
        (
            "order. error_param",
            "You can not cancel warehouse order.",
            Business,
        ),
        (
            "error_auth",
            "System error, please try again later.",
            Transient,
        ),
        ("error_auth", "Lack of location_id", Business),
        (
            "error_auth",
            "Total stock must be more than reserved stock",
            Business,
        ),
        ("something_new", "", Business),
    ] {
        assert_eq!(RefusalClass::of(code, message), class, "{code}: {message}");
    }
}

#[test]
fn modules_blanks_and_case_of_a_code_do_not_matter() {
    for code in [
        "error_sign",
        " common.error_sign ",
        "order. error_sign",
        "a.b.Error_Sign",
    ] {
        assert_eq!(
            RefusalClass::of(code, ""),
            RefusalClass::Misconfigured,
            "{code}"
        );
    }
}

#[test]
fn the_quota_is_renewed_at_midnight_in_singapore() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    for (now, hours) in [
        ("2026-03-10T15:00:00Z", 1),
        ("2026-03-10T16:00:00Z", 24),
        ("2026-03-10T00:00:00Z", 16),
    ] {
        assert_eq!(
            until_quota_is_renewed(at(now)),
            Duration::from_hours(hours),
            "{now}"
        );
    }
}
