"""Texts that want to be more than text: markup, templates, formulas, signs that turn or pile up."""

import random

WOULD_RUN = "window.owned=1"
MARKUP = (
    "<script>{}</script>", "<img src=x onerror={}>", "<svg onload={}>", "<svg><script>{}</script></svg>",
    "<iframe srcdoc='<script>parent.{}</script>'>", "<a href='javascript:{}'>x</a>", "<body onload={}>",
    "<input autofocus onfocus={}>", "<details open ontoggle={}>", "<video src=x onerror={}>",
    "<style>*{{{}}}</style>",
    "<form action=javascript:{}><button>x</button></form>", "<math href=javascript:{}>x</math>",
    "<base href=//x.test>",
    "<object data='data:text/html,<script>{}</script>'>", "<embed src='javascript:{}'>",
    "<marquee onstart={}>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>", "<link rel=stylesheet href=//x.test/{}>",
    "<b>bold</b>",
    "<template><script>{}</script></template>", "<noscript><p title='</noscript><img src=x onerror={}>'>",
    "<xmp><p title='</xmp><svg onload={}>'>", "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;img src=x onerror={}&#62;",
)  # fmt: skip
BEFORE = (
    "",
    "'",
    '"',
    '">',
    "'>",
    "</p>",
    "</li></ol></main>",
    "</textarea>",
    "</title>",
    "-->",
    "]]>",
    '\\"',
    "`",
)
OTHERS = (
    "\" onfocus={} autofocus x=\"", "' onmouseover='{}", "${{{}}}", "{{{{ 7*7 }}}}", "{{% raw %}}{}",
    "%(name)s %s {}",
    "javascript:{}", "data-until=x {}", "\u202egnp.exe {} مرحبا \u2067Ann", "\u2066\u2067\u2068{}",
    "\ufeff\u200b{}",
    "z̷̢͠a̴l̵g̶o̷ " + "Z" + "̷" * 60, "👩🏽\u200d🔧🇹🇷 Ünïcödé ﷽ {}",
    "W" * 500, "＜script＞{}＜/script＞", "=1+1 {}", "a\r\nb\x1b[31m{}",
)  # fmt: skip


def texts(count: int, seed: int = 8) -> list[str]:
    """So many of them, each a little different."""
    made = random.Random(seed)
    shapes = [before + markup for before in BEFORE for markup in MARKUP] + list(OTHERS)
    chosen = made.sample(shapes, min(count, len(shapes)))
    return [
        shape.format(WOULD_RUN) + f" #{number}" if len(shape) < 400 else shape
        for number, shape in enumerate(chosen)
    ]
