"""What is put together at start: every context's events, reactions and followers, and the queue that carries them."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps


def connect() -> None:
    for config in apps.get_app_configs():
        if config.name.startswith("palier."):
            for module in ("events", "reactions", "notices"):
                name = f"{config.name}.{module}"
                if find_spec(name) is not None:
                    import_module(name)
    from palier.config import demo_wires, jobs
    from palier.journal.operations import deliver_followers_with

    deliver_followers_with(jobs.enqueue_followers)
    demo_wires.connect()
