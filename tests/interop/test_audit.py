"""The audit trail, checked by its published recipe and not by our own code."""

import hashlib

import pytest
from google.protobuf import timestamp_pb2
from steward.audit.v1 import audit_pb2 as audit
from steward.audit.v1.audit_pb2_grpc import AuditServiceStub as Audit

from processes import SERVICES


def events(auditor, domain):
    token = ""
    while True:
        request = audit.ListEventsRequest(page_size=100, page_token=token)
        page = auditor.call(Audit, "ListEvents", request, domain)
        yield from page.events
        token = page.next_page_token
        if not token:
            return


def instant(time: timestamp_pb2.Timestamp):
    assert time.nanos % 1000 == 0
    return f"{time.ToDatetime():%Y-%m-%dT%H:%M:%S}.{time.nanos // 1000:06d}Z"


def link(before, event):
    parts = [before, *(text.encode() for text in (
        str(event.seq), event.id, instant(event.event_time), event.subject, event.method,
        event.resource_type, event.resource_id, event.organization, event.region, event.address,
        event.request_id, event.before_json, event.after_json))]
    return hashlib.sha256(b"".join(len(p).to_bytes(8, "big") + p for p in parts)).digest()


@pytest.mark.parametrize("domain", SERVICES)
def test_the_chain_is_what_its_description_says(suite, caller, domain):
    auditor = caller(subject="auditor", roles=["auditor"], regions=["*"])
    before, last = bytes(32), 0
    for event in events(auditor, domain):
        assert event.seq == last + 1
        before, last = link(before, event), event.seq
        assert event.hash == before, event
    head = auditor.call(Audit, "GetChainHead", audit.GetChainHeadRequest(), domain).head
    assert head.seq >= last
    if head.seq == last and last:
        assert head.hash == before
    known = audit.ChainLink(seq=last, hash=before if last else b"")
    verified = auditor.call(Audit, "VerifyChain", audit.VerifyChainRequest(known_head=known), domain)
    assert verified.intact and verified.finished and verified.checked_count >= last


def test_it_says_who_did_what(suite, caller):
    auditor = caller(subject="auditor", roles=["auditor"], regions=["*"])
    made = [event for event in events(auditor, "directory") if event.resource_type == "organization"]
    assert any(event.subject == "clerk" and "CreateOrganization" in event.method and not event.before_json
               and "高新区管委会后勤处" in event.after_json and event.address for event in made)
