"""Axe's rules over a page."""

from axe_playwright_python.sync_playwright import Axe
from tests.browser.screens import Screen

AXE = Axe()


def faultless(screen: Screen) -> None:
    """No violation of axe's rules, in light and in dark."""
    for scheme in ("light", "dark"):
        screen.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = AXE.run(screen.page)
        assert found.violations_count == 0, f"{screen.page.url}, {scheme}: {found.generate_report()}"
    screen.page.emulate_media(color_scheme="light", reduced_motion="reduce")
