"""Guards over the whole code: what must hold everywhere, whoever writes."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from palier.journal import listing
from palier.journal.events import registry

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "palier"


def our_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if (model.__module__.startswith("palier.") and not model._meta.label_lower.endswith("event"))
        or model._meta.label_lower == "telecare.event"
    ]


def lines_of_the_contract() -> dict[str, int]:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    return {
        package.strip(): depth for depth, line in enumerate(contract["layers"]) for package in line.split("|")
    }


def test_every_package_has_its_place():
    packages = {path.name for path in SOURCE.iterdir() if path.is_dir() and not path.name.startswith("_")}
    # A place kept for a package that is still to come stands in parentheses.
    kept = {name for name in lines_of_the_contract() if name.startswith("(")}
    assert packages - {"locale"} == set(lines_of_the_contract()) - kept


def test_foreign_keys_point_down():
    depth = lines_of_the_contract()
    for model in our_models():
        here = model.__module__.split(".")[1]
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.related_model.__module__.startswith("palier."):
                there = field.related_model.__module__.split(".")[1]
                assert here == there or depth[there] > depth[here], f"{model.__name__}.{field.name} points up"


def test_every_event_is_worded_and_classified():
    from palier.web.people.queries import STRANDS

    icons = set(re.findall(r'id="([a-z-]+)"', (SOURCE / "web/static/palier/icons.svg").read_text()))
    icons |= {icon.removeprefix("i-") for icon in icons}
    assert len(registry.events) > 40
    for event in registry.events.values():
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", event.code), event.code
        assert not event.public & event.personal, event.code
        assert event.icon in icons, f"{event.code}: no icon {event.icon}"
        assert event.strand in (*STRANDS, "other"), f"{event.code}: no strand {event.strand}"
        said = listing.sample(event)
        assert said and len(said) > 5, event.code


# Rows that say nothing about anybody, or belong to a row that has its own rule.
NOT_PERSONAL = {
    "territories.territory", "territories.organisation", "territories.commune", "territories.openinghours",
    "territories.closure", "territories.street", "territories.team", "territories.helpkind", "calls.callreason", "calls.callforreason",
    "partners.partnerservice", "partners.servedkind", "api.endpoint",
    "register.register", "register.notice", "register.alert", "register.confirmationround", "people.compartment", "people.household",
    "people.doublesreview", "people.doubleslearning",
}  # fmt: skip


def retention_rules() -> dict[str, object]:
    import importlib

    rules = {}
    for path in sorted(SOURCE.glob("*/retention.py")):
        module = importlib.import_module(f"palier.{path.parent.name}.retention")
        for rule in getattr(module, "RULES", ()):
            model = rule.model if isinstance(rule.model, str) else rule.model._meta.label_lower
            rules.setdefault(model.lower(), rule)
    return rules


def test_GDP_02_every_model_with_personal_data_says_how_long_it_is_kept():
    kept = set(retention_rules())
    models_ = {model._meta.label_lower for model in our_models()}
    assert models_ - kept - NOT_PERSONAL == set(), "no retention rule"
    assert NOT_PERSONAL & kept == set(), "exempted without need"
    assert NOT_PERSONAL <= models_, "exempted, and gone"


# Seen through another row whose `visible_to` is asked first.
SEEN_THROUGH = {
    "people.phonenumber", "people.contact", "people.consent", "people.searchword", "people.searchname", "people.nameword", "people.namekey", "people.confined", "people.compartmentgrant", "people.presence", "people.away",
    "people.protection", "people.joinedfile", "people.homesecret", "people.objection", "calls.calldraft", "matching.keepapart",
    "matching.offer", "volunteers.freetime", "volunteers.awaytime", "messaging.message", "messaging.inbound",
    "messaging.suppression", "journal.entry", "journal.access", "accounts.user", "accounts.membership",
    "accounts.absence", "accounts.oncall", "accounts.session", "accounts.actionlink", "api.received", "duties.duty",
    "matching.wave", "volunteers.acceptedkind", "volunteers.application", "register.communicatedentry",
    "register.confirmation", "privacy.privacysettings",
    "exchange.line", "exchange.progress", "exchange.columnmemory",
}  # fmt: skip


def test_every_model_with_personal_data_has_visible_to():
    for model in our_models():
        label = model._meta.label_lower
        if label in NOT_PERSONAL:
            continue
        has = hasattr(model._default_manager.all(), "visible_to")
        assert has != (label in SEEN_THROUGH), (
            f"{label}: visible_to {'not needed in the list' if has else 'missing'}"
        )


def test_every_template_is_used():
    templates = SOURCE / "web/templates"
    names = {path.relative_to(templates).as_posix() for path in templates.rglob("*.html")}
    text = "\n".join(
        path.read_text()
        for path in [
            *SOURCE.rglob("*.py"),
            *templates.rglob("*.html"),
            *(SOURCE / "web/templates_django").rglob("*.html"),
        ]
    )
    unused = {name for name in names if f'"{name}"' not in text and f"'{name}'" not in text}
    assert {name for name in unused if not name.startswith("errors/")} == set()


@pytest.mark.parametrize("path", sorted(SOURCE.glob("web/templates/**/*.html")), ids=lambda p: p.name)
def test_SEC_12_no_inline_script_or_style(path):
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text), "a style attribute"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "an inline handler"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "an inline script"
    assert "http://" not in text.replace("http://www.w3.org", "") and "https://" not in text


def test_ALR_01_the_old_action_levels_are_named_nowhere():
    for path in [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.py")]:
        assert not re.search(r"niveau [1-4] (du plan|d’alerte|d'alerte)", path.read_text()), path


def test_every_time_comes_from_the_clock():
    for path in SOURCE.rglob("*.py"):
        if "migrations" in path.parts or path.name == "clock.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = ast.unparse(node.func)
                assert called not in ("timezone.now", "datetime.now", "datetime.utcnow", "date.today"), (
                    f"{path}: {called}()"
                )


def test_operations_take_their_actor_by_name():
    for path in [*SOURCE.glob("*/operations.py"), *SOURCE.glob("*/operations/*.py")]:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                assert "actor" not in [a.arg for a in node.args.args] or node.name.startswith("_"), (
                    f"{path}: {node.name}"
                )


def test_GDP_15_nothing_is_uploaded_anywhere():
    for model in our_models():
        for field in model._meta.get_fields():
            assert not isinstance(field, models.FileField), f"{model.__name__}.{field.name}"


def test_the_product_names_nothing_outside_itself():
    """It stands alone: no path of a machine, no folder beside the project."""
    for path in [*SOURCE.rglob("*.py"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").rglob("*.py")]:
        text = path.read_text()
        assert "../shared" not in text and "shared/" not in text.replace("shared/exclusive", ""), path


@pytest.mark.django_db
def test_rows_without_an_order_come_shuffled():
    """So that a test fails which counts on the order of rows that nobody asked for."""
    from palier.accounts.models import User

    User.objects.bulk_create(User(email=f"{number}@belrive.example", password="!") for number in range(60))
    told = list(User.objects.values_list("pk", flat=True))
    assert told != sorted(told)
    assert list(User.objects.order_by("pk").values_list("pk", flat=True)) == sorted(told)


def test_the_tests_reach_no_network():
    import socket

    from pytest_socket import SocketConnectBlockedError

    # Warnings are errors here, and the block warns first.
    with (
        socket.socket() as line,
        pytest.raises((SocketConnectBlockedError, UserWarning), match=r"192\.0\.2\.1"),
    ):
        line.connect(("192.0.2.1", 80))
