//! `CalendarService`.

use futures::FutureExt;
use steward_chassis::{Ctx, Fields, Page, Result, write};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::calendar_service_server::CalendarService;
use tonic::{Request, Response, Status};

use super::{YEARS, actions, wire};

/// Answers `CalendarService`.
#[derive(Debug)]
pub struct Rpc {
    db: Db,
}

impl Rpc {
    /// Over its database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    async fn get(&self, request: proto::GetCalendarYearRequest) -> Result<proto::CalendarYear> {
        let mut fields = Fields::new();
        let year = fields.within("year", request.year, YEARS);
        let year = fields.finish_with(year)?;
        let mut tx = self.db.snapshot().await?;
        let found = actions::get(&mut tx, year).await?;
        Ok(found.map_or_else(|| wire::provisional(year), Into::into))
    }

    async fn list(
        &self,
        request: proto::ListCalendarYearsRequest,
    ) -> Result<proto::ListCalendarYearsResponse> {
        let mut fields = Fields::new();
        let filter = proto::ListCalendarYearsRequest::default();
        let page: Page<i32> =
            Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
        fields.finish()?;
        let mut tx = self.db.snapshot().await?;
        let rows = actions::list(&mut tx, page.after, page.limit()).await?;
        let (years, next_page_token) = page.cut(rows, |year| year.notice.year)?;
        let calendar_years = years.into_iter().map(Into::into).collect();
        Ok(proto::ListCalendarYearsResponse { calendar_years, next_page_token })
    }

    async fn compute(
        &self,
        request: proto::ComputeWorkingDayRequest,
    ) -> Result<proto::ComputeWorkingDayResponse> {
        let (from, count) = wire::compute(&request)?;
        let mut tx = self.db.snapshot().await?;
        let day = actions::compute(&mut tx, from, count).await?;
        let (date, provisional) = (day.date.to_string(), day.provisional);
        Ok(proto::ComputeWorkingDayResponse { date, provisional })
    }
}

#[tonic::async_trait]
impl CalendarService for Rpc {
    async fn import_calendar_year(
        &self,
        request: Request<proto::ImportCalendarYearRequest>,
    ) -> Result<Response<proto::ImportCalendarYearResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let import = wire::import(&request)?;
        let act = write(&self.db, &ctx, &request, &import, |tx, ctx, import| {
            async move {
                let calendar_year = Some(actions::import(tx, ctx, import).await?.into());
                Ok(proto::ImportCalendarYearResponse { calendar_year })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }

    async fn get_calendar_year(
        &self,
        request: Request<proto::GetCalendarYearRequest>,
    ) -> Result<Response<proto::GetCalendarYearResponse>, Status> {
        let calendar_year = Some(self.get(request.into_inner()).await?);
        Ok(Response::new(proto::GetCalendarYearResponse { calendar_year }))
    }

    async fn list_calendar_years(
        &self,
        request: Request<proto::ListCalendarYearsRequest>,
    ) -> Result<Response<proto::ListCalendarYearsResponse>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn compute_working_day(
        &self,
        request: Request<proto::ComputeWorkingDayRequest>,
    ) -> Result<Response<proto::ComputeWorkingDayResponse>, Status> {
        Ok(Response::new(self.compute(request.into_inner()).await?))
    }
}
