"""The sections of `trainer_image.bench_gpu`: arithmetic, speed and memory on a GPU."""
