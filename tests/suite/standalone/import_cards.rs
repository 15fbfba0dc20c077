//! `steward import cards`: the register of fuel cards, and what was paid with them before and after.

use std::collections::BTreeMap;

use steward_proto::finding::v1::{FindingState, ListFindingsRequest};
use steward_proto::fleet::v1::{Card, CardState, ListCardsRequest, UpdateCardRequest};
use steward_standalone::client::new_request_id;
use steward_standalone::import::{Kind, Options, Outcome, run};
use steward_tests::{TestDb, both};

use super::import::{House, counts, read};
use super::import_fleet::told;

both!([], cards_are_entered_once, a_closed_card_is_registered_anew, cards_settle_what_was_paid,);

const CITY: &str = "11420500000000019M";
const DISTRICT: &str = "11420502000000027D";

const CARDS: &str = "序号,卡号,车牌,发卡机构,定点加油站,卡状态,备注\r\n";
const BORNE: [&str; 4] = [
    "1,1000 1132-0001,鄂E·A0001,中石化宜昌分公司,\"东山站、城东站;\r\n猇亭站\",,",
    "2,100011320002,鄂ed12345,,,挂失,充电卡",
    "3,a-9,鄂E00009,,不限,已注销,",
    "4,100011320001,鄂EA0001,中石化宜昌分公司,东山站/城东站/猇亭站,,",
];

impl House {
    async fn cards(&self) -> Vec<Card> {
        let list = ListCardsRequest { page_size: 1_000, ..ListCardsRequest::default() };
        self.client.cards().list_cards(list).await.unwrap().into_inner().cards
    }

    /// Changes the state of the cards of a number that are not closed.
    async fn put(&self, number: &str, state: CardState) {
        let closed = |it: &Card| it.state() == CardState::Closed;
        let cards = self.cards().await.into_iter().filter(|it| it.number == number && !closed(it));
        for card in cards {
            let request = UpdateCardRequest {
                request_id: new_request_id(),
                card: Some(Card { state: state.into(), ..card }),
                update_mask: Some(prost_types::FieldMask { paths: vec!["state".to_owned()] }),
                ..UpdateCardRequest::default()
            };
            self.client.cards().update_card(request).await.unwrap();
        }
    }

    /// How many findings of a code are open.
    async fn open_findings(&self, code: &str) -> usize {
        let request = ListFindingsRequest {
            page_size: 1_000,
            code: code.to_owned(),
            states: vec![FindingState::Open.into()],
            ..ListFindingsRequest::default()
        };
        let page = self.client.findings("fleet").list_findings(request).await.unwrap();
        page.into_inner().findings.len()
    }
}

async fn accepting(house: &House, text: &str) -> Outcome {
    let options = Options { accept_warnings: true, ..Options::default() };
    let file = read(text.as_bytes(), Kind::Cards);
    run(&house.client, Kind::Cards, &file, options, std::future::pending()).await.unwrap()
}

async fn cards_are_entered_once(db: TestDb) {
    let house = House::garage(&db).await;
    let kind = Kind::Cards;
    let text = format!("{CARDS}{}\r\n", BORNE.join("\r\n"));
    let done = house.gbk(kind, &text).await;
    assert_eq!(counts(&done), (3, 1, 0), "{done}");
    assert_eq!(counts(&house.gbk(kind, &text).await), (0, 4, 0));

    let (cards, plates) = (house.cards().await, house.plates().await);
    let of: BTreeMap<_, _> = cards
        .iter()
        .map(|it| {
            let stations: Vec<_> = it.stations.iter().map(String::as_str).collect();
            let said = (&*it.issuer, stations, it.state(), &*it.note);
            (&*it.number, (&*it.organization, &*it.vehicle_id, said))
        })
        .collect();
    let issuer = "中石化宜昌分公司";
    let expected = BTreeMap::from([
        (
            "100011320001",
            (
                CITY,
                &*plates["鄂EA0001"],
                (issuer, vec!["东山站", "城东站", "猇亭站"], CardState::Active, ""),
            ),
        ),
        (
            "100011320002",
            (DISTRICT, &*plates["鄂ED12345"], ("", vec![], CardState::Blocked, "充电卡")),
        ),
        ("A9", (CITY, &*plates["鄂E00009"], ("", vec![], CardState::Closed, ""))),
    ]);
    assert_eq!((of, cards.len()), (expected, 3));

    // What a file does not say differs in nothing, whatever became of it.
    house.put("100011320001", CardState::Blocked).await;
    let bare = "卡号,车牌号\r\n100011320001,鄂EA0001\r\n";
    assert_eq!(counts(&house.gbk(kind, bare).await), (0, 1, 0));
    faulty_cards_are_refused(&house).await;
    assert_eq!(house.cards().await.len(), 3);
    house.suite.stop().await.unwrap();
}

async fn faulty_cards_are_refused(house: &House) {
    let wrong = [
        "1,100011320001,鄂ED12345,,,,",
        "2,100011320001,鄂EA0001,,,,",
        "3,100011320003,鄂E00009,,,,",
        "4,-,鄂E99999,,,丢了,",
        "5,卡一,鄂EA0001,,,,",
        "6,A9,鄂E00009,中石油,,注销,",
        "7,100011320002,鄂ED12345,,东山站,挂失,",
    ];
    let refused = house.gbk(Kind::Cards, &format!("{CARDS}{}\r\n", wrong.join("\r\n"))).await;
    assert_eq!(counts(&refused), (0, 0, 7), "{refused}");
    let told = told(&refused);
    let otherwise = "与本行不同;换车、换站、挂失、注销请走加油卡变更,不能用导入覆盖";
    let expected = [
        format!(
            "第2行, B 卡号:该卡号已登记于车牌鄂EA0001(挂失,定点加油站:东山站、城东站、猇亭站),{otherwise}"
        ),
        "第3行, B 卡号:与第2行重复而内容不同".to_owned(),
        "第4行, C 车牌:\"鄂E00009\"在".to_owned(),
        "第5行, B 卡号:未填写".to_owned(),
        "第5行, C 车牌:\"鄂E99999\":车辆未登记;请核对车牌,或先导入车辆".to_owned(),
        "第5行, F 卡状态:\"丢了\"不在可选范围内;可选:使用中、挂失、注销".to_owned(),
        "第6行, B 卡号:卡号应为字母和数字(".to_owned(),
        format!("第7行, B 卡号:该卡号已登记于车牌鄂E00009(注销,定点加油站:不限),{otherwise}"),
        format!("第8行, B 卡号:该卡号已登记于车牌鄂ED12345(挂失,定点加油站:不限),{otherwise}"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(&expected) {
        assert!(told.starts_with(expected), "{told} is not {expected}");
    }
}

async fn a_closed_card_is_registered_anew(db: TestDb) {
    let house = House::garage(&db).await;
    let kind = Kind::Cards;
    let one = "卡号,车牌号\r\n100011320001,鄂EA0001\r\n";
    assert_eq!(counts(&house.gbk(kind, one).await), (1, 0, 0));
    house.put("100011320001", CardState::Closed).await;
    // An old file does not open it again by itself.
    let refused = house.gbk(kind, one).await;
    assert_eq!(
        told(&refused),
        [
            "第2行, A 卡号:该卡号曾登记于车牌鄂EA0001,已注销;确需重新登记于该车请加 --accept-warnings"
        ]
    );
    let other = "卡号,车牌号\r\n100011320001,鄂ED12345\r\n";
    assert_eq!(counts(&house.gbk(kind, other).await), (1, 0, 0));
    assert_eq!(counts(&house.gbk(kind, other).await), (0, 1, 0));
    // It is taken now, whatever is accepted.
    assert_eq!(counts(&accepting(&house, one).await), (0, 0, 1));
    house.put("100011320001", CardState::Closed).await;
    assert_eq!(counts(&accepting(&house, one).await), (1, 0, 0));
    assert_eq!(counts(&accepting(&house, one).await), (0, 1, 0));
    assert_eq!(house.cards().await.len(), 3);
    house.suite.stop().await.unwrap();
}

/// Slips with cards that nobody knew, of which the third was paid with the card of another vehicle.
const PAID: &str = "车牌,项目,加油时间,金额,发票号码,加油升数,加油卡号\r\n\
     鄂EA0001,加油,2018-03-05 10:20,280.5,00123,40,100011320001\r\n\
     鄂ED12345,充电,2018-04-01,35,C-1,50.5,100011320002\r\n\
     鄂ED12345,充电,2018-04-02,35,C-2,50.5,1000-1132-0001\r\n";

const STATEMENT: &str = "卡号,交易时间,交易类型,交易金额,小票号,升数\r\n\
     1000 1132 0001,2018-03-06 10:20,加油,200,T-1,30\r\n\
     100011320001,2018-03-07 09:00,充值,900,T-2,\r\n\
     100011320002,2018-03-07 09:00,充电,35,T-3,40\r\n";

async fn cards_settle_what_was_paid(db: TestDb) {
    let house = House::garage(&db).await;
    let done = house.gbk(Kind::Expenses, PAID).await;
    assert_eq!(counts(&done), (3, 0, 0), "{done}");
    assert_eq!(house.open_findings("card_mismatch").await, 3, "nobody knows the cards");
    let refused = house.gbk(Kind::Statements, STATEMENT).await;
    assert_eq!(counts(&refused), (0, 0, 3), "{refused}");
    assert!(told(&refused)[0].contains("请先登记该卡(CARD_UNKNOWN:"), "{refused}");

    let cards = "卡号,车牌号\r\n100011320001,鄂EA0001\r\n100011320002,鄂ED12345\r\n";
    let file = read(cards.as_bytes(), Kind::Cards);
    let dry = Options { dry_run: true, ..Options::default() };
    let tried = run(&house.client, Kind::Cards, &file, dry, std::future::pending()).await.unwrap();
    assert_eq!(counts(&tried), (2, 0, 0), "{tried}");
    assert_eq!(house.open_findings("card_mismatch").await, 3, "nothing is entered yet");
    assert_eq!(counts(&house.run(Kind::Cards, &file).await), (2, 0, 0));
    assert_eq!(house.open_findings("card_mismatch").await, 1, "the card of another vehicle");

    let done = house.gbk(Kind::Statements, STATEMENT).await;
    assert_eq!(counts(&done), (3, 0, 0), "{done}");
    assert_eq!(house.open_findings("card_mismatch").await, 1);
    let (expenses, plates) = (house.expenses().await, house.plates().await);
    let of = |document: &str| expenses.iter().find(|it| it.document_no == document).unwrap();
    assert_eq!(of("T-1").vehicle_id, plates["鄂EA0001"]);
    assert_eq!(of("T-3").vehicle_id, plates["鄂ED12345"]);
    house.suite.stop().await.unwrap();
}
