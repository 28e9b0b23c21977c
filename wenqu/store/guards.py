"""What the database itself refuses: to change or delete what was once stated."""

# Rows of a change that is not complete yet may still be taken back by the transaction that wrote them.
_FINISHED = "(SELECT counts FROM change WHERE city = OLD.city AND number = OLD.valid_from) IS NOT NULL"

# Of a version only its end may be set, and only once.
_CONTENT = ("id", "city", "type", "asset", "valid_from", "fields", "extra", "digest")
_BOX = ("west", "south", "east", "north")

APPEND_ONLY = ("city", "record", "document")

_BOX_NEW = """
CREATE TRIGGER asset_box_new AFTER INSERT ON asset WHEN NEW.west IS NOT NULL
BEGIN INSERT INTO asset_box VALUES (NEW.id, NEW.west, NEW.east, NEW.south, NEW.north); END
"""
_BOX_GONE = """
CREATE TRIGGER asset_box_gone AFTER DELETE ON asset
BEGIN DELETE FROM asset_box WHERE id = OLD.id; END
"""
_REFUSE = """
CREATE FUNCTION wenqu_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'wenqu: % is append-only', TG_TABLE_NAME; END $$
"""
_KEEP_FINISHED = f"""
CREATE FUNCTION wenqu_keep_finished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF {_FINISHED} THEN RAISE EXCEPTION 'wenqu: asset is append-only'; END IF; RETURN OLD; END $$
"""
_ASSET_NO_DELETE = """
CREATE TRIGGER asset_no_delete BEFORE DELETE ON asset FOR EACH ROW EXECUTE FUNCTION wenqu_keep_finished()
"""


def _sqlite_trigger(table: str, event: str, when: str = "") -> str:
    condition = f"WHEN {when} " if when else ""
    verb = event.split(" ", maxsplit=1)[0].lower()
    return (
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {event} ON {table} {condition}"
        f"BEGIN SELECT RAISE(ABORT, 'wenqu: {table} is append-only'); END"
    )


def _changed(columns: tuple[str, ...], differs: str) -> str:
    return " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in columns)


def sqlite_guards() -> list[str]:
    """Return the statements that make a SQLite store append-only and keep the R-tree of its boxes."""
    edited = _changed((*_CONTENT, "geometry", *_BOX), "IS NOT")
    closed = "OLD.counts IS NOT NULL"
    renamed = _changed(("city", "number", "at", "who", "why"), "IS NOT")
    statements = [_sqlite_trigger(table, event) for table in APPEND_ONLY for event in ("UPDATE", "DELETE")]
    return [
        *statements,
        _sqlite_trigger("change", "UPDATE", f"{closed} OR NEW.counts IS NULL OR {renamed}"),
        _sqlite_trigger("change", "DELETE"),
        _sqlite_trigger("asset", "UPDATE", f"OLD.valid_to IS NOT NULL OR NEW.valid_to IS NULL OR {edited}"),
        _sqlite_trigger("asset", "DELETE", _FINISHED),
        "CREATE VIRTUAL TABLE asset_box USING rtree(id, west, east, south, north)",
        _BOX_NEW,
        _BOX_GONE,
    ]


def _postgres_trigger(table: str, event: str, when: str = "") -> str:
    condition = f"WHEN ({when}) " if when else ""
    each = "STATEMENT" if event == "TRUNCATE" else "ROW"
    return (
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} FOR EACH {each} {condition}"
        "EXECUTE FUNCTION wenqu_refuse()"
    )


def postgres_guards() -> list[str]:
    """Return the statements that make a PostgreSQL store append-only."""
    differs = "IS DISTINCT FROM"
    text = " OR ".join(f"NEW.{name}::text {differs} OLD.{name}::text" for name in ("fields", "extra"))
    same = tuple(name for name in _CONTENT if name not in {"fields", "extra"})
    shape = "ST_AsEWKB(NEW.geometry) IS DISTINCT FROM ST_AsEWKB(OLD.geometry)"
    edited = f"{_changed((*same, *_BOX), differs)} OR {text} OR {shape}"
    renamed = _changed(("city", "number", "at", "who", "why"), differs)
    unfinished = "OLD.counts IS NOT NULL OR NEW.counts IS NULL"
    return [
        _REFUSE,
        _KEEP_FINISHED,
        *(_postgres_trigger(table, event) for table in APPEND_ONLY for event in ("UPDATE", "DELETE")),
        *(_postgres_trigger(table, "TRUNCATE") for table in (*APPEND_ONLY, "change", "asset")),
        _postgres_trigger("change", "UPDATE", f"{unfinished} OR {renamed}"),
        _postgres_trigger("change", "DELETE"),
        _postgres_trigger("asset", "UPDATE", f"OLD.valid_to IS NOT NULL OR NEW.valid_to IS NULL OR {edited}"),
        _ASSET_NO_DELETE,
    ]
