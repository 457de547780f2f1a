"""Asking the portal of an agency: politely, within limits, and so that nothing is lost of what it says or fails to."""
