//! The sample into a running suite, through the gateway like any other client.

use std::future::Future;

use futures::stream::{self, StreamExt, TryStreamExt};
use indicatif::ProgressBar;
use steward_proto::directory::v1 as directory;
use steward_proto::fleet::v1::{
    CreateDriverRequest, CreateVehicleRequest, GrantEstablishmentRequest, ImportTripsRequest,
    ListVehiclesRequest, NewExpense, RecordExpensesRequest, Vehicle,
};
use steward_proto::ledger::v1::{
    DeclareReporterRequest, DeclareZeroRequest, NewEntry, PostEntriesRequest,
};
use tonic::Status;

use super::running::{self, Running};
use super::{City, Cost, DOMAINS, MEMO, Organization, Zero, directory as known, vehicles};
use crate::client::{Client, new_request_id};
use crate::failure::{Failure, Result};
use crate::import::BATCH;

/// So many calls are under way at once to each service; more would only wait for its one writer.
const AT_ONCE: usize = 4;
/// The most trips or expenses of a call.
const RECORDED: usize = 500;

/// Loads the city into an empty suite. `bar` counts organizations, declarations and entries.
pub async fn load(client: &Client, city: &City, bar: &ProgressBar) -> Result<()> {
    let declarations = city.organizations.len() * DOMAINS.len() + city.zeros.len();
    bar.set_length((city.organizations.len() + declarations + city.costs.len()) as u64);
    let loading = Loading { client, city, bar };
    let [one, two, three, four] = DOMAINS.map(|domain| loading.domain(domain));
    tokio::try_join!(loading.directory(), one, two, three, four)?;
    loading.vehicles().await?;
    bar.finish_and_clear();
    Ok(())
}

struct Loading<'a> {
    client: &'a Client,
    city: &'a City,
    bar: &'a ProgressBar,
}

impl Loading<'_> {
    async fn directory(&self) -> Result<()> {
        self.organizations().await?;
        self.figures().await?;
        self.administrations().await?;
        self.merger().await
    }

    async fn figures(&self) -> Result<()> {
        let request = directory::SetFiguresRequest {
            request_id: new_request_id(),
            figures: known::figures(&self.city.organizations),
            ..Default::default()
        };
        self.client.figures().set_figures(request).await?;
        Ok(())
    }

    async fn administrations(&self) -> Result<()> {
        all(known::administrations().into_iter().map(|administration| async move {
            let request = directory::RecordAdministrationRequest {
                request_id: new_request_id(),
                administration: Some(administration),
                ..Default::default()
            };
            self.client.administrations().record_administration(request).await?;
            Ok(())
        }))
        .await
    }

    async fn merger(&self) -> Result<()> {
        let Some((successor, succession)) = known::merger(&self.city.organizations) else {
            return Ok(());
        };
        let request = directory::CreateOrganizationRequest {
            request_id: new_request_id(),
            organization: Some(successor),
            ..Default::default()
        };
        self.client.organizations().create_organization(request).await?;
        let request = directory::RecordSuccessionRequest {
            request_id: new_request_id(),
            succession: Some(succession),
            ..Default::default()
        };
        self.client.successions().record_succession(request).await?;
        Ok(())
    }

    async fn vehicles(&self) -> Result<()> {
        let vehicles = vehicles::all(&self.city.organizations);
        let grants = vehicles::grants(&vehicles);
        all(grants.into_iter().map(|grant| async move {
            let request = GrantEstablishmentRequest {
                request_id: new_request_id(),
                grant: Some(grant),
                ..Default::default()
            };
            self.client.establishments().grant_establishment(request).await?;
            Ok(())
        }))
        .await?;
        all(vehicles.into_iter().map(|vehicle| async move {
            let request = CreateVehicleRequest {
                request_id: new_request_id(),
                vehicle: Some(vehicle),
                ..Default::default()
            };
            self.client.vehicles().create_vehicle(request).await?;
            Ok(())
        }))
        .await?;
        self.running().await
    }

    /// What the bureau's vehicles did and cost.
    async fn running(&self) -> Result<()> {
        let vehicles = self.own_vehicles().await?;
        let drivers = self.drivers(vehicles.len()).await?;
        let vehicles: Vec<_> = vehicles.into_iter().zip(drivers).collect();
        let Running { fills, shares } = Running::of(self.city, &vehicles);
        for fills in fills.chunks(RECORDED) {
            let request = ImportTripsRequest {
                request_id: new_request_id(),
                trips: fills.iter().map(|(trip, _)| trip.clone()).collect(),
                ..Default::default()
            };
            let trips = self.client.trips().import_trips(request).await?.into_inner().trips;
            let expenses = fills
                .iter()
                .zip(trips)
                .map(|((_, expense), trip)| NewExpense { trip_id: trip.id, ..expense.clone() });
            self.record(expenses.collect()).await?;
        }
        for shares in shares.chunks(RECORDED) {
            self.record(shares.to_vec()).await?;
        }
        Ok(())
    }

    async fn record(&self, expenses: Vec<NewExpense>) -> Result<()> {
        let request =
            RecordExpensesRequest { request_id: new_request_id(), expenses, ..Default::default() };
        self.client.expenses().record_expenses(request).await?;
        Ok(())
    }

    async fn own_vehicles(&self) -> Result<Vec<Vehicle>> {
        let request = ListVehiclesRequest {
            page_size: 1_000,
            organizations: vec![self.city.bureau().to_owned()],
            ..Default::default()
        };
        let answer = self.client.vehicles().list_vehicles(request).await?.into_inner();
        let mut vehicles = answer.vehicles;
        vehicles.sort_by(|one, two| one.plate.cmp(&two.plate));
        Ok(vehicles)
    }

    /// The ids of the bureau's drivers.
    async fn drivers(&self, count: usize) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for driver in running::drivers(self.city.bureau(), count) {
            let request = CreateDriverRequest {
                request_id: new_request_id(),
                driver: Some(driver),
                ..Default::default()
            };
            let answer = self.client.drivers().create_driver(request).await?.into_inner();
            ids.extend(answer.driver.map(|it| it.id));
        }
        Ok(ids)
    }

    async fn organizations(&self) -> Result<()> {
        let calls = self.city.organizations.iter().map(|organization| async move {
            let request = directory::CreateOrganizationRequest {
                request_id: new_request_id(),
                organization: Some(created(organization)),
                ..Default::default()
            };
            self.client.organizations().create_organization(request).await?;
            self.bar.inc(1);
            Ok(())
        });
        all(calls).await
    }

    async fn domain(&self, domain: &'static str) -> Result<()> {
        self.reporters(domain).await?;
        self.entries(domain).await?;
        self.zeros(domain).await
    }

    async fn reporters(&self, domain: &'static str) -> Result<()> {
        let first = self.city.first_month().map(|month| month.to_string()).unwrap_or_default();
        let first = &first;
        let calls = self.city.organizations.iter().map(|organization| async move {
            let request = DeclareReporterRequest {
                request_id: new_request_id(),
                organization: organization.code.clone(),
                from_month: first.clone(),
                ..Default::default()
            };
            self.client.ledger(domain).declare_reporter(request).await?;
            self.bar.inc(1);
            Ok(())
        });
        all(calls).await
    }

    async fn entries(&self, domain: &'static str) -> Result<()> {
        let costs: Vec<&Cost> = self
            .city
            .costs
            .iter()
            .filter(|it| it.domain == domain && !self.city.is_recorded(it))
            .collect();
        for batch in costs.chunks(BATCH) {
            let request = PostEntriesRequest {
                request_id: new_request_id(),
                entries: batch.iter().map(|cost| self.entry(cost)).collect(),
                ..Default::default()
            };
            let answer = self.client.ledger(domain).post_entries(request).await?.into_inner();
            if usize::try_from(answer.posted_count) != Ok(batch.len()) {
                return Err(Failure::new("the suite has entries of the sample already"));
            }
            self.bar.inc(batch.len() as u64);
        }
        Ok(())
    }

    async fn zeros(&self, domain: &'static str) -> Result<()> {
        let zeros = self.city.zeros.iter().filter(|zero| zero.domain == domain);
        all(zeros.map(|zero| self.zero(zero))).await
    }

    async fn zero(&self, zero: &Zero) -> Result<(), Status> {
        let request = DeclareZeroRequest {
            request_id: new_request_id(),
            organization: self.city.code(zero.organization).to_owned(),
            month: zero.month.to_string(),
            ..Default::default()
        };
        self.client.ledger(zero.domain).declare_zero(request).await?;
        self.bar.inc(1);
        Ok(())
    }

    fn entry(&self, cost: &Cost) -> NewEntry {
        let paid_by = if cost.paid_by_bureau { self.city.bureau() } else { "" };
        let (service_from, service_until) = cost
            .service
            .map(|(from, until)| (from.to_string(), until.to_string()))
            .unwrap_or_default();
        NewEntry {
            organization: self.city.code(cost.organization).to_owned(),
            paid_by: paid_by.to_owned(),
            category: cost.category.to_owned(),
            occurred_on: cost.day.to_string(),
            service_from,
            service_until,
            amount_fen: cost.fen,
            quantity: cost.quantity,
            document_no: cost.document_no.clone(),
            memo: MEMO.to_owned(),
            ..NewEntry::default()
        }
    }
}

fn created(organization: &Organization) -> directory::Organization {
    directory::Organization {
        code: organization.code.clone(),
        name: organization.name.clone(),
        kind: organization.kind.into(),
        level: organization.level.into(),
        region: organization.region.to_owned(),
        ..directory::Organization::default()
    }
}

/// Runs the calls, some at once, until one fails.
async fn all(calls: impl Iterator<Item = impl Future<Output = Result<(), Status>>>) -> Result<()> {
    let done = stream::iter(calls).buffer_unordered(AT_ONCE).try_collect::<()>();
    Ok(done.await?)
}
