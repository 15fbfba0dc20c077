"""Posting, reading and reporting through the gateway, and who may not."""

import time

import grpc
import jwt
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from steward.ledger.v1 import entry_pb2 as entries
from steward.ledger.v1 import ledger_service_pb2 as ledger
from steward.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub as Ledger
from steward.report.v1 import report_pb2 as reports
from steward.report.v1.report_pb2_grpc import ReportServiceStub as Reports
from steward.type.v1 import period_pb2 as periods

from processes import AUDIENCE, CITY, ISSUER, Issuer

XILING = "11420502000000027D"
YILING = "11420506A00000038W"


def post(caller, request_id, organization=XILING, amount_fen=1_234_567, document="2016-1",
         domain="energy", category="electricity", occurred_on="2016-03-01"):
    entry = entries.NewEntry(
        organization=organization, category=category, occurred_on=occurred_on,
        amount_fen=amount_fen, document_no=document)
    request = ledger.PostEntriesRequest(request_id=request_id, entries=[entry])
    return caller.call(Ledger, "PostEntries", request, domain)


def report(caller, regions, from_month="2016-01", until_month="2016-07"):
    request = reports.GetCostReductionReportRequest(
        period=periods.MonthPeriod(from_month=from_month, until_month=until_month), regions=regions,
        group_by=[reports.REPORT_GROUPING_ORGANIZATION])
    return caller.call(Reports, "GetCostReductionReport", request).report


def test_a_post_is_done_once_and_reported(caller, request_id):
    clerk, same = caller(), request_id()
    posted = {"document": "2014-1", "occurred_on": "2014-03-01"}
    first = post(clerk, same, **posted)
    assert (first.posted_count, post(clerk, same, **posted)) == (1, first)
    assert post(clerk, request_id(), **posted).duplicate_count == 1
    listed = clerk.call(Ledger, "ListEntries", ledger.ListEntriesRequest(document_no="2014-1"), "energy")
    assert [(e.content.organization, e.content.amount_fen) for e in listed.entries] == [(XILING, 1_234_567)]
    told = report(clerk, ["420502"], "2014-01", "2014-07")
    assert told.complete and told.directory_answered
    assert (told.total.current_fen, told.total.baseline_fen) == (1_234_567, 0)
    assert not told.total.HasField("change_bp")
    assert [(row.key, row.total.current_fen) for row in told.rows] == [(XILING, 1_234_567)]


def test_every_faulty_field_is_named(caller, request_id):
    with pytest.raises(grpc.RpcError) as refused:
        post(caller(), request_id(), organization="123", amount_fen=0, document="")
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    fields, reasons, sentences = set(), set(), []
    for detail in rpc_status.from_call(refused.value).details:
        for kind in (error_details_pb2.BadRequest, error_details_pb2.ErrorInfo,
                     error_details_pb2.LocalizedMessage):
            message = kind()
            if not detail.Unpack(message):
                continue
            if isinstance(message, error_details_pb2.BadRequest):
                fields |= {violation.field for violation in message.field_violations}
            elif isinstance(message, error_details_pb2.ErrorInfo):
                reasons.add((message.domain, message.reason))
            else:
                sentences.append((message.locale, message.message))
    assert fields == {f"entries[0].{name}" for name in ("organization", "amount_fen", "document_no")}
    assert {reason for _, reason in reasons} == {"INVALID_REQUEST"}
    assert sentences and sentences[0][0] == "zh-CN"


def tokens():
    now, other = int(time.time()), Issuer()
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": now + 3600, "grants": []}
    return {
        "none": lambda issuer: "",
        "expired": lambda issuer: issuer.token(exp=now - 3600, nbf=now - 7200),
        "not yet valid": lambda issuer: issuer.token(nbf=now + 3600),
        "of another issuer": lambda issuer: issuer.token(iss="https://elsewhere.example"),
        "for another audience": lambda issuer: issuer.token(aud="payroll"),
        "by another key": lambda issuer: other.token(),
        "unsigned": lambda issuer: jwt.encode(claims, None, algorithm="none"),
        "by a password": lambda issuer: jwt.encode(claims, "secret" * 8, algorithm="HS256"),
    }


@pytest.mark.parametrize("kind", tokens())
def test_a_token_that_does_not_hold_is_refused(caller, issuer, request_id, kind):
    stranger = caller(token=tokens()[kind](issuer) or " ")
    for act in (lambda: post(stranger, request_id()),
                lambda: stranger.call(Ledger, "ListEntries", ledger.ListEntriesRequest(), "energy"),
                lambda: report(stranger, ["420502"])):
        with pytest.raises(grpc.RpcError) as refused:
            act()
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_a_token_of_another_region_neither_reads_nor_writes(caller, request_id):
    post(caller(), request_id(), YILING, 777, "2016-2")
    stranger = caller(subject="xiling", regions=["420502"])
    with pytest.raises(grpc.RpcError) as refused:
        post(stranger, request_id(), YILING, 888, "2016-3")
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
    with pytest.raises(grpc.RpcError) as refused:
        request = ledger.ListEntriesRequest(organizations=[YILING])
        stranger.call(Ledger, "ListEntries", request, "energy")
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    seen = stranger.call(Ledger, "ListEntries", ledger.ListEntriesRequest(), "energy").entries
    assert {entry.content.organization for entry in seen} <= {XILING}


def test_a_report_counts_what_the_token_reaches(caller, request_id):
    clerk, stranger = caller(), caller(subject="xiling", roles=["viewer"], regions=["420502"])
    for organization, amount_fen in ((XILING, 100), (YILING, 7)):
        post(clerk, request_id(), organization, amount_fen, "2015-1", occurred_on="2015-03-01")
    months = "2015-01", "2015-07"
    whole = report(clerk, CITY, *months)
    assert (whole.total.current_fen, whole.scope_limited) == (107, False)
    part = report(stranger, CITY, *months)
    assert (part.total.current_fen, part.scope_limited) == (100, True)
    assert list(part.counted_regions) == ["420502"]
    assert [row.key for row in part.rows] == [XILING]
    own = report(stranger, ["420502"], *months)
    assert (own.total.current_fen, own.scope_limited) == (100, False)
    with pytest.raises(grpc.RpcError) as refused:
        report(stranger, ["420506"], *months)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND


def test_a_role_that_only_reads_does_not_write(caller, request_id):
    with pytest.raises(grpc.RpcError) as refused:
        post(caller(roles=["viewer"]), request_id())
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED


def test_a_common_interface_needs_its_domain(caller):
    with pytest.raises(grpc.RpcError) as refused:
        caller().call(Ledger, "ListCategories", ledger.ListCategoriesRequest())
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "steward-domain" in refused.value.details()
