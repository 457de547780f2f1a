"""The server of the survey tools: one port, one folder of addresses a tool."""

import hmac
import json
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tasks.demo.servers.agency_pages import PortalSpec
from tasks.demo.servers.agency_portals import ROOT as AGENCY
from tasks.demo.servers.agency_portals import answer_agency, read_specs, robots_lines
from tasks.demo.servers.faults import answer_with, send
from tasks.demo.servers.forms import Form, read_forms
from tasks.demo.servers.monitoring import FIGURES_PATH, RETURNS_PATH, Monitoring, read_monitoring
from tasks.demo.servers.portals import FOLDER as WEB
from tasks.demo.servers.portals import Web, read_web
from tasks.demo.servers.tools import kobo_page, limesurvey_result, odk_page, odk_service
from warehouse.errors import InputError

FOLDER = "survey"
HOST = "127.0.0.1"


@dataclass
class Tools:
    """The tools as one server knows them.

    Attributes:
        forms: The forms.
        token: Token of Kobo and ODK, and password of LimeSurvey.
        user: User of LimeSurvey and of ODK's sessions.
        faults: What goes wrong with the next calls for data, in order; empty text: nothing.
        asked: Method and path of every request.
        web: The portals of the round, None where it has none.
        agencies: The portals of the agencies themselves, by agency id.
        monitoring: The monitoring system of synthetic months, None where there is none.
    """

    forms: Sequence[Form]
    token: str = "synthetic"  # noqa: S105 - of a server of made up answers
    user: str = "synthetic"
    faults: deque[str] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)
    web: Web | None = None
    agencies: Mapping[str, PortalSpec] = field(default_factory=dict)
    monitoring: Monitoring | None = None

    @cached_property
    def by_tool(self) -> dict[str, dict[str, Form]]:
        """Forms by tool and name."""
        found: dict[str, dict[str, Form]] = {"kobo": {}, "odk": {}, "limesurvey": {}}
        for form in self.forms:
            found[form.tool][form.form] = form
        return found


@contextmanager
def serve_tools(tools: Tools, port: int = 0) -> Iterator[str]:
    """Serve the tools on the loopback address while the block runs.

    Args:
        tools: What to serve.
        port: Port; 0 takes a free one.

    Yields:
        The address; Kobo stands below `/kobo`, ODK Central below `/odk`, LimeSurvey below `/limesurvey`.
    """

    class Handler(_Handler):
        known = tools

    try:
        server = _Server((HOST, port), Handler)
    except OSError as error:
        raise InputError(
            f"Port {port} cannot be used for the survey tools: {(error.strerror or str(error)).lower()}.",
            "Stop what uses it, or make the round for another one: --survey-port N.",
        ) from None
    with server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def serve_surveys(round_folder: Path, port: int = 0) -> Iterator[str]:
    """Serve the survey of a synthetic round, its portals below `/web`, and its monitoring system; see `serve_tools`.

    Raises:
        InputError: A file of the survey or of the portals is damaged.
    """
    files = sorted((round_folder / FOLDER).rglob("*.jsonl"))
    tools = Tools(
        read_forms(files),
        web=read_web(round_folder),
        agencies=read_specs(round_folder),
        monitoring=read_monitoring(round_folder),
    )
    with serve_tools(tools, port) as url:
        yield url


class _Server(ThreadingHTTPServer):
    """A server that says nothing of those who hang up in the middle of an answer: that is what crawlers do."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless the other side went away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers for all three tools."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes; together they would wait for each other
    known: Tools

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.known.asked.append(f"GET {parts.path}")
        place = f"http://{self.headers['Host']}{parts.path}"
        words = [unquote(word) for word in parts.path.strip("/").split("/")]
        if words[0] == AGENCY:
            answer_agency(self, self.known.agencies, words, self.headers["Host"])
            return
        if words == ["robots.txt"] and self.known.agencies:
            self._robots()
            return
        if self.known.web and words[0] in (WEB, "robots.txt"):
            self.known.web.answer(self, words, dict(parse_qsl(parts.query)))
            return
        if self.known.monitoring and parts.path.startswith((FIGURES_PATH, f"{RETURNS_PATH}/")):
            self._monitored(self.known.monitoring, words, dict(parse_qsl(parts.query)), place)
            return
        self._answer(words, dict(parse_qsl(parts.query)), place)

    def do_POST(self) -> None:
        self.known.asked.append(f"POST {self.path}")
        said = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        known = self.known
        if self.path == "/odk/v1/sessions":
            good = (said.get("email"), said.get("password")) == (known.user, known.token)
            self._send({"token": known.token} if good else {"code": 401.2}, 200 if good else 401)
        elif self.path == "/limesurvey/index.php/admin/remotecontrol":
            forms = known.by_tool["limesurvey"]
            found = limesurvey_result(forms, known.user, known.token, said)
            self._data({"id": said["id"], "result": found, "error": None}, is_data=said["method"] == "export_responses")
        else:
            self._send({"detail": "Not found."}, 404)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the terminal belongs to the round."""

    def _monitored(self, monitoring: Monitoring, words: list[str], query: dict[str, str], place: str) -> None:
        """Figures of the monitoring system, which ask for a token, and returns, which stand open."""
        if words[0] == RETURNS_PATH.strip("/"):
            found = monitoring.sent(*words[1:]) if len(words) == len(("returns", "month", "name")) else None
            send(self, found or b"Not found.", status=200 if found else 404, media="application/octet-stream")
        elif not self._may("Bearer"):
            self._send({"detail": "Invalid token."}, 401)
        elif (page := monitoring.page(query, place)) is None:
            self._send({"detail": "Give a month such as 2020-08."}, 400)
        else:
            self._data(page)

    def _answer(self, words: list[str], query: dict[str, str], place: str) -> None:
        match words:
            case ["kobo", "api", "v2", "assets", uid, "data"] if self._may("Token") and self._has("kobo", uid):
                self._data(kobo_page(self.known.by_tool["kobo"][uid], query, place))
            case ["odk", "v1", "projects", _, "forms", service] if self._may("Bearer") and self._has(
                "odk", service[:-4]
            ):
                self._send(odk_service(self.known.by_tool["odk"][service[:-4]]))
            case ["odk", "v1", "projects", _, "forms", service, table] if self._may("Bearer") and self._has(
                "odk", service[:-4]
            ):
                self._data(odk_page(self.known.by_tool["odk"][service[:-4]], table, query, place))
            case ["kobo" | "odk", *_] if not (self._may("Token") or self._may("Bearer")):
                self._send({"detail": "Invalid token."}, 401)
            case _:
                self._send({"detail": "Not found."}, 404)

    def _may(self, kind: str) -> bool:
        return hmac.compare_digest(self.headers.get("Authorization", ""), f"{kind} {self.known.token}")

    def _robots(self) -> None:
        """What the portals of all kinds forbid; one host has one robots.txt."""
        written = self.known.web.robots if self.known.web else "User-agent: *\n"
        first, _, rest = written.partition("\n")
        lines = [first, *robots_lines(self.known.agencies), rest]
        send(self, "\n".join(lines).encode(), media="text/plain; charset=utf-8")

    def _has(self, tool: str, form: str) -> bool:
        return form in self.known.by_tool[tool]

    def _data(self, found: dict[str, Any], *, is_data: bool = True) -> None:
        fault = self.known.faults.popleft() if is_data and self.known.faults else ""
        if fault:
            answer_with(self, fault, json.dumps(found).encode())
        else:
            self._send(found)

    def _send(self, found: dict[str, Any], status: int = 200) -> None:
        send(self, json.dumps(found, ensure_ascii=False).encode(), status=status)
