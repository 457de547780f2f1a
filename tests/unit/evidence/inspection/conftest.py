"""A portal that was found: its record and its pages, without any network."""

import hashlib
import json
from datetime import UTC, datetime

import pytest

from tasks.evidence.inspection.checks import look_at
from tasks.evidence.inspection.record import inspected, record_bytes, record_origin

AT = datetime(2020, 12, 15, 3, 0, tzinfo=UTC)


def page_of(name, content, headers=None):
    body = content if isinstance(content, bytes) else content.encode()
    return {
        "url": f"https://x.gov.vn/{name}",
        "final_url": f"https://x.gov.vn/{name}",
        "status": 200,
        "headers": {"content-type": "text/html; charset=utf-8", **(headers or {})},
        "sha256": hashlib.sha256(body).hexdigest(),
        "error": "",
        "kind": "",
    }, body


@pytest.fixture
def found():
    """`found(home="...", open_data="...", facts={...}, missing={"feed": "absent"})`: the finding of every check."""

    def run(home="<html><body>x</body></html>", *, facts=None, missing=None, headers=None, **pages):
        kept = {name: page_of(name, content, headers) for name, content in {"home": home, **pages}.items()}
        record = {
            "agency": "province-ha-noi",
            "url": "https://x.gov.vn/",
            "services_url": "",
            "inspected_at": AT.isoformat(),
            "tls": {"outcome": "pass", "reason": "", "not_after": "2021-12-15T03:00:00+00:00", "issuer": "CA"},
            "dns": {"portal": {"host": "x.gov.vn", "ipv4": ["1.1.1.1"], "ipv6": ["2606:4700::1"], "error": ""}},
            "redirect": {"url": "", "status": 301, "location": "https://x.gov.vn/", "error": "", "kind": ""},
            "times_ms": [100, 900, 200],
            "search": {"word": "chuyển đổi số"},
            "pages": {name: said for name, (said, _) in kept.items()}
            | {name: {"error": "none", "kind": kind} for name, kind in (missing or {}).items()},
            **(facts or {}),
        }
        snapshots = [(said["url"], body) for said, body in kept.values()]
        snapshots.append((record_origin("province-ha-noi"), record_bytes(record)))
        (portal,) = inspected(snapshots)
        assert json.loads(record_bytes(record))["version"] == 1
        return look_at(portal)

    return run
