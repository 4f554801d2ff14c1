"""The printed pages beside the goods: A4 sheets, each with a code that opens the join on a phone."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from flask_babel import force_locale, gettext

from shopbell import qr
from shopbell.wording import LANGUAGES

if TYPE_CHECKING:
    from fpdf import FPDF

INK, MUTED, ACCENT = (23, 34, 43), (85, 97, 107), (10, 90, 102)
FONTS = {"atkinson": "atkinson", "extended": "atkinson-latin-ext", "arabic": "noto-arabic"}
WEIGHTS = {"": {"wght": 400.0}, "B": {"wght": 700.0}}
PAGE_MM, MARGIN_MM, CODE_MM = 210, 18, 122


@dataclass(frozen=True)
class Sheet:
    """What one page says: the store, the zone it hangs in, and the address that its code opens."""

    store: str
    zone: str | None
    url: str


def pdf(sheets: Sequence[Sheet], languages: Sequence[str] = ("en",)) -> bytes:
    """A PDF of A4 pages: store and zone, "Need help? Scan here." in each language, code and address."""
    made = _paper()
    for sheet in sheets:
        _page(made, sheet, languages)
    return bytes(made.output())


def _page(pdf: "FPDF", sheet: Sheet, languages: Sequence[str]) -> None:
    pdf.add_page()
    _line(pdf, sheet.store, 26 if sheet.zone else 52, INK, bold=not sheet.zone)
    if sheet.zone:
        _line(pdf, sheet.zone, 58, INK, bold=True)
    pdf.ln(5)
    spoken = [name for name in languages if name in LANGUAGES] or ["en"]
    for size, language in zip((42, 26, 26, 26), spoken, strict=False):
        with force_locale(language):
            _line(pdf, gettext("Need help? Scan here."), size, ACCENT, bold=True)
    pdf.ln(5)
    pdf.image(io.BytesIO(qr.render(sheet.url, "png")), x=(PAGE_MM - CODE_MM) / 2, w=CODE_MM)
    pdf.ln(3)
    _line(pdf, sheet.url, 17, MUTED)


def _paper() -> "FPDF":
    from fpdf import FPDF  # a fifth of what the whole server imports, and few ever print

    pdf = FPDF(format="A4")
    pdf.set_margins(MARGIN_MM, MARGIN_MM + 6)
    pdf.set_auto_page_break(False)
    for family, name in FONTS.items():
        with as_file(files("shopbell") / "static" / "vendor" / f"{name}.woff2") as path:
            pdf.add_font(family, fname=path, variations=WEIGHTS)
    pdf.set_fallback_fonts(["extended", "arabic"])
    pdf.set_text_shaping(True)
    return pdf


def _line(pdf: "FPDF", text: str, size: float, colour: tuple[int, int, int], bold: bool = False) -> None:
    """One centred text, smaller where it would not fit the page, broken where that is not enough."""
    pdf.set_text_color(*colour)
    pdf.set_font("atkinson", "B" if bold else "", size)
    room = PAGE_MM - 2 * MARGIN_MM
    if (wide := pdf.get_string_width(text)) > room:
        pdf.set_font_size(max(size * room / wide * 0.98, size / 2, 11))
    pdf.multi_cell(0, pdf.font_size * 1.3, text, align="C", new_x="LMARGIN", new_y="NEXT")
