"""Which manholes and pipes do the words of a patrol name?

A row of a patrol often has no column for the asset: “W1023井井盖缺失”, “W1023井至W1024井路面沉陷”.
"""

import re
from dataclasses import replace

from wenqu.network.model import Network
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.matching import PipeIndex
from wenqu.survey.pipe_names import plain_name, two_ends

CODE = r"(?<![0-9A-Za-z_])(?<![0-9A-Za-z][-_])(?=[A-Za-z_-]*\d)[0-9A-Za-z]+(?:[-_][0-9A-Za-z]+)*"
WELL = r"(?:检查|雨水|污水|合流|窨)?井"
AFTER = re.compile(rf"({CODE})\s*[#＃]?号?\s*{WELL}")  # W1023井, W1023#检查井, 12号井
BEFORE = re.compile(rf"(?:{WELL}(?:编?号)?|manhole(?:\s+no\.?)?)\s*[:：为]?\s*({CODE})", re.IGNORECASE)
PIPE = re.compile(rf"({CODE})\s*[#＃]?号?\s*(?:雨水|污水|合流|排水)?管")  # P7管段, W1-W2污水管
BETWEEN = re.compile(
    rf"({CODE})\s*[#＃]?号?(?:{WELL})?\s*(?:[~～—–→]|至|到|to|(?<=井)-)\s*({CODE})\s*[#＃]?号?\s*(?:{WELL}|管|段)",
    re.IGNORECASE,
)


def named_manholes(text: str) -> list[str]:
    """Return the codes of the manholes that a text names, each once, in their order.

    Examples
    --------
    >>> named_manholes("人民路W1023井井盖缺失，检查井：W1024冒溢")
    ['W1023', 'W1024']
    >>> named_manholes("DN300管破裂，长12m")
    []
    """
    found = [(one.start(1), one[1]) for how in (AFTER, BEFORE) for one in how.finditer(text)]
    return list(dict.fromkeys(code for _, code in sorted(found)))


def without_manholes(text: str) -> str:
    """Return a text without the manholes that it names: what was found there.

    Examples
    --------
    >>> without_manholes("W1024检查井井盖破损")
    '井盖破损'
    """
    return BEFORE.sub("", AFTER.sub("", text)).strip(" ，,:：")


def at_named_place(seen: SeenAsset, index: PipeIndex, manholes: set[str]) -> SeenAsset:
    """Return what a patrol met with the manhole or pipe that it names.

    An asset that is no pipe of the city but a manhole is that manhole. Where no column names an asset, the
    place and the findings are read: one manhole (known or not), two as the ends of a pipe, or a known pipe.
    Several, or none, change nothing.
    """
    one = seen.inspection
    if one.looked_inside or one.asset_type not in {"", "conduit"} or one.start or one.end:
        return seen
    if one.asset:
        known = index.pipe_names.sure(one.asset) or not index.nodes.sure(one.asset) & manholes
        return seen if known else _at(seen, "manhole", one.asset)
    text = "；".join(words_of(seen))
    pipes = [code for code in dict.fromkeys(PIPE.findall(text)) if _is_pipe(code, index)]
    pair = None if pipes else BETWEEN.search(text)
    if pair:
        return _at(seen, "conduit", "", pair[1], pair[2])
    named = named_manholes(text)
    known_ones = [code for code in named if index.nodes.sure(code)] or named
    meant = {plain_name(code): code for code in known_ones}
    if len(meant) == 1:
        return _at(seen, "manhole", next(iter(meant.values())))
    return _at(seen, "conduit", pipes[0]) if len(pipes) == 1 and not meant else seen


def _is_pipe(code: str, index: PipeIndex) -> bool:
    return bool(index.pipe_names.sure(code) or two_ends(code, index.nodes))


def words_of(seen: SeenAsset) -> list[str]:
    """Return the words in which a patrol says where it was and what it met."""
    return [*seen.facts.values(), *(row.remark for row in seen.inspection.defects if row.remark)]


def _at(seen: SeenAsset, type_: str, asset: str, start: str = "", end: str = "") -> SeenAsset:
    here = replace(seen.inspection, asset_type=type_, asset=asset, start=start, end=end)
    return replace(seen, inspection=here, start=start, end=end)


def manholes_of(network: Network) -> set[str]:
    """Return the codes of the manholes of a city."""
    return set(map(str, network.table("manhole").ids.tolist()))
