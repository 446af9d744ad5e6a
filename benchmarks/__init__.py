"""How fast the guide is, beside what it is built on."""
