"""What proves who somebody is: an authority for certificates, an issuer that is asked for its keys, and
processes that know both."""

import datetime
import ipaddress
import json
import ssl
from contextlib import contextmanager

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from processes import Issuer, Quiet, Suite, free_port, serving

LOCALHOST = x509.SubjectAlternativeName(
    [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])

def named(*parts):
    """A name of these parts, the widest first: `named(("O", "财政局"), ("CN", "finance"))`."""
    return x509.Name([x509.NameAttribute(KINDS[kind], text) for kind, text in parts])


KINDS = {"C": NameOID.COUNTRY_NAME, "ST": NameOID.STATE_OR_PROVINCE_NAME, "L": NameOID.LOCALITY_NAME,
         "O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "CN": NameOID.COMMON_NAME,
         "DC": NameOID.DOMAIN_COMPONENT, "UID": NameOID.USER_ID}
FINANCE = named(("O", "财政局"), ("CN", "finance"))
# Names that are not written as they are.
ODD = [
    named(("C", "CN"), ("O", 'Wuhan, Ltd+x;y<z>"q"\\e'), ("CN", "a=b")),
    named(("O", " 两端有空格 "), ("CN", "#1")),
    named(("DC", "cn"), ("ST", "湖北"), ("L", "宜昌"), ("OU", "一科"), ("UID", "u"), ("CN", "all")),
]

# Who is known by a certificate, and what claims of the issuer's own grant.
CONFIGURATION = """
[auth]
gateway = "CN=steward-gateway"

[[auth.systems]]
certificate = "CN=finance,O=财政局"
grants = [{ role = "viewer", domain = "*", regions = ["420502"] }]

[[auth.systems]]
certificate = "CN=steward-energy"
grants = [{ role = "viewer", domain = "directory", regions = ["*"] }]

[[auth.mappings]]
claim = "/realm_access/roles"
value = "energy-clerk"
role = "operator"
domain = "energy"
regions_claim = "places"
"""


class Authority:
    """Signs certificates, and leaves them with their keys in a folder."""

    def __init__(self, folder, name):
        self.folder, self.subject = folder, named(("CN", name))
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.ca = folder / f"{name}.crt"
        made = self.certificate(self.subject, self.key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True)
        made = made.add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
        self.write(self.ca, made)

    def certificate(self, subject, key):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.subject).public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False))

    def write(self, file, certificate):
        signed = certificate.sign(self.key, hashes.SHA256())
        file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def issue(self, name, subject=None):
        """A certificate for both sides of a connection, and its key; answers their files of that name."""
        key = ec.generate_private_key(ec.SECP256R1())
        both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        made = self.certificate(subject or named(("CN", name)), key.public_key())
        made = made.add_extension(LOCALHOST, critical=False)
        made = made.add_extension(usage(digital_signature=True), critical=True)
        made = made.add_extension(x509.ExtendedKeyUsage(both), critical=False)
        certificate, private = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        self.write(certificate, made)
        private.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return certificate, private


def usage(**uses):
    every = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{use: uses.get(use, False) for use in every})


@contextmanager
def answering(authority):
    """An issuer that tells its keys as OpenID Connect Discovery says, and remembers how often."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.issue("issuer"))
    issuer, asked = Issuer(), []

    class Answers(Quiet):
        def do_GET(self):
            asked.append(self.path)
            known = {
                "/.well-known/openid-configuration": {"issuer": issuer.name, "jwks_uri": f"{issuer.name}/keys"},
                "/keys": issuer.key_set(),
            }
            text = json.dumps(known.get(self.path)).encode()
            self.send_response(200 if self.path in known else 404)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    with serving(Answers, tls) as port:
        issuer.name, issuer.asked = f"https://localhost:{port}", asked
        yield issuer


class SecureSuite(Suite):
    """The directory, energy and the gateway with mutual TLS. The other services are not there."""

    services, scheme, host = ["directory", "energy"], "https", "localhost"
    arguments = ["--config", "steward.toml"]

    def __init__(self, folder, binaries, issuer, collector, authority, issuer_authority):
        super().__init__(folder, binaries, issuer, collector)
        self.authority, self.issuer_authority = authority, issuer_authority
        self.health = {name: free_port() for name in [*self.services, "gateway"]}
        # Even so nothing secret is logged, by no library.
        self.common["STEWARD__LOG__FILTER"] = "trace"
        odd = [f"[[auth.systems]]\ncertificate = {json.dumps(it.rfc4514_string())}\ngrants = []\n" for it in ODD]
        (folder / "steward.toml").write_text(CONFIGURATION + "\n".join(odd))

    def proofs(self, name):
        certificate, key = self.authority.issue(f"steward-{name}")
        return {
            "STEWARD__AUTH__ISSUER_CA_FILE": str(self.issuer_authority.ca),
            "STEWARD__TLS__CERTIFICATE_FILE": str(certificate),
            "STEWARD__TLS__KEY_FILE": str(key),
            "STEWARD__TLS__CLIENT_CA_FILE": str(self.authority.ca),
            "STEWARD__TLS__CA_FILE": str(self.authority.ca),
            "STEWARD__HEALTH__LISTEN": f"127.0.0.1:{self.health[name]}",
        }

    def health_port(self, name):
        return self.health[name]
