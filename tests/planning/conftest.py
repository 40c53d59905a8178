"""Two cores are shared by everything: a slow moment of the machine is not a failure of the algorithm."""

from hypothesis import settings

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
