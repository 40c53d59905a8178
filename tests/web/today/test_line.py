"""The lines of the board are written out for speed: they must stay what the components would write."""

import re
from typing import Any

import pytest
from django.template import engines

ROW: dict[str, Any] = {
    "id": 7, "when": "10 h 30", "iso": "2026-11-12T10:30+01:00", "note": "depuis 2 jours", "title": "Odette <Marchand>",
    "href": "/personnes/1/", "text": "Courses & pain", "says_it_climbed": True, "may_be_given": False, "give_href": "",
    "take_href": "/aujourdhui/7/je-m-en-charge/", "seen_href": "/aujourdhui/7/vu/", "raised_to_me": False, "unowned": False,
    "action": "Proposer", "action_href": "/besoins/3/", "action_posts": {}, "state": "late",
}  # fmt: skip

WRITTEN_OUT = """{% from "today/line.html" import line, done_line with context %}{% import "ui/kit.html" as ui %}
{{ line(row, ui.tag("Appel", "due", "phone"), ui.who("Alba Moreau", "AM"), ui.icon("phone")) }}"""

BY_COMPONENTS = """{% import "ui/kit.html" as ui %}
{% macro do(row) %}
{%- if row.raised_to_me %}<form method="post" action="{{ row.seen_href }}">{{ csrf_input }}<input type="hidden" name="next" value="{{ page_url }}">{{ ui.btn(_("J’ai vu"), size="s", hidden=" : " ~ row.title) }}</form>
{%- elif row.unowned %}<form method="post" action="{{ row.take_href }}">{{ csrf_input }}<input type="hidden" name="next" value="{{ page_url }}">{{ ui.btn(_("Je m’en charge"), size="s", hidden=" : " ~ row.title) }}</form>
{%- elif row.action_posts %}<form method="post" action="{{ row.action_href }}">{{ csrf_input }}<input type="hidden" name="planned" value="4">{{ ui.btn(row.action, size="s", icon="phone", kind="primary" if row.state == "late" else "plain", hidden=" " ~ row.title) }}</form>
{%- else %}{{ ui.btn(row.action, href=row.action_href, size="s", kind="primary" if row.state == "late" else "plain", hidden=" " ~ row.title) }}{% endif -%}
{% endmacro %}
{% call ui.row(row.when, row.iso, row.title, href=row.href, note=row.note, tags=ui.tag("Appel", "due", "phone"), who=ui.who("Alba Moreau", "AM"), do=do(row), state=row.state, id="d7") %}{{ row.text|french }}{% if row.says_it_climbed %} <span class="meta">{{ _("La coordination est prévenue.") }}</span>{% endif %}{% endcall %}"""

DONE = """{% from "today/line.html" import line, done_line with context %}{% import "ui/kit.html" as ui %}
{{ done_line(row, ui.tag("Appel"), ui.who(initials="BP", kind="me")) }}"""

DONE_BY_COMPONENTS = """{% import "ui/kit.html" as ui %}
{% call ui.row(row.when, row.iso, row.title, href=row.href, tags=ui.tag("Appel"), who=ui.who(initials="BP", kind="me"), do=ui.btn(_("Ouvrir"), href=row.href, size="s", hidden=" " ~ row.title)) %}{{ row.text|french }}{% endcall %}"""


def shown(source: str, row: dict[str, Any]) -> str:
    page = (
        engines["jinja2"].env.from_string(source).render(row=row, csrf_input="jeton", page_url="/aujourdhui/")
    )
    return re.sub(r"\s*(<[^>]+>)\s*", r"\1", page).strip()


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"state": None, "note": ""},
        {"state": "next", "says_it_climbed": False},
        {"text": "", "says_it_climbed": False},
        {"raised_to_me": True},
        {"unowned": True},
        {"action_posts": {"planned": 4}},
        {"action_posts": {"planned": 4}, "state": None},
    ],
)
def test_a_line_of_the_board_is_what_the_components_write(change: dict[str, Any]) -> None:
    row = ROW | change
    assert shown(WRITTEN_OUT, row) == shown(BY_COMPONENTS, row)


def test_a_line_that_is_done_is_what_the_components_write() -> None:
    assert shown(DONE, ROW) == shown(DONE_BY_COMPONENTS, ROW)
