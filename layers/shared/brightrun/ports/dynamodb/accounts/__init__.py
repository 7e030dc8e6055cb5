"""What the table knows of people: keys, access, limits, spending, what they were told."""
