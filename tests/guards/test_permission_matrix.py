"""Every address with the roles that may use it. An address missing from the matrix fails the build."""

import importlib
import pkgutil

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from palier.accounts.models import Role
from palier.territories.models import Organisation
from tests import factories, web
from tests.web.client import desk_client

# Ours, not allauth's nor the machine interface's, which sign in otherwise.
FOREIGN = ("account_", "mfa_", "api", "openapi", "socialaccount")
ROLES = [role.value for role in Role]


def matrix() -> dict[str, set[str]]:
    """The tables of the screens put together; a name twice is a mistake."""
    found: dict[str, set[str]] = {}
    for info in pkgutil.iter_modules(web.__path__, "tests.web."):
        if not info.ispkg:
            continue
        try:
            rows = importlib.import_module(f"{info.name}.matrix").MATRIX
        except ModuleNotFoundError:
            continue
        assert not set(rows) & set(found), f"twice in the matrix: {set(rows) & set(found)}"
        found.update(rows)
    return found


def patterns(resolver: URLResolver) -> list[URLPattern]:
    flat: list[URLPattern] = []
    for entry in resolver.url_patterns:
        flat += patterns(entry) if isinstance(entry, URLResolver) else [entry]
    return flat


def ours() -> dict[str, URLPattern]:
    return {
        entry.name: entry
        for entry in patterns(get_resolver())
        if entry.name and entry.callback.__module__.startswith("palier.web")
    }


def test_every_address_is_in_the_matrix_and_the_matrix_knows_no_other():
    assert set(ours()) == set(matrix())


def test_every_view_says_who_may_use_it():
    for name, entry in ours().items():
        view = entry.callback
        is_open = getattr(view, "open_to_all", False)
        assert is_open or getattr(view, "permission", None), f"{name} neither open nor guarded"
        assert is_open == (matrix()[name] == {"open"}), name


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_SEC_02_each_role_gets_what_the_matrix_says_and_403_otherwise(belrive, role):
    """With numbers that exist nowhere: who may, gets anything but 403; who may not, gets 403 before anything else."""
    kind = {"operator": Organisation.Kind.OPERATOR, "partner": Organisation.Kind.ASSOCIATION}.get(role)
    place = (
        Organisation.objects.create(territory=belrive, kind=kind, name=f"Maison {role}", short_name=role)
        if kind
        else None
    )
    client = desk_client(factories.member(belrive, "Dominique", "Rôle", role, organisation=place))
    wrong = []
    for name, entry in sorted(ours().items()):
        roles = matrix()[name]
        if roles == {"open"}:
            continue
        values = {
            key: 987654321 if type(converter).__name__ == "IntConverter" else "nulle-part"
            for key, converter in entry.pattern.converters.items()
        }
        address = reverse(name, kwargs=values)
        methods = getattr(entry.callback, "methods", ("get", "post"))
        for method in methods:
            answer = getattr(client, method)(address)
            if answer.status_code == 405:
                continue
            if (answer.status_code == 403) != (role not in roles):
                wrong.append((method, name, answer.status_code))
    assert wrong == []


@pytest.mark.django_db
def test_without_a_sign_in_every_page_leads_to_it(client, db):
    for name, entry in sorted(ours().items()):
        if matrix()[name] == {"open"}:
            continue
        values = {
            key: 1 if type(converter).__name__ == "IntConverter" else "x"
            for key, converter in entry.pattern.converters.items()
        }
        answer = client.get(reverse(name, kwargs=values))
        assert answer.status_code == 302 and "/compte/login/" in answer["Location"], name
