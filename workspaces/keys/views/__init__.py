"""The pages of API keys: the table, one key's details, the wizard."""
