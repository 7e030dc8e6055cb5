"""Every fault there is, by where it is put in."""

from tests.mutation import arithmetic, judging, running

FAULTS = (*arithmetic.FAULTS, *running.FAULTS, *judging.FAULTS)
