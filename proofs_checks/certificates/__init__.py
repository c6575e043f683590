"""Certificates: statements about numbers that a small checker can verify again, by ball arithmetic or exact fractions."""
