"""The lines of a person's journal are written out for speed: they must stay what the component would write."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.template import engines

ENTRY: dict[str, Any] = {
    "id": 7, "at": datetime(2026, 11, 12, 9, 20, tzinfo=UTC), "title": "Elle a appelé : <être rassurée>", "body": "Courses & pain",
    "actor": "Bruno Petit", "icon": "phone-in", "tone": None,
}  # fmt: skip

WRITTEN_OUT = """{% from "people/line.html" import line %}{% import "ui/kit.html" as ui %}
{{ line(entry, ui.icon(entry.icon)) }}"""

BY_COMPONENT = """{% import "ui/kit.html" as ui %}
{% call ui.entry(entry.at|local|day_short, entry.title|french, entry.icon, hour=entry.at|hour, kind=entry.tone, meta=entry.actor, id="j" ~ entry.id) %}{% if entry.body %}<p>{{ entry.body|french }}</p>{% endif %}{% endcall %}"""


def shown(source: str, entry: dict[str, Any]) -> str:
    page = engines["jinja2"].env.from_string(source).render(entry=entry)
    return re.sub(r"\s*(<[^>]+>)\s*", r"\1", page).strip()


@pytest.mark.parametrize("change", [{}, {"tone": "late"}, {"tone": "vois", "body": ""}, {"actor": ""}])
def test_a_line_of_the_journal_is_what_the_component_writes(change: dict[str, Any]) -> None:
    entry = ENTRY | change
    assert shown(WRITTEN_OUT, entry) == shown(BY_COMPONENT, entry)
