"""Where the record lies: in a database file, on PostgreSQL, or in memory; one contract for all three."""
