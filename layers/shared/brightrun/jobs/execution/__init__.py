"""From a queued job to a run that is over: what the provider and the worker say."""
