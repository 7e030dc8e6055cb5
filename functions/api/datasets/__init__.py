"""What is done with files of conversations: declared, shown, kept in the library."""
