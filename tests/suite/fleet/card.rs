use steward_proto::fleet::v1::{
    Card, CardState, CreateCardRequest, GetCardRequest, ListCardsRequest, NewExpense,
    UpdateCardRequest,
};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::handed::Two;
use super::running::{Clients, fill, updating_card};
use super::{MIGRATIONS, XILING, YILING, car, create, faults, reason, request_id};

both!(
    MIGRATIONS,
    a_card_is_kept_and_changed,
    a_number_is_taken_once,
    a_repeated_request_makes_one_card,
    faulty_cards_are_refused,
    cards_are_listed,
    a_card_stays_with_who_gave_the_vehicle_away,
    a_card_that_stayed_behind_may_be_used_again,
);

fn creating(card: Card) -> CreateCardRequest {
    CreateCardRequest { request_id: request_id(), card: Some(card), validate_only: false }
}

async fn get(clients: &mut Clients, id: &str) -> Result<Card, Status> {
    let request = GetCardRequest { id: id.to_owned() };
    Ok(clients.cards.get_card(request).await?.into_inner().card.unwrap())
}

async fn a_card_is_kept_and_changed(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let (one, two) = (clients.car("鄂E00001").await, clients.car("鄂E00002").await);
    let made = clients.carded(&one, "1000 1132-0000 01").await;
    assert_eq!((made.number.as_str(), made.organization.as_str()), ("10001132000001", XILING));
    assert_eq!((made.state(), made.etag.as_str()), (CardState::Active, "1"));
    assert_eq!(get(&mut clients, &made.id).await.unwrap(), made);
    let stations = vec!["中石化西陵一路站".to_owned(), "中石化夜明珠站".to_owned()];
    let change =
        Card { vehicle_id: two.id.clone(), stations, note: "备用".to_owned(), ..made.clone() };
    let check = UpdateCardRequest { validate_only: true, ..updating_card(&change, &["note"]) };
    let checked = clients.cards.update_card(check).await.unwrap().into_inner().card.unwrap();
    assert_eq!((checked.note.as_str(), checked.etag.as_str()), ("备用", ""));
    let changed = clients.update_card(&change, &["vehicle_id", "stations"], "").await.unwrap();
    assert_eq!((changed.note.as_str(), changed.etag.as_str()), ("", "2"), "the mask limits it");
    assert_eq!((&changed.vehicle_id, &changed.stations), (&two.id, &change.stations));
    assert_eq!(get(&mut clients, &made.id).await.unwrap(), changed);
    let same = clients.update_card(&changed, &["stations"], "").await.unwrap();
    assert_eq!(same, changed, "nothing changes");
    assert_eq!(
        reason(&clients.update_card(&change, &["note"], "").await.unwrap_err()),
        "ETAG_STALE"
    );
    let other = create(&mut clients.vehicles, car(YILING, "鄂E00003")).await.unwrap();
    let moved = Card { vehicle_id: other.id, ..changed };
    let error = clients.update_card(&moved, &["vehicle_id"], "").await.unwrap_err();
    assert_eq!(faults(&error), [("card.vehicle_id".to_owned(), "CARD_VEHICLE".to_owned())]);
    assert_eq!(get(&mut clients, &request_id()).await.unwrap_err().code(), Code::NotFound);
}

async fn a_number_is_taken_once(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E00001").await;
    let made = clients.carded(&vehicle, "A-1").await;
    let again = Card { number: "a1".to_owned(), ..made };
    let error = clients.cards.create_card(creating(again)).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::AlreadyExists, "CARD_TAKEN"));
}

async fn a_repeated_request_makes_one_card(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E00001").await;
    let request =
        creating(Card { number: "1".to_owned(), vehicle_id: vehicle.id, ..Card::default() });
    let check = CreateCardRequest { validate_only: true, ..request.clone() };
    let checked = clients.cards.create_card(check).await.unwrap().into_inner().card.unwrap();
    assert_eq!((checked.id.as_str(), checked.etag.as_str()), ("", ""));
    let first = clients.cards.create_card(request.clone()).await.unwrap().into_inner();
    let again = clients.cards.create_card(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let change = updating_card(&Card { note: "备用".to_owned(), ..first.card.unwrap() }, &["note"]);
    let first = clients.cards.update_card(change.clone()).await.unwrap().into_inner();
    let again = clients.cards.update_card(change).await.unwrap().into_inner();
    assert_eq!(first, again);
}

async fn faulty_cards_are_refused(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let stations = vec!["甲站".to_owned(), "甲站".to_owned()];
    let faulty = Card { number: "卡".to_owned(), stations, state: 9, ..Card::default() };
    let error = clients.cards.create_card(creating(faulty)).await.unwrap_err();
    let want = [
        ("card.number", "CARD_MALFORMED"),
        ("card.vehicle_id", "REQUIRED"),
        ("card.stations[1]", "REPEATED"),
        ("card.state", "VALUE_UNKNOWN"),
    ];
    assert_eq!(faults(&error), want.map(|(at, why)| (at.to_owned(), why.to_owned())));
    let vehicle_id = request_id();
    let unknown = Card { number: "1".to_owned(), vehicle_id, ..Card::default() };
    let error = clients.cards.create_card(creating(unknown)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
}

async fn cards_are_listed(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let mine = clients.car("鄂E00001").await;
    let theirs = create(&mut clients.vehicles, car(YILING, "鄂E00002")).await.unwrap();
    for number in ["3", "1"] {
        clients.carded(&mine, number).await;
    }
    let card = clients.carded(&theirs, "2").await;
    let blocked = Card { state: CardState::Blocked.into(), ..card };
    clients.update_card(&blocked, &["state"], "").await.unwrap();
    let all = ListCardsRequest::default();
    for (request, numbers) in [
        (all.clone(), "1 2 3"),
        (ListCardsRequest { regions: vec!["420502".to_owned()], ..all.clone() }, "1 3"),
        (ListCardsRequest { organizations: vec![YILING.to_owned()], ..all.clone() }, "2"),
        (ListCardsRequest { vehicle_id: mine.id.clone(), ..all.clone() }, "1 3"),
        (ListCardsRequest { state: CardState::Blocked.into(), ..all.clone() }, "2"),
    ] {
        let answer = clients.cards.list_cards(request).await.unwrap().into_inner();
        let found: Vec<_> = answer.cards.into_iter().map(|card| card.number).collect();
        assert_eq!(found.join(" "), numbers);
    }
    let page = ListCardsRequest { page_size: 2, ..all };
    let first = clients.cards.list_cards(page.clone()).await.unwrap().into_inner();
    let next = ListCardsRequest { page_token: first.next_page_token, ..page };
    let second = clients.cards.list_cards(next).await.unwrap().into_inner();
    assert_eq!((second.cards.len(), second.next_page_token.as_str()), (1, ""));
}

async fn a_card_stays_with_who_gave_the_vehicle_away(db: TestDb) {
    let it = Two::new(&db).await;
    let cards = |mut clients: Clients| async move {
        let answer = clients.cards.list_cards(ListCardsRequest::default()).await.unwrap();
        answer.into_inner().cards
    };
    let old = cards(it.xiling()).await.remove(0);
    it.hand_over().await;
    let closed = cards(it.city()).await.remove(0);
    assert_eq!((closed.id.as_str(), closed.state()), (old.id.as_str(), CardState::Closed));
    // The number is free for another vehicle, and from then on it is that one's.
    let other = it.xiling().car("鄂E54321").await;
    let again = it.xiling().carded(&other, "100001").await;
    assert_ne!(again.id, old.id);
    let open = Card { state: CardState::Active.into(), ..closed };
    let error = it.city().update_card(&open, &["state"], "").await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::AlreadyExists, "CARD_TAKEN"));
    let paid = |vehicle, time: &str, no: &str| NewExpense {
        card_no: "100001".to_owned(),
        ..fill(vehicle, time, 100, 1_000, 100, no)
    };
    let of_before = paid(&it.vehicle, "2017-06-05 09:00", "1");
    let of_other = paid(&other, "2017-06-15 07:00", "2");
    it.city().recorded(vec![of_before, of_other]).await;
    assert_eq!(it.city().open("card_mismatch").await, [""; 0]);
    let after = paid(&it.vehicle, "2017-06-12 09:00", "3");
    it.city().recorded(vec![after]).await;
    assert_eq!(it.city().open("card_mismatch").await.len(), 1, "it was closed by then");
}

/// Who got the vehicle got the card, too, and uses it from the 12th on.
async fn a_card_that_stayed_behind_may_be_used_again(db: TestDb) {
    let it = Two::new(&db).await;
    it.hand_over().await;
    let mut city = it.city();
    let cards = city.cards.list_cards(ListCardsRequest::default()).await.unwrap().into_inner();
    let [closed] = cards.cards.as_slice() else { panic!("{cards:#?}") };
    let open = Card { state: CardState::Active.into(), ..closed.clone() };
    city.update_card(&open, &["state"], "2017-06-12").await.unwrap();
    let paid = |time: &str, no: &str| NewExpense {
        card_no: "100001".to_owned(),
        ..fill(&it.vehicle, time, 100, 1_000, 100, no)
    };
    for (time, no, found) in [
        ("2017-06-09 09:00", "1", 0),
        ("2017-06-11 09:00", "2", 1),
        ("2017-06-12 09:00", "3", 1),
        ("2017-06-14 09:00", "4", 1),
    ] {
        city.recorded(vec![paid(time, no)]).await;
        assert_eq!(city.open("card_mismatch").await.len(), found, "{time}");
    }
}
