"""What is checked on a screen that is shown: axe's rules, and that nothing is out of reach."""

import re
from collections.abc import Set
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Dark pages are the same but for their colours: the rules about those are enough.
    "dark": ["color-contrast", "link-in-text-block"],
}

_WIDER = """() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const found = [`the page is ${root.scrollWidth} pixels wide, not ${root.clientWidth}`];
    for (const one of document.querySelectorAll("body *")) {
        const box = one.getBoundingClientRect();
        if (box.width && (box.right > root.clientWidth + 1 || box.left < -1)) {
            found.push(`sticks out: ${one.outerHTML.slice(0, 120)}`);
            if (found.length > 3) break;
        }
    }
    return found;
}"""

_OUT_OF_SIGHT = """() => {
    const root = document.documentElement;
    return [...document.querySelectorAll("dialog[open], :popover-open, [role=listbox]")]
        .filter((one) => one.checkVisibility())
        .map((one) => [one, one.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.left < -1 || box.top < -1
            || box.right > root.clientWidth + 1 || box.bottom > innerHeight + 1))
        .map(([one]) => `is partly off the window: ${one.outerHTML.slice(0, 120)}`);
}"""

_TWICE = """() => {
    const seen = new Map();
    for (const one of document.querySelectorAll("[id]")) {
        seen.set(one.id, (seen.get(one.id) ?? 0) + 1);
    }
    return [...seen].filter(([, times]) => times > 1).map(([id]) => `id twice: ${id}`);
}"""


_TEXTS = """() => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const holder = walk.currentNode.parentElement;
        const ours = !holder.closest("code, kbd, script, textarea, [translate=no]");
        if (ours) found.push(walk.currentNode.data);
    }
    for (const name of ["title", "placeholder", "aria-label", "alt"]) {
        for (const one of document.querySelectorAll(`[${name}]`)) {
            found.push(one.getAttribute(name));
        }
    }
    return [document.title, ...found];
}"""

TRANSLATED = re.compile("[⟦⟧]|~~")
WORDS = re.compile(r"[A-Za-z]{2,}")


def untranslated_on(page: Page, known: Set[str]) -> list[str]:
    """The texts of a page in the mirrored language that are neither translated nor records' own.

    ``known``: the words in records.
    """
    texts = {" ".join(text.split()) for text in page.evaluate(_TEXTS)}
    return [
        f"not translated: {text[:80]}"
        for text in sorted(texts)
        if not TRANSLATED.search(text) and set(WORDS.findall(text)) - known
    ]


def problems_on(page: Page) -> list[str]:
    """What is out of reach on a page, each as a sentence that names the element."""
    found: list[str] = []
    for check in (_WIDER, _OUT_OF_SIGHT, _TWICE):
        found += page.evaluate(check)
    return found


def violations_on(page: Page, rules: list[str]) -> list[str]:
    """What axe-core finds wrong. The page's Content-Security-Policy does not bind the tools."""
    page.evaluate(f"{AXE};0")
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    result: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"axe {violation['id']}: {_told(node['html'])} {_why(node['failureSummary'])}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def _told(element: str) -> str:
    """The beginning of an element, the same in each row of a list."""
    return re.sub(r'(href|title|value|id)="[^"]*"', r'\1="…"', element)[:160]


def _why(summary: str) -> str:
    """The reasons of axe's summary, on one line."""
    lines = [line.strip() for line in summary.splitlines()[1:] if line.strip()]
    return " / ".join(lines)[:240]
