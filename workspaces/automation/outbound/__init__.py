"""How connectors speak to the world outside. Loaded by workers, when a job needs it."""
