"""What an image proves at build time, and a worker before its first job."""
