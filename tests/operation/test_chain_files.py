"""What the files for one box and for a chain say fits the program: settings, commands, ports, paths."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from shopbell.cli.group import COMMANDS
from shopbell.config import DEFAULTS, FROM_ENVIRON, Config
from shopbell.db import engine

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSED = ("box", "chain")
SETTINGS = {f"SHOPBELL_{name.upper()}" for name in FROM_ENVIRON}
OF_THE_PROXY = set(re.findall(r"\{\$(SHOPBELL_\w+)", (DEPLOY / "proxy/Caddyfile").read_text()))
GIVEN = {"SHOPBELL_SITE": "help.example.com", "POSTGRES_PASSWORD": "p4ss", "VALKEY_PASSWORD": "w0rd"}


def services(where: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / where / "compose.yaml").read_text())[
        "services"
    ]
    return found


def manifests() -> Iterator[dict[str, Any]]:
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text())


def one(kind: str, name: str) -> dict[str, Any]:
    [found] = [each for each in manifests() if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def pod(kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = one(kind, name)["spec"]["template"]["spec"]
    return found


def filled(value: str) -> str:
    """With the values of `.env` or of the secret put in, as compose and Kubernetes do."""

    def put(found: re.Match[str]) -> str:
        name, default = re.fullmatch(r"(\w+)(?::[?-](.*))?", found[1]).groups()  # type: ignore[union-attr]
        return GIVEN.get(name, default or "")

    return re.sub(r"\$[{(]([^})]*)[})]", put, value)


def environments() -> Iterator[tuple[str, dict[str, str]]]:
    """Where a process of ours runs, and with which environment."""
    for where in COMPOSED:
        for name, service in services(where).items():
            if service["image"] == "shopbell":
                yield f"{where} {name}", {key: filled(value) for key, value in service["environment"].items()}
    shared = one("ConfigMap", "shopbell")["data"]
    for kind, name in (("Job", "migrate"), ("Deployment", "web"), ("Deployment", "watch")):
        [container] = pod(kind, name)["containers"]
        own = {each["name"]: filled(each["value"]) for each in container["env"] if "value" in each}
        yield f"kubernetes {name}", shared | own


def test_the_settings_are_ours_and_are_understood() -> None:
    found = dict(environments())
    assert len(found) == 8
    for where, environ in found.items():
        assert set(environ) <= SETTINGS, where
        config = Config.read(environ)
        assert config.public_url == "https://help.example.com" and config.proxies, where
        if not where.startswith("box"):
            assert "p4ss" in config.database_url and config.bus_url and "w0rd" in config.bus_url, where
            assert config.watch is False, where


def test_the_proxy_is_told_what_its_file_asks_for() -> None:
    assert {"SHOPBELL_SITE", "SHOPBELL_TLS", "SHOPBELL_WEB"} <= OF_THE_PROXY
    for where in COMPOSED:
        told, known = services(where)["proxy"]["environment"], set(services(where))
        assert set(told) <= OF_THE_PROXY
        for web in told["SHOPBELL_WEB"].split():
            assert web.partition(":")[0] in known and web.endswith(f":{DEFAULTS['port']}")
    told = one("ConfigMap", "proxy")["data"]
    assert set(told) <= OF_THE_PROXY
    name, _, port = told["SHOPBELL_WEB"].partition(":")
    assert [int(port)] == [each["port"] for each in one("Service", name)["spec"]["ports"]]
    assert f"https://{told['SHOPBELL_SITE']}" == one("ConfigMap", "shopbell")["data"]["SHOPBELL_PUBLIC_URL"]


def test_each_process_runs_a_command_that_there_is() -> None:
    said = [service.get("command", ["serve"]) for where in COMPOSED for service in services(where).values()
            if service["image"] == "shopbell"]  # fmt: skip
    said += [pod(*each)["containers"][0]["args"]
             for each in (("Job", "migrate"), ("Deployment", "web"), ("Deployment", "watch"))]  # fmt: skip
    assert {word for words in said for word in words} == {"serve", "migrate", "watch"} <= set(COMMANDS)


def test_the_database_is_migrated_before_anything_serves() -> None:
    chain = services("chain")
    for name in ("web1", "web2", "watch"):
        assert chain[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert chain["migrate"]["restart"] == "no" and pod("Job", "migrate")["restartPolicy"] == "Never"


def test_the_database_lets_in_all_that_the_processes_open_at_their_busiest() -> None:
    pool: Any = engine.make("postgresql+psycopg://localhost/shopbell").pool
    each = pool.size() + pool._max_overflow
    [kubernetes] = pod("StatefulSet", "postgresql")["containers"]
    replicas = [one("Deployment", name)["spec"]["replicas"] for name in ("web", "watch")]
    composed = services("chain")
    webs = [name for name in composed if name.startswith("web")]
    watches = composed["watch"]["deploy"]["replicas"]
    for command, processes in (
        (kubernetes["args"], sum(replicas) + len(replicas)),  # one more of each while a new version comes
        (composed["postgresql"]["command"], len(webs) + watches + 1),
    ):
        [most] = [int(word.partition("=")[2]) for word in command if word.startswith("max_connections=")]
        assert most >= processes * each + 3  # PostgreSQL keeps three for its own administrator


def test_whoever_stops_a_process_waits_until_it_has_answered_everyone() -> None:
    source = (DEPLOY.parent / "server/shopbell/server.py").read_text()
    grace = int(re.findall(r"^GRACE_S = (\d+)", source, re.MULTILINE)[0])
    limit = grace + 11 + 4  # LIMIT_S: see test_deploy
    for where in COMPOSED:
        for service in services(where).values():
            if service["image"] == "shopbell":
                assert int(service["stop_grace_period"].removesuffix("s")) > limit
    web = pod("Deployment", "web")
    [pause] = web["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1:]
    assert web["terminationGracePeriodSeconds"] > int(pause) + limit


def test_kubernetes_starts_a_new_one_before_an_old_one_goes_and_asks_where_there_is_an_answer() -> None:
    for name in ("web", "watch"):
        spec = one("Deployment", name)["spec"]
        assert (
            spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0} and spec["replicas"] > 1
        )
        assert one("PodDisruptionBudget", name)["spec"]["minAvailable"] == 1
    [web] = pod("Deployment", "web")["containers"]
    paths = {probe: web[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "readiness", "liveness")}
    assert paths["startup"] == paths["readiness"] == "/readyz"
    assert (DEPLOY.parent / f"server/shopbell{paths['liveness']}").is_file()  # wants no database
    assert {each["containerPort"] for each in web["ports"]} == {int(DEFAULTS["port"])}


def test_every_reference_between_manifests_leads_somewhere() -> None:
    there = {(each["kind"], each["metadata"]["name"]) for each in manifests()}
    claimed = {("ConfigMap", "caddyfile")}  # made from deploy/proxy by a command in CHAIN.md
    for each in manifests():
        text = yaml.safe_dump(each)
        named = re.findall(r"configMap(?:Ref)?:\s+name: (\w+)", text)
        assert {("ConfigMap", name) for name in named} <= there | claimed
        if each["kind"] == "Service":
            apps = {found["spec"]["template"]["metadata"]["labels"]["app"] for found in manifests()
                    if found["kind"] in ("Deployment", "StatefulSet")}  # fmt: skip
            assert each["spec"]["selector"]["app"] in apps
        if each["kind"] != "Namespace":
            assert each["metadata"]["namespace"] == "shopbell"


@pytest.mark.parametrize(
    ("kind", "name"), [("Deployment", "web"), ("Deployment", "watch"), ("Job", "migrate")]
)
def test_our_pods_may_do_nothing_but_their_work(kind: str, name: str) -> None:
    spec = pod(kind, name)
    [container] = spec["containers"]
    user = re.findall(r"^USER (\d+)", (DEPLOY / "container/Containerfile").read_text(), re.MULTILINE)
    assert spec["securityContext"]["runAsNonRoot"] and [str(spec["securityContext"]["runAsUser"])] == user
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/tmp", "/data"}
