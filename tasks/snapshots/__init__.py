"""The bytes as received, kept under their sha256 and verified whenever they are read."""
