"""How the kinds of rounds are named wherever their numbers are shown."""

KIND_LABELS = {
    "synthetic": "SYNTHETIC DATA (DỮ LIỆU MÔ PHỎNG), made by a generator; they say nothing about any agency.",
    "press": "Figures printed by the press or the ministry, entered where they were printed.",
    "official": "Official round.",
}
