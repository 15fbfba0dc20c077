"""A front end in Chromium, of another origin than the gateway: connect-web, and Google's client in
the text form, by the gRPC-Web door."""

import json
import os
import subprocess
import uuid
from pathlib import Path

import grpc
import pytest
from steward.ledger.v1 import entry_pb2 as entries
from steward.ledger.v1 import ledger_service_pb2 as ledger
from steward.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub as Ledger

from conftest import Caller
from test_ledger import XILING

DRIVER = Path(__file__).parent / "browser" / "drive.mjs"
PERIOD = {"fromMonth": "2012-05", "untilMonth": "2012-06"}
# A part of a stream holds at most 1,000 keys.
EARLIER = 1_000


@pytest.fixture(scope="module")
def browse(suite, issuer):
    """Opens the page of an origin, lets it work, and answers what came of it and what the console says."""
    def make(origin, document_no):
        entry = {"organization": XILING, "category": "electricity", "occurredOn": "2012-05-07",
                 "amountFen": 90_071_992_547, "documentNo": document_no, "memo": "五月电费"}
        work = {"gateway": suite.url("gateway"), "token": issuer.token("page"), "entry": entry, "period": PERIOD}
        told = subprocess.run(
            ["node", DRIVER], timeout=120, capture_output=True, text=True,
            input=json.dumps({"executablePath": os.environ["STEWARD_CHROMIUM"], "page": origin, "work": work}))
        assert told.returncode == 0, told.stderr
        return json.loads(told.stdout)
    return make


@pytest.fixture(scope="module")
def allowed(browse, origins, channel, issuer):
    """What a page of an origin comes to that the gateway allows, with many entries there already."""
    many = [entries.NewEntry(organization=XILING, category="electricity", occurred_on="2012-05-04",
                             amount_fen=100, document_no=f"W-{number:04}") for number in range(EARLIER)]
    request = ledger.PostEntriesRequest(request_id=str(uuid.uuid4()), entries=many)
    posted = Caller(channel, issuer.token()).call(Ledger, "PostEntries", request, "energy")
    assert posted.posted_count == EARLIER
    return browse(origins[0], "X-ALLOWED")


def test_a_page_reads_posts_and_reads_what_it_posted(allowed):
    done = allowed["done"]
    assert done["regions"]["answer"][0] == ["420500", "宜昌市本级"]
    assert len(done["regions"]["answer"]) == 3
    assert done["posted"]["answer"] == 1
    assert done["read"]["answer"] == [["X-ALLOWED", "90071992547", "五月电费"]]


def test_a_page_reads_a_stream_part_by_part(allowed):
    first, second = allowed["done"]["streamed"]["answer"]
    assert (first[0], len(first), second) == ("W-0000", EARLIER, ["X-ALLOWED"])


def test_a_page_does_the_same_in_the_text_form(allowed):
    done = allowed["done"]
    text = done["text"]["answer"]
    assert (text["regions"], text["parts"]) == (done["regions"]["answer"], done["streamed"]["answer"])
    assert text["refused"] == grpc.StatusCode.INVALID_ARGUMENT.value[0]


def test_a_page_is_told_why_it_is_refused(allowed):
    faulty, anonymous = (allowed["done"][name]["refused"] for name in ["faulty", "anonymous"])
    assert (faulty["code"], faulty["reasons"]) == ("InvalidArgument", ["AMOUNT_OUT_OF_RANGE"])
    assert faulty["fields"] == ["entries[0].amount_fen"]
    assert faulty["sentences"][0][0] == "zh-CN"
    assert (anonymous["code"], anonymous["reasons"]) == ("Unauthenticated", ["UNAUTHENTICATED"])
    stream = allowed["done"]["unstreamed"]["refused"]
    assert (stream["code"], stream["reasons"], stream["fields"]) == ("InvalidArgument", ["REQUIRED"], ["period"])
    assert not any("CORS" in line for line in allowed["said"]), allowed["said"]


def test_a_page_of_another_origin_is_kept_out(browse, origins, caller):
    kept_out = browse(origins[1], "X-OTHERS")
    for name, came in kept_out["done"].items():
        assert "refused" in came and not came["refused"]["reasons"], (name, came)
    assert sum("blocked by CORS policy" in line for line in kept_out["said"]) == len(kept_out["done"])
    request = ledger.ListEntriesRequest(document_no="X-OTHERS")
    assert not caller().call(Ledger, "ListEntries", request, "energy").entries, "nor did it post anything"
