use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use actix_web::{FromRequest, ResponseError as _};
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    partner_id: Option<i64>,
    codes: Option<Vec<i32>>,
    region: Option<hawker_domain::profile::Region>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    limit: Option<u32>,
    after: Option<String>,
}

async fn refused<T: FromRequest<Error = Problem>>(request: TestRequest) -> (u16, Value) {
    let (request, mut payload) = request.to_http_parts();
    let Err(problem) = T::from_request(&request, &mut payload).await else {
        panic!("it was taken");
    };
    let shown = problem.shown();
    (problem.status_code().as_u16(), shown)
}

fn body(text: &str) -> TestRequest {
    TestRequest::post()
        .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
        .set_payload(text.to_owned())
}

#[actix_web::test]
async fn a_body_that_fits_is_taken() {
    let text = r#"{"partner_id": 7, "codes": [3], "region": "SG"}"#;
    let (request, mut payload) = body(text).to_http_parts();
    let Json(form) = Json::<Form>::from_request(&request, &mut payload)
        .await
        .expect("a form");
    assert_eq!((form.partner_id, form.codes), (Some(7), Some(vec![3])));
    assert_eq!(form.region, Some(hawker_domain::profile::Region::Sg));
}

#[actix_web::test]
async fn a_field_that_does_not_fit_is_named_and_its_value_is_not_repeated() {
    for (text, field, words) in [
        (
            r#"{"partner_idd": "s3cret"}"#,
            "partner_idd",
            "there is no such field",
        ),
        (r#"{"partner_id": "s3cret"}"#, "partner_id", "expected i64"),
        (r#"{"codes": [3, "s3cret"]}"#, "codes[1]", "expected i32"),
        (r#""s3cret""#, "body", "expected struct Form"),
        (
            r#"{"partner_id": 1, "partner_id": 2}"#,
            "partner_id",
            "it is given twice",
        ),
        (r#"{"region": "MOON"}"#, "region", "not a known region"),
    ] {
        let (status, problem) = refused::<Json<Form>>(body(text)).await;
        assert_eq!(status, 422, "{problem}");
        assert_eq!(problem["type"], "urn:hawker:problem:validation-failed");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        let message = problem["errors"][0]["message"].as_str().expect("words");
        assert!(message.contains(words), "{message}");
        assert!(!problem.to_string().contains("s3cret"), "{problem}");
    }
}

#[actix_web::test]
async fn what_is_no_json_is_told_by_its_place() {
    for text in ["", "{", r#"{"partner_id": s3cret}"#, "{} {}", "\u{0}"] {
        let (status, problem) = refused::<Json<Form>>(body(text)).await;
        assert_eq!(status, 400, "{text:?}: {problem}");
        assert!(!problem.to_string().contains("s3cret"), "{problem}");
    }
}

#[actix_web::test]
async fn a_body_must_be_declared_as_json_and_keep_to_the_limit() {
    let undeclared = TestRequest::post().set_payload("{}");
    assert_eq!(refused::<Json<Form>>(undeclared).await.0, 415);
    let text = TestRequest::post().insert_header((CONTENT_TYPE, "text/plain"));
    assert_eq!(refused::<Json<Form>>(text.set_payload("{}")).await.0, 415);
    let filler = " ".repeat(BODY_BYTES_MAX - 1);
    let (status, _) = refused::<Json<Form>>(body(&format!("{{}}{filler}"))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE.as_u16());
}

#[actix_web::test]
async fn a_parameter_that_does_not_fit_is_named() {
    for (query, field, words) in [
        ("limit=many", "limit", "invalid digit"),
        ("limit=-1", "limit", "invalid digit"),
        ("limt=3", "limt", "there is no such field"),
        ("limit=1&limit=2", "limit", "it is given twice"),
    ] {
        let request = TestRequest::get().uri(&format!("/?{query}"));
        let (status, problem) = refused::<Query<Filter>>(request).await;
        assert_eq!(status, 422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        let message = problem["errors"][0]["message"].as_str().expect("words");
        assert!(message.contains(words), "{message}");
    }
    let (request, mut payload) = TestRequest::get()
        .uri("/?after=a%20b&limit=3")
        .to_http_parts();
    let Query(filter) = Query::<Filter>::from_request(&request, &mut payload)
        .await
        .expect("fits");
    assert_eq!(
        (filter.limit, filter.after.as_deref()),
        (Some(3), Some("a b"))
    );
}

#[actix_web::test]
async fn what_cannot_be_an_id_is_the_id_of_nothing() {
    let request = TestRequest::get().param("id", "no%20profile!");
    let (status, problem) = refused::<ProfileInPath>(request).await;
    assert_eq!((status, &problem["title"]), (404, &json!("Not found")));
    let request = TestRequest::get().param("id", "prof_1");
    assert_eq!(refused::<EventInPath>(request).await.0, 404);
}
