"""Faults of the step itself: loss, gradient, labels, attention, dropout, update."""

from tests.mutation.fault import a_fault

FAULTS = (
    # ---- the loss and its gradient
    a_fault(
        "loss divided by one micro-step's tokens",
        "training/step.py",
        "            loss.backward()\n",
        "            (loss * step.supervised_tokens / len(batch.targets)).backward()\n",
        "training/step",
    ),
    a_fault(
        "gradients not clipped",
        "training/step.py",
        ".clamp(max=1.0))",
        ".clamp(max=100.0))",
        "training/step",
    ),
    a_fault(
        "attention across documents",
        "model/kernels/attention.py",
        "    lengths = documents.lengths\n",
        "    lengths = (sum(documents.lengths),)\n",
        "model/kernels",
    ),
    a_fault(
        "positions running on",
        "data/batches.py",
        "np.concatenate([np.arange(length) for length in lengths])",
        "np.arange(sum(lengths))",
        "training/step",
    ),
    a_fault(
        "labels not shifted",
        "data/batches.py",
        "targets = [row.labels[1:][place]",
        "targets = [row.labels[:-1][place]",
        "training/step",
    ),
    a_fault(
        "reentrant checkpointing",
        "training/step.py",
        "use_reentrant=False",
        "use_reentrant=True",
        "training/step",
    ),
    a_fault(
        "4-bit layers repacked on a CPU",
        "model/base_model.py",
        ".support_avx512bf16_for_cpu = False",
        ".support_avx512bf16_for_cpu = True",
        "model/kernels",
    ),
    a_fault(
        "a target that matches nothing let through",
        "model/adapter.py",
        "    _require_layers(model, meant)\n",
        "",
        "training/step",
        "model/architectures",
    ),
    a_fault(
        "no dropout in training",
        "training/step.py",
        "        model.train()\n",
        "        model.eval()\n",
        "training/step",
    ),
    a_fault(
        "dropout in scoring",
        "training/losses.py",
        "    model.eval()\n",
        "    pass\n",
        "training/step",
        "training/losses",
    ),
    a_fault(
        "no weight decay",
        "training/step.py",
        "weight_decay=hyperparameters.weight_decay",
        "weight_decay=0.0",
        "training/step",
    ),
    a_fault(
        "the rate does not reach the optimizer",
        "training/step.py",
        '["lr"] = rate',
        '["lr"] = 0.001',
        "training/step",
    ),
    a_fault(
        "other betas",
        "training/step.py",
        "betas=(0.9, 0.999)",
        "betas=(0.5, 0.6)",
        "training/step",
    ),
)
