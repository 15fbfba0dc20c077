"""Starts the suite once for all tests and makes callers for it."""

import json
import os
import sys
import uuid
from pathlib import Path

import grpc
import pytest

sys.path.insert(0, os.environ["STEWARD_GENERATED"])

from processes import Collector, Issuer, Suite, pages  # noqa: E402


@pytest.fixture(scope="session")
def issuer():
    return Issuer()


@pytest.fixture(scope="session")
def collector():
    collector = Collector()
    yield collector
    collector.server.stop(None)


@pytest.fixture(scope="session")
def origins():
    """Two origins with the same page: the gateway allows the first one to call."""
    with pages() as ours, pages() as others:
        yield ours, others


@pytest.fixture(scope="session")
def suite(tmp_path_factory, issuer, collector, origins):
    folder = tmp_path_factory.mktemp("suite")
    (folder / "jwks.json").write_text(json.dumps(issuer.key_set()))
    follower = issuer.token("follower", ["viewer"], ["*"], "directory")
    (folder / "follower.jwt").write_text(follower)
    suite = Suite(folder, Path(os.environ["STEWARD_BINARIES"]), issuer, collector, origins[:1])
    suite.start_all()
    yield suite
    suite.stop_all()
    assert suite.logged_secrets() == []


class Caller:
    """Calls methods of the suite through the gateway with one token."""

    def __init__(self, channel, token):
        self.channel, self.token = channel, token

    def call(self, stub, method, request, domain=None, headers=()):
        metadata = [*headers]
        if self.token is not None:
            metadata.append(("authorization", f"Bearer {self.token}"))
        if domain:
            metadata.append(("steward-domain", domain))
        return getattr(stub(self.channel), method)(request, metadata=metadata, timeout=30)


@pytest.fixture(scope="session")
def channel(suite):
    with grpc.insecure_channel(f"127.0.0.1:{suite.ports['gateway']}") as channel:
        yield channel


@pytest.fixture
def caller(channel, issuer):
    """A caller with a token of the issuer: `caller(regions=[…], roles=[…])`; or with any other."""
    def make(token=None, **claims):
        return Caller(channel, token or issuer.token(**claims))
    return make


@pytest.fixture
def request_id():
    return lambda: str(uuid.uuid4())
