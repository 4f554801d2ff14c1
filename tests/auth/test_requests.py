"""Where a request comes from: our own pages, a program, or somebody else's page."""

import pytest
from flask import Flask, Request

from shopbell.auth.requests import bearer, same_origin

HERE = "shop.lan:8080"


def request(method: str = "POST", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with Flask("test").test_request_context(method=method, headers={"Host": HERE, **named}) as context:
        return context.request


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_free_to_all(method: str) -> None:
    assert same_origin(request(method, Origin="http://evil.example"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": f"http://{HERE}"},
        {"Origin": f"http://{HERE.upper()}"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "null"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Bearer x", "Origin": "http://evil.example"},
    ],
)
def test_our_own_pages_and_programs_may_write(headers: dict[str, str]) -> None:
    assert same_origin(request(**headers))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "WEIRD"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": ""},
        {"Sec_Fetch_Site": "cross-site", "Origin": f"http://{HERE}"},
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://shop.lan"},
        {"Origin": f"http://{HERE}.evil.example"},
        {"Origin": f"http://{HERE}@evil.example"},
        {"Origin": "http://evil.example", "X_Forwarded_Host": "evil.example"},
        {"Origin": "http://[half"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic x"},
        {"Authorization": "Bearer"},
    ],
)
def test_other_pages_may_not(method: str, headers: dict[str, str]) -> None:
    assert not same_origin(request(method, **headers))


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("Bearer  abc ", "abc"),
        ("Basic abc", None),
        ("abc", None),
    ],
)
def test_the_bearer_is_read(header: str, token: str | None) -> None:
    assert bearer(request(Authorization=header)) == token
