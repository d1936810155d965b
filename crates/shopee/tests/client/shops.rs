//! What the platform says of a shop.

use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::Fault;
use hawker_ports::shops::{ShopDesk, ShopDetails, Warehouse, Warehouses};
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn a_shop_is_told_with_the_end_of_its_authorisation() {
    let bench = Bench::new(|_| {
        let reply = json!({
            "error": "", "shop_name": "Cards", "region": "SG", "status": "FROZEN",
            "is_cb": true, "merchant_id": 7,
            "auth_time": 1_741_944_925, "expire_time": 1_773_503_999,
        });
        Answer::json(200, &reply)
    });
    let info = bench.marketplace.shop_info(&bench.access()).await.unwrap();
    assert_eq!(
        info,
        ShopDetails {
            name: "Cards".into(),
            region: "SG".into(),
            status: "FROZEN".into(),
            authorised_at: Some(at(1_741_944_925)),
            authorisation_ends_at: Some(at(1_773_503_999)),
            merchant: Some(7),
            is_cross_border: true,
        }
    );
    // Vector V8 of the platform's documents.
    assert_eq!(
        bench.request().query("sign"),
        "fae2453506d0e74461bff5acf9985e736a81491c37c1c77537598bc991c034fc"
    );
}

#[tokio::test]
async fn an_answer_that_is_about_no_shop_is_not_understood() {
    for (reply, reason) in [
        (json!({"error": ""}), "`region` is missing"),
        (json!({"region": "SG"}), "`status` is missing"),
        (
            json!({"region": "SG", "status": "NORMAL", "expire_time": "soon"}),
            r#"`expire_time` is not a time in seconds: "soon""#,
        ),
    ] {
        let bench = Bench::new(move |_| Answer::json(200, &reply));
        match bench.marketplace.shop_info(&bench.access()).await {
            Err(MarketplaceError::Malformed { reason: told, .. }) => assert_eq!(told, reason),
            other => panic!("told as: {other:?}"),
        }
    }
}

async fn warehouses(answer: Answer) -> Result<Warehouses, MarketplaceError> {
    let mut answer = Some(answer);
    let bench = Bench::new(move |_| answer.take().expect("one question"));
    let told = bench.marketplace.warehouses(&bench.access()).await;
    assert_eq!(bench.request().query("warehouse_type"), "1");
    told
}

#[tokio::test]
async fn a_shop_without_multi_warehouse_has_a_single_place_and_no_error() {
    for code in [
        "warehouse.error_not_in_whitelist",
        "warehouse.error_region_not_valid\t",
        "warehouse.error_can_not_find_warehouse",
    ] {
        let reply = json!({
            "error": code, "message": "Your shop is not in multi-warehouse whitelist.",
            "response": null,
        });
        let told = warehouses(Answer::json(200, &reply)).await.unwrap();
        assert_eq!(told, Warehouses::Single, "{code}");
    }
    let none = json!({"error": "", "response": []});
    let told = warehouses(Answer::json(200, &none)).await.unwrap();
    assert_eq!(told, Warehouses::Single);
}

#[tokio::test]
async fn warehouses_are_told_with_what_stock_calls_name_them_by() {
    let reply = json!({"error": "", "response": [
        {
            "warehouse_id": 6, "warehouse_name": "Tuas", "warehouse_type": 1,
            "location_id": "SGZ", "region": "SG", "city": "", "zipcode": "24379",
        },
        {"location_id": 40009},
    ]});
    let Warehouses::Several(told) = warehouses(Answer::json(200, &reply)).await.unwrap() else {
        panic!("two warehouses");
    };
    let address = |value: Value| value.as_object().cloned().unwrap_or_default();
    assert_eq!(
        told,
        [
            Warehouse {
                location_id: "SGZ".into(),
                name: Some("Tuas".into()),
                kind: Some(1),
                address: address(json!({"region": "SG", "city": "", "zipcode": "24379"})),
            },
            Warehouse {
                location_id: "40009".into(),
                name: None,
                kind: None,
                address: address(json!({})),
            },
        ]
    );
}

#[tokio::test]
async fn a_warehouse_that_cannot_be_named_and_a_refusal_of_another_kind_are_errors() {
    let nameless = json!({"error": "", "response": [{"warehouse_id": 6}]});
    let error = warehouses(Answer::json(200, &nameless)).await.unwrap_err();
    assert!(
        matches!(&error, MarketplaceError::Malformed { reason, .. } if reason == "`location_id` is missing"),
        "{error:?}"
    );
    let refused = refusal("error_sign", "Wrong sign.");
    let error = warehouses(Answer::new(403, refused)).await.unwrap_err();
    assert!(
        matches!(
            error,
            MarketplaceError::Misconfigured {
                fault: Fault::Sign,
                ..
            }
        ),
        "{error:?}"
    );
}
