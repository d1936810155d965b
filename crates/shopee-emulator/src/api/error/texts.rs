//! Refusals of single endpoints, in the platform's own words.

use super::ApiError;

impl ApiError {
    pub fn invalid_code() -> Self {
        Self::auth(
            "invalid_code",
            "The code is expired or used or invalid, please check the code.",
        )
    }

    pub fn code_of_another_shop() -> Self {
        Self::auth(
            "invalid_shop_id",
            "The code or shop_id is wrong, please check the code or the shop_id.",
        )
    }

    /// The platform's spelling, both times.
    pub fn code_of_another_main_account() -> Self {
        Self::auth(
            "invalid_main_acount_id",
            "The code or main_accoount_id is wrong, please check the code or the \
             main_account_id.",
        )
    }

    pub fn invalid_resend_code() -> Self {
        Self::auth("error_auth", "Invalid code")
    }

    pub fn invalid_refresh_token() -> Self {
        Self::auth("error_auth", "Invalid refresh_token.")
    }

    pub fn refresh_token_of_another_shop() -> Self {
        Self::auth(
            "error_shop_refresh_token",
            "Your refresh token is error ,please check refresh token or shopid.",
        )
    }

    pub fn refresh_token_of_another_merchant() -> Self {
        Self::auth(
            "error_merchant_refresh_token",
            "Your refresh token is error,please check refresh token or merchant_id.",
        )
    }

    pub fn refresh_token_expired() -> Self {
        Self::auth("refresh_token_expired", "Your refresh_token expired.")
    }

    pub fn shop_access_expired() -> Self {
        Self::auth("shop_access_expired", "Your access to shop has expired.")
    }

    pub fn merchant_access_expired() -> Self {
        Self::auth(
            "merchant_access_expired",
            "Your access to merchant has expired.",
        )
    }

    pub fn merchant_not_linked() -> Self {
        Self::auth("merchant_no_linked", "Partner and merchant has no linked.")
    }

    pub fn not_in_warehouse_list() -> Self {
        Self {
            null_response: true,
            ..Self::business(
                "warehouse.error_not_in_whitelist",
                "Your shop is not in multi-warehouse whitelist.",
            )
        }
    }

    pub fn no_warehouses_in_region() -> Self {
        Self {
            null_response: true,
            ..Self::business("warehouse.error_region_not_valid", "Region is not valid.")
        }
    }

    pub fn no_warehouse() -> Self {
        Self {
            null_response: true,
            ..Self::business(
                "warehouse.error_can_not_find_warehouse",
                "There is no legal warehouse address for the shop.",
            )
        }
    }

    pub fn too_many_escrows() -> Self {
        Self::business(
            "exceed_max_limit",
            "Your request exceeds the max limit of 50 orders.",
        )
    }

    pub fn no_such_order_to_ship() -> Self {
        Self::business("logistics.invalid_error", "The order is not exist.")
    }

    pub fn no_such_package() -> Self {
        Self::business("logistics.package_not_exist", "The package is not exist.")
    }

    pub fn package_number_needed() -> Self {
        Self::business(
            "logistics.package_number_not_exist",
            "Please request with package_number for this split order.",
        )
    }

    pub fn nothing_to_track() -> Self {
        Self::business(
            "logistics.error_status_limit",
            "The order status is invalid. Please check the order status.",
        )
    }

    pub fn package_not_found() -> Self {
        Self::business(
            "error_not_found",
            "Wrong parameters, detail: the package is not found.",
        )
    }

    pub fn return_not_found() -> Self {
        Self::business("error_data", "The return you queried doesn't exist.")
    }

    pub fn unknown_item() -> Self {
        Self::business("error_item_not_found", "Product not found")
    }

    pub fn unknown_item_status() -> Self {
        Self::business("error_param_item_status", "Item status error.")
    }

    pub fn item_times_reversed() -> Self {
        Self::business(
            "error_update_time_range",
            "Update_time_to should be later than update_time_from.",
        )
    }

    pub fn no_callback_url() -> Self {
        Self::param(
            "Your app's callback_url is empty, please input a callback_url before you turn on \
             push config.",
        )
    }

    pub fn invalid_callback_url() -> Self {
        Self::param("this callback_url is invalid, please check your callback_url.")
    }

    pub fn callback_url_silent() -> Self {
        Self::param(
            "Shopee have sent a test push to this call back url, but we didn't get any response \
             in 3 seconds with 2xx code, please check your service.",
        )
    }

    pub fn callback_url_refuses() -> Self {
        Self::param(
            "Shopee have sent a test push to this call back url, the response code we get from \
             this callback_url is not 2xx code, please check your service.",
        )
    }
}
