"""In which encoding is this text, and how do we know?"""

from dataclasses import dataclass

BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Control bytes that no text has: all but tab, line feed, vertical tab, form feed, return, Ctrl-Z, escape.
CONTROLS = bytes(sorted(set(range(32)) - {9, 10, 11, 12, 13, 26, 27}))


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was taken for, and why."""

    text: str
    encoding: str  # a Python codec; decoding and encoding with it gives the same bytes again
    why: str  # "plain" "bom" "only-fit" "several-fit" "none-fits"
    fits: tuple[str, ...]  # the encodings that decode without error
    wide: int  # how many characters are not ASCII
    han: int  # how many of them are Chinese


def is_binary(content: bytes) -> bool:
    """Tell whether these bytes are no text at all."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    head = content[:65536]
    return b"\0" in head or sum(head.count(control) for control in CONTROLS) > len(head) / 100


def _fits(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _han(text: str) -> int:
    """Count Chinese characters and full-width punctuation."""
    return sum("\u4e00" <= sign <= "\u9fff" or "\u3000" <= sign <= "\u303f" for sign in text)


def _wide(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _looks_like_gb(content: bytes) -> bool:
    """Tell whether the high bytes come in pairs, as Chinese does, and not one by one between letters."""
    pairs = singles = 0
    at = 0
    while at < len(content):
        if content[at] < 0x80:
            at += 1
            continue
        paired = at + 1 < len(content) and content[at + 1] >= 0x80
        pairs, singles = pairs + paired, singles + (not paired)
        at += 1 + paired
    return pairs > singles


def decode(content: bytes) -> Decoded:
    """Return the text of some bytes, with the evidence for its encoding.

    UTF-8 fits other encodings' text so rarely that it wins whenever it fits and holds Chinese, or
    when GB 18030 gives no more Chinese than it does. Bytes that fit neither are read byte by byte
    (Latin-1), so that nothing is lost.
    """
    for bom, encoding in BOMS:
        if content.startswith(bom):
            text = _fits(content, encoding)
            if text is not None and text.encode(encoding) == content:
                return Decoded(text, encoding, "bom", (encoding,), _wide(text), _han(text))
    if content.isascii():
        return Decoded(content.decode("ascii"), "ascii", "plain", ("ascii",), 0, 0)
    texts = {name: _fits(content, name) for name in ("utf-8", "gb18030")}
    there = {name: text for name, text in texts.items() if text is not None}
    if "gb18030" in there and there["gb18030"].encode("gb18030") != content:
        del there["gb18030"]
    fits = tuple(there)
    taken, why = _choose(there, content)
    text = there.get(taken) or content.decode("latin-1")
    return Decoded(text, taken, why, fits, _wide(text), _han(text))


def _choose(there: dict[str, str], content: bytes) -> tuple[str, str]:
    chinese = {name: _han(text) for name, text in there.items()}
    if set(there) == {"utf-8", "gb18030"}:
        # The GBK bytes of 木 and 路 are valid UTF-8 as well: then only one reading is Chinese.
        taken = "gb18030" if not chinese["utf-8"] and _common(there["gb18030"]) else "utf-8"
        return taken, "several-fit"
    if "utf-8" in there:
        return "utf-8", "only-fit"
    if "gb18030" in there and _looks_like_gb(content):
        return "gb18030", "only-fit"
    return "latin-1", "none-fits"


def _common(text: str) -> bool:
    """Tell whether most wide characters are among the 3,755 everyday ones of GB 2312."""
    wide = [sign for sign in text if ord(sign) > 127]
    everyday = 0
    for sign in wide:
        code = sign.encode("gb18030")
        everyday += len(code) == 2 and 0xB0 <= code[0] <= 0xD7 and code[1] >= 0xA1
    return everyday * 2 > len(wide)
