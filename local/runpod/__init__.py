"""The stand-in for RunPod: its APIs, and workers that run the real image's command."""
