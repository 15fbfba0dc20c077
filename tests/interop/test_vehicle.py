"""The register of vehicles."""

import grpc
import pytest
from google.protobuf import field_mask_pb2
from steward.fleet.v1 import vehicle_pb2 as vehicles
from steward.fleet.v1.vehicle_pb2_grpc import VehicleServiceStub as Vehicles


def vehicle(**changes):
    fields = {
        "organization": "11420502000000027D", "plate": "鄂E·k1234",
        "category": vehicles.VEHICLE_CATEGORY_EMERGENCY, "body": vehicles.VEHICLE_BODY_CAR,
        "power_source": vehicles.POWER_SOURCE_PETROL, "model": "东风风神 A60", "vin": "LSVAA49J132047371",
        "displacement_ml": 1600, "price_fen": 9_980_000, "seats": 5, "acquired_on": "2014-06-30"}
    return vehicles.Vehicle(**{**fields, **changes})


def test_a_vehicle_is_registered_found_and_changed(caller, request_id):
    clerk = caller()
    request = vehicles.CreateVehicleRequest(request_id=request_id(), vehicle=vehicle())
    made = clerk.call(Vehicles, "CreateVehicle", request).vehicle
    assert made.plate == "鄂EK1234"
    listed = clerk.call(Vehicles, "ListVehicles", vehicles.ListVehiclesRequest(plate_contains="K12"))
    assert [found.id for found in listed.vehicles] == [made.id]
    change = vehicles.UpdateVehicleRequest(
        request_id=request_id(), update_mask=field_mask_pb2.FieldMask(paths=["note"]),
        vehicle=vehicles.Vehicle(id=made.id, etag=made.etag, note="年检合格"))
    changed = clerk.call(Vehicles, "UpdateVehicle", change).vehicle
    assert (changed.note, changed.model) == ("年检合格", made.model)
    change.request_id = request_id()
    with pytest.raises(grpc.RpcError) as stale:
        clerk.call(Vehicles, "UpdateVehicle", change)
    assert stale.value.code() == grpc.StatusCode.ABORTED


def test_a_plate_is_given_once(caller, request_id):
    clerk = caller()
    first = vehicle(plate="鄂E·k5678", vin="")
    request = vehicles.CreateVehicleRequest(request_id=request_id(), vehicle=first)
    assert clerk.call(Vehicles, "CreateVehicle", request).vehicle.plate == "鄂EK5678"
    again = vehicle(plate="鄂EK5678", vin="LFV2A21K6E4012345")
    request = vehicles.CreateVehicleRequest(request_id=request_id(), vehicle=again, accept_warnings=True)
    with pytest.raises(grpc.RpcError) as taken:
        clerk.call(Vehicles, "CreateVehicle", request)
    assert taken.value.code() == grpc.StatusCode.ALREADY_EXISTS
