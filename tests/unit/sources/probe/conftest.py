"""Portals for the tests: real servers on the loopback address, with and without certificates."""

import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tasks.sources.limits import FetchLimits
from tasks.sources.probe.manners import Manners


@dataclass
class Site:
    """What a server answers: path to a function that gets the handler, or to a text; and what it was asked."""

    pages: dict
    asked: list = field(default_factory=list)
    agents: set = field(default_factory=set)


def answer(handler, text, *, status=200, media="text/html; charset=utf-8", **headers):
    body = text if isinstance(text, bytes) else text.encode()
    handler.send_response(status)
    handler.send_header("Content-Type", media)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A reader that goes away in the middle is what these tests are about."""


@contextmanager
def serve(site, context=None):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            path = self.path.partition("?")[0]
            site.asked.append(self.path)
            site.agents.add(self.headers["User-Agent"])
            page = site.pages.get(path)
            if page is None:
                answer(self, "no", status=404)
            elif callable(page):
                page(self)
            else:
                answer(self, page)

        def log_message(self, *arguments):
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site():
    """`with site({path: page}) as (address, site):` a server of plain HTTP."""

    @contextmanager
    def run(pages):
        made = Site(pages)
        with serve(made) as port:
            yield f"http://127.0.0.1:{port}/", made

    return run


@dataclass
class Authority:
    """An authority of its own, which signs certificates for hosts."""

    folder: Path

    def __post_init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test CA")])
        extension = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(*(name in (0, 5, 6) for name in range(9)))
        made = self._builder(self.name, self.name, self.key.public_key(), 0, 400).add_extension(
            extension, critical=True
        )
        self.certificate = made.add_extension(usage, critical=True).sign(self.key, hashes.SHA256())
        self.bundle = self.folder / "ca.pem"
        self.bundle.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    @staticmethod
    def _builder(subject, issuer, public_key, first_day, last_day):
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(now + timedelta(days=first_day - 1)).not_valid_after(
            now + timedelta(days=last_day, hours=1)
        )

    def context(self, host="localhost", days=90, *, self_signed=False):
        """A server context with a certificate for a host that holds for some days more."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        issuer, signer = (subject, key) if self_signed else (self.name, self.key)
        made = self._builder(subject, issuer, key.public_key(), min(0, days) - 10, days)
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        certificate = made.sign(signer, hashes.SHA256())
        file = self.folder / f"{host}-{days}-{self_signed}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def manners(authority):
    """Manners of a test: short patience, no pause, private addresses allowed, the authority of the tests trusted."""
    limits = FetchLimits(
        connect_seconds=2, read_seconds=0.6, total_seconds=1.5, attempts=1, backoff_seconds=0.0, max_bytes=1024 * 1024
    )
    return Manners(limits=limits, portal_seconds=20, ca_bundle=authority.bundle, allow_private=True)


@pytest.fixture(name="answer")
def _answer():
    """`answer(handler, text, status=..., media=..., **headers)`: how a page of a site answers for itself."""
    return answer


@pytest.fixture
def secure_site(authority):
    """`with secure_site(pages, **certificate) as (address, site):` a server of HTTPS, reached as `localhost`."""

    @contextmanager
    def run(pages, **certificate):
        made = Site(pages)
        with serve(made, authority.context(**certificate)) as port:
            yield f"https://localhost:{port}/", made

    return run


@pytest.fixture
def look(manners):
    """`look(url, ...)`: inspect one portal; its record and the finding of every check."""
    from tasks.evidence.inspection.checks import look_at
    from tasks.evidence.inspection.record import inspected
    from tasks.sources.probe.manners import Target
    from tasks.sources.probe.portal import inspect_portal

    def run(url, services_url="", http_url="", manners=manners):
        receipts = inspect_portal(Target("province-ha-noi", url, services_url, http_url), manners)
        (portal,) = inspected((receipt.origin, receipt.content) for receipt in receipts)
        return portal, look_at(portal)

    return run
