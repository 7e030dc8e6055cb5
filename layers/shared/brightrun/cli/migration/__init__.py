"""From an account at OpenAI to this stage: what is there, what carries over, what was done."""
