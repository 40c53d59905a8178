"""Tags for the pages that stay Django templates (allauth's)."""
