"""What the published description adds to the code: words for fields, and examples."""
