"""What a stage needs at the GPU provider: declared in a file, compared with what is there."""
