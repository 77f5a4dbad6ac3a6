"""Everything that differs between SQLite and PostgreSQL: engine, clock, ids, hot statements, models, migrations."""
