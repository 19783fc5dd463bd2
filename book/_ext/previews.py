"""What a link's hover card shows: every glossary entry, reference and numbered equation of the site, in one script."""

import json
import re
from pathlib import Path

from bs4 import BeautifulSoup

WHERE = "div.math[id^=equation-], dt[id^=term-], div.citation[id]"


def write_previews(out: Path) -> int:
    """Write ``_static/previews.js`` and return how many previews it holds; keys are page#anchor."""
    previews = {}
    for page in sorted((out / "book").rglob("*.html")):
        soup = BeautifulSoup(page.read_text("utf8"), "html.parser")
        name = page.relative_to(out).as_posix()
        for element in soup.select(WHERE):
            for link in element.select("a.headerlink, span.eqno"):
                link.decompose()
            if element.name == "dt":
                entry = element.find_next_sibling("dd")
                body = f"<strong>{element.decode_contents().strip()}</strong>{entry.decode_contents()}"
            elif "citation" in element["class"]:
                body = "".join(p.decode_contents() for p in element.find_all("p"))
            else:
                body = element.decode_contents()
            body = re.sub(r'</?a\b[^>]*>|\sid="[^"]*"', "", body)
            previews[f"{name}#{element['id']}"] = re.sub(r"\s+", " ", body).strip()
    text = json.dumps(previews, ensure_ascii=False, separators=(",", ":"))
    (out / "_static/previews.js").write_text(
        f"window.mlrgPreviews={text};\n", encoding="utf8"
    )
    return len(previews)
