"""`make screenshots`: the pictures of the README, taken from the demo at its telling moment.

The day is seeded and the moment is found in it, so that they show the same people each time; between the
first picture and the last some seconds pass.
"""

import re
import tempfile
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright
from tests.browser.hall import KIOSK, PHONE, TABLET
from tests.chromium import CHROMIUM, FLAGS
from tests.demo.serving import serving_demo

FOLDER = Path(__file__).parents[1] / "deploy" / "pictures"
COLOURS = 255  # enough for flat screens; a third of the bytes
NARROW = {"width": 390, "height": 720}
SETTLES_MS = 1500  # fonts are in, the socket is open
HIDE_SOUND = "[data-sound-off] { display: none !important; }"  # gone with the first touch


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory())
        server, _ = stack.enter_context(serving_demo(Path(data)))
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        options = {"base_url": server.url, "reduced_motion": "reduce", "color_scheme": "light"}
        context = browser.new_context(viewport=TABLET, **options)  # type: ignore[arg-type]
        _take(_opens(context, TABLET, "/demo/board"), "board")
        _take(_opens(context, NARROW, "/supervisor"), "alert")
        _take(_opens(context, PHONE, "/demo/customer"), "phone")
        kiosk = _opens(context, KIOSK, "/kiosk")
        _take(kiosk, "kiosk", 0.5)
        kiosk.get_by_role("button", name=re.compile("Phones")).click()
        kiosk.locator("#slab .number").wait_for()
        _take(kiosk, "ticket", 0.5)
        browser.close()


def _opens(context: BrowserContext, size: dict[str, int], path: str) -> Page:
    page = context.new_page()
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(path)
    page.wait_for_timeout(SETTLES_MS)
    return page


def _take(page: Page, name: str, scale: float = 1.0) -> None:
    taken = Image.open(BytesIO(page.screenshot(style=HIDE_SOUND))).convert("RGB")
    size = round(taken.width * scale), round(taken.height * scale)
    image, file = taken.resize(size, Image.Resampling.LANCZOS), FOLDER / f"{name}.png"
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.relative_to(FOLDER.parents[1])}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
