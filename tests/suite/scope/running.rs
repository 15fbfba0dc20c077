//! Running costs of the fleet: what region B has of them, and what is asked.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{A, B, World, merged};

pub(super) const IDS: &[&str] = &["{READING}", "{EXPENSE}", "{CARD}", "{NORM}", "{LINE}"];

/// Makes what an organization has of a vehicle; the ids by what stands for them.
pub(super) async fn settle(world: &World, code: &str, mark: &str) -> Vec<(&'static str, String)> {
    let plate = if mark == "A" { "鄂E00001" } else { "鄂E00002" };
    let named = json!({"organizations": [code], "plateContains": plate});
    let found = world.act("fleet", "ListVehicles", &named).await;
    let vehicle = found["vehicles"][0]["id"].as_str().unwrap();
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let read = world.act("fleet", "RecordOdometer", &reading(vehicle, "2017-03-01")).await;
    let norm = world.act("fleet", "SetNorm", &norm(vehicle, "", "")).await;
    let card = world.act("fleet", "CreateCard", &card(vehicle, &format!("CARD{mark}"))).await;
    let paid = world.act("fleet", "RecordExpenses", &expense(vehicle, "", mark)).await;
    let lines = json!({"requestId": new(), "lines": [line(&format!("CARD{mark}"), mark)]});
    let topped = world.act("fleet", "ImportStatement", &lines).await;
    vec![
        ("{READING}", id(&read["reading"]["id"])),
        ("{EXPENSE}", id(&paid["results"][0]["expenseId"])),
        ("{CARD}", id(&card["card"]["id"])),
        ("{NORM}", id(&norm["norm"]["id"])),
        ("{LINE}", id(&topped["results"][0]["lineId"])),
    ]
}

/// What can be seen of B with all grants.
pub(super) async fn seen_of_b(world: &World) -> Vec<Value> {
    let mut seen = Vec::new();
    for list in ["ListCards", "ListNorms", "ListExpenses", "ListStatementLines"] {
        seen.push(world.act("fleet", list, &json!({"organizations": [B]})).await);
    }
    seen
}

fn new() -> String {
    Uuid::new_v4().to_string()
}

fn reading(vehicle: &str, day: &str) -> Value {
    json!({"requestId": new(), "reading": {"vehicleId": vehicle, "odometerM": "100000",
        "readTime": format!("{day}T00:00:00Z")}})
}

fn norm(vehicle: &str, organization: &str, etag: &str) -> Value {
    json!({"requestId": new(), "norm": {"vehicleId": vehicle, "organization": organization,
        "fiscalYear": 2017, "amountFen": "100", "etag": etag}})
}

fn card(vehicle: &str, number: &str) -> Value {
    json!({"requestId": new(), "card": {"vehicleId": vehicle, "number": number}})
}

fn expense(vehicle: &str, plate: &str, document_no: &str) -> Value {
    json!({"requestId": new(), "expenses": [{"vehicleId": vehicle, "plate": plate,
        "kind": "EXPENSE_KIND_FUEL", "occurredOn": "2017-04-05", "amountFen": "30001",
        "quantity": "40000", "documentNo": document_no, "memo": "加油"}]})
}

fn line(card_no: &str, document_no: &str) -> Value {
    json!({"cardNo": card_no, "kind": "LINE_KIND_TOP_UP", "lineTime": "2017-04-04T00:00:00Z",
        "amountFen": "100", "documentNo": document_no})
}

/// What is asked.
pub(super) fn probes(method: &str, everywhere: &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>> {
    let months = json!({"fromMonth": "2017-01", "untilMonth": "2017-06"});
    let probes = match method {
        "RecordOdometer" => {
            vec![reading("{VEHICLE}", "2017-03-01"), reading("{VEHICLE}", "2017-05-01")]
        }
        "RetractReading" => {
            vec![json!({"requestId": "{NEW}", "id": "{READING}", "etag": "1", "reason": "看错"})]
        }
        "ListReadings" => vec![json!({"vehicleId": "{VEHICLE}"})],
        "SetNorm" => vec![norm("{VEHICLE}", "", ""), norm("{VEHICLE}", "", "1"), norm("", B, "")],
        "ListNorms" => everywhere(json!({})),
        // Nobody asks for B's number: a number is taken everywhere, and that it is taken is told.
        "CreateCard" => vec![card("{VEHICLE}", "NEW1")],
        "GetCard" => vec![json!({"id": "{CARD}"})],
        "ListCards" => [everywhere(json!({})), vec![json!({"vehicleId": "{VEHICLE}"})]].concat(),
        "UpdateCard" => vec![json!({"requestId": "{NEW}", "updateMask": "note",
            "card": {"id": "{CARD}", "etag": "1", "note": "x"}})],
        "RecordExpenses" => {
            let mine = json!({"vehicleId": "", "plate": "鄂E00001", "kind": "EXPENSE_KIND_FUEL",
                "occurredOn": "2017-04-05", "amountFen": "100", "documentNo": "S", "cardNo": "CARDB"});
            vec![
                expense("{VEHICLE}", "", "X"),
                expense("", "鄂E00002", "X"),
                expense("", "鄂E00002", "B"),
                merged(&expense("{VEHICLE}", "", "X"), &json!({"partial": true})),
                merged(&expense("{VEHICLE}", "", "X"), &json!({"validateOnly": true})),
                // Paid with B's card, or by B.
                json!({"requestId": "{NEW}", "partial": true, "expenses": [mine]}),
                json!({"requestId": "{NEW}", "expenses": [merged(&mine, &json!({"paidBy": B}))]}),
            ]
        }
        "ReverseExpense" => vec![json!({"requestId": "{NEW}", "id": "{EXPENSE}", "reason": "x"})],
        "GetExpense" => vec![json!({"id": "{EXPENSE}"})],
        "ListExpenses" => [
            everywhere(json!({})),
            everywhere(json!({"pageSize": 1})),
            vec![json!({"vehicleId": "{VEHICLE}"}), json!({"cardNo": "CARDB"})],
        ]
        .concat(),
        "ImportStatement" => vec![
            json!({"requestId": "{NEW}", "lines": [line("CARDB", "B")]}),
            json!({"requestId": "{NEW}", "partial": true,
                "lines": [line("CARDB", "X"), line("CARDA", "B")]}),
        ],
        "ReverseTopUp" => vec![json!({"requestId": "{NEW}", "id": "{LINE}", "reason": "x"})],
        "ListStatementLines" => [everywhere(json!({})), vec![json!({"cardNo": "CARDB"})]].concat(),
        "ListVehicleFigures" => [
            everywhere(json!({"period": months})),
            everywhere(json!({"period": months, "pageSize": 1})),
        ]
        .concat(),
        "SummarizeFleet" => [
            everywhere(json!({"year": 2017})),
            everywhere(json!({"year": 2014, "groupBy": "FLEET_GROUPING_REGION"})),
        ]
        .concat(),
        _ => return published(method),
    };
    Some(probes)
}

fn published(method: &str) -> Option<Vec<Value>> {
    let month = match method {
        "GetMonthlyList" => "2017-04",
        "ListMonthlyTrips" => "2017-05",
        _ => return None,
    };
    Some([A, B].map(|code| json!({"organization": code, "month": month})).to_vec())
}
