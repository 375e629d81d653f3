"""The entities people know: centres, patients, scenarios, policy, plans."""
