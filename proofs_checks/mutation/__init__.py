"""Soundness as a measured quantity: false neighbours and true reformulations of every claim, heard by its own witnesses."""
