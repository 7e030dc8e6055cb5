"""From a request to a job that is queued: choices, price, money."""
