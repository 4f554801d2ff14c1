"""Imports fall: a part imports only what stands in a row above its own, at the top of the file."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROWS = (
    "shopbell shopbell.clock shopbell.config shopbell.domain shopbell.frames shopbell.logs shopbell.proxies"
    " shopbell.watchdog",
    "shopbell.db shopbell.qr shopbell.simulation shopbell.wording",
    "shopbell.posters",
    "shopbell.auth shopbell.board shopbell.pulse",
    "shopbell.bus",
    "shopbell.live",
    "shopbell.floor",
    "shopbell.audit shopbell.backtest shopbell.export shopbell.notify shopbell.reports shopbell.settings",
    "shopbell.oidc",
    "shopbell.api shopbell.doctor shopbell.errors shopbell.health shopbell.learning shopbell.watch"
    " shopbell_kiosk shopbell_staff",
    "shopbell.demo",
    "shopbell.app",
    "shopbell.server",
    "shopbell.cli",
)
ROW = {part: number for number, row in enumerate(ROWS) for part in row.split()}
# File or folder -> why it may import inside a function.
LATE = {
    "shopbell/bus.py": "redis comes with the extra `chain` and is only needed there",
    "shopbell/oidc/proof.py": "joserfc comes with the extra `oidc` and is only needed there",
    "shopbell/posters.py": "fpdf takes long to import, and few ever print",
    "shopbell/notify/apprise.py": "apprise takes long to import, and most stores never send by it",
    "shopbell/cli": "`serve` patches with gevent before anything else is imported; every command starts fast",
}
REPO = Path(__file__).parents[1]


def test_imports_fall() -> None:
    assert list(faults(REPO)) == []


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("server/shopbell/db/engine.py", "from shopbell import floor", "imports shopbell.floor"),
        ("server/shopbell/floor/door.py", "import shopbell.api.routes", "imports shopbell.api"),
        ("server/shopbell/db/engine.py", "from ..live import tell", "imports shopbell.live"),
        ("server/shopbell/bus.py", "import shopbell_staff", "imports shopbell_staff"),
        ("kiosk/shopbell_kiosk/phone.py", "from shopbell_staff.pair import code", "imports shopbell_staff"),
        ("server/shopbell/floor.py", "def claim():\n    from shopbell import db", "inside a function"),
        ("server/shopbell/novel.py", "", "stands in no row"),
    ],
)
def test_an_import_that_climbs_is_found(tmp_path: Path, path: str, source: str, fault: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source)
    [found] = faults(tmp_path)
    assert fault in found


def test_an_import_that_falls_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "server/shopbell/floor/door.py"
    file.parent.mkdir(parents=True)
    file.write_text("import json\nfrom shopbell import bus, live\nfrom shopbell.floor import moves\n")
    assert list(faults(tmp_path)) == []


def faults(repo: Path) -> Iterator[str]:
    """A sentence for each import that climbs, hides in a function, or belongs to a part in no row."""
    for root in ("server", "kiosk", "staff_ui"):
        for path in sorted((repo / root).rglob("*.py")):
            module = path.relative_to(repo / root)
            yield from (f"{module}: {fault}" for fault in _faults(module, ast.parse(path.read_text())))


def _faults(module: Path, tree: ast.Module) -> Iterator[str]:
    names = module.with_suffix("").parts
    part = _part(".".join(names).removesuffix(".__init__"))
    if part not in ROW:
        yield "stands in no row of tests/test_layers.py"
        return
    for target in sorted({_part(name) for name in _imported(tree, names[:-1])} - {part}):
        if ROW.get(target, len(ROWS)) >= ROW[part]:
            yield f"imports {target}, which does not stand above {part}"
    if not any(module.is_relative_to(allowed) for allowed in LATE):
        yield from (f"imports inside a function, line {line}" for line in _late(tree))


def _part(name: str) -> str:
    """`shopbell.db.engine` -> `shopbell.db`, `shopbell_kiosk.phone` -> `shopbell_kiosk`."""
    return ".".join(name.split(".")[: 2 if name.split(".")[0] == "shopbell" else 1])


def _imported(tree: ast.Module, package: tuple[str, ...]) -> Iterator[str]:
    """The full name of each of our own modules that is imported; `package` resolves relative imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = [*start, *([node.module] if node.module else [])]
            names = [".".join([*base, alias.name]) for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0].startswith("shopbell"))


def _late(tree: ast.Module) -> Iterator[int]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    for function in functions:
        yield from (n.lineno for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom))
