"""The screens as people use them: what one can see and tap, by its words."""

import re
import time
from io import BytesIO
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Locator, Page


class Screen:
    """One browser with one page. What should never happen on any page is kept in ``faults``."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url, self.faults = context, url, list[str]()
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._listen)
        self.page.on("dialog", self._dismiss)

    def goes(self, path: str) -> None:
        self.page.goto(path if "://" in path else self.url + path)

    def taps(self, words: str, role: Any = "button") -> None:
        """Something with these words on it, tapped."""
        self.page.get_by_role(role, name=words).click()

    def marks(self) -> None:
        """Remembers this very page, so that a reload would show."""
        self.page.evaluate("window.marked = true")

    def is_same_page(self) -> bool:
        """Whether it has not been loaded anew since."""
        return bool(self.page.evaluate("window.marked === true"))

    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def code(self) -> str:
        """What the QR code on the glass leads to, as a camera reads it."""
        [code] = zxingcpp.read_barcodes(Image.open(BytesIO(self.page.screenshot())))
        return code.text

    def tabs_to(self, target: Locator, most: int = 60) -> None:
        """By the Tab key alone; AssertionError if it cannot be reached so."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if target.evaluate("el => el === document.activeElement"):
                return
        raise AssertionError(f"{target} cannot be reached with {most} tabs")

    def _listen(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def _dismiss(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()


class Kiosk(Screen):
    """The customer's screen by the door."""

    def starts(self) -> None:
        self.goes("/kiosk")

    def number(self) -> Locator:
        return self.page.locator("#slab .number")

    def unsent(self) -> Locator:
        return self.page.get_by_role("alertdialog")


class Phone(Screen):
    """The customer's own phone."""

    def says(self) -> Locator:
        """The one sentence that is true now."""
        return self.page.locator("#headline")

    def step(self) -> Locator:
        """Which of the three steps she is at."""
        return self.page.locator(".steps [aria-current=step]")


class Board(Screen):
    """The staff's tablet."""

    def starts(self, query: str = "") -> None:
        self.goes("/board" + query)

    def rows(self) -> Locator:
        return self.page.locator("#rows > li")

    def row(self, ticket: str) -> Locator:
        exactly = re.compile(f"^{ticket}$")
        return self.rows().filter(has=self.page.locator(".ticket", has_text=exactly))

    def has(self, ticket: str) -> bool:
        """Whether its holder is signed in on this tablet."""
        return "mine" in (self.row(ticket).get_attribute("class") or "").split()

    def button(self, ticket: str, words: str) -> Locator:
        return self.row(ticket).get_by_role("button", name=words)

    def claims(self, ticket: str) -> None:
        self.button(ticket, "Claim").click()

    def does(self, ticket: str, words: str) -> None:
        self.button(ticket, words).click()

    def opens(self, ticket: str) -> Locator:
        """All about one visit, as a sheet over the board."""
        self.row(ticket).get_by_role("link").first.click()
        return self.page.locator("dialog[open], .sheet-page main").first

    def says(self) -> Locator:
        return self.page.locator("#said")

    def banner(self) -> Locator:
        """Says that the live connection is lost."""
        return self.page.locator("[data-connection]")

    def reaches(self, seq: int, within_s: float = 10) -> None:
        """Waits until it shows the store's change number ``seq`` or a later one."""
        until = time.monotonic() + within_s
        while int(self.page.locator("#screen").get_attribute("data-seq") or 0) < seq:
            assert time.monotonic() < until, f"the board does not reach {seq}"
            self.page.wait_for_timeout(50)

    def shown(self) -> str:
        """What is on the board, without what only shows the passing of time."""
        return str(self.page.evaluate(SHOWN))


class Supervisor(Screen):
    """The supervisor's own phone."""

    def starts(self) -> None:
        self.goes("/supervisor")

    def alert(self, ticket: str) -> Locator:
        return self.page.locator("#alerts > li", has_text=re.compile(rf"\b{ticket}\b"))


SHOWN = """() => {
  const copy = document.getElementById("screen").cloneNode(true);
  for (const el of copy.querySelectorAll("[data-tick], [data-free-names]")) {
    el.replaceChildren();
    for (const name of ["hidden", "data-lateness"]) el.removeAttribute(name);
  }
  for (const el of copy.querySelectorAll(".fade-in")) el.classList.remove("fade-in");
  for (const el of copy.querySelectorAll("[class='']")) el.removeAttribute("class");
  return copy.outerHTML.replace(/>\\s+</g, "><").replace(/\\s+/g, " ").replace(/></g, ">\\n<");
}"""
