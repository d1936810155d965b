//! Every call, with everything that it can ask.

use chrono::NaiveDate;
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_shopee::calls::logistics::{
    DownloadShippingDocument, GetChannelList, GetShippingDocumentParameter,
    GetShippingDocumentResult, GetShippingParameter, GetTracking, GetTrackingNumber,
    LabelledPackage,
};
use hawker_shopee::calls::order::{
    CancelOrder, CancelReason, CancellationDecision, CancelledItem, GetOrderDetail, GetOrderList,
    GetPackageDetail, GetShipmentList, HandleBuyerCancellation, PackageFilter, PackageOrder,
    PackageStatus, ParcelItem, SearchPackageList, SetNote, SplitOrder, TimeRange, UnsplitOrder,
};
use hawker_shopee::calls::payment::{
    GetEscrowDetail, GetEscrowDetailBatch, GetEscrowList, GetIncomeDetail, GetPayouts,
    GetWalletTransactionList,
};
use hawker_shopee::calls::product::{
    GetItemList, GetItems, GetModelList, ItemCriterion, ItemStatus, SearchItem,
};
use hawker_shopee::calls::public::{
    CodeFor, GetAccessToken, GetMerchantsByPartner, GetShopeeIpRanges, GetShopsByPartner,
    GetTokenByResendCode, RefreshAccessToken, TokenOf,
};
use hawker_shopee::calls::push::{
    ConfirmConsumedLostPushMessage, GetAppPushConfig, GetLostPushMessage, SetAppPushConfig,
};
use hawker_shopee::calls::returns::{GetReturnDetail, GetReturnList};
use hawker_shopee::calls::shop::{GetProfile, GetShop, GetWarehouseDetail, WarehouseKind};
use hawker_shopee::client::Call;

/// Is shown every call.
pub trait Visitor {
    fn visit<C: Call>(&mut self, call: &C);
}

/// Shows every call.
pub fn every_call(visitor: &mut impl Visitor) {
    orders(visitor);
    payments(visitor);
    the_app(visitor);
    the_shop(visitor);
}

fn order() -> OrderSn {
    OrderSn::parse("220810QSK8S7BX").expect("an order number")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).expect("a time")
}

fn text() -> String {
    "X".to_owned()
}

fn orders(visitor: &mut impl Visitor) {
    visitor.visit(&GetOrderList {
        cursor: "20".into(),
        status: Some(text()),
        ..GetOrderList::new(TimeRange::Created, at(1), at(2))
    });
    visitor.visit(&GetOrderDetail {
        orders: vec![order()],
    });
    visitor.visit(&GetShipmentList::default());
    visitor.visit(&SearchPackageList {
        filter: PackageFilter {
            status: Some(PackageStatus::All),
            locations: vec!["SGZ".into()],
            channels: vec![1],
            invoice_pending: Some(true),
        },
        sort_by: Some(PackageOrder::ShipBy),
        ..SearchPackageList::default()
    });
    visitor.visit(&GetPackageDetail {
        package_numbers: vec!["OFG1".into()],
    });
    let item = CancelledItem {
        item_id: 1,
        model_id: 2,
        order_item_id: Some(3),
        promotion_group_id: Some(4),
        model_quantity: Some(5),
    };
    visitor.visit(&CancelOrder {
        order: order(),
        reason: CancelReason::OutOfStock,
        items: vec![CancelledItem {
            order_item_id: None,
            promotion_group_id: None,
            model_quantity: None,
            ..item
        }],
        partially: vec![item],
    });
    visitor.visit(&HandleBuyerCancellation {
        order: order(),
        decision: CancellationDecision::Reject,
    });
    visitor.visit(&SetNote {
        order: order(),
        note: "gift".into(),
    });
    visitor.visit(&SplitOrder {
        order: order(),
        parcels: vec![vec![ParcelItem {
            item_id: 1,
            model_id: 2,
            order_item_id: Some(3),
            promotion_group_id: Some(4),
            model_quantity: Some(5),
        }]],
    });
    visitor.visit(&UnsplitOrder { order: order() });
}

fn payments(visitor: &mut impl Visitor) {
    visitor.visit(&GetEscrowDetail { order: order() });
    visitor.visit(&GetEscrowDetailBatch {
        orders: vec![order()],
    });
    visitor.visit(&GetEscrowList::new(at(1), at(2)));
    visitor.visit(&GetPayouts::new(at(1), at(2)));
    visitor.visit(&GetWalletTransactionList {
        window: Some((at(1), at(2))),
        money_flow: Some(text()),
        transaction_type: Some(text()),
        ..GetWalletTransactionList::default()
    });
    visitor.visit(&GetIncomeDetail::released(NaiveDate::MIN, NaiveDate::MAX));
}

fn the_app(visitor: &mut impl Visitor) {
    visitor.visit(&GetAccessToken {
        partner_id: 1,
        code: "code".into(),
        code_for: CodeFor::Shop(ShopId(2)),
    });
    visitor.visit(&GetAccessToken {
        partner_id: 1,
        code: "code".into(),
        code_for: CodeFor::MainAccount(2),
    });
    for token_of in [
        TokenOf::Shop(ShopId(2)),
        TokenOf::Merchant(3),
        TokenOf::Supplier(4),
    ] {
        visitor.visit(&RefreshAccessToken {
            partner_id: 1,
            refresh_token: "token".into(),
            token_of,
        });
    }
    visitor.visit(&GetTokenByResendCode {
        resend_code: "code".into(),
    });
    visitor.visit(&GetShopsByPartner::default());
    visitor.visit(&GetMerchantsByPartner::default());
    visitor.visit(&GetShopeeIpRanges);
    visitor.visit(&GetLostPushMessage);
    visitor.visit(&ConfirmConsumedLostPushMessage { last_message_id: 1 });
    visitor.visit(&GetAppPushConfig);
    visitor.visit(&SetAppPushConfig {
        callback_url: Some(text()),
        switch_on: vec![3],
        switch_off: vec![8],
        blocked_shops: Some(vec![1]),
    });
}

fn the_shop(visitor: &mut impl Visitor) {
    visitor.visit(&GetShop);
    visitor.visit(&GetProfile);
    visitor.visit(&GetWarehouseDetail {
        kind: WarehouseKind::Return,
    });
    let package_number = Some(text());
    visitor.visit(&GetChannelList);
    visitor.visit(&GetShippingParameter {
        order: order(),
        package_number: package_number.clone(),
    });
    visitor.visit(&GetTrackingNumber {
        order: order(),
        package_number: package_number.clone(),
    });
    visitor.visit(&GetTracking {
        order: order(),
        package_number: package_number.clone(),
    });
    let packages = vec![LabelledPackage {
        order: order(),
        package_number,
        document_type: Some(text()),
    }];
    visitor.visit(&GetShippingDocumentParameter {
        packages: packages.clone(),
    });
    visitor.visit(&GetShippingDocumentResult {
        packages: packages.clone(),
    });
    visitor.visit(&DownloadShippingDocument {
        packages,
        document_type: Some(text()),
    });
    visitor.visit(&GetItemList {
        statuses: vec![ItemStatus::Unlisted],
        updated: Some((at(1), at(2))),
        ..GetItemList::default()
    });
    visitor.visit(&GetItems { items: vec![1, 2] });
    visitor.visit(&GetModelList { item: 1 });
    for by in [
        ItemCriterion::Name("a".into()),
        ItemCriterion::Sku("b".into()),
    ] {
        visitor.visit(&SearchItem {
            offset: Some(text()),
            ..SearchItem::new(by)
        });
    }
    visitor.visit(&GetReturnList {
        status: Some(text()),
        window: Some((TimeRange::Updated, at(1), at(2))),
        ..GetReturnList::default()
    });
    visitor.visit(&GetReturnDetail {
        return_sn: "R1".into(),
    });
}
