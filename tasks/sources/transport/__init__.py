"""What speaks HTTP. Imported only when something is fetched, so that nobody else pays for loading it."""
