"""Makes the traces and the rows of optimistic views of `schemas/vectors/`.

`PYTHONPATH=tools python -m vectors` writes them. A script tells what a server says and what becomes of it;
slices, positions, digests and views are those of the kit's model, so nothing of them is typed by hand.
"""
