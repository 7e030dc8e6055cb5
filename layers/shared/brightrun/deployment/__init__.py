"""The commands of whoever deploys: endpoints, people, tokenizers, and what is wrong with a stage.

They stand beside the command line of those who train, which needs neither AWS nor RunPod's key.
"""
