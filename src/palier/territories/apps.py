from django.apps import AppConfig


class TerritoriesConfig(AppConfig):
    name = "palier.territories"
    verbose_name = "Territoires"
