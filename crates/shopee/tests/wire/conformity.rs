//! Every call against its specification: where it goes, what it asks, and that the samples of its
//! reply are read. Where a specification is known to be wrong, it is said here with the reason.

use std::collections::BTreeSet;

use hawker_domain::Timestamp;
use hawker_ports::MarketplaceError;
use hawker_shopee::calls::order::GetPackageDetail;
use hawker_shopee::calls::payment::{GetEscrowDetailBatch, GetWalletTransactionList};
use hawker_shopee::calls::product::{GetItems, GetModelList};
use hawker_shopee::calls::push::GetLostPushMessage;
use hawker_shopee::calls::returns::{GetReturnDetail, GetReturnList};
use hawker_shopee::calls::shop::GetWarehouseDetail;
use hawker_shopee::client::{ApiType, Call, Method, understand};
use hawker_shopee::wire::{Complaint, Verbatim};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::every::{Visitor, every_call};
use super::samples::{samples, specification};

/// The specification says GET; its errors speak of a body, and POST is what works.
const POSTED_ALL_THE_SAME: &str = "payment.get_escrow_detail_batch";

/// The sample is a sentence and the refusal that it speaks of.
const FILE: &str = "logistics.download_shipping_document";

/// The sample has a refusal and a payload.
const REFUSED_WITH_PAYLOAD: &str = "shop.get_warehouse_detail";

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// Compares where a call goes.
struct Addresses;

impl Visitor for Addresses {
    fn visit<C: Call>(&mut self, _: &C) {
        let endpoint = C::ENDPOINT;
        let Some(specification) = specification(endpoint.name) else {
            return;
        };
        let url = text(&specification, "url");
        assert!(
            url.ends_with(&format!("/api/v2{}", endpoint.path)),
            "{}: {url}",
            endpoint.name
        );
        let api_type = match endpoint.api_type {
            ApiType::Public => "Public",
            ApiType::Shop => "Shop",
            ApiType::Merchant => "Merchant",
        };
        assert_eq!(
            api_type,
            text(&specification, "api_type"),
            "{}",
            endpoint.name
        );
        let method = match specification["method"].as_i64() {
            Some(1) => Method::Post,
            Some(2) if endpoint.name == POSTED_ALL_THE_SAME => Method::Post,
            _ => Method::Get,
        };
        assert_eq!(endpoint.method, method, "{}", endpoint.name);
    }
}

#[test]
fn every_call_goes_where_its_specification_says() {
    every_call(&mut Addresses);
}

/// Compares what a call asks.
struct Parameters;

impl Visitor for Parameters {
    fn visit<C: Call>(&mut self, call: &C) {
        let name = C::ENDPOINT.name;
        let Some(specification) = specification(name) else {
            return;
        };
        let arguments = call.arguments();
        let documented = &specification["params"]["request_params"];
        match (C::ENDPOINT.method, &arguments.body) {
            (Method::Get, None) => {
                let names = arguments.query.iter().map(|(name, _)| *name).collect();
                compare(name, &names, documented);
            }
            (Method::Post, Some(body)) => {
                assert!(arguments.query.is_empty(), "{name}");
                compare_members(name, body, documented);
            }
            _ => panic!("{name}: a GET has no body, a POST has one"),
        }
    }
}

fn compare_members(place: &str, body: &Value, documented: &Value) {
    let members = body.as_object().expect("an object");
    let names = members.keys().map(String::as_str).collect();
    compare(place, &names, documented);
    for parameter in documented.as_array().into_iter().flatten() {
        let name = text(parameter, "name");
        let within = &parameter["children"];
        let has_members = within.as_array().is_some_and(|list| !list.is_empty());
        let place = format!("{place}.{name}");
        match &members.get(name) {
            Some(inner @ Value::Object(_)) if has_members => compare_members(&place, inner, within),
            Some(Value::Array(elements)) if has_members => {
                for element in elements {
                    compare_members(&place, element, within);
                }
            }
            _ => {}
        }
    }
}

/// Nothing is asked that is not documented, and nothing is left out that is required.
fn compare(place: &str, asked: &BTreeSet<&str>, documented: &Value) {
    let documented: Vec<&Value> = documented.as_array().into_iter().flatten().collect();
    let names = |required: bool| -> BTreeSet<&str> {
        documented
            .iter()
            .filter(|parameter| !required || text(parameter, "required") == "True")
            .map(|parameter| text(parameter, "name"))
            .collect()
    };
    let unknown: Vec<_> = asked.difference(&names(false)).copied().collect();
    assert!(unknown.is_empty(), "{place} does not know {unknown:?}");
    let missing: Vec<_> = names(true).difference(asked).copied().collect();
    assert!(missing.is_empty(), "{place} requires {missing:?}");
}

#[test]
fn every_call_asks_what_its_specification_knows_and_all_that_it_requires() {
    every_call(&mut Parameters);
}

/// Reads the samples of replies.
struct Replies;

impl Visitor for Replies {
    fn visit<C: Call>(&mut self, _: &C) {
        let name = C::ENDPOINT.name;
        if name == FILE {
            return;
        }
        let Some(specification) = specification(name) else {
            return;
        };
        for sample in samples(&specification, "response_sample") {
            let body = sample.to_string().into_bytes();
            let answer = understand::<C>(
                StatusCode::OK,
                Some("application/json"),
                body,
                Timestamp::MIN_UTC,
            );
            match answer {
                Err(MarketplaceError::Refused { code, .. }) if name == REFUSED_WITH_PAYLOAD => {
                    assert_eq!(code, "warehouse.error_not_in_whitelist");
                }
                Err(error) => panic!("{name}: {error}"),
                Ok(answer) => {
                    let request_id = sample["request_id"].as_str().unwrap_or_default().trim();
                    assert_eq!(
                        answer.request_id.as_deref().unwrap_or("-"),
                        request_id,
                        "{name}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_sample_of_a_reply_is_read() {
    every_call(&mut Replies);
}

#[test]
fn the_refusal_in_place_of_a_file_is_read() {
    let Some(specification) = specification(FILE) else {
        return;
    };
    let told = text(&specification["response_sample"][0], "value");
    let refusal = &told[told.find('{').expect("a refusal")..];
    let answer = understand::<hawker_shopee::calls::logistics::DownloadShippingDocument>(
        StatusCode::OK,
        Some("application/json"),
        refusal.as_bytes().to_vec(),
        Timestamp::MIN_UTC,
    );
    assert!(
        matches!(&answer, Err(MarketplaceError::Refused { message, .. }) if message.starts_with("The package can not print")),
        "{answer:?}"
    );
}

/// The samples of the elements that a call keeps whole.
fn kept_samples<C: Call>(kept: impl Fn(C::Reply) -> Vec<Result<(), Complaint>>) {
    let Some(specification) = specification(C::ENDPOINT.name) else {
        return;
    };
    for mut sample in samples(&specification, "response_sample") {
        sample["error"] = Value::from("");
        let body = sample.to_string().into_bytes();
        let answer = understand::<C>(StatusCode::OK, None, body, Timestamp::MIN_UTC);
        let read = kept(answer.expect("a reply").reply);
        assert!(!read.is_empty(), "{}", C::ENDPOINT.name);
        for result in read {
            assert_eq!(result, Ok(()), "{}", C::ENDPOINT.name);
        }
    }
}

/// Whether each of a list can be read.
fn each<T: DeserializeOwned>(list: &[Verbatim<T>]) -> Vec<Result<(), Complaint>> {
    list.iter().map(|kept| kept.read().map(drop)).collect()
}

#[test]
fn every_sample_of_a_part_that_is_kept_is_read() {
    kept_samples::<GetPackageDetail>(|reply| each(&reply.package_list));
    kept_samples::<GetWalletTransactionList>(|reply| each(&reply.transaction_list));
    kept_samples::<GetLostPushMessage>(|reply| {
        let entries: Vec<_> = reply.push_message_list.into_iter().flatten().collect();
        each(&entries)
    });
    kept_samples::<GetEscrowDetailBatch>(|reply| {
        let entries = reply
            .entries()
            .expect("a list")
            .cloned()
            .collect::<Vec<_>>();
        each(&entries)
    });
    kept_samples::<GetWarehouseDetail>(|reply| each(&reply));
    kept_samples::<GetItems>(|reply| each(&reply.item_list));
    kept_samples::<GetModelList>(|reply| each(&reply.model));
    kept_samples::<GetReturnList>(|reply| each(&reply.returns));
    kept_samples::<GetReturnDetail>(|reply| each(&[reply]));
}

#[test]
fn the_sample_return_is_read_exactly() {
    let Some(specification) = specification("returns.get_return_detail") else {
        return;
    };
    let body = samples(&specification, "response_sample")[0].to_string();
    let answer =
        understand::<GetReturnDetail>(StatusCode::OK, None, body.into_bytes(), Timestamp::MIN_UTC)
            .expect("a return");
    let read = answer.reply.read().expect("a return");
    assert_eq!(read.return_sn.as_deref(), Some("2206140TA5PM808"));
    assert_eq!(
        read.refund_amount
            .map(|amount| amount.to_string())
            .as_deref(),
        Some("13.97")
    );
    assert_eq!(
        *read.dispute_reason,
        ["2"],
        "a number where the table has a list"
    );
    let [item] = &read.item[..] else {
        panic!("one item");
    };
    assert_eq!(
        (*item.amount, item.item_sku.as_deref()),
        (Some(1), Some("USB"))
    );
    assert!(
        answer.reply.json().contains("buyer_videos"),
        "the rest is kept"
    );
}
