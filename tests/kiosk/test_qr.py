"""Every code decodes to its address, as a customer's phone would read it."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from flask import Flask
from flask_babel import Babel
from PIL import Image
from playwright.sync_api import Browser, Page

from shopbell import posters, qr

ADDRESS = "https://help.example.com/j/main-street/aisle-7"
VISIT = "http://192.168.178.20:8080/v/pcr3lX4vdPAOIQ569nf-xA"
BLOCKS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 600, "height": 600})
    yield page
    page.close()


def read(image: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("address", [ADDRESS, VISIT])
def test_png(address: str) -> None:
    assert read(Image.open(io.BytesIO(qr.render(address, "png")))) == [address]


@pytest.mark.parametrize("address", [ADDRESS, VISIT])
def test_svg(page: Page, address: str) -> None:
    page.set_content(qr.render(address, "svg").decode())
    assert read(Image.open(io.BytesIO(page.screenshot()))) == [address]


@pytest.mark.parametrize("address", [ADDRESS, VISIT])
def test_terminal(address: str) -> None:
    lines = qr.render(address, "terminal").decode().splitlines()
    rows = [[BLOCKS[block][half] for block in line] for line in lines for half in (0, 1)]
    image = Image.new("L", (len(rows[0]), len(rows)))
    image.putdata([255 * lit for row in rows for lit in row])
    assert read(image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)) == [address]


def test_poster(tmp_path: Path) -> None:
    app = Flask(__name__)
    Babel(app)
    with app.app_context():
        sheet = posters.Sheet("Main Street", "Aisle 7", ADDRESS)
        made = posters.pdf([sheet], ("en", "es", "tr", "ar"))
    (tmp_path / "poster.pdf").write_bytes(made)
    subprocess.run(
        ["pdftoppm", "-r", "100", "-png", "-singlefile", "poster.pdf", "poster"], cwd=tmp_path, check=True
    )
    image = Image.open(tmp_path / "poster.png")
    assert read(image) == [ADDRESS]
    assert image.height / image.width == pytest.approx(297 / 210, rel=0.01)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="svg, png, terminal"):
        qr.render(ADDRESS, "gif")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://192.168.1.4:8080", "private address"),
        ("https://10.0.0.8", "private address"),
        ("http://localhost:8080", "private address"),
        ("https://kiosk.local", "private address"),
        ("https://shopserver", "private address"),
        ("http://[fd00::1]:8080", "private address"),
        ("http://help.example.com", "plain http"),
        ("https://help.example.com", None),
    ],
)
def test_an_address_that_phones_cannot_open_is_named(address: str, said: str | None) -> None:
    warned = qr.warning(address)
    assert said in warned if said and warned else warned is None
