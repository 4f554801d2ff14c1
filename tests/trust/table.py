"""The table of who may call what, as deploy/SECURITY.md has it and as the views are marked."""

import re
from pathlib import Path

from flask import Flask

SECURITY = Path(__file__).parents[2] / "deploy/SECURITY.md"
METHODS = {"GET", "POST", "PUT"}

Call = tuple[str, str]


def written() -> dict[Call, str]:
    """Whom each call (method, path) lets in: the rows ``| who | `GET POST /path` `…` |``."""
    _, _, part = SECURITY.read_text().partition("## Who may call what")
    rows = re.findall(r"^\| (.+?) \| (`.+`) \|$", part.partition("\n## ")[0], re.MULTILINE)
    found: dict[Call, str] = {}
    for who, calls in rows:
        for call in re.findall(r"`([^`]+)`", calls):
            *methods, path = call.split()
            found |= {(method, path): who for method in methods}
    return found


def marked(app: Flask) -> dict[Call, str]:
    """The same by the marks of the views. Files are left out: they are for everyone."""
    found: dict[Call, str] = {}
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.endswith("static"):
            who = ", ".join(app.view_functions[rule.endpoint].lets_in)  # type: ignore[attr-defined]
            path = re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule.rule)
            found |= {(method, path): who for method in (rule.methods or set()) & METHODS}
    return found


def rows(table: dict[Call, str]) -> str:
    """A table as the file has it, for whoever has added a call."""
    lines: dict[str, list[str]] = {}
    for path in sorted({path for _, path in table}):
        methods: dict[str, list[str]] = {}
        for method in sorted(METHODS):
            if (method, path) in table:
                methods.setdefault(table[method, path], []).append(method)
        for who, those in methods.items():
            lines.setdefault(who, []).append(f"`{' '.join(those)} {path}`")
    return "\n".join(f"| {who} | {' '.join(calls)} |" for who, calls in lines.items())
