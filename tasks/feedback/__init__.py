"""What goes back to an agency: its own return with every refused cell marked, the reason, and what to do."""
