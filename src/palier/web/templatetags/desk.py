"""The rail of the desk, for pages that are Django templates: the same text as everywhere else."""

from django import template
from django.template.context import RequestContext
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_rail(context: RequestContext) -> SafeString:
    """The main navigation, or nothing for somebody who has not signed in."""
    if not context.get("actor"):
        return SafeString("")
    return SafeString(context["rail_html"])
