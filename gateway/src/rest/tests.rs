//! What HTTP requests stand for, over the real descriptors.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use serde_json::{Value, json};
use steward_chassis::Result;

use super::input::{Said, request};
use super::table::{Found, Table};
use super::template::Path;

const ID: &str = "0190a0a0-0000-7000-8000-000000000001";

static TABLE: LazyLock<Table> = LazyLock::new(table);

fn table() -> Table {
    let pool = steward_chassis::api::pool().unwrap().clone();
    let common = ["ledger", "finding", "approval", "audit"];
    let domains = |service: &str| {
        let is_common = common.iter().any(|name| service.starts_with(&format!("steward.{name}.")));
        Some(if is_common { vec!["fleet", "energy"] } else { Vec::new() })
    };
    Table::of(&pool, domains).unwrap()
}

/// The request behind an HTTP request, as JSON without what is not said; `None` = there is no such path.
fn asked(
    (verb, target): (Method, &str),
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Result<Value>> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Found::Route(route, filled) = TABLE.find(&verb, &Path::new(path)) else { return None };
    let headers = headers.iter().map(|(name, value)| {
        (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
    });
    let said = Said {
        filled: filled.into_iter().map(|(field, text)| (field.to_owned(), text)).collect(),
        query: query.to_owned(),
        headers: headers.collect::<HeaderMap>(),
    };
    Some(request(&route, &said, body).map(|message| serde_json::to_value(message).unwrap()))
}

/// The faulty fields, and why.
fn faults(asked: Option<Result<Value>>) -> Vec<(String, &'static str)> {
    let error = asked.expect("there is such a path").unwrap_err();
    match error.violations() {
        [] => vec![(String::new(), error.reason().code)],
        some => some.iter().map(|it| (it.field.clone(), it.reason.code)).collect(),
    }
}

const LIST: &str = "/fleet/v1/vehicles";

#[test]
fn a_query_fills_the_fields_of_a_request() {
    for (query, want) in [
        ("", json!({})),
        ("pageSize=10&page_token=a%20b+c", json!({"pageSize": 10, "pageToken": "a b c"})),
        ("regions=4205*&regions=420500", json!({"regions": ["4205*", "420500"]})),
        ("category=VEHICLE_CATEGORY_EMERGENCY", json!({"category": "VEHICLE_CATEGORY_EMERGENCY"})),
        ("breachesOnly=true&&", json!({"breachesOnly": true})),
        ("plateContains=%E9%84%82E", json!({"plateContains": "鄂E"})),
    ] {
        let target = format!("{LIST}?{query}");
        assert_eq!(asked((Method::GET, &target), &[], b"").unwrap().unwrap(), want, "{query}");
    }
    let target = format!("{LIST}?category=1");
    let by_number = asked((Method::GET, &target), &[], b"").unwrap().unwrap();
    assert!(by_number["category"].is_string(), "{by_number}");
}

#[test]
fn a_faulty_query_is_told_field_by_field() {
    for (query, want) in [
        ("colour=red", ("colour", "FIELD_UNKNOWN")),
        ("pageSize.x=1", ("pageSize.x", "FIELD_UNKNOWN")),
        ("pageSize=ten", ("page_size", "FIELD_MALFORMED")),
        ("page_size=99999999999", ("page_size", "FIELD_MALFORMED")),
        ("pageSize=1&page_size=2", ("page_size", "FIELD_TWICE")),
        ("breachesOnly=yes", ("breaches_only", "FIELD_MALFORMED")),
        ("category=RED", ("category", "FIELD_MALFORMED")),
        ("plateContains=%FF", ("", "FIELD_MALFORMED")),
        ("%FF=1", ("", "FIELD_MALFORMED")),
    ] {
        let target = format!("{LIST}?{query}");
        let (field, reason) = want;
        let told = faults(asked((Method::GET, &target), &[], b""));
        assert_eq!(told, [(field.to_owned(), reason)], "{query}");
    }
    let two = faults(asked((Method::GET, &format!("{LIST}?a=1&b=2")), &[], b""));
    assert_eq!(two.len(), 2, "all at once: {two:?}");
    let many = format!("{LIST}?{}", "regions=420500&".repeat(1_001));
    assert_eq!(faults(asked((Method::GET, &many), &[], b""))[0].1, "FIELD_MALFORMED");
}

fn patch(id: &str, headers: &[(&str, &str)], body: &Value) -> Option<Result<Value>> {
    let target = format!("{LIST}/{id}");
    asked((Method::PATCH, &target), headers, body.to_string().as_bytes())
}

#[test]
fn path_body_and_headers_make_one_request() {
    let body = json!({"vehicle": {"note": "备用", "seats": "5"}, "update_mask": "note,plate"});
    let headers = [("if-match", "\"3\""), ("idempotency-key", ID)];
    let want = json!({
        "vehicle": {"id": ID, "note": "备用", "seats": 5, "etag": "3"},
        "updateMask": "note,plate",
        "requestId": ID,
    });
    assert_eq!(patch(ID, &headers, &body).unwrap().unwrap(), want);
    // What is null is not said.
    let null = patch(ID, &[], &json!({"vehicle": null, "updateMask": null})).unwrap().unwrap();
    assert_eq!(null, json!({"vehicle": {"id": ID}}));
    // It may be said twice, if it is the same.
    let mut same = body.clone();
    (same["vehicle"]["id"], same["requestId"]) = (json!(ID), json!(ID));
    assert_eq!(patch(ID, &headers, &same).unwrap().unwrap(), want);
    let posted =
        asked((Method::POST, &format!("{LIST}/{ID}:remove")), &headers, b"{\"reason\":\"x\"}");
    let posted = posted.unwrap().unwrap();
    assert_eq!(
        (&posted["id"], &posted["etag"], &posted["requestId"]),
        (&json!(ID), &json!("3"), &json!(ID))
    );
}

#[test]
fn what_contradicts_itself_is_refused() {
    for (id, headers, body, want) in [
        ("x", vec![], json!({"vehicle": {"id": "y"}}), ("vehicle.id", "FIELD_TWICE")),
        ("x", vec![], json!({"vehicle": 7}), ("vehicle.id", "FIELD_MALFORMED")),
        ("%FF", vec![], json!({}), ("vehicle.id", "FIELD_MALFORMED")),
        (
            "x",
            vec![("if-match", "3")],
            json!({"vehicle": {"etag": "4"}}),
            ("vehicle.etag", "FIELD_TWICE"),
        ),
        ("x", vec![("if-match", "*,1")], json!({}), ("if-match", "HEADER_UNFIT")),
        ("x", vec![("if-match", "W/\"3\"")], json!({}), ("if-match", "HEADER_UNFIT")),
        ("x", vec![("if-match", "\"3")], json!({}), ("if-match", "HEADER_UNFIT")),
        ("x", vec![("if-match", "")], json!({}), ("if-match", "HEADER_UNFIT")),
        ("x", vec![("if-match", "1"), ("if-match", "2")], json!({}), ("if-match", "HEADER_UNFIT")),
        ("x?note=1", vec![], json!({}), ("note", "FIELD_UNKNOWN")),
    ] {
        let told = faults(patch(id, &headers, &body));
        assert_eq!(told, [(want.0.to_owned(), want.1)], "{id} {headers:?} {body}");
    }
    let unfit = asked((Method::GET, LIST), &[("if-match", "3"), ("idempotency-key", ID)], b"");
    assert_eq!(
        faults(unfit),
        ["if-match", "idempotency-key"].map(|name| (name.to_owned(), "HEADER_UNFIT"))
    );
}

#[test]
fn faulty_bodies_are_told_by_field() {
    let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
    let deep_field = format!("{{\"vehicle\":{}1{}}}", "{\"a\":".repeat(500), "}".repeat(500));
    let cases: [(&[u8], &str, &str); 14] = [
        (b"{", "", "JSON_MALFORMED"),
        (b"[]", "", "JSON_MALFORMED"),
        (b"\"x\"", "", "JSON_MALFORMED"),
        (b"{\"vehicle\":{}}x", "", "JSON_MALFORMED"),
        (b"{\"vehicle\":{\"note\":\"\xff\"}}", "", "JSON_MALFORMED"),
        (b"{\"vehicle\":{\"note\":1,\"note\":2}}", "", "JSON_MALFORMED"),
        (b"{\"vehicle\":{\"tankMl\":1,\"tank_ml\":2}}", "", "JSON_MALFORMED"),
        (&deep, "", "JSON_MALFORMED"),
        (deep_field.as_bytes(), "", "JSON_MALFORMED"),
        (b"{\"vehicle\":{\"note\":7}}", "vehicle.note", "FIELD_MALFORMED"),
        (b"{\"vehicle\":{\"tankMl\":1.5}}", "vehicle.tank_ml", "FIELD_MALFORMED"),
        (b"{\"vehicle\":{\"tankMl\":1e99}}", "vehicle.tank_ml", "FIELD_MALFORMED"),
        (b"{\"vehicle\":{\"category\":{}}}", "vehicle.category", "FIELD_MALFORMED"),
        (b"{\"vehicle\":{\"colour\":1}}", "vehicle.colour", "FIELD_UNKNOWN"),
    ];
    for (body, field, reason) in cases {
        let told = faults(asked((Method::POST, LIST), &[], body));
        assert_eq!(told, [(field.to_owned(), reason)], "{}", String::from_utf8_lossy(body));
    }
    let list = b"{\"entries\":[{},{\"amountFen\":\"x\"}]}";
    let told = faults(asked((Method::POST, "/fleet/v1/entries:post"), &[], list));
    assert_eq!(told, [("entries[1].amount_fen".to_owned(), "FIELD_MALFORMED")]);
    let told = faults(asked((Method::GET, LIST), &[], b"{}"));
    assert_eq!(told, [(String::new(), "JSON_MALFORMED")], "no body is expected");
}

#[test]
fn common_interfaces_are_there_once_a_domain() {
    for domain in ["fleet", "energy"] {
        let target = format!("/{domain}/v1/entries?pageSize=1");
        assert!(asked((Method::GET, &target), &[], b"").unwrap().is_ok());
    }
    for absent in ["/property/v1/entries", "/v1/entries", "/fleet/v1/nothing", "/", ""] {
        assert!(asked((Method::GET, absent), &[], b"").is_none(), "{absent}");
    }
    assert!(TABLE.iter().count() > 150);
    let Found::Methods(methods) = TABLE.find(&Method::DELETE, &Path::new(LIST)) else {
        panic!("it is there with other methods");
    };
    assert_eq!(methods.len(), 2, "{methods:?}");
}

proptest! {
    #[test]
    fn nothing_that_is_sent_makes_it_panic(
        path in "(/fleet/v1)?(/[a-z%:{}*0-9.A-F]{0,12}){0,4}",
        query in "([a-zA-Z_.]{0,16}=?[^#]{0,16}&?){0,4}",
        body in proptest::collection::vec(any::<u8>(), 0..64),
        json in "\\{(\"(vehicle|updateMask|requestId|x)\":[\\{\\}\\[\\]0-9\"a,:]{0,24},?){0,3}\\}",
        header in "[ -~]{0,16}",
    ) {
        for verb in [Method::GET, Method::POST, Method::PATCH] {
            for target in [format!("{path}?{query}"), format!("{LIST}?{query}"), format!("{LIST}/x")] {
                for body in [body.as_slice(), json.as_bytes()] {
                    let headers = [("if-match", header.as_str()), ("idempotency-key", "x")];
                    let _ = asked((verb.clone(), &target), &headers, body);
                }
            }
        }
    }
}
