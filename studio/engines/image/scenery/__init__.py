"""The settings: one file a family, each turning an easel into layers."""
