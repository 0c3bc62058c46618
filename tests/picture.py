"""README's picture, made anew: `python tests/picture.py FOLDER`, a folder that `mailflow demo --out` left.

Left the mails of the demo's first referral, as its own page lists them; right the letter that confirmed it.
"""

import sys
from pathlib import Path

from chromium import chromium
from PIL import Image

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "demo.png"
SIDE_BY_SIDE = """
    const mails = [...document.querySelectorAll('details')];
    mails.forEach((mail, nth) => { if (nth && !mail.textContent.includes('[MSI-2026-0001]')) mail.remove() });
    const letter = document.createElement('iframe');
    letter.srcdoc = mails[1].querySelector('iframe').srcdoc;
    letter.style = 'flex:0 0 560px;height:auto;border:1px solid #d9d9d2;background:#fff';
    const list = document.createElement('div');
    list.style = 'flex:1';
    list.append(...document.querySelectorAll('details'));
    const main = document.querySelector('main');
    main.style = 'max-width:none;padding:16px;display:flex;gap:16px;font-size:15px;line-height:1.35';
    main.replaceChildren(list, letter);
    for (const one of list.querySelectorAll('details')) one.style.margin = '0 0 6px';
    for (const one of list.querySelectorAll('summary')) one.style.padding = '6px 12px';
    new Promise(done => letter.onload = () => done(1))
"""


def make(folder: Path, picture: Path) -> None:
    """Write the PNG to *picture*."""
    with chromium() as page:
        page.open(folder / "index.html", width=1180)
        page.value(SIDE_BY_SIDE)
        page.screenshot(picture)
    with Image.open(picture) as shot:
        few = shot.convert("RGB").quantize(48)
    few.save(picture, optimize=True)


if __name__ == "__main__":
    make(Path(sys.argv[1]), PICTURE)
