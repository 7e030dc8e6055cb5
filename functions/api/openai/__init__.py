"""The surface of `/v1`: what a client of OpenAI calls, on the same records as the native API."""
