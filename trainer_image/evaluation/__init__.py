"""Base against adapter on rows that were held out."""
