"""Which rules and errors are there, and what do they say? Pages from the sentences of the program."""

import re
from collections import defaultdict
from collections.abc import Iterator

from docs_tables import table, titled, word

from wenqu import errors as tree
from wenqu.api.errors import REASON_STATUS, STATUS
from wenqu.messages import sentences
from wenqu.network.checks.telling import rules

FACT = re.compile(r"\{(\w+)(:[^{}]*)?\}")


def readable(template: str) -> str:
    """Return a sentence whose facts are named as ‹fact›; a share as ‹fact› %."""
    return FACT.sub(lambda fact: f"‹{fact[1]}›" + " %" * (fact[2] or "").endswith("%"), template)


def issue_codes(language: str) -> list[str]:
    """Return the code of every rule that has a sentence."""
    keys = sentences(language)
    return sorted(
        key.removeprefix("issue.").removesuffix(".says")
        for key in keys
        if key.startswith("issue.") and key.endswith(".says")
    )


def checks(language: str) -> Iterator[str]:
    """Yield the page of rules: what each says and what to do."""
    yield titled(language, "# 检查规则", "# Rules of the checks")
    yield ""
    yield word("intro", "checks", language)
    yield ""
    keys, weights = sentences(language), rules()
    families: defaultdict[str, list[str]] = defaultdict(list)
    for code in issue_codes(language):
        families[code.partition(".")[0]].append(code)
    for family, codes in families.items():
        yield f"## {word('family', family, language)} `{family}`"
        yield ""
        yield from table(
            titled(language, "名称,规则,轻重,说明,处理办法", "name,rule,weight,says,remedy").split(","),
            [
                [
                    keys.get(f"issue.{code}.name", ""),
                    f"`{code}`",
                    word("weight", weights[code].value, language) if code in weights else "",
                    readable(keys[f"issue.{code}.says"]),
                    readable(keys.get(f"issue.{code}.remedy", "")),
                ]
                for code in codes
            ],
        )


def classes(kind: type[tree.WenquError] = tree.WenquError) -> Iterator[type[tree.WenquError]]:
    """Yield a class of errors and every class beneath it."""
    yield kind
    for below in sorted(kind.__subclasses__(), key=lambda entry: entry.__name__):
        yield from classes(below)


def error_keys(language: str) -> list[str]:
    """Return the key of every sentence of an error."""
    return sorted(key for key in sentences(language) if key.startswith("error."))


def errors(language: str) -> Iterator[str]:
    """Yield the page of errors: class, HTTP status, every sentence."""
    yield titled(language, "# 错误", "# Errors")
    yield ""
    yield word("intro", "errors", language)
    yield ""
    yield from table(
        titled(language, "类,代码,HTTP", "class,code,HTTP").split(","),
        [[f"`{kind.__name__}`", f"`{kind.code}`", STATUS.get(kind, "")] for kind in classes()],
    )
    special = ", ".join(
        f"`error.{code}.{reason}` → {status}" for (code, reason), status in REASON_STATUS.items()
    )
    yield titled(language, f"例外：{special}。", f"Except: {special}.")
    yield ""
    keys = sentences(language)
    yield from table(
        titled(language, "代码,说明", "code,sentence").split(","),
        [[f"`{key}`", readable(keys[key])] for key in error_keys(language)],
    )
