"""Who am I, how do I sign in, and who may what?"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller
from wenqu.services import accounts as service
from wenqu.services.entrance import COOKIE, LONGEST, Entrance, check_origin
from wenqu.services.grant_places import check_place
from wenqu.services.rights import Grant, allows
from wenqu.services.who_am_i import who_am_i

router = APIRouter(tags=["accounts"])
Text = Annotated[str, Field(max_length=300)]


def _entrance(request: Request) -> Entrance:
    door: Entrance = request.app.state.entrance
    return door


Door = Annotated[Entrance, Depends(_entrance)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(_Asked):
    """What one shows to sign in."""

    name: Text
    password: Text


class Passwords(_Asked):
    """The old password and the new one."""

    old: Text
    new: Text


class NewAccount(_Asked):
    """A new account."""

    name: Text
    title: Text = ""


class Shut(_Asked):
    """Whether an account is shut."""

    disabled: bool


class NewGrant(_Asked):
    """A role at a place; the account "" is anybody."""

    account: Text
    role: Text
    city: Text
    district: Text = ""
    body: Text = ""


class NewToken(_Asked):
    """A token for oneself."""

    name: Text
    actions: list[Text]
    days: int


def with_session(answer: Response, request: Request, secret: str) -> Response:
    """Give an answer the cookie of a session; without a secret the cookie goes."""
    age = int(LONGEST.total_seconds()) if secret else 0
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, secret, max_age=age, path="/", secure=secure, httponly=True, samesite="strict")
    return answer


def _with_cookie(request: Request, secret: str) -> Response:
    return with_session(Response(status_code=204), request, secret)


@router.get("/me")
def me(who: Caller, door: Door, request: Request) -> Answer:
    """Return who asks, with what grants, and what that allows in which city."""
    told = who_am_i(request.app.state.cities, door, who, request.cookies)
    return Answer({**told, "elsewhere": getattr(request.app.state, "elsewhere", None) is not None})


@router.post("/sign-in", status_code=204)
def sign_in(asked: SignIn, request: Request, door: Door) -> Response:
    """Sign in; the session is a cookie that scripts cannot read."""
    check_origin(request.headers)
    address = request.client.host if request.client else ""
    return _with_cookie(request, door.sign_in(asked.name, asked.password, address))


@router.post("/sign-out", status_code=204)
def sign_out(who: Caller, request: Request, door: Door) -> Response:  # noqa: ARG001 - asked for its checks
    """End the session."""
    door.sign_out(request.cookies)
    return _with_cookie(request, "")


@router.post("/me/password", status_code=204)
def password(who: Caller, asked: Passwords, request: Request, door: Door) -> Response:
    """Change one's own password; every other session of the account ends."""
    door.change_password(who, asked.old, asked.new, request.client.host if request.client else "")
    return _with_cookie(request, door.begin(who.account))


@router.get("/accounts")
def accounts(who: Caller, door: Door) -> Answer:
    """Return the accounts and grants that the caller administers."""
    return Answer(service.all_accounts(door.accounts, who))


@router.post("/accounts", status_code=201)
def new_account(who: Caller, door: Door, asked: NewAccount) -> Answer:
    """Add an account and return its one-time password."""
    return Answer({"password": service.add_account(door.accounts, who, asked.name, asked.title)})


@router.post("/accounts/{name}/password")
def reset(who: Caller, door: Door, name: str) -> Answer:
    """Give an account a new one-time password and return it."""
    return Answer({"password": service.reset_password(door.accounts, who, name)})


@router.post("/accounts/{name}/shut", status_code=204)
def shut(who: Caller, door: Door, name: str, asked: Shut) -> None:
    """Shut an account or open it again."""
    service.set_disabled(door.accounts, who, name, disabled=asked.disabled)


@router.post("/grants", status_code=204)
def grant(who: Caller, door: Door, asked: NewGrant, request: Request) -> None:
    """Give a role at a place."""
    given = Grant(asked.role, asked.city, asked.district, asked.body)
    if allows(who, "administer", given.city):  # whoever may not is not told which districts there are
        check_place(request.app.state.cities.store, given)
    service.give_grant(door.accounts, who, asked.account, given)


@router.delete("/grants/{id_}", status_code=204)
def revoke(who: Caller, door: Door, id_: str) -> None:
    """Take a role back."""
    service.take_grant(door.accounts, who, id_)


@router.get("/tokens")
def tokens(who: Caller, door: Door) -> Answer:
    """Return one's own tokens; all of them to an administrator of everything."""
    return Answer(service.tokens_of(door.accounts, who))


@router.post("/tokens", status_code=201)
def new_token(who: Caller, door: Door, asked: NewToken) -> Answer:
    """Make a token; its secret is shown this once."""
    row, secret = service.new_token(door.accounts, who, asked.name, asked.actions, asked.days)
    return Answer({"id": row.id, "expires": row.expires, "secret": secret})


@router.delete("/tokens/{id_}", status_code=204)
def take_token(who: Caller, door: Door, id_: str) -> None:
    """Make a token void."""
    service.take_token(door.accounts, who, id_)
