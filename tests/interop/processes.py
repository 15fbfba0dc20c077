"""The suite as its users run it: six processes, tokens of an issuer, traces to a collector."""

import os
import signal
import socket
import subprocess
import threading
import time
from concurrent import futures
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import grpc
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from grpc_health.v1 import health_pb2, health_pb2_grpc
from jwt.algorithms import ECAlgorithm
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

ISSUER = "https://login.example.gov.cn"
AUDIENCE = "steward"
SERVICES = ["directory", "fleet", "property", "maintenance", "energy"]
DOMAINS = SERVICES[1:]
CITY = ["4205*"]
# Nobody is two of system, security and audit administrator.
EVERY_ROLE = ["viewer", "operator", "manager", "system_admin"]


class Issuer:
    """Signs tokens with a key of its own, and remembers them."""

    def __init__(self, name=ISSUER):
        self.name, self.tokens, self.kid = name, [], "one"
        self.key = ec.generate_private_key(ec.SECP256R1())

    def rotate(self, kid):
        self.key, self.kid = ec.generate_private_key(ec.SECP256R1()), kid

    def key_set(self):
        key = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": self.kid, "alg": "ES256", "use": "sig"}]}

    def token(self, subject="clerk", roles=EVERY_ROLE, regions=CITY, domain="*", **claims):
        now = int(time.time())
        grants = [{"role": role, "domain": domain, "regions": regions} for role in roles]
        claims = {"iss": self.name, "aud": AUDIENCE, "sub": subject, "nbf": now - 5, "exp": now + 3600,
                  "grants": grants, **claims}
        self.tokens.append(jwt.encode(claims, self.key, algorithm="ES256", headers={"kid": self.kid}))
        return self.tokens[-1]


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """An OTLP receiver that keeps the spans."""

    def __init__(self):
        self.spans, self.arrived = [], threading.Condition()
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(self, self.server)
        metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(Metrics(), self.server)
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def Export(self, request, context):
        with self.arrived:
            for resource in request.resource_spans:
                service = {a.key: a.value.string_value for a in resource.resource.attributes}
                for scope in resource.scope_spans:
                    self.spans += [(service["service.name"], span) for span in scope.spans]
            self.arrived.notify_all()
        return trace_service_pb2.ExportTraceServiceResponse()

    def trace(self, trace_id, enough, timeout=30):
        """The spans of a trace, once there are enough of them."""
        def found():
            return [(service, span) for service, span in self.spans if span.trace_id == trace_id]
        with self.arrived:
            assert self.arrived.wait_for(lambda: enough(found()), timeout), found()
            return found()


class Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    """Acknowledges metrics."""

    def Export(self, request, context):
        return metrics_service_pb2.ExportMetricsServiceResponse()


class Suite:
    """Six processes and the ways to them."""

    services, scheme, host, arguments = SERVICES, "http", "127.0.0.1", []

    def __init__(self, folder: Path, binaries: Path, issuer: Issuer, collector: Collector, origins=()):
        self.folder, self.binaries, self.issuer, self.origins = folder, binaries, issuer, origins
        self.ports = {name: free_port() for name in [*SERVICES, "gateway"]}
        self.common = {
            **{name: value for name, value in os.environ.items() if not name.startswith("STEWARD_")},
            "STEWARD__AUTH__ISSUER": issuer.name,
            "STEWARD__AUTH__AUDIENCE": AUDIENCE,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        self.running = {}

    def proofs(self, name):
        """The settings by which a process knows callers and is known."""
        settings = {"STEWARD__AUTH__JWKS_FILE": str(self.folder / "jwks.json")}
        if name in DOMAINS:
            settings["STEWARD__DIRECTORY__TOKEN_FILE"] = str(self.folder / "follower.jwt")
        return settings

    def start(self, name):
        own = {"STEWARD__SERVER__LISTEN": f"127.0.0.1:{self.ports[name]}", **self.proofs(name)}
        if name == "gateway":
            own["STEWARD__HTTP__ORIGINS"] = ",".join(self.origins)
            for service in SERVICES:
                own[f"STEWARD__BACKENDS__{service.upper()}"] = self.url(service)
        else:
            own["STEWARD__DATABASE__URL"] = f"sqlite://{self.folder / name}.sqlite"
        if name in DOMAINS:
            own["STEWARD__DIRECTORY__URL"] = self.url("directory")
        log = open(self.folder / f"{name}.log", "ab")
        self.running[name] = subprocess.Popen(
            [self.binaries / f"steward-{name}", *self.arguments], env={**self.common, **own}, cwd=self.folder,
            stdout=log, stderr=log)

    def start_all(self):
        for name in [*self.services, "gateway"]:
            self.start(name)
        for name in [*self.services, "gateway"]:
            self.wait(name)

    def stop_all(self):
        for name in list(self.running):
            self.stop(name)

    def wait(self, name, timeout=60):
        """Waits until a process says that it can do its work."""
        end = time.monotonic() + timeout
        while True:
            assert self.running[name].poll() is None, self.log(name)
            try:
                with grpc.insecure_channel(f"127.0.0.1:{self.health_port(name)}") as channel:
                    health = health_pb2_grpc.HealthStub(channel)
                    answer = health.Check(health_pb2.HealthCheckRequest(service="readiness"), timeout=2)
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
            except grpc.RpcError:
                pass
            assert time.monotonic() < end, self.log(name)
            time.sleep(0.1)

    def stop(self, name):
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, self.log(name)

    def kill(self, name):
        process = self.running.pop(name)
        process.kill()
        process.wait(60)

    def url(self, name):
        return f"{self.scheme}://{self.host}:{self.ports[name]}"

    def health_port(self, name):
        return self.ports[name]

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def logged_secrets(self):
        """Where a log tells a token, or of a private key; each log must have something."""
        secrets = ["PRIVATE KEY", *(token.split(".")[1] for token in self.issuer.tokens)]
        for file in self.folder.glob("*.key"):
            secrets += [line for line in file.read_text().splitlines() if len(line) > 20 and " " not in line]
        logs = {file.name: file.read_text(errors="replace") for file in self.folder.glob("*.log")}
        assert logs and all(logs.values())
        return [(name, secret) for name, text in logs.items() for secret in secrets if secret in text]


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *told):
        pass


@contextmanager
def serving(handler, tls=None):
    """An HTTP server on a free port, with TLS or without."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextmanager
def pages():
    """An origin with the page that the run has made."""
    with serving(partial(Quiet, directory=os.environ["STEWARD_PAGE"])) as port:
        yield f"http://localhost:{port}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
