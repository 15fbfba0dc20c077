"""Who calls, over TLS: people by tokens of an issuer that is asked for its keys, systems by certificates."""

import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import grpc
import jwt
import pytest
from steward.directory.v1 import region_pb2 as regions
from steward.directory.v1.region_pb2_grpc import RegionServiceStub as Regions
from steward.ledger.v1 import ledger_service_pb2 as ledger
from steward.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub as Ledger

from conftest import Caller
from identities import FINANCE, ODD, Authority, SecureSuite, answering, named
from processes import Issuer
from test_ledger import XILING, YILING, post
from test_directory import booked_in_the_end, create
from test_rest import reason

SYSTEM = "x509:CN=finance,O=财政局"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("secure")


@pytest.fixture(scope="module")
def authority(folder):
    return Authority(folder, "authority")


@pytest.fixture(scope="module")
def secure(folder, authority, collector):
    """Processes with certificates, an issuer with a certificate of another authority."""
    issuer_authority = Authority(folder, "issuer-authority")
    with answering(issuer_authority) as issuer:
        binaries = Path(os.environ["STEWARD_BINARIES"])
        suite = SecureSuite(folder, binaries, issuer, collector, authority, issuer_authority)
        suite.start_all()
        yield suite
        suite.stop_all()


class Https:
    """Calls a process by Python's urllib, with a token, a certificate or neither."""

    def __init__(self, suite, token=None, certificate=None, name="gateway"):
        self.url, self.token = suite.url(name), token
        suite.issuer.tokens += [token] if token else []
        tls = ssl.create_default_context(cafile=suite.authority.ca)
        if certificate:
            tls.load_cert_chain(*certificate)
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls))

    def get(self, target):
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        request = urllib.request.Request(self.url + target, headers=headers)
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)


@pytest.fixture(scope="module")
def finance(authority):
    return authority.issue("finance", FINANCE)


@pytest.fixture
def dial(secure):
    """A caller over TLS: `dial(token)`, `dial(certificate=…)`; of the gateway, or of another process."""
    channels = []

    def make(token=None, certificate=None, name="gateway"):
        own = [file.read_bytes() for file in reversed(certificate)] if certificate else [None, None]
        credentials = grpc.ssl_channel_credentials(secure.authority.ca.read_bytes(), *own)
        secure.issuer.tokens += [token] if token else []
        channels.append(grpc.secure_channel(f"localhost:{secure.ports[name]}", credentials))
        return Caller(channels[-1], token)
    yield make
    for channel in channels:
        channel.close()


def list_regions(caller, headers=()):
    return caller.call(Regions, "ListRegions", regions.ListRegionsRequest(), headers=headers).regions


def refusal(act):
    with pytest.raises(grpc.RpcError) as refused:
        act()
    return refused.value.code()


def test_a_token_of_the_issuer_works_by_grpc_and_by_rest(secure, dial):
    token = secure.issuer.token("li")
    assert list_regions(dial(token))[0].code == "420500"
    status, told = Https(secure, token).get("/directory/v1/regions?pageSize=1")
    assert (status, told["regions"][0]["code"]) == (200, "420500")
    status, identity = Https(secure, token).get("/v1/identity")
    assert (status, identity["subject"], identity["proof"]) == (200, "li", "PROOF_TOKEN")
    assert identity["address"] == "127.0.0.1"


@pytest.mark.parametrize("offered, chosen", [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1")])
def test_the_protocol_is_agreed_on_in_the_handshake(secure, offered, chosen):
    tls = ssl.create_default_context(cafile=secure.authority.ca)
    tls.set_alpn_protocols(offered)
    with socket.create_connection(("127.0.0.1", secure.ports["gateway"]), 30) as plain:
        with tls.wrap_socket(plain, server_hostname="localhost") as connection:
            assert connection.selected_alpn_protocol() == chosen
            assert connection.version() == "TLSv1.3"


def test_without_tls_nothing_is_answered_but_health_beside(secure):
    with grpc.insecure_channel(f"127.0.0.1:{secure.ports['gateway']}") as channel:
        assert refusal(lambda: list_regions(Caller(channel, secure.issuer.token()))) == grpc.StatusCode.UNAVAILABLE
    for name in secure.running:
        secure.wait(name)
        with grpc.insecure_channel(f"127.0.0.1:{secure.health[name]}") as channel:
            caller = Caller(channel, secure.issuer.token())
            assert refusal(lambda: list_regions(caller)) == grpc.StatusCode.UNIMPLEMENTED


def test_a_system_is_known_by_its_certificate(secure, dial, finance):
    assert list_regions(dial(certificate=finance))[0].code == "420500"
    system = Https(secure, certificate=finance)
    status, told = system.get("/directory/v1/regions?pageSize=1")
    assert (status, told["regions"][0]["code"]) == (200, "420500")
    status, identity = system.get("/v1/identity")
    assert (status, identity["subject"], identity["proof"]) == (200, SYSTEM, "PROOF_CERTIFICATE")
    [grant] = identity["grants"]
    assert (grant["role"], grant["domain"], grant["regions"]) == ("ROLE_VIEWER", "*", ["420502"])
    assert list_regions(dial(certificate=finance, name="directory")), "also by the service itself"


@pytest.mark.parametrize("subject", ODD, ids=["escapes", "spaces", "kinds"])
def test_names_of_systems_are_written_as_others_write_them(secure, authority, subject):
    odd = Https(secure, certificate=authority.issue("odd", subject))
    status, identity = odd.get("/v1/identity")
    assert (status, identity["subject"]) == (200, f"x509:{subject.rfc4514_string()}")


def test_a_system_does_what_is_granted_to_it(secure, dial, finance, request_id):
    post(dial(secure.issuer.token()), request_id(), YILING, 777, "S-1")
    system = dial(certificate=finance)
    request = ledger.ListEntriesRequest(organizations=[YILING])
    assert refusal(lambda: system.call(Ledger, "ListEntries", request, "energy")) == grpc.StatusCode.NOT_FOUND
    assert refusal(lambda: post(system, request_id())) == grpc.StatusCode.PERMISSION_DENIED


def test_a_certificate_that_nobody_knows_proves_nothing(secure, dial, authority, tmp_path):
    strangers = [authority.issue("stranger"), authority.issue("tax", named(("O", "税务局"), ("CN", "finance"))), None]
    for certificate in strangers:
        status, told = Https(secure, certificate=certificate).get("/directory/v1/regions")
        assert (status, reason(told)) == (401, "UNAUTHENTICATED")
        assert refusal(lambda: list_regions(dial(certificate=certificate))) == grpc.StatusCode.UNAUTHENTICATED
    forged = Authority(tmp_path, "authority").issue("finance", FINANCE)
    with pytest.raises((urllib.error.URLError, ssl.SSLError, ConnectionError)):
        Https(secure, certificate=forged).get("/directory/v1/regions")
    assert refusal(lambda: list_regions(dial(certificate=forged))) == grpc.StatusCode.UNAVAILABLE


def test_nobody_but_the_gateway_calls_for_others(secure, dial, authority):
    said = [("steward-client-certificate", quote("CN=finance,O=财政局"))]
    stranger = authority.issue("stranger")
    for name, certificate in [("gateway", None), ("gateway", stranger), ("directory", None), ("directory", stranger)]:
        caller = dial(certificate=certificate, name=name)
        assert refusal(lambda: list_regions(caller, said)) == grpc.StatusCode.UNAUTHENTICATED, name
    gateway = [secure.folder / f"steward-gateway.{kind}" for kind in ["crt", "key"]]
    assert list_regions(dial(certificate=gateway, name="directory"), said), "it is believed"


def test_a_service_follows_the_directory_by_its_certificate(secure, dial, request_id):
    clerk = dial(secure.issuer.token())
    made = create(clerk, request_id, "高新区证书管理所")
    posted = booked_in_the_end(clerk, request_id, made.code, "energy", "electricity")
    assert posted.posted_count == 1


def test_claims_of_the_issuer_are_mapped_to_grants(secure, dial, request_id):
    claims = {"realm_access": {"roles": ["energy-clerk"]}, "places": ["420502"]}
    token = secure.issuer.token("zhang", [], **claims)
    _, identity = Https(secure, token).get("/v1/identity")
    [grant] = identity["grants"]
    assert (grant["role"], grant["domain"], grant["regions"]) == ("ROLE_OPERATOR", "energy", ["420502"])
    assert post(dial(token), request_id(), document="M-1").posted_count == 1
    assert refusal(lambda: post(dial(token), request_id(), YILING)) == grpc.StatusCode.PERMISSION_DENIED
    nothing = secure.issuer.token("zhang", [], realm_access={"roles": ["cook"]}, places=["420502"])
    assert refusal(lambda: post(dial(nothing), request_id())) == grpc.StatusCode.PERMISSION_DENIED


def by_its_public_key(issuer):
    """A token whose secret is what everybody may know: the issuer's public key."""
    part = lambda it: base64.urlsafe_b64encode(json.dumps(it).encode()).rstrip(b"=")  # noqa: E731
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    signed = part({"alg": "HS256", "kid": issuer.kid}) + b"." + part(claims)
    secret = json.dumps(issuer.key_set()["keys"][0]).encode()
    signature = hmac.new(secret, signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def unsigned(issuer):
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    return jwt.encode(claims, None, algorithm="none", headers={"kid": issuer.kid})


def by_another_key(issuer):
    other = Issuer(issuer.name)
    other.kid = issuer.kid
    return other.token()


def altered(issuer):
    head, claims, signature = issuer.token(regions=["420502"]).split(".")
    wider = json.loads(base64.urlsafe_b64decode(claims + "=="))
    wider["grants"][0]["regions"] = ["*"]
    claims = base64.urlsafe_b64encode(json.dumps(wider).encode()).rstrip(b"=").decode()
    return f"{head}.{claims}.{signature}"


TOKENS = {
    "expired": lambda issuer: issuer.token(exp=int(time.time()) - 3600, nbf=int(time.time()) - 7200),
    "not yet valid": lambda issuer: issuer.token(nbf=int(time.time()) + 3600),
    "for another audience": lambda issuer: issuer.token(aud="payroll"),
    "for no audience": lambda issuer: issuer.token(aud=[]),
    "of another issuer": lambda issuer: issuer.token(iss="https://elsewhere.example"),
    "by another key with the same name": by_another_key,
    "by its public key": by_its_public_key,
    "unsigned": unsigned,
    "altered": altered,
}


@pytest.mark.parametrize("kind", TOKENS)
def test_a_token_that_does_not_hold_is_refused_at_every_hop(secure, dial, kind):
    token = TOKENS[kind](secure.issuer)
    for target in ["/v1/identity", "/directory/v1/regions"]:
        status, told = Https(secure, token).get(target)
        assert (status, reason(told)) == (401, "UNAUTHENTICATED")
    for name in ["gateway", "directory"]:
        assert refusal(lambda: list_regions(dial(token, name=name))) == grpc.StatusCode.UNAUTHENTICATED


def test_a_token_of_another_region_sees_nothing_of_this_one(secure, dial, request_id):
    post(dial(secure.issuer.token()), request_id(), YILING, 778, "S-2")
    stranger = Https(secure, secure.issuer.token("xiling", ["viewer"], ["420502"]))
    for filtered in [f"organizations={YILING}", "regions=420506"]:
        assert stranger.get(f"/energy/v1/entries?{filtered}")[0] == 404
    assert stranger.get("/energy/v1/entries?documentNo=S-2") == (200, {"entries": [], "nextPageToken": ""})
    own = Https(secure, secure.issuer.token("yiling", ["viewer"], ["420506"]))
    assert len(own.get("/energy/v1/entries?documentNo=S-2")[1]["entries"]) == 1


def test_the_command_line_reports_over_tls(secure, dial, request_id, tmp_path):
    token = secure.issuer.token(roles=["viewer", "operator"])
    post(dial(token), request_id(), XILING, 1_234_500, "C-1", occurred_on="2013-03-01")
    (tmp_path / "token").write_text(token)
    command = [secure.binaries / "steward", "report", "--server", secure.url("gateway"), "--from", "2013-01",
               "--to", "2013-06", "--unit", "yuan", "--lang", "en", "--token-file", tmp_path / "token"]
    told = subprocess.run([*command, "--ca-file", secure.authority.ca], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0 and "12345.00" in told.stdout, (told.stdout, told.stderr)
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert told.returncode != 0 and "is not believed" in told.stderr, told.stderr
    assert token not in told.stderr


def test_made_up_keys_do_not_have_the_issuer_asked_again_and_again(secure):
    before = secure.issuer.asked.count("/keys")
    for number in range(30):
        forged = Issuer(secure.issuer.name)
        forged.kid = f"made-up-{number}"
        assert Https(secure, forged.token()).get("/directory/v1/regions")[0] == 401
    assert secure.issuer.asked.count("/keys") - before <= len(secure.running)


def test_keys_rotate_without_a_restart(secure, dial):
    old = secure.issuer.token()
    assert list_regions(dial(old))
    secure.issuer.rotate("two")
    new, end = secure.issuer.token(), time.monotonic() + 30
    while Https(secure, new).get("/directory/v1/regions")[0] != 200:
        assert time.monotonic() < end, secure.log("directory")
        time.sleep(0.5)
    assert Https(secure, new).get("/v1/identity")[0] == 200
    assert Https(secure, old).get("/v1/identity")[0] == 401, "what the old key signed holds no more"
    assert refusal(lambda: list_regions(dial(old, name="directory"))) == grpc.StatusCode.UNAUTHENTICATED


def test_no_log_tells_a_token_or_a_private_key(secure):
    assert len(secure.issuer.tokens) > 50
    assert secure.logged_secrets() == []
