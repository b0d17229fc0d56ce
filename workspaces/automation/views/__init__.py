"""The pages of integrations and of jobs."""
