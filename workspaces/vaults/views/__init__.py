"""The pages of secrets, accounts and collections."""
