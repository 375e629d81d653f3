"""Use cases: plan, verify."""
