//! A transfer between regions: what each side may do, and what the vehicle takes along.

use serde_json::{Value, json};
use steward_proto::approval::v1::Decision;
use steward_proto::fleet::v1::{
    CompleteTransferRequest, RequestTransferRequest, Transfer, UpdateTransferRequest, Vehicle,
    VehicleBody,
};
use steward_tests::raw::{call, methods};
use steward_tests::service::{As, called};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::office::Office;
use super::transfer::{ask, asking, completing, read};
use super::{MIGRATIONS, XILING, YILING, car, create, get, reason, request_id};

both!(
    MIGRATIONS,
    who_is_on_one_side_alone_does_what_is_that_sides,
    what_the_giver_needed_it_for_does_not_go_along,
);

/// Somebody of the giver's region, of the receiver's, of a third, and one of that third who sees both.
const CALLERS: [&str; 4] = ["giver", "receiver", "third", "onlooker"];

fn caller(office: &Office, who: &str, role: &str) -> As {
    match who {
        // Who asked corrects it.
        "giver" => office.caller("clerk", &[role], &["420502"]),
        "receiver" => office.caller(who, &[role], &["420506"]),
        "third" => office.caller(who, &[role], &["420503"]),
        _ => office.caller_of(
            who,
            &json!([
                {"role": role, "domain": "*", "regions": ["420503"]},
                {"role": "auditor", "domain": "*", "regions": ["420502", "420506"]},
            ]),
        ),
    }
}

/// What each of [`CALLERS`] is answered: nothing wrong, or the reason; of a list how many.
fn expected(method: &str) -> [&'static str; 4] {
    const OK: &str = "";
    const HIDDEN: &str = "NOT_FOUND";
    const DENIED: &str = "SCOPE_DENIED";
    match method {
        "GetTransfer" => [OK, OK, HIDDEN, OK],
        "ListTransfers" => ["4", "4", "0", "4"],
        "RequestTransfer" => [OK, HIDDEN, HIDDEN, DENIED],
        "UpdateTransfer" => [OK, DENIED, HIDDEN, DENIED],
        // Who is to get it need not want it.
        "CancelTransfer" | "CompleteTransfer" | "CorrectTransfer" => [OK, OK, HIDDEN, DENIED],
        other => panic!("{other} has no probe"),
    }
}

fn told(method: &str, answer: Result<Vec<Value>, Status>) -> String {
    let count = |answer: &Value| {
        let found = answer.get("transfers").and_then(Value::as_array).map_or(0, Vec::len);
        if method.starts_with("List") { found.to_string() } else { String::new() }
    };
    answer.map_or_else(|status| reason(&status), |answers| count(&answers[0]))
}

async fn who_is_on_one_side_alone_does_what_is_that_sides(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(YILING, 5, "2017-01-01").await;
    let mut cars = Vec::new();
    for plate in ["鄂E00001", "鄂E00002", "鄂E00003", "鄂E00004", "鄂E00005"] {
        let old = Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(XILING, plate) };
        cars.push(create(&mut office.vehicles(), old).await.unwrap());
    }
    let mut asked = Vec::new();
    for vehicle in &cars[..4] {
        asked.push(ask(&office, &vehicle.id, YILING).await.unwrap());
    }
    let [pending, returned, approved, completed] = asked.try_into().unwrap();
    office.decide(&returned.approval_id, Decision::Return).await.unwrap();
    for it in [&approved, &completed] {
        office.approve(&it.approval_id).await.unwrap();
    }
    let request = completing(&read(&office, &completed.id).await);
    office.transfers().complete_transfer(request).await.unwrap();
    let completed = read(&office, &completed.id).await;
    let (returned, approved) =
        (read(&office, &returned.id).await, read(&office, &approved.id).await);
    let act = |it: &Transfer| json!({"id": it.id, "etag": it.etag, "reason": "x"});
    let request = |method: &str| {
        let mut request = match method {
            "GetTransfer" => return json!({"id": pending.id}),
            "ListTransfers" => return json!({}),
            "RequestTransfer" => json!({"transfer":
                {"vehicleId": cars[4].id, "toOrganization": YILING, "reason": "x"}}),
            "UpdateTransfer" => json!({"updateMask": "reason", "transfer": act(&returned)}),
            "CancelTransfer" => act(&pending),
            "CorrectTransfer" => json!({"id": completed.id, "etag": completed.etag,
                "transferredOn": "2017-06-15", "reason": "x"}),
            _ => json!({"id": approved.id, "etag": approved.etag, "transferredOn": "2017-06-15"}),
        };
        request["requestId"] = request_id().into();
        request["validateOnly"] = true.into();
        request
    };
    let service = "steward.fleet.v1.TransferService";
    let all = methods().into_iter().filter(|it| it.parent_service().full_name() == service);
    for method in all {
        let mut answers = Vec::new();
        // A day that was said is a manager's to correct.
        let role = if method.name() == "CorrectTransfer" { "manager" } else { "operator" };
        for who in CALLERS {
            let client = called(&office.backend, caller(&office, who, role));
            let answer = call(client, &method, &request(method.name())).await;
            answers.push(told(method.name(), answer));
        }
        assert_eq!(answers, expected(method.name()), "{} of {CALLERS:?}", method.name());
    }
}

async fn what_the_giver_needed_it_for_does_not_go_along(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(YILING, 1, "2017-01-01").await;
    // The rules of 2017 ask why it must be off the roads.
    office.clock.set("2018-03-01T01:00:00Z".parse().unwrap());
    let off_road = Vehicle {
        acquired_on: "2018-01-10".to_owned(),
        body: VehicleBody::OffRoad.into(),
        special_need_reason: "山区防汛".to_owned(),
        work_need_reason: "巡查".to_owned(),
        ..car(XILING, "鄂E00001")
    };
    let vehicle = create(&mut office.vehicles(), off_road).await.unwrap();
    assert_eq!(vehicle.breach_count, 0);
    let error = ask(&office, &vehicle.id, YILING).await.unwrap_err();
    assert_eq!(
        (error.code(), reason(&error)),
        (Code::FailedPrecondition, "OVER_STANDARD".to_owned())
    );
    // The receiver has reasons of his own, or none.
    let mut asked = asking(&vehicle.id, YILING);
    asked.transfer.as_mut().unwrap().special_need_reason = "库区巡护".to_owned();
    let asked = RequestTransferRequest { accept_warnings: true, ..asked };
    let answer = office.transfers().request_transfer(asked).await.unwrap().into_inner();
    let asked = answer.transfer.unwrap();
    office.decide(&asked.approval_id, Decision::Return).await.unwrap();
    let returned = read(&office, &asked.id).await;
    let correct = |special: &str, work: &str| UpdateTransferRequest {
        request_id: request_id(),
        transfer: Some(Transfer {
            special_need_reason: special.to_owned(),
            work_need_reason: work.to_owned(),
            ..returned.clone()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["special_need_reason".to_owned(), "work_need_reason".to_owned()],
        }),
        ..UpdateTransferRequest::default()
    };
    let error = office.transfers().update_transfer(correct("", "")).await.unwrap_err();
    assert_eq!(reason(&error), "OVER_STANDARD");
    let long = "长".repeat(501);
    let error = office.transfers().update_transfer(correct(&long, &long)).await.unwrap_err();
    let mut named = super::faults(&error);
    named.sort();
    let too_long = |field: &str| (format!("transfer.{field}"), "TOO_LONG".to_owned());
    assert_eq!(named, [too_long("special_need_reason"), too_long("work_need_reason")]);
    let answer = office.transfers().update_transfer(correct("库区防火", "")).await.unwrap();
    let now = answer.into_inner().transfer.unwrap();
    assert_eq!((&*now.special_need_reason, &*now.work_need_reason), ("库区防火", ""));
    office.resubmit(&asked.approval_id).await;
    office.approve(&asked.approval_id).await.unwrap();
    let request = CompleteTransferRequest {
        transferred_on: "2018-03-01".to_owned(),
        ..completing(&read(&office, &asked.id).await)
    };
    office.transfers().complete_transfer(request).await.unwrap();
    let now = get(&mut office.vehicles(), &vehicle.id).await.unwrap();
    assert_eq!((&*now.special_need_reason, &*now.work_need_reason), ("库区防火", ""));
    assert_eq!(now.breach_count, 0);
}
