"""Signing in by the city's own sign-in, against a small provider on this machine."""

import base64
import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from wenqu.api.router import make_api
from wenqu.errors import BadSetting, Refused
from wenqu.services.accounts import add_account, set_disabled
from wenqu.services.city_state import Cities
from wenqu.services.entrance import Entrance
from wenqu.services.oidc import Elsewhere, elsewhere_of
from wenqu.services.rights import LOCAL
from wenqu.settings import Settings
from wenqu.store.database import open_store

KEY = RSAKey.generate_key(2048, parameters={"kid": "one"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "one"})
HOME = "http://127.0.0.1"


class Provider(ThreadingHTTPServer):
    """A provider that says what a test tells it to."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.home = f"http://127.0.0.1:{self.server_port}"
        self.claims = {}  # beside the usual ones
        self.key = KEY
        self.asked = {}  # by code: what the browser brought
        self.token_asked = []

    def vouch(self, address, **claims):
        """Do what a person does at the provider; return the code."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked["code-1"] = given
        self.claims = claims
        return given


class Answers(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def _say(self, made, status=200):
        body = orjson.dumps(made)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        home = self.server.home
        if self.path == "/.well-known/openid-configuration":
            self._say(
                {
                    "issuer": home,
                    "authorization_endpoint": f"{home}/authorize",
                    "token_endpoint": f"{home}/token",
                    "jwks_uri": f"{home}/keys",
                }
            )
        elif self.path == "/keys":
            self._say({"keys": [KEY.as_dict(private=False)]})
        else:
            self._say({}, 404)

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        code, verifier = form["code"][0], form["code_verifier"][0]
        self.server.token_asked.append((dict(form), self.headers.get("Authorization")))
        begun = self.server.asked.pop(code, None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if (
            begun is None
            or challenge != begun["code_challenge"]
            or form["redirect_uri"][0] != begun["redirect_uri"]
        ):
            self._say({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        claims = {"iss": self.server.home, "aud": "wenqu", "sub": "wang", "nonce": begun["nonce"]}
        claims |= {"iat": now, "exp": now + 300} | self.server.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.server.key)
        self._say({"access_token": "x", "token_type": "Bearer", "id_token": token})


@pytest.fixture
def provider():
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def store(tmp_path, provider):
    store = open_store(tmp_path)
    add_account(store.accounts, LOCAL, "wang", "王工", f"{provider.home} wang")
    yield store
    store.close()


@pytest.fixture
def client(store, provider):
    app = make_api(Cities(store), Entrance(store.accounts))
    app.state.elsewhere = Elsewhere(provider.home, "wenqu", "secret")
    return TestClient(app, base_url=HOME, follow_redirects=False)


def begun(client, provider, **claims):
    gone = client.get("/api/v1/sign-in/elsewhere")
    assert gone.status_code == 303
    return provider.vouch(gone.headers["location"], **claims)


def back(client, state, code="code-1"):
    return client.get("/api/v1/sign-in/elsewhere/back", params={"state": state, "code": code})


def test_whom_the_provider_vouches_for_is_signed_in(client, provider):
    assert client.get("/api/v1/me").json()["elsewhere"] is True
    given = begun(client, provider)
    assert given["redirect_uri"] == f"{HOME}/api/v1/sign-in/elsewhere/back"
    assert given["code_challenge_method"] == "S256"
    answer = back(client, given["state"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert client.get("/api/v1/me").json()["account"] == "wang"
    assert provider.token_asked[0][1].startswith("Basic ")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "somebody-else"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 1000},
        {"exp": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_us_lets_nobody_in(client, provider, claims):
    answer = back(client, begun(client, provider, **claims)["state"])
    assert (answer.status_code, answer.json()["code"]) == (401, "error.refused.oidc-issuer")
    assert client.get("/api/v1/me").json()["account"] == ""


def test_a_token_of_another_key_lets_nobody_in(client, provider):
    provider.key = OTHER
    assert back(client, begun(client, provider)["state"]).status_code == 401


def test_a_stranger_and_a_shut_account_stay_outside(client, provider, store):
    answer = back(client, begun(client, provider, sub="li")["state"])
    assert answer.json()["code"] == "error.refused.oidc-unknown"
    set_disabled(store.accounts, LOCAL, "wang", disabled=True)
    assert back(client, begun(client, provider)["state"]).status_code == 401


def test_a_sign_in_begun_in_another_browser_is_refused(client, provider, store):
    state = begun(client, provider)["state"]
    other = TestClient(client.app, base_url=HOME, follow_redirects=False)
    assert back(other, state).json()["code"] == "error.refused.oidc-state"
    assert back(client, state).json()["code"] == "error.refused.oidc-state"  # used up by the attempt


def test_a_state_serves_once(client, provider):
    state = begun(client, provider)["state"]
    assert back(client, state).status_code == 303
    assert back(client, state).status_code == 401


def test_a_foreign_host_name_begins_nothing(client):
    answer = client.get("/api/v1/sign-in/elsewhere", headers={"Host": "evil.example"})
    assert answer.json()["code"] == "error.refused.host"


def test_without_a_provider_there_is_a_sentence(store):
    api = TestClient(make_api(Cities(store), Entrance(store.accounts)), base_url=HOME)
    assert api.get("/api/v1/sign-in/elsewhere").json()["code"] == "error.refused.oidc-none"
    assert api.get("/api/v1/me").json()["elsewhere"] is False


def test_a_provider_that_is_away_is_one_sentence():
    with pytest.raises(Refused):
        Elsewhere("http://127.0.0.1:9", "wenqu", "").start("http://127.0.0.1/back")


@pytest.mark.parametrize(
    "given",
    [
        {"oidc_issuer": "http://elsewhere.example", "oidc_client": "a"},
        {"oidc_issuer": "ftp://x", "oidc_client": "a"},
        {"oidc_issuer": "https://x.example"},
    ],
)
def test_an_unsafe_or_half_setting_is_refused(given):
    with pytest.raises(BadSetting):
        elsewhere_of(Settings(**given))


def test_no_setting_is_no_sign_in_elsewhere():
    assert elsewhere_of(Settings()) is None
