from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "palier.config"

    def ready(self) -> None:
        """Put together what the layers below may not know of each other."""
        from palier.config import wiring

        wiring.connect()
