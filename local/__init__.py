"""The pipeline on one machine: the embedded AWS, a stand-in for RunPod, and the demo."""
