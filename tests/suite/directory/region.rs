use steward_kernel::yichang;
use steward_proto::directory::v1::ListRegionsRequest;
use steward_tests::service::{As, called};
use steward_tests::{TestDb, both};

use super::{MIGRATIONS, Regions, backend};

both!(MIGRATIONS, the_city_is_listed, pages_go_on_where_they_ended);

async fn the_city_is_listed(db: TestDb) {
    let mut client = Regions::new(called(&backend(&db).await, As::default()));
    let answer = client.list_regions(ListRegionsRequest::default()).await.unwrap().into_inner();
    let listed: Vec<_> =
        answer.regions.iter().map(|r| (r.code.as_str(), r.name.as_str())).collect();
    assert_eq!(listed, yichang::REGIONS);
    assert_eq!(answer.next_page_token, "");
}

async fn pages_go_on_where_they_ended(db: TestDb) {
    let mut client = Regions::new(called(&backend(&db).await, As::default()));
    let (mut seen, mut sizes, mut page_token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let request = ListRegionsRequest { page_size: 5, page_token };
        let answer = client.list_regions(request).await.unwrap().into_inner();
        sizes.push(answer.regions.len());
        seen.extend(answer.regions.into_iter().map(|region| region.code));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(sizes, [5, 5, 4]);
    let codes: Vec<_> = yichang::REGIONS.iter().map(|(code, _)| *code).collect();
    assert_eq!(seen, codes);
}
