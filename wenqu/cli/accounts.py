"""Who may sign in, who may what, which programs hold a token, and was anything tampered with?"""

from dataclasses import asdict
from typing import Annotated

import typer

from wenqu.cli.evidence import AsJson
from wenqu.cli.output import answer, author, opened, people, table, words
from wenqu.errors import StoreFailed
from wenqu.services.rights import Grant, Person

Account = Annotated[str, typer.Argument(help="name of the account")]
account = typer.Typer(help="Accounts and what they may do where.", no_args_is_help=True)
token = typer.Typer(help="Tokens of programs.", no_args_is_help=True)
audit = typer.Typer(help="The chain of changes.", no_args_is_help=True)
groups = {"account": account, "token": token, "audit": audit}


def _me() -> Person:
    return Person(author(), local=True)


@account.command("add")
def add(
    name: Account,
    title: Annotated[str, typer.Option(help="name of the person or office")] = "",
    subject: Annotated[str, typer.Option(help="issuer and subject of the city's own sign-in (OIDC)")] = "",
) -> None:
    """Add an account; its one-time password is printed this once."""
    from wenqu.services.accounts import add_account

    with opened() as store:
        password = add_account(store.accounts, _me(), name, title, subject)
    _show_password(name, password)


def _show_password(name: str, password: str) -> None:
    people.print(words("cli.account-added", account=name))
    if password:
        people.print(words("cli.account-password", password=password))


@account.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the accounts with their grants."""
    from wenqu.services.accounts import all_accounts

    with opened() as store:
        rows = all_accounts(store.accounts, _me())
    if as_json:
        answer(rows)
        return
    lines = []
    for row in rows:
        grants = row["grants"]
        assert isinstance(grants, list)
        shut = words("cli.account-shut") if row["disabled"] else ""
        name = row["name"] or words("cli.account-anybody")
        place = ("role", "city", "district", "body", "id")
        lines += [(name, row["title"], shut, *(one[part] for part in place)) for one in grants]
        if not grants and row["name"]:
            lines.append((name, row["title"], shut, "", "", "", "", ""))
    keys = ("account", "title", "state", "role", "city", "district", "body", "grant")
    table(words("cli.accounts"), [words(f"cli.column-{key}") for key in keys], lines)


@account.command("grant")
def grant(
    name: Annotated[str, typer.Argument(help="name of the account; '' is anybody")],
    role: Annotated[str, typer.Argument(help="city_office, bureau, district, operator, surveyor, …")],
    city: Annotated[str, typer.Option("--city", help="code of the city; '*' is every city")],
    district: Annotated[str, typer.Option(help="id of a district; else the whole city")] = "",
    body: Annotated[str, typer.Option(help="owner or keeper of the assets; else any")] = "",
) -> None:
    """Give an account a role at a place."""
    from wenqu.services.accounts import give_grant
    from wenqu.services.grant_places import check_place

    given = Grant(role, city, district, body)
    with opened() as store:
        check_place(store, given)
        give_grant(store.accounts, _me(), name, given)
    people.print(words("cli.granted", account=name or words("cli.account-anybody"), role=role, city=city))


@account.command("revoke")
def revoke(
    id_: Annotated[str, typer.Argument(metavar="GRANT", help="id of the grant, from the list")],
) -> None:
    """Take a role back."""
    from wenqu.services.accounts import take_grant

    with opened() as store:
        take_grant(store.accounts, _me(), id_)
    people.print(words("cli.revoked", id=id_))


@account.command("password")
def password(name: Account) -> None:
    """Give an account a new one-time password."""
    from wenqu.services.accounts import reset_password

    with opened() as store:
        made = reset_password(store.accounts, _me(), name)
    people.print(words("cli.account-password", password=made))


@account.command("disable")
def disable(
    name: Account, again: Annotated[bool, typer.Option("--undo", help="open it again")] = False
) -> None:
    """Shut an account: its sessions end and its tokens are void."""
    from wenqu.services.accounts import set_disabled

    with opened() as store:
        set_disabled(store.accounts, _me(), name, disabled=not again)
    people.print(words("cli.account-opened" if again else "cli.account-closed", account=name))


@token.command("new")
def new(
    name: Annotated[str, typer.Argument(help="what it is for")],
    owner: Annotated[str, typer.Option("--account", help="account whose rights it has")],
    action: Annotated[
        list[str] | None, typer.Option(help="what it is for: read_geometry, …; again for more")
    ] = None,
    days: Annotated[int, typer.Option(help="until it expires", min=1, max=730)] = 90,
    as_json: AsJson = False,
) -> None:
    """Make a token; its secret is printed this once."""
    from wenqu.services.accounts import new_token
    from wenqu.services.rights import READ

    with opened() as store:
        row, secret = new_token(store.accounts, _me(), name, action or READ, days, owner)
    if as_json:
        answer({**asdict(row), "secret": secret})
    else:
        people.print(
            words("cli.token-new", name=name, expires=row.expires[:10], secret=secret), soft_wrap=True
        )


@token.command("list")
def tokens(as_json: AsJson = False) -> None:
    """List the tokens."""
    from wenqu.services.accounts import tokens_of

    with opened() as store:
        rows = tokens_of(store.accounts, _me())
    if as_json:
        answer([asdict(row) for row in rows])
        return
    keys = ("token", "account", "title", "actions", "expires", "state")
    lines = [
        (row.id, row.account, row.name, " ".join(row.actions), row.expires[:10],
         words("cli.token-revoked") if row.revoked else "")
        for row in rows
    ]  # fmt: skip
    table(words("cli.tokens"), [words(f"cli.column-{key}") for key in keys], lines)


@token.command("revoke")
def revoke_token(id_: Annotated[str, typer.Argument(metavar="TOKEN", help="id, from the list")]) -> None:
    """Make a token void."""
    from wenqu.services.accounts import take_token

    with opened() as store:
        take_token(store.accounts, _me(), id_)
    people.print(words("cli.revoked", id=id_))


@audit.command("verify")
def verify(as_json: AsJson = False) -> None:
    """Prove that nothing was changed behind the store's back; names the first thing that was."""
    with opened() as store:
        chains = store.verify()
    if as_json:
        answer([asdict(chain) for chain in chains])
    else:
        columns = [words(f"cli.column-{key}") for key in ("city", "first", "last", "head")]
        rows = [
            (chain.city or words("cli.audit-accounts"), chain.first or "", chain.last or "", chain.head)
            for chain in chains
        ]
        table(words("cli.audit"), columns, rows, (1, 2))
    faults = [fault for chain in chains for fault in chain.faults]
    if faults:
        first = faults[0]
        raise StoreFailed(
            "tampered" if first.city else "tampered-accounts",
            city=first.city,
            number=first.number,
            part=first.part,
            name=first.name.strip() or "-",
            count=len(faults),
        )
    if not as_json:
        people.print(words("cli.audit-whole"))


@audit.command("files")
def files(
    into: Annotated[
        str, typer.Option(metavar="CITY", help="name them among the documents of this city")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the files that a crash left without a name, or name them, so that nothing is lost."""
    from wenqu.services.name_unnamed import name_unnamed

    with opened() as store:
        found = name_unnamed(store, into, person=_me()) if into else [(one, "") for one in store.unnamed()]
    if as_json:
        answer([{**asdict(one), "name": name} for one, name in found])
        return
    columns = [words(f"cli.column-{key}") for key in ("written", "size", "sha256", "document")]
    rows = [
        (one.written, str(one.kept.size), one.kept.sha256[:16],
         name or words("cli.audit-draft" if one.draft else "cli.audit-unnamed"))
        for one, name in found
    ]  # fmt: skip
    if rows:
        table(words("cli.audit-files"), columns, rows, (1,))
    else:
        people.print(words("cli.audit-named"))
