"""What a tool without our .proto files finds and calls: buf, by the reflection of the gateway."""

import base64
import json
import subprocess
from pathlib import Path

import pytest
from google.rpc import error_details_pb2

BUF = Path(__file__).parent / "node_modules" / ".bin" / "buf"


@pytest.fixture
def curl(suite):
    """`buf curl` of the gateway."""
    def make(target, *arguments):
        command = [BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", *arguments,
                   suite.url("gateway") + target]
        return subprocess.run(command, cwd=suite.folder, capture_output=True, text=True, timeout=60)
    return make


def lines(told):
    assert told.returncode == 0, told.stderr
    return told.stdout.split()


def test_services_and_methods_are_found(curl):
    services = lines(curl("", "--list-services"))
    assert {"steward.ledger.v1.LedgerService", "steward.report.v1.ReportService",
            "steward.identity.v1.IdentityService", "grpc.health.v1.Health"} <= set(services)
    assert len([name for name in services if name.startswith("steward.")]) > 30
    methods = lines(curl("", "--list-methods"))
    assert "steward.ledger.v1.LedgerService/ListDocumentKeys" in methods
    assert {method.partition("/")[0] for method in methods} == set(services)


def test_a_method_that_was_found_is_called(curl, issuer, tmp_path):
    (tmp_path / "headers").write_text(f"authorization: Bearer {issuer.token()}\nsteward-domain: energy\n")
    headers = ["--header", f"@{tmp_path / 'headers'}"]
    target = "/steward.ledger.v1.LedgerService/ListCategories"
    told = curl(target, *headers, "--data", "{}")
    assert told.returncode == 0, told.stderr
    assert "electricity" in [it["code"] for it in json.loads(told.stdout)["categories"]]
    # An answer of several messages, and a refusal with its details.
    keys = '{"period": {"fromMonth": "1999-01", "untilMonth": "1999-02"}}'
    assert curl("/steward.ledger.v1.LedgerService/ListDocumentKeys", *headers, "--data", keys).returncode == 0
    refused = curl(target, "--data", "{}")
    assert refused.returncode != 0
    told = json.loads(refused.stderr)
    detail, _ = told["details"]
    info = error_details_pb2.ErrorInfo.FromString(base64.b64decode(detail["value"] + "=="))
    assert (told["code"], detail["type"]) == ("unauthenticated", "google.rpc.ErrorInfo")
    assert (info.reason, info.domain) == ("UNAUTHENTICATED", "steward")
