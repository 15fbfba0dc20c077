//! By what a vehicle is paid: a line of an invoice, or what finance has booked.

use steward_proto::fleet::v1::{Acquisition, RegisterAcquisitionRequest, Vehicle};
use steward_proto::ledger::v1::{Entry, ListEntriesRequest, NewEntry, PostEntriesRequest};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::office::Office;
use super::super::{MIGRATIONS, XILING, YILING, faults, reason, request_id};
use super::{ask, bought, broken, budget, read, register, registering, set_budget, wanted};

both!(
    MIGRATIONS,
    several_vehicles_stand_on_one_invoice,
    what_finance_has_booked_is_not_booked_again,
    nothing_comes_before_its_approval,
);

/// An approved acquisition of an ordinary car.
async fn approved(office: &Office) -> Acquisition {
    let asked = ask(office, wanted(XILING)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    read(office, &asked.id).await
}

/// The entries of a document: line, what caused it, and id.
async fn lines(office: &Office, document_no: &str) -> Vec<(i32, String, String)> {
    let document_no = document_no.to_owned();
    let request = ListEntriesRequest { document_no, ..ListEntriesRequest::default() };
    let answer = office.ledger().list_entries(request).await.unwrap().into_inner();
    let line = |it: Entry| {
        let content = it.content.unwrap();
        (content.document_line, content.source_resource, it.id)
    };
    let mut lines: Vec<_> = answer.entries.into_iter().map(line).collect();
    lines.sort();
    lines
}

async fn several_vehicles_stand_on_one_invoice(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 3, "2017-01-01").await;
    let mut made = Vec::new();
    for plate in ["鄂E00001", "鄂E00002"] {
        let acquisition = approved(&office).await;
        let done = register(&office, &acquisition.id, bought(plate), "发票1").await.unwrap();
        assert_eq!(done.acquisition.unwrap().entry_id, done.entry_id);
        made.push((format!("vehicles/{}", done.vehicle.unwrap().id), done.entry_id));
    }
    let [first, second] = [made[0].clone(), made[1].clone()];
    let expected = [(1, first.0, first.1), (2, second.0, second.1)];
    assert_eq!(lines(&office, "发票1").await, expected);
    let third = approved(&office).await;
    let on_line = |document_line| RegisterAcquisitionRequest {
        document_line,
        ..registering(&third, bought("鄂E00003"), "发票1")
    };
    let mut client = office.acquisitions();
    for line in [-1, 100_001] {
        let refused = client.register_acquisition(on_line(line)).await.unwrap_err();
        let field = ("document_line".to_owned(), "LINE_OUT_OF_RANGE".to_owned());
        assert_eq!(faults(&refused), [field]);
    }
    // Who names a line means it.
    let refused = client.register_acquisition(on_line(2)).await.unwrap_err();
    assert_eq!(reason(&refused), "ENTRY_ALREADY_POSTED");
    client.register_acquisition(on_line(7)).await.unwrap();
    let numbers: Vec<_> = lines(&office, "发票1").await.into_iter().map(|it| it.0).collect();
    assert_eq!(numbers, [1, 2, 7]);
}

async fn what_finance_has_booked_is_not_booked_again(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 2, "2017-01-01").await;
    set_budget(&office, XILING, 60_000_000).await;
    let entry = |organization: &str, amount_fen, line| NewEntry {
        organization: organization.to_owned(),
        category: "vehicle_purchase".to_owned(),
        occurred_on: "2017-06-15".to_owned(),
        amount_fen,
        document_no: "发票1".to_owned(),
        document_line: line,
        ..NewEntry::default()
    };
    let entries = vec![
        entry(XILING, 14_980_000, 1),
        entry(XILING, 14_980_001, 2),
        entry(YILING, 14_980_000, 1),
    ];
    let request =
        PostEntriesRequest { request_id: request_id(), entries, ..PostEntriesRequest::default() };
    let posted = office.ledger().post_entries(request).await.unwrap().into_inner().results;
    let ids: Vec<_> = posted.into_iter().map(|it| it.entry_id).collect();
    let acquisition = approved(&office).await;
    let again = register(&office, &acquisition.id, bought("鄂E00001"), "发票1").await.unwrap_err();
    assert_eq!(reason(&again), "ENTRY_ALREADY_POSTED");
    let by_entry = |id: &str, of: &Acquisition, plate: &str| RegisterAcquisitionRequest {
        entry_id: id.to_owned(),
        paid_on: String::new(),
        ..registering(of, bought(plate), "")
    };
    let mut client = office.acquisitions();
    let first = by_entry(&ids[0], &acquisition, "鄂E00001");
    let both = RegisterAcquisitionRequest { document_no: "发票1".to_owned(), ..first.clone() };
    let refused = client.register_acquisition(both).await.unwrap_err();
    assert_eq!(faults(&refused), [("entry_id".to_owned(), "VOUCHER_AMBIGUOUS".to_owned())]);
    for (id, why) in [(&ids[1], "ENTRY_UNLIKE"), (&ids[2], "ENTRY_UNLIKE")] {
        let other = by_entry(id, &acquisition, "鄂E00001");
        assert_eq!(reason(&client.register_acquisition(other).await.unwrap_err()), why);
    }
    let unknown = by_entry(&request_id(), &acquisition, "鄂E00001");
    let refused = client.register_acquisition(unknown).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let check = RegisterAcquisitionRequest { validate_only: true, ..first.clone() };
    client.register_acquisition(check).await.unwrap();
    let done = client.register_acquisition(first).await.unwrap().into_inner();
    assert_eq!((&done.entry_id, &done.acquisition.unwrap().entry_id), (&ids[0], &ids[0]));
    assert_eq!(lines(&office, "发票1").await.len(), 3, "nothing was booked");
    assert_eq!(budget(&office).await, (0, 0, 29_960_001), "what was approved is free again");
    let second = approved(&office).await;
    let twice = client.register_acquisition(by_entry(&ids[0], &second, "鄂E00002")).await;
    assert_eq!(reason(&twice.unwrap_err()), "ENTRY_TAKEN");
}

async fn nothing_comes_before_its_approval(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 1, "2017-01-01").await;
    let early = NewEntry {
        organization: XILING.to_owned(),
        category: "vehicle_purchase".to_owned(),
        occurred_on: "2017-06-17".to_owned(),
        amount_fen: 14_980_000,
        document_no: "发票1".to_owned(),
        ..NewEntry::default()
    };
    let asked = ask(&office, wanted(XILING)).await.unwrap();
    office.clock.set("2017-06-18T02:00:00Z".parse().unwrap());
    let request = PostEntriesRequest {
        request_id: request_id(),
        entries: vec![early],
        ..PostEntriesRequest::default()
    };
    let posted = office.ledger().post_entries(request).await.unwrap().into_inner().results;
    office.approve(&asked.approval_id).await.unwrap();
    let approved = read(&office, &asked.id).await;
    let on = |came: &str, paid: &str| RegisterAcquisitionRequest {
        paid_on: paid.to_owned(),
        ..registering(
            &approved,
            Vehicle { acquired_on: came.to_owned(), ..bought("鄂E12345") },
            "发票2",
        )
    };
    let by_entry = RegisterAcquisitionRequest {
        entry_id: posted[0].entry_id.clone(),
        document_no: String::new(),
        ..on("2017-06-18", "")
    };
    let mut client = office.acquisitions();
    for (request, field) in [
        (on("2017-06-17", "2017-06-18"), "vehicle.acquired_on"),
        (on("2017-06-18", "2017-06-17"), "paid_on"),
        (by_entry, "entry_id"),
    ] {
        let refused = client.register_acquisition(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert_eq!(broken(&refused), [("BEFORE_APPROVAL".to_owned(), field.to_owned())]);
    }
    client.register_acquisition(on("2017-06-18", "2017-06-18")).await.unwrap();
}
