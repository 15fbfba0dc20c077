"""Organizations, and that the other services follow them through restarts."""

import time

import grpc
import pytest
from steward.directory.v1 import calendar_pb2 as calendar
from steward.directory.v1 import organization_pb2 as organizations
from steward.directory.v1 import succession_pb2 as successions
from steward.directory.v1.calendar_pb2_grpc import CalendarServiceStub as Calendar
from steward.directory.v1.organization_pb2_grpc import OrganizationServiceStub as Organizations
from steward.directory.v1.succession_pb2_grpc import SuccessionServiceStub as Successions
from steward.ledger.v1 import entry_pb2 as entries
from steward.ledger.v1 import ledger_service_pb2 as ledger
from steward.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub as Ledger


def create(caller, request_id, name, region="420503"):
    organization = organizations.Organization(
        name=name, region=region, level=organizations.ADMINISTRATIVE_LEVEL_COUNTY,
        kind=organizations.ORGANIZATION_KIND_PUBLIC_INSTITUTION)
    request = organizations.CreateOrganizationRequest(request_id=request_id(), organization=organization)
    return caller.call(Organizations, "CreateOrganization", request).organization


def book(caller, request_id, code, domain="property", category="rent"):
    entry = entries.NewEntry(organization=code, category=category, occurred_on="2016-05-03",
                             amount_fen=100, document_no=f"R-{code}")
    request = ledger.PostEntriesRequest(request_id=request_id(), entries=[entry])
    return caller.call(Ledger, "PostEntries", request, domain)


def booked_in_the_end(caller, request_id, code, domain="property", category="rent", timeout=60):
    """Books on an organization as soon as the ledger's service has followed the directory."""
    end = time.monotonic() + timeout
    while True:
        try:
            return book(caller, request_id, code, domain, category)
        except grpc.RpcError as error:
            assert "not known" in error.details(), error
            assert time.monotonic() < end, "never followed"
            time.sleep(0.2)


def test_a_local_key_can_be_booked_once_it_is_followed(suite, caller, request_id):
    clerk = caller()
    made = create(clerk, request_id, "高新区管委会后勤处")
    assert made.code.startswith("L-")
    assert booked_in_the_end(clerk, request_id, made.code).posted_count == 1


def test_changes_are_followed_through_restarts_of_either_side(suite, caller, request_id):
    clerk = caller()
    suite.stop("property")
    missed = create(clerk, request_id, "停机时成立的单位")
    suite.stop("directory")
    suite.start("property")
    suite.wait("property")
    suite.start("directory")
    suite.wait("directory")
    assert booked_in_the_end(clerk, request_id, missed.code).posted_count == 1


def test_names_find_organizations(caller, request_id):
    clerk = caller()
    made = create(clerk, request_id, "宜昌市(试验)图书馆")
    request = organizations.ResolveOrganizationsRequest(texts=["宜昌市(试验) 图书馆", "宜昌试验图书馆", "没有这家"])
    exact, near, none = clerk.call(Organizations, "ResolveOrganizations", request).results
    assert exact.code == made.code and not exact.candidates
    assert not near.code and made.code in [candidate.code for candidate in near.candidates]
    assert not none.code


def test_a_merger_ends_an_organization(caller, request_id):
    clerk = caller()
    old, new = (create(clerk, request_id, name) for name in ("被合并的单位", "合并后的单位"))
    part = successions.SuccessionPart(predecessor=old.code, successor=new.code, share_ppm=1_000_000)
    succession = successions.Succession(
        kind=successions.SUCCESSION_KIND_MERGER, effective_on="2017-07-01", parts=[part])
    request = successions.RecordSuccessionRequest(request_id=request_id(), succession=succession)
    clerk.call(Successions, "RecordSuccession", request)
    request = organizations.GetOrganizationRequest(code=old.code)
    ended = clerk.call(Organizations, "GetOrganization", request).organization
    assert (ended.ended_on, list(ended.successors)) == ("2017-07-01", [new.code])


@pytest.mark.parametrize("start, days, due", [
    ("2024-02-09", 1, "2024-02-18"), ("2025-09-30", 3, "2025-10-11"), ("2026-02-13", 1, "2026-02-14"),
])
def test_working_days_know_make_up_days(caller, start, days, due):
    request = calendar.ComputeWorkingDayRequest(from_date=start, working_days=days)
    answer = caller().call(Calendar, "ComputeWorkingDay", request)
    assert (answer.date, answer.provisional) == (due, False)
