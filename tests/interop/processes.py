"""The suite as its users run it: six processes, tokens of an issuer, traces to a collector."""

import os
import signal
import socket
import subprocess
import threading
import time
from concurrent import futures
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
    """Signs tokens with a key of its own."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())

    def key_set(self):
        key = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": "one", "alg": "ES256", "use": "sig"}]}

    def token(self, subject="clerk", roles=EVERY_ROLE, regions=CITY, domain="*", **claims):
        now = int(time.time())
        grants = [{"role": role, "domain": domain, "regions": regions} for role in roles]
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "nbf": now - 5, "exp": now + 3600,
                  "grants": grants, **claims}
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"kid": "one"})


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

    def __init__(self, folder: Path, binaries: Path, issuer: Issuer, collector: Collector):
        self.folder, self.binaries, self.issuer = folder, binaries, issuer
        self.ports = {name: free_port() for name in [*SERVICES, "gateway"]}
        self.common = {
            **{name: value for name, value in os.environ.items() if not name.startswith("STEWARD_")},
            "STEWARD__AUTH__JWKS_FILE": str(folder / "jwks.json"),
            "STEWARD__AUTH__ISSUER": ISSUER,
            "STEWARD__AUTH__AUDIENCE": AUDIENCE,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        self.running = {}

    def start(self, name):
        own = {"STEWARD__SERVER__LISTEN": f"127.0.0.1:{self.ports[name]}"}
        if name == "gateway":
            for service in SERVICES:
                own[f"STEWARD__BACKENDS__{service.upper()}"] = self.url(service)
        else:
            own["STEWARD__DATABASE__URL"] = f"sqlite://{self.folder / name}.sqlite"
        if name in DOMAINS:
            own["STEWARD__DIRECTORY__URL"] = self.url("directory")
            own["STEWARD__DIRECTORY__TOKEN_FILE"] = str(self.folder / "follower.jwt")
        log = open(self.folder / f"{name}.log", "ab")
        self.running[name] = subprocess.Popen(
            [self.binaries / f"steward-{name}"], env={**self.common, **own}, cwd=self.folder,
            stdout=log, stderr=log)

    def wait(self, name, timeout=60):
        """Waits until a process says that it can do its work."""
        end = time.monotonic() + timeout
        while True:
            assert self.running[name].poll() is None, self.log(name)
            try:
                with grpc.insecure_channel(f"127.0.0.1:{self.ports[name]}") as channel:
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
        return f"http://127.0.0.1:{self.ports[name]}"

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
