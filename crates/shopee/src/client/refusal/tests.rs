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
        ("shop_banned", "", Misconfigured(Fault::ShopUnusable)),
        ("error_kyc_auth", "", Misconfigured(Fault::ShopUnusable)),
        (
            "error_seller_under_penalty",
            "",
            Misconfigured(Fault::ShopUnusable),
        ),
        ("error_sign", "Wrong sign.", Misconfigured(Fault::Sign)),
        (
            "invalid_partner_id",
            "Invalid partner_id, please have a check.",
            Misconfigured(Fault::PartnerId),
        ),
        (
            "error_partner_key_expired",
            "",
            Misconfigured(Fault::PartnerKeyExpired),
        ),
        ("error_api_permission", "", Misconfigured(Fault::Permission)),
        (
            "error_api_call_restricted",
            "",
            Misconfigured(Fault::Permission),
        ),
        (
            "error_ashop_api_permission",
            "",
            Misconfigured(Fault::Permission),
        ),
        (
            "source_ip_undeclared",
            "Request Source IP (192.0.2.1) is undeclared.",
            Misconfigured(Fault::IpAllowList),
        ),
        ("api_suspended", "", Misconfigured(Fault::AppSuspended)),
        (
            "error_auth",
            "No permission to current api.",
            Misconfigured(Fault::Permission),
        ),
        (
            "error_auth",
            "partner_id is invalid",
            Misconfigured(Fault::PartnerId),
        ),
        (
            "error_auth",
            "The App is deleted, and you'll be unable to…",
            Misconfigured(Fault::AppSuspended),
        ),
        (
            "error_param",
            "Permission denied. This API is currently offline…",
            Misconfigured(Fault::Permission),
        ),
        (
            "error_param",
            "Invalid partner_id.",
            Misconfigured(Fault::PartnerId),
        ),
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
        (
            "error_auth",
            "You do not have right to use seller location_id, please only fill seller_stock filed.",
            Business,
        ),
        (
            "error_auth",
            "Your shop can not use model level dts",
            Business,
        ),
        (
            "error_auth",
            "Please wait for the holiday mode set then to edit item. Please try later.",
            Business,
        ),
        (
            "error_auth",
            "cnsc shop not upgraded, can not edit item.",
            Business,
        ),
        ("error_auth", "Invalid code", Business),
        ("invalid_code", "The code is expired or used…", Business),
        ("error_auth", "something that no document has", AuthUnclear),
        ("error_auth", "", AuthUnclear),
        ("supplier_no_linked", "", Reauthorise),
        ("merchant_access_expired", "", Reauthorise),
        ("error_user_refresh_token", "", Reauthorise),
        (
            "order. error_permission",
            "Please link shop and partner on seller center first.",
            Reauthorise,
        ),
        (
            "error_permission",
            "You don't have permission to view this return data.",
            Business,
        ),
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
            RefusalClass::Misconfigured(Fault::Sign),
            "{code}"
        );
    }
}

#[test]
fn only_what_the_documents_say_of_a_token_uses_a_refresh_token_up() {
    for message in [
        "Stock should be larger than reserved stock.",
        "The location_id input is not matched the shop's location_id(more/wrong).",
        "something that no document has",
        "access_token",
        "",
    ] {
        let class = RefusalClass::of("product.error_auth", message);
        assert!(
            !matches!(
                class,
                RefusalClass::TokenInvalid | RefusalClass::Reauthorise
            ),
            "{message}: {class:?}"
        );
    }
}
