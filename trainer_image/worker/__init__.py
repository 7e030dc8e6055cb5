"""One RunPod job from ticket to delivery; imports no torch."""
