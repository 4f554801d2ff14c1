"""deploy/SECURITY.md names only tests that are there."""

import ast
import re

import pytest
from tests.trust.table import SECURITY

NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", SECURITY.read_text())))


def test_each_threat_names_a_test() -> None:
    _, _, part = SECURITY.read_text().partition("## Threats")
    threats = re.findall(r"^\| (?!who tries)([^|-].+) \|$", part.partition("\n## ")[0], re.MULTILINE)
    assert len(threats) >= 15
    assert [threat for threat in threats if "::" not in threat.rpartition("|")[2]] == []


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_each_named_test_is_there(file: str) -> None:
    tree = ast.parse((SECURITY.parents[1] / file).read_text())
    there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert {name for named, name in NAMED if named == file} <= there
