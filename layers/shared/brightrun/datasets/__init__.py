"""Datasets: what a file of conversations holds, and whether it is fit to train on."""
