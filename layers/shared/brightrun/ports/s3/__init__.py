"""The stage's bucket: uploads, staging, reports, models."""
