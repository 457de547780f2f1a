"""The crawler: what is declared of portals, how they are asked, how their pages become posts."""
