"""A vehicle's life, from the grant of its place to its disposal, by the people who have to do with it."""

from datetime import datetime, timedelta, timezone

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from steward.approval.v1 import approval_pb2 as approvals
from steward.approval.v1 import officeholder_pb2 as officeholders
from steward.approval.v1.approval_pb2_grpc import ApprovalServiceStub as Approvals
from steward.approval.v1.officeholder_pb2_grpc import OfficeholderServiceStub as Officeholders
from steward.finding.v1 import finding_pb2 as findings
from steward.finding.v1.finding_pb2_grpc import FindingServiceStub as Findings
from steward.fleet.v1 import acquisition_pb2 as acquisitions
from steward.fleet.v1 import disposal_pb2 as disposals
from steward.fleet.v1 import driver_pb2 as drivers
from steward.fleet.v1 import establishment_pb2 as establishments
from steward.fleet.v1 import expense_pb2 as expenses
from steward.fleet.v1 import figure_pb2 as figures
from steward.fleet.v1 import trip_pb2 as trips
from steward.fleet.v1 import vehicle_pb2 as vehicles
from steward.fleet.v1.acquisition_pb2_grpc import AcquisitionServiceStub as Acquisitions
from steward.fleet.v1.disposal_pb2_grpc import DisposalServiceStub as Disposals
from steward.fleet.v1.driver_pb2_grpc import DriverServiceStub as Drivers
from steward.fleet.v1.establishment_pb2_grpc import EstablishmentServiceStub as Establishments
from steward.fleet.v1.expense_pb2_grpc import ExpenseServiceStub as Expenses
from steward.fleet.v1.figure_pb2_grpc import FigureServiceStub as Figures
from steward.fleet.v1.trip_pb2_grpc import TripServiceStub as Trips
from steward.fleet.v1.vehicle_pb2_grpc import VehicleServiceStub as Vehicles
from steward.ledger.v1 import ledger_service_pb2 as ledger
from steward.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub as Ledger
from steward.type.v1 import period_pb2 as periods

BUREAU = "11420500000000019M"
TODAY = datetime.now(timezone(timedelta(hours=8))).date()


def stamp(seconds):
    """An instant so many seconds from now."""
    at = Timestamp()
    at.FromDatetime(datetime.now(timezone.utc) + timedelta(seconds=seconds))
    return at


class Office:
    """The people: a clerk asks, a judge decides at every step, a chief grants, a guard appoints."""

    def __init__(self, caller, request_id):
        self.clerk = caller(subject="clerk", roles=["viewer", "operator"])
        self.judge = caller(subject="judge", roles=["viewer", "operator"])
        self.chief = caller(subject="chief", roles=["viewer", "manager"])
        self.guard = caller(subject="guard", roles=["security_admin"])
        self.request_id = request_id

    def appoint(self):
        own = ["SECTION", "FINANCE", "DEPUTY", "DIRECTOR"]
        for position in [*own, "VEHICLE_AUTHORITY", "TREASURY"]:
            where = {"organization": BUREAU} if position in own else {"region": "4205*"}
            officeholder = officeholders.Officeholder(
                subject="judge", name="审批人", from_date="2020-01-01",
                position=officeholders.Position.Value(f"POSITION_{position}"), **where)
            request = officeholders.CreateOfficeholderRequest(
                request_id=self.request_id(), officeholder=officeholder, accept_warnings=True)
            self.guard.call(Officeholders, "CreateOfficeholder", request, "fleet")

    def grant(self, authorised):
        grant = establishments.EstablishmentGrant(
            organization=BUREAU, category=vehicles.VEHICLE_CATEGORY_EMERGENCY, authorised=authorised,
            effective_from="2020-01-01", document_no="宜车编〔2020〕1号",
            authority=establishments.GRANT_AUTHORITY_VEHICLE_AUTHORITY)
        request = establishments.GrantEstablishmentRequest(
            request_id=self.request_id(), grant=grant, accept_warnings=True)
        self.chief.call(Establishments, "GrantEstablishment", request)

    def places(self):
        request = establishments.GetEstablishmentRequest(
            organization=BUREAU, category=vehicles.VEHICLE_CATEGORY_EMERGENCY)
        found = self.chief.call(Establishments, "GetEstablishment", request).establishment
        return found.authorised, found.held, found.reserved

    def approve(self, approval_id):
        """The judge finds it on his list, and approves it step by step."""
        tasks = self.judge.call(Approvals, "ListTasks", approvals.ListTasksRequest(), "fleet").tasks
        assert approval_id in [task.approval.id for task in tasks]
        while True:
            request = approvals.GetApprovalRequest(id=approval_id)
            now = self.judge.call(Approvals, "GetApproval", request, "fleet").approval
            if now.state != approvals.APPROVAL_STATE_PENDING:
                return now
            request = approvals.DecideApprovalRequest(
                request_id=self.request_id(), id=now.id, etag=now.etag,
                decision=approvals.DECISION_APPROVE, opinion="同意")
            self.judge.call(Approvals, "DecideApproval", request, "fleet")

    def ask(self, **changes):
        fields = {
            "organization": BUREAU, "category": vehicles.VEHICLE_CATEGORY_EMERGENCY,
            "source": vehicles.VEHICLE_SOURCE_PURCHASE, "body": vehicles.VEHICLE_BODY_CAR,
            "power_source": vehicles.POWER_SOURCE_PETROL, "displacement_ml": 1598, "seats": 5,
            "price_fen": 14_000_000, "reason": "防汛值守"}
        request = acquisitions.RequestAcquisitionRequest(
            request_id=self.request_id(), accept_warnings=True,
            acquisition=acquisitions.Acquisition(**{**fields, **changes}))
        return self.clerk.call(Acquisitions, "RequestAcquisition", request).acquisition

    def trip(self, method, request, **fields):
        return self.clerk.call(Trips, method, request(request_id=self.request_id(), **fields)).trip


def refused(act):
    with pytest.raises(grpc.RpcError) as error:
        act()
    return error.value.code()


def test_a_vehicle_from_its_grant_to_its_disposal(caller, request_id):
    office = Office(caller, request_id)
    office.appoint()
    office.grant(1)

    # Asked for, approved, registered.
    asked = office.ask()
    assert office.places() == (1, 0, 1)
    assert refused(lambda: office.ask()) == grpc.StatusCode.FAILED_PRECONDITION
    assert refused(lambda: office.ask(price_fen=18_000_001)) == grpc.StatusCode.FAILED_PRECONDITION
    assert office.approve(asked.approval_id).state == approvals.APPROVAL_STATE_APPROVED
    read = acquisitions.GetAcquisitionRequest(id=asked.id)
    asked = office.clerk.call(Acquisitions, "GetAcquisition", read).acquisition
    car = vehicles.Vehicle(
        plate="鄂E·7k001", body=asked.body, power_source=asked.power_source, model="东风 A60",
        displacement_ml=1598, price_fen=13_880_000, seats=5, acquired_on=str(TODAY), tank_ml=55_000)
    register = acquisitions.RegisterAcquisitionRequest(
        request_id=request_id(), id=asked.id, etag=asked.etag, vehicle=car,
        document_no="FP-7k001", paid_on=str(TODAY))
    done = office.clerk.call(Acquisitions, "RegisterAcquisition", register)
    assert office.clerk.call(Acquisitions, "RegisterAcquisition", register) == done
    car = done.vehicle
    assert office.places() == (1, 1, 0)

    # Driven: approved, ordered, departed, returned, settled.
    driver = drivers.CreateDriverRequest(request_id=request_id(), accept_warnings=True, driver=drivers.Driver(
        organization=BUREAU, name="张师傅", licence_class=drivers.LICENCE_CLASS_A2,
        licence_expires_on=str(TODAY + timedelta(days=900)), state=drivers.DRIVER_STATE_ACTIVE))
    driver = office.clerk.call(Drivers, "CreateDriver", driver).driver
    window = {"from_time": stamp(-60), "until_time": stamp(4 * 3600)}
    trip = office.trip(
        "RequestTrip", trips.RequestTripRequest, organization=BUREAU, purpose="送文件", destination="秭归县",
        passengers=2, holiday_reason="应急值守", accept_warnings=True, **window)
    office.approve(trip.approval_id)
    trip = office.clerk.call(Trips, "GetTrip", trips.GetTripRequest(id=trip.id)).trip
    free = trips.ListFreeVehiclesRequest(organizations=[BUREAU], **window)
    free = office.clerk.call(Trips, "ListFreeVehicles", free).vehicles
    assert [found.plate for found in free] == ["鄂E7K001"]
    trip = office.trip("OrderTrip", trips.OrderTripRequest, id=trip.id, etag=trip.etag,
                       vehicle_id=car.id, driver_id=driver.id, dispatch_no="P-1")
    trip = office.trip("DepartTrip", trips.DepartTripRequest, id=trip.id, etag=trip.etag, odometer_m=12_000)
    trip = office.trip("ReturnTrip", trips.ReturnTripRequest, id=trip.id, etag=trip.etag, odometer_m=112_000)
    trip = office.trip("SettleTrip", trips.SettleTripRequest, id=trip.id, etag=trip.etag)
    assert trip.state == trips.TRIP_STATE_SETTLED

    # Fuelled: 8 litres on 100 km.
    slip = expenses.NewExpense(
        vehicle_id=car.id, kind=expenses.EXPENSE_KIND_FUEL, occurred_on=str(TODAY), amount_fen=6_240,
        quantity=8_000, document_no="YP-1")
    record = expenses.RecordExpensesRequest(request_id=request_id(), expenses=[slip])
    assert len(office.clerk.call(Expenses, "RecordExpenses", record).results) == 1
    month, after = str(TODAY)[:7], str(TODAY.replace(day=1) + timedelta(days=32))[:7]
    ask = figures.ListVehicleFiguresRequest(
        period=periods.MonthPeriod(from_month=month, until_month=after), organizations=[BUREAU])
    figure = office.clerk.call(Figures, "ListVehicleFigures", ask).figures[0]
    assert (figure.distance_m, figure.fuel_ml_per_100km) == (100_000, 8_000)
    assert (figure.running_fen, figure.fen_per_km, figure.purchase_fen) == (6_240, 62, 13_880_000)

    # Every fen of it stands in the ledger.
    entries = ledger.ListEntriesRequest(organizations=[BUREAU])
    entries = office.clerk.call(Ledger, "ListEntries", entries, "fleet").entries
    assert {entry.content.document_no: entry.content.amount_fen for entry in entries} == {
        "FP-7k001": 13_880_000, "YP-1": 6_240}

    # A cut below what is held is a finding, which goes its way.
    revised = establishments.EstablishmentGrant(
        organization=BUREAU, category=vehicles.VEHICLE_CATEGORY_EMERGENCY, authorised=0,
        effective_from=str(TODAY), document_no="宜车编〔2026〕9号",
        authority=establishments.GRANT_AUTHORITY_VEHICLE_AUTHORITY)
    request = establishments.GrantEstablishmentRequest(request_id=request_id(), grant=revised, accept_warnings=True)
    office.chief.call(Establishments, "GrantEstablishment", request)
    listed = findings.ListFindingsRequest(organizations=[BUREAU], code="establishment")
    found = office.chief.call(Findings, "ListFindings", listed, "fleet").findings[0]
    assert (found.observed, found.limit, found.state) == (1, 0, findings.FINDING_STATE_OPEN)

    # Disposed of early, which needs a reason; the money goes to the treasury, the finding closes.
    def dispose(**more):
        request = disposals.RequestDisposalRequest(request_id=request_id(), accept_warnings=True, disposal=disposals.Disposal(
            vehicle_id=car.id, way=disposals.DISPOSAL_WAY_AUCTION, appraisal_fen=9_000_000, reason="超编", **more))
        return office.clerk.call(Disposals, "RequestDisposal", request).disposal
    assert refused(dispose) == grpc.StatusCode.FAILED_PRECONDITION
    asked = dispose(early_reason="编制核减")
    office.approve(asked.approval_id)
    asked = office.clerk.call(Disposals, "GetDisposal", disposals.GetDisposalRequest(id=asked.id)).disposal
    request = disposals.CompleteDisposalRequest(
        request_id=request_id(), id=asked.id, etag=asked.etag, disposed_on=str(TODAY), proceeds_fen=9_500_000,
        document_no="JK-1", certificate_no="PM-1")
    done = office.clerk.call(Disposals, "CompleteDisposal", request)
    assert done.disposal.proceeds_fen == 9_500_000 and done.entry_id
    gone = office.clerk.call(Vehicles, "GetVehicle", vehicles.GetVehicleRequest(id=car.id)).vehicle
    assert gone.state == vehicles.VEHICLE_STATE_DISPOSED
    assert office.places() == (0, 0, 0)
    found = office.chief.call(Findings, "ListFindings", listed, "fleet").findings[0]
    assert found.state == findings.FINDING_STATE_CLOSED
