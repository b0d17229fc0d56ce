"""Every write to integrations, their users and their jobs."""
