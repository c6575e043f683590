"""Spectral shells in floating point: modes, budgets, transport, trained networks, descent (theory.md Part I).

families, trajectory   M(t) with exact M', and e(t) under it, seen in the eigenbasis
modes                  Kato's equations beside direct integration; crossings reported or refused (S1, S2)
budget                 energies, decay, exchange and edge crossings of shells; S3 to S5 integrated on both sides
flow, characteristics  paths of dλ/dt = σ c λ^b t^m, integrated; loss and frontier by quadrature (S8 to S10)
transport              the same by a conservative scheme on a grid (S6, S8, S10)
networks, training     four small networks, trained by gradient flow (S13)
closure                S6 measured on a budget; b, c, m with intervals, or why not (S6, S13)
descent                early stopping and double descent (S12)
exponent_map           local exponents of the loss over the plane of b and m (S10)
panels                 adaptive quadrature in batches
"""
