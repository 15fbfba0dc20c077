//! `VehicleService`: every handler reads the request, acts and answers.

use futures::FutureExt;
use steward_chassis::{Ctx, Error, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::vehicle_service_server::VehicleService;
use tonic::{Request, Response, Status};

use super::{actions, wire};

/// Answers `VehicleService`.
#[derive(Debug)]
pub struct Rpc {
    db: Db,
}

impl Rpc {
    /// Over its database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[tonic::async_trait]
impl VehicleService for Rpc {
    async fn create_vehicle(
        &self,
        request: Request<proto::CreateVehicleRequest>,
    ) -> Result<Response<proto::CreateVehicleResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let new = wire::new(&ctx, &request)?;
        let act = write(&self.db, &ctx, &request, &new, |tx, ctx, new| {
            async move {
                let vehicle = actions::create(tx, ctx, new).await?;
                let vehicle = Some(wire::checked(ctx, &vehicle, true));
                Ok(proto::CreateVehicleResponse { vehicle })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }

    async fn get_vehicle(
        &self,
        request: Request<proto::GetVehicleRequest>,
    ) -> Result<Response<proto::GetVehicleResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let id = wire::id(&request)?;
        let mut tx = self.db.read().await.map_err(Error::from)?;
        let vehicle = Some((&actions::get(&mut tx, &ctx, id).await?).into());
        Ok(Response::new(proto::GetVehicleResponse { vehicle }))
    }

    async fn list_vehicles(
        &self,
        request: Request<proto::ListVehiclesRequest>,
    ) -> Result<Response<proto::ListVehiclesResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let (page, listed) = wire::listed(&request)?;
        let mut tx = self.db.snapshot().await.map_err(Error::from)?;
        let vehicles = actions::list(&mut tx, &ctx, &listed).await?;
        Ok(Response::new(wire::page(&page, vehicles)?))
    }

    async fn update_vehicle(
        &self,
        request: Request<proto::UpdateVehicleRequest>,
    ) -> Result<Response<proto::UpdateVehicleResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let change = wire::change(&ctx, &request)?;
        let act = write(&self.db, &ctx, &request, &change, |tx, ctx, change| {
            async move {
                let vehicle = actions::update(tx, ctx, change).await?;
                let vehicle = Some(wire::checked(ctx, &vehicle, false));
                Ok(proto::UpdateVehicleResponse { vehicle })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }
}
