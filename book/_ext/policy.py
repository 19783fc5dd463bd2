"""A content-security policy on every page: nothing from elsewhere, no inline script but those the builder wrote.

A static host sets no headers, so the policy is a meta element. The theme's few inline scripts are allowed by their
SHA-256; WebAssembly is allowed, ``eval`` is not. ``file:`` lets a page opened from a disk use its neighbours.
"""

import base64
import hashlib
import re
from pathlib import Path

INLINE = re.compile(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", re.DOTALL)
SELF = "'self' file:"
POLICY = {
    "default-src": SELF,  # Firefox asks it before it fetches the next page ahead
    "object-src": "'none'",
    "frame-src": "'none'",
    "script-src": f"{SELF} blob: 'wasm-unsafe-eval'",
    "worker-src": "blob:",
    "style-src": f"{SELF} 'unsafe-inline'",
    "img-src": f"{SELF} data: blob:",
    "font-src": f"{SELF} data:",
    "connect-src": f"{SELF} data: blob:",
    "form-action": SELF,
    "base-uri": "'none'",
}


def add_policy(out: Path) -> None:
    """Give every page its policy; the theme's print button, an inline handler, becomes a marked button."""
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf8")
        if "<head>" not in text or "Content-Security-Policy" in text:
            continue
        text = text.replace('onclick="window.print()"', 'data-mlrg="print"')
        hashes = {
            "'sha256-"
            + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
            + "'"
            for attributes, code in INLINE.findall(text)
            if "json" not in attributes
        }
        rules = {
            **POLICY,
            "script-src": " ".join([POLICY["script-src"], *sorted(hashes)]),
        }
        content = "; ".join(f"{name} {value}" for name, value in rules.items())
        meta = f'<meta http-equiv="Content-Security-Policy" content="{content}">'
        page.write_text(
            text.replace("<head>", f"<head>\n    {meta}", 1), encoding="utf8"
        )
