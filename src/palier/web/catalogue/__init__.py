"""Every component in every state, for those who write pages and those who check them."""
