//! A city with people: who asks, and who decides.

use std::sync::Arc;

use serde_json::Value;
use steward_chassis::backend::Backend;
use steward_chassis::service::sweep_once;
use steward_kernel::{Clock, TestClock};
use steward_proto::approval::v1::approval_service_client::ApprovalServiceClient;
use steward_proto::approval::v1::officeholder_service_client::OfficeholderServiceClient;
use steward_proto::approval::v1::route_service_client::RouteServiceClient;
use steward_proto::approval::v1::{
    Approval, ApprovalState, CreateOfficeholderRequest, DecideApprovalRequest, Decision,
    GetApprovalRequest, Officeholder, Position, ResubmitApprovalRequest, Route, RouteStep,
    SetRouteRequest,
};
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::{
    DismissFindingRequest, Finding, FindingReference, ListFindingsRequest, NotifyFindingsRequest,
};
use steward_proto::fleet::v1::acquisition_service_client::AcquisitionServiceClient;
use steward_proto::fleet::v1::disposal_service_client::DisposalServiceClient;
use steward_proto::fleet::v1::establishment_service_client::EstablishmentServiceClient;
use steward_proto::fleet::v1::transfer_service_client::TransferServiceClient;
use steward_proto::fleet::v1::{
    Establishment, EstablishmentGrant, GetEstablishmentRequest, GrantEstablishmentRequest,
    VehicleCategory,
};
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_tests::TestDb;
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, Called, called, start, test_clock};
use tonic::Status;

use super::{Vehicles, XILING, YILING, request_id, vehicles};

/// The service with everybody who is needed; it is 2017-06-15.
pub(super) struct Office {
    pub(super) backend: Backend,
    pub(super) clock: Arc<TestClock>,
    issuer: Issuer,
}

/// Positions that are held at an organization.
const AT_ORGANIZATION: [Position; 4] =
    [Position::Section, Position::Finance, Position::Deputy, Position::Director];
/// Positions that are held for a region.
const FOR_REGION: [Position; 2] = [Position::VehicleAuthority, Position::Treasury];

impl Office {
    /// Opens it: the clerk asks, the judge decides at every step, both everywhere.
    pub(super) async fn open(db: &TestDb) -> Self {
        let (issuer, clock) = (Issuer::new(), test_clock());
        let started = start(&steward_fleet::SPEC, db, &issuer.runtime(&clock)).await;
        let office = Self { backend: Backend::Local(started.routes), clock, issuer };
        for organization in [XILING, YILING] {
            for position in AT_ORGANIZATION {
                office.appoint("judge", position, organization, "").await;
            }
        }
        for position in FOR_REGION {
            office.appoint("judge", position, "", "4205*").await;
        }
        office
    }

    /// It is 8 in the morning of this day.
    pub(super) fn day(&self, day: &str) {
        self.clock.set(format!("{day}T00:00:00Z").parse().unwrap());
    }

    /// A caller of that name with these roles in these regions.
    pub(super) fn caller(&self, subject: &str, roles: &[&str], regions: &[&str]) -> As {
        self.caller_of(subject, &grants(roles, regions))
    }

    /// The same with any grants.
    pub(super) fn caller_of(&self, subject: &str, grants: &Value) -> As {
        As::bearer(&self.issuer.token(self.clock.now(), subject, grants))
    }

    fn over(&self, subject: &str, role: &str) -> Called {
        called(&self.backend, self.caller(subject, &[role], &["4205*"]))
    }

    /// Makes somebody hold a position.
    pub(super) async fn appoint(
        &self,
        subject: &str,
        position: Position,
        organization: &str,
        region: &str,
    ) {
        let officeholder = Officeholder {
            subject: subject.to_owned(),
            name: "审批人".to_owned(),
            position: position.into(),
            organization: organization.to_owned(),
            region: region.to_owned(),
            from_date: "2017-01-01".to_owned(),
            ..Officeholder::default()
        };
        let request = CreateOfficeholderRequest {
            request_id: request_id(),
            officeholder: Some(officeholder),
            ..CreateOfficeholderRequest::default()
        };
        let mut client = OfficeholderServiceClient::new(self.over("guard", "security_admin"));
        client.create_officeholder(request).await.unwrap();
    }

    pub(super) fn acquisitions(&self) -> AcquisitionServiceClient<Called> {
        AcquisitionServiceClient::new(self.over("clerk", "operator"))
    }

    pub(super) fn transfers(&self) -> TransferServiceClient<Called> {
        TransferServiceClient::new(self.over("clerk", "operator"))
    }

    pub(super) fn disposals(&self) -> DisposalServiceClient<Called> {
        DisposalServiceClient::new(self.over("clerk", "operator"))
    }

    /// Who corrects the days of what was carried out.
    pub(super) fn corrects_transfers(&self) -> TransferServiceClient<Called> {
        TransferServiceClient::new(self.over("chief", "manager"))
    }

    pub(super) fn corrects_disposals(&self) -> DisposalServiceClient<Called> {
        DisposalServiceClient::new(self.over("chief", "manager"))
    }

    pub(super) fn vehicles(&self) -> Vehicles {
        vehicles(&self.backend, self.caller("clerk", &["operator"], &["4205*"]))
    }

    /// Who corrects what was approved or is found.
    pub(super) fn registrar(&self) -> Vehicles {
        vehicles(&self.backend, self.caller("chief", &["manager"], &["4205*"]))
    }

    pub(super) fn establishments(&self) -> EstablishmentServiceClient<Called> {
        EstablishmentServiceClient::new(self.over("chief", "manager"))
    }

    pub(super) fn approvals(&self, subject: &str) -> ApprovalServiceClient<Called> {
        ApprovalServiceClient::new(self.over(subject, "operator"))
    }

    pub(super) fn ledger(&self) -> LedgerServiceClient<Called> {
        LedgerServiceClient::new(self.over("chief", "manager"))
    }

    /// Makes the judge alone decide, at one step.
    pub(super) async fn shorten_routes(&self) {
        for kind in ["vehicle_acquisition", "vehicle_transfer", "vehicle_disposal"] {
            self.set_route(kind, &[Position::VehicleAuthority]).await;
        }
    }

    /// Sets the route of a kind.
    pub(super) async fn set_route(&self, kind: &str, positions: &[Position]) {
        let step = |it: &Position| RouteStep { position: (*it).into(), working_days: 3 };
        let route = Route {
            kind: kind.to_owned(),
            region: "4205*".to_owned(),
            steps: positions.iter().map(step).collect(),
            ..Route::default()
        };
        let request = SetRouteRequest {
            request_id: request_id(),
            route: Some(route),
            ..SetRouteRequest::default()
        };
        // In the place of what ships: who asks less of a city answers for more than that.
        let caller = self.caller("chief", &["manager"], &["*"]);
        let mut client = RouteServiceClient::new(called(&self.backend, caller));
        client.set_route(request).await.unwrap();
    }

    /// Grants an establishment from a day on.
    pub(super) async fn grant(&self, organization: &str, authorised: i32, from: &str) {
        self.grant_of(organization, VehicleCategory::Emergency, authorised, from).await;
    }

    /// The same of any category that the vehicle authority grants.
    pub(super) async fn grant_of(
        &self,
        organization: &str,
        category: VehicleCategory,
        authorised: i32,
        from: &str,
    ) -> EstablishmentGrant {
        let grant = EstablishmentGrant {
            organization: organization.to_owned(),
            category: category.into(),
            authorised,
            effective_from: from.to_owned(),
            document_no: format!("宜车编〔{}〕{authorised}号", &from[..4]),
            authority: 1,
            ..EstablishmentGrant::default()
        };
        let request = GrantEstablishmentRequest {
            request_id: request_id(),
            grant: Some(grant),
            ..GrantEstablishmentRequest::default()
        };
        let answer = self.establishments().grant_establishment(request).await.unwrap();
        answer.into_inner().grant.unwrap()
    }

    /// Authorised, held and reserved.
    pub(super) async fn places(&self, organization: &str) -> (Option<i32>, i32, i32) {
        self.places_of(organization, VehicleCategory::Emergency).await
    }

    /// The same of any category.
    pub(super) async fn places_of(
        &self,
        organization: &str,
        category: VehicleCategory,
    ) -> (Option<i32>, i32, i32) {
        let (organization, category) = (organization.to_owned(), category.into());
        let request = GetEstablishmentRequest { organization, category };
        let answer = self.establishments().get_establishment(request).await.unwrap();
        let Establishment { authorised, held, reserved, .. } =
            answer.into_inner().establishment.unwrap();
        (authorised, held, reserved)
    }

    /// What is found of a resource.
    pub(super) async fn findings(&self, resource: &str) -> Vec<Finding> {
        let mut client = FindingServiceClient::new(self.over("chief", "manager"));
        let request =
            ListFindingsRequest { resource: resource.to_owned(), ..ListFindingsRequest::default() };
        client.list_findings(request).await.unwrap().into_inner().findings
    }

    /// Has the chief notify the organization of what is found of a resource.
    pub(super) async fn notify_findings(&self, resource: &str) {
        let mut client = FindingServiceClient::new(self.over("chief", "manager"));
        let found = self.findings(resource).await.into_iter();
        let request = NotifyFindingsRequest {
            request_id: request_id(),
            findings: found.map(|it| FindingReference { id: it.id, etag: it.etag }).collect(),
            circular_no: "宜纪通〔2017〕6号".to_owned(),
            deadline_on: "2017-07-15".to_owned(),
            ..NotifyFindingsRequest::default()
        };
        client.notify_findings(request).await.unwrap();
    }

    /// Has the chief dismiss what is found of a resource.
    pub(super) async fn dismiss_findings(&self, resource: &str) {
        let mut client = FindingServiceClient::new(self.over("chief", "manager"));
        for finding in self.findings(resource).await {
            let request = DismissFindingRequest {
                request_id: request_id(),
                id: finding.id,
                etag: finding.etag,
                text: "批准文件已核实".to_owned(),
                ..DismissFindingRequest::default()
            };
            client.dismiss_finding(request).await.unwrap();
        }
    }

    pub(super) async fn approval(&self, id: &str) -> Approval {
        let request = GetApprovalRequest { id: id.to_owned() };
        let answer = self.approvals("judge").get_approval(request).await.unwrap();
        answer.into_inner().approval.unwrap()
    }

    /// Has the judge decide a step.
    pub(super) async fn decide(&self, id: &str, decision: Decision) -> Result<Approval, Status> {
        self.decide_as("judge", id, decision).await
    }

    /// Has somebody decide a step.
    pub(super) async fn decide_as(
        &self,
        subject: &str,
        id: &str,
        decision: Decision,
    ) -> Result<Approval, Status> {
        let request = DecideApprovalRequest {
            request_id: request_id(),
            id: id.to_owned(),
            etag: self.approval(id).await.etag,
            decision: decision.into(),
            opinion: "已阅".to_owned(),
            ..DecideApprovalRequest::default()
        };
        let answer = self.approvals(subject).decide_approval(request).await?;
        Ok(answer.into_inner().approval.unwrap())
    }

    /// Looks what time has made of it.
    pub(super) async fn sweep(&self, db: &TestDb) {
        let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(&self.clock);
        sweep_once(&steward_fleet::SPEC, db.db(), &clock).await.unwrap();
    }

    /// Has the clerk submit again what was returned.
    pub(super) async fn resubmit(&self, id: &str) {
        let request = ResubmitApprovalRequest {
            request_id: request_id(),
            id: id.to_owned(),
            etag: self.approval(id).await.etag,
            ..ResubmitApprovalRequest::default()
        };
        self.approvals("clerk").resubmit_approval(request).await.unwrap();
    }

    /// Has the judge approve every step.
    pub(super) async fn approve(&self, id: &str) -> Result<(), Status> {
        while self.approval(id).await.state() == ApprovalState::Pending {
            self.decide(id, Decision::Approve).await?;
        }
        Ok(())
    }
}
