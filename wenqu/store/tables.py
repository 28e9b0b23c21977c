"""Which tables a store has, the same on SQLite and PostgreSQL; every row carries its city."""

import sqlalchemy as sa

from wenqu.store.columns import JsonText, Wkb

REVISION = "0006"  # newest step of migrations/versions

# Order of text must not depend on the server's locale.
Key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

metadata = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_N_name)s",
        "ck": "%(table_name)s_%(constraint_name)s",
    }
)


def _of_change(*columns: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(columns, ["change.city", "change.number"])


# One transaction: who did what to a city, when and why. Numbers run 1, 2, 3 … in each city.
change = sa.Table(
    "change",
    metadata,
    sa.Column("city", Key, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime, nullable=False),  # local standard time of the city
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("counts", JsonText),  # null until the change is complete, then fixed
    sa.Index("change_at", "city", "at"),
)

city = sa.Table(
    "city",
    metadata,
    sa.Column("city", Key, primary_key=True),
    sa.Column("change", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("zh", sa.Text, nullable=False),
    sa.Column("en", sa.Text, nullable=False),
    sa.Column("crs", sa.Text, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    _of_change("city", "change"),
)

# One version of one asset, valid from one change to before another.
asset = sa.Table(
    "asset",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("city", Key, nullable=False),
    sa.Column("type", Key, nullable=False),
    sa.Column("asset", Key, nullable=False),
    sa.Column("valid_from", sa.Integer, nullable=False),
    sa.Column("valid_to", sa.Integer),  # null while the version is open
    sa.Column("fields", JsonText, nullable=False),  # SI; a missing value is an absent key
    sa.Column("extra", JsonText),  # columns nobody knows, as delivered
    sa.Column("geometry", Wkb),  # coordinate system of the city
    sa.Column("west", sa.Double),
    sa.Column("south", sa.Double),
    sa.Column("east", sa.Double),
    sa.Column("north", sa.Double),
    sa.Column("digest", sa.LargeBinary, nullable=False),  # of fields, extra and geometry
    sa.CheckConstraint("valid_to > valid_from", name="validity"),
    sa.UniqueConstraint("city", "type", "asset", "valid_from"),
    _of_change("city", "valid_from"),
)
sa.Index(
    "asset_open",
    asset.c.city,
    asset.c.type,
    asset.c.asset,
    unique=True,
    sqlite_where=asset.c.valid_to.is_(None),
    postgresql_where=asset.c.valid_to.is_(None),
)
sa.Index("asset_began", asset.c.city, asset.c.valid_from)
sa.Index(
    "asset_ended",
    asset.c.city,
    asset.c.valid_to,
    sqlite_where=asset.c.valid_to.is_not(None),
    postgresql_where=asset.c.valid_to.is_not(None),
)
sa.Index("asset_geometry", asset.c.geometry, postgresql_using="gist").ddl_if(dialect="postgresql")

# Many versions that entered together, valid from one change on; see wenqu/store/blocks.py.
block = sa.Table(
    "block",
    metadata,
    sa.Column("id", Id, primary_key=True),  # number of its first version; those that follow are kept for it
    sa.Column("city", Key, nullable=False),
    sa.Column("type", Key, nullable=False),
    sa.Column("valid_from", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),  # how many versions
    sa.Column("low", Key, nullable=False),  # first and last asset
    sa.Column("high", Key, nullable=False),
    sa.Column("ids", sa.LargeBinary, nullable=False),
    sa.Column("fields", sa.LargeBinary, nullable=False),
    sa.Column("extra", sa.LargeBinary),
    sa.Column("geometry", sa.LargeBinary),
    sa.Column("boxes", sa.LargeBinary),
    sa.Column("digest", sa.LargeBinary, nullable=False),  # of all five
    _of_change("city", "valid_from"),
    sa.Index("block_type", "city", "type"),
)

# What people and methods stated; never changed.
record = sa.Table(
    "record",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("city", Key, nullable=False),
    sa.Column("change", sa.Integer, nullable=False),
    sa.Column("kind", Key, nullable=False),
    sa.Column("asset_type", Key, nullable=False),
    sa.Column("asset", Key, nullable=False),
    sa.Column("body", JsonText, nullable=False),
    _of_change("city", "change"),
    sa.Index("record_kind", "city", "kind", "change"),
    sa.Index("record_asset", "city", "asset_type", "asset"),
)

# One version of one document; the bytes lie in files/ under their SHA-256.
document = sa.Table(
    "document",
    metadata,
    sa.Column("city", Key, primary_key=True),
    sa.Column("name", Key, primary_key=True),
    sa.Column("change", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("media", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    _of_change("city", "change"),
)

# What lies in the archive of readings.
series = sa.Table(
    "series",
    metadata,
    sa.Column("city", Key, primary_key=True),
    sa.Column("asset", Key, primary_key=True),
    sa.Column("quantity", Key, primary_key=True),
    sa.Column("first", sa.DateTime),
    sa.Column("last", sa.DateTime),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("stale", sa.Boolean, nullable=False),  # a writing began and did not end: count again
)

# Rows of deliveries that wait to be mended (outside), and doubts about assets that entered (inside).
waiting = sa.Table(
    "waiting",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("city", Key, nullable=False),
    sa.Column("change", sa.Integer, nullable=False),
    sa.Column("delivery", Key, nullable=False),
    sa.Column("rule", Key, nullable=False),
    sa.Column("weight", Key, nullable=False),
    sa.Column("inside", sa.Boolean, nullable=False),
    sa.Column("asset_type", Key, nullable=False),
    sa.Column("asset", Key, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("sheet", sa.Text, nullable=False),
    sa.Column("row", sa.Integer),
    sa.Column("x", sa.Double),  # of the finding, in the city's coordinate system
    sa.Column("y", sa.Double),
    sa.Column("body", JsonText, nullable=False),  # facts, the Edit that makes the asset, proposals, raw row
    _of_change("city", "change"),
    sa.Index("waiting_rule", "city", "rule"),
    sa.Index("waiting_asset", "city", "asset_type", "asset"),
)

# What was decided about a waiting row; the newest turn tells its state, none means open.
decision = sa.Table(
    "decision",
    metadata,
    sa.Column("waiting", Id, sa.ForeignKey("waiting.id"), primary_key=True),
    sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("city", Key, nullable=False),
    sa.Column("change", sa.Integer, nullable=False),
    sa.Column("state", Key, nullable=False),  # repaired, dismissed, confirmed, replaced, open (again)
    sa.Column("why", sa.Text, nullable=False),
    _of_change("city", "change"),
)

# Who can sign in.
account = sa.Table(
    "account",
    metadata,
    sa.Column("name", Key, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),  # name of the person or office
    sa.Column("password", sa.Text, nullable=False),  # Argon2 hash; "" signs in elsewhere only
    sa.Column("subject", Key, nullable=False),  # issuer and subject of another sign-in, "" none
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
)

# Who is signed in; of the secret in the cookie only the digest is kept.
session = sa.Table(
    "session",
    metadata,
    sa.Column("digest", Key, primary_key=True),
    sa.Column("account", Key, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
)

# What programs show; of the secret only the digest is kept.
token = sa.Table(
    "token",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("digest", Key, nullable=False, unique=True),
    sa.Column("account", Key, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("actions", sa.Text, nullable=False),  # separated by blanks
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("expires", sa.DateTime, nullable=False),
    sa.Column("revoked", sa.Boolean, nullable=False),
)

# Which role an account has where; the account "" is anybody.
granted = sa.Table(
    "granted",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("account", Key, nullable=False),
    sa.Column("role", Key, nullable=False),
    sa.Column("city", Key, nullable=False),
    sa.Column("district", Key, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("revoked", sa.Boolean, nullable=False),
)

# Which views of its registers an account kept: filter, order, columns, groups.
kept_view = sa.Table(
    "kept_view",
    metadata,
    sa.Column("account", Key, primary_key=True),
    sa.Column("city", Key, primary_key=True),
    sa.Column("register", Key, primary_key=True),
    sa.Column("name", Key, primary_key=True),
    sa.Column("body", JsonText, nullable=False),
)

# Which asset types a city keeps from those who only read.
withheld = sa.Table(
    "withheld",
    metadata,
    sa.Column("city", Key, primary_key=True),
    sa.Column("type", Key, primary_key=True),
)

# What was done to accounts, grants and tokens; never changed.
event = sa.Table(
    "event",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("what", Key, nullable=False),
    sa.Column("body", JsonText, nullable=False),
)

# The chain: what each change (or event, under the city "") held, sealed with the seal before it.
seal = sa.Table(
    "seal",
    metadata,
    sa.Column("city", Key, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("parts", JsonText, nullable=False),  # digest of each part, hexadecimal
    sa.Column("digest", sa.Text, nullable=False),  # of the parts and the seal before
)
sa.Index("record_change", record.c.city, record.c.change)
sa.Index("waiting_change", waiting.c.city, waiting.c.change)
