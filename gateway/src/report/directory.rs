//! Asks the directory with the caller's token. It has half of the time of the report, so that it never
//! keeps the domains from being heard.

use chrono::NaiveDate;
use steward_chassis::backend::Backend;
use steward_chassis::error::Error;
use steward_proto::directory::v1::figures_service_client::FiguresServiceClient;
use steward_proto::directory::v1::succession_service_client::SuccessionServiceClient;
use steward_proto::directory::v1::{
    FiguresGrouping, ListSuccessionsRequest, SummarizeFiguresRequest,
};
use steward_proto::report::v1::ReportGrouping;
use tonic::{Code, Status};

use super::restate::Structure;
use super::{Ask, DIRECTORY_UNAVAILABLE, Malformed, Reference};
use crate::call::{Call, MAX_ANSWER_BYTES};
use crate::failure::failure;

/// So many successions are asked for at once.
const PAGE: i32 = 1_000;

/// The names, regions and head counts of a report. As it was: of what the filter asks for; restated: of
/// all in the caller's scope, for what the filter asks for may come from anywhere.
pub(super) async fn reference(
    backend: &Backend,
    call: &Call,
    ask: &Ask,
) -> Result<Reference, Status> {
    let mut figures =
        FiguresServiceClient::new(backend.clone()).max_decoding_message_size(MAX_ANSWER_BYTES);
    let answer = call.answer(figures.summarize_figures(call.request(request(ask)))).await?;
    Reference::of(ask, answer.into_inner()).map_err(malformed)
}

fn request(ask: &Ask) -> SummarizeFiguresRequest {
    let organizations = ask.is_restated() || ask.needs_organizations();
    let regions = ask.groupings.contains(&ReportGrouping::Region);
    let region = regions.then_some(FiguresGrouping::Region);
    let organization = organizations.then_some(FiguresGrouping::Organization);
    let group_by = region.into_iter().chain(organization).map(i32::from).collect();
    let mut years = ask.years().map(Vec::from).unwrap_or_default();
    years.dedup();
    let mut request =
        SummarizeFiguresRequest { years, group_by, ..SummarizeFiguresRequest::default() };
    if !ask.is_restated() {
        request.regions.clone_from(&ask.regions);
        request.organizations.clone_from(&ask.organizations);
    }
    request
}

/// How organizations became others, until today.
pub(super) async fn structure(
    backend: &Backend,
    call: &Call,
    today: NaiveDate,
) -> Result<Structure, Status> {
    let mut client =
        SuccessionServiceClient::new(backend.clone()).max_decoding_message_size(MAX_ANSWER_BYTES);
    let mut successions = Vec::new();
    let mut request =
        ListSuccessionsRequest { page_size: PAGE, ..ListSuccessionsRequest::default() };
    loop {
        let answer = call.answer(client.list_successions(call.request(request.clone()))).await?;
        let page = answer.into_inner();
        successions.extend(page.successions);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    Structure::new(&successions, today).map_err(malformed)
}

fn malformed(Malformed: Malformed) -> Status {
    Error::internal("the directory answered what cannot be").into()
}

/// The refusal of a report that cannot be made without the directory. What the caller may not do is
/// passed on.
pub(super) fn refused(status: Status) -> Status {
    if matches!(status.code(), Code::PermissionDenied | Code::Unauthenticated) {
        return status;
    }
    let message = "the report cannot be restated: the directory does not answer";
    Error::new(&DIRECTORY_UNAVAILABLE, message)
        .with("failure", failure("directory", &status).code())
        .into()
}
