"""One HTTP request to somebody else's server: our own connection, no redirects, the begin of the answer."""

from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, InvalidURL
from ssl import create_default_context
from string import punctuation
from urllib.parse import SplitResult, quote, urlsplit

from shopbell.notify import wire

TRY_AGAIN = (408, 425, 429)
ANSWER_BYTES = 500
ANSWER_WAIT_S = 1.0


def post(url: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    """Posts once, within the attempt's time, and returns the status with the receiver's own answer: status
    line and the begin of its body.

    Raises:
        Failed: if there is no answer.
    """
    with wire.attempt():
        return _post(urlsplit(url), headers, body)


def refused(status: int, answer: str) -> wire.Failed:
    """What an answer other than 2xx means: 4xx is final, but for 408, 425 and 429."""
    # A redirect is not followed: it could lead inside. Like any other odd answer it may be mended.
    is_final = 400 <= status < 500 and status not in TRY_AGAIN
    return wire.Failed(f"answered {status}", final=is_final, answer=answer)


def _post(url: SplitResult, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    with closing(connection_to(url)) as connection:
        connection.connect()
        line = connection.sock  # the connection forgets it when the answer says "close"
        connection.request("POST", target_of(url), body, headers)
        with connection.getresponse() as response:
            line.settimeout(ANSWER_WAIT_S)
            return response.status, f"{response.status} {response.reason}\n{_begin(response)}".strip()


def target_of(url: SplitResult) -> str:
    """What a request for this URL asks its server for."""
    return quote((url.path or "/") + (f"?{url.query}" if url.query else ""), safe=punctuation)


def connection_to(url: SplitResult) -> HTTPConnection:
    """A connection, not yet open; it is for use within `wire.attempt`.

    Raises:
        InvalidURL: if the URL names no host.
    """
    if not url.hostname:
        raise InvalidURL
    if url.scheme == "https":
        return HTTPSConnection(
            url.hostname, url.port, timeout=wire.ATTEMPT_S, context=create_default_context()
        )
    return HTTPConnection(url.hostname, url.port, timeout=wire.ATTEMPT_S)


def _begin(response: HTTPResponse) -> str:
    # The status has decided: a body that is endless, torn or slow changes nothing and is not waited for.
    try:
        text = response.read1(ANSWER_BYTES).decode(errors="replace")
    except (OSError, HTTPException):
        return ""
    return "".join(sign for sign in text if sign.isprintable() or sign == "\n")
