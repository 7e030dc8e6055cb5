"""The stage as a whole: what it offers, how it works, what it is used for."""
