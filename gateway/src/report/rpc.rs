//! The RPCs of `steward.report.v1.ReportService`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use steward_chassis::backend::Backend;
use steward_chassis::ctx::Ctx;
use steward_chassis::error::Error;
use steward_proto::ledger::v1::ListDocumentKeysRequest;
use steward_proto::report::v1::report_service_server::ReportService;
use steward_proto::report::v1::{
    CostReductionReport, GetCostReductionReportRequest, GetCostReductionReportResponse,
    ListSuspectedDuplicatesRequest, ListSuspectedDuplicatesResponse, ReportGrouping,
    SuspectedDuplicate,
};
use tonic::{Code, Request, Response, Status};

use super::{
    Answer, Ask, DOMAIN_UNAVAILABLE, RESTATEMENT_TOO_WIDE, Reference, Structure, Told, aggregate,
    collect, directory, duplicates, restate, wire,
};
use crate::call::Call;
use crate::domain::Domain;
use crate::failure::{self, failure};

/// A report lists at most so many suspected duplicates.
const MAX_SUSPECTED: usize = 100;
/// A domain tells the costs of so many organizations one by one.
const MAX_PREDECESSORS: usize = 1000;

/// The settings of the report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportConfig {
    /// How long the domains have to answer, in milliseconds; less where the caller waits less. The
    /// directory has half of it.
    pub limit_ms: u64,
}

impl Default for ReportConfig {
    fn default() -> Self {
        Self { limit_ms: 5_000 }
    }
}

/// Answers `ReportService` from what the domains say.
#[derive(Debug)]
pub struct Report {
    domains: BTreeMap<Domain, Backend>,
    directory: Backend,
    limit: Duration,
}

impl Report {
    /// Reports over these domains, with the names that this directory knows.
    pub fn new(
        domains: BTreeMap<Domain, Backend>,
        directory: Backend,
        config: &ReportConfig,
    ) -> Self {
        Self { domains, directory, limit: Duration::from_millis(config.limit_ms) }
    }

    /// Collects and aggregates; suspected duplicates are looked for at the same time.
    async fn cost_reduction(
        &self,
        ask: &Ask,
        call: &Call,
        ctx: &Ctx,
        with_duplicates: bool,
    ) -> Result<CostReductionReport, Status> {
        let figures = async {
            if ask.is_restated() {
                self.restated(ask, call, ctx).await
            } else {
                self.as_it_was(ask, call).await
            }
        };
        let suspected =
            async { if with_duplicates { Some(self.suspected_in(ask, call).await) } else { None } };
        let (figures, suspected) = futures::join!(figures, suspected);
        let (answers, told) = figures?;
        let mut report = aggregate::aggregate(ask, answers, &told).map_err(Error::internal)?;
        if let Some([current, baseline]) = suspected {
            report.suspected_duplicates_checked =
                current.failures.is_empty() && baseline.failures.is_empty();
            let in_baseline = |found| SuspectedDuplicate { in_baseline: true, ..found };
            let mut all = current.duplicates;
            all.extend(baseline.duplicates.into_iter().map(in_baseline));
            report.suspected_duplicates_truncated = all.len() > MAX_SUSPECTED;
            all.truncate(MAX_SUSPECTED);
            report.suspected_duplicates = all;
        }
        Ok(report)
    }

    /// Asks the domains and, where something of it is wanted, the directory at once; without the
    /// directory there are no names.
    async fn as_it_was(&self, ask: &Ask, call: &Call) -> Result<Figures, Status> {
        let reference = async {
            if !ask.needs_directory() {
                return None;
            }
            let answer = directory::reference(&self.directory, &call.half(), ask).await;
            answer.map_err(|status| failure("directory", &status)).ok()
        };
        let (answers, reference) = futures::join!(self.costs(ask, call, Vec::new()), reference);
        Ok((answers?, Told { reference, structure: None }))
    }

    /// Asks the directory how organizations became others, and then the domains, which have at least
    /// half of the time.
    async fn restated(&self, ask: &Ask, call: &Call, ctx: &Ctx) -> Result<Figures, Status> {
        let half = call.half();
        let (structure, reference) = futures::join!(
            directory::structure(&self.directory, &half, ctx.today()),
            directory::reference(&self.directory, &half, ask),
        );
        let structure = structure.map_err(directory::refused)?;
        let reference = reference.map_err(directory::refused)?;
        let predecessors = predecessors(ask, &structure, &reference)?;
        let answers = self.costs(ask, call, predecessors).await?;
        Ok((answers, Told { reference: Some(reference), structure: Some(structure) }))
    }

    async fn costs(
        &self,
        ask: &Ask,
        call: &Call,
        predecessors: Vec<String>,
    ) -> Result<Vec<(Domain, Answer)>, Status> {
        let categories = ask.groupings.contains(&ReportGrouping::Category);
        let request = wire::summarize(ask, predecessors);
        collect::costs(&self.domains, call, &request, categories).await
    }

    /// Those of both periods: what is booked twice in the baseline makes a saving that is none.
    async fn suspected_in(&self, ask: &Ask, call: &Call) -> [duplicates::Found<Status>; 2] {
        let keys = [ask.period, ask.baseline].map(|period| wire::document_keys(ask, period));
        let [current, baseline] =
            keys.each_ref().map(|keys| self.suspected(call, keys, MAX_SUSPECTED + 1));
        let (current, baseline) = futures::join!(current, baseline);
        [current, baseline]
    }

    async fn suspected(
        &self,
        call: &Call,
        keys: &ListDocumentKeysRequest,
        limit: usize,
    ) -> duplicates::Found<Status> {
        duplicates::merge(collect::document_keys(&self.domains, call, keys), limit).await
    }
}

/// What was collected for a report.
type Figures = (Vec<(Domain, Answer)>, Told);

/// Whose costs are wanted one by one. They must come from one snapshot with the sums, so that they are
/// not asked for in parts.
fn predecessors(
    ask: &Ask,
    structure: &Structure,
    reference: &Reference,
) -> Result<Vec<String>, Error> {
    let codes = restate::predecessors(ask, structure, reference, MAX_PREDECESSORS);
    if codes.len() > MAX_PREDECESSORS {
        let message = format!(
            "{} organizations were merged, split or gave functions away; at most \
             {MAX_PREDECESSORS} can be restated at once",
            codes.len()
        );
        return Err(Error::new(&RESTATEMENT_TOO_WIDE, message));
    }
    Ok(codes.iter().map(ToString::to_string).collect())
}

#[tonic::async_trait]
impl ReportService for Report {
    async fn get_cost_reduction_report(
        &self,
        request: Request<GetCostReductionReportRequest>,
    ) -> Result<Response<GetCostReductionReportResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let call = Call::of(&request, &ctx, self.limit);
        let request = request.into_inner();
        let ask = wire::ask(&request)?;
        let duplicates = request.include_suspected_duplicates;
        let report = self.cost_reduction(&ask, &call, &ctx, duplicates).await?;
        if request.require_complete && !report.complete {
            return Err(incomplete(&report).into());
        }
        Ok(Response::new(GetCostReductionReportResponse { report: Some(report) }))
    }

    async fn list_suspected_duplicates(
        &self,
        request: Request<ListSuspectedDuplicatesRequest>,
    ) -> Result<Response<ListSuspectedDuplicatesResponse>, Status> {
        let call = Call::of(&request, &Ctx::of(&request)?, self.limit);
        let (page, keys) = wire::duplicates(request.get_ref())?;
        let limit = usize::try_from(page.limit()).map_err(Error::internal)?;
        let mut found = self.suspected(&call, &keys, limit).await;
        if let Some((domain, status)) = found.failures.pop_first() {
            return Err(refused(domain, status));
        }
        let (suspected_duplicates, next_page_token) = page.cut(found.duplicates, |last| {
            (last.organization.clone(), last.document_no.clone(), last.amount_fen)
        })?;
        Ok(Response::new(ListSuspectedDuplicatesResponse { suspected_duplicates, next_page_token }))
    }
}

/// The refusal of a report that had to be complete.
fn incomplete(report: &CostReductionReport) -> Error {
    let silent = report.parts.iter().filter(|part| !part.answered);
    let silent: Vec<_> = silent.map(|part| part.domain.as_str()).collect();
    failure::incomplete("the report", &report.incomplete_reasons, &silent)
}

/// The refusal of a list that needs every domain. What is wrong with the request is passed on.
fn refused(domain: Domain, status: Status) -> Status {
    if matches!(status.code(), Code::InvalidArgument | Code::NotFound | Code::PermissionDenied) {
        return status;
    }
    let failure = failure(domain.name(), &status).code();
    let message = format!("{} did not answer: {failure}", domain.name());
    Error::new(&DOMAIN_UNAVAILABLE, message)
        .with("domain", domain.name())
        .with("failure", failure)
        .into()
}
