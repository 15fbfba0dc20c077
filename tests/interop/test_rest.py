"""The gateway as front ends and scripts see it: JSON over HTTP, its description, and gRPC-Web over HTTP/1.1."""

import base64
import http.client
import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate
from steward.fleet.v1 import vehicle_pb2 as vehicles

HERE = Path(__file__).parent
ORGANIZATION = "11420502000000027D"


class Http:
    """Calls over HTTP with one token."""

    def __init__(self, port, token):
        self.port, self.token = port, token

    def send(self, method, target, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = dict(headers)
        if self.token:
            headers.setdefault("authorization", f"Bearer {self.token}")
        try:
            connection.request(method, target, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def json(self, method, target, body=None, headers=()):
        text = None if body is None else json.dumps(body)
        status, told, answer = self.send(method, target, text, {"content-type": "application/json", **dict(headers)})
        assert told["content-type"] == "application/json", (status, answer)
        return status, told, json.loads(answer)


@pytest.fixture
def front_end(suite, issuer):
    def make(token=None, anonymous=False, **claims):
        token = None if anonymous else token or issuer.token(**claims)
        return Http(suite.ports["gateway"], token)
    return make


def car(plate, **changes):
    return {"organization": ORGANIZATION, "plate": plate, "category": "VEHICLE_CATEGORY_EMERGENCY",
            "body": "VEHICLE_BODY_CAR", "powerSource": "POWER_SOURCE_PETROL", "model": "东风风神 A60",
            "displacementMl": 1600, "priceFen": "9980000", "seats": 5, "acquiredOn": "2014-06-30", **changes}


def reason(answer):
    return next(it["reason"] for it in answer["details"] if it["@type"].endswith("ErrorInfo"))


def faults(answer):
    found = [it["fieldViolations"] for it in answer["details"] if it["@type"].endswith("BadRequest")]
    return [(it["field"], it["reason"]) for it in found[0]] if found else []


def test_a_vehicle_is_registered_found_and_changed(front_end, request_id):
    clerk, key = front_end(), {"Idempotency-Key": request_id()}
    status, told, made = clerk.json("POST", "/fleet/v1/vehicles", {"vehicle": car("鄂E·r0001")}, key)
    assert (status, made["plate"], made["priceFen"]) == (200, "鄂ER0001", "9980000")
    assert told["etag"] == '"1"' and told["x-content-type-options"] == "nosniff"
    again = clerk.json("POST", "/fleet/v1/vehicles", {"vehicle": car("鄂E·r0001")}, key)
    assert again[2] == made, "it is done once"
    target = f"/fleet/v1/vehicles/{made['id']}"
    assert clerk.json("GET", target)[2] == made
    listed = clerk.json("GET", "/fleet/v1/vehicles?plateContains=R000&page_size=5&state=VEHICLE_STATE_HELD")
    assert [it["id"] for it in listed[2]["vehicles"]] == [made["id"]]
    change = {"vehicle": {"note": "年检合格"}, "updateMask": "note"}
    match = {"If-Match": told["etag"], "Idempotency-Key": request_id()}
    status, _, changed = clerk.json("PATCH", target, change, match)
    assert (status, changed["note"], changed["etag"]) == (200, "年检合格", "2")
    match["Idempotency-Key"] = request_id()
    status, _, stale = clerk.json("PATCH", target, change, match)
    assert (status, reason(stale)) == (412, "ETAG_STALE")
    change["vehicle"]["etag"], match = "1", {"Idempotency-Key": request_id()}
    assert clerk.json("PATCH", target, change, match)[0] == 409, "without If-Match it is a conflict"


def test_common_interfaces_are_below_their_domain(front_end, request_id):
    clerk = front_end()
    entry = {"organization": ORGANIZATION, "category": "electricity", "occurredOn": "2017-05-03",
             "amountFen": "12345", "documentNo": "REST-1"}
    posted = clerk.json("POST", "/energy/v1/entries:post", {"requestId": request_id(), "entries": [entry]})
    assert posted[0] == 200, posted
    query = "/energy/v1/entries?documentNo=REST-1"
    assert [it["content"]["amountFen"] for it in clerk.json("GET", query)[2]["entries"]] == ["12345"]
    assert clerk.json("GET", query.replace("energy", "property"))[2]["entries"] == []
    assert clerk.json("GET", query.replace("/energy", ""))[0] == 404
    keys = "/energy/v1/documentKeys?period.fromMonth=2017-05&period.untilMonth=2017-06"
    status, told, lines = clerk.send("GET", keys)
    assert (status, told["content-type"]) == (200, "application/x-ndjson")
    lines = [json.loads(line) for line in lines.splitlines()]
    assert any(key["documentNo"] == "REST-1" for line in lines for key in line["keys"]), lines


def test_who_may_not_is_told_so(front_end):
    target = "/fleet/v1/vehicles"
    for caller in [front_end(anonymous=True), front_end(token="x.y.z")]:
        status, told, answer = caller.json("GET", target)
        assert (status, reason(answer), told["www-authenticate"]) == (401, "UNAUTHENTICATED", "Bearer")
    viewer = front_end(roles=["viewer"])
    status, _, answer = viewer.json("POST", target, {"vehicle": car("鄂E·r0002")})
    assert (status, reason(answer)) == (403, "ROLE_MISSING")
    # Nothing that calls itself the suite's own is believed.
    smuggled = {"steward-subject": "root", "steward-domain": "energy", "steward-address": "10.0.0.1"}
    assert front_end(anonymous=True).json("GET", target, headers=smuggled)[0] == 401
    assert front_end().json("GET", "/fleet/v1/entries?documentNo=REST-1", headers=smuggled)[2]["entries"] == []


def test_hostile_requests_are_refused_by_field(front_end):
    clerk, target = front_end(), "/fleet/v1/vehicles"
    json_type = {"content-type": "application/json"}
    for method, path, body, status, told in [
        ("POST", target, b"{" + b" " * 10_000_000 + b"}", 413, "REQUEST_TOO_LARGE"),
        ("POST", target, b"[" * 100_000, 400, "JSON_MALFORMED"),
        ("POST", target, b'{"vehicle": {"plate": "\xff\xfe"}}', 400, "JSON_MALFORMED"),
        ("POST", target, b'{"vehicle": {}, "vehicle": {}}', 400, "JSON_MALFORMED"),
        ("POST", target, b'{"vehicle": {"seats": "many"}}', 400, ("vehicle.seats", "FIELD_MALFORMED")),
        ("POST", target, b'{"vehicle": {"colour": 1}}', 400, ("vehicle.colour", "FIELD_UNKNOWN")),
        ("POST", target + "?validateOnly=true", b"{}", 400, ("validateOnly", "FIELD_UNKNOWN")),
        ("GET", target + "?pageSize=999999999", None, 400, ("page_size", "PAGE_SIZE_OUT_OF_RANGE")),
        ("GET", target + "?pageSize=99999999999", None, 400, ("page_size", "FIELD_MALFORMED")),
        ("GET", target + "?plateContains=%ff", None, 400, ("", "FIELD_MALFORMED")),
        ("GET", target + "/%ff", None, 400, ("id", "FIELD_MALFORMED")),
        ("GET", target + "/..%2f..%2fetc", None, 400, ("id", "ID_MALFORMED")),
        ("GET", "/fleet/v1/nothing", None, 404, "PATH_UNKNOWN"),
        ("DELETE", target, None, 405, "METHOD_NOT_ALLOWED"),
    ]:
        got, headers, answer = clerk.send(method, path, body, json_type)
        answer = json.loads(answer)
        assert got == status, (method, path, answer)
        assert told in [reason(answer), *faults(answer)], (method, path, answer)
        if status == 405:
            assert {it.strip() for it in headers["allow"].split(",")} == {"GET", "POST"}
    for headers in [{"content-type": "text/xml"}, {**json_type, "content-encoding": "gzip"}]:
        assert clerk.send("POST", target, b"{}", headers)[0] == 415
    too_many = {f"x-{place}": "x" * 1_000 for place in range(2_000)}
    assert clerk.send("GET", target, None, too_many)[0] == 431


def linted(document, folder):
    """The rules that a description breaks."""
    (folder / "openapi.json").write_text(json.dumps(document))
    told = subprocess.run(
        [HERE / "node_modules" / ".bin" / "redocly", "lint", "--config", HERE / "redocly.yaml", "--format", "json",
         "openapi.json"],
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        cwd=folder, capture_output=True, text=True, timeout=300)
    found = json.loads(told.stdout)["problems"]
    assert told.returncode == (1 if found else 0), told.stderr
    return {it["ruleId"] for it in found}


def test_a_linter_finds_no_fault_in_the_description(front_end, tmp_path):
    document = front_end(anonymous=True).json("GET", "/openapi.json")[2]
    assert linted(document, tmp_path) == set()
    # It would see one.
    document["paths"]["/fleet/v1/vehicles/{id}"]["get"]["parameters"] = []
    assert linted(document, tmp_path) == {"path-parameters-defined"}


def test_the_description_is_valid_and_open(front_end):
    anybody = front_end(anonymous=True)
    status, _, document = anybody.json("GET", "/openapi.json")
    assert status == 200
    validate(document)
    operation = document["paths"]["/fleet/v1/vehicles/{id}"]["get"]
    roles = ["viewer", "operator", "manager", "auditor"]
    assert operation["security"] == [{"bearer": roles}, {"certificate": roles}]
    assert "post" in document["paths"]["/property/v1/entries:post"]
    status, told, page = anybody.send("GET", "/docs")
    assert (status, told["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<script" not in page and b"http://" not in page and b"https://" not in page


@pytest.mark.parametrize("text", [False, True])
def test_grpc_web_over_http_1(front_end, text):
    kind = "application/grpc-web-text" if text else "application/grpc-web+proto"
    message = vehicles.ListVehiclesRequest(plate_contains="R000").SerializeToString()
    frame = b"\0" + struct.pack(">I", len(message)) + message
    body = base64.b64encode(frame) if text else frame
    target = "/steward.fleet.v1.VehicleService/ListVehicles"
    headers = {"content-type": kind, "accept": kind, "x-grpc-web": "1"}
    status, told, answer = front_end().send("POST", target, body, headers)
    assert status == 200 and told["content-type"].startswith(kind.split("+")[0]) and answer, dict(told)
    if text:
        answer = b"".join(base64.b64decode(answer[at:at + 4]) for at in range(0, len(answer), 4))
    (length,) = struct.unpack(">I", answer[1:5])
    listed = vehicles.ListVehiclesResponse.FromString(answer[5:5 + length])
    assert [it.plate for it in listed.vehicles] == ["鄂ER0001"]
    assert b"grpc-status:0" in answer[5 + length:].replace(b" ", b"")


def test_what_the_description_allows_breaks_nothing(suite, issuer, tmp_path):
    """Schemathesis makes requests of the description, fitting and unfitting ones: no answer is a fault, and each
    has the form that is described. Of the common interfaces those of one domain stand for all."""
    token = issuer.token("fuzzer", regions=["420599"])
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    told = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "run", f"{suite.url('gateway')}/openapi.json",
         "--header", f"Authorization: Bearer {token}", "--checks", checks,
         "--include-path-regex", "^/(fleet|directory|report)/", "--phases", "coverage,fuzzing",
         "--max-examples", "10", "--seed", "1", "--generation-database", "none", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, timeout=900)
    assert told.returncode == 0, told.stdout[-8000:]
    summary = told.stdout[told.stdout.index("= SUMMARY ="):]
    print(summary)
    (selected,), (tested,) = [re.findall(name + r": (\d+)", summary) for name in ["Selected", "Tested"]]
    assert selected == tested and int(tested) > 100, summary
