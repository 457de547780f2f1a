"""The portals of all agencies of a synthetic round on one server, each below an address of its own."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tasks.demo.servers.agency_pages import PortalSpec, serve_page
from tasks.demo.servers.faults import send
from warehouse.errors import InputError

FOLDER = "inspection"  # of the round
ROOT = "agency"  # of the addresses
SLOW_SECONDS = 2.1
DEAD, SLOW, FORBIDDEN = "dead", "slow", "forbidden"
_FILE = "portals.json"
Portals = Mapping[str, PortalSpec]


def write_specs(round_folder: Path, framework: str, specs: Iterable[PortalSpec]) -> None:
    """Write what the portals of a framework's agencies hold, for the server."""
    folder = round_folder / FOLDER / framework
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(spec), "shows": sorted(spec.shows)} for spec in specs]
    (folder / _FILE).write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def read_specs(round_folder: Path) -> Portals:
    """Read what the portals of a round hold; none where it has no portals.

    Raises:
        InputError: A file is damaged.
    """
    found: dict[str, PortalSpec] = {}
    for file in sorted((round_folder / FOLDER).glob(f"*/{_FILE}")):
        try:
            specs = [PortalSpec(**row) for row in json.loads(file.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError):
            raise InputError(f"{file} is damaged.", "Make the synthetic round again.") from None
        found |= {spec.agency: spec for spec in specs}
    return found


def answer_agency(handler: BaseHTTPRequestHandler, portals: Portals, words: list[str], host: str) -> None:
    """Answer for one portal.

    Args:
        handler: The request.
        portals: What the portals hold, by agency id.
        words: Parts of the path, the first one being `agency`.
        host: Host and port that were asked for.
    """
    spec = portals.get(words[1]) if len(words) > 1 else None
    if spec is not None and spec.role == DEAD:
        handler.close_connection = True
        return
    path = "/".join(words[2:])
    if spec is not None and spec.role == SLOW and not path:
        time.sleep(SLOW_SECONDS)
    found = serve_page(spec, path, f"http://{host}/{ROOT}/{spec.agency}/") if spec is not None else None
    if found is None:
        send(handler, b"<h1>404</h1>", status=404, media="text/html")
    else:
        send(handler, found.body, media=found.media, headers=dict(found.headers))


def robots_lines(portals: Portals) -> list[str]:
    """What robots.txt of the server says about the portals, as lines of the group of every agent."""
    return [f"Disallow: /{ROOT}/{spec.agency}/" for spec in portals.values() if spec.role == FORBIDDEN]
