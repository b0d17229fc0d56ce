"""The pages of people and workspaces, a module for each resource."""
