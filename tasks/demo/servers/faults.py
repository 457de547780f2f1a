"""What goes wrong with real servers, on demand."""

import time
from http.server import BaseHTTPRequestHandler

FAULTS = ("401", "403", "404", "429", "500", "hang", "cut", "html", "redirect")
_HANG_SECONDS = 5.0
_ELSEWHERE = "http://127.0.0.2:9/stolen"


def answer_with(handler: BaseHTTPRequestHandler, fault: str, body: bytes) -> None:
    """Answer with a fault.

    Args:
        handler: The request.
        fault: One of `FAULTS`.
        body: The right answer, of which a cut sends the first half.
    """
    if fault == "hang":
        time.sleep(_HANG_SECONDS)
        handler.close_connection = True
    elif fault == "cut":
        send(handler, body[: len(body) // 2], declared=len(body))
        handler.close_connection = True
    elif fault == "html":
        send(handler, b"<!DOCTYPE html><html><body>Please log in</body></html>", media="text/html")
    elif fault == "redirect":
        send(handler, b"", status=302, headers={"Location": _ELSEWHERE})
    else:
        headers = {"Retry-After": "1"} if fault == "429" else {}
        send(handler, b'{"detail": "no"}', status=int(fault), headers=headers)


def send(
    handler: BaseHTTPRequestHandler,
    body: bytes,
    *,
    status: int = 200,
    media: str = "application/json",
    headers: dict[str, str] | None = None,
    declared: int | None = None,
) -> None:
    """Send an answer.

    Args:
        handler: The request.
        body: Bytes of the answer.
        status: Status.
        media: Media type.
        headers: Further headers.
        declared: Length that is declared, where it is not that of the body.
    """
    handler.send_response(status)
    handler.send_header("Content-Type", media)
    handler.send_header("Content-Length", str(len(body) if declared is None else declared))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
