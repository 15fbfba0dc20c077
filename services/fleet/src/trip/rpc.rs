//! `TripService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::trip_service_server::TripService;

use super::{actions, correct, free, history, order, ride, wire};

rpcs! {
    TripService {
        request_trip(proto::RequestTripRequest) -> proto::RequestTripResponse;
        order_trip(proto::OrderTripRequest) -> proto::OrderTripResponse;
        move_trip(proto::MoveTripRequest) -> proto::MoveTripResponse;
        depart_trip(proto::DepartTripRequest) -> proto::DepartTripResponse;
        return_trip(proto::ReturnTripRequest) -> proto::ReturnTripResponse;
        settle_trip(proto::SettleTripRequest) -> proto::SettleTripResponse;
        resubmit_trip(proto::ResubmitTripRequest) -> proto::ResubmitTripResponse;
        cancel_trip(proto::CancelTripRequest) -> proto::CancelTripResponse;
        correct_trip(proto::CorrectTripRequest) -> proto::CorrectTripResponse;
        void_trip(proto::VoidTripRequest) -> proto::VoidTripResponse;
        start_emergency_trip(proto::StartEmergencyTripRequest) -> proto::StartEmergencyTripResponse;
        import_trips(proto::ImportTripsRequest) -> proto::ImportTripsResponse;
        get_trip(proto::GetTripRequest) -> proto::GetTripResponse;
        list_trips(proto::ListTripsRequest) -> proto::ListTripsResponse;
        list_free_vehicles(proto::ListFreeVehiclesRequest) -> proto::ListFreeVehiclesResponse;
    }
}

async fn request_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::RequestTripRequest,
) -> Result<proto::RequestTripResponse> {
    let asked = wire::new(&request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some(wire::fresh(ctx, &actions::request(tx, ctx, asked).await?));
            Ok(proto::RequestTripResponse { trip })
        })
    })
    .await
}

async fn order_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::OrderTripRequest,
) -> Result<proto::OrderTripResponse> {
    let asked = wire::order(&request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some((&order::order(tx, ctx, asked).await?).into());
            Ok(proto::OrderTripResponse { trip })
        })
    })
    .await
}

async fn move_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::MoveTripRequest,
) -> Result<proto::MoveTripResponse> {
    let asked = wire::shift(&request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some(wire::fresh(ctx, &order::shift(tx, ctx, asked).await?));
            Ok(proto::MoveTripResponse { trip })
        })
    })
    .await
}

async fn depart_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::DepartTripRequest,
) -> Result<proto::DepartTripResponse> {
    let asked = wire::departure(&request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some((&ride::depart(tx, ctx, asked).await?).into());
            Ok(proto::DepartTripResponse { trip })
        })
    })
    .await
}

async fn return_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::ReturnTripRequest,
) -> Result<proto::ReturnTripResponse> {
    let asked = wire::homecoming(&request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some((&ride::come_back(tx, ctx, asked).await?).into());
            Ok(proto::ReturnTripResponse { trip })
        })
    })
    .await
}

async fn settle_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::SettleTripRequest,
) -> Result<proto::SettleTripResponse> {
    let asked = wire::settling(&request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some((&ride::settle(tx, ctx, asked).await?).into());
            Ok(proto::SettleTripResponse { trip })
        })
    })
    .await
}

async fn resubmit_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::ResubmitTripRequest,
) -> Result<proto::ResubmitTripResponse> {
    let asked = wire::resubmission(&request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some(wire::fresh(ctx, &ride::resubmit(tx, ctx, asked).await?));
            Ok(proto::ResubmitTripResponse { trip })
        })
    })
    .await
}

async fn cancel_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::CancelTripRequest,
) -> Result<proto::CancelTripResponse> {
    let asked = wire::cancelling(&request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some((&actions::cancel(tx, ctx, asked).await?).into());
            Ok(proto::CancelTripResponse { trip })
        })
    })
    .await
}

async fn correct_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::CorrectTripRequest,
) -> Result<proto::CorrectTripResponse> {
    let asked = wire::correction(&request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some((&correct::correct(tx, ctx, asked).await?).into());
            Ok(proto::CorrectTripResponse { trip })
        })
    })
    .await
}

async fn void_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::VoidTripRequest,
) -> Result<proto::VoidTripResponse> {
    let asked = wire::voiding(&request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some((&correct::void(tx, ctx, asked).await?).into());
            Ok(proto::VoidTripResponse { trip })
        })
    })
    .await
}

async fn start_emergency_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::StartEmergencyTripRequest,
) -> Result<proto::StartEmergencyTripResponse> {
    let asked = wire::emergency(ctx, &request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let trip = Some(wire::fresh(ctx, &ride::start(tx, ctx, asked).await?));
            Ok(proto::StartEmergencyTripResponse { trip })
        })
    })
    .await
}

async fn import_trips(
    db: &Db,
    ctx: &Ctx,
    request: proto::ImportTripsRequest,
) -> Result<proto::ImportTripsResponse> {
    let asked = wire::history(ctx, &request)?;
    write(db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let (trips, duplicate_places) = history::import(tx, ctx, asked).await?;
            let trips = trips.iter().map(Into::into).collect();
            Ok(proto::ImportTripsResponse { trips, duplicate_places })
        })
    })
    .await
}

async fn get_trip(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetTripRequest,
) -> Result<proto::GetTripResponse> {
    let id = wire::id(&request)?;
    let mut tx = db.read().await?;
    let trip = Some((&actions::get(&mut tx, ctx, id).await?).into());
    Ok(proto::GetTripResponse { trip })
}

async fn list_trips(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListTripsRequest,
) -> Result<proto::ListTripsResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let trips = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, trips)
}

async fn list_free_vehicles(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListFreeVehiclesRequest,
) -> Result<proto::ListFreeVehiclesResponse> {
    let (page, wanted) = free::wire::wanted(&request)?;
    let mut tx = db.snapshot().await?;
    let vehicles = free::list(&mut tx, ctx, &wanted).await?;
    free::wire::free(&page, &wanted, vehicles)
}
