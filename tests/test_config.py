"""Settings: working defaults, and one clear sentence for whatever cannot be."""

import sys
from pathlib import Path
from typing import Any

import pytest

from shopbell.config import Config, ConfigError, lan_host


def test_defaults_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    config = Config.read({})
    data = tmp_path / ".local/share/shopbell"
    assert config == Config(data, f"sqlite:///{data}/shopbell.db", None, None, True, False, "0.0.0.0", 8080)


def test_the_environment_is_read_and_overrides_win(tmp_path: Path) -> None:
    environ = {
        "SHOPBELL_DATA": str(tmp_path),
        "SHOPBELL_DATABASE_URL": "postgresql+psycopg://db/shop",
        "SHOPBELL_BUS_URL": "redis://bus",
        "SHOPBELL_PUBLIC_URL": "https://help.example.com/",
        "SHOPBELL_WATCH": "0",
        "SHOPBELL_ALLOW_PRIVATE_WEBHOOKS": "1",
        "SHOPBELL_PROXIES": "127.0.0.1, 10.0.0.0/8 fd00::/8",
    }
    config = Config.read(environ)
    assert (config.data, config.database_url) == (tmp_path, "postgresql+psycopg://db/shop")
    assert (config.bus_url, config.public_url) == ("redis://bus", "https://help.example.com")
    assert (config.watch, config.allow_private_webhooks) == (False, True)
    assert [str(found) for found in config.proxies] == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]
    assert Config.read(environ, watch=True, port=80, data=None).watch
    assert not Config.read({}, watch=False).watch


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SHOPBELL_WATCH", "yes", "must be 1 or 0"),
        ("SHOPBELL_ALLOW_PRIVATE_WEBHOOKS", "2", "must be 1 or 0"),
        ("SHOPBELL_DATABASE_URL", "mysql://db", "sqlite:/// or postgresql"),
        ("SHOPBELL_DATABASE_URL", "shop.db", "sqlite:/// or postgresql"),
        ("SHOPBELL_BUS_URL", "amqp://bus", "redis://"),
        ("SHOPBELL_NEAR_THE_WIRE", "near", "must be 1 or 0"),
        ("SHOPBELL_BALLAST_MB", "all", "from 0 to 4096"),
        ("SHOPBELL_BALLAST_MB", "5000", "from 0 to 4096"),
        ("SHOPBELL_BEAT_URL", "hc-ping.com/1", "https:// or http://"),
        ("SHOPBELL_PUBLIC_URL", "help.example.com", "https://help.example.com"),
        ("SHOPBELL_PUBLIC_URL", "https://", "https://help.example.com"),
        ("SHOPBELL_PUBLIC_URL", "https://help.example.com/shop", "no path"),
        ("SHOPBELL_PUBLIC_URL", "https://[", "https://help.example.com"),
        ("SHOPBELL_PUBLIC_URL", "https://a:99999", "https://help.example.com"),
        ("SHOPBELL_PUBLIC_URL", "https://a/?q=1", "https://help.example.com"),
        ("SHOPBELL_DATA", __file__, "is a file"),
        ("SHOPBELL_PROXIES", "proxy.lan", "must list addresses"),
        ("SHOPBELL_PROXIES", "10.0.0.1/8", "has host bits set"),
        ("SHOPBELL_PROXIES", "127.0.0.1, 0.0.0.0/0", "must not be everyone"),
    ],
)
def test_a_bad_value_is_named_in_one_sentence(name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as found:
        Config.read({name: value})
    assert name in str(found.value)
    assert str(found.value).endswith(".")


OIDC = {
    "SHOPBELL_OIDC_ISSUER": "https://accounts.example.com",
    "SHOPBELL_OIDC_CLIENT_ID": "shopbell",
    "SHOPBELL_OIDC_CLIENT_SECRET": "secret",
    "SHOPBELL_PUBLIC_URL": "https://help.example.com",
}


def test_company_accounts_are_of_the_provider_that_is_named() -> None:
    oidc = Config.read(OIDC).oidc
    assert oidc and (oidc.issuer, oidc.client_id) == ("https://accounts.example.com", "shopbell")
    assert "secret" not in repr(oidc).replace("client_secret", "")
    for issuer in ("http://127.0.0.1:8090", "http://localhost/realms/chain", "http://[::1]"):
        assert Config.read(OIDC | {"SHOPBELL_OIDC_ISSUER": issuer}).oidc
    assert Config.read(OIDC, demo=True).oidc is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SHOPBELL_OIDC_ISSUER", "", "need SHOPBELL_OIDC_ISSUER as well"),
        ("SHOPBELL_OIDC_CLIENT_ID", "", "need SHOPBELL_OIDC_CLIENT_ID as well"),
        ("SHOPBELL_OIDC_CLIENT_SECRET", "", "need SHOPBELL_OIDC_CLIENT_SECRET as well"),
        ("SHOPBELL_PUBLIC_URL", "", "needs SHOPBELL_PUBLIC_URL too"),
        ("SHOPBELL_OIDC_ISSUER", "http://accounts.example.com", "must look like https://"),
        ("SHOPBELL_OIDC_ISSUER", "http://10.0.0.1", "must look like https://"),
        ("SHOPBELL_OIDC_ISSUER", "https://a.example/?x=1", "must look like https://"),
        ("SHOPBELL_OIDC_ISSUER", "accounts.example.com", "must look like https://"),
    ],
)
def test_company_accounts_half_set_up_are_named_in_one_sentence(name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as found:
        Config.read(OIDC | {name: value})
    assert str(found.value).endswith(".")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joserfc", None)  # as Python marks what cannot be imported
    with pytest.raises(ConfigError, match=r"pip install 'shopbell\[oidc\]'"):
        Config.read(OIDC)
    assert Config.read({}).oidc is None


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "８０"])
def test_a_bad_port_is_named(port: Any) -> None:
    with pytest.raises(ConfigError, match="1 to 65535"):
        Config.read({}, port=port)


def test_people_are_never_sent_to_localhost() -> None:
    for port, end in ((8080, ":8080"), (80, "")):
        address = Config.read({}, host="127.0.0.1", port=port).address()
        assert address == f"http://{lan_host()}{end}"
        assert "localhost" not in address
        assert "127.0.0" not in address
    assert Config.read({"SHOPBELL_PUBLIC_URL": "https://a.example/"}).address() == "https://a.example"
