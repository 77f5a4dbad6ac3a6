"""Alembic's environment. One file per released schema under versions/; nothing else imports from here."""
