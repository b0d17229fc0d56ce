"""Integrations, their entitlements and users, and the jobs that carry out what is asked of them."""
