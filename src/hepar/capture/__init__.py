"""Study data with an audit trail: who entered and changed what, when and why, in SQLite or PostgreSQL."""
