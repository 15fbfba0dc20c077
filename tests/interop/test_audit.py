"""The audit trail, checked by its published recipe and not by our own code."""

import hashlib
import time

import pytest
from google.protobuf import timestamp_pb2
from steward.audit.v1 import audit_pb2 as audit
from steward.audit.v1.audit_pb2_grpc import AuditServiceStub as Audit

from processes import SERVICES
from test_directory import create
from test_ledger import post

CATEGORIES = {"fleet": "vehicle_fuel", "property": "rent", "maintenance": "small_repair",
              "energy": "electricity"}


def change(caller, domain, request_id, name="审计用单位"):
    """Changes something, so that the trail of the domain has an event with this request id."""
    if domain == "directory":
        create(caller, lambda: request_id, name)
    else:
        post(caller, request_id, document=f"audit-{request_id}", domain=domain,
             category=CATEGORIES[domain])


def events(auditor, domain):
    token = ""
    while True:
        request = audit.ListEventsRequest(page_size=100, page_token=token)
        page = auditor.call(Audit, "ListEvents", request, domain)
        yield from page.events
        token = page.next_page_token
        if not token:
            return


def events_with(auditor, domain, request_id, timeout=60):
    """The whole trail, as soon as the event of a request that was answered has its place in it."""
    end = time.monotonic() + timeout
    while True:
        trail = list(events(auditor, domain))
        if any(event.request_id == request_id for event in trail):
            return trail
        assert time.monotonic() < end, "never in the trail"
        time.sleep(0.1)


def instant(at: timestamp_pb2.Timestamp):
    assert at.nanos % 1000 == 0
    return f"{at.ToDatetime():%Y-%m-%dT%H:%M:%S}.{at.nanos // 1000:06d}Z"


def link(before, event):
    parts = [before, *(text.encode() for text in (
        str(event.seq), event.id, instant(event.event_time), event.subject, event.method,
        event.resource_type, event.resource_id, event.organization, event.region, event.address,
        event.request_id, event.before_json, event.after_json))]
    return hashlib.sha256(b"".join(len(p).to_bytes(8, "big") + p for p in parts)).digest()


@pytest.mark.parametrize("domain", SERVICES)
def test_the_chain_is_what_its_description_says(caller, request_id, domain):
    auditor, mine = caller(subject="auditor", roles=["auditor"], regions=["*"]), request_id()
    change(caller(), domain, mine)
    before, last = bytes(32), 0
    for event in events_with(auditor, domain, mine):
        assert event.seq == last + 1
        before, last = link(before, event), event.seq
        assert event.hash == before, event
    assert last > 0
    head = auditor.call(Audit, "GetChainHead", audit.GetChainHeadRequest(), domain).head
    assert head.seq >= last
    if head.seq == last:
        assert head.hash == before
    known = audit.ChainLink(seq=last, hash=before)
    verified = auditor.call(Audit, "VerifyChain", audit.VerifyChainRequest(known_head=known), domain)
    assert verified.intact and verified.finished and verified.checked_count >= last


def test_it_says_who_did_what(caller, request_id):
    auditor, mine = caller(subject="auditor", roles=["auditor"], regions=["*"]), request_id()
    change(caller(), "directory", mine, "高新区管委会审计处")
    trail = events_with(auditor, "directory", mine)
    [made] = [event for event in trail if event.request_id == mine]
    assert made.subject == "clerk" and "CreateOrganization" in made.method and made.address
    assert made.resource_type == "organization" and not made.before_json
    assert "高新区管委会审计处" in made.after_json
