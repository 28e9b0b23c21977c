"""A request that each route can read, made from what the interface itself says of its body and its query.

A body that cannot be read is refused before anybody asks who sent it: a route is only tried when its body
holds.
"""

import re

FITTING = ("0" * 64, "0" * 20, "2026-01-01", "2026", "zh", "A", "1")  # for texts with a pattern
FILE = ("x.csv", b"id\n1\n")


def valid_request(spec, method, path, known):
    """Return address and arguments of a request.

    Parameters
    ----------
    spec
        The interface as OpenAPI describes it.
    known
        Values of parameters in the path that the interface cannot know.
    """
    route = spec["paths"][path][method]
    named = {where: {} for where in ("path", "query", "header")}
    for entry in route.get("parameters", []):
        if entry.get("required") and entry["in"] in named:
            value = value_of(spec, entry["schema"], known[""])
            named[entry["in"]][entry["name"]] = value
    of_path = {
        entry["name"]: entry["schema"] for entry in route.get("parameters", []) if entry["in"] == "path"
    }
    for name, schema in of_path.items():
        if name in known and "enum" not in _resolved(spec, schema):
            named["path"][name] = known[name]
    address = re.sub(r"\{(\w+)(?::path)?\}", lambda found: str(named["path"][found[1]]), path)
    arguments = {"params": named["query"], "headers": named["header"]}
    body = route.get("requestBody")
    if body is None:
        return address, arguments | ({"content": b"x"} if method in {"post", "put", "patch"} else {})
    ((kind, told),) = body["content"].items()
    if kind == "application/json":
        return address, arguments | {"json": value_of(spec, told["schema"], known[""])}
    schema = _resolved(spec, told["schema"])
    parts = {name: schema["properties"][name] for name in schema.get("required", ())}
    files = {name: FILE for name, part in parts.items() if _is_file(_resolved(spec, part))}
    data = {name: value_of(spec, part, known[""]) for name, part in parts.items() if name not in files}
    return address, arguments | {"files": files, "data": data}


def _resolved(spec, schema):
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _is_file(schema):
    told = str(schema)
    return "binary" in told or "contentMediaType" in told


def value_of(spec, schema, text):
    """Return the smallest value that a schema takes; ``text`` wherever any text will do."""
    schema = _resolved(spec, schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            some = [one for one in schema[several] if one.get("type") != "null"]
            return value_of(spec, some[0], text)
    kind = schema.get("type")
    if kind == "object":
        needed = schema.get("required", ())
        return {name: value_of(spec, schema["properties"][name], text) for name in needed}
    if kind == "array":
        several = schema.get("prefixItems") or [schema.get("items", {})] * max(schema.get("minItems", 0), 1)
        return [value_of(spec, one, text) for one in several]
    if kind in {"integer", "number"}:
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        return int(least) if kind == "integer" else float(least)
    return True if kind == "boolean" else _text_of(schema, text)


def _text_of(schema, text):
    dated = {"date": "2026-01-01", "date-time": "2026-01-01T00:00:00"}
    if schema.get("format") in dated:
        return dated[schema["format"]]
    if "pattern" in schema:
        return next(one for one in FITTING if re.search(schema["pattern"], one))
    return text[: schema.get("maxLength", len(text))]
