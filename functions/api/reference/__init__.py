"""The page that describes the API, made of the API's own description."""
