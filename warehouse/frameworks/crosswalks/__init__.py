"""Crosswalks (bảng đối chiếu): which node of an edition goes on as which node of another one; see `tables`."""
