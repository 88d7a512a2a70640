"""The database: models, sessions, queries, bulk paths. Only here is SQL built; rows become `tracker.types` here."""
