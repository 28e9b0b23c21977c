"""How is a file signed so that anybody can find out whether a single character of it was changed?

A signed file is JSON: ``payload`` is what is said, ``sha256`` its digest, ``signature`` a detached JSON Web
Signature (RFC 7515, Ed25519 after RFC 9864) over the payload's canonical bytes, ``key`` the public key.
Whoever changes the file and signs it anew has to use another key: its thumbprint (RFC 7638) is what is
compared with the one that the city made known.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from wenqu.errors import BadInput

Key = dict[str, str | list[str]]
FORMAT = "wenqu-signed-1"
ALGORITHM = "Ed25519"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed file that was found to be whole."""

    payload: dict[str, Any]
    sha256: str
    signer: str  # thumbprint of the key


def new_key() -> Key:
    """Return a new private key as a JSON Web Key."""
    from joserfc.jwk import OKPKey

    return dict(OKPKey.generate_key(ALGORITHM).as_dict(private=True))  # type: ignore[arg-type]


def public_part(key: Key) -> Key:
    """Return the public half of a key."""
    return {name: key[name] for name in ("crv", "kty", "x")}


def thumbprint(key: Key) -> str:
    """Return the name of a key: RFC 7638."""
    from joserfc.jwk import OKPKey

    return OKPKey.import_key(public_part(key)).thumbprint()  # type: ignore[arg-type]


def canonical(payload: object) -> bytes:
    """Return a payload as the bytes that are signed: sorted keys, no blanks, UTF-8."""
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY)


def sign(payload: dict[str, Any], key: Key) -> bytes:
    """Return the signed file of a payload."""
    from joserfc import jws
    from joserfc.jwk import OKPKey

    content = canonical(payload)
    made = jws.serialize_compact(
        {"alg": ALGORITHM},
        content,
        OKPKey.import_key(key),
        algorithms=[ALGORITHM],  # type: ignore[arg-type]
    )
    return orjson.dumps(
        {
            "format": FORMAT,
            "payload": orjson.Fragment(content),
            "sha256": sha256(content).hexdigest(),
            "signature": jws.detach_content(made),
            "key": public_part(key),
        },
        option=orjson.OPT_INDENT_2,
    )


def read_signed(content: bytes, signer: str = "") -> Signed:
    """Return what a signed file says, once it is proved that nothing of it was changed.

    Parameters
    ----------
    signer
        Thumbprint that the key must have; "" takes any key and leaves it to the reader to compare.

    Raises
    ------
    BadInput
        It is no signed file (``signed-form``), was changed (``signed-changed``), or is signed by another
        key (``signed-key``).
    """
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    try:
        whole = orjson.loads(content)
        payload, key, signature = whole["payload"], whole["key"], whole["signature"]
        fits = whole["format"] == FORMAT and isinstance(payload, dict) and isinstance(signature, str)
        public = OKPKey.import_key(public_part(key))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, JoseError):
        fits = False
    if not fits:
        raise BadInput("signed-form")
    said = canonical(payload)
    digest = sha256(said).hexdigest()
    name = public.thumbprint()
    if signer and signer != name:
        raise BadInput("signed-key", signer=name, expected=signer)
    try:
        jws.deserialize_compact(signature, public, payload=said, algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        raise BadInput("signed-changed", signer=name) from None
    if digest != whole.get("sha256"):
        raise BadInput("signed-changed", signer=name)
    return Signed(payload, digest, name)
