"""Conjectures of users: read from files through an allow-list grammar, decided by the two witnesses, told with their counter-regions."""
