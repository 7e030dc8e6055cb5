"""The one table: keys, conditional writes, queries."""
