"""RunPod's job API and its management API."""
