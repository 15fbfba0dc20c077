"""The directory is followed through kills of either side: nothing is lost, nothing applied twice."""

import random
import sqlite3
import time
from threading import Thread

import grpc
from steward.directory.v1 import organization_pb2 as organizations
from steward.directory.v1.organization_pb2_grpc import OrganizationServiceStub as Organizations

FOLLOWED = ("organization", "region", "calendar_year")
KILLS = 10


def rows(suite, service, sql):
    """What a service's database holds."""
    with sqlite3.connect(f"file:{suite.folder / service}.sqlite?mode=ro", uri=True, timeout=30) as database:
        return database.execute(sql).fetchall()


def create(caller, request_id, name):
    """Creates an organization, however often the directory is killed meanwhile."""
    organization = organizations.Organization(
        name=name, region="420504", level=organizations.ADMINISTRATIVE_LEVEL_COUNTY,
        kind=organizations.ORGANIZATION_KIND_PUBLIC_INSTITUTION)
    request = organizations.CreateOrganizationRequest(request_id=request_id(), organization=organization)
    end = time.monotonic() + 60
    while True:
        try:
            return caller.call(Organizations, "CreateOrganization", request).organization
        except grpc.RpcError as error:
            assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED), error
            assert time.monotonic() < end, "the directory does not come back"
            time.sleep(0.05)


def kill_now_and_then(suite):
    """Kills one side or the other at odd moments and starts it again."""
    chance = random.Random(7)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.02, 0.4))
        name = chance.choice(["directory", "property"])
        suite.kill(name)
        suite.start(name)
        suite.wait(name)


def test_kills_of_either_side_lose_nothing_and_repeat_nothing(suite, caller, request_id):
    clerk, made = caller(), set()
    killer = Thread(target=kill_now_and_then, args=(suite,))
    killer.start()
    while killer.is_alive():
        made.add(create(clerk, request_id, f"第{len(made)}所").code)
    assert len(made) > KILLS
    head, = rows(suite, "directory", "SELECT max(seq) FROM audit_chain")[0]
    end = time.monotonic() + 60
    while rows(suite, "property", "SELECT seq FROM follow_cursor") != [(head,)]:
        assert time.monotonic() < end, suite.log("property")
        time.sleep(0.1)
    told = rows(suite, "directory", f"SELECT count(*) FROM audit_event WHERE resource_type IN {FOLLOWED}")
    assert rows(suite, "property", "SELECT applied_count FROM follow_cursor") == told
    known = {code for code, in rows(suite, "property", "SELECT code FROM scope_organization")}
    assert made <= known
