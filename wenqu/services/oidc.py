"""Who is it that the city's own sign-in vouches for? OpenID Connect Core 1.0, code flow with PKCE (RFC 7636).

An account is let in by issuer and subject; the sign-in elsewhere makes no accounts and gives no rights.
"""

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from wenqu.errors import BadSetting, Refused
from wenqu.settings import LOOPBACK, Settings

PATIENCE = 600.0  # [s] from the start of a sign-in to its end
MOST = 1000  # sign-ins that are under way at once
TIMEOUT = 10.0  # [s] for an answer of the issuer
SKEW = 60  # [s] between the clocks
ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "ES256",
    "ES384",
    "EdDSA",
]  # never "none", never a shared secret


@dataclass(frozen=True, slots=True)
class _Begun:
    at: float
    nonce: str
    verifier: str
    back: str  # where the issuer sends the browser


class Elsewhere:
    """The city's own sign-in."""

    def __init__(self, issuer: str, client: str, secret: str) -> None:
        """Name the issuer, and what Wenqu is called there."""
        self.issuer = issuer.rstrip("/")
        self._client, self._secret = client, secret
        self._begun: dict[str, _Begun] = {}
        self._about: dict[str, Any] = {}
        self._lock = threading.Lock()

    def start(self, back: str) -> tuple[str, str]:
        """Return the state of a new sign-in and the address to which the browser goes.

        Raises
        ------
        Refused
            The issuer does not answer as one (``oidc-issuer``).
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        with self._lock:
            now = time.monotonic()
            self._begun = {key: one for key, one in self._begun.items() if now - one.at < PATIENCE}
            if len(self._begun) >= MOST:
                raise Refused("too-many")
            self._begun[state] = _Begun(now, nonce, verifier, back)
        asked = {"response_type": "code", "scope": "openid", "client_id": self._client, "redirect_uri": back}
        asked |= {
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        where = self._known()["authorization_endpoint"]
        return state, f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    def finish(self, state: str, own_state: str, code: str) -> str:
        """Return the subject that an account is known by: issuer and subject.

        Parameters
        ----------
        state, own_state
            The state that came back, and that of the browser's cookie.

        Raises
        ------
        Refused
            The sign-in was not begun in this browser or took too long (``oidc-state``), or the issuer
            vouches for nobody (``oidc-issuer``).
        """
        with self._lock:
            begun = self._begun.pop(state, None)
        if begun is None or not secrets.compare_digest(state.encode(), own_state.encode()):
            raise Refused("oidc-state")
        if time.monotonic() - begun.at > PATIENCE:
            raise Refused("oidc-state")
        told = self._ask(
            self._known()["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            redirect_uri=begun.back,
            code_verifier=begun.verifier,
        )
        claims = self._claims(str(told.get("id_token", "")))
        if claims.get("nonce") != begun.nonce:
            raise Refused("oidc-issuer", said="nonce")
        return f"{self.issuer} {claims['sub']}"

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            keys = KeySet.import_key_set(self._ask(self._known()["jwks_uri"]))  # type: ignore[arg-type]
            found = jwt.decode(token, keys, algorithms=ALGORITHMS)
            wanted = jwt.JWTClaimsRegistry(
                leeway=SKEW,
                iss={"essential": True, "value": self.issuer_named()},
                aud={"essential": True, "value": self._client},
                exp={"essential": True},
                sub={"essential": True},
            )
            wanted.validate(found.claims)
        except (JoseError, ValueError, KeyError) as error:
            raise Refused("oidc-issuer", said=type(error).__name__) from None
        return dict(found.claims)

    def issuer_named(self) -> str:
        """Return the issuer as it calls itself, trailing slash and all."""
        return str(self._known()["issuer"])

    def _known(self) -> dict[str, Any]:
        """Return what the issuer says of itself, asked once."""
        if not self._about:
            about = self._ask(f"{self.issuer}/.well-known/openid-configuration")
            needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
            if any(not isinstance(about.get(name), str) for name in needed):
                raise Refused("oidc-issuer", said="openid-configuration")
            if about["issuer"].rstrip("/") != self.issuer:
                raise Refused("oidc-issuer", said="issuer")
            self._about = about
        return self._about

    def _ask(self, address: str, **form: str) -> dict[str, Any]:
        """Ask the issuer; with a form as the client that Wenqu is there."""
        try:
            with httpx2.Client(timeout=TIMEOUT, follow_redirects=False) as client:
                if form:
                    if self._secret:
                        client.auth = (self._client, self._secret)
                    else:
                        form["client_id"] = self._client
                    answer = client.post(address, data=form)
                else:
                    answer = client.get(address)
            made = answer.json() if answer.status_code == httpx2.codes.OK else None
        except (httpx2.HTTPError, ValueError) as error:
            raise Refused("oidc-issuer", said=type(error).__name__) from None
        if not isinstance(made, dict):
            raise Refused("oidc-issuer", said=str(answer.status_code))
        return made


def elsewhere_of(settings: Settings) -> Elsewhere | None:
    """Return the city's own sign-in if the settings name one.

    Raises
    ------
    BadSetting
        The issuer is no https address (http only on this machine), or Wenqu has no name there.
    """
    if not settings.oidc_issuer:
        return None
    parts = urlsplit(settings.oidc_issuer)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname:
        raise BadSetting("value", name="WENQU_OIDC_ISSUER", value=settings.oidc_issuer, setting="oidc_issuer")
    if not settings.oidc_client:
        raise BadSetting("value", name="WENQU_OIDC_CLIENT", value="", setting="oidc_client")
    return Elsewhere(settings.oidc_issuer, settings.oidc_client, settings.oidc_secret)
