"""What OpenAI's words for files, jobs and models mean here."""
