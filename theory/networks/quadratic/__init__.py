"""The quadratic network, which weight decay turns into nuclear-norm regression (theory.md N2, N4), in symbols."""
